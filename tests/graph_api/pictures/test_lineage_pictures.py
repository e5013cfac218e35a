"""Neighbourhoods ready to be drawn, through the API: groups, what lies outside, places, columns, expansion."""

from __future__ import annotations

from typing import Any

import pytest

from cypher.session import GraphSession
from ingest.commands import lineage
from schema.domain.identity import Principal, Role, Scope
from schema.domain.lineage import EdgeOrigin, LineageEdge, Transformation
from tests.graph_api.asking import Api, Counting, api
from tests.seed import fill, warehouse

CHAIN = warehouse("chain", "", datasets=9, columns=6)
LINEAGE = """query ($u: String!, $h: Int = 1, $c: Boolean = false, $e: LineageEdgeFilter, $w: AsOf, $i: Boolean = false, $n: Int = 100) {
  lineage(urn: $u, maxHops: $h, columns: $c, edges: $e, asOf: $w, includeIndirect: $i, first: $n) {
    nodes { urn level group moreUpstream moreDownstream place { layer order x y width height } asset { name } }
    edges { id upstream downstream assertions { origin } }
    groups { key label kind parent place { layer x y width height } }
    completeness { complete reason limit } } }"""


@pytest.fixture
async def chain(graph: GraphSession, admin: Principal) -> GraphSession:
    """Nine datasets in a row, each fed by the two before it, column by column."""
    await fill(graph, admin, CHAIN, embedded=False)
    return graph


async def picture(asked: Api, urn: str, **more: Any) -> dict[str, Any]:
    return (await asked.ask(LINEAGE, u=urn, **more))["lineage"]  # type: ignore[no-any-return]


