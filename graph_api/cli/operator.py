"""What commands share that work on the graph directly: who acts, and an open graph for as long as they need it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from schema.domain.identity import EVERYTHING, Principal, Role

if TYPE_CHECKING:
    from cypher.session import GraphSession

T = TypeVar("T")


def operator() -> Principal:
    """Whoever may read the data folder may do everything; the audit log names the account of this machine."""
    import getpass

    try:
        account = getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        account = "unnamed"
    return Principal(f"cli:{account}", account, Role.ADMIN, EVERYTHING)


def on_graph(work: Callable[[GraphSession], Awaitable[T]]) -> T:
    """The result of ``work`` on the graph of this installation. Raises ``StackError`` where there is none."""
    from graph_api.stack.addresses import connect
    from schema.settings import settings

    async def run() -> T:
        graph = connect(settings())
        try:
            return await work(graph)
        finally:
            await graph.close()

    return asyncio.run(run())
