"""Levels follow the sensitivity of a classification, and what is bound to purposes does not fall open."""

from __future__ import annotations

from typing import Any

import pytest

from cypher.session import GraphSession
from ingest.commands import classifications, classifiers, lineage, masking
from ingest.propagation import Propagator
from schema.domain.classifications import VerdictStatus
from schema.domain.identity import Principal, Role, Scope
from schema.domain.lineage import EdgeOrigin, LineageEdge, Transformation
from schema.settings import Settings
from tests.graph_api.asking import Counting, api, nodes
from tests.graph_api.classifications.test_vocabulary import HELMET, IMPORT, SAVE
from tests.seed import fill, warehouse

SHOP = warehouse("shop", "", datasets=2, columns=10)
NOTE, COPY = (str(SHOP.datasets[n].column_urn("note")) for n in (0, 1))
LEVEL = "query ($u: String!) { assetByUrn(urn: $u) { sensitivity } }"
STATE = "{ propagationState { pending } }"


def helmet(level: int) -> str:
    return HELMET.replace("sensitivity: 3", f"sensitivity: {level}")


@pytest.fixture
async def shop(graph: GraphSession, admin: Principal) -> GraphSession:
    """A column that somebody said holds helmets, and one that inherits it."""
    await fill(graph, admin, SHOP, embedded=False)
    await classifiers.save(graph, admin, text=HELMET)
    edge = LineageEdge(
        SHOP.datasets[0].column_urn("note"), SHOP.datasets[1].column_urn("note"), (Transformation.IDENTITY,)
    )
    await lineage.publish_edges(
        graph, admin, [edge], origin=EdgeOrigin.SQL, assertion="source:copies", run="r2"
    )
    await classifications.decide(
        graph, admin, urn=NOTE, classification="HELMET", status=VerdictStatus.CONFIRMED
    )
    await follow(graph)
    return graph


async def follow(graph: GraphSession) -> None:
    while await Propagator(graph, Settings()).tend():
        pass


async def levels(graph: GraphSession, who: Any = None) -> list[str | None]:
    asked = who or api(graph)
    found = [(await asked.ask(LEVEL, u=urn))["assetByUrn"] for urn in (NOTE, COPY)]
    return [each and each["sensitivity"] for each in found]


async def test_levels_of_what_is_classified_and_of_what_inherits_follow_in_the_same_transaction(
    shop: GraphSession, admin: Principal
) -> None:
    before = await levels(shop)
    await classifiers.save(shop, admin, text=helmet(1))
    lowered = await levels(shop)
    await classifiers.save(shop, admin, text=helmet(4))
    low = api(shop, Role.READER, Scope(3))
    document = '{ auditEvents(first: 1, filter: {action: "classifier.save"}) { edges { node { details } } } }'
    (event,) = nodes((await api(shop).ask(document))["auditEvents"])

    assert (before, lowered) == (["SENSITIVE"] * 2, ["INTERNAL"] * 2)
    assert (await levels(shop), await levels(shop, low)) == (["RESTRICTED"] * 2, [None, None])
    assert (event["details"]["moved"], event["details"]["assets"]) == (["HELMET"], 2)


async def test_levels_of_many_follow_by_the_job_which_says_how_many_wait(
    shop: GraphSession, admin: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(classifiers, "MOST_REFRESHED", 1)
    await classifiers.save(shop, admin, text=helmet(4))
    waiting = (await api(shop).ask(STATE))["propagationState"]["pending"]
    meanwhile = await levels(shop)
    await follow(shop)

    assert (waiting, meanwhile) == (2, ["SENSITIVE"] * 2)
    assert await levels(shop) == ["RESTRICTED"] * 2
    assert (await api(shop).ask(STATE))["propagationState"]["pending"] == 0


async def test_what_is_bound_to_purposes_is_not_lowered_to_what_profiles_tell(
    shop: GraphSession, admin: Principal
) -> None:
    steward = api(shop, Role.STEWARD)
    await masking.bind_classification(shop, admin, classification="HELMET", purposes=["safety"])
    saved = (await steward.ask(SAVE, y=helmet(1)))["classifierSave"]
    preview = (await steward.ask(IMPORT, y=helmet(1), d=True))["classifierImport"]
    kept = await levels(shop)
    still = (await steward.ask(SAVE, y=helmet(2)))["classifierSave"]["__typename"]
    await masking.bind_classification(shop, admin, classification="HELMET", purposes=[])
    free = (await steward.ask(SAVE, y=helmet(1)))["classifierSave"]["__typename"]

    assert (saved["__typename"], saved["path"]) == ("ConflictError", ["yaml"])
    assert "HELMET" in saved["message"]
    assert "classificationPurposesSet" in saved["remedy"]
    assert (preview["__typename"], kept) == ("ConflictError", ["SENSITIVE"] * 2)
    assert (still, free) == ("ClassifierSaveSuccess", "ClassifierSaveSuccess")


async def test_assets_are_counted_with_those_of_narrower_classifications_each_once(
    shop: GraphSession, admin: Principal
) -> None:
    await classifiers.save(
        shop,
        admin,
        text=HELMET.replace("HELMET", "GATE_HELMET")
        .replace("parent: PERSONAL_DATA", "parent: HELMET")
        .replace("group: GATE_HELMET", "group: HELMET"),
    )
    for urn in (NOTE, str(SHOP.datasets[0].column_urn("status"))):
        await classifications.decide(
            shop, admin, urn=urn, classification="GATE_HELMET", status=VerdictStatus.CONFIRMED
        )
    document = "query ($n: Int!) { classifications(first: $n) { edges { node { name assetCount assetCountWithNarrower } } } }"
    counting = Counting(shop)
    found = nodes((await api(counting).ask(document, n=100))["classifications"])
    many = len(counting.asked)
    counting.asked.clear()
    await api(counting).ask(document, n=2)
    counts = {each["name"]: (each["assetCount"], each["assetCountWithNarrower"]) for each in found}
    low = {
        each["name"]: each["assetCountWithNarrower"]
        for each in nodes((await api(shop, Role.READER, Scope(2)).ask(document, n=100))["classifications"])
    }

    assert (counts["HELMET"], counts["GATE_HELMET"]) == ((2, 3), (2, 2))
    assert many == len(counting.asked)
    assert low["HELMET"] == 0
