"""Identities that cross process borders: urns of assets, opaque node ids, page cursors. Parse and print, nothing else."""

from __future__ import annotations

import base64
import binascii
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from schema.errors import BadCursor, BadUrn

_SEPARATOR = "~"
URN_KINDS = frozenset(
    {"source", "database", "schema", "dataset", "column", "job", "dashboard", "model", "dataproduct"}
)
MAX_URN = 2_000
_URL_SAFE = bytes.maketrans(b"+/", b"-_")
_encode = json.JSONEncoder(separators=(",", ":")).encode


def dataset_of(urn: str) -> str:
    """The urn of the dataset that holds the column ``urn``; any other urn is its own."""
    return "dataset:" + urn[len("column:") : urn.rindex(_SEPARATOR)] if urn.startswith("column:") else urn


def _quote(part: str) -> str:
    # Only the separator and the escape itself: a urn stays readable, and unreserved in URLs and shells.
    return part.replace("%", "%25").replace(_SEPARATOR, "%7E")


@dataclass(frozen=True, slots=True, order=True)
class Urn:
    """``kind:namespace[~name[~column]]``: the OpenLineage namespace and name of one asset, and its kind.

    Source of the naming rules: OpenLineage "Naming Conventions". Raises ``BadUrn`` on parts that cannot be printed.
    """

    kind: str
    namespace: str
    name: str = ""
    column: str | None = None

    def __post_init__(self) -> None:
        if self.kind not in URN_KINDS:
            raise BadUrn(str(self.kind), "its kind is not one of " + ", ".join(sorted(URN_KINDS)))
        if not self.namespace:
            raise BadUrn(f"{self.kind}:", "it has no namespace")
        if (self.column is None) == (self.kind == "column"):
            raise BadUrn(
                f"{self.kind}:{self.namespace}", "a column name belongs to columns, and only to them"
            )

    def __str__(self) -> str:
        parts = [self.namespace]
        if self.name or self.column is not None:
            parts.append(self.name)
        if self.column is not None:
            parts.append(self.column)
        return f"{self.kind}:{_SEPARATOR.join(map(_quote, parts))}"

    @classmethod
    def parse(cls, text: str) -> Urn:
        """Read what ``str`` printed; raise ``BadUrn`` otherwise."""
        kind, colon, rest = text.partition(":")
        parts = [unquote(part) for part in rest.split(_SEPARATOR)]
        if len(text) > MAX_URN or not colon or len(parts) > 3 or (len(parts) == 2 and not parts[1]):
            raise BadUrn(text[:200], "expected kind:namespace~name, or column:namespace~name~column")
        return cls(kind, parts[0], parts[1] if len(parts) > 1 else "", parts[2] if len(parts) == 3 else None)

    def dataset(self) -> Urn:
        """The dataset that holds this column; a dataset is its own."""
        return Urn("dataset", self.namespace, self.name)


def new_key() -> int:
    """A random node key of 63 bits: what the opaque GraphQL id carries, stable when an asset is renamed."""
    return secrets.randbits(62) | (1 << 62)


def node_id(typename: str, key: int | str) -> str:
    """The opaque Relay id of one node."""
    return _opaque(f"{typename}:{key}")


def parse_node_id(text: str) -> tuple[str, str] | None:
    """Type name and key of an opaque id; None where the text is not one."""
    try:
        typename, colon, key = base64.urlsafe_b64decode(text.encode()).decode().partition(":")
    except (binascii.Error, UnicodeError, ValueError):
        return None
    return (typename, key) if colon and typename and key else None


def encode_cursor(scope: str, key: Sequence[object]) -> str:
    """An opaque cursor: the sort key of one row of the list ``scope``."""
    return _opaque(_encode([scope, *key]))


def _opaque(text: str) -> str:
    """URL-safe base64; a list has thousands of ids, so without the detours of ``base64``."""
    return binascii.b2a_base64(text.encode(), newline=False).translate(_URL_SAFE).decode()


def decode_cursor(scope: str, cursor: str, types: Sequence[type | tuple[type, ...]]) -> tuple[object, ...]:
    """The sort key in ``cursor``; raise ``BadCursor`` where it is garbage or of another list."""
    try:
        found = json.loads(base64.urlsafe_b64decode(cursor.encode()))
    except (binascii.Error, UnicodeError, ValueError):
        raise BadCursor("it is not a cursor of this API") from None
    if not isinstance(found, list) or not found or not isinstance(found[0], str):
        raise BadCursor("it is not a cursor of this API")
    if found[0] != scope:
        raise BadCursor("it comes from another list")
    key = found[1:]
    if len(key) != len(types) or not all(isinstance(k, t) for k, t in zip(key, types, strict=True)):
        raise BadCursor("it comes from another list")
    return tuple(key)
