"""Relay's global object identification: the interface ``Node`` and its opaque ids."""

from __future__ import annotations

import strawberry

from schema.errors import InvalidInput
from schema.ids import node_id, parse_node_id

MAX_NODES = 100
_MAX_DIGITS = 19


@strawberry.interface(description="An object that has an identity of its own.")
class Node:
    id: strawberry.ID = strawberry.field(
        description="Opaque identifier, the same for the life of the object."
    )


def global_id(typename: str, key: int) -> strawberry.ID:
    """The opaque id of the object of ``typename`` with this key."""
    return strawberry.ID(node_id(typename, key))


def key_of(typename: str, ident: str, *, path: tuple[str, ...] = ("id",)) -> int:
    """The key in an opaque id of ``typename``; raise ``InvalidInput`` on any other text."""
    found = parsed(ident)
    if found is None or found[0] != typename:
        raise InvalidInput(
            f"Not an id of {typename}.", path=path, remedy="Copy the id from an answer of the API."
        )
    return found[1]


def parsed(ident: str) -> tuple[str, int] | None:
    """Type name and key of an opaque id; None where it is none."""
    found = parse_node_id(ident)
    if found is None or not (found[1].isascii() and found[1].isdigit() and len(found[1]) <= _MAX_DIGITS):
        return None
    return found[0], int(found[1])
