"""A scan is taken back: what is current is what it was before, people's work stays, and the next scan brings all back."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cypher.audit import reads as audit
from cypher.catalog import reads as catalog_reads
from cypher.session import GraphSession
from cypher.undo import reads
from ingest.commands import catalog, classifications, scans, undo
from ingest.commands.undo import undo_run
from ingest.worker import ArqQueue
from schema.domain.catalog import DiscoveredColumn, DiscoveredDataset, ForeignKey
from schema.domain.classifications import VerdictStatus
from schema.domain.identity import EVERYTHING, Principal, Role, Scope
from schema.domain.platforms import dataset_urn
from schema.domain.time import AsOf
from schema.domain.undo import Action, Aspect, Change, Outcome, Reason, plan
from schema.errors import Conflict, Forbidden, GraphUnavailable, NotFound
from schema.settings import Settings
from tests.graph_api.asking import api, nodes
from tests.ingest.test_scan import query, registered, shop, work

__all__ = ["shop"]  # a fixture
CURRENT = query(
    "MATCH (a:Asset) WHERE a.kind <> 'SOURCE' AND a.status = 'ACTIVE' "
    "RETURN a {.urn, .kind, .path, .name, .name_lower, .subtype, .data_type, .nullable, .ordinal, .primary_key, .comment, "
    ".definition, .domain, .stub, .sensitivity, .own_sensitivity} AS it ORDER BY a.urn"
)
EDGES = query(
    "MATCH (u:Asset)-[e:FEEDS|INFLUENCES]->(d:Asset) WHERE u.status = 'ACTIVE' AND d.status = 'ACTIVE' "
    "RETURN [type(e), u.urn, d.urn, e.assertion, e.job, e.origin, e.transformation] AS it ORDER BY it"
)
VERDICTS = query(
    "MATCH (a:Asset {status: 'ACTIVE'})-[v:CLASSIFIED_AS]->(c:Classification) "
    "RETURN [a.urn, c.name, v.status, v.origin, v.reason, toString(v.confidence)] AS it ORDER BY it"
)
KEYS = query("MATCH (a:Asset)-[r:REFERENCES]->(b:Asset) RETURN [a.urn, b.urn] AS it ORDER BY it")
EVERYTHING_STORED = query(
    "MATCH (n) CALL (n) { OPTIONAL MATCH (n)-[r]->(m) RETURN collect([type(r), properties(r), elementId(m)]) AS out } "
    "RETURN [labels(n), properties(n), out] AS it ORDER BY elementId(n)"
)
URN = query("MATCH (a:Asset {path: $path}) RETURN a.urn AS urn, a.status AS status", "path")


async def current(graph: GraphSession) -> str:
    parts = [[row["it"] for row in await graph.rows(each)] for each in (CURRENT, EDGES, VERDICTS, KEYS)]
    return json.dumps(parts, indent=1, sort_keys=True)


async def stored(graph: GraphSession) -> str:
    return json.dumps([row["it"] for row in await graph.rows(EVERYTHING_STORED)], default=str)


async def urn_of(graph: GraphSession, path: str) -> str:
    row = await graph.one(URN, path=path)
    assert row is not None, path
    return str(row["urn"])


def edit(shop: Path) -> None:
    """Tables, columns, keys and views come, go and change; so does what a column holds."""
    with sqlite3.connect(shop) as db:
        db.executescript(
            """
            DROP VIEW Revenue;
            CREATE VIEW Revenue AS SELECT c.note AS who, count(*) AS orders FROM Customer c GROUP BY c.note;
            CREATE VIEW Ids AS SELECT id FROM Orders;
            ALTER TABLE Customer ADD COLUMN phone TEXT;
            ALTER TABLE Orders DROP COLUMN total;
            CREATE TABLE Payment (id INTEGER PRIMARY KEY, customer INTEGER REFERENCES Customer(id), iban TEXT);
            DROP TABLE Obsolete;
            UPDATE Customer SET email = 'none', note = 'p' || id || '@example.org';
            """
        )


@pytest.fixture
def market(shop: Path) -> Path:
    with sqlite3.connect(shop) as db:
        db.execute("CREATE TABLE Obsolete (id INTEGER PRIMARY KEY, first_name TEXT)")
    return shop


async def test_an_undone_scan_leaves_what_was_before_it_and_the_next_one_brings_it_back(
    graph: GraphSession, admin: Principal, redis_url: str, config: Settings, market: Path
) -> None:
    await registered(graph, admin, config, market)
    await scanned(graph, admin, redis_url, config)
    first = await current(graph)
    edit(market)
    run = await scanned(graph, admin, redis_url, config)
    second = await current(graph)
    assert second != first
    before = await stored(graph)

    dry = await undo_run(graph, admin, run=run, dry_run=True)
    assert await stored(graph) == before
    done = await undo_run(graph, admin, run=run, dry_run=False, reason="a mistake")

    assert await current(graph) == first
    assert done.tally.counts == dry.tally.counts
    assert not dry.tally.conflicts
    again = [plan async for plan in left(graph, run)]
    assert not [each for each in again if each.outcome is Outcome.UNDO]
    with pytest.raises(Conflict, match="was undone"):
        await undo_run(graph, admin, run=run, dry_run=False)
    (event,) = await audit.events(graph, first=5, action="scan.undo")
    assert (event["actor"], event["reason"]) == ("person:ada", "a mistake")

    await scanned(graph, admin, redis_url, config)
    assert await current(graph) == second


async def test_a_foreign_key_that_the_source_dropped_is_gone_and_an_undo_brings_it_back(
    graph: GraphSession, admin: Principal, redis_url: str, config: Settings, market: Path
) -> None:
    """It stayed in the graph, and people joined by what was no key any more."""
    await registered(graph, admin, config, market, sample_rows=0, classify=False, profile=False)
    await scanned(graph, admin, redis_url, config)
    first = await keys(graph)
    assert len(first) == 1
    with sqlite3.connect(market) as db:
        db.executescript(
            "DROP TABLE Orders; CREATE TABLE Orders (id INTEGER PRIMARY KEY, customer_id INTEGER, total NUMERIC);"
        )
    run = await scanned(graph, admin, redis_url, config)
    assert await keys(graph) == []
    (event, _) = await audit.events(graph, first=5, action="catalog.publish_references")
    assert json.loads(event["details"])["closed_references"] == 1

    found = [each for each in await taken(graph, run, Aspect.REFERENCE) if each.action is Action.CLOSED]
    assert [(each.urn, each.outcome) for each in found] == [(first[0][0], Outcome.UNDO)]
    await undo_run(graph, admin, run=run, dry_run=False)
    assert await keys(graph) == first
    assert [each.outcome for each in await taken(graph, run, Aspect.REFERENCE)] == [Outcome.NOTHING]


async def keys(graph: GraphSession) -> list[list[str]]:
    return [row["it"] for row in await graph.rows(KEYS)]


async def taken(graph: GraphSession, run: str, aspect: Aspect) -> list[Change]:
    rows = await reads.changes(graph, aspect, run, EVERYTHING, key=None, first=100)
    return [plan(aspect, run, row) for row in rows]


async def test_who_enriches_the_table_of_another_source_closes_no_foreign_key_of_it(
    graph: GraphSession, admin: Principal
) -> None:
    namespace = "sqlite:///shop"
    parent, child = (
        DiscoveredDataset(
            dataset_urn(namespace, ("main", name)),
            ("main", name),
            columns=(DiscoveredColumn("id", "int", ordinal=1),),
        )
        for name in ("parent", "child")
    )
    child = replace(child, foreign_keys=(ForeignKey(("id",), parent.urn, ("id",)),))
    await catalog.publish_datasets(graph, admin, [parent, child], run="r1", by=namespace)
    assert len(await keys(graph)) == 1

    without = replace(child, foreign_keys=())
    await catalog.publish_datasets(graph, admin, [without], run="r2", by="models")
    await catalog.publish_datasets(graph, admin, [replace(without, keys_known=False)], run="r3", by=namespace)
    assert len(await keys(graph)) == 1
    await catalog.publish_datasets(graph, admin, [without], run="r4", by=namespace)
    assert await keys(graph) == []


async def left(graph: GraphSession, run: str) -> AsyncIterator[Change]:
    for aspect in Aspect:
        for row in await reads.changes(graph, aspect, run, EVERYTHING, key=None, first=1_000):
            yield plan(aspect, run, row)


STATE = query("MATCH (r:Run {id: $id}) RETURN r.state AS state", "id")


async def scanned(graph: GraphSession, admin: Principal, redis_url: str, config: Settings) -> str:
    """The id of a scan that is over; a worker that finds the source busy for a moment ends, and another one goes on."""
    run = await scans.request(graph, admin, source="shop")
    for _ in range(10):
        queue = ArqQueue(redis_url)
        await queue.signal()
        await queue.close()
        await work(graph, redis_url, config)
        row = await graph.one(STATE, id=run)
        if row and row["state"] == "SUCCEEDED":
            return run
    raise AssertionError(row)


async def test_undoing_the_only_scan_leaves_nothing_and_the_next_one_brings_all_of_it(
    graph: GraphSession, admin: Principal, redis_url: str, config: Settings, market: Path
) -> None:
    await registered(graph, admin, config, market)
    run = await scanned(graph, admin, redis_url, config)
    first, at = await current(graph), datetime.now(UTC)

    dry = await undo_run(graph, admin, run=run, dry_run=True)
    await undo_run(graph, admin, run=run, dry_run=False)

    assert json.loads(await current(graph)) == [[], [], [], []]
    assert not dry.tally.conflicts
    urn = await urn_of(graph, "main.Customer.email")
    past = await catalog_reads.by_urns(graph, [urn], EVERYTHING, as_of=AsOf(at, at))
    assert past[urn]["status"] == "ACTIVE"
    await scanned(graph, admin, redis_url, config)
    assert await current(graph) == first


async def test_what_people_did_since_stays_and_is_listed_to_those_who_may_see_it(
    graph: GraphSession, admin: Principal, redis_url: str, config: Settings, market: Path
) -> None:
    await registered(graph, admin, config, market)
    await scanned(graph, admin, redis_url, config)
    edit(market)
    run = await scanned(graph, admin, redis_url, config)
    phone, payment = await urn_of(graph, "main.Customer.phone"), await urn_of(graph, "main.Payment")
    note, iban = await urn_of(graph, "main.Customer.note"), await urn_of(graph, "main.Payment.iban")
    await catalog.describe(graph, admin, urn=phone, description="With its country code")
    await catalog.apply_tag(graph, admin, urns=[payment], tag="gold")
    await classifications.decide(
        graph, admin, urn=note, classification="EMAIL", status=VerdictStatus.CONFIRMED
    )

    low = Principal("person:low", "Low", Role.OPERATOR, Scope(0))
    dry = await undo_run(graph, admin, run=run, dry_run=True)
    hidden = await undo_run(graph, low, run=run, dry_run=True)
    shown = await api(graph).ask(CHANGES, r=run)
    less = await api(graph, Role.READER, Scope(0)).ask(CHANGES, r=run)
    with pytest.raises(Forbidden):
        await undo_run(graph, Principal("p", "P", Role.READER, EVERYTHING), run=run, dry_run=True)
    with pytest.raises(NotFound):
        await undo_run(graph, admin, run="none", dry_run=True)
    answer = (await api(graph, Role.ADMIN).ask(UNDO, r=run))["scanUndo"]

    found = {(each.urn, each.name): each.reason for each in dry.tally.conflicts}
    assert found[phone, None] is found[payment, None] is found[note, "EMAIL"] is Reason.PERSON
    assert answer["__typename"] == "ScanUndoSuccess", answer
    assert {each["asset"]["urn"] for each in answer["conflicts"]} == {
        each.urn for each in dry.tally.conflicts
    }
    assert answer["run"]["undo"]["state"] == "UNDONE"
    statuses = {path: (await graph.one(URN, path=path) or {})["status"] for path in STAY}
    assert statuses == dict.fromkeys(STAY, "ACTIVE")
    verdicts = [row["it"] for row in await graph.rows(VERDICTS)]
    assert [note, "EMAIL", "CONFIRMED"] in [each[:3] for each in verdicts]

    told = {each.urn for each in hidden.tally.conflicts}
    assert note not in told
    assert sum(hidden.tally.counts.values()) < sum(dry.tally.counts.values())
    listed = [[each["asset"]["urn"] for each in nodes(seen["run"]["verdicts"])] for seen in (shown, less)]
    assert note in listed[0]
    # Whose verdict was withdrawn is public now, and so is that it was.
    email = await urn_of(graph, "main.Customer.email")
    assert listed[1] == [email]
    counts = [
        {each["aspect"]: each["count"] for each in seen["run"]["changeCounts"]} for seen in (shown, less)
    ]
    assert counts[0]["VERDICT"] == len(listed[0])
    assert counts[1]["VERDICT"] == 1
    assert iban not in {each["asset"]["urn"] for each in nodes(less["run"]["assets"])}
    assert shown["run"]["recipe"]["rulesVersion"]


STAY = ("main.Customer.phone", "main.Payment", "main.Payment.iban")
FIELDS = "edges { node { action outcome reason name attributes { attribute old new } asset { urn } } }"
CHANGES = (
    "query ($r: String!) { run(id: $r) { changeCounts { aspect count } recipe { rulesVersion workflowDigest options } "
    f"assets: changes(aspect: ASSET, first: 100) {{ {FIELDS} }} verdicts: changes(aspect: VERDICT, last: 100) {{ {FIELDS} }} }} }}"
)
UNDO = (
    "mutation ($r: String!) { scanUndo(run: $r, dryRun: false) { __typename ... on ScanUndoSuccess { dryRun run { undo { state by } } "
    "counts { aspect outcome count } conflicts { reason asset { urn } } } ... on UserError { message } } }"
)


async def test_a_large_run_is_taken_back_in_batches_and_goes_on_where_it_stopped(
    graph: GraphSession,
    admin: Principal,
    redis_url: str,
    config: Settings,
    market: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await registered(graph, admin, config, market)
    await scanned(graph, admin, redis_url, config)
    first = await current(graph)
    edit(market)
    run = await scanned(graph, admin, redis_url, config)
    finish = undo._finish

    async def lost(*_: object) -> None:
        raise GraphUnavailable("The server went away.")

    monkeypatch.setattr(undo, "_finish", lost)
    with pytest.raises(GraphUnavailable):
        await undo_run(graph, admin, run=run, dry_run=False, batch=3)
    with pytest.raises(Conflict, match="not finished"):
        await scans.request(graph, admin, source="shop")
    monkeypatch.setattr(undo, "_finish", finish)
    await undo_run(graph, admin, run=run, dry_run=False, batch=3)

    assert await current(graph) == first
    assert len(await audit.events(graph, first=100, action="scan.undo_batch")) > 5
    await scanned(graph, admin, redis_url, config)
