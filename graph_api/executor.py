"""An executor that answers plain fields without building a ``ResolveInfo`` each, with results equal to graphql-core's.

Whatever is not plain (resolvers, permissions, arguments, wrong or unusual values) takes the normal path, errors included.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from graphql import GraphQLNonNull, GraphQLObjectType
from graphql.execution.collect_fields import FieldDetailsList
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.cast import get_strawberry_type_cast

from graph_api.leaves import UNUSUAL, Leaf, leaf_of, plain_rows, plain_value

_BACKREF = "strawberry-definition"


@dataclass(frozen=True, slots=True)
class Shaped:
    """Data that already has the shape of the response; it is passed through as it is.

    Whoever returns one answers for names, order, nullability and scalars.
    """

    data: Any


@dataclass(slots=True)
class _Plan:
    """How the fields of one selection are answered: leaves at once, the others by graphql-core."""

    leaves: dict[str, Leaf]
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

    def build_per_event_executor(self, payload: Any) -> Executor:
        event: Any = super().build_per_event_executor(payload)
        # Each event collects its fields anew; what is remembered by their identity would pile up as long as the stream lives.
        event._plans, event._relevant_sub_fields = {}, {}
        return cast(Executor, event)

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
            if leaf is not None and (value := plain_value(leaf, source_value)) is not UNUSUAL:
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
                        and (leaf := leaf_of(definition)) is not None
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
        return plain_rows(plan.leaves, items) if plan.is_plain else None


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


def _merged(results: dict[str, Any], rest: Mapping[str, Any], others: Mapping[str, Any]) -> dict[str, Any]:
    for name in rest:
        if name in others:
            results[name] = others[name]
        else:
            del results[name]
    return results


async def _merged_later(results: dict[str, Any], rest: Mapping[str, Any], others: Any) -> dict[str, Any]:
    return _merged(results, rest, await others)
