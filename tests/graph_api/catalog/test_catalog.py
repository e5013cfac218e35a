"""Browsing, describing and tagging assets through the API."""

from __future__ import annotations

import pytest

from cypher.session import GraphSession
from ingest.commands import catalog
from schema.domain.identity import Principal, Role
from schema.ids import node_id
from tests.graph_api.asking import api, nodes
from tests.seed import fill, register, warehouse

SHOP = warehouse("shop", "", datasets=7, columns=10)
URNS = "query ($f: AssetFilter, $n: Int, $a: String, $l: Int, $b: String) { assets(filter: $f, first: $n, after: $a, last: $l, before: $b) { totalCount edges { node { urn } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"


@pytest.fixture
async def shop(graph: GraphSession, admin: Principal) -> GraphSession:
    await fill(graph, admin, SHOP, embedded=False)
    return graph


async def test_an_asset_is_found_by_urn_and_by_id_and_knows_its_place(shop: GraphSession) -> None:
    document = "query ($u: String!) { assetByUrn(urn: $u) { id kind subtype path rowCount source { name } parent { kind } ancestors { kind } } }"
    found = (await api(shop).ask(document, u=SHOP.urn(4)))["assetByUrn"]

    assert found["kind"] == "DATASET"
    assert found["path"] == "shop.layer0.employee_0004" or found["path"].startswith("shop.layer0.")
    assert found["rowCount"] == 4_000_000_000
    assert found["source"]["name"] == "shop"
    assert found["parent"]["kind"] == "SCHEMA"
    assert [each["kind"] for each in found["ancestors"]] == ["SOURCE", "DATABASE", "SCHEMA"]
    again = await api(shop).ask(
        "query ($i: ID!) { asset(id: $i) { urn } node(id: $i) { ... on Asset { urn } } }", i=found["id"]
    )
    assert again == {"asset": {"urn": SHOP.urn(4)}, "node": {"urn": SHOP.urn(4)}}


async def test_what_is_not_there_is_null_and_a_foreign_id_is_refused(shop: GraphSession) -> None:
    document = 'query ($i: ID!) { assetByUrn(urn: "dataset:x~y") { urn } asset(id: $i) { urn } }'
    assert await api(shop).ask(document, i=node_id("Asset", 1)) == {"assetByUrn": None, "asset": None}
    assert (
        await api(shop).refused("query ($i: ID!) { asset(id: $i) { urn } }", i=node_id("Tag", 1))
        == "INVALID_INPUT"
    )


@pytest.mark.parametrize(
    "narrowed",
    [None, {"kinds": ["COLUMN", "DATASET"]}, {"source": "shop"}, {"tag": "gold"}, {"classification": "EMAIL"}, {"nameContains": "a"}],
    ids=str,
)  # fmt: skip
async def test_pages_from_both_ends_are_the_whole_list_in_order_without_gaps_or_doubles(
    shop: GraphSession, narrowed: dict[str, object] | None
) -> None:
    whole = []
    after = None
    while True:
        page = (await api(shop).ask(URNS, f=narrowed, n=3, a=after))["assets"]
        whole += [node["urn"] for node in nodes(page)]
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    back = []
    before = None
    while True:
        page = (await api(shop).ask(URNS, f=narrowed, l=4, b=before))["assets"]
        back = [node["urn"] for node in nodes(page)] + back
        before = page["pageInfo"]["startCursor"]
        if not page["pageInfo"]["hasPreviousPage"]:
            break

    assert whole == sorted(set(whole))
    assert whole == back
    assert page["totalCount"] == len(whole) > 0


async def test_filters_narrow_and_add_up(shop: GraphSession) -> None:
    async def urns(**wanted: object) -> list[str]:
        return [node["urn"] for node in nodes((await api(shop).ask(URNS, f=wanted, n=100))["assets"])]

    assert await urns(tag="gold", kinds=["DATASET"]) == sorted([SHOP.urn(0), SHOP.urn(5)])
    assert await urns(tag="gold", namePrefix="CUST") == [SHOP.urn(0)]
    assert set(await urns(classification="SSN")) == {str(SHOP.datasets[n].column_urn("ssn")) for n in (0, 4)}
    assert set(await urns(sensitivityAtLeast="RESTRICTED")) == set(await urns(classification="SSN"))
    assert await urns(subtypes=["VIEW"]) == sorted([SHOP.urn(2), SHOP.urn(5)])
    assert await urns(owner="ada@example.com", source="elsewhere") == []
    assert await urns(kinds=[]) == []


async def test_stale_assets_are_listed_only_when_asked_for(shop: GraphSession, admin: Principal) -> None:
    await catalog.retire_missing(shop, admin, [SHOP.urn(n) for n in range(7)], source="shop", run="later")
    stale = {"f": {"kinds": ["DATASET"]}, "n": 100}

    assert nodes((await api(shop).ask(URNS, **stale))["assets"]) == []
    assert (
        len(nodes((await api(shop).ask(URNS, f={"kinds": ["DATASET"], "includeStale": True}))["assets"])) == 7
    )
    assert len(nodes((await api(shop).ask(URNS, f={"kinds": ["DATASET"], "status": "STALE"}))["assets"])) == 7


