"""Pictures in the formats of other tools, made from a real graph and read back by other readers."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from xml.etree import ElementTree

import networkx
import pytest

from cypher.session import GraphSession
from graph_api.pictures.formats import Format
from ingest.commands import catalog, events, lineage
from schema.domain.catalog import DiscoveredColumn, DiscoveredDataset, DiscoveredJob
from schema.domain.identity import Principal, Role, Scope
from schema.domain.lineage import EdgeOrigin, LineageEdge, Transformation
from schema.domain.platforms import dataset_urn
from schema.ids import Urn
from tests.conftest import empty
from tests.graph_api.asking import Api, api
from tests.graph_api.pictures.json_schema import Schemas
from tests.seed import Warehouse, fill, register, warehouse

SHOP = warehouse("shop", "", datasets=8, columns=6)
EXPORT = """query ($u: String!, $f: LineageExportFormat!, $h: Int = 3, $c: Boolean = false, $i: Boolean = false, $d: Direction = BOTH) {
  lineageExport(urn: $u, format: $f, maxHops: $h, columns: $c, includeIndirect: $i, direction: $d) {
    format mediaType fileName content completeness { complete reason limit } } }"""
SVG = "{http://www.w3.org/2000/svg}"
SPEC = Path(__file__).parents[2] / "data" / "openlineage" / "spec"
AWKWARD = (
    "</svg><script>alert(1)</script>",
    '=HYPERLINK("x";"y")',
    'a"] --> b; click n0 call x("`',
    "tab\tline\nend\x01--> & %% 表名 naïve",
)


@pytest.fixture
async def shop(graph: GraphSession, admin: Principal) -> GraphSession:
    await fill(graph, admin, SHOP, embedded=False)
    return graph


@pytest.fixture
async def awkward(graph: GraphSession, admin: Principal) -> list[DiscoveredDataset]:
    """Four datasets in a row with names that end texts in one format or another, with a column of that name each."""
    found = [
        DiscoveredDataset(
            dataset_urn("postgres://odd:5432", ("db", "s", name)),
            ("db", "s", name),
            columns=(DiscoveredColumn(name, name),),
        )
        for name in AWKWARD
    ]
    await register(graph, Warehouse("odd", "", tuple(found)))
    await catalog.publish_datasets(graph, admin, found, run="r1", by="odd")
    job = Urn("job", "airflow", AWKWARD[0])
    await catalog.publish_jobs(graph, admin, [DiscoveredJob(job, AWKWARD[0])], run="r1")
    edges = [
        LineageEdge(*ends, (Transformation.IDENTITY,), job=job)
        for up, down, name, other in zip(found, found[1:], AWKWARD, AWKWARD[1:], strict=False)
        for ends in ((up.urn, down.urn), (up.column_urn(name), down.column_urn(other)))
    ]
    await lineage.publish_edges(graph, admin, edges, origin=EdgeOrigin.SQL, assertion="x", run="r1")
    return found


async def exported(asked: Api, urn: str, form: str, **more: Any) -> dict[str, Any]:
    return (await asked.ask(EXPORT, u=urn, f=form, **more))["lineageExport"]  # type: ignore[no-any-return]


async def content(asked: Api, urn: str, form: str, **more: Any) -> str:
    return str((await exported(asked, urn, form, **more))["content"])


async def pairs(asked: Api, urn: str, **more: Any) -> set[tuple[str, str]]:
    """The edges that the API itself tells."""
    document = "query ($u: String!, $h: Int = 3, $c: Boolean = false, $i: Boolean = false) { lineage(urn: $u, maxHops: $h, columns: $c, includeIndirect: $i) { edges { upstream downstream } } }"
    found = (await asked.ask(document, u=urn, **more))["lineage"]["edges"]
    return {(edge["upstream"], edge["downstream"]) for edge in found}


def texts(element: ElementTree.Element) -> list[str]:
    return ["".join(each.itertext()) for each in element.iter() if each.tag in (f"{SVG}text", f"{SVG}title")]


async def test_the_drawing_shows_each_asset_and_each_edge_and_needs_nothing_else(shop: GraphSession) -> None:
    found = await exported(api(shop), SHOP.urn(4), "SVG", c=True, h=1)
    drawing = ElementTree.fromstring(found["content"])

    assert (found["mediaType"], found["fileName"]) == ("image/svg+xml", "lineage-shop.layer0.payment_0004.svg".replace("payment", "product"))  # fmt: skip
    assert drawing.get("role") == "img"
    assert drawing.get("aria-labelledby") == "title desc"
    assert drawing.findtext(f"{SVG}title") == "Lineage of shop.layer0.product_0004"
    assert "shop.layer2.invoice_0002" in (drawing.findtext(f"{SVG}desc") or "")
    shown = texts(drawing)
    assert {SHOP.datasets[n].name for n in range(2, 7)} <= set(shown)
    assert shown.count("email") == 5
    lines = [title for title in shown if "→" in title]
    columns = {(up, down) for up, down in await pairs(api(shop), SHOP.urn(4), c=True, h=1) if "column:" in up}
    assert len(lines) == len(columns)
    assert not re.search(r"(?:href|src)=\"(?!#)|url\((?!#)|@import", found["content"])
    assert "prefers-color-scheme:dark" in found["content"]


async def test_the_drawing_says_what_it_does_not_show(shop: GraphSession) -> None:
    drawing = ElementTree.fromstring(await content(api(shop), SHOP.urn(4), "SVG", h=1))
    assert "Incomplete: HOPS 1 (there is more beyond the hops that were allowed)" in texts(drawing)
    assert {"2 more upstream", "1 more downstream"} <= set(texts(drawing))
    assert {"+2", "+1"} <= set(texts(drawing))


async def test_masked_and_aggregated_edges_are_drawn_differently_and_explained(
    shop: GraphSession, admin: Principal
) -> None:
    ends = SHOP.datasets[0], SHOP.datasets[7]
    said = [
        LineageEdge(ends[0].column_urn(name), ends[1].column_urn(name), (kind,))
        for name, kind in (("note", Transformation.MASK), ("email", Transformation.AGGREGATE))
        if name in {c.name for c in ends[0].columns}
    ] + [LineageEdge(ends[0].column_urn("amount"), ends[1].column_urn("amount"), (Transformation.MASK,))]
    await lineage.publish_edges(shop, admin, said, origin=EdgeOrigin.MANUAL, assertion="x", run="r2")
    drawing = ElementTree.fromstring(await content(api(shop), str(ends[0].column_urn("amount")), "SVG"))
    assert [
        line.get("class") for line in drawing.iter(f"{SVG}path") if line.find(f"{SVG}title") is not None
    ] == ["line mask"]
    assert "masked" in texts(drawing)
    assert "copied or cast" not in texts(drawing)
    drawing = ElementTree.fromstring(await content(api(shop), str(ends[0].column_urn("email")), "SVG", h=1))
    assert {"aggregated", "copied or cast"} <= set(texts(drawing))


@pytest.mark.parametrize("form", list(Format))
async def test_names_cannot_break_out_of_any_format(
    graph: GraphSession, awkward: list[DiscoveredDataset], form: Format
) -> None:
    for more in ({}, {"c": True}):
        found = await content(api(graph), str(awkward[0].urn), form.value, **more)
        READERS[form](found, awkward)


def read_svg(found: str, awkward: list[DiscoveredDataset]) -> None:
    drawing = ElementTree.fromstring(found)
    assert {each.tag.removeprefix(SVG) for each in drawing.iter()} <= {
        "svg", "title", "desc", "metadata", "{urn:pursight:picture}picture", "style", "defs", "marker", "path", "rect", "text",
        "g", "use", "circle",
    }  # fmt: skip
    assert any(AWKWARD[0] in title for title in texts(drawing))
    for each in drawing.iter():
        assert not any(name.startswith("on") or (name.endswith("href") and not value.startswith("#")) for name, value in each.attrib.items())  # fmt: skip


def read_mermaid(found: str, awkward: list[DiscoveredDataset]) -> None:
    # Any line that is none of these would be a statement that a name made.
    label = r'\["(?:[^"\[\]<>`&;#]|#\d+;)*"\]'
    line = re.compile(
        rf"%% .*|flowchart LR|  subgraph g\d+{label}|    n\d+{label}|  end|  n\d+ (?:-->\|\w+\||-->|-\.->\|\w+\||==>\|\w+\||-\. \w+ \.->) n\d+|  classDef start [\w:-]+|  class [ng]\d+ start"
    )
    assert [each for each in found.splitlines() if not line.fullmatch(each)] == []
    assert found.count("-->|IDENTITY|") == 3


def read_graphml(found: str, awkward: list[DiscoveredDataset]) -> None:
    graph = networkx.parse_graphml(found)
    assert {data["urn"] for _, data in graph.nodes(data=True)} >= {str(each.urn) for each in awkward[:3]}
    assert f"db.s.{AWKWARD[0]}" in {data["path"] for _, data in graph.nodes(data=True)}


def read_csv(found: str, awkward: list[DiscoveredDataset]) -> None:
    rows = list(csv.DictReader(io.StringIO(found)))
    assert len(rows) in (4, 7)  # the edges and the last line
    for row in rows:
        assert None not in row
        assert not any(value and value[0] in "=+-@\t\r\n" for value in row.values())
    assert {row["upstream_name"] for row in rows} >= {f"'{AWKWARD[1]}", AWKWARD[2]}
    assert f"db.s.{AWKWARD[0]}" in {row["upstream_path"] for row in rows}


def read_openlineage(found: str, awkward: list[DiscoveredDataset]) -> None:
    named = {output["name"] for event in json.loads(found) for output in event["outputs"]}
    assert named == {each.urn.name for each in awkward[1:]}


def read_prov(found: str, awkward: list[DiscoveredDataset]) -> None:
    nodes = {node.get("@id"): node for node in json.loads(found)["@graph"]}
    for iri in filter(None, nodes):
        assert re.fullmatch(r"urn:pursight:(?:[A-Za-z0-9\-._~!$&()*+,;=:@/]|%[0-9A-F]{2})+", iri)
    urns = {unquote(iri.removeprefix("urn:pursight:")) for iri in filter(None, nodes)}
    assert urns >= {str(each.urn) for each in awkward}


READERS = {
    Format.SVG: read_svg, Format.MERMAID: read_mermaid, Format.GRAPHML: read_graphml, Format.CSV: read_csv,
    Format.OPENLINEAGE: read_openlineage, Format.PROV: read_prov,
}  # fmt: skip


async def test_graphml_has_the_same_edges_and_typed_attributes(shop: GraphSession) -> None:
    found = await content(api(shop), SHOP.urn(4), "GRAPHML", c=True, i=True)
    graph = networkx.parse_graphml(found, force_multigraph=True)

    urn = {node: data["urn"] for node, data in graph.nodes(data=True)}
    assert {(urn[up], urn[down]) for up, down in graph.edges()} == await pairs(
        api(shop), SHOP.urn(4), c=True, i=True
    )
    start = next(data for _, data in graph.nodes(data=True) if data["start"])
    assert (start["urn"], start["level"], start["sensitivity"], start["kind"]) == (
        SHOP.urn(4),
        0,
        0,
        "DATASET",
    )
    indirect = [data for _, _, data in graph.edges(data=True) if data["indirect"]]
    assert indirect
    assert {data["transformations"] for data in indirect} == {"FILTER"}
    root = ElementTree.fromstring(found)
    ids = [each.get("id") for each in root.iter() if each.get("id")]
    assert len(ids) == len(set(ids))
    assert all(re.fullmatch(r"[\w.:-]+", each) for each in ids if each)
    assert {key.get("attr.type") for key in root.iter("{http://graphml.graphdrawing.org/xmlns}key")} == {
        "string", "int", "boolean", "double",
    }  # fmt: skip


async def test_csv_has_a_row_for_each_asserter_of_each_edge(shop: GraphSession, admin: Principal) -> None:
    again = [
        LineageEdge(
            SHOP.datasets[4].urn, SHOP.datasets[5].urn, (Transformation.AGGREGATE, Transformation.CAST), 0.5
        )
    ]
    await lineage.publish_edges(shop, admin, again, origin=EdgeOrigin.DBT, assertion="dbt", run="r2")
    *rows, last = csv.DictReader(
        io.StringIO(await content(api(shop), SHOP.urn(4), "CSV", h=1, d="DOWNSTREAM"))
    )

    assert last["upstream_urn"] == "# incomplete: HOPS 1 (there is more beyond the hops that were allowed)"
    told = [
        (row["upstream_urn"], row["downstream_urn"], row["origin"], row["transformations"], row["confidence"], row["job_name"])
        for row in rows
    ]  # fmt: skip
    four, five, six = (SHOP.urn(n) for n in (4, 5, 6))
    assert told == [
        (four, five, "DBT", "AGGREGATE CAST", "0.5", ""),
        (four, five, "SQL", "IDENTITY", "1.0", "load_4"),
        (four, six, "SQL", "IDENTITY", "1.0", "load_4"),
        (five, six, "SQL", "IDENTITY", "1.0", "load_5"),
    ]
    assert all(row["first_seen"] and row["last_seen"] for row in rows)


def openlineage_schemas() -> Schemas:
    return Schemas([json.loads(path.read_bytes()) for path in SPEC.rglob("*.json")])


async def stated(graph: GraphSession, urn: str) -> set[tuple[str, str, str, str]]:
    rows = csv.DictReader(io.StringIO(await content(api(graph), urn, "CSV", h=9, c=True, i=True)))
    return {
        (row["upstream_urn"], row["downstream_urn"], row["job"], row["transformations"])
        for row in rows
        if not row["upstream_urn"].startswith("#")
    }


async def test_the_events_are_valid_and_an_empty_graph_that_takes_them_has_the_same_edges(
    shop: GraphSession, admin: Principal
) -> None:
    kinds = [
        [kind] for kind in Transformation if kind not in (Transformation.IDENTITY, Transformation.UNKNOWN)
    ]
    ends = SHOP.datasets[4], SHOP.datasets[7]
    more = [LineageEdge(ends[0].urn, ends[1].urn, (Transformation.AGGREGATE, Transformation.CAST))]
    for kind, up, down in zip(kinds[:4], ends[0].columns, ends[1].columns, strict=False):
        more.append(LineageEdge(ends[0].column_urn(up.name), ends[1].column_urn(down.name), tuple(kind)))
    for kind, up in zip(kinds[4:], ends[0].columns, strict=False):
        more.append(LineageEdge(ends[0].column_urn(up.name), ends[1].urn, tuple(kind)))
    more.append(LineageEdge(ends[0].column_urn("id"), ends[1].column_urn("amount")))
    await lineage.publish_edges(shop, admin, more, origin=EdgeOrigin.MANUAL, assertion="x", run="r2")
    before = await stated(shop, SHOP.urn(4))
    document = await content(api(shop), SHOP.urn(4), "OPENLINEAGE", h=9, c=True, i=True)

    schemas = openlineage_schemas()
    for event in json.loads(document):
        name = event["schemaURL"].rpartition("/")[2]
        assert schemas.problems(event, f"OpenLineage.json#/$defs/{name}") == []
        assert schemas.problems(event, "OpenLineage.json") == []
        for dataset in [*event.get("outputs", ()), *([event["dataset"]] if "dataset" in event else ())]:
            for facet, address in (
                ("columnLineage", "ColumnLineageDatasetFacet"),
                ("lineage", "LineageFacet"),
            ):
                held = {facet: dataset["facets"][facet]} if facet in dataset["facets"] else {}
                assert schemas.problems(held, f"{address}.json") == []

    await empty(shop)
    receipt = await events.ingest(shop, admin, document.encode(), namespace_aliases={})
    assert receipt.problems == ()
    assert await stated(shop, SHOP.urn(4)) == before
    assert len(before) > 60


def test_the_check_of_schemas_finds_what_is_wrong() -> None:
    good = {"eventTime": "2026-01-01T00:00:00Z", "producer": "urn:x:y", "schemaURL": "urn:x:y", "job": {"namespace": "n", "name": "j"}}  # fmt: skip
    schemas = openlineage_schemas()
    assert schemas.problems(good, "OpenLineage.json#/$defs/JobEvent") == []
    for bad in (
        good | {"eventTime": "yesterday"},
        good | {"producer": "somebody"},
        good | {"job": {"namespace": "n"}},
        good | {"run": {"runId": "x"}},
        good | {"outputs": {}},
        good | {"outputs": [{"namespace": "n", "name": "d", "facets": {"x": {}}}]},
    ):
        assert schemas.problems(bad, "OpenLineage.json#/$defs/JobEvent")
    uses = {"columnLineage": {"_producer": "urn:x:y", "_schemaURL": "urn:x:y", "fields": {"c": {}}}}
    assert schemas.problems(uses, "ColumnLineageDatasetFacet.json")


async def test_prov_has_entities_activities_and_what_is_between_them(shop: GraphSession) -> None:
    document = json.loads(await content(api(shop), SHOP.urn(4), "PROV", h=1, c=True, i=True))
    context = document["@context"]
    nodes = {node["@id"]: node for node in document["@graph"] if "@id" in node}

    def iri(urn: str) -> str:
        return f"urn:pursight:{urn}"

    assert "urn" not in context  # a term of that name would be taken for the prefix of every IRI here
    for node in document["@graph"]:
        for key in node:
            assert key.startswith("@") or key in context
    four = nodes[iri(SHOP.urn(4))]
    assert four["@type"] == ["prov:Entity", "prov:Collection"]
    assert iri(str(SHOP.datasets[4].column_urn("email"))) in four["hadMember"]
    assert set(four["wasDerivedFrom"]) == {iri(SHOP.urn(2)), iri(SHOP.urn(3))}
    assert set(four["wasInfluencedBy"]) == {iri(str(SHOP.datasets[n].column_urn("country"))) for n in (2, 3)}
    job = iri(f"job:{SHOP.datasets[3].urn.namespace}~load_3")
    assert job in four["wasGeneratedBy"]
    assert nodes[job]["@type"] == "prov:Activity"
    assert iri(SHOP.urn(3)) in nodes[job]["used"]
    derivations = [each for each in four["qualifiedDerivation"] if each["entity"] == iri(SHOP.urn(3))]
    assert [(each["@type"], each["transformation"], each["hadActivity"]) for each in derivations] == [
        ("prov:Derivation", ["IDENTITY"], job)
    ]
    (about,) = (node for node in document["@graph"] if "completeness" in node)
    assert (about["complete"], about["completeness"][:18]) == (False, "incomplete: HOPS 1")
    for each in nodes.values():
        for name in ("wasDerivedFrom", "wasInfluencedBy", "wasGeneratedBy", "used", "hadMember"):
            assert set(each.get(name, ())) <= set(nodes)


@pytest.mark.parametrize("form", list(Format))
async def test_every_format_says_itself_that_it_was_cut_off(
    shop: GraphSession, monkeypatch: pytest.MonkeyPatch, form: Format
) -> None:
    whole = await exported(api(shop), SHOP.urn(4), form.value, h=9)
    assert "incomplete" not in whole["content"].lower()
    assert whole["completeness"] == {"complete": True, "reason": None, "limit": None}
    monkeypatch.setattr("graph_api.pictures.resolvers.MOST_EXPORTED", 3)
    cut = await exported(api(shop), SHOP.urn(4), form.value, h=9)
    assert "incomplete: LIMIT 3" in cut["content"]
    assert cut["completeness"] == {"complete": False, "reason": "LIMIT", "limit": 3}


@pytest.mark.parametrize("form", list(Format))
async def test_what_a_reader_may_not_see_is_in_no_format(shop: GraphSession, form: Format) -> None:
    await shop.schema_statement(
        f"MATCH (d:Asset) WHERE d.urn = '{SHOP.urn(5)}' OR d.name = 'load_4' MATCH (d)-[:CONTAINS*0..1]->(a) SET a.sensitivity = 4"
    )
    reader = api(shop, Role.READER, Scope(3))
    found = await content(reader, SHOP.urn(4), form.value, h=9, c=True, i=True)

    assert SHOP.datasets[4].name in found
    assert SHOP.datasets[6].name in found
    assert SHOP.datasets[5].name not in found
    assert "load_4" not in found
    assert await exported(reader, SHOP.urn(5), form.value) is None
    assert await exported(reader, "dataset:postgres://nobody~x", form.value) is None


async def test_a_way_over_hidden_assets_is_told_as_such_and_asserted_by_nobody(shop: GraphSession) -> None:
    hidden = [SHOP.urn(n) for n in (4, 5)]
    await shop.schema_statement(f"MATCH (a:Asset) WHERE a.urn IN {hidden} SET a.sensitivity = 4")
    reader = api(shop, Role.READER, Scope(3))
    three, six = SHOP.urn(3), SHOP.urn(6)

    rows = list(csv.DictReader(io.StringIO(await content(reader, three, "CSV"))))
    gaps = [row for row in rows if row["past_hidden"] == "true"]
    assert (three, six) in {(row["upstream_urn"], row["downstream_urn"]) for row in gaps}
    assert {row["transformations"] + row["origin"] + row["job"] for row in gaps} == {""}
    graph = networkx.parse_graphml(await content(reader, three, "GRAPHML"))
    assert {data["pastHidden"] for _, _, data in graph.edges(data=True)} == {True, False}
    drawing = ElementTree.fromstring(await content(reader, three, "SVG"))
    assert "over assets hidden from you" in texts(drawing)
    assert "line gap" in {line.get("class") for line in drawing.iter(f"{SVG}path")}
    assert "-. over hidden assets .->" in await content(reader, three, "MERMAID")
    events = json.loads(await content(reader, three, "OPENLINEAGE"))
    assert {event["job"]["facets"]["pursight_export"]["edgesLeftOut"] for event in events} == {len(gaps)}
    assert not any(output["name"] == six.partition("~")[2] for event in events for output in event["outputs"])
    nodes = {node.get("@id"): node for node in json.loads(await content(reader, three, "PROV"))["@graph"]}
    assert f"urn:pursight:{three}" in nodes[f"urn:pursight:{six}"]["wasInfluencedBy"]
    assert "wasDerivedFrom" not in nodes[f"urn:pursight:{six}"]


@pytest.mark.parametrize("form", list(Format))
async def test_an_asset_without_lineage_has_a_document_too(shop: GraphSession, form: Format) -> None:
    found = await exported(api(shop), str(SHOP.datasets[4].column_urn("amount")), form.value)
    assert found["completeness"]["complete"] is True
    assert "complete" in found["content"]
