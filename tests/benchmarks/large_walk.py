"""The limit of any walk: breadth first over the graph's own FEEDS edges, in compressed rows in the memory of this process."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import neo4j
import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order

_EDGES = """CYPHER 25 MATCH (a:Asset)-[:FEEDS]->(b:Asset)
    WITH id(a) AS up, id(b) AS down
    RETURN collect(up) AS ups, collect(down) AS downs, up / 20000 AS part"""
_NODE = "CYPHER 25 MATCH (a:Asset {urn: $urn}) RETURN id(a) AS node"


@dataclass(frozen=True, slots=True)
class InMemory:
    """Which node feeds which, by dense numbers; ``nodes`` are the server's, in the order of these."""

    driver: neo4j.AsyncDriver
    nodes: npt.NDArray[np.int64]
    graph: csr_array

    @classmethod
    async def load(cls, driver: neo4j.AsyncDriver) -> InMemory:
        async with driver.session(database="neo4j", default_access_mode="READ", fetch_size=10) as session:
            rows = [(r["ups"], r["downs"]) async for r in await session.run(_EDGES)]
        ends = [np.concatenate([np.asarray(row[side], np.int64) for row in rows]) for side in (0, 1)]
        nodes, dense = np.unique(np.concatenate(ends), return_inverse=True)
        pairs = np.unique((dense[: len(ends[0])] << 32) | dense[len(ends[0]) :])
        # As scipy's walks want it, so that none of them pays for a conversion.
        ups, downs = (pairs >> 32).astype(np.int32), (pairs & 0xFFFFFFFF).astype(np.int32)
        return cls(driver, nodes, csr_array((np.ones(len(pairs)), (ups, downs)), shape=(len(nodes),) * 2))

    @property
    def edges(self) -> int:
        return int(self.graph.nnz)

    async def walk(self, urn: str) -> tuple[Callable[[], Awaitable[int]], int]:
        """What walks downstream from ``urn``, and how many it reaches."""
        async with self.driver.session(database="neo4j", default_access_mode="READ") as session:
            found = await (await session.run(_NODE, urn=urn)).single(strict=True)
        start = int(np.searchsorted(self.nodes, found["node"]))

        async def walked() -> int:
            return len(breadth_first_order(self.graph, start, return_predecessors=False)) - 1

        return walked, await walked()
