"""Reading what the database says about itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cypher.catalogue import load
from cypher.session import GraphSession

_SERVER = load(__package__, "server")
_INDEXES = load(__package__, "indexes")


@dataclass(frozen=True, slots=True)
class Server:
    """One answer of the server about itself."""

    version: str
    edition: str
    now: datetime


async def server(graph: GraphSession) -> Server:
    """Raises ``GraphUnavailable`` where it does not answer."""
    row = (await graph.rows(_SERVER))[0]
    return Server(row["version"], row["edition"], datetime.fromisoformat(row["now"]))


async def indexes(graph: GraphSession) -> dict[str, str]:
    """State by name of index; ONLINE serves."""
    return {row["name"]: row["state"] for row in await graph.rows(_INDEXES)}