def by_urn(found: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {node["urn"]: node for node in found["nodes"]}


async def test_each_node_says_how_much_of_its_surroundings_is_not_shown(chain: GraphSession) -> None:
    found = by_urn(await picture(api(chain), CHAIN.urn(4)))

    more = {urn: (node["moreUpstream"], node["moreDownstream"]) for urn, node in found.items()}
    assert more == {
        CHAIN.urn(2): (2, 0),
        CHAIN.urn(3): (1, 0),
        CHAIN.urn(4): (0, 0),
        CHAIN.urn(5): (0, 1),
        CHAIN.urn(6): (0, 2),
    }


async def test_asking_on_at_the_rim_adds_just_the_neighbours_that_were_counted(chain: GraphSession) -> None:
    nodes: dict[str, Any] = {}
    edges: dict[str, Any] = {}

    async def show(urn: str) -> None:
        found = await picture(api(chain), urn)
        nodes.update(by_urn(found))
        edges.update({edge["id"]: (edge["upstream"], edge["downstream"]) for edge in found["edges"]})

    await show(CHAIN.urn(4))
    before = set(nodes)
    counted = nodes[CHAIN.urn(6)]["moreDownstream"]
    await show(CHAIN.urn(6))
    assert len(set(nodes) - before) == counted == 2
    await show(CHAIN.urn(2))
    whole = await picture(api(chain), CHAIN.urn(4), h=5)
    assert set(nodes) == set(by_urn(whole))
    assert set(edges) == {edge["id"] for edge in whole["edges"]}
    assert len(set(edges.values())) == len(edges)


async def test_datasets_belong_to_their_schema_and_columns_to_their_dataset(chain: GraphSession) -> None:
    found = await picture(api(chain), CHAIN.urn(4))
    groups = {group["key"]: group for group in found["groups"]}
    held = groups[by_urn(found)[CHAIN.urn(4)]["group"]]
    assert (held["kind"], held["label"], held["place"]) == ("SCHEMA", "shop.layer0", None)
    assert groups[held["parent"]]["kind"] == "DATABASE"

    column = str(CHAIN.datasets[4].column_urn("email"))
    found = await picture(api(chain), column)
    groups = {group["key"]: group for group in found["groups"]}
    node = by_urn(found)[column]
    assert node["group"] == CHAIN.urn(4)
    box, row = groups[CHAIN.urn(4)]["place"], node["place"]
    assert box["x"] == row["x"]
    assert box["y"] < row["y"] < row["y"] + row["height"] <= box["y"] + box["height"]


async def test_edges_lead_from_left_to_right_and_boxes_do_not_lie_on_each_other(chain: GraphSession) -> None:
    found = await picture(api(chain), CHAIN.urn(4), h=8)
    place = {urn: node["place"] for urn, node in by_urn(found).items()}

    assert len(place) == 9
    for edge in found["edges"]:
        assert place[edge["upstream"]]["layer"] < place[edge["downstream"]]["layer"]
        assert place[edge["upstream"]]["x"] < place[edge["downstream"]]["x"]
    assert place[CHAIN.urn(4)]["layer"] == 0
    assert len({(p["layer"], p["order"]) for p in place.values()}) == 9


async def test_columns_are_those_on_a_way_from_or_to_the_start(chain: GraphSession, admin: Principal) -> None:
    aside = [LineageEdge(CHAIN.datasets[3].column_urn("amount"), CHAIN.datasets[5].column_urn("amount"))]
    await lineage.publish_edges(chain, admin, aside, origin=EdgeOrigin.SQL, assertion="x", run="r2")
    found = await picture(api(chain), CHAIN.urn(4), c=True)

    shown = {urn for urn in by_urn(found) if urn.startswith("column:")}
    names = ("id", "parent_id", "email", "country")
    assert shown == {str(CHAIN.datasets[n].column_urn(name)) for n in range(2, 7) for name in names}
    assert {node["level"] for urn, node in by_urn(found).items() if CHAIN.datasets[2].name in urn} == {-1}
    between = {(edge["upstream"], edge["downstream"]) for edge in found["edges"]}
    assert (CHAIN.urn(3), CHAIN.urn(4)) in between
    assert (
        str(CHAIN.datasets[3].column_urn("email")),
        str(CHAIN.datasets[4].column_urn("email")),
    ) in between
    last = by_urn(found)[str(CHAIN.datasets[6].column_urn("email"))]
    assert (last["moreUpstream"], last["moreDownstream"]) == (0, 2)


async def test_columns_that_only_decide_are_shown_on_request(chain: GraphSession) -> None:
    found = await picture(api(chain), CHAIN.urn(4), c=True, i=True)
    edges = {(edge["upstream"], edge["downstream"]) for edge in found["edges"]}
    assert (str(CHAIN.datasets[4].column_urn("country")), CHAIN.urn(5)) in edges
    plain = await picture(api(chain), CHAIN.urn(4), c=True)
    assert (str(CHAIN.datasets[4].column_urn("country")), CHAIN.urn(5)) not in {
        (edge["upstream"], edge["downstream"]) for edge in plain["edges"]
    }


async def test_a_filter_of_edges_holds_for_the_walk_the_edges_and_the_counts(
    chain: GraphSession, admin: Principal
) -> None:
    ends = CHAIN.datasets[4].urn, CHAIN.datasets[8].urn
    both = [
        LineageEdge(*ends, (Transformation.MASK,)),
        LineageEdge(CHAIN.datasets[8].urn, CHAIN.datasets[0].urn),
    ]
    await lineage.publish_edges(chain, admin, both, origin=EdgeOrigin.DBT, assertion="dbt", run="r2")
    found = await picture(api(chain), CHAIN.urn(4), e={"origins": ["DBT"]})

    assert set(by_urn(found)) == {CHAIN.urn(4), CHAIN.urn(8)}
    assert [edge["assertions"] for edge in found["edges"]] == [[{"origin": "DBT"}]]
    node = by_urn(found)[CHAIN.urn(8)]
    assert (node["moreUpstream"], node["moreDownstream"]) == (0, 1)
    masked = await picture(api(chain), CHAIN.urn(4), e={"transformations": ["MASK"]})
    assert set(by_urn(masked)) == {CHAIN.urn(4), CHAIN.urn(8)}


async def test_a_picture_of_the_past_counts_what_lay_outside_then(
    chain: GraphSession, admin: Principal
) -> None:
    now = (await picture(api(chain), CHAIN.urn(8)))["nodes"]
    at = (await api(chain).ask("query ($u: String!) { assetByUrn(urn: $u) { fedBy { edges { node { assertions { lastSeen } } } } } }", u=CHAIN.urn(8)))  # fmt: skip
    seen = max(a["lastSeen"] for e in at["assetByUrn"]["fedBy"]["edges"] for a in e["node"]["assertions"])
    await lineage.publish_edges(
        chain,
        admin,
        [],
        origin=EdgeOrigin.SQL,
        assertion="source:chain",
        run="r2",
        closes=[d.urn for d in CHAIN.datasets],
    )
    assert [node["urn"] for node in (await picture(api(chain), CHAIN.urn(8)))["nodes"]] == [CHAIN.urn(8)]
    then = await picture(api(chain), CHAIN.urn(8), w={"validAt": seen}, c=True)

    told = ("urn", "level", "group", "moreUpstream", "moreDownstream")
    datasets = [node for node in then["nodes"] if node["urn"].startswith("dataset:")]
    assert [[node[name] for name in told] for node in datasets] == [
        [node[name] for name in told] for node in now
    ]
    assert len(then["nodes"]) > len(datasets)


async def test_what_a_reader_may_not_see_is_neither_counted_nor_drawn(chain: GraphSession) -> None:
    reader = api(chain, Role.READER, Scope(3))
    full = by_urn(await picture(reader, CHAIN.urn(4)))
    await chain.schema_statement(
        f"MATCH (d:Asset) WHERE d.urn IN ['{CHAIN.urn(5)}', '{CHAIN.urn(7)}'] "
        "MATCH (d)-[:CONTAINS*0..1]->(a) SET a.sensitivity = 4"
    )
    found = await picture(reader, CHAIN.urn(4), c=True)

    assert full[CHAIN.urn(6)]["moreDownstream"] == 2
    assert by_urn(found)[CHAIN.urn(6)]["moreDownstream"] == 1
    for hidden in (CHAIN.datasets[5].name, CHAIN.datasets[7].name):
        assert hidden not in str(found)


async def test_a_picture_with_more_columns_than_it_may_hold_says_so(
    chain: GraphSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graph_api.lineage.resolvers.MOST_COLUMNS", 5)
    found = await picture(api(chain), CHAIN.urn(4), c=True)

    assert sum(urn.startswith("column:") for urn in by_urn(found)) == 5
    assert found["completeness"] == {"complete": False, "reason": "LIMIT", "limit": 5}


async def test_all_that_is_drawn_costs_few_questions_and_what_is_not_wanted_none(chain: GraphSession) -> None:
    counting = Counting(chain)
    await picture(api(counting), CHAIN.urn(4), h=8, c=True)
    assert len(counting.asked) <= 12

    plain = Counting(chain)
    await api(plain).ask("query ($u: String!) { lineage(urn: $u) { nodes { urn level } } }", u=CHAIN.urn(4))
    assert "pictures.outside" not in plain.asked
