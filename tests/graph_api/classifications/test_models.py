"""Versions of the trained model: people's verdicts teach it, a gate lets it judge, a roll back takes it away."""

from __future__ import annotations

import asyncio
import lzma
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

import ingest.vocabulary
from cypher.catalogue import Query
from cypher.models import reads, writes
from cypher.session import GraphSession
from ingest.commands import classifiers
from ingest.commands import models as commands
from ingest.retraining import Trainer
from ingest.vocabulary import current_vocabulary
from ml.classify import retraining
from ml.classify.artefact import unpacked
from ml.classify.decision import ALL
from ml.classify.engine import ColumnEvidence
from ml.classify.remembered import TRAINING
from ml.classify.trained import card
from schema.domain.identity import EVERYTHING, Principal, Role, Scope
from schema.domain.models import BuiltIn, Gate, Paired, Trained, divided, gate
from schema.settings import Settings
from tests.conftest import empty
from tests.graph_api.asking import api, nodes
from tests.house import CANARY, build, decided
from tests.ingest.test_reclassification import reclassified
from tests.ingest.test_scan import query, registered, scanned, shop

__all__ = ["shop"]  # fixture
MODEL = "number status version digest gateReasons fault labels dividedBy learntVerdicts heldOut { verdicts right presentRight better worse chance differenceLow differenceHigh } builtIn { columns right falseAlarms } shippedBuiltIn { right } classes { classification confirmed rejected learnt heldOut right presentRight }"
FAILURE = "... on UserError { code message path remedy }"
TRAIN = f'mutation ($p: Boolean! = true) {{ classificationModelTrain(promote: $p, reason: "enough verdicts") {{ __typename ... on ClassificationModelTrainSuccess {{ model {{ {MODEL} }} }} {FAILURE} ... on TooFewVerdictsError {{ verdicts needed }} }} }}'
CANCEL = f"mutation ($n: Int!) {{ classificationModelCancel(number: $n) {{ __typename ... on ClassificationModelCancelSuccess {{ model {{ status }} }} {FAILURE} }} }}"
PROMOTE = f"mutation ($n: Int!) {{ classificationModelPromote(number: $n) {{ __typename ... on ClassificationModelPromoteSuccess {{ model {{ number status }} }} {FAILURE} }} }}"
ROLL_BACK = f'mutation ($t: Int) {{ classificationModelRollBack(to: $t, reason: "alarms") {{ __typename ... on ClassificationModelRollBackSuccess {{ model {{ number status }} }} {FAILURE} }} }}'
LIST = f"query ($n: Int, $a: String) {{ classificationModels(first: $n, after: $a) {{ edges {{ node {{ {MODEL} }} }} pageInfo {{ hasNextPage endCursor }} }} }}"
ONE = f"query ($n: Int!) {{ classificationModel(number: $n) {{ {MODEL} requestedBy promotedBy sizeBytes memoryMb seconds }} }}"
NEW = [ColumnEvidence("vertrag", "kdnr_hist", "integer", None, [CANARY + 7 * n for n in range(30)])]
AUDITED = query(
    "MATCH (e:AuditEvent) WHERE e.action STARTS WITH 'classification_model' RETURN e.action AS action ORDER BY e.at"
)
TEXTS = query(
    "MATCH (n) UNWIND keys(n) AS key WITH key, n[key] AS value WHERE NOT value IS :: LIST<FLOAT> AND key <> 'data' "
    "RETURN key, toStringOrNull(value) AS text, [x IN CASE WHEN value IS :: LIST<ANY> THEN value ELSE [] END | toStringOrNull(x)] AS texts"
)
SPOIL = Query(
    "test.spoil",
    "CYPHER 25 MATCH (d:ClassificationModelArtefact) SET d.data = $data RETURN count(d) AS n",
    "write",
    frozenset(("data",)),
    ("n",),
    1000,
)


async def given(graph: GraphSession) -> list[str]:
    """What a scan would call the new column now."""
    tiers = (await current_vocabulary(graph)).tiered(ALL)
    (found,) = await asyncio.to_thread(tiers.classify, NEW)
    return [verdict.classification for verdict in found]


async def version(graph: GraphSession) -> str:
    return (await current_vocabulary(graph)).tiered(ALL).version


