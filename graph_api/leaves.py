"""Fields that are one attribute of their source: which they are, and how their values become output.

Whatever is not plain is ``UNUSUAL``, and left to graphql-core with its rules and its errors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from operator import attrgetter
from typing import Any
from uuid import UUID

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLNonNull,
    GraphQLOutputType,
    GraphQLScalarType,
    Undefined,
)
from strawberry.types.field import StrawberryField

UNUSUAL = object()
_PYTHON_TYPES: dict[str, type] = {"String": str, "ID": str, "Int": int, "Float": float, "Boolean": bool}
# Values of other scalars that neither are awaitable nor iterate lazily, so that coercing them says all there is to say.
_SAFE_TYPES = frozenset({str, int, float, bool, dict, list, datetime, date, time, Decimal, UUID})
_MIN_INT, _MAX_INT = -(2**31), 2**31 - 1
_BACKREF, _LEAF = "strawberry-definition", "pursight-leaf"


@dataclass(frozen=True, slots=True)
class Leaf:
    """A field that is one attribute of its source. ``coerce`` is None where the value is its own output."""

    attribute: str
    get: Callable[[Any], Any]
    types: frozenset[type]
    coerce: Callable[[Any], Any] | None

    def takes(self, kind: type) -> bool:
        """Whether values of this type need no more than ``coerce``."""
        return kind in self.types or (self.coerce is not None and issubclass(kind, Enum))


def leaf_of(definition: GraphQLField) -> Leaf | None:
    """How a field is answered without graphql-core; None where it cannot be. Found once per field of a schema."""
    if _LEAF not in definition.extensions:
        definition.extensions[_LEAF] = _made_leaf(definition)
    leaf: Leaf | None = definition.extensions[_LEAF]
    return leaf


def _made_leaf(definition: GraphQLField) -> Leaf | None:
    field = definition.extensions.get(_BACKREF)
    if (
        definition.args
        or not isinstance(field, StrawberryField)
        or not field.is_basic_field
        or field.extensions
    ):
        return None
    if not getattr(definition.resolve, "_is_default", False) or field.default_resolver is not getattr:
        return None
    return output_leaf(definition.type, field.python_name)


def output_leaf(kind: GraphQLOutputType, attribute: str = "") -> Leaf | None:
    """How an attribute, or without one the source itself, becomes output of ``kind``; None where that is no scalar and no enum."""
    required = isinstance(kind, GraphQLNonNull)
    named = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
    if not isinstance(named, GraphQLScalarType | GraphQLEnumType):
        return None
    plain = _PYTHON_TYPES.get(named.name)
    types = frozenset({plain}) if plain else _SAFE_TYPES
    coerce = None if plain else named.coerce_output_value
    if coerce is not None and isinstance(named, GraphQLEnumType):
        coerce = _remembering(coerce)
    get = attrgetter(attribute) if attribute else _itself
    return Leaf(attribute, get, types if required else types | {type(None)}, coerce)


def _itself(source: Any) -> Any:
    return source


def _remembering(coerce: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Strawberry looks an enum's member up by walking the enum; once per member is enough."""
    known: dict[tuple[type, Enum], Any] = {}

    def coerce_once(value: Any) -> Any:
        if not isinstance(value, Enum):
            return coerce(value)
        key = (value.__class__, value)  # members of two string enums may be equal
        if key not in known:
            known[key] = coerce(value)
        return known[key]

    return coerce_once


def plain_value(leaf: Leaf, source: Any) -> Any:
    try:
        value = leaf.get(source)
        kind = value.__class__
        if not leaf.takes(kind):
            return UNUSUAL
        if value is not None and leaf.coerce is not None:
            return _coerced(leaf.coerce, value)
    except Exception:
        return UNUSUAL  # read again on the normal path, which reports it
    if (kind is float and not _finite(value)) or (kind is int and not _MIN_INT <= value <= _MAX_INT):
        return UNUSUAL
    return value


def plain_rows(leaves: Mapping[str, Leaf], items: Sequence[Any]) -> list[Any] | None:
    """One dict per item, checked and coerced column by column; None where a single value is unusual."""
    get = attrgetter(*(leaf.attribute for leaf in leaves.values()))
    try:
        rows = [get(item) for item in items]
        columns = list(zip(*rows, strict=True))
        for i, leaf in enumerate(leaves.values() if rows else ()):
            kinds = set(map(type, columns[i]))
            if not all(map(leaf.takes, kinds)):
                return None
            if leaf.coerce is not None:
                coerce = leaf.coerce
                columns[i] = tuple(None if value is None else _coerced(coerce, value) for value in columns[i])
                if UNUSUAL in columns[i]:
                    return None
            elif not _in_range(columns[i], kinds):
                return None
    except Exception:
        return None  # the normal path meets the same error and reports it
    if any(leaf.coerce is not None for leaf in leaves.values()):
        rows = list(zip(*columns, strict=True))
    return [dict(zip(leaves, row, strict=True)) for row in rows]


def _in_range(column: tuple[Any, ...], kinds: set[type]) -> bool:
    if float in kinds:
        # A sum that overflows sends good values down the normal path, which does them no harm.
        return _finite(sum(value for value in column if value is not None))
    if int in kinds:
        values = [value for value in column if value is not None]
        return bool(min(values) >= _MIN_INT and max(values) <= _MAX_INT)
    return True


def _coerced(coerce: Callable[[Any], Any], value: Any) -> Any:
    found = coerce(value)
    return UNUSUAL if found is None or found is Undefined else found


def _finite(value: float) -> bool:
    return value - value == 0.0
