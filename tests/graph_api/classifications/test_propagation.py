"""What is inherited, why, and what stops it, through the API."""

from __future__ import annotations

import pytest

from cypher.session import GraphSession
from ingest.commands import lineage
from ingest.propagation import Propagator
from schema.domain.identity import Principal, Role, Scope
from schema.domain.lineage import EdgeOrigin, LineageEdge, Transformation
from schema.settings import Settings
from tests.graph_api.asking import api, nodes
from tests.seed import fill, warehouse

SHOP = warehouse("shop", "", datasets=6, columns=10)
EMAIL, NOTE, NAME = SHOP.datasets[1].column_urn("email"), *(SHOP.datasets[n].column_urn("note") for n in (2, 3))  # fmt: skip
SHOWN = "query ($u: String!) { assetByUrn(urn: $u) { sensitivity classifications { status origin reason confidence classification { name } reasons { way hops origin { urn } via { urn } path { urn } pastHidden } } propagation { way moreReasons rejected classification { name } reasons { hops origin { urn } } } } }"
LISTED = '{ assets(filter: {classification: "EMAIL", kinds: [COLUMN], nameContains: "note"}) { totalCount edges { node { urn classifications { origin status } } } } classifications { edges { node { name assetCount } } } }'
BLOCK = 'mutation ($u: String) { propagationBlock(classification: "EMAIL", under: $u, reason: "made up") { __typename ... on PropagationBlockSuccess { blockId } ... on UserError { path } } }'
SET = 'mutation ($f: String!, $t: String!, $e: Boolean!) { propagationSet(from: $f, to: $t, enabled: $e, reason: "a code") { __typename ... on PropagationSetSuccess { changed } ... on UserError { path } } }'


@pytest.fixture
async def shop(graph: GraphSession, admin: Principal) -> GraphSession:
    await fill(graph, admin, SHOP, embedded=False)
    copies = [LineageEdge(up, down, (Transformation.IDENTITY,)) for up, down in ((EMAIL, NOTE), (NOTE, NAME))]
    await lineage.publish_edges(
        graph, admin, copies, origin=EdgeOrigin.SQL, assertion="source:copies", run="r2"
    )
    await follow(graph)
    return graph


async def follow(graph: GraphSession) -> None:
    while await Propagator(graph, Settings()).tend():
        pass


async def test_an_inherited_classification_says_where_it_comes_from_and_by_which_way(
    shop: GraphSession,
) -> None:
    asset = (await api(shop).ask(SHOWN, u=str(NAME)))["assetByUrn"]
    assert asset["sensitivity"] == "SENSITIVE"
    (verdict,) = asset["classifications"]
    told = [each["origin"]["urn"] for each in verdict["reasons"]]
    assert verdict["origin"] == "PROPAGATED"
    assert (verdict["status"], verdict["confidence"]) == ("SUGGESTED", 0.9)
    assert verdict["reason"] == "inherited over 2 hops of lineage"
    assert str(EMAIL) in told
    way = verdict["reasons"][told.index(str(EMAIL))]
    assert way["hops"] == 2
    assert way["via"] == {"urn": str(NOTE)}
    assert [each["urn"] for each in way["path"]] == [str(EMAIL), str(NOTE), str(NAME)]
    (explained,) = asset["propagation"]
    assert (explained["way"], explained["rejected"]) == ("LINEAGE", False)


async def test_lists_and_counts_find_what_is_inherited_once(shop: GraphSession) -> None:
    found = await api(shop).ask(LISTED)
    assert {each["urn"] for each in nodes(found["assets"])} == {str(NOTE), str(NAME)}
    assert found["assets"]["totalCount"] == 2
    counts = {each["name"]: each["assetCount"] for each in nodes(found["classifications"])}
    assert counts["EMAIL"] == 6 + 2  # all of them say so themselves, and most inherit it besides
    again = await api(shop).ask(LISTED)  # compiled by now
    assert again == found