@pytest.fixture(scope="module")
async def house(migrated: GraphSession) -> AsyncIterator[GraphSession]:
    """A house whose people decided about 120 columns, and model 1, which learnt from them and judges."""
    await empty(migrated)
    actor = Principal("person:ada", "Ada", Role.ADMIN, EVERYTHING)
    await build(migrated, actor, decided(120))
    made = (await api(migrated, Role.STEWARD).ask(TRAIN))["classificationModelTrain"]
    assert (made["__typename"], made["model"]["status"]) == ("ClassificationModelTrainSuccess", "QUEUED")
    assert await Trainer(migrated).tend()
    yield migrated
    await empty(migrated)


async def test_names_of_the_house_are_learnt_and_the_model_that_knows_them_judges(
    house: GraphSession,
) -> None:
    model = (await api(house).ask(ONE, n=1))["classificationModel"]
    assert (model["status"], model["gateReasons"][0][:6]) == ("PRESENT", "Better"), model
    assert model["dividedBy"] == "source"
    held = model["heldOut"]
    assert held["verdicts"] + model["learntVerdicts"] == 120
    assert (held["worse"], held["better"] > 20, held["differenceLow"] > 0) == (0, True, True)
    (kind,) = model["classes"]
    assert (kind["classification"], kind["confirmed"], kind["rejected"]) == ("CUSTOMER_NUMBER", 60, 60)
    assert kind["right"] > kind["presentRight"]
    assert {"CUSTOMER_NUMBER", "PERSON"} <= set(model["labels"])
    assert model["builtIn"]["right"] >= 0.99 * model["shippedBuiltIn"]["right"]
    assert (model["requestedBy"], model["promotedBy"]) == ("token:steward", "system")

    assert await given(house) == ["CUSTOMER_NUMBER"]
    assert f"+{model['version']}+" in await version(house)
    assert model["digest"].startswith(model["version"])


async def test_models_are_listed_down_to_the_one_of_the_product_page_by_page(house: GraphSession) -> None:
    first = (await api(house).ask(LIST, n=1))["classificationModels"]
    assert first["pageInfo"]["hasNextPage"]
    rest = (await api(house).ask(LIST, n=5, a=first["pageInfo"]["endCursor"]))["classificationModels"]
    found = nodes(first) + nodes(rest)
    assert [each["number"] for each in found][-2:] == [1, 0]
    assert found[-1]["version"] == card()["version"]
    assert found[-1]["heldOut"] is None


async def test_no_value_is_in_what_is_kept_or_in_the_artefact(house: GraphSession) -> None:
    model = await reads.by_number(house, 1)
    assert model is not None
    data = await reads.artefact(house, model["digest"])
    assert data is not None
    assert len(data) < 3_000_000
    head, _, numbers = lzma.decompress(data).partition(b"\n")[2].partition(b"\n")
    assert str(CANARY)[:6].encode() not in head + numbers
    assert set(unpacked(data, model["digest"]).labels) - {"NONE"} == set(model["labels"])
    for row in await house.rows(TEXTS):
        for text in (row["text"], *row["texts"]):
            assert str(CANARY)[:6] not in (text or ""), row["key"]


async def test_the_same_verdicts_give_the_same_model_which_is_refused_for_not_being_better(
    house: GraphSession,
) -> None:
    await api(house).ask(TRAIN)
    busy = (await api(house).ask(TRAIN))["classificationModelTrain"]
    assert (busy["code"], "Model 2" in busy["message"]) == ("CONFLICT", True)
    await Trainer(house).tend()
    first, again = [(await api(house).ask(ONE, n=n))["classificationModel"] for n in (1, 2)]
    assert again["digest"] == first["digest"]
    assert (again["status"], first["status"]) == ("REFUSED", "PRESENT")
    assert again["gateReasons"][0].startswith("Not better: right about")
    assert (again["heldOut"]["better"], again["heldOut"]["chance"]) == (0, 1.0)
    forced = (await api(house).ask(PROMOTE, n=2))["classificationModelPromote"]
    assert (forced["code"], again["gateReasons"][0] in forced["message"]) == ("CONFLICT", True)


async def test_a_roll_back_returns_to_what_judged_before_and_forward_again(house: GraphSession) -> None:
    before = len(await house.rows(AUDITED))
    back = (await api(house).ask(ROLL_BACK))["classificationModelRollBack"]
    assert back["model"] == {"number": 0, "status": "PRESENT"}
    assert await given(house) == []
    assert f"+{card()['version']}+" in await version(house)
    assert (await api(house).ask(ONE, n=1))["classificationModel"]["status"] == "RETIRED"

    twice = (await api(house).ask(ROLL_BACK))["classificationModelRollBack"]
    assert (twice["code"], twice["path"]) == ("CONFLICT", ["to"])
    never = (await api(house).ask(PROMOTE, n=1))["classificationModelPromote"]
    assert never["code"] == "CONFLICT"
    assert "RETIRED" in never["message"]
    unknown = (await api(house).ask(ROLL_BACK, t=99))["classificationModelRollBack"]
    assert unknown["code"] == "NOT_FOUND"

    forward = (await api(house).ask(ROLL_BACK, t=1))["classificationModelRollBack"]
    assert forward["model"] == {"number": 1, "status": "PRESENT"}
    assert await given(house) == ["CUSTOMER_NUMBER"]
    assert [row["action"] for row in await house.rows(AUDITED)][before:] == [
        "classification_model.roll_back"
    ] * 2


