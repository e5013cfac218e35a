"""Keeps one structure at the version of the graph, and answers walks from it where it is; whoever asks falls back to Cypher where not."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import structlog

from cypher.adjacency import reads
from cypher.adjacency.columns import Names, Stretch
from cypher.adjacency.structure import Adjacency, build
from cypher.adjacency.walking import Narrowing, Walked, Walking, answerable
from cypher.catalog.filters import AssetFilter
from cypher.lineage.reads import Hit, Row, Walk
from cypher.session import GraphSession
from schema.domain.identity import Scope
from schema.domain.lineage import CHANGED
from schema.errors import PursightError, QueryTimeout

_log = structlog.get_logger("pursight.adjacency")
_PAGE, _LEAST_PAGE = 5_000, 300
_MOST_TOUCHED = 20_000
_MOST_EVENTS = 5_000
_PAUSE_S = 5.0
T = TypeVar("T")


class Live:
    """The adjacency of a process. ``run`` loads it and must be kept running; until then every answer is None."""

    def __init__(
        self,
        graph: GraphSession,
        *,
        patience_s: float = 0.05,
        loaded: Callable[[int], None] = lambda edges: None,
    ) -> None:
        """``patience_s`` is how long an answer waits for a change to be followed; ``loaded`` is told the number of edges."""
        self._graph, self._patience_s, self._loaded = graph, patience_s, loaded
        self._names = Names()
        self._here: Adjacency | None = None
        self._behind = asyncio.Event()
        self._catching_up: asyncio.Task[None] | None = None

    @property
    def here(self) -> Adjacency | None:
        """The structure at whatever version; None before it is loaded."""
        return self._here

    async def run(self) -> None:
        """Load, and again whenever what changed is too much to follow; until it is cancelled."""
        while True:
            try:
                await self.load()
            except PursightError as error:
                _log.warning("the adjacency cannot be loaded", code=error.code)
                await asyncio.sleep(_PAUSE_S)
                continue
            self._behind.clear()
            await self._behind.wait()

    async def load(self) -> None:
        """Read all of it; changes that come meanwhile are followed afterwards. Raises ``GraphUnavailable``, ``QueryTimeout``."""
        started, heads = time.monotonic(), await reads.heads(self._graph)
        self._here, names, parts, after = None, Names(), [], ""
        first = _PAGE
        while True:
            try:
                row = await reads.page(self._graph, after, first=first)
            except QueryTimeout:  # a cold server reads each page from its disk
                if first <= _LEAST_PAGE:
                    raise
                first //= 2
                continue
            if row["last"] is None:
                break
            parts.append(await asyncio.to_thread(Stretch.of, row, names))
            after = row["last"]
        if parts:
            self._names = names
            here = await asyncio.to_thread(build, parts, names, heads)
            self._here = here
            self._loaded(here.edges)
            _log.info(
                "adjacency loaded",
                assets=len(here.nodes),
                edges=here.edges,
                mib=here.bytes >> 20,
                seconds=round(time.monotonic() - started, 1),
            )

    async def current(self) -> Adjacency | None:
        """The structure, where it is at the graph's present version or gets there at once."""
        if self._here is None:
            self._behind.set()
            return None
        heads = await reads.heads(self._graph)
        if self._here is not None and self._here.heads != heads:
            if self._catching_up is None:
                self._catching_up = asyncio.create_task(self._catch_up(heads))
                self._catching_up.add_done_callback(self._caught_up)
            await asyncio.wait([self._catching_up], timeout=self._patience_s)
        here = self._here
        return here if here is not None and _reaches(here.heads, heads) else None

    def _caught_up(self, task: asyncio.Task[None]) -> None:
        self._catching_up = None
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.warning("the adjacency cannot follow the graph", error=type(error).__name__)

    async def _catch_up(self, heads: tuple[int, ...]) -> None:
        here = self._here
        assert here is not None
        stretches = [
            (lane, old, new)
            for lane, (old, new) in enumerate(zip(here.heads, heads, strict=True))
            if new != old
        ]
        events = sum(new - old for _, old, new in stretches)
        if events > _MOST_EVENTS or any(new < old for _, old, new in stretches):
            self._give_up("too many events")
            return
        rows = await reads.changes(self._graph, stretches)
        if len({(row["lane"], row["seq"]) for row in rows}) < events:
            self._give_up("events are missing")
            return
        payloads = [json.loads(row["payload"]) for row in rows if row["topic"] == CHANGED]
        urns = sorted({urn for payload in payloads for urn in payload["urns"]})
        below = sorted({urn for payload in payloads for urn in payload["below"]})
        if len(urns) > _MOST_TOUCHED:
            self._give_up("too much changed")
            return
        self._here = await self._followed(here, urns, below, heads) if urns or below else here.at(heads)

    async def _followed(
        self, here: Adjacency, urns: list[str], below: list[str], heads: tuple[int, ...]
    ) -> Adjacency:
        row = await reads.touched(self._graph, urns, below)
        found = await asyncio.to_thread(Stretch.of, row, self._names)
        known = np.concatenate([found.keys, here.nodes.keys])
        lacking = np.setdiff1d(found.ups, known)
        if len(lacking):  # a column that has its first edge
            more = await reads.nodes(self._graph, lacking.tolist())
            firsts = Stretch.of(more, self._names)
            here = await asyncio.to_thread(here.changed, firsts, firsts.keys, here.heads)
        return await asyncio.to_thread(here.changed, found, np.array(row["touched"], np.int64), heads)

    def _give_up(self, why: str) -> None:
        _log.info("the adjacency is loaded anew", reason=why)
        self._here = None
        self._behind.set()

    async def view(self) -> View | None:
        """What one operation asks; None where the graph has to be asked."""
        here = await self.current()
        return None if here is None else View(self._graph, here)


