"""A breaking change opens one incident that tells what it reaches; people acknowledge and resolve it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from cypher.catalogue import Query
from cypher.session import GraphSession
from ingest.commands import catalog, classifications, incidents, lineage
from schema.domain.catalog import DiscoveredDataset
from schema.domain.classifications import Sensitivity, Verdict
from schema.domain.identity import Principal, Role, Scope
from schema.domain.lineage import EdgeOrigin
from tests.graph_api.asking import Api, api, nodes
from tests.seed import CLASSIFIERS, Warehouse, edges, know, register, warehouse

CHAIN = warehouse("chain", "", datasets=5, columns=6)
TOP = CHAIN.datasets[0]
INCIDENTS = """query ($f: IncidentFilter, $n: Int, $a: String, $l: Int) { incidents(filter: $f, first: $n, after: $a, last: $l) {
  edges { node { id kind state version run datasetGone complete downstreamCount acknowledgedBy resolvedBy resolution
    dataset { urn } changes(first: 9) { edges { node { kind breaking before { name } after { name } } } }
    affected(first: 9) { edges { node { hops asset { urn } } } } } } pageInfo { hasNextPage endCursor } } }"""
OUTBOX = Query(
    "test.outbox",
    "CYPHER 25 MATCH (o:OutboxEvent {topic: 'incident.opened'}) RETURN o.payload AS payload",
    "read", frozenset(), (), 1000,
)  # fmt: skip
EVENTS = Query(
    "test.events",
    "CYPHER 25 MATCH (e:AuditEvent) WHERE e.action STARTS WITH 'incident.' RETURN e.action AS action ORDER BY e.at",
    "read", frozenset(), (), 1000,
)  # fmt: skip
ACKNOWLEDGE = "mutation ($i: ID!) { incidentAcknowledge(id: $i) { __typename ... on IncidentAcknowledgeSuccess { incident { state acknowledgedBy } } } }"
RESOLVE = "mutation ($i: ID!, $r: String!) { incidentResolve(id: $i, reason: $r) { __typename ... on IncidentResolveSuccess { incident { state resolution } } } }"


def without(dataset: DiscoveredDataset, *names: str) -> DiscoveredDataset:
    return replace(dataset, columns=tuple(c for c in dataset.columns if c.name not in names))


@pytest.fixture
async def chain(graph: GraphSession, admin: Principal) -> GraphSession:
    """Five datasets, each feeding the next column by column."""
    await register(graph, CHAIN)
    await catalog.publish_datasets(graph, admin, CHAIN.datasets, run="r1", by="chain")
    stated = edges(CHAIN, fan=1)
    await lineage.publish_edges(
        graph, admin, stated, origin=EdgeOrigin.SQL, assertion="source:chain", run="r1"
    )
    return graph


async def drop(
    graph: GraphSession, admin: Principal, *names: str, run: str = "r2", of: Warehouse = CHAIN
) -> incidents.Opened:
    await catalog.publish_datasets(graph, admin, [without(of.datasets[0], *names)], run=run, by=of.source)
    return await incidents.open_for_schema_changes(graph, admin, run=run)


async def listed(who: Api, **variables: Any) -> list[dict[str, Any]]:
    return nodes((await who.ask(INCIDENTS, **variables))["incidents"])


async def test_a_breaking_change_opens_an_incident_with_what_it_reaches(
    chain: GraphSession, admin: Principal
) -> None:
    assert await drop(chain, admin, "email") == incidents.Opened(1, 0)
    (found,) = await listed(api(chain))
    assert (found["kind"], found["state"], found["version"], found["run"]) == (
        "BREAKING_SCHEMA_CHANGE", "OPEN", 2, "r2",
    )  # fmt: skip
    assert found["dataset"]["urn"] == str(TOP.urn)
    assert [(c["kind"], c["before"]["name"]) for c in nodes(found["changes"])] == [("REMOVED", "email")]
    reached = [(each["hops"], each["asset"]["urn"]) for each in nodes(found["affected"])]
    assert reached == [(n, str(CHAIN.datasets[n].column_urn("email"))) for n in range(1, 5)]
    assert (found["downstreamCount"], found["complete"]) == (4, True)


async def test_a_run_that_is_repeated_opens_no_second_incident_and_alerts_once(
    chain: GraphSession, admin: Principal
) -> None:
    await drop(chain, admin, "email")
    assert await drop(chain, admin, "email") == incidents.Opened()
    assert await drop(chain, admin, "email", run="r3") == incidents.Opened()
    assert len(await listed(api(chain))) == 1
    assert [row["action"] for row in await chain.rows(EVENTS)] == ["incident.open"]
    (message,) = await chain.rows(OUTBOX)
    payload = json.loads(message["payload"])
    assert (payload["dataset"], payload["downstream_count"], payload["changes"]) == (str(TOP.urn), 4, 1)


async def test_what_breaks_nobody_opens_no_incident(chain: GraphSession, admin: Principal) -> None:
    more = replace(TOP, columns=(*TOP.columns, replace(TOP.columns[1], name="email_2", ordinal=7)))
    await catalog.publish_datasets(chain, admin, [more], run="r2", by="chain")
    assert await incidents.open_for_schema_changes(chain, admin, run="r2") == incidents.Opened()
    assert await listed(api(chain)) == []


async def test_a_dataset_that_went_is_an_incident_of_all_that_it_fed(
    chain: GraphSession, admin: Principal
) -> None:
    await catalog.retire_missing(chain, admin, [str(TOP.urn)], source="chain", run="r2")
    assert await incidents.open_for_schema_changes(chain, admin, run="r2") == incidents.Opened(1, 0)
    (found,) = await listed(api(chain))
    assert found["datasetGone"]
    assert [c["kind"] for c in nodes(found["changes"])] == ["DROPPED"]
    # Four datasets below, in each the four columns that lineage connects.
    assert found["downstreamCount"] == 4 + 4 * 4


async def test_many_changes_at_once_open_as_many_incidents_as_one_can_see_to(
    chain: GraphSession, admin: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(incidents, "MOST_PER_RUN", 2)
    urns = [str(d.urn) for d in CHAIN.datasets]
    await catalog.retire_missing(chain, admin, urns, source="chain", run="r2")
    assert await incidents.open_for_schema_changes(chain, admin, run="r2") == incidents.Opened(2, 3)
    assert {each["dataset"]["urn"] for each in await listed(api(chain))} == set(urns[:2])
    assert await incidents.open_for_schema_changes(chain, admin, run="r2") == incidents.Opened(0, 3)


async def test_an_incident_is_acknowledged_and_resolved_with_a_reason(
    chain: GraphSession, admin: Principal
) -> None:
    await drop(chain, admin, "email")
    ident, who = (await listed(api(chain)))[0]["id"], api(chain, Role.EDITOR)

    assert (await who.ask(ACKNOWLEDGE, i=ident))["incidentAcknowledge"] == {
        "__typename": "IncidentAcknowledgeSuccess",
        "incident": {"state": "ACKNOWLEDGED", "acknowledgedBy": "token:editor"},
    }
    assert (await who.ask(ACKNOWLEDGE, i=ident))["incidentAcknowledge"]["__typename"] == "ConflictError"
    assert (await who.ask(RESOLVE, i=ident, r=" "))["incidentResolve"]["__typename"] == "InvalidInputError"
    assert (await who.ask(RESOLVE, i=ident, r="The report reads address now."))["incidentResolve"][
        "incident"
    ] == {"state": "RESOLVED", "resolution": "The report reads address now."}
    assert (await who.ask(RESOLVE, i=ident, r="Again."))["incidentResolve"]["__typename"] == "ConflictError"
    assert await listed(who, f={"states": ["OPEN", "ACKNOWLEDGED"]}) == []
    assert len(await listed(who, f={"states": ["RESOLVED"], "dataset": str(TOP.urn)})) == 1
    reader = await api(chain, Role.READER).ask(ACKNOWLEDGE, i=ident)
    assert reader["incidentAcknowledge"]["__typename"] == "ForbiddenError"
    actions = [row["action"] for row in await chain.rows(EVENTS)]
    assert actions == ["incident.open", "incident.acknowledge", "incident.resolve"]


async def test_incidents_are_listed_newest_first_in_pages(chain: GraphSession, admin: Principal) -> None:
    await drop(chain, admin, "email")
    await drop(chain, admin, "email", "country", run="r3")
    first = (await api(chain).ask(INCIDENTS, n=1))["incidents"]
    rest = (await api(chain).ask(INCIDENTS, n=1, a=first["pageInfo"]["endCursor"]))["incidents"]
    assert [each["version"] for each in nodes(first) + nodes(rest)] == [3, 2]
    assert [each["version"] for each in await listed(api(chain), l=1)] == [2]


async def test_nothing_hidden_is_named_or_counted(chain: GraphSession, admin: Principal) -> None:
    await know(chain, CLASSIFIERS)
    secret = [str(d.column_urn("email")) for d in CHAIN.datasets[3:]]
    verdict = Verdict("EMAIL", Sensitivity.SENSITIVE, 0.9, "the name is email")
    await classifications.publish_verdicts(chain, admin, [(urn, verdict) for urn in secret], secret, run="r1")
    await drop(chain, admin, "email")
    low = api(chain, Role.EDITOR, Scope(clearance=int(Sensitivity.INTERNAL)))
    (found,) = await listed(low)
    assert (found["downstreamCount"], len(nodes(found["affected"]))) == (2, 2)

    top = str(TOP.column_urn("email"))
    await classifications.publish_verdicts(chain, admin, [(top, verdict)], [top], run="r1")
    assert await listed(low) == []
    ident = (await listed(api(chain)))[0]["id"]
    answer = await low.ask(ACKNOWLEDGE, i=ident)
    assert answer["incidentAcknowledge"]["__typename"] == "NotFoundError"
