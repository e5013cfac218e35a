"""Reading what waits for people, what they said, and what changed, as one reader may see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from cypher.catalogue import Query, load, load_ways
from schema.domain.identity import Scope
from schema.domain.time import ALWAYS

_QUEUES = {
    name: load_ways(__package__, name)
    for name in (
        "queue",
        "queue_of_source",
        "queue_of_classifications",
        "queue_of_both",
        "queue_under",
        "queue_of_owner",
    )
}
_NAMED = load(__package__, "named")
_DEPTH = load(__package__, "depth")
_DOWNSTREAM = load(__package__, "downstream")
_OTHERWISE = load(__package__, "otherwise")
_STANDING = load(__package__, "standing")
_REACHES = load(__package__, "reaches")
_EXCEPTIONS = load(__package__, "exceptions")
_PLACED = load(__package__, "placed")
_MACHINE_VERDICTS = load(__package__, "machine_verdicts")
_FIGURES = load(__package__, "figures")
_EVIDENCE = load(__package__, "evidence")
_PERIODS = load(__package__, "periods_past")
_CHANGES = load_ways(__package__, "changes_past")
_LAST = "\uffff"
_WIDE = ("source:", "database:")  # hold so much that the order is walked rather than all that is in them

Row = dict[str, Any]


class Reader(Protocol):
    """A session or an open transaction."""

    async def rows(self, query: Query, /, **params: Any) -> list[Row]: ...


@dataclass(frozen=True, slots=True)
class ReviewFilter:
    """Which suggestions are meant; None is any. ``under`` is the urn of what holds the asset, ``owner`` who owns it or what holds it."""

    source: str | None = None
    classification: str | None = None
    category: str | None = None
    min_confidence: float | None = None
    under: str | None = None
    owner: str | None = None


async def queue(
    reader: Reader,
    scope: Scope,
    wanted: ReviewFilter,
    *,
    key: str | None = None,
    backward: bool = False,
    first: int,
) -> list[Row]:
    """``review``, ``urn``, ``classification`` and ``verdict`` of suggestions behind ``key``, the most useful first."""
    names = await _classifications(reader, wanted)
    if names is not None and not names:
        return []
    return await reader.rows(
        _QUEUES[_anchor(wanted, names)]["ASC" if backward else "DESC"],
        above=key if backward and key is not None else "",
        below=_LAST if backward or key is None else key,
        first=first,
        source=wanted.source,
        classifications=names,
        min_confidence=wanted.min_confidence,
        under=wanted.under,
        owner=wanted.owner,
        **scope.parameters(),
    )


async def _classifications(reader: Reader, wanted: ReviewFilter) -> list[str] | None:
    if wanted.category is None:
        return None if wanted.classification is None else [wanted.classification]
    names = [row["name"] for row in await reader.rows(_NAMED, category=wanted.category)]
    return [name for name in names if wanted.classification in (None, name)]


def _anchor(wanted: ReviewFilter, names: list[str] | None) -> str:
    """Where the walk begins: at the narrowest of what is asked for, so that it passes little else."""
    if wanted.under is not None and not wanted.under.startswith(_WIDE):
        return "queue_under"
    if wanted.owner is not None:
        return "queue_of_owner"
    if names is not None:
        return "queue_of_classifications" if wanted.source is None else "queue_of_both"
    return "queue" if wanted.source is None else "queue_of_source"


async def depth(reader: Reader, scope: Scope, *, bound: int) -> int:
    """How many suggestions wait that ``scope`` may see, at most ``bound``."""
    (row,) = await reader.rows(_DEPTH, bound=bound, **scope.parameters())
    return int(row["waiting"])


async def downstream(reader: Reader, urns: Sequence[str], scope: Scope) -> dict[str, int]:
    """Urn to how many assets lie downstream within five hops, at most a thousand."""
    rows = await reader.rows(_DOWNSTREAM, urns=list(urns), **scope.parameters())
    return {row["urn"]: row["downstream"] for row in rows}


async def otherwise(
    reader: Reader, pairs: Sequence[tuple[str, str]], scope: Scope
) -> dict[int, tuple[int, int]]:
    """Number of a (urn, classification) pair to the asset's own level without that verdict, and with it."""
    rows = [{"n": n, "urn": urn, "classification": name} for n, (urn, name) in enumerate(pairs)]
    found = await reader.rows(_OTHERWISE, rows=rows, **scope.parameters())
    return {row["n"]: (row["without"], row["with_it"]) for row in found}


