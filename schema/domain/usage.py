"""What logs of statements tell: who asked for what and when, and what of it is kept."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from schema.domain.lineage import LineageEdge
from schema.domain.scans import Problem
from schema.ids import Urn

KEPT_DAYS = 90
"""Days for which figures of usage are kept and shown, and unless a setting says otherwise lineage that only logs assert."""


@dataclass(frozen=True, slots=True)
class LoggedUse:
    """``calls`` of one statement by one account on one day (ISO, UTC), between ``first`` and ``last``.

    ``database`` and ``schema`` are where its bare names resolve, empty where the log does not say. The text may hold
    values of data: it goes no further than into the analysis.
    """

    sql: str = field(repr=False)
    day: str
    calls: int
    account: str
    first: datetime | None
    last: datetime
    database: str = ""
    schema: str = ""


@dataclass(frozen=True, slots=True)
class UsageLog:
    """What a reader found behind its position ``before``; ``after`` is the position behind all of it."""

    reader: str
    before: str
    after: str
    uses: tuple[LoggedUse, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class AssetUse:
    """``queries`` that read one dataset or column on one day, by which accounts, and the last of them."""

    urn: Urn
    day: str
    queries: int
    accounts: tuple[str, ...]
    last_used: datetime


@dataclass(frozen=True, slots=True)
class JoinUse:
    """``queries`` that set two columns equal on one day; ``one`` sorts before ``other``."""

    one: Urn
    other: Urn
    day: str
    queries: int


@dataclass(frozen=True, slots=True)
class UsageReport:
    """What may be kept of a log: figures and edges between known assets, no text of a statement.

    ``asserter`` is what its edges are asserted by, besides the source: ``log``, or ``record`` for what a warehouse records itself.
    """

    reader: str
    before: str
    after: str
    queries: int = 0
    assets: tuple[AssetUse, ...] = ()
    joins: tuple[JoinUse, ...] = ()
    edges: tuple[LineageEdge, ...] = ()
    problems: tuple[Problem, ...] = ()
    asserter: str = "log"


def reader_id(source: str, reader: str) -> str:
    """Identity of one log of one source."""
    return f"{source}~{reader}"


def account_id(source: str, name: str) -> str:
    """Stands for an account's name where it must not be seen; whoever guesses the name can tell that it is the same."""
    return hashlib.sha256(f"{source}\0{name}".encode()).hexdigest()[:24]
