"""What a reader may not see is for him as if it did not exist: the same answers as from a graph without it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from cypher.session import GraphSession
from ingest.commands import catalog, classifications, lineage
from schema.domain.classifications import VerdictStatus
from schema.domain.identity import Principal, Role, Scope
from schema.ids import node_id
from tests.graph_api.asking import Api, api, nodes
from tests.seed import Warehouse, fill, scan, vectors, warehouse

EAST = warehouse("east", "", datasets=8, columns=10)
WEST = warehouse("west", "hr", datasets=4, columns=10)
ASSET = """
  id urn kind subtype name path platform description sensitivity contentSensitivity domain status stub version rowCount
  source { id name lastRun { runId } } parent { id urn } ancestors { urn }
  children(first: 100, includeStale: true) { edges { cursor node { urn ordinal } } pageInfo { hasNextPage endCursor } }
  columns(first: 3) { edges { cursor node { urn } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }
  tags { id name } owners { name }
  classifications { status confidence classification { name } }
  classificationHistory(first: 20) { edges { cursor node { recordedAt verdict { status } } } }
  references(first: 100) { edges { cursor node { from { urn } to { urn } } } }
  referencedBy(first: 100) { edges { node { from { urn } to { urn } } } }
  feeds(includeIndirect: true) { edges { cursor node { asset { urn } assertions { transformation origin job { urn } } } } }
  fedBy(includeIndirect: true, last: 2) { edges { node { asset { urn } assertions { indirect job { urn } } } } pageInfo { hasPreviousPage } }
"""
PAGE = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"
HITS = f"""
  totalCount totalCountIsBounded vectorsReady note timedOut
  edges {{ cursor score node {{ urn }} reasons {{ kind field snippet rank }} }} {PAGE}
  facets {{ kind values {{ value count }} }}
"""
WALK = "complete reason limit cursor"
OPERATIONS: list[tuple[str, dict[str, Any]]] = [
    (
        f"query ($f: AssetFilter) {{ assets(first: 100, filter: $f) {{ totalCount edges {{ cursor node {{ urn }} }} {PAGE} }} }}",
        {"f": f},
    )
    for f in (
        None,
        {"kinds": ["COLUMN"]},
        {"kinds": ["DATASET", "JOB", "SOURCE"], "includeStale": True},
        {"source": "east"},
        {"source": "west", "kinds": ["DATASET"]},
        {"tag": "gold"},
        {"tag": "secret project"},
        {"classification": "EMAIL"},
        {"classification": "SSN"},
        {"owner": "ada@example.com"},
        {"namePrefix": "cust"},
        {"nameContains": "ssn"},
        {"domain": "hr"},
        {"sensitivityAtLeast": "CONFIDENTIAL"},
        {"sensitivityAtMost": "INTERNAL"},
        {"stub": True},
        {"status": "STALE"},
    )
]
OPERATIONS += [
    (f"query ($q: String!, $m: SearchMode!, $f: AssetFilter) {{ search(query: $q, mode: $m, filter: $f, first: 100) {{ {HITS} }} }}",
     {"q": text, "m": mode, "f": narrowed})
    for mode in ("HYBRID", "FULLTEXT", "SEMANTIC", "EXACT")
    for text, narrowed in (("customer", None), ("ssn", None), ("emial country", {"kinds": ["COLUMN"]}), ("shop layer1", {"tag": "gold"}))
]  # fmt: skip
OPERATIONS += [
    ("query ($p: String!) { suggest(prefix: $p, first: 20) { name kinds assetCount } }", {"p": text})
    for text in ("s", "cust", "email", "load", "w")
]
OPERATIONS += [
    (f"{{ tags(first: 100) {{ edges {{ cursor node {{ assetCount id name }} }} {PAGE} }} }}", {}),
    (f"{{ classifications(first: 100) {{ edges {{ cursor node {{ name assetCount }} }} {PAGE} }} }}", {}),
    (f"{{ sources(first: 100) {{ edges {{ cursor node {{ id name config check {{ ok }} lastRun {{ runId }} }} }} {PAGE} }} }}", {}),
    ('{ source(name: "west") { name } hidden: source(name: "nobody") { name } }', {}),
    (f"{{ runs(first: 20) {{ edges {{ cursor node {{ runId state problemCount source {{ name }} problems {{ edges {{ node {{ code subject }} }} }} }} }} {PAGE} }} }}", {}),
    ('{ runs(filter: {source: "west"}) { edges { node { runId } } } }', {}),
    (f"{{ reviewQueue(first: 100) {{ edges {{ cursor node {{ urn score downstream sensitivityIfRejected verdict {{ reason }} }} }} {PAGE} }} }}", {}),
    ('{ east: reviewQueue(filter: {source: "east", classification: "SSN"}) { edges { node { urn } } } owned: reviewQueue(filter: {owner: "ada@example.com"}) { edges { node { urn } } } }', {}),
    (f'{{ classificationChanges(since: "2000-01-01T00:00:00Z", first: 100) {{ edges {{ cursor node {{ urn kind before by }} }} {PAGE} }} }}', {}),
    ("{ classifierQuality(by: [CLASSIFICATION, SOURCE]) { edges { node { classification source confirmed rejected added } } } thresholdProposals { edges { node { classification decided } } } }", {}),
]  # fmt: skip
FIGURES = """
  sourceDescription dataType properties lineageProblem renamedFrom { urn } renamedTo { urn }
  profile { rows distinct minimum maximum quantiles shapes { shape } } tableProfile { rows }
  usage { users joins(first: 20) { edges { node { column { urn } with { urn } queries } } } }
  schemaVersions(first: 5) { edges { node { number columnCount changeCount columns(first: 50) { edges { node { name } } } } } }
  schemaBlame(first: 50) { edges { node { column { name } } } }
  dataTests(first: 20) { summary { passing failing } edges { node { urn status subjects { urn } } } }
"""
PER_ASSET = [
    f"query ($u: String!) {{ assetByUrn(urn: $u) {{ {ASSET} }} }}",
    f"query ($u: String!) {{ lineage(urn: $u, includeIndirect: true, maxHops: 4) {{ nodes {{ urn level asset {{ name }} }} edges {{ upstream downstream assertions {{ transformation job {{ urn }} }} }} completeness {{ {WALK} }} }} }}",
    f"query ($u: String!) {{ lineage(urn: $u, columns: true, includeIndirect: true, maxHops: 1) {{ nodes {{ urn group moreUpstream moreDownstream place {{ layer order x y height }} }} edges {{ id }} groups {{ key label parent place {{ x }} }} completeness {{ {WALK} }} }} }}",
    f"query ($u: String!) {{ lineageExport(urn: $u, format: SVG, columns: true, maxHops: 2) {{ fileName content completeness {{ {WALK} }} }} }}",
    f"query ($u: String!) {{ lineage(urn: $u, first: 3) {{ nodes {{ urn }} edges {{ upstream downstream }} completeness {{ {WALK} }} }} }}",
    f"query ($u: String!) {{ impact(urn: $u, includeIndirect: true, first: 50) {{ edges {{ cursor hops node {{ urn }} path {{ urn name }} }} {PAGE} completeness {{ {WALK} }} }} }}",
    f"query ($u: String!) {{ impact(urn: $u, direction: UPSTREAM, maxHops: 2, first: 2) {{ edges {{ hops node {{ urn }} path {{ urn }} }} {PAGE} completeness {{ {WALK} }} }} }}",
    f"query ($u: String!) {{ datasets: impactGroups(urn: $u, by: DATASET, includeIndirect: true) {{ groups {{ key count nearestHop asset {{ urn }} }} completeness {{ {WALK} }} }} schemas: impactGroups(urn: $u, by: SCHEMA, maxHops: 2) {{ groups {{ key count nearestHop asset {{ urn }} }} completeness {{ {WALK} }} }} domains: impactGroups(urn: $u, by: DOMAIN, direction: UPSTREAM) {{ groups {{ key count }} }} }}",
    f'query ($u: String!) {{ to: lineagePaths(from: $u, to: "{EAST.urn(7)}", includeIndirect: true) {{ paths {{ hops assets {{ urn }} edges {{ upstream downstream assertions {{ job {{ urn }} }} }} }} completeness {{ {WALK} }} }} }}',
    f'query ($u: String!) {{ impact(urn: $u, includeIndirect: true, first: 50, asOf: {{validAt: "2999-01-01T00:00:00"}}) {{ edges {{ hops node {{ urn }} path {{ urn }} }} completeness {{ {WALK} }} }} lineage(urn: $u, maxHops: 2, first: 40, asOf: {{knownAt: "2999-01-01T00:00:00"}}) {{ nodes {{ urn level }} edges {{ upstream downstream }} }} }}',
    "query ($u: String!) { classificationExplanation(urn: $u) { basis verdicts { reason } considered { name given confidence against } } }",
    "query ($u: String!) { assetByUrn(urn: $u) { history(first: 100, includeColumns: true) { edges { cursor node { urn kind validFrom recordedAt attributes { attribute of old new } asset { urn } } } pageInfo { hasNextPage } } } }",
    f'query ($u: String!) {{ assetByUrn(urn: $u, asOf: {{validAt: "2999-01-01T00:00:00"}}) {{ {ASSET} }} }}',
    f"query ($u: String!) {{ impactCount(urn: $u, includeIndirect: true) {{ total byKind {{ kind count }} bySensitivity {{ sensitivity count }} byHop {{ hops count }} byDomain {{ domain count }} bySource {{ source count }} completeness {{ {WALK} }} }} }}",
]  # fmt: skip


async def build(graph: GraphSession, admin: Principal) -> tuple[str, str]:
    """Two warehouses that feed one another; two datasets and many columns above the readers. Their two runs."""
    from schema.domain.lineage import EdgeOrigin, LineageEdge

    for each in (EAST, WEST):
        await fill(graph, admin, each, fan=3)
    across = [
        LineageEdge(EAST.datasets[1].urn, WEST.datasets[0].urn),
        LineageEdge(WEST.datasets[0].urn, EAST.datasets[7].urn),
    ]
    await lineage.publish_edges(graph, admin, across, origin=EdgeOrigin.DBT, assertion="dbt", run="r1")
    await catalog.apply_tag(graph, admin, urns=[EAST.urn(3)], tag="secret project")
    for number in (2, 3):
        email = str(EAST.datasets[number].column_urn("email"))
        await classifications.decide(
            graph, admin, urn=email, classification="EMAIL", status=VerdictStatus.CONFIRMED
        )
    await lineage.publish_problems(graph, admin, {EAST.urn(3): "UNSUPPORTED"}, run="r1")
    await graph.schema_statement(
        f"MATCH (d:Asset) WHERE d.urn IN ['{EAST.urn(3)}', '{EAST.urn(5)}'] MATCH (d)-[:CONTAINS*0..1]->(a) SET a.sensitivity = 4"
    )
    await graph.schema_statement("MATCH (j:Job) WHERE j.name = 'load_2' SET j.sensitivity = 3")
    await catalog.publish_embeddings(
        graph, admin, vectors([str(d.column_urn("ssn")) for d in EAST.datasets]), run="r1"
    )
    await graph.schema_statement(
        "MATCH (a)<-[:CONTAINS]-(d:Dataset)-[:CONTAINS]->(b) WHERE a.name = 'email' AND b.name IN ['ssn', 'country', 'status'] "
        "CREATE (a)-[:JOINED_WITH {source: d.source, day: toString(date()), queries: 3}]->(b) "
        'SET b.profile = \'{"minimum": "1", "maximum": "9", "shapes": [["A+", 4]]}\', b.sampled_rows = 9, b.sampled_nulls = 1'
    )
    first = await scan(graph, admin, "east", problems=[EAST.urn(3), EAST.urn(1), "layer1.x"])
    second = await scan(graph, admin, "west", problems=[WEST.urn(0)])
    await graph.schema_statement("CALL db.awaitIndexes(60)")
    await graph.schema_statement("CALL db.index.fulltext.awaitEventuallyConsistentIndexRefresh()")
    return first, second


async def everything(reader: Api, of: list[Warehouse], runs: tuple[str, str], keys: list[int]) -> list[Any]:
    """Answers to all operations, for every asset of the two warehouses, hidden ones included."""
    found = [await reader.ask(document, **variables) for document, variables in OPERATIONS]
    urns = [str(d.urn) for each in of for d in each.datasets]
    urns += [str(d.column_urn(name)) for each in of for d in each.datasets for name in ("email", "ssn")]
    urns += [str(each.datasets[0].column_urn("country")) for each in of]
    urns += [
        "job:postgres://east:5432~load_2",
        "source:west",
        "schema:postgres://east:5432~shop.layer3",
        "source:east",
    ]
    for urn in urns:
        found += await asyncio.gather(*(reader.ask(document, u=urn) for document in PER_ASSET))
    for urn in (*urns[1:6], urns[8], urns[12]):
        found.append(
            await reader.ask(f"query ($u: String!) {{ assetByUrn(urn: $u) {{ {FIGURES} }} }}", u=urn)
        )
    for run in runs:
        found.append(await reader.ask("query ($r: String!) { run(id: $r) { state } }", r=run))
    for start in range(0, len(keys), 100):
        ids = [node_id("Asset", key) for key in keys[start : start + 100]]
        found.append(await reader.ask("query ($i: [ID!]!) { nodes(ids: $i) { id __typename } }", i=ids))
    return found


@pytest.mark.parametrize(
    "scope",
    [Scope(2), Scope(0), Scope(4, ("",)), Scope(3, ("hr",)), Scope(1, ())],
    ids=["clearance 2", "clearance 0", "no domain only", "domain hr", "no domain at all"],
)
async def test_every_answer_is_that_of_a_graph_without_what_is_hidden(
    graph: GraphSession, admin: Principal, scope: Scope
) -> None:
    runs = await build(graph, admin)
    from cypher.catalogue import Query

    all_keys = Query(
        "test.keys",
        "CYPHER 25 MATCH (a:Asset) RETURN a.key AS key ORDER BY key",
        "read",
        frozenset(),
        ("key",),
        1,
    )
    keys = [row["key"] for row in await graph.rows(all_keys)]
    reader = replace(api(graph, Role.READER, scope), past_hidden=False)
    restricted = await everything(reader, [EAST, WEST], runs, keys)

    domains = "true" if scope.domains is None else f"a.domain IN {list(scope.domains)!r}"
    await graph.schema_statement(
        f"MATCH (a:Asset) WHERE NOT (a.sensitivity <= {scope.clearance} AND {domains}) DETACH DELETE a"
    )
    without = await everything(reader, [EAST, WEST], runs, keys)

    assert len(restricted) == len(without)
    for here, there in zip(restricted, without, strict=True):
        assert _one_path(here) == _one_path(there)


def _one_path(answer: Any) -> Any:
    """Of several shortest paths either may be shown: its ends and its length are compared."""
    if isinstance(answer, list):
        return [_one_path(each) for each in answer]
    if not isinstance(answer, dict):
        return answer
    found = {name: _one_path(value) for name, value in answer.items()}
    if "hops" in found and "path" in found:
        steps = found["path"]
        found["path"] = (steps[0], steps[-1], len(steps))
        assert len(steps) == found["hops"] + 1
    return found


async def test_the_oracle_hides_something_from_each_reader(graph: GraphSession, admin: Principal) -> None:
    """Without this the test above could hold on a graph where nothing is hidden."""
    await build(graph, admin)
    document = "{ assets(first: 100, filter: {includeStale: true}) { totalCount edges { node { urn } } } }"
    whole = await api(graph).ask(document)

    for scope in (Scope(2), Scope(0), Scope(4, ("",)), Scope(3, ("hr",))):
        seen = await api(graph, Role.READER, scope).ask(document)
        assert 0 < seen["assets"]["totalCount"] < whole["assets"]["totalCount"]


async def test_an_administrator_without_clearance_finds_no_hidden_urn_in_the_audit_trail(
    graph: GraphSession, admin: Principal
) -> None:
    await build(graph, admin)
    document = "{ auditEvents(first: 100) { edges { node { subjects } } } }"
    whole = await api(graph).ask(document)
    seen = await api(graph, Role.ADMIN, Scope(2)).ask(document)

    assert EAST.urn(3) in {s for event in nodes(whole["auditEvents"]) for s in event["subjects"]}
    assert EAST.urn(3) not in {s for event in nodes(seen["auditEvents"]) for s in event["subjects"]}
    assert EAST.urn(1) in {s for event in nodes(seen["auditEvents"]) for s in event["subjects"]}
    by_subject = "query ($s: String) { auditEvents(filter: {subject: $s}) { edges { node { eventId } } } }"
    assert nodes((await api(graph, Role.ADMIN, Scope(2)).ask(by_subject, s=EAST.urn(3)))["auditEvents"]) == []


async def test_a_hidden_asset_cannot_be_changed_and_the_refusal_is_that_for_an_unknown_one(
    graph: GraphSession, admin: Principal
) -> None:
    await build(graph, admin)
    steward = api(graph, Role.STEWARD, Scope(2))
    changes = [
        "mutation ($u: String!) { assetDescribe(urn: $u, description: \"x\") { __typename ... on UserError { code message path } } }",
        "mutation ($u: String!) { tagApply(urns: [$u], tag: \"x\") { __typename ... on UserError { code message path } } }",
        "mutation ($u: String!) { tagRemove(urns: [$u], tag: \"gold\") { __typename ... on UserError { code message path } } }",
        "mutation ($u: String!) { classificationConfirm(urn: $u, classification: \"EMAIL\") { __typename ... on UserError { code message path } } }",
        f"mutation ($u: String!) {{ lineageLink(upstream: $u, downstream: \"{EAST.urn(1)}\") {{ __typename ... on UserError {{ code message path }} }} }}",
        f"mutation ($u: String!) {{ lineageUnlink(upstream: \"{EAST.urn(1)}\", downstream: $u) {{ __typename ... on UserError {{ code message path }} }} }}",
    ]  # fmt: skip
    for change in changes:
        hidden = await steward.ask(change, u=EAST.urn(3))
        unknown = await steward.ask(change, u=EAST.urn(3) + "x")
        assert hidden == unknown
        assert next(iter(hidden.values()))["__typename"] == "NotFoundError"
