"""The shape of what changes a classification: the command by the caller, then the classification as it is now."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from graph_api.classifications import loaders
from graph_api.classifications.types import Classification
from graph_api.context import Info
from schema.errors import NotFound


async def classification_now(info: Info, name: str) -> Classification:
    """A classification as it is now; raises ``NotFound``."""
    row = await info.context.loader(loaders.by_names).load(name)
    if row is None:
        raise NotFound("classification", name, path=("name",))
    return Classification.of(row)


async def changed(
    info: Info, command: Callable[..., Awaitable[Any]], name: str, **given: Any
) -> Classification:
    """The classification after ``command`` by the caller; raises as the command."""
    await info.context.command(command, name=name, **given)
    return await classification_now(info, name)
