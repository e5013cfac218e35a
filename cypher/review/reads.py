"""Reading what waits for people, what they said, and what changed, as one reader may see it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from cypher.catalogue import Query, load, load_ways
from schema.domain.identity import EVERYTHING, Scope
from schema.domain.time import ALWAYS

_QUEUES = {
    name: load_ways(__package__, name)
    for name in (
        "queue",
        "queue_of_source",
        "queue_of_classifications",
        "queue_of_source_classifications",
        "queue_of_sure",
        "queue_of_source_sure",
        "queue_of_classifications_sure",
        "queue_of_source_classifications_sure",
        "queue_under",
        "queue_of_owner",
        "queue_under_owned",
        "queue_within",
        "queue_within_sure",
    )
}
_NAMED = load(__package__, "named")
_OWNED = load(__package__, "owned")
_SIZE = load(__package__, "size")
_DEPTH = load(__package__, "depth")
_DEPTH_OF_CLASSIFICATIONS = load(__package__, "depth_of_classifications")
_DOWNSTREAM = load(__package__, "downstream")
_OTHERWISE = load(__package__, "otherwise")
_STANDING = load(__package__, "standing")
_REACHES = load(__package__, "reaches")
_EXCEPTIONS = load(__package__, "exceptions")
_ENDED_EXCEPTIONS = load(__package__, "ended_exceptions")
_PLACED = load(__package__, "placed")
_MACHINE_VERDICTS = load(__package__, "machine_verdicts")
_FIGURES = load(__package__, "figures")
_EVIDENCE = load(__package__, "evidence")
_PERIODS = load(__package__, "periods_past")
_CHANGES = load_ways(__package__, "changes_past")
_LAST = "\uffff"
_FEW = 10_000  # assets up to which what is in one asset, or what a person owns, is read whole; else the order is walked

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
    names = await _classifications(reader, scope, wanted.category, wanted.classification)
    percents = _percents(wanted.min_confidence)
    held = await _held(reader, wanted)
    if [] in (names, percents) or held == "":
        return []
    if held == "queue_within" and percents is not None:
        held = "queue_within_sure"
    statement = _QUEUES[held or _walked(wanted, names, percents)]["ASC" if backward else "DESC"]
    owned = None
    if wanted.owner is not None and "owned" in statement.params:
        owned = [row["urn"] for row in await reader.rows(_OWNED, owner=wanted.owner)]
    given = asdict(wanted) | {
        "above": key if backward and key is not None else "",
        "below": _LAST if backward or key is None else key,
        "first": first,
        "classifications": names,
        "percents": percents,
        "owned": owned,
        **scope.parameters(),
    }
    return await reader.rows(statement, **{name: given[name] for name in statement.params})


async def _classifications(
    reader: Reader, scope: Scope, category: str | None, classification: str | None
) -> list[str] | None:
    """Names to walk; None for any. An asset is as sensitive as what is suggested of it: of what is above ``scope`` nothing is passed over."""
    if category is None and (classification is not None or scope.clearance >= EVERYTHING.clearance):
        return None if classification is None else [classification]
    rows = await reader.rows(_NAMED, category=category, clearance=scope.clearance)
    return [row["name"] for row in rows if classification in (None, row["name"])]


def _percents(least: float | None) -> list[int] | None:
    """Whole percents of confidence to walk; None for any."""
    if least is None or least <= 0:
        return None
    return [] if least > 1 else list(range(math.floor(least * 100), 101))


async def _held(reader: Reader, wanted: ReviewFilter) -> str | None:
    """The statement that begins at the asset or the person, or passes over what is elsewhere where those hold much; "" where it is nothing."""
    if wanted.under is None and wanted.owner is None:
        return None
    (held,) = await reader.rows(_SIZE, under=wanted.under, owner=wanted.owner, bound=_FEW + 1)
    given = {"queue_under": wanted.under, "queue_of_owner": wanted.owner}
    sizes = {name: int(held[name]) for name, value in given.items() if value is not None}
    statement = min(sizes, key=sizes.__getitem__)
    if not all(sizes.values()):
        return ""
    if sizes[statement] > _FEW:
        return "queue_within"
    return "queue_under_owned" if statement == "queue_under" and wanted.owner is not None else statement


def _walked(wanted: ReviewFilter, names: list[str] | None, percents: list[int] | None) -> str:
    """The statement that walks the index on just what is asked for."""
    given = {"source": wanted.source, "classifications": names, "sure": percents}
    parts = [name for name, value in given.items() if value is not None]
    return f"queue_of_{'_'.join(parts)}" if parts else "queue"


async def depth(reader: Reader, scope: Scope, *, bound: int) -> int:
    """How many suggestions wait that ``scope`` may see, at most ``bound``."""
    names = await _classifications(reader, scope, None, None)
    if names is None:
        (row,) = await reader.rows(_DEPTH, bound=bound, **scope.parameters())
    else:
        (row,) = await reader.rows(
            _DEPTH_OF_CLASSIFICATIONS, bound=bound, classifications=names, **scope.parameters()
        )
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


async def ended_exceptions(reader: Reader, *, at: str) -> list[Row]:
    """Those that ended by a time and are not settled."""
    return [row["exception"] for row in await reader.rows(_ENDED_EXCEPTIONS, at=at)]


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