async def test_an_origin_that_the_reader_may_not_see_is_not_named(
    shop: GraphSession, admin: Principal
) -> None:
    await shop.schema_statement(
        f"MATCH (a:Asset {{urn: '{EMAIL}'}}) SET a.sensitivity = 4, a.own_sensitivity = 4"
    )
    limited = api(shop, Role.READER, Scope(3))
    (verdict,) = (await limited.ask(SHOWN, u=str(NOTE)))["assetByUrn"]["classifications"]
    hidden = [each for each in verdict["reasons"] if each["origin"] is None]
    assert hidden == [
        {"way": "LINEAGE", "hops": 1, "origin": None, "via": None, "path": [{"urn": str(NOTE)}], "pastHidden": True}
    ]  # fmt: skip


async def test_what_a_person_says_of_a_table_is_told_of_its_columns(shop: GraphSession) -> None:
    steward = api(shop, Role.STEWARD)
    await steward.ask(
        'mutation ($u: String!) { classificationConfirm(urn: $u, classification: "COUNTRY") { __typename } }',
        u=SHOP.urn(2),
    )
    column = str(SHOP.datasets[2].column_urn("status"))
    asset = (await steward.ask(SHOWN, u=column))["assetByUrn"]
    assert asset["sensitivity"] == "INTERNAL"
    (verdict,) = asset["classifications"]
    assert (verdict["origin"], verdict["status"]) == ("PROPAGATED", "CONFIRMED")
    assert verdict["reasons"] == [
        {"way": "CONTAINMENT", "hops": 1, "origin": {"urn": SHOP.urn(2)}, "via": None, "path": [], "pastHidden": False}
    ]  # fmt: skip


async def test_people_block_switch_off_and_see_the_job_catch_up(shop: GraphSession) -> None:
    steward = api(shop, Role.STEWARD)
    ident = (await steward.ask(BLOCK, u=SHOP.urn(3)))["propagationBlock"]["blockId"]
    state = "{ propagationState { pending lagSeconds lastChanged whole } }"
    assert (await steward.ask(state))["propagationState"]["pending"] > 0
    await follow(shop)
    assert (await steward.ask(state))["propagationState"]["pending"] == 0
    assert (await steward.ask(SHOWN, u=str(NAME)))["assetByUrn"]["classifications"] == []
    blocks = "{ propagationBlocks { edges { node { blockId classification under reason by } } } }"
    (listed,) = nodes((await steward.ask(blocks))["propagationBlocks"])
    assert listed == {"blockId": ident, "classification": "EMAIL", "under": SHOP.urn(3), "reason": "made up", "by": "token:steward"}  # fmt: skip
    gone = "mutation ($i: ID!) { propagationUnblock(id: $i) { __typename } }"
    assert (await steward.ask(gone, i=ident))["propagationUnblock"][
        "__typename"
    ] == "PropagationUnblockSuccess"
    assert (await steward.ask(gone, i=ident))["propagationUnblock"]["__typename"] == "NotFoundError"
    off = await steward.ask(SET, f=str(NOTE), t=str(NAME), e=False)
    assert off["propagationSet"] == {"__typename": "PropagationSetSuccess", "changed": True}
    await follow(shop)
    assert (await steward.ask(SHOWN, u=str(NAME)))["assetByUrn"]["classifications"] == []
    wrong = await steward.ask(SET, f=str(NAME), t=str(NOTE), e=False)
    assert wrong["propagationSet"] == {"__typename": "InvalidInputError", "path": ["to"]}
    assert (await api(shop, Role.EDITOR).ask(BLOCK))["propagationBlock"]["__typename"] == "ForbiddenError"


async def test_a_preview_tells_what_a_computation_from_scratch_would_change(shop: GraphSession) -> None:
    await shop.schema_statement(f"MATCH (:Asset {{urn: '{NAME}'}})-[i:INHERITS]->() DELETE i")
    document = "mutation ($p: Boolean!) { propagationRecompute(preview: $p) { __typename ... on PropagationRecomputeSuccess { queued given changed withdrawn } } }"
    told = (await api(shop).ask(document, p=True))["propagationRecompute"]
    assert (told["queued"], told["given"], told["changed"], told["withdrawn"]) == (False, 1, 0, 0)
    assert (await api(shop).ask(document, p=False))["propagationRecompute"]["queued"] is True
    await follow(shop)
    assert (await api(shop).ask(document, p=True))["propagationRecompute"]["given"] == 0
    assert (await api(shop, Role.STEWARD).ask(document, p=True))["propagationRecompute"][
        "__typename"
    ] == "ForbiddenError"