async def test_columns_come_by_position(shop: GraphSession) -> None:
    document = "query ($u: String!, $a: String) { assetByUrn(urn: $u) { columns(first: 4, after: $a) { edges { node { name ordinal } } pageInfo { endCursor hasNextPage } } } }"
    names, after = [], None
    for _ in range(3):
        page = (await api(shop).ask(document, u=SHOP.urn(1), a=after))["assetByUrn"]["columns"]
        names += [node["name"] for node in nodes(page)]
        after = page["pageInfo"]["endCursor"]

    assert names == [column.name for column in SHOP.datasets[1].columns]
    assert page["pageInfo"]["hasNextPage"] is False


async def test_a_cursor_of_another_list_is_refused(shop: GraphSession) -> None:
    cursor = (await api(shop).ask(URNS, n=1))["assets"]["pageInfo"]["endCursor"]
    assert (
        await api(shop).refused("query ($a: String) { sources(after: $a) { edges { cursor } } }", a=cursor)
        == "BAD_CURSOR"
    )
    assert await api(shop).refused(URNS, n=101) == "QUERY_TOO_COMPLEX"
    assert await api(shop).refused(URNS, n=-1) == "BAD_PAGE"


async def test_foreign_keys_are_told_from_both_sides(shop: GraphSession) -> None:
    document = "query ($u: String!) { assetByUrn(urn: $u) { references { edges { node { from { urn } to { urn } } } } referencedBy { edges { node { from { urn } } } } } }"
    found = (await api(shop).ask(document, u=SHOP.urn(3)))["assetByUrn"]

    assert nodes(found["references"]) == [
        {
            "from": {"urn": str(SHOP.datasets[3].column_urn("parent_id"))},
            "to": {"urn": str(SHOP.datasets[2].column_urn("id"))},
        }
    ]
    assert nodes(found["referencedBy"]) == [{"from": {"urn": str(SHOP.datasets[4].column_urn("parent_id"))}}]


async def test_a_persons_description_stands_above_the_sources_until_it_is_taken_back(
    shop: GraphSession,
) -> None:
    change = "mutation ($u: String!, $d: String, $v: Int) { assetDescribe(urn: $u, description: $d, version: $v) { __typename ... on AssetDescribeSuccess { asset { description sourceDescription version } } ... on UserError { path } } }"
    editor = api(shop, Role.EDITOR)
    first = (await editor.ask(change, u=SHOP.urn(0), d="Ours", v=None))["assetDescribe"]["asset"]
    assert first["description"] == "Ours"
    assert first["sourceDescription"].startswith("What we know")

    lost = (await editor.ask(change, u=SHOP.urn(0), d="Theirs", v=first["version"] - 1))["assetDescribe"]
    assert lost == {"__typename": "ConflictError", "path": ["version"]}

    back = (await editor.ask(change, u=SHOP.urn(0), d=None, v=first["version"]))["assetDescribe"]["asset"]
    assert back["description"] == first["sourceDescription"]


async def test_tags_are_put_on_all_assets_or_on_none(shop: GraphSession) -> None:
    apply = 'mutation ($u: [String!]!) { tagApply(urns: $u, tag: "Quarterly report") { __typename ... on TagApplySuccess { assets { tags { name } } } ... on UserError { path } } }'
    refused = (await api(shop).ask(apply, u=[SHOP.urn(1), "dataset:x~nothing"]))["tagApply"]
    assert refused == {"__typename": "NotFoundError", "path": ["urns", "1"]}
    done = (await api(shop).ask(apply, u=[SHOP.urn(1), SHOP.urn(2)]))["tagApply"]
    assert all({"name": "Quarterly report"} in asset["tags"] for asset in done["assets"])

    listed = await api(shop).ask("{ tags { edges { node { assetCount id name } } } }")
    counts = {node["name"]: node["assetCount"] for node in nodes(listed["tags"])}
    assert counts == {"Quarterly report": 2, "gold": 2}
    tag = next(node for node in nodes(listed["tags"]) if node["name"] == "gold")
    assert (await api(shop).ask("query ($i: ID!) { node(id: $i) { ... on Tag { name } } }", i=tag["id"]))[
        "node"
    ] == {"name": "gold"}

    remove = 'mutation ($u: [String!]!) { tagRemove(urns: $u, tag: "Quarterly report") { ... on TagRemoveSuccess { assets { tags { name } } } } }'
    left = (await api(shop).ask(remove, u=[SHOP.urn(1), SHOP.urn(2)]))["tagRemove"]["assets"]
    assert all({"name": "Quarterly report"} not in asset["tags"] for asset in left)


@pytest.mark.parametrize(
    "change",
    [
        'assetDescribe(urn: "x", description: "y")',
        'tagApply(urns: ["x"], tag: "y")',
        'tagRemove(urns: ["x"], tag: "y")',
    ],
)
async def test_a_reader_changes_nothing(graph: GraphSession, change: str) -> None:
    answer = await api(graph, Role.READER).ask(
        f"mutation {{ {change} {{ __typename ... on ForbiddenError {{ permission }} }} }}"
    )
    assert list(answer.values()) == [{"__typename": "ForbiddenError", "permission": "EDIT"}]


async def test_a_big_number_of_rows_is_told_exactly(graph: GraphSession, admin: Principal) -> None:
    large = warehouse("large", "", datasets=7, columns=2)
    await register(graph, large)
    await catalog.publish_datasets(graph, admin, large.datasets, run="r", by="large")
    found = await api(graph).ask("query ($u: String!) { assetByUrn(urn: $u) { rowCount } }", u=large.urn(6))
    assert found == {"assetByUrn": {"rowCount": 6_000_000_000}}
