"""Judging anew after a change of the vocabulary: only what it concerns, told before it is done, and never against a person."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cypher.reclassification import reads
from cypher.session import GraphSession
from ingest.commands import (
    classifications,
    classifier_drafts,
    classifiers,
    runs,
    scans,
    sources,
    thresholds,
)
from ingest.commands import reclassification as commands
from ingest.commands.exceptions import remove_exception, save_exception
from ingest.connectors.sqlite import SQLite
from ingest.reclassification import Reclassifier, current_basis
from ingest.vocabulary import current_vocabulary
from ingest.worker import ArqQueue, worker
from ml.classify.trained import trained_model
from schema.domain.classifications import LANGUAGE_MODEL, Sensitivity, Verdict, VerdictOrigin, VerdictStatus
from schema.domain.identity import EVERYTHING, Principal
from schema.domain.review import ClassificationException
from schema.domain.scans import RunState
from schema.domain.sources import ScanOptions, SourceSpec
from schema.errors import Conflict, NotFound
from schema.settings import Settings
from tests.graph_api.asking import Vectors
from tests.ingest.test_scan import PROBLEMS, RUN, query, registered, scanned, work

HELMET = """\
name: HELMET
title: Helmet number
description: The number on the helmet of an employee.
category: EMPLOYMENT
sensitivity: 3
group: HELMET
names:
  strong: [helmet, code]
values:
  - {pattern: 'H-[0-9]{6}'}
examples:
  names: [helmet]
"""
VERDICTS = query(
    "MATCH (a:Asset)-[v:CLASSIFIED_AS]->(c:Classification) "
    "RETURN a.path AS path, c.name AS name, v.status AS status, round(v.confidence, 3) AS confidence, "
    "coalesce(v.auto_accepted, false) AS accepted, a.sensitivity AS sensitivity ORDER BY path, name"
)
MARKS = query("MATCH (d:Dataset) RETURN d.urn AS urn, d.judged_by AS version, d.judged_at AS at ORDER BY urn")
PROFILE = query("MATCH (a:Asset {path: $path}) RETURN a.profile AS profile", "path")


class Recording(Vectors):
    """Keeps the texts that it was asked for."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def __call__(self, texts: Sequence[str]) -> list[list[float]]:
        self.texts += texts
        return super().__call__(texts)


Verdicts = dict[tuple[str, str], dict[str, Any]]


@pytest.fixture
def store(tmp_path: Path) -> Path:
    file = tmp_path / "store.sqlite"
    with sqlite3.connect(file) as db:
        db.executescript(
            """
            CREATE TABLE Customer (id INTEGER PRIMARY KEY, email TEXT NOT NULL, iban TEXT);
            CREATE TABLE Gear (id INTEGER PRIMARY KEY, code TEXT, size INTEGER);
            CREATE TABLE Visit (id INTEGER PRIMARY KEY, code INTEGER, total NUMERIC);
            CREATE TABLE Switch (is_on BOOLEAN);
            """
        )
        db.executemany(
            "INSERT INTO Customer VALUES (?, ?, 'DE89370400440532013000')",
            [(n, f"p{n}@example.org") for n in range(40)],
        )
        db.executemany("INSERT INTO Gear VALUES (?, ?, ?)", [(n, f"H-{n:06d}", n % 5) for n in range(40)])
        db.executemany("INSERT INTO Visit VALUES (?, ?, ?)", [(n, n * 7, n / 3) for n in range(40)])
        db.execute("INSERT INTO Switch VALUES (1)")
    return file


@pytest.fixture
def rules(config: Settings) -> Settings:
    return config.model_copy(update={"classify_tiers": "rules", "reclassify_after_s": 0.0})


