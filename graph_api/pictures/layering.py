"""Layers for boxes of a picture, and the order within each layer that lets few lines cross; the same for the same input.

After Sugiyama, Tagawa, Toda, "Methods for Visual Understanding of Hierarchical System Structures" (1981): layers, then
barycentre sweeps. Crossings are counted as by Barth, Jünger, Mutzel (2002).
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate

Step = tuple[str, str]
Layers = dict[int, list[str]]
_MOST_SWEEPS = 24
_WORK = 400_000  # steps looked at in all sweeps together


def layers_of(levels: Mapping[str, int], steps: Iterable[Step]) -> dict[str, int]:
    """Box to layer: the start 0, upstream below it, downstream above, each step to a higher layer where no circle forbids it.

    A box lies as near to the start as that allows, and never nearer than its level.
    """
    after: dict[str, list[str]] = defaultdict(list)
    before: dict[str, list[str]] = defaultdict(list)
    for up, down in steps:
        after[up].append(down)
        before[down].append(up)
    found = {key: 0 for key, level in levels.items() if level == 0}
    found |= _half({key: level for key, level in levels.items() if level > 0}, after)
    upstream = _half({key: -level for key, level in levels.items() if level < 0}, before)
    return found | {key: -layer for key, layer in upstream.items()}


def _half(levels: Mapping[str, int], after: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Longest ways over steps within this half; where a circle holds all up, the box nearest to the start goes first."""
    waits = dict.fromkeys(levels, 0)
    for up in levels:
        for down in after.get(up, ()):
            if down in waits:
                waits[down] += 1
    layer = dict(levels)
    ready = [(level, key) for key, level in levels.items() if not waits[key]]
    heapq.heapify(ready)
    rest = sorted(levels, key=lambda key: (levels[key], key))[::-1]
    done: set[str] = set()
    while len(done) < len(levels):
        if ready:
            _, key = heapq.heappop(ready)
        else:
            key = rest.pop()
        if key in done:
            continue
        done.add(key)
        for down in after.get(key, ()):
            if down in waits and down not in done:
                layer[down] = max(layer[down], layer[key] + 1)
                waits[down] -= 1
                if not waits[down]:
                    heapq.heappush(ready, (levels[down], down))
    return layer


def ordered(layers: Layers, steps: Sequence[Step]) -> Layers:
    """The boxes of each layer in the best order that was found; ``steps`` lead from one layer to the next one."""
    after: dict[str, list[str]] = defaultdict(list)
    before: dict[str, list[str]] = defaultdict(list)
    for up, down in steps:
        after[up].append(down)
        before[down].append(up)
    numbers = sorted(layers)
    order = {number: sorted(layers[number]) for number in numbers}
    best, least = order, _crossings(order, after)
    sweeps = max(2, min(_MOST_SWEEPS, _WORK // (len(steps) + 1)))
    unchanged = 0
    for sweep in range(sweeps):
        if not least or unchanged == 4:
            break
        forward = sweep % 2 == 0
        order = _swept(order, numbers if forward else numbers[::-1], before if forward else after)
        crossings = _crossings(order, after)
        unchanged = 0 if crossings < least else unchanged + 1
        if crossings < least:
            best, least = order, crossings
    return best


def _swept(order: Layers, numbers: Sequence[int], beside: Mapping[str, Sequence[str]]) -> Layers:
    """Each layer by the mean place of its boxes' neighbours in the layer before; those without keep their place."""
    found: Layers = {}
    place: dict[str, float] = {}
    for number in numbers:
        boxes = order[number]
        means = {
            key: sum(place[other] for other in beside[key]) / len(beside[key])
            if beside.get(key)
            else index / max(1, len(boxes) - 1)
            for index, key in enumerate(boxes)
        }
        found[number] = sorted(boxes, key=means.__getitem__)
        last = max(1, len(boxes) - 1)
        place |= {key: index / last for index, key in enumerate(found[number])}
    return {number: found[number] for number in sorted(found)}


def _crossings(order: Layers, after: Mapping[str, Sequence[str]]) -> int:
    total = 0
    place = {key: index for boxes in order.values() for index, key in enumerate(boxes)}
    for boxes in order.values():
        # Of steps sorted by their upper ends, each pair whose lower ends are the other way round crosses.
        lower = [end for key in boxes for end in sorted(place[down] for down in after.get(key, ()))]
        total += _inversions(lower)
    return total


def _inversions(values: Sequence[int]) -> int:
    """Pairs that are in the wrong order, by a tree of partial sums (Fenwick 1994)."""
    size = max(values, default=0) + 1
    tree = [0] * (size + 1)
    found = 0
    for seen, value in enumerate(values):
        index, smaller = value + 1, 0
        while index:
            smaller += tree[index]
            index &= index - 1
        found += seen - smaller
        index = value + 1
        while index <= size:
            tree[index] += 1
            index += index & -index
    return found


def spread(wanted: Sequence[float], heights: Sequence[float], weights: Sequence[float]) -> list[float]:
    """Upper ends of boxes in this order that do not overlap, as near to those ``wanted`` as can be, in least squares.

    Without the heights it is isotonic regression, done by pooling adjacent violators (Barlow and others, 1972).
    """
    offsets = [0.0, *accumulate(heights)][:-1]
    pools: list[tuple[float, float, int]] = []
    for want, offset, weight in zip(wanted, offsets, weights, strict=True):
        mean, mass, size = want - offset, weight, 1
        while pools and pools[-1][0] > mean:
            other, others, count = pools.pop()
            mean = (mean * mass + other * others) / (mass + others)
            mass, size = mass + others, size + count
        pools.append((mean, mass, size))
    flat = [mean for mean, _, size in pools for _ in range(size)]
    return [mean + offset for mean, offset in zip(flat, offsets, strict=True)]
