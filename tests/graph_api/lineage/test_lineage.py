"""Impact, neighbourhoods and edges drawn by hand, through the API."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cypher.session import GraphSession
from ingest.commands import lineage
from schema.domain.identity import Principal, Role, Scope
from schema.domain.lineage import EdgeOrigin, LineageEdge, Transformation
from schema.errors import QueryTimeout
from tests.graph_api.asking import Counting, api, nodes
from tests.seed import fill, warehouse

CHAIN = warehouse("chain", "", datasets=8, columns=10)
IMPACT = """query ($u: String!, $d: Direction!, $h: Int!, $k: ImpactFilter, $e: LineageEdgeFilter, $i: Boolean!, $n: Int, $a: String) {
  impact(urn: $u, direction: $d, maxHops: $h, filter: $k, edges: $e, includeIndirect: $i, first: $n, after: $a) {
    edges { hops node { urn } path { urn } } completeness { complete reason limit cursor } pageInfo { hasNextPage endCursor } } }"""


@pytest.fixture
async def chain(graph: GraphSession, admin: Principal) -> GraphSession:
    """Eight datasets in a row, each fed by the one before it."""
    await fill(graph, admin, CHAIN, embedded=False, fan=1)
    return graph


def wanted(urn: str, **more: object) -> dict[str, object]:
    return {
        "u": urn,
        "d": "DOWNSTREAM",
        "h": 20,
        "k": None,
        "e": None,
        "i": False,
        "n": 100,
        "a": None,
    } | more


async def test_impact_is_nearest_first_with_the_path_to_each_hit(chain: GraphSession) -> None:
    found = (await api(chain).ask(IMPACT, **wanted(CHAIN.urn(2))))["impact"]

    assert [(hit["node"]["urn"], hit["hops"]) for hit in found["edges"]] == [
        (CHAIN.urn(n), n - 2) for n in range(3, 8)
    ]
    assert [step["urn"] for step in found["edges"][-1]["path"]] == [CHAIN.urn(n) for n in range(2, 8)]
    assert found["completeness"] == {"complete": True, "reason": None, "limit": None, "cursor": None}


async def test_upstream_goes_the_other_way(chain: GraphSession) -> None:
    found = (await api(chain).ask(IMPACT, **wanted(CHAIN.urn(3), d="UPSTREAM")))["impact"]
    assert [hit["node"]["urn"] for hit in found["edges"]] == [CHAIN.urn(n) for n in (2, 1, 0)]
    assert [step["urn"] for step in found["edges"][1]["path"]] == [CHAIN.urn(n) for n in (3, 2, 1)]


async def test_columns_walk_over_columns_and_only_when_asked_through_filters_into_datasets(
    chain: GraphSession,
) -> None:
    start = str(CHAIN.datasets[4].column_urn("country"))
    plain = (await api(chain).ask(IMPACT, **wanted(start)))["impact"]["edges"]
    assert [hit["node"]["urn"] for hit in plain] == [
        str(CHAIN.datasets[n].column_urn("country")) for n in (5, 6, 7)
    ]

    indirect = (await api(chain).ask(IMPACT, **wanted(start, i=True, k={"kinds": ["DATASET"]})))["impact"][
        "edges"
    ]
    assert [(hit["node"]["urn"], hit["hops"]) for hit in indirect] == [
        (CHAIN.urn(5), 1),
        (CHAIN.urn(6), 2),
        (CHAIN.urn(7), 3),
    ]


async def test_an_answer_says_that_it_stopped_at_the_hops_or_at_the_page(chain: GraphSession) -> None:
    short = (await api(chain).ask(IMPACT, **wanted(CHAIN.urn(0), h=2)))["impact"]
    assert len(short["edges"]) == 2
    assert short["completeness"] == {"complete": False, "reason": "HOPS", "limit": 2, "cursor": None}

    page = (await api(chain).ask(IMPACT, **wanted(CHAIN.urn(0), n=3)))["impact"]
    assert page["completeness"]["reason"] == "LIMIT"
    assert page["completeness"]["limit"] == 3
    rest = (await api(chain).ask(IMPACT, **wanted(CHAIN.urn(0), a=page["completeness"]["cursor"])))["impact"]
    assert [hit["node"]["urn"] for hit in page["edges"] + rest["edges"]] == [
        CHAIN.urn(n) for n in range(1, 8)
    ]
    assert rest["completeness"]["complete"] is True


async def test_an_answer_says_that_sql_on_the_way_could_not_be_read(
    chain: GraphSession, admin: Principal
) -> None:
    await lineage.publish_problems(chain, admin, {CHAIN.urn(5): "DYNAMIC_SQL"}, run="r1")

    for start in (CHAIN.urn(1), str(CHAIN.datasets[1].column_urn("email"))):
        found = (await api(chain).ask(IMPACT, **wanted(start)))["impact"]
        assert found["completeness"]["reason"] == "UNPARSED_SQL"
    behind = (await api(chain).ask(IMPACT, **wanted(CHAIN.urn(6))))["impact"]
    assert behind["completeness"]["complete"] is True


async def test_a_walk_that_takes_too_long_tells_what_is_near(chain: GraphSession) -> None:
    class Slow(Counting):
        async def rows(self, query, /, **params):  # type: ignore[no-untyped-def]
            if query.name == "lineage.page_down" and params["max_hops"] > 3:
                raise QueryTimeout("late")
            return await self.graph.rows(query, **params)

    found = (await api(Slow(chain)).ask(IMPACT, **wanted(CHAIN.urn(0))))["impact"]
    assert [hit["hops"] for hit in found["edges"]] == [1, 2, 3]
    assert found["completeness"] == {"complete": False, "reason": "TIMEOUT", "limit": 3, "cursor": None}
    typed = "query ($u: String!) { impact(urn: $u) { completeness { error { code message remedy } } } }"
    error = (await api(Slow(chain)).ask(typed, u=CHAIN.urn(0)))["impact"]["completeness"]["error"]
    assert error["code"] == "QUERY_TIMEOUT"
    assert error["remedy"]


async def test_counts_add_up_in_every_grouping(chain: GraphSession) -> None:
    document = "query ($u: String!, $h: Int!) { impactCount(urn: $u, maxHops: $h, includeIndirect: true) { total byKind { kind count } bySensitivity { count } byHop { hops count } byDomain { count } bySource { source count } completeness { complete reason } } }"
    found = (await api(chain).ask(document, u=str(CHAIN.datasets[4].column_urn("country")), h=20))[
        "impactCount"
    ]

    assert found["total"] == 6
    assert found["byKind"] == [{"kind": "COLUMN", "count": 3}, {"kind": "DATASET", "count": 3}]
    assert found["byHop"] == [{"hops": 1, "count": 2}, {"hops": 2, "count": 2}, {"hops": 3, "count": 2}]
    assert found["bySource"] == [{"source": "chain", "count": 6}]
    assert all(sum(group["count"] for group in found[name]) == 6 for name in ("bySensitivity", "byDomain"))
    short = (await api(chain).ask(document, u=CHAIN.urn(0), h=2))["impactCount"]
    assert (short["total"], short["completeness"]) == (2, {"complete": False, "reason": "HOPS"})


async def test_a_walk_stops_at_what_the_reader_may_not_see_where_the_policy_says_so(
    chain: GraphSession,
) -> None:
    await chain.schema_statement(f"MATCH (a:Asset) WHERE a.urn = '{CHAIN.urn(4)}' SET a.sensitivity = 4")
    reader = replace(api(chain, Role.READER, Scope(3)), past_hidden=False)
    found = (await reader.ask(IMPACT, **wanted(CHAIN.urn(2))))["impact"]
    assert [hit["node"]["urn"] for hit in found["edges"]] == [CHAIN.urn(3)]
    assert found["completeness"]["complete"] is True


async def test_a_circle_is_walked_once_and_does_not_reach_its_start(
    chain: GraphSession, admin: Principal
) -> None:
    back = [LineageEdge(CHAIN.datasets[7].urn, CHAIN.datasets[0].urn)]
    await lineage.publish_edges(chain, admin, back, origin=EdgeOrigin.DBT, assertion="dbt", run="r2")
    found = (await api(chain).ask(IMPACT, **wanted(CHAIN.urn(0))))["impact"]
    assert [hit["node"]["urn"] for hit in found["edges"]] == [CHAIN.urn(n) for n in range(1, 8)]


@pytest.mark.parametrize(
    ("only", "told"),
    [
        ({"tag": "gold"}, [5]),
        ({"owner": "ada@example.com"}, [4]),
        ({"domain": "hr"}, [6]),
        ({"domain": ""}, [3, 4, 5, 7]),
        ({"sensitivityAtLeast": "CONFIDENTIAL"}, [7]),
        ({"sensitivityAtMost": "INTERNAL"}, [3, 4, 5, 6]),
        ({"classification": "EMAIL"}, []),
        ({"kinds": ["DATASET"], "tag": "gold", "owner": "ada@example.com"}, []),
        ({"kinds": []}, []),
    ],
)
async def test_a_filter_narrows_what_is_told_and_not_where_the_walk_goes(
    chain: GraphSession, only: dict[str, object], told: list[int]
) -> None:
    await chain.schema_statement(f"MATCH (a:Asset) WHERE a.urn = '{CHAIN.urn(6)}' SET a.domain = 'hr'")
    await chain.schema_statement(f"MATCH (a:Asset) WHERE a.urn = '{CHAIN.urn(7)}' SET a.sensitivity = 2")
    found = (await api(chain).ask(IMPACT, **wanted(CHAIN.urn(2), k=only)))["impact"]
    assert [hit["node"]["urn"] for hit in found["edges"]] == [CHAIN.urn(n) for n in told]
    assert found["completeness"]["complete"] is True
    document = "query ($u: String!, $k: ImpactFilter) { impactCount(urn: $u, filter: $k) { total } }"
    assert (await api(chain).ask(document, u=CHAIN.urn(2), k=only))["impactCount"] == {"total": len(told)}


async def test_a_filter_by_classification_finds_columns(chain: GraphSession) -> None:
    start = str(CHAIN.datasets[2].column_urn("email"))
    found = (await api(chain).ask(IMPACT, **wanted(start, k={"classification": "EMAIL"})))["impact"]
    assert [hit["hops"] for hit in found["edges"]] == [1, 2, 3, 4, 5]


async def test_a_walk_over_some_edges_alone_stops_at_the_others(
    chain: GraphSession, admin: Principal
) -> None:
    ends = CHAIN.datasets[5].urn, CHAIN.datasets[0].urn
    by_hand = [LineageEdge(*ends, (Transformation.MASK, Transformation.CAST))]
    await lineage.publish_edges(chain, admin, by_hand, origin=EdgeOrigin.DBT, assertion="dbt", run="r2")

    async def reached(**edges: list[str]) -> list[str]:
        found = (await api(chain).ask(IMPACT, **wanted(CHAIN.urn(5), e=edges)))["impact"]
        return [hit["node"]["urn"] for hit in found["edges"]]

    assert await reached(origins=["DBT"]) == [CHAIN.urn(0)]
    assert await reached(origins=["SQL"]) == [CHAIN.urn(6), CHAIN.urn(7)]
    assert await reached(transformations=["CAST"]) == [CHAIN.urn(0)]
    assert await reached(origins=["DBT"], transformations=["IDENTITY"]) == []
    far = (await api(chain).ask(IMPACT, **wanted(CHAIN.urn(5), e={"origins": ["DBT", "SQL"]})))["impact"]
    assert len(far["edges"]) == 7
    assert [step["urn"] for step in far["edges"][-1]["path"]][:2] == [CHAIN.urn(5), CHAIN.urn(0)]


async def test_pages_neither_skip_nor_repeat_what_was_there_while_edges_are_written(
    chain: GraphSession, admin: Principal
) -> None:
    new = warehouse("late", "", datasets=3, columns=1)
    seen: list[str] = []
    after = None
    for number in range(4):
        page = (await api(chain).ask(IMPACT, **wanted(CHAIN.urn(0), n=2, a=after)))["impact"]
        seen += [hit["node"]["urn"] for hit in page["edges"]]
        after = page["pageInfo"]["endCursor"]
        if number < 3:
            more = [LineageEdge(CHAIN.datasets[0].urn, new.datasets[number].urn)]
            await lineage.publish_edges(
                chain, admin, more, origin=EdgeOrigin.DBT, assertion="dbt", run=f"r{number}"
            )
    assert [urn for urn in seen if "late" not in urn] == [CHAIN.urn(n) for n in range(1, 8)]


async def test_a_neighbourhood_has_levels_edges_and_what_is_said_of_them(chain: GraphSession) -> None:
    document = "query ($u: String!, $n: Int!, $h: Int!) { lineage(urn: $u, maxHops: $h, first: $n) { nodes { urn level } edges { upstream downstream assertions { transformation origin confidence author job { name } } } completeness { complete reason limit } } }"
    found = (await api(chain).ask(document, u=CHAIN.urn(3), n=100, h=2))["lineage"]

    assert [(node["urn"], node["level"]) for node in found["nodes"]] == [
        (CHAIN.urn(3 + level), level) for level in range(-2, 3)
    ]
    assert {(edge["upstream"], edge["downstream"]) for edge in found["edges"]} == {
        (CHAIN.urn(n), CHAIN.urn(n + 1)) for n in range(1, 5)
    }
    (said,) = found["edges"][0]["assertions"]
    assert (said["transformation"], said["origin"], said["confidence"]) == ("IDENTITY", "SQL", 1.0)
    assert said["job"]["name"].startswith("load_")
    assert found["completeness"] == {"complete": False, "reason": "HOPS", "limit": 2}
    few = (await api(chain).ask(document, u=CHAIN.urn(3), n=2, h=3))["lineage"]
    assert [node["level"] for node in few["nodes"]] == [-1, 0, 1]
    assert few["completeness"] == {"complete": False, "reason": "LIMIT", "limit": 2}


async def test_an_edge_drawn_by_hand_can_be_taken_back_and_a_sources_edge_cannot(chain: GraphSession) -> None:
    link = "mutation ($u: String!, $d: String!) { lineageLink(upstream: $u, downstream: $d) { __typename ... on UserError { path } } }"
    unlink = "mutation ($u: String!, $d: String!) { lineageUnlink(upstream: $u, downstream: $d) { __typename ... on UserError { path } } }"
    fed = "query ($u: String!) { assetByUrn(urn: $u) { fedBy { edges { node { asset { urn } assertions { origin author } } } } } }"
    editor = api(chain, Role.EDITOR)

    assert (await editor.ask(link, u=CHAIN.urn(7), d=CHAIN.urn(0)))["lineageLink"] == {
        "__typename": "LineageLinkSuccess"
    }
    (by,) = nodes((await editor.ask(fed, u=CHAIN.urn(0)))["assetByUrn"]["fedBy"])
    assert by == {
        "asset": {"urn": CHAIN.urn(7)},
        "assertions": [{"origin": "MANUAL", "author": "token:editor"}],
    }
    assert (await editor.ask(unlink, u=CHAIN.urn(7), d=CHAIN.urn(0)))["lineageUnlink"] == {
        "__typename": "LineageUnlinkSuccess"
    }
    assert nodes((await editor.ask(fed, u=CHAIN.urn(0)))["assetByUrn"]["fedBy"]) == []
    assert (await editor.ask(unlink, u=CHAIN.urn(0), d=CHAIN.urn(1)))["lineageUnlink"][
        "__typename"
    ] == "NotFoundError"
    assert (await editor.ask(link, u=CHAIN.urn(0), d=CHAIN.urn(0)))["lineageLink"][
        "__typename"
    ] == "InvalidInputError"
    assert (await editor.ask(link, u="nonsense", d=CHAIN.urn(0)))["lineageLink"][
        "__typename"
    ] == "InvalidInputError"


@pytest.mark.parametrize("hops", [0, -1])
async def test_a_walk_has_a_length(graph: GraphSession, hops: int) -> None:
    assert await api(graph).refused(IMPACT, **wanted(CHAIN.urn(0), h=hops)) == "INVALID_INPUT"


async def test_a_walk_from_nothing_is_null(graph: GraphSession) -> None:
    assert await api(graph).ask(IMPACT, **wanted("dataset:x~y")) == {"impact": None}
