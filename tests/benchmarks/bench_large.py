"""Reading a large graph: what the API adds to the database, beside a peer, beside a walk in memory, and as the graph grows.

``make bench-large``, or ``python tests/benchmarks/bench_large.py --folder DIR [--peer FOLDER]``. DIR is a store of large_graph.py,
filled now if it is empty; DIR-0.1 and DIR-3, if they are filled, show growth. Aims are printed beside figures; nothing fails.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import os
import sys
import time
import urllib.request
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))  # for the run as a file

from graph_api.logs import configure
from schema.ids import encode_cursor
from schema.settings import Settings
from tests.benchmarks.bench_api import NEIGHBOURS, PAGE, Client, Measured, in_turns
from tests.benchmarks.large_graph import DATASETS, Manifest, Start
from tests.benchmarks.large_served import Running, body, running
from tests.benchmarks.large_walk import InMemory
from tests.benchmarks.load import CONNECTIONS, Request, generator, load
from tests.benchmarks.peer import served_peer

ROUNDS = 2  # of loads, ours and the peer's in turns
GROWTH = {"10 %": ("-0.1", 0.1), "100 %": ("", 1.0), "300 %": ("-3", 3.0)}

IMPACT = """query($urn: String!) {
    impact(urn: $urn, first: 100) { edges { hops node { id urn name kind } path { urn name } } completeness { complete reason } }
    impactCount(urn: $urn) { total byKind { kind count } bySensitivity { sensitivity count } } }"""
COUNTS = """query($urn: String!) { impactCount(urn: $urn) { total byKind { kind count } bySensitivity { sensitivity count }
    completeness { complete reason } } }"""
PEER_NEIGHBOURS = """query($urn: String!) { assets(where: {urn: {eq: $urn}}) { key name kind
    feedsConnection(first: 20) { edges { node { key urn name kind } properties { origin transformation } } } } }"""
PEER_PAGE = """p%d: assets(where: {kind: {eq: "DATASET"}, urn: {startsWith: "dataset:"}}, sort: [{urn: ASC}], limit: 100, offset: %d) {
    key name feeds(limit: 2) { key name } }"""
URNS = (
    "CYPHER 25 MATCH (a:Asset {kind: 'DATASET'}) WHERE a.urn > '' RETURN a.urn AS urn ORDER BY urn LIMIT 1000"
)
WALK = """CYPHER 25 MATCH (root:Asset {urn: $urn}) MATCH p = (root)-[:FEEDS]->{1,50}(hit)
    WITH root, hit, min(length(p)) AS hops WHERE hit <> root
    RETURN hit.kind AS kind, hit.sensitivity AS sensitivity, count(*) AS assets"""


def line(
    what: str,
    figure: str,
    beside: str = "",
    ratio: float | None = None,
    aim: str = "",
    ok: bool | None = None,
) -> None:
    shown = f"{ratio:.2f} x" if ratio is not None else ""
    verdict = "" if ok is None else "reached" if ok else "MISSED"
    print(f"  {what:26s} {figure:>12s}   {beside:44s} {shown:>9s}   {aim:24s} {verdict}", flush=True)


async def selections(of: Running, peer: Path, seconds: float) -> None:
    """Nested neighbours: beside the same Cypher by the raw driver, and beside the peer on the same database."""
    urns = ["", *[record["urn"] for record in await of.raw(URNS)][99:-1:100]]
    pages = "{ " + " ".join(PAGE % (n, encode_cursor("assets", (urn,))) for n, urn in enumerate(urns)) + " }"
    peer_pages = "{ " + " ".join(PEER_PAGE % (n, n * 100) for n in range(10)) + " }"
    one = {"urn": of.manifest.starts["neighbours"].urn}
    address = (of.address.uri, of.address.user, of.address.password)
    with served_peer(peer, address) as peer_port:
        for name, ours, theirs, variables in (
            ("one asset, 20 neighbours", NEIGHBOURS, PEER_NEIGHBOURS, one),
            ("1,000 assets, 2 neighbours each", pages, peer_pages, {}),
        ):
            print(name)
            measured = Measured(of.driver, Client(of.port, of.token), of.graph, {})
            raw, _ = await measured.replay(ours, variables)
            driver_ms, api_ms = await in_turns(raw, await of.asking(ours, variables), seconds=2 * seconds)
            ratio = api_ms / driver_ms
            line(
                "p50 over HTTP",
                f"{api_ms:.1f} ms",
                f"raw driver {driver_ms:.1f} ms",
                ratio,
                "<= 1.5 x",
                ratio <= 1.5,
            )
            _beside_peer(of, peer_port, ours, theirs, variables, seconds)


def _beside_peer(
    of: Running, peer_port: int | str, ours: str, theirs: str, variables: dict[str, str], seconds: float
) -> None:
    mine = Request(of.port, "/graphql", body(ours, variables), of.token)
    what = f"{CONNECTIONS} connections"
    if isinstance(peer_port, str):
        line(what, f"{load(mine, seconds).rate:,.1f}/s", f"peer skipped: {peer_port}")
        return
    other = Request(peer_port, "/", body(theirs, variables))
    named = [_names(request) for request in (mine, other)]
    start = time.perf_counter()
    _names(other)
    # Some dozens of answers of the slower one, within reason.
    seconds = max(seconds, min(30, 4 * CONNECTIONS * (time.perf_counter() - start)))
    if named[0] != named[1]:
        print(f"  (ours names {named[0]:,} things, the peer {named[1]:,})")
    for request in (mine, other):
        load(request, seconds / 2)  # to open what it keeps open
    done = [(load(mine, seconds), load(other, seconds)) for _ in range(ROUNDS)]
    rate, peers = (sum(each[side].rate for each in done) / ROUNDS for side in (0, 1))
    ratio = rate / peers if peers else math.inf
    line(what, f"{rate:,.1f}/s", f"peer {peers:,.1f}/s", ratio, ">= 2 x", ratio >= 2)
    for side, who in enumerate(("ours", "of the peer")):
        if failed := sum(each[side].failed for each in done):
            print(f"  ({failed:,} answers {who} were errors)")


def _names(request: Request) -> int:
    """How many things the answer names; raise ``AssertionError`` where it is an error."""
    sent = urllib.request.Request(
        f"http://127.0.0.1:{request.port}{request.path}", request.body, request.headers
    )
    with urllib.request.urlopen(sent, timeout=120) as answer:
        found: bytes = answer.read()
    assert b'"errors"' not in found, found[:500]
    return found.count(b'"name"')


async def impact(of: Running, seconds: float) -> None:
    """Walks that reach much: beside the walk in Cypher, and beside the walk over the same edges in this process."""
    start = time.perf_counter()
    memory = await InMemory.load(of.driver)
    print(
        f"(the walk in memory: {memory.edges:,} distinct edges loaded in {time.perf_counter() - start:.1f} s)"
    )
    for name, document, aim_ms, times in (("medium", IMPACT, 100, None), ("large", COUNTS, 150, 5.0)):
        begin = of.manifest.starts[name]
        variables = {"urn": begin.urn}
        what = "first 100 with paths, counts" if document is IMPACT else "counts"
        print(f"impact, {begin.reaches:,} reached: {what}")
        over_http = await of.asking(document, variables)
        _tell(await over_http(), begin.reaches)
        in_memory, walked = await memory.walk(begin.urn)
        assert walked == begin.reaches, f"the walk in memory reaches {walked:,}"
        in_cypher = partial(of.raw, WALK, urn=begin.urn)
        api_ms, cypher_ms, memory_ms = await in_turns(over_http, in_cypher, in_memory, seconds=2 * seconds)
        line("p50 over HTTP", f"{api_ms:.0f} ms", aim=f"< {aim_ms} ms", ok=api_ms < aim_ms)
        line("", "", f"walk in Cypher, counts alone {cypher_ms:.0f} ms", api_ms / cypher_ms)
        ratio, beside = api_ms / memory_ms, f"walk in memory {memory_ms:.1f} ms"
        line("", "", beside, ratio, f"<= {times:.0f} x" if times else "", ratio <= times if times else None)


def _tell(answer: Any, reaches: int) -> None:
    data = answer["data"]
    total = data["impactCount"]["total"]
    lacks = data.get("impact", data["impactCount"])["completeness"]["reason"]
    if total != reaches:
        print(f"  (the answer counts {total:,})")
    if lacks and lacks != "LIMIT":  # that is the page's
        print(f"  (the answer calls itself incomplete: {lacks})")


async def growing(of: Running, seconds: float) -> dict[str, tuple[int, float]]:
    """How many are reached and milliseconds over HTTP, by question."""
    asked = {
        f"{name}, {what}": (document, of.manifest.starts[name])
        for name in ("steady", "medium", "large")
        for what, document in (("page and counts", IMPACT), ("counts", COUNTS))
    }
    asked["one asset, 20 neighbours"] = NEIGHBOURS, Start(of.manifest.starts["neighbours"].urn, 20)
    works = [await of.asking(document, {"urn": start.urn}) for document, start in asked.values()]
    # A server just started is slow for longer than the usual warming up.
    await in_turns(*works, seconds=2 * seconds)
    times = await in_turns(*works, seconds=6 * seconds)
    return {name: (start.reaches, ms) for (name, (_, start)), ms in zip(asked.items(), times, strict=True)}


def table(growth: dict[str, dict[str, tuple[int, float]]]) -> None:
    print("growth: assets reached and p50 over HTTP, at shares of the graph")
    for question in next(iter(growth.values())):
        cells = [
            f"{share:>6s}: {of[question][0]:9,} {of[question][1]:8.1f} ms" for share, of in growth.items()
        ]
        print(f"  {question:26s} {'   '.join(cells)}")


async def run(folder: Path, peer: Path, seconds: float) -> None:
    growth: dict[str, dict[str, tuple[int, float]]] = {}
    for share, (suffix, scale) in sorted(GROWTH.items(), key=lambda item: item[1][0]):
        place = folder.with_name(folder.name + suffix)
        if suffix and (os.environ.get("NEO4J_URI") or Manifest.read(place) is None):
            print(
                f"growth at {share} skipped: `python tests/benchmarks/large_graph.py --folder {place} --scale {scale}` fills it"
            )
            continue
        print(f"the graph at {share}")
        async with running(place, round(DATASETS * scale)) as of:
            counts = of.manifest.counts
            print(
                f"  {counts['DATASET']:,} datasets, {counts['COLUMN']:,} columns, {counts['FEEDS']:,} FEEDS edges"
            )
            if not suffix:
                print(f"  load by {generator()} on {os.cpu_count()} cores\n")
                await selections(of, peer, seconds)
                await impact(of, seconds)
            growth[share] = await growing(of, seconds)
            aim = {} if suffix else {"aim": "< 1024 MiB", "ok": of.memory() < 1024}  # a million columns
            line("memory of the API", f"{of.memory():.0f} MiB", **aim)
    table({share: growth[share] for share in GROWTH if share in growth})


def main(arguments: Sequence[str]) -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--folder", type=Path, required=True, help="of the store at 100 %%")
    options.add_argument(
        "--peer", type=Path, default=Path("peer_graphql"), help="folder of the peer's server.mjs"
    )
    options.add_argument("--seconds", type=float, default=5.0, help="that each load lasts")
    given = options.parse_args(arguments)
    configure(Settings(log_level="ERROR"))
    asyncio.run(run(given.folder.absolute(), given.peer, given.seconds))


if __name__ == "__main__":
    main(sys.argv[1:])