async def standing(reader: Reader, pairs: Sequence[tuple[str, str]], scope: Scope) -> list[Row]:
    """``urn``, ``classification`` and ``verdict`` of each (urn, classification) pair; None for what is not there."""
    rows = [{"n": n, "urn": urn, "classification": name} for n, (urn, name) in enumerate(pairs)]
    found = await reader.rows(_STANDING, rows=rows, **scope.parameters())
    return sorted(found, key=lambda row: int(row["n"]))


async def reaches(reader: Reader, source: str, *, above: str, first: int, since: str) -> list[Row]:
    """What assets with suggestions reach now, in order of the queue behind ``above``; queries count from the day ``since``."""
    return await reader.rows(_REACHES, source=source, above=above, first=first, since=since)


async def exceptions(reader: Reader, *, at: str | None = None) -> list[Row]:
    """All exceptions, the newest first, or those that hold at a time."""
    return [row["exception"] for row in await reader.rows(_EXCEPTIONS, at=at)]


async def placed(reader: Reader, urns: Sequence[str]) -> dict[str, Row]:
    """Urn to ``name``, ``source`` and ``holders``."""
    return {row["urn"]: row for row in await reader.rows(_PLACED, urns=list(urns))}


async def machine_verdicts(
    reader: Reader, classification: str, scope: Scope, *, source: str | None, under: str | None, first: int
) -> list[Row]:
    """``urn`` and ``name`` of up to ``first`` assets of which a machine says so and nobody decided."""
    return await reader.rows(
        _MACHINE_VERDICTS,
        classification=classification,
        source=source,
        under=under,
        first=first,
        **scope.parameters(),
    )


async def figures(
    reader: Reader,
    scope: Scope,
    *,
    by: Sequence[str],
    source: str | None = None,
    classification: str | None = None,
) -> list[Row]:
    """``confirmed``, ``rejected`` and ``added`` for each group."""
    return await reader.rows(
        _FIGURES, by=list(by), source=source, classification=classification, **scope.parameters()
    )


async def evidence(
    reader: Reader, scope: Scope, *, source: str | None = None, classification: str | None = None
) -> dict[str, list[Row]]:
    """Classification to ``confidence``, ``confirmed`` and ``rejected`` rows."""
    found: dict[str, list[Row]] = {}
    for row in await reader.rows(
        _EVIDENCE, source=source, classification=classification, **scope.parameters()
    ):
        found.setdefault(row["classification"], []).append(row)
    return found


async def periods(
    reader: Reader,
    urns: Sequence[str],
    scope: Scope,
    *,
    inherited: bool | None,
    key: Sequence[object] | None,
    backward: bool,
    first: int,
) -> dict[str, list[Row]]:
    """Urn to a page of what stood, the newest first: ``position``, ``classification``, ``verdict``, whether it was ``inherited``, for which
    ``reasons``, and whether it was so ``otherwise`` afterwards.

    ``inherited`` narrows to that or to what was said of the assets themselves; None is both.
    """
    rows = await reader.rows(
        _PERIODS,
        urns=list(urns),
        inherited=inherited,
        key=None if key is None else list(key),
        backward=backward,
        first=first,
        **scope.parameters(),
    )
    return {row["urn"]: row["periods"] for row in rows}


async def changes(
    reader: Reader,
    scope: Scope,
    *,
    since: str,
    until: str | None,
    key: tuple[str, str] | None,
    backward: bool,
    first: int,
    inherited: bool | None = None,
    source: str | None = None,
    classification: str | None = None,
    under: str | None = None,
) -> list[Row]:
    """Verdicts that began or ended from ``since`` to before ``until``, the newest first; ``inherited`` as for ``periods``."""
    above, below = (since, ""), (until or ALWAYS, "")
    if key is not None:
        above, below = (max(above, key), below) if backward else (above, min(below, key))
    return await reader.rows(
        _CHANGES["ASC" if backward else "DESC"],
        above_at=above[0],
        above_id=above[1],
        below_at=below[0],
        below_id=below[1],
        first=first,
        inherited=inherited,
        source=source,
        classification=classification,
        under=under,
        **scope.parameters(),
    )


def place(row: Mapping[str, Any]) -> tuple[str, ...]:
    """The sort key of a row of the queue."""
    return (str(row["review"]),)


def score(row: Mapping[str, Any]) -> float:
    """Uncertainty times reach, as the queue is ordered by it."""
    return int(str(row["review"]).partition(":")[0]) / 10_000