async def test_a_damaged_artefact_is_not_used_and_the_model_of_the_product_judges_instead(
    house: GraphSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = await reads.by_number(house, 1)
    assert model is not None
    data = await reads.artefact(house, model["digest"])

    async def store(some: bytes | None) -> None:
        async def work(tx: Any) -> None:
            await tx.one(SPOIL, data=some)

        await house.write("test.spoil", work)

    monkeypatch.setattr(ingest.vocabulary, "_models", {})  # another worker
    await store(b"\x80\x04cposix\nsystem\n" + (data or b"")[16:])
    assert await given(house) == []
    assert f"+{card()['version']}+" in await version(house)
    told = (await api(house).ask(ONE, n=1))["classificationModel"]
    assert told["status"] == "PRESENT"
    assert "not those that were stored" in told["fault"]
    assert [row["action"] for row in await house.rows(AUDITED)].count("classification_model.fault") == 1

    await store(data)
    await commands.roll_back(house, api(house).principal, to=0)
    await commands.roll_back(house, api(house).principal, to=1)
    ingest.vocabulary._models.clear()
    assert await given(house) == ["CUSTOMER_NUMBER"]
    assert (await api(house).ask(ONE, n=1))["classificationModel"]["fault"] is None


async def test_who_may_not_classify_everything_neither_sees_nor_changes_models(house: GraphSession) -> None:
    for who in (api(house, Role.READER), api(house, Role.STEWARD, Scope(clearance=4, domains=("shop",)))):
        for document, name, variables in (
            (TRAIN, "classificationModelTrain", {}),
            (CANCEL, "classificationModelCancel", {"n": 1}),
            (PROMOTE, "classificationModelPromote", {"n": 1}),
            (ROLL_BACK, "classificationModelRollBack", {"t": 0}),
        ):
            assert (await who.ask(document, **variables))[name]["__typename"] == "ForbiddenError"
        assert await who.refused(LIST) == "FORBIDDEN"
        assert await who.refused(ONE, n=1) == "FORBIDDEN"


async def test_a_scan_gives_what_the_promoted_model_knows_and_keeps_words_for_the_next(
    house: GraphSession, admin: Principal, redis_url: str, config: Settings, shop: Path
) -> None:
    with sqlite3.connect(shop) as db:
        db.execute("CREATE TABLE Vertrag (id INTEGER PRIMARY KEY, kdnr_hist INTEGER)")
        db.executemany("INSERT INTO Vertrag VALUES (?, ?)", [(n, CANARY + 7 * n) for n in range(40)])
    await registered(house, admin, config, shop, profile=False, lineage=False)
    run = await scanned(house, admin, redis_url, config)
    assert run["state"] == "SUCCEEDED", run
    found = await house.rows(
        query(
            "MATCH (a:Column)-[v:CLASSIFIED_AS]->(c) WHERE a.name = 'kdnr_hist' RETURN c.name AS name, v.classifier_version AS version, a.value_notes AS note"
        )
    )
    model = await reads.by_number(house, 1)
    assert model is not None
    assert [row["name"] for row in found] == ["CUSTOMER_NUMBER"]
    assert found[0]["version"] == f"trained+{model['digest'][:12]}"
    assert "k=integer" in found[0]["note"].split(" ")
    assert str(CANARY)[:6] not in found[0]["note"]

    # Judging anew goes by the model in force as well.
    steward = api(house, Role.STEWARD).principal
    for number, said in ((0, []), (1, [("CUSTOMER_NUMBER", found[0]["version"])])):
        await commands.roll_back(house, steward, to=number)
        anew = await reclassified(house, admin, redis_url, config)
        assert anew["state"] == "SUCCEEDED", anew
        now = await house.rows(
            query(
                "MATCH (a:Column)-[v:CLASSIFIED_AS]->(c) WHERE a.name = 'kdnr_hist' RETURN c.name AS name, v.classifier_version AS version"
            )
        )
        assert [(row["name"], row["version"]) for row in now] == said


def test_verdicts_by_the_throw_of_a_coin_are_refused_with_reasons(monkeypatch: pytest.MonkeyPatch) -> None:
    few = list(retraining.labelled(TRAINING))[:1_500]  # enough for this, and quick
    whole = retraining.labelled
    monkeypatch.setattr(retraining, "labelled", lambda name: few if name == TRAINING else whole(name))
    division = divided(decided(80, sense=False))
    assert division is not None
    made = retraining.retrain(retraining.Order(division))
    refused = gate(made.held_out, made.candidate, made.shipped)
    assert not refused.passed
    assert refused.reasons[0].startswith("Not better: right about")


async def test_too_few_verdicts_are_refused_and_told_how_many_are_needed(
    graph: GraphSession, admin: Principal
) -> None:
    await build(graph, admin, decided(24))
    refused = (await api(graph).ask(TRAIN))["classificationModelTrain"]
    assert refused["__typename"] == "TooFewVerdictsError"
    assert (refused["verdicts"], refused["needed"]) == (24, 40)
    assert "24 columns" in refused["message"]
    assert nodes((await api(graph).ask(LIST))["classificationModels"])[0]["number"] == 0


async def test_a_training_is_cancelled_while_it_waits_and_while_it_is_at_work(
    graph: GraphSession, admin: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    await build(graph, admin, decided(80))
    await api(graph).ask(TRAIN)
    waiting = (await api(graph).ask(CANCEL, n=1))["classificationModelCancel"]
    assert waiting["model"] == {"status": "CANCELLED"}
    assert not await Trainer(graph).tend()

    monkeypatch.setattr("ingest.retraining._BEAT_S", 0.05)
    await api(graph).ask(TRAIN)
    working = asyncio.create_task(Trainer(graph).tend())
    while (await api(graph).ask(ONE, n=2))["classificationModel"]["status"] == "QUEUED":
        await asyncio.sleep(0.02)
    await api(graph).ask(CANCEL, n=2)
    assert await working
    model = (await api(graph).ask(ONE, n=2))["classificationModel"]
    assert (model["status"], model["gateReasons"]) == ("CANCELLED", ["Somebody cancelled it."])


async def test_a_training_whose_workers_die_is_given_up_after_three(
    graph: GraphSession, admin: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    await build(graph, admin, decided(80))
    await api(graph).ask(TRAIN)
    monkeypatch.setattr(commands, "LEASE_MS", -1)
    for holder in ("one", "two", "three"):
        assert await commands.claim(graph, holder=holder) is not None
    assert await Trainer(graph).tend()
    model = (await api(graph).ask(ONE, n=1))["classificationModel"]
    assert (model["status"], "3 times" in model["gateReasons"][0]) == ("FAILED", True)


async def test_artefacts_of_the_newest_models_are_kept_and_that_of_the_one_in_force(
    graph: GraphSession, admin: Principal
) -> None:
    await classifiers.sync_vocabulary(graph)
    half = Paired(5, 9, 0, 1)
    fine = BuiltIn(9, 9, 9, 0)
    for number in range(1, commands.KEPT + 4):

        async def work(tx: Any, number: int = number) -> None:
            await writes.request(tx, {"promote": number == 1})

        await graph.write("test.request", work)
        await commands.claim(graph, holder="h")
        data = bytes([number])
        trained = Trained(data, f"digest {number}", ("A",), half, fine, fine, fine, (), 1, 1.0)
        passed = Gate(True, ("Better.",))
        status = await commands.finish(
            graph, number=number, holder="h", trained=trained, gate=passed, compared_with="digest 1" if number > 1 else "", held_out={}
        )  # fmt: skip
        assert status == ("PRESENT" if number == 1 else "CANDIDATE")
    kept = [n for n in range(1, commands.KEPT + 4) if await reads.artefact(graph, f"digest {n}")]
    assert kept == [1, *range(5, commands.KEPT + 4)]
    lost = (await api(graph).ask(PROMOTE, n=3))["classificationModelPromote"]
    assert (lost["code"], "not kept" in lost["message"]) == ("CONFLICT", True)
    promoted = (await api(graph).ask(PROMOTE, n=6))["classificationModelPromote"]
    assert promoted["model"] == {"number": 6, "status": "PRESENT"}
    stale = (await api(graph).ask(PROMOTE, n=7))["classificationModelPromote"]
    assert "was not compared with the model that is in force now" in stale["message"]
    back = (await api(graph).ask(ROLL_BACK))["classificationModelRollBack"]
    assert back["model"]["number"] == 1
