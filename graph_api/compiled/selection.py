"""Selection sets as graphql-core collects them: what of a document one root field asks for, and with which values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from graphql import (
    DirectiveNode,
    FieldNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLResolveInfo,
    Node,
    VariableNode,
    Visitor,
    get_named_type,
    visit,
)
from graphql.execution.collect_fields import FieldDetails, FragmentDetails, collect_subfields
from graphql.execution.values import VariableValues, get_argument_values
from strawberry.schema.base import BaseSchema
from strawberry.types.arguments import convert_arguments
from strawberry.types.field import StrawberryField

Raw = GraphQLResolveInfo[Any]
Grouped = list[tuple[str, list[FieldDetails]]]
"""Selected fields by the name that the answer gives them."""


class Unknown(Exception):
    """The selection holds something that only a resolver can answer."""


class Selection:
    """The selection of one root field of one operation."""

    def __init__(self, raw: Raw) -> None:
        self.raw = raw
        self._fragments = {name: FragmentDetails(node) for name, node in raw.fragments.items()}

    def root(self) -> list[FieldDetails]:
        return [FieldDetails(node, None) for node in self.raw.field_nodes]

    def of(self, kind: GraphQLObjectType, details: list[FieldDetails]) -> Grouped:
        """What ``details`` select of an object of ``kind``; raises ``Unknown`` where a part comes later."""
        raw = self.raw
        found = collect_subfields(raw.schema, self._fragments, variables(raw), raw.operation, kind, details)
        if found.new_defer_usages:
            raise Unknown("@defer")
        return list(found.grouped_field_set.items())


def variables(raw: Raw) -> VariableValues:
    """As graphql-core wants them; Strawberry hands on the coerced values alone."""
    given: Any = raw.variable_values
    return VariableValues({}, given) if isinstance(given, dict) else cast(VariableValues, given)


def type_of(parent: GraphQLObjectType, details: Sequence[FieldDetails]) -> GraphQLObjectType:
    """The object type that a selected field of ``parent`` is made of."""
    found = get_named_type(parent.fields[details[0].node.name.value].type)
    if not isinstance(found, GraphQLObjectType):
        raise Unknown(found.name)
    return found


def is_fixed(field: FieldNode) -> bool:
    """Whether the arguments of a field are the same in every request."""
    visitor = _Variables()
    for argument in field.arguments or ():
        visit(argument, visitor)
    return not visitor.found


def switches(nodes: Sequence[Node]) -> tuple[str, ...]:
    """The variables that decide what is selected."""
    visitor = _Switches()
    for node in nodes:
        visit(node, visitor)
    return tuple(sorted(visitor.found))


@dataclass(slots=True)
class Arguments:
    """The arguments of a field as its resolver takes them; made once where they are the same in every request."""

    node: FieldNode
    definition: GraphQLField
    field: StrawberryField
    _kept: dict[str, Any] | None = None

    def of(self, schema: BaseSchema, values: VariableValues) -> dict[str, Any]:
        """Raises ``GraphQLError``, ``TypeError`` or ``ValueError`` where they are refused."""
        if self._kept is not None:
            return self._kept
        given = get_argument_values(self.definition, self.node, values)
        registry = schema.schema_converter.scalar_registry
        found = convert_arguments(given, self.field.arguments, registry, schema.config)
        if is_fixed(self.node):
            self._kept = found
        return found


class _Variables(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def enter_variable(self, node: VariableNode, *_: Any) -> None:
        self.found.add(node.name.value)


class _Switches(_Variables):
    """Those in directives alone."""

    def enter_variable(self, node: VariableNode, *_: Any) -> None:
        return

    def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
        for argument in node.arguments or ():
            if isinstance(argument.value, VariableNode):
                self.found.add(argument.value.name.value)
