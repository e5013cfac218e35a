"""An executor that answers plain fields without building a ``ResolveInfo`` each, with results equal to graphql-core's.

Whatever is not plain (resolvers, permissions, arguments, wrong or unusual values) takes the normal path, errors included.
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
    GraphQLObjectType,
    GraphQLScalarType,
    Undefined,
)
from graphql.execution.collect_fields import FieldDetailsList
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.cast import get_strawberry_type_cast
from strawberry.types.field import StrawberryField

_PYTHON_TYPES: dict[str, type] = {"String": str, "ID": str, "Int": int, "Float": float, "Boolean": bool}
# Values of other scalars that neither are awaitable nor iterate lazily, so that coercing them says all there is to say.
_SAFE_TYPES = frozenset({str, int, float, bool, dict, list, datetime, date, time, Decimal, UUID})
_MIN_INT, _MAX_INT = -(2**31), 2**31 - 1
_BACKREF, _LEAF = "strawberry-definition", "pursight-leaf"


@dataclass(frozen=True, slots=True)
class Shaped:
    """Data that already has the shape of the response; it is passed through as it is.

    Whoever returns one answers for names, order, nullability and scalars.
    """

    data: Any


@dataclass(frozen=True, slots=True)
class _Leaf:
    """A field that is one attribute of its source. ``coerce`` is None where the value is its own output."""

    attribute: str
    get: Callable[[Any], Any]
    types: frozenset[type]
    coerce: Callable[[Any], Any] | None

    def takes(self, kind: type) -> bool:
        """Whether values of this type need no more than ``coerce``."""
        return kind in self.types or (self.coerce is not None and issubclass(kind, Enum))


@dataclass(slots=True)
class _Plan:
    """How the fields of one selection are answered: leaves at once, the others by graphql-core."""

    leaves: dict[str, _Leaf]
    selection: Mapping[str, FieldDetailsList]  # kept, because its id is the key of the plan

    @property
    def is_plain(self) -> bool:
        return len(self.leaves) == len(self.selection)


class Executor(StrawberryGraphQLCoreExecutionContext):
    """Give it to ``strawberry.Schema(execution_context_class=…)``."""

    suggestions = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._plans: dict[tuple[GraphQLObjectType, int], _Plan] = {}
        self._has_middleware = bool(self.middleware_manager and self.middleware_manager.middlewares)

    @classmethod
    def build(cls, *args: Any, **kwargs: Any) -> Any:
        kwargs["hide_suggestions"] = not cls.suggestions
        return super().build(*args, **kwargs)

    def execute_fields(
        self,
        parent_type: GraphQLObjectType,
        source_value: Any,
        path: Any,
        grouped_field_set: Any,
        position_context: Any,
    ) -> Any:
        plan = self._plan(parent_type, grouped_field_set)
        if not plan.leaves:
            return super().execute_fields(
                parent_type, source_value, path, grouped_field_set, position_context
            )
        results: dict[str, Any] = {}
        rest: dict[str, Any] = {}
        for name, details in grouped_field_set.items():
            leaf = plan.leaves.get(name)
            if leaf is not None and (value := _plain_value(leaf, source_value)) is not _UNUSUAL:
                results[name] = value
            else:
                results[name] = None  # keeps the response in the order of the selection
                rest[name] = details
        if not rest:
            return results
        others: Any = super().execute_fields(parent_type, source_value, path, rest, position_context)
        if self.is_awaitable(others):
            return _merged_later(results, rest, others)
        return _merged(results, rest, others)

    def complete_list_value(
        self,
        return_type: Any,
        field_details_list: Any,
        info: Any,
        path: Any,
        result: Any,
        position_context: Any,
    ) -> Any:
        if result.__class__ is Shaped:
            return result.data
        if (
            result.__class__ in (list, tuple)
            and (rows := self._plain_rows(return_type, field_details_list, result)) is not None
        ):
            return rows
        return super().complete_list_value(
            return_type, field_details_list, info, path, result, position_context
        )

    def complete_object_value(
        self,
        return_type: Any,
        field_details_list: Any,
        info: Any,
        path: Any,
        result: Any,
        position_context: Any,
    ) -> Any:
        if result.__class__ is Shaped:
            return result.data
        return super().complete_object_value(
            return_type, field_details_list, info, path, result, position_context
        )

    def complete_abstract_value(
        self,
        return_type: Any,
        field_details_list: Any,
        info: Any,
        path: Any,
        result: Any,
        position_context: Any,
    ) -> Any:
        if result.__class__ is Shaped:
            return result.data
        return super().complete_abstract_value(
            return_type, field_details_list, info, path, result, position_context
        )

    def _plan(self, parent_type: GraphQLObjectType, selection: Mapping[str, FieldDetailsList]) -> _Plan:
        key = (parent_type, id(selection))
        plan = self._plans.get(key)
        if plan is None:
            leaves = {}
            if not self._has_middleware:
                for name, details in selection.items():
                    node = details[0].node
                    definition = parent_type.fields.get(node.name.value)
                    if (
                        definition is not None
                        and not node.arguments
                        and (leaf := _leaf(definition)) is not None
                    ):
                        leaves[name] = leaf
            plan = self._plans[key] = _Plan(leaves, selection)
        return plan

    def _plain_rows(
        self, return_type: Any, details: FieldDetailsList, items: Sequence[Any]
    ) -> list[Any] | None:
        """The completed list where every item is an ordinary object with ordinary leaves; None where one is not."""
        item_type = return_type.of_type
        if isinstance(item_type, GraphQLNonNull):
            item_type = item_type.of_type
        if not isinstance(item_type, GraphQLObjectType) or any(detail.node.directives for detail in details):
            return None
        if not _all_of_type(item_type, items):
            return None
        selection, deferred, *_ = self.collect_subfields(item_type, details)
        if deferred or len(selection) < 2:  # attrgetter of one name returns no tuple
            return None
        plan = self._plan(item_type, selection)
        return _rows(plan.leaves, items) if plan.is_plain else None


_UNUSUAL = object()


def _leaf(definition: GraphQLField) -> _Leaf | None:
    """How a field is answered without graphql-core; None where it cannot be. Found once per field of a schema."""
    if _LEAF not in definition.extensions:
        definition.extensions[_LEAF] = _made_leaf(definition)
    leaf: _Leaf | None = definition.extensions[_LEAF]
    return leaf


def _made_leaf(definition: GraphQLField) -> _Leaf | None:
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
    required = isinstance(definition.type, GraphQLNonNull)
    named = definition.type.of_type if isinstance(definition.type, GraphQLNonNull) else definition.type
    if not isinstance(named, GraphQLScalarType | GraphQLEnumType):
        return None
    plain = _PYTHON_TYPES.get(named.name)
    types = frozenset({plain}) if plain else _SAFE_TYPES
    coerce = None if plain else named.coerce_output_value
    if coerce is not None and isinstance(named, GraphQLEnumType):
        coerce = _remembering(coerce)
    name = field.python_name
    return _Leaf(name, attrgetter(name), types if required else types | {type(None)}, coerce)


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


def _plain_value(leaf: _Leaf, source: Any) -> Any:
    try:
        value = leaf.get(source)
        kind = value.__class__
        if not leaf.takes(kind):
            return _UNUSUAL
        if value is not None and leaf.coerce is not None:
            return _coerced(leaf.coerce, value)
    except Exception:
        return _UNUSUAL  # read again on the normal path, which reports it
    if (kind is float and not _finite(value)) or (kind is int and not _MIN_INT <= value <= _MAX_INT):
        return _UNUSUAL
    return value


def _rows(leaves: Mapping[str, _Leaf], items: Sequence[Any]) -> list[Any] | None:
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
                if _UNUSUAL in columns[i]:
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
    return _UNUSUAL if found is None or found is Undefined else found


def _all_of_type(item_type: GraphQLObjectType, items: Sequence[Any]) -> bool:
    """Whether no item would be refused or looked at twice by the type's ``is_type_of``."""
    kinds = set(map(type, items))
    if item_type.is_type_of is None:
        return kinds.isdisjoint((type(None), Shaped)) and not any(
            issubclass(kind, Exception) for kind in kinds
        )
    definition = item_type.extensions.get(_BACKREF)
    if not isinstance(definition, StrawberryObjectDefinition) or definition.is_type_of is not None:
        return False
    return kinds <= {definition.origin} and not any(map(get_strawberry_type_cast, items))


def _finite(value: float) -> bool:
    return value - value == 0.0


def _merged(results: dict[str, Any], rest: Mapping[str, Any], others: Mapping[str, Any]) -> dict[str, Any]:
    for name in rest:
        if name in others:
            results[name] = others[name]
        else:
            del results[name]
    return results


async def _merged_later(results: dict[str, Any], rest: Mapping[str, Any], others: Any) -> dict[str, Any]:
    return _merged(results, rest, await others)
