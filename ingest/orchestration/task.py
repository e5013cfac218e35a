"""What an action is given to do its task, and the registry by which workflows name actions."""

from __future__ import annotations

import asyncio
import importlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from cypher.session import GraphSession
from ingest.orchestration.actions import ACTIONS
from ingest.orchestration.chunks import Chunks
from ingest.orchestration.outcomes import Claim, Done
from ingest.rate_limit import RateLimiter
from ingest.stages.stop import Stop
from schema.domain.sources import ScanOptions
from schema.errors import InvalidInput
from schema.ports import Embedder
from schema.settings import Settings

if TYPE_CHECKING:
    from ingest.connectors.base import Connector


@dataclass(slots=True)
class Task:
    """One claimed task in this process. ``done`` of ``total`` is its progress; ``now`` is when it was taken. One that is ``stuck`` was
    told to stop and did not.
    """

    graph: GraphSession
    claim: Claim
    config: Settings
    embedder: Embedder | None
    now: datetime
    stop: Stop = field(default_factory=Stop)
    done: int = 0
    total: int | None = None
    lost: bool = False
    stuck: bool = False
    connectors: list[Connector] = field(default_factory=list)
    halting: asyncio.Task[None] | None = None
    limiter: RateLimiter | None = None

    @property
    def run(self) -> str:
        return str(self.claim.run["id"])

    @property
    def source(self) -> str:
        return str(self.claim.source["name"])

    @property
    def options(self) -> ScanOptions:
        return ScanOptions(**self.claim.facts["run"]["options"])

    @property
    def limited_s(self) -> float:
        """For how long it waited to be allowed to ask the source so far, seconds."""
        return self.limiter.waited_s if self.limiter is not None else 0.0

    @property
    def chunks(self) -> Chunks:
        return Chunks(self.graph, self.run)

    def at(self, done: int, total: int | None = None) -> None:
        """Note progress; the next heartbeat tells it."""
        self.done, self.total = done, total

    def open(self) -> Connector:
        """A connector on the source of the run; raises ``ConnectionFailed``."""
        from ingest.commands.sources import open_source

        source = self.claim.source
        opened = open_source(source["connector"], json.loads(source["config"]), self.config, self.limiter)
        self.connectors.append(opened)
        return opened

    def halt(self) -> None:
        """Stop at the next item, and end what the source is being asked; safe to call from any thread, more than once."""
        self.stop.set()
        if self.limiter is not None:
            self.limiter.end()
        for connector in self.connectors:
            connector.interrupt()

    def halt_aside(self) -> asyncio.Task[None]:
        """``halt`` in a thread, once at a time: a source that is slow to end its statement holds up nothing else."""
        if self.halting is None or self.halting.done():
            self.halting = asyncio.create_task(asyncio.to_thread(self.halt))
        return self.halting


Action = Callable[[Task], Awaitable[Done]]

_registered: dict[str, Action] = {}


def action(name: str) -> Callable[[Action], Action]:
    """Register a function as the action that workflows call ``name``; it must be safe to repeat."""

    def register(function: Action) -> Action:
        _registered[name] = function
        return function

    return register


def load_actions() -> None:
    """Import what does the work, which takes long; for a thread, before the first task is taken."""
    for each in ACTIONS.values():
        importlib.import_module(each.module)


def action_named(name: str) -> Action:
    """The function behind an action; raises ``InvalidInput`` that lists the known ones."""
    if name in ACTIONS and name not in _registered:
        importlib.import_module(ACTIONS[name].module)
    if name not in _registered:
        raise InvalidInput(
            f"There is no action {name[:40]!r}.",
            path=("uses",),
            remedy=f"Use one of {', '.join(sorted(ACTIONS.keys() | _registered.keys()))}.",
        )
    return _registered[name]
