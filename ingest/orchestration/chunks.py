"""What the stages of a run hand to each other: kept in the graph until the run is over, where every worker finds it.

Chunks hold structure, verdicts, edges and vectors; values of data never leave the stage that read them.
"""

from __future__ import annotations

import asyncio
import base64
import zlib
from collections.abc import Sequence
from typing import TypeVar

from pydantic import TypeAdapter

from cypher.orchestration import reads
from cypher.session import GraphSession
from ingest.commands import run_tasks

_T = TypeVar("_T")


class Chunks:
    """The chunks of one run, by name and number."""

    def __init__(self, graph: GraphSession, run: str) -> None:
        self._graph, self._run = graph, run

    async def keep(self, name: str, n: int, value: _T, kind: TypeAdapter[_T]) -> None:
        """Keep ``value``; what was kept under the name and number before is replaced."""
        data = await asyncio.to_thread(packed, value, kind)
        await run_tasks.keep_chunk(self._graph, run=self._run, name=name, n=n, data=data)

    async def take(self, name: str, numbers: Sequence[int], kind: TypeAdapter[_T]) -> dict[int, _T]:
        """What was kept, by number; a number under which nothing was kept is absent."""
        ids = {run_tasks.chunk_id(self._run, name, n): n for n in numbers}
        found = await reads.chunks(self._graph, list(ids))
        return {ids[ident]: await asyncio.to_thread(unpacked, data, kind) for ident, data in found.items()}

    async def texts(self, ids: Sequence[str]) -> list[str]:
        """What is kept under these ids, packed; those under which nothing is are left out."""
        found = await reads.chunks(self._graph, ids)
        return [found[ident] for ident in ids if ident in found]


# In threads: a batch takes long enough to hold up the heartbeats of other tasks.
def packed(value: _T, kind: TypeAdapter[_T]) -> str:
    """A value as it is kept."""
    return base64.b85encode(zlib.compress(kind.dump_json(value), 3)).decode()


def unpacked(data: str, kind: TypeAdapter[_T]) -> _T:
    """What ``packed`` made it of."""
    return kind.validate_json(zlib.decompress(base64.b85decode(data)))
