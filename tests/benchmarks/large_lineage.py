"""The shape of a large catalogue's lineage: which dataset feeds which, which column which, in layers, with hubs.

Numbers only, the same for the same seed: dataset ``d`` has the columns ``d * WIDTH`` to ``d * WIDTH + WIDTH - 1``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order

LAYERS, WIDTH = 12, 10
_EDGES = 15  # FEEDS edges for each dataset, between datasets and between columns together
_SPARE = 0.05  # of the edges are left for the hubs; what they do not need is asserted a second time, by another source
_FEW = {1: 0.62, 2: 0.24, 3: 0.1, 4: 0.04}  # how many datasets one is made from
_SKEW, _COLUMN_SKEW = 3.0, 2.0  # the fan-out of rank r falls as r ** (1 / skew - 1)
_HUB_COLUMN = 0

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Lineage:
    """Pairs of numbers, upstream first, each once. ``hubs``: a column by how many columns it was asked to reach."""

    datasets: int
    layers: Ints
    dataset_pairs: Ints
    column_pairs: Ints
    influences: Ints
    second: Ints
    hubs: dict[int, int]


def graph_of(pairs: Ints, nodes: int) -> csr_array:
    return csr_array((np.ones(len(pairs), np.int8), (pairs[:, 0], pairs[:, 1])), shape=(nodes, nodes))


def reached(graph: csr_array, start: int) -> int:
    """How many nodes a walk from ``start`` comes to, itself apart."""
    return len(breadth_first_order(graph, start, return_predecessors=False)) - 1


def lineage(datasets: int, targets: tuple[int, ...], *, seed: int) -> Lineage:
    """Lineage of so many datasets in which one column each reaches about as many others as ``targets`` say."""
    chance = np.random.default_rng(seed)
    bounds = np.linspace(0, datasets, LAYERS + 1).astype(np.int64)
    layers = np.repeat(np.arange(LAYERS), np.diff(bounds))
    pairs = _dataset_pairs(chance, bounds, layers)
    columns = _column_pairs(chance, pairs, bounds[1], datasets)
    hubs: dict[int, int] = {}
    for number, target in enumerate(targets):
        # From the thin end of the first layer, where a dataset feeds hardly anything by itself.
        hub = int(bounds[1]) - 1 - number
        fed = _enough(chance, columns, hub * WIDTH + _HUB_COLUMN, target, bounds, datasets)
        columns = _distinct(columns, np.stack([np.full_like(fed, hub * WIDTH + _HUB_COLUMN), fed], 1))
        pairs = _distinct(pairs, np.stack([np.full_like(fed, hub), fed // WIDTH], 1))
        hubs[target] = hub * WIDTH + _HUB_COLUMN
    some = pairs[chance.random(len(pairs)) < 0.7]
    influences = np.stack(
        [some[:, 0] * WIDTH + _skewed(chance, len(some), WIDTH, _COLUMN_SKEW), some[:, 1]], 1
    )
    missing = max(0, datasets * _EDGES - len(pairs) - len(columns))
    second = columns[np.sort(chance.permutation(len(columns))[:missing])]
    return Lineage(datasets, layers, pairs, columns, influences, second, hubs)


def _skewed(chance: np.random.Generator, count: int, size: int | Ints, skew: float) -> Ints:
    return (size * chance.random(count) ** skew).astype(np.int64)


def _distinct(*pairs: Ints) -> Ints:
    """In the order of both numbers."""
    both = np.concatenate(pairs)
    found = np.unique((both[:, 0] << 32) | both[:, 1])
    return np.stack([found >> 32, found & 0xFFFFFFFF], 1)


def _dataset_pairs(chance: np.random.Generator, bounds: Ints, layers: Ints) -> Ints:
    """Every dataset past the first layer is made from a few, mostly of the layer before; each of the first feeds two at least."""
    child = np.arange(bounds[1], bounds[-1])
    child = np.repeat(child, chance.choice(list(_FEW), p=list(_FEW.values()), size=len(child)))
    above = np.where(
        chance.random(len(child)) < 0.8, layers[child] - 1, _skewed(chance, len(child), layers[child], 1)
    )
    parent = bounds[above] + _skewed(chance, len(child), np.diff(bounds)[above], _SKEW)
    first = np.repeat(np.arange(bounds[1]), 2)
    into = bounds[1] + (np.arange(len(first)) * 7919 + chance.integers(bounds[1])) % (bounds[2] - bounds[1])
    return _distinct(np.stack([parent, child], 1), np.stack([first, into], 1))


def _column_pairs(chance: np.random.Generator, pairs: Ints, first: int, datasets: int) -> Ints:
    """Every column past the first layer comes from one of its dataset's parents, many from several columns."""
    by_child = pairs[np.argsort(pairs[:, 1], kind="stable")]
    starts = np.searchsorted(by_child[:, 1], np.arange(datasets + 1))
    wanted = int(datasets * _EDGES * (1 - _SPARE)) - len(pairs)
    every = np.arange(first * WIDTH, datasets * WIDTH)
    found = np.empty((0, 2), np.int64)
    child = every
    while len(child):
        dataset = child // WIDTH
        held = np.diff(starts)[dataset]
        parent = by_child[starts[dataset] + _skewed(chance, len(child), held, 1), 0]
        own = chance.random(len(child)) < 0.5
        column = np.where(own, child % WIDTH, _skewed(chance, len(child), WIDTH, _COLUMN_SKEW))
        found = _distinct(found, np.stack([parent * WIDTH + column, child], 1))
        child = chance.choice(every, size=max(0, wanted - len(found)))
    return found


def _enough(
    chance: np.random.Generator, pairs: Ints, hub: int, target: int, bounds: Ints, datasets: int
) -> Ints:
    """Columns of different datasets in the next layers which together with all they feed make ``target``."""
    nodes = datasets * WIDTH
    own = graph_of(pairs, nodes)
    below = np.arange(bounds[1], bounds[4])
    below = below * WIDTH + chance.integers(WIDTH, size=len(below))
    # Those that feed many are sooner among them.
    below = below[np.argsort(chance.exponential(size=len(below)) / (1 + np.diff(own.indptr)[below]))]
    under = _most(own, hub, np.empty(0, np.int64), below, target)
    return _most(own, hub, under, below[len(under) :][::-1], target)


def _most(own: csr_array, hub: int, fed: Ints, more: Ints, target: int) -> Ints:
    """``fed`` and as many of ``more`` as stay under ``target``, by halving."""
    nodes = own.shape[0]
    least, most = 0, len(more) + 1
    while most - least > 1:
        middle = (least + most) // 2
        below = own.indices[own.indptr[hub] : own.indptr[hub + 1]]
        indices = np.concatenate([own.indices, below, fed, more[:middle]]).astype(np.int32)
        indptr = np.concatenate([own.indptr, [len(indices)]]).astype(np.int32)
        graph = csr_array((np.ones(len(indices), np.int8), indices, indptr), shape=(nodes + 1, nodes + 1))
        if reached(graph, nodes) <= target:
            least = middle
        else:
            most = middle
    return np.concatenate([fed, more[:least]])
