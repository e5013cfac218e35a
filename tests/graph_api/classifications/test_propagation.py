"""What is inherited, why, and what stops it, through the API."""

from __future__ import annotations

from typing import Any

import pytest

from cypher.session import GraphSession
from ingest.commands import lineage
from ingest.propagation import Propagator
from schema.domain.identity import Principal, Role, Scope
from schema.domain.lineage import EdgeOrigin, LineageEdge, Transformation
from schema.ids import Urn
from schema.settings import Settings
from tests.graph_api.asking import Api, api, nodes
from tests.seed import fill, warehouse

SHOP = warehouse("shop", "", datasets=6, columns=10)
EMAIL, NOTE, NAME = SHOP.datasets[1].column_urn("email"), *(SHOP.datasets[n].column_urn("note") for n in (2, 3))  # fmt: skip
SHOWN = "query ($u: String!) { assetByUrn(urn: $u) { sensitivity classifications { status origin reason confidence classification { name } reasons { way hops origin { urn } via { urn } path { urn } pastHidden } } propagation { way moreReasons rejected classification { name } reasons { hops origin { urn } } } } }"
LISTED = '{ assets(filter: {classification: "EMAIL", kinds: [COLUMN], nameContains: "note"}) { totalCount edges { node { urn classifications { origin status } } } } classifications { edges { node { name assetCount } } } }'
HISTORY = "query ($u: String!, $i: Boolean, $n: Int, $a: String) { assetByUrn(urn: $u) { classificationHistory(inherited: $i, first: $n, after: $a) { edges { node { inherited run closedBy closedReason validTo origins { hops confidence origin { urn } via { urn } } verdict { origin status reason classification { name } } } } pageInfo { hasNextPage endCursor } } } }"
CHANGES = 'query ($i: Boolean, $u: String, $n: Int, $a: String, $l: Int, $b: String) { classificationChanges(since: "2000-01-01T00:00:00Z", classification: "EMAIL", inherited: $i, under: $u, first: $n, after: $a, last: $l, before: $b) { edges { cursor node { at kind urn inherited by reason before origins { hops origin { urn } via { urn } } } } pageInfo { hasNextPage endCursor } } }'
BLOCK = 'mutation ($u: String) { propagationBlock(classification: "EMAIL", under: $u, reason: "made up") { __typename ... on PropagationBlockSuccess { blockId } ... on UserError { path } } }'
CONFIRM = 'mutation ($u: String!) { classificationConfirm(urn: $u, classification: "EMAIL") { __typename } }'
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


async def test_history_tells_what_was_inherited_when_from_where_and_why_it_ended(
    shop: GraphSession, admin: Principal
) -> None:
    steward = api(shop, Role.STEWARD)

    async def periods(column: Urn, who: Api = steward, **given: Any) -> list[Any]:
        return nodes((await who.ask(HISTORY, u=str(column), **given))["assetByUrn"]["classificationHistory"])

    async def changes(who: Api = steward, **given: Any) -> list[Any]:
        return nodes((await who.ask(CHANGES, n=100, **given))["classificationChanges"])

    (first,) = await periods(NAME)
    came = {"hops": 2, "origin": {"urn": str(EMAIL)}, "via": {"urn": str(NOTE)}}
    assert (first["inherited"], first["run"], first["closedBy"], first["validTo"]) == (True, None, None, None)
    assert first["verdict"]["origin"] == "PROPAGATED"
    assert came in [{key: each[key] for key in came} for each in first["origins"]]
    (began,) = [each for each in await changes(u=SHOP.urn(3), i=True) if each["urn"] == str(NAME)]
    assert (began["kind"], began["urn"], began["by"], began["before"]) == (
        "INHERITED",
        str(NAME),
        "system",
        None,
    )
    assert (began["reason"], came in began["origins"]) == ("inherited over 2 hops of lineage", True)

    # Nearer now: the reasons are others, which is no end.
    copy = [LineageEdge(EMAIL, NAME, (Transformation.IDENTITY,))]
    await lineage.publish_edges(
        shop, admin, copy, origin=EdgeOrigin.SQL, assertion="source:more copies", run="r3"
    )
    await follow(shop)
    await steward.ask(BLOCK, u=SHOP.urn(3))
    await follow(shop)
    await steward.ask(CONFIRM, u=str(NAME))
    # What a person says stands beside what is inherited, and is told apart.
    told = await periods(NAME)
    assert [(each["inherited"], each["verdict"]["status"], each["closedBy"], each["closedReason"]) for each in told] == [
        (False, "CONFIRMED", None, None),
        (True, "SUGGESTED", "system", "Nothing that it comes from says so any more, or something stops it."),
        (True, "SUGGESTED", "system", "From then on it was inherited for other reasons."),
    ]  # fmt: skip
    assert await periods(NAME, i=True) == told[1:]
    assert await periods(NAME, i=False) == told[:1]
    page = (await steward.ask(HISTORY, u=str(NAME), n=1))["assetByUrn"]["classificationHistory"]
    assert (nodes(page), page["pageInfo"]["hasNextPage"]) == (told[:1], True)
    assert await periods(NAME, n=5, a=page["pageInfo"]["endCursor"]) == told[1:]

    found = [each for each in await changes() if each["urn"] == str(NAME)]
    assert [(each["kind"], each["inherited"], each["before"]) for each in found] == [
        ("CONFIRMED", False, None),
        ("INHERITANCE_ENDED", True, "SUGGESTED"),
        ("INHERITED_OTHERWISE", True, "SUGGESTED"),
        ("INHERITED", True, None),
    ]
    assert found[2]["origins"][0] == {"hops": 1, "origin": {"urn": str(EMAIL)}, "via": {"urn": str(EMAIL)}}
    both, own, other = await changes(), await changes(i=False), await changes(i=True)
    assert sorted(map(str, both)) == sorted(map(str, own + other))
    assert not any(each["inherited"] for each in own)
    # Of one instant some are own and some inherited: pages leave no gap, in either direction.
    paged: list[Any] = []
    after, before = None, None
    while True:
        page = (await steward.ask(CHANGES, n=3, a=after))["classificationChanges"]
        paged += nodes(page)
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert paged == both
    backward: list[Any] = []
    while some := (await steward.ask(CHANGES, l=4, b=before))["classificationChanges"]["edges"]:
        backward[:0] = [edge["node"] for edge in some]
        before = some[0]["cursor"]
    assert backward == both

    await shop.schema_statement(
        f"MATCH (a:Asset) WHERE a.urn IN ['{EMAIL}', '{NOTE}'] SET a.sensitivity = 4, a.own_sensitivity = 4"
    )
    limited = api(shop, Role.READER, Scope(3))
    assert {each["origin"] and each["origin"]["urn"] for each in (await periods(NAME, limited))[1]["origins"]}.isdisjoint({str(EMAIL), str(NOTE)})  # fmt: skip
    seen = await changes(limited)
    assert {each["urn"] for each in seen}.isdisjoint({str(EMAIL), str(NOTE)})
    assert [each["kind"] for each in seen if each["urn"] == str(NAME)] == [each["kind"] for each in found]
    assert not any(each["origin"] == {"urn": str(EMAIL)} for change in seen for each in change["origins"])


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
