"""The API beside the workers while faults strike: a client asks it all the time and notes each answer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from statistics import median

import httpx

from ingest.commands.identity import create_token
from schema.domain.identity import EVERYTHING, Role
from tests.benchmarks.bench_api import served
from tests.conftest import Neo4jAddress
from tests.faults.checker import Row
from tests.faults.history import History
from tests.faults.world import ADMIN, Scan, environment

REFUSED_S, BACK_S = 3.0, 2.0
_ASKED = {"query": "{ sources(first: 3) { edges { node { name } } } }"}
_EVERY_S = 0.1


@dataclass(frozen=True, slots=True)
class Answer:
    """``status`` 0 where the connection broke; ``whole`` without errors; ``later`` where it says when to ask again."""

    at_ms: int
    status: int
    whole: bool
    later: bool
    took_ms: int


@asynccontextmanager
async def asked(scan: Scan) -> AsyncIterator[None]:
    """The product's API on the world's servers, asked ten times a second."""
    world = scan.world
    _, token = await create_token(world.graph, ADMIN, name="faults", role=Role.READER, scope=EVERYTHING)
    address = Neo4jAddress(world.neo4j.uri, world.neo4j.user, world.neo4j.password, world.neo4j.database)
    with served(address, world.redis.url, **environment(world), PURSIGHT_LOG_LEVEL="CRITICAL") as port:
        asking = asyncio.create_task(_ask(port, token, scan.history))
        try:
            yield
        finally:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)


async def _ask(port: int, token: str, history: History) -> None:
    headers = {"authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=30) as client:
        while True:
            begun = time.monotonic()
            try:
                answer = await client.post("/graphql", json=_ASKED)
                whole = answer.status_code == 200 and "errors" not in answer.json()
                told = [answer.status_code, whole, "retry-after" in answer.headers]
            except httpx.HTTPError:
                told = [0, False, False]
            history.note("api", "answer", [*told, round((time.monotonic() - begun) * 1_000)])
            await asyncio.sleep(_EVERY_S)


def answers(history: History) -> list[Answer]:
    return [Answer(event.at_ms, *event.value) for event in history.of("answer")]


def unaffected(name: str, history: History) -> Row:
    """Every answer was whole."""
    found = answers(history)
    broken = [str(each) for each in found if not each.whole]
    longest = max((each.took_ms for each in found), default=0)
    told = f"{len(found)} answers, {len(broken)} not whole, longest after {longest} ms"
    return Row(name, "every read of the API is answered", told, bool(found) and not broken, broken)


def refused_and_back(name: str, history: History) -> list[Row]:
    """While the graph is away the API says at once when to ask again; when it is back, so is the API."""
    found = answers(history)
    refused = [each for each in found if not each.whole]
    wrong = [str(each) for each in refused if each.status != 503 or not each.later]
    longest = max((each.took_ms for each in refused), default=0) / 1_000
    told = f"{len(found)} answers, {len(refused)} refused, {len(wrong)} of them otherwise"
    rows = [Row(name, "refused by 503 with Retry-After", told, bool(refused) and not wrong, wrong)]
    told = f"longest after {longest:.1f} s"
    rows.append(Row(name, f"refused <= {REFUSED_S:g} s", told, longest <= REFUSED_S, timed=True))
    back = [
        min(
            (each.at_ms - event.at_ms for each in found if each.whole and each.at_ms >= event.at_ms),
            default=10**6,
        )
        for event in history.of("answers")
    ]
    longest = max(back, default=10**6) / 1_000
    told = f"{len(back)} times, median {median(back) / 1_000:.1f} s, longest after {longest:.1f} s"
    rows.append(
        Row(
            name,
            f"API answers <= {BACK_S:g} s after a bare driver gets an answer",
            told,
            longest <= BACK_S,
            timed=True,
        )
    )
    return rows