class View:
    """The structure at one version; walks are kept, so that several questions about one are walked once.

    Each answer is that of the function of the same name in ``cypher.lineage.reads``; None where the graph has to be asked.
    """

    def __init__(self, graph: GraphSession, here: Adjacency) -> None:
        self._graph, self._here = graph, here
        self._walked: dict[tuple[Walk, Scope], Walked] = {}

    async def reach(
        self,
        walk: Walk,
        scope: Scope,
        *,
        narrowed: AssetFilter | None,
        key: tuple[int, str] | None,
        backward: bool,
        first: int,
    ) -> tuple[list[Hit], bool] | None:
        """With a path in each hit."""
        return await self._answer(
            walk, scope, narrowed, lambda w: w.reach(key=key, backward=backward, first=first)
        )

    async def counts(
        self, walk: Walk, scope: Scope, *, narrowed: AssetFilter | None
    ) -> tuple[list[Row], bool] | None:
        return await self._answer(walk, scope, narrowed, Walking.counts)

    async def groups(
        self, walk: Walk, scope: Scope, *, by: str, narrowed: AssetFilter | None
    ) -> tuple[list[Row], bool] | None:
        return await self._answer(walk, scope, narrowed, lambda w: w.groups(by))

    async def unread_sql(self, walk: Walk, scope: Scope) -> int | None:
        return await self._answer(walk, scope, None, Walking.unread)

    async def hidden(self, walk: Walk, scope: Scope) -> int | None:
        return await self._answer(walk, scope, None, Walking.hidden)

    async def _answer(
        self,
        walk: Walk,
        scope: Scope,
        narrowed: AssetFilter | None,
        question: Callable[[Walking], T],
    ) -> T | None:
        if walk.as_of is not None or not answerable(narrowed):
            return None
        narrowing = None if narrowed is None else Narrowing(narrowed, await self._labelled(narrowed))
        if (walk, scope) not in self._walked:
            self._walked[walk, scope] = Walked(self._here, walk, scope)
        walked = self._walked[walk, scope]
        # A long walk takes tens of milliseconds, most of them without the interpreter's lock.
        return await asyncio.to_thread(lambda: question(Walking(walked, narrowing)))

    async def _labelled(self, narrowed: AssetFilter) -> tuple[Any, ...]:
        if narrowed.tag is None and narrowed.classification is None and narrowed.owner is None:
            return ()
        found = await reads.labelled(
            self._graph, tag=narrowed.tag, classification=narrowed.classification, owner=narrowed.owner
        )
        return tuple(np.array(keys, np.int64) for keys in found)


def _reaches(here: tuple[int, ...], asked: tuple[int, ...]) -> bool:
    return len(here) == len(asked) and all(mine >= other for mine, other in zip(here, asked, strict=True))