@pytest.fixture
def sampled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tables that are sampled, in order."""
    taken: list[str] = []
    read = SQLite.sample

    def sample(self: SQLite, dataset: Any, rows: int) -> Any:
        taken.append(dataset.name)
        return read(self, dataset, rows)

    monkeypatch.setattr(SQLite, "sample", sample)
    return taken


async def verdicts(graph: GraphSession) -> Verdicts:
    return {(row["path"], row["name"]): row for row in await graph.rows(VERDICTS)}


async def waiting(graph: GraphSession, config: Settings) -> int:
    basis = await current_basis(graph, config.classify_tiers)
    return sum(row["waiting"] for row in await reads.state(graph, basis.ident, EVERYTHING))


async def reclassified(
    graph: GraphSession, admin: Principal, redis_url: str, config: Settings, **given: Any
) -> dict[str, Any]:
    run = await commands.request(graph, admin, source="shop", **given)
    return await done(graph, redis_url, config, run)


async def done(graph: GraphSession, redis_url: str, config: Settings, run: str) -> dict[str, Any]:
    queue = ArqQueue(redis_url)
    await queue.signal()
    await queue.close()
    await work(graph, redis_url, config)
    row = await graph.one(RUN, id=run)
    assert row is not None
    return dict(row["run"])


async def changes(graph: GraphSession, run: str) -> set[tuple[str, str, str]]:
    rows = await reads.changes(
        graph, run, EVERYTHING, kinds=None, classification=None, key=None, backward=False, first=100
    )
    return {(row["path"], row["classification"], row["kind"]) for row in rows}


async def test_only_what_a_new_classifier_can_concern_is_sampled_and_the_preview_is_what_is_written(
    graph: GraphSession, admin: Principal, redis_url: str, rules: Settings, store: Path, sampled: list[str]
) -> None:
    await registered(graph, admin, rules, store, lineage=False, profile=False)
    await scanned(graph, admin, redis_url, rules)
    await classifications.decide(
        graph, admin, urn=await urn(graph, "main.Customer.email"), classification="EMAIL", status=VerdictStatus.REJECTED
    )  # fmt: skip
    known = '{"minimum": "H-000000", "shapes": [["A-999999", 40]]}'
    await graph.schema_statement(f"MATCH (a:Asset {{path: 'main.Gear.code'}}) SET a.profile = '{known}'")
    before = await verdicts(graph)
    sampled.clear()

    await classifiers.save(graph, admin, text=HELMET)
    assert await waiting(graph, rules) == 4
    told = await reclassified(graph, admin, redis_url, rules, dry_run=True)
    assert (told["state"], told["count_datasets"], told["count_unaffected"]) == ("SUCCEEDED", 1, 3), told
    assert sampled == ["Gear"]
    assert await changes(graph, told["id"]) == {("main.Gear.code", "HELMET", "GAINED")}
    assert await verdicts(graph) == before
    assert await waiting(graph, rules) == 4

    sampled.clear()
    written = await reclassified(graph, admin, redis_url, rules, preview=told["id"])
    assert written["state"] == "SUCCEEDED", written
    assert sampled == []
    after = await verdicts(graph)
    assert after.keys() - before.keys() == {("main.Gear.code", "HELMET")}
    assert {key: after[key] for key in before} == before
    assert after["main.Customer.email", "EMAIL"]["status"] == "REJECTED"
    assert after["main.Gear.code", "HELMET"]["sensitivity"] == 3
    profile = await graph.one(PROFILE, path="main.Gear.code")
    assert profile is not None
    assert json.loads(profile["profile"]) == {"shapes": [["A-999999", 40]]}
    assert await waiting(graph, rules) == 0

    again = await scanned(graph, admin, redis_url, rules)
    assert (again["count_changed"], again["count_unchanged"], sampled) == (0, 4, [])
    assert await graph.rows(query("MATCH (c:RunChunk {name: 'judged'}) RETURN c.id AS id")) == []


async def urn(graph: GraphSession, path: str) -> str:
    row = await graph.one(query("MATCH (a:Asset {path: $path}) RETURN a.urn AS urn", "path"), path=path)
    assert row is not None
    return str(row["urn"])


async def test_a_scan_after_a_change_reads_only_what_it_concerns(
    graph: GraphSession, admin: Principal, redis_url: str, rules: Settings, store: Path, sampled: list[str]
) -> None:
    await registered(graph, admin, rules, store, lineage=False, profile=False)
    await scanned(graph, admin, redis_url, rules)
    sampled.clear()
    await classifiers.save(graph, admin, text=HELMET.replace("helmet, code", "helmet, visor"))
    untouched = await scanned(graph, admin, redis_url, rules)
    assert (untouched["count_changed"], untouched["count_unchanged"], sampled) == (0, 4, [])
    assert await waiting(graph, rules) == 0

    await classifiers.save(graph, admin, text=HELMET)
    touched = await scanned(graph, admin, redis_url, rules)
    assert (touched["count_changed"], touched["count_unchanged"], sampled) == (1, 3, ["Gear"])
    assert ("main.Gear.code", "HELMET") in await verdicts(graph)


async def test_levels_and_thresholds_are_followed_without_asking_the_source(
    graph: GraphSession, admin: Principal, redis_url: str, rules: Settings, store: Path, sampled: list[str]
) -> None:
    await classifiers.save(graph, admin, text=HELMET)
    await registered(graph, admin, rules, store, lineage=False, profile=False)
    await scanned(graph, admin, redis_url, rules)
    sampled.clear()
    await classifiers.save(graph, admin, text=HELMET.replace("sensitivity: 3", "sensitivity: 4"))
    await thresholds.set_thresholds(graph, admin, name="IBAN", accept_at=0.5, reject_at=None)
    await thresholds.set_thresholds(graph, admin, name="EMAIL", accept_at=None, reject_at=1.0)
    told = await reclassified(graph, admin, redis_url, rules, dry_run=True)
    assert await changes(graph, told["id"]) == {("main.Customer.email", "EMAIL", "LOST")}

    run = await reclassified(graph, admin, redis_url, rules)

    found = await verdicts(graph)
    assert (run["state"], run["count_withdrawn"], sampled) == ("SUCCEEDED", 1, [])
    assert found["main.Gear.code", "HELMET"]["sensitivity"] == 4
    assert found["main.Customer.iban", "IBAN"]["accepted"]
    assert ("main.Customer.email", "EMAIL") not in found
    assert await waiting(graph, rules) == 0


async def test_what_is_lost_is_told_and_what_a_person_said_of_it_stays(
    graph: GraphSession, admin: Principal, redis_url: str, rules: Settings, store: Path
) -> None:
    await registered(graph, admin, rules, store, lineage=False, profile=False)
    await scanned(graph, admin, redis_url, rules)
    await classifications.decide(
        graph, admin, urn=await urn(graph, "main.Customer.iban"), classification="IBAN", status=VerdictStatus.CONFIRMED
    )  # fmt: skip
    for name in ("EMAIL", "IBAN"):
        await classifiers.set_enabled(graph, admin, name=name, enabled=False)

    told = await reclassified(graph, admin, redis_url, rules, dry_run=True)
    assert {each for each in await changes(graph, told["id"]) if each[1] in ("EMAIL", "IBAN")} == {
        ("main.Customer.email", "EMAIL", "LOST"),
        ("main.Customer.iban", "IBAN", "DISAGREES"),
    }
    await reclassified(graph, admin, redis_url, rules)
    found = await verdicts(graph)
    assert ("main.Customer.email", "EMAIL") not in found
    assert found["main.Customer.iban", "IBAN"]["status"] == "CONFIRMED"


async def test_a_preview_of_another_vocabulary_is_not_written_and_a_cancelled_run_leaves_what_waits(
    graph: GraphSession, admin: Principal, redis_url: str, rules: Settings, store: Path
) -> None:
    await registered(graph, admin, rules, store, lineage=False, profile=False)
    await scanned(graph, admin, redis_url, rules)
    await classifiers.save(graph, admin, text=HELMET)
    told = await reclassified(graph, admin, redis_url, rules, dry_run=True)
    await classifiers.save(graph, admin, text=HELMET.replace("helmet, code", "helmet, code, size"))

    run = await reclassified(graph, admin, redis_url, rules, preview=told["id"])

    assert run["state"] == "FAILED"
    assert "vocabulary changed" in run["error"]
    assert ("main.Gear.code", "HELMET") not in await verdicts(graph)
    cancelled = await commands.request(graph, admin, source="shop")
    with pytest.raises(Conflict):
        await commands.request(graph, admin, source="shop")
    assert await runs.cancel(graph, admin, run=cancelled) is RunState.CANCELLED
    assert (await done(graph, redis_url, rules, cancelled))["state"] == "CANCELLED"
    assert ("main.Gear.code", "HELMET") not in await verdicts(graph)
    assert await waiting(graph, rules) == 4

    await graph.schema_statement("MATCH (p:ReclassificationPreview) SET p.expires_ms = 0")
    with pytest.raises(NotFound):
        await commands.request(graph, admin, source="shop", preview=told["id"])
    await Reclassifier(graph, rules.model_copy(update={"reclassify": "on_request"})).tend()
    left = query("MATCH (n) WHERE n:ReclassificationPreview OR n:ReclassificationChange RETURN n.id AS id")
    assert await graph.rows(left) == []


async def test_a_classifier_is_tried_on_the_catalogue_before_it_is_saved_and_then_written_without_asking_again(
    graph: GraphSession, admin: Principal, redis_url: str, rules: Settings, store: Path, sampled: list[str]
) -> None:
    await registered(graph, admin, rules, store, lineage=False, profile=False)
    await scanned(graph, admin, redis_url, rules)
    before, marks = await verdicts(graph), await graph.rows(MARKS)

    run = await classifier_drafts.preview(graph, admin, source="shop", text=HELMET)
    told = await done(graph, redis_url, rules, run)
    assert told["state"] == "SUCCEEDED", told
    assert await changes(graph, run) == {("main.Gear.code", "HELMET", "GAINED")}
    # Nobody who may see the run alone learns of how many columns there are that look like it.
    assert [name for name in told if name.startswith("count_")] == []
    assert (await verdicts(graph), await graph.rows(MARKS), await waiting(graph, rules)) == (before, marks, 0)
    assert await graph.rows(query("MATCH (c:Classification {name: 'HELMET'}) RETURN c.name AS name")) == []
    with pytest.raises(Conflict, match="HELMET: not saved"):
        await commands.request(graph, admin, source="shop", preview=run)

    with sqlite3.connect(store) as db:
        db.execute("CREATE TABLE Spare (code TEXT)")
    await scanned(graph, admin, redis_url, rules)
    await classifiers.save(graph, admin, text=HELMET)
    sampled.clear()
    (asked,) = await Reclassifier(graph, rules).tend()
    written = await done(graph, redis_url, rules, asked)
    assert (written["state"], sampled, await waiting(graph, rules)) == ("SUCCEEDED", [], 1), written
    # What came after the preview is judged by a run of its own, and nothing twice.
    (asked,) = await Reclassifier(graph, rules).tend()
    rest = await done(graph, redis_url, rules, asked)
    assert (rest["state"], sampled, await waiting(graph, rules)) == ("SUCCEEDED", ["Spare"], 0), rest
    assert await Reclassifier(graph, rules).tend() == []
    after = await verdicts(graph)
    assert after.keys() - before.keys() == {("main.Gear.code", "HELMET"), ("main.Spare.code", "HELMET")}
    version = "MATCH (:Column {path: 'main.Gear.code'})-[v:CLASSIFIED_AS]->(:Classification {name: 'HELMET'}) RETURN v.classifier_version AS version"
    (found,) = await graph.rows(query(version))
    # As if it had been judged after it was saved: the present version of the classifier, by the present rules.
    assert found["version"] == f"1+{(await current_vocabulary(graph)).engine.version}"

    # An edit of what is saved tells what it would take away, by its own thresholds as well.
    run = await classifier_drafts.preview(graph, admin, source="shop", text=HELMET + "reject_at: 0.999\n")
    assert (await done(graph, redis_url, rules, run))["state"] == "SUCCEEDED"
    assert ("main.Gear.code", "HELMET", "LOST") in await changes(graph, run)
    assert await verdicts(graph) == after


async def test_a_draft_that_is_gone_or_that_somebody_wants_to_write_is_not_judged(
    graph: GraphSession, admin: Principal, redis_url: str, rules: Settings, store: Path, sampled: list[str]
) -> None:
    await registered(graph, admin, rules, store, lineage=False, profile=False)
    run = await classifier_drafts.preview(graph, admin, source="shop", text=HELMET)
    await graph.schema_statement("MATCH (d:ClassifierDraft) SET d.expires_ms = 0")
    await Reclassifier(graph, rules.model_copy(update={"reclassify": "on_request"})).tend()
    gone = await done(graph, redis_url, rules, run)
    assert (gone["state"], "not kept any more" in gone["error"], sampled) == ("FAILED", True, [])

    await classifier_drafts.preview(graph, admin, source="shop", text=HELMET)
    (draft,) = await graph.rows(query("MATCH (d:ClassifierDraft) RETURN d.id AS id"))
    await work(graph, redis_url, rules)
    inputs = {"dry_run": False, "draft": draft["id"]}
    written = await runs.request(graph, admin, source="shop", workflow="reclassify", inputs=inputs)
    refused = await done(graph, redis_url, rules, written)
    assert (refused["state"], "only be previewed" in refused["error"], sampled) == ("FAILED", True, [])


async def test_what_the_language_model_suggested_stays_since_it_is_not_asked(
    graph: GraphSession, admin: Principal, redis_url: str, rules: Settings, store: Path
) -> None:
    await registered(graph, admin, rules, store, lineage=False, profile=False)
    await scanned(graph, admin, redis_url, rules)
    code = await urn(graph, "main.Gear.code")
    suggested = Verdict(
        "BADGE_ID", Sensitivity.CONFIDENTIAL, 0.5, "the model says so", VerdictOrigin.AI, LANGUAGE_MODEL
    )
    badge = (
        HELMET.replace("HELMET", "BADGE_ID").replace("helmet, code", "badge").replace("[helmet]", "[badge]")
    )
    await classifiers.save(graph, admin, text=badge)
    await reclassified(graph, admin, redis_url, rules)
    await classifications.publish_verdicts(graph, admin, [(code, suggested)], [code], run="asked")

    await classifiers.save(graph, admin, text=HELMET)
    told = await reclassified(graph, admin, redis_url, rules, dry_run=True)
    assert await changes(graph, told["id"]) == {("main.Gear.code", "HELMET", "GAINED")}
    await reclassified(graph, admin, redis_url, rules, preview=told["id"])
    found = await verdicts(graph)
    assert found["main.Gear.code", "BADGE_ID"]["confidence"] == 0.5
    assert ("main.Gear.code", "HELMET") in found

    # What is switched off is given to nothing, whoever suggested it.
    await classifiers.set_enabled(graph, admin, name="BADGE_ID", enabled=False)
    told = await reclassified(graph, admin, redis_url, rules, dry_run=True)
    assert await changes(graph, told["id"]) == {("main.Gear.code", "BADGE_ID", "LOST")}
    await reclassified(graph, admin, redis_url, rules)
    assert ("main.Gear.code", "BADGE_ID") not in await verdicts(graph)


async def test_search_finds_by_meaning_what_was_judged_anew_and_embeds_nothing_else(
    graph: GraphSession, admin: Principal, redis_url: str, rules: Settings, store: Path
) -> None:
    embedder = Recording()

    async def worked(run: str) -> dict[str, Any]:
        embedder.texts.clear()
        working = worker(graph, redis_url=redis_url, config=rules, embedder=embedder, burst=True)
        await working.main()
        await working.close()
        row = await graph.one(RUN, id=run)
        assert row is not None
        return dict(row["run"])

    options = ScanOptions(lineage=False, profile=False)
    spec = SourceSpec("shop", "sqlite", {"path": str(store)}, options=options)
    await sources.register(graph, admin, spec, config=rules)
    await worked(await scans.request(graph, admin, source="shop"))
    assert len(embedder.texts) == 4 + 10

    await classifiers.save(graph, admin, text=HELMET)
    written = await worked(await commands.request(graph, admin, source="shop"))
    assert (written["state"], written["count_embeddings"]) == ("SUCCEEDED", 2), written
    assert sorted(text.split(".")[0] for text in embedder.texts) == ["code", "gear"]
    assert all("helmet" in text for text in embedder.texts)

    # It is the sentence that a scan makes: where that reads the table again, what did not change is not embedded again.
    with sqlite3.connect(store) as db:
        db.execute("ALTER TABLE Gear ADD COLUMN colour TEXT")
    await worked(await scans.request(graph, admin, source="shop"))
    assert sorted(text.split(".")[0] for text in embedder.texts) == ["colour", "gear"]
    await classifiers.set_enabled(graph, admin, name="HELMET", enabled=False)
    await worked(await commands.request(graph, admin, source="shop"))
    assert sorted(text.split(".")[0] for text in embedder.texts) == ["code", "gear"]
    assert not any("helmet" in text for text in embedder.texts)


async def test_a_table_that_cannot_be_read_stays_as_it_was_judged_and_waits(
    graph: GraphSession, admin: Principal, redis_url: str, rules: Settings, store: Path
) -> None:
    await classifiers.save(graph, admin, text=HELMET)
    await registered(graph, admin, rules, store, lineage=False, profile=False)
    await scanned(graph, admin, redis_url, rules)
    before = await verdicts(graph)
    await classifiers.save(graph, admin, text=HELMET.replace("H-", "K-"))
    with sqlite3.connect(store) as db:
        db.execute("DROP TABLE Gear")

    run = await reclassified(graph, admin, redis_url, rules)

    (problem,) = await graph.rows(PROBLEMS, id=run["id"])
    assert "gear" in problem["subject"].lower()
    assert await verdicts(graph) == before
    assert await waiting(graph, rules) == 1


async def test_workers_begin_by_themselves_once_and_only_where_something_has_to_be_judged(
    graph: GraphSession, admin: Principal, redis_url: str, rules: Settings, store: Path, sampled: list[str]
) -> None:
    await registered(graph, admin, rules, store, lineage=False, profile=False)
    await scanned(graph, admin, redis_url, rules)
    sampled.clear()
    job = Reclassifier(graph, rules)
    assert await job.tend() == []
    await classifiers.save(graph, admin, text=HELMET.replace("helmet, code", "helmet, visor"))
    assert await Reclassifier(graph, rules.model_copy(update={"reclassify_after_s": 3600.0})).tend() == []
    assert await waiting(graph, rules) == 4
    assert await job.tend() == []
    assert await waiting(graph, rules) == 0

    await classifiers.save(graph, admin, text=HELMET)
    (asked,) = await job.tend()
    assert await job.tend() == []
    run = await done(graph, redis_url, rules, asked)
    assert (run["state"], run["trigger"], run["band"], sampled) == (
        "SUCCEEDED",
        "VOCABULARY",
        "LOW",
        ["Gear"],
    )
    assert await waiting(graph, rules) == 0
    assert await job.tend() == []
    kept = await graph.rows(query("MATCH (v:VocabularyVersion) RETURN v.id AS id"))
    assert len(kept) <= 2


async def test_what_an_exception_kept_back_stayed_away_after_it_was_removed_or_expired(
    graph: GraphSession, admin: Principal, redis_url: str, rules: Settings, store: Path, sampled: list[str]
) -> None:
    await registered(graph, admin, rules, store, lineage=False, profile=False)
    await scanned(graph, admin, redis_url, rules)
    email = ("main.Customer.email", "EMAIL")
    except_ = ClassificationException("EMAIL", "test data", pattern="E*L", source="shop")
    saved = await save_exception(graph, admin, except_, dry_run=False)
    again = await save_exception(graph, admin, replace(except_, reason="as I said"), dry_run=False)
    assert saved.row["id"] == again.row["id"]  # one place, one exception: removing it removes it
    assert email not in await verdicts(graph)

    sampled.clear()
    await remove_exception(graph, admin, saved.row["id"])
    assert await waiting(graph, rules) == 1
    (asked,) = await Reclassifier(graph, rules).tend()
    await done(graph, redis_url, rules, asked)
    assert (sampled, await waiting(graph, rules)) == (["Customer"], 0)
    assert email in await verdicts(graph)

    await save_exception(graph, admin, except_, dry_run=False)
    await graph.schema_statement(
        "MATCH (e:ClassificationException) SET e.expires_at = '2020-01-01T00:00:00.000000+00:00'"
    )
    (asked,) = await Reclassifier(graph, rules).tend()
    await done(graph, redis_url, rules, asked)
    assert email in await verdicts(graph)
    assert await Reclassifier(graph, rules).tend() == []


async def test_another_model_has_judged_anew_what_the_rules_left_open(
    graph: GraphSession, admin: Principal, redis_url: str, config: Settings, store: Path, sampled: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    with sqlite3.connect(store) as db:
        db.execute("CREATE TABLE Wish (wished_by TEXT)")
    await registered(graph, admin, config, store, lineage=False, profile=False)
    await scanned(graph, admin, redis_url, config)
    sampled.clear()
    monkeypatch.setattr(trained_model(), "version", "another")
    run = await reclassified(graph, admin, redis_url, config)
    assert run["state"] == "SUCCEEDED", run
    assert set(sampled) < {"Customer", "Gear", "Visit", "Switch", "Wish"}
    assert "Wish" in sampled
    assert await waiting(graph, config) == 0
