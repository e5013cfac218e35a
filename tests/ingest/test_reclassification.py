"""Judging anew after a change of the vocabulary: only what it concerns, told before it is done, and never against a person."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from cypher.reclassification import reads
from cypher.session import GraphSession
from ingest.commands import classifications, classifiers, runs, thresholds
from ingest.commands import reclassification as commands
from ingest.connectors.sqlite import SQLite
from ingest.reclassification import Reclassifier, current_basis
from ingest.worker import ArqQueue
from ml.classify.trained import trained_model
from schema.domain.classifications import VerdictStatus
from schema.domain.identity import EVERYTHING, Principal
from schema.domain.scans import RunState
from schema.errors import Conflict, NotFound
from schema.settings import Settings
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
PROFILE = query("MATCH (a:Asset {path: $path}) RETURN a.profile AS profile", "path")
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
