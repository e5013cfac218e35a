"""Which columns belong into a picture of datasets: those on a way to or from the columns of its start."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from schema.domain.lineage import Direction

Use = tuple[str, str, str, str]


def with_columns(
    start: str, ways: Iterable[Direction], levels: Mapping[str, int], uses: Sequence[Use], *, most: int
) -> tuple[dict[str, int], bool]:
    """``levels`` with the columns added, each at the level of its dataset, and whether ``most`` of them left some out.

    ``uses`` are (dataset, its column, what that feeds, the dataset which this is or belongs to).
    """
    held: dict[str, str] = {}
    after: dict[str, list[str]] = defaultdict(list)
    before: dict[str, list[str]] = defaultdict(list)
    for dataset, up, down, of in uses:
        held[up] = dataset
        if down != of:
            held[down] = of
        after[up].append(down)
        before[down].append(up)
    own = [start, *(column for column, dataset in held.items() if dataset == start)]
    reached: dict[str, None] = {}
    for way in ways:
        reached |= dict.fromkeys(_reachable(own, after if way is Direction.DOWNSTREAM else before))
    columns = [urn for urn in reached if urn in held]
    columns.sort(key=lambda urn: (abs(levels[held[urn]]), held[urn], urn))
    return {**levels, **{urn: levels[held[urn]] for urn in columns[:most]}}, len(columns) > most


def _reachable(starts: Iterable[str], steps: Mapping[str, Sequence[str]]) -> set[str]:
    """What can be reached, and those of ``starts`` that lead somewhere."""
    waiting = [urn for urn in starts if steps.get(urn)]
    found = set(waiting)
    while waiting:
        for urn in steps.get(waiting.pop(), ()):
            if urn not in found:
                found.add(urn)
                waiting.append(urn)
    return found
