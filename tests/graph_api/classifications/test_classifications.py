"""Verdicts of machines and people through the API."""

from __future__ import annotations

import pytest

from cypher.session import GraphSession
from schema.domain.identity import Principal, Role, Scope
from tests.graph_api.asking import api, nodes
from tests.seed import fill, warehouse

SHOP = warehouse("shop", "", datasets=3, columns=10)
EMAIL = str(SHOP.datasets[1].column_urn("email"))
DECIDE = 'mutation ($u: String!, $c: String!) {{ {name}(urn: $u, classification: $c, reason: "seen") {{ __typename ... on {type}Success {{ verdicts {{ status origin decidedBy decidedReason classification {{ name sensitivity }} }} }} ... on UserError {{ path }} }} }}'
CONFIRM = DECIDE.format(name="classificationConfirm", type="ClassificationConfirm")
REJECT = DECIDE.format(name="classificationReject", type="ClassificationReject")
LEVELS = "query ($u: String!) { assetByUrn(urn: $u) { sensitivity contentSensitivity classifications { status confidence reason classification { name } } } }"


@pytest.fixture
async def shop(graph: GraphSession, admin: Principal) -> GraphSession:
    await fill(graph, admin, SHOP, embedded=False)
    return graph


async def test_a_column_shows_its_verdict_and_the_table_the_highest_level_below_it(
    shop: GraphSession,
) -> None:
    column = (await api(shop).ask(LEVELS, u=EMAIL))["assetByUrn"]
    assert column["sensitivity"] == column["contentSensitivity"] == "SENSITIVE"
    assert column["classifications"] == [
        {
            "status": "SUGGESTED",
            "confidence": 0.9,
            "reason": "the name is email",
            "classification": {"name": "EMAIL"},
        }
    ]
    table = (await api(shop).ask(LEVELS, u=SHOP.urn(0)))["assetByUrn"]
    assert (table["sensitivity"], table["contentSensitivity"]) == ("PUBLIC", "RESTRICTED")
    limited = (await api(shop, Role.READER, Scope(3)).ask(LEVELS, u=SHOP.urn(0)))["assetByUrn"]
    assert limited["contentSensitivity"] == "SENSITIVE"


async def test_a_rejected_verdict_lowers_the_level_and_a_confirmed_one_keeps_it(shop: GraphSession) -> None:
    steward = api(shop, Role.STEWARD)
    (rejected,) = (await steward.ask(REJECT, u=EMAIL, c="EMAIL"))["classificationReject"]["verdicts"]
    assert (rejected["status"], rejected["decidedBy"], rejected["decidedReason"]) == (
        "REJECTED",
        "token:steward",
        "seen",
    )
    assert (await steward.ask(LEVELS, u=EMAIL))["assetByUrn"]["sensitivity"] == "PUBLIC"
    (confirmed,) = (await steward.ask(CONFIRM, u=EMAIL, c="EMAIL"))["classificationConfirm"]["verdicts"]
    assert confirmed["status"] == "CONFIRMED"
    assert (await steward.ask(LEVELS, u=EMAIL))["assetByUrn"]["sensitivity"] == "SENSITIVE"


async def test_a_confirmation_that_lifts_an_asset_above_the_steward_tells_him_nothing_more(
    shop: GraphSession,
) -> None:
    note = str(SHOP.datasets[1].column_urn("note"))
    limited = api(shop, Role.STEWARD, Scope(2))
    done = (await limited.ask(CONFIRM, u=note, c="SSN"))["classificationConfirm"]
    assert done == {"__typename": "ClassificationConfirmSuccess", "verdicts": []}
    assert (await limited.ask(LEVELS, u=note)) == {"assetByUrn": None}


async def test_unknown_names_are_told_by_their_field(shop: GraphSession) -> None:
    steward = api(shop, Role.STEWARD)
    assert (await steward.ask(CONFIRM, u=EMAIL, c="NOTHING"))["classificationConfirm"] == {
        "__typename": "NotFoundError",
        "path": ["classification"],
    }
    assert (await steward.ask(CONFIRM, u="column:x~y~z", c="EMAIL"))["classificationConfirm"] == {
        "__typename": "NotFoundError",
        "path": ["urn"],
    }
    assert (await api(shop, Role.EDITOR).ask(CONFIRM, u=EMAIL, c="EMAIL"))["classificationConfirm"][
        "__typename"
    ] == "ForbiddenError"


async def test_classifications_are_listed_with_how_often_they_occur(shop: GraphSession) -> None:
    document = "{ classifications { edges { node { id name title sensitivity assetCount } } } }"
    found = {each["name"]: each for each in nodes((await api(shop).ask(document))["classifications"])}
    assert {name: each["assetCount"] for name, each in found.items()} == {"COUNTRY": 2, "EMAIL": 3, "SSN": 1}
    limited = nodes((await api(shop, Role.READER, Scope(2)).ask(document))["classifications"])
    assert {each["name"]: each["assetCount"] for each in limited} == {"COUNTRY": 2, "EMAIL": 0, "SSN": 0}
    node = await api(shop).ask(
        "query ($i: ID!) { node(id: $i) { ... on Classification { title } } }", i=found["EMAIL"]["id"]
    )
    assert node == {"node": {"title": "E-mail address"}}
