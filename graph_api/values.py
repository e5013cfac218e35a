"""Scalars of the API, and stored text as values of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from enum import Enum
from typing import Any, NewType, TypeVar

import orjson
import strawberry
from strawberry.types.scalar import ScalarDefinition

Long = NewType("Long", int)
SCALARS: dict[object, ScalarDefinition] = {
    Long: strawberry.scalar(
        name="Long",
        description="A whole number of up to 53 bits, such as a count of rows or bytes.",
        serialize=int,
        parse_value=int,
    )
}

Ident = TypeVar("Ident", bound=Hashable)
Arguments = TypeVar("Arguments", bound=Hashable)
V = TypeVar("V")


def values_of(given: Sequence[Enum] | None) -> list[str] | None:
    """The stored values of what a filter names; None where it names nothing."""
    return None if given is None else [each.value for each in given]


def stored_json(text: str | None) -> Any:
    """Stored JSON; None where there is none."""
    return orjson.loads(text) if text else None


async def by_arguments(
    keys: Sequence[tuple[Ident, Arguments]],
    read: Callable[[list[Ident], Arguments], Awaitable[Mapping[Ident, V]]],
    default: Callable[[], V],
) -> list[V]:
    """One read for all keys with equal arguments; the values in the order of ``keys``."""
    groups: dict[Arguments, list[Ident]] = {}
    for ident, arguments in keys:
        groups.setdefault(arguments, []).append(ident)
    found = {arguments: await read(idents, arguments) for arguments, idents in groups.items()}
    return [found[arguments][ident] if ident in found[arguments] else default() for ident, arguments in keys]
