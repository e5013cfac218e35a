"""How much one document may ask for: a linear, memoised pass over the parsed text, made before validation.

Validation compares overlapping fields pairwise, so only documents that passed these limits may reach it.
Costs: an object 1, a leaf value 0.1, times the product of the page sizes above it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_list_type,
)

CAP = 10**9
DEFAULT_PAGE = 50
PLAIN_LIST = 10
_OBJECT, _LEAF = 10, 1
_INTROSPECTION = 100 * _OBJECT
_INTROSPECTION_ALIAS = 10
_PAGE_ARGUMENTS = frozenset({"first", "last", "limit"})
_BULK_ARGUMENTS = frozenset({"ids"})


@dataclass(frozen=True, slots=True)
class Limits:
    """The most one request may carry; ``tokens``, ``characters`` and ``nesting`` are checked before anything is measured."""

    depth: int = 12
    aliases: int = 30
    directives: int = 50
    fields: int = 500
    cost: int = 10_000
    page: int = 100
    repeats: int = 60
    fragments: int = 60
    root_fields: int = 20
    operations: int = 10
    tokens: int = 2_000
    characters: int = 100_000
    nesting: int = 32


class Measure(NamedTuple):
    """What one document asks for; every number is that of its largest operation, and at most ``CAP``."""

    depth: int = 0
    aliases: int = 0
    directives: int = 0
    fields: int = 0
    cost: int = 0
    page: int = 0
    repeats: int = 0
    fragments: int = 0
    root_fields: int = 0
    operations: int = 0

    def exceeded(self, limits: Limits) -> list[str]:
        """``name (measured > allowed)`` of each limit that does not hold."""
        found = []
        for name, value in self._asdict().items():
            allowed = getattr(limits, name)
            if value > allowed:
                found.append(f"{name} ({'huge' if value >= CAP else value} > {allowed})")
        return found


class _Weight(NamedTuple):
    """Sums over one selection set. ``single`` costs count once per parent, ``listed`` ones once per row of its page."""

    depth: int = 0
    aliases: int = 0
    directives: int = 0
    fields: int = 0
    single: int = 0
    listed: int = 0
    page: int = 0
    repeats: int = 0

    def beside(self, other: _Weight) -> _Weight:
        return _Weight(
            max(self.depth, other.depth),
            min(self.aliases + other.aliases, CAP),
            min(self.directives + other.directives, CAP),
            min(self.fields + other.fields, CAP),
            min(self.single + other.single, CAP),
            min(self.listed + other.listed, CAP),
            max(self.page, other.page),
            max(self.repeats, other.repeats),
        )


class Meter:
    """Measures one document; the variables that size its pages are listed in ``page_variables`` after the first measure."""

    def __init__(self, document: DocumentNode, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
        self.fragments = {
            d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)
        }
        self.page_variables: set[str] = set()
        self._values: Mapping[str, Any] = {}
        self._done: dict[str, _Weight] = {}
        self._open: set[str] = set()

    def measure(self, variables: Mapping[str, Any] | None) -> Measure:
        """The largest operation's numbers; time linear in the document."""
        result = Measure(operations=len(self._operations), fragments=len(self.fragments))
        for operation in self._operations:
            self._values = {**_defaults(operation), **(variables or {})}
            self._done.clear()
            weight = self._walk(operation.selection_set, self._root(operation.operation))
            result = Measure(
                max(result.depth, weight.depth),
                max(result.aliases, weight.aliases),
                max(result.directives, weight.directives + len(operation.directives or ())),
                max(result.fields, weight.fields),
                max(result.cost, -(-min(weight.single + PLAIN_LIST * weight.listed, CAP) // _OBJECT)),
                max(result.page, weight.page),
                max(result.repeats, weight.repeats),
                result.fragments,
                max(result.root_fields, len(operation.selection_set.selections)),
                result.operations,
            )
            if weight.single >= CAP or weight.listed >= CAP:
                result = result._replace(cost=CAP)
        return result

    def _root(self, operation: OperationType) -> GraphQLObjectType | None:
        return self._schema.get_root_type(operation)

    def _walk(self, selection_set: SelectionSetNode, parent: GraphQLNamedType | None) -> _Weight:
        total = _Weight()
        names: Counter[str] = Counter()
        for node, within in self._flat(selection_set, parent):
            if isinstance(node, FieldNode):
                names[(node.alias or node.name).value] += 1
                total = total.beside(self._field(node, within))
            elif isinstance(node, FragmentSpreadNode):
                total = total.beside(self._spread(node))
            total = total.beside(_Weight(directives=len(node.directives or ())))
        return total._replace(repeats=max(total.repeats, max(names.values(), default=0)))

    def _flat(
        self, selection_set: SelectionSetNode, parent: GraphQLNamedType | None
    ) -> Iterator[tuple[FieldNode | FragmentSpreadNode | InlineFragmentNode, GraphQLNamedType | None]]:
        """Selections with inline fragments opened; each with the type it is selected from."""
        for node in selection_set.selections:
            if isinstance(node, FieldNode | FragmentSpreadNode | InlineFragmentNode):
                yield node, parent
            if isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                within = self._schema.get_type(condition.name.value) if condition else parent
                yield from self._flat(node.selection_set, within)

    def _spread(self, node: FragmentSpreadNode) -> _Weight:
        name = node.name.value
        if name in self._open or name not in self.fragments:
            return _Weight()  # cycles and unknown names are left to validation
        if name not in self._done:
            self._open.add(name)
            fragment = self.fragments[name]
            weight = self._walk(
                fragment.selection_set, self._schema.get_type(fragment.type_condition.name.value)
            )
            self._done[name] = weight.beside(_Weight(directives=len(fragment.directives or ())))
            self._open.discard(name)
        return self._done[name]

    def _field(self, node: FieldNode, parent: GraphQLNamedType | None) -> _Weight:
        alias = 1 if node.alias else 0
        if node.selection_set is None:
            return _Weight(depth=1, aliases=alias, fields=1, single=_LEAF)
        if node.name.value in ("__schema", "__type"):
            # Its depth is bounded by graphql-core's own rule; what could multiply it are aliases, which no tool uses there.
            inner = self._walk(node.selection_set, None)
            return inner._replace(
                depth=1,
                aliases=min(_INTROSPECTION_ALIAS * inner.aliases + alias, CAP),
                fields=inner.fields + 1,
                single=_INTROSPECTION,
                listed=0,
            )
        definition = _definition(parent, node.name.value)
        inner = self._walk(node.selection_set, get_named_type(definition.type) if definition else None)
        page = self._page(node, definition)
        many = definition is not None and is_list_type(get_nullable_type(definition.type))
        if many and page is not None:
            single, listed = _OBJECT + page * (inner.single + PLAIN_LIST * inner.listed), 0
        elif many:
            single, listed = 0, _OBJECT + inner.single + PLAIN_LIST * inner.listed
        else:
            single, listed = _OBJECT + inner.single + (PLAIN_LIST if page is None else page) * inner.listed, 0
        return _Weight(
            min(inner.depth + 1, CAP),
            min(inner.aliases + alias, CAP),
            inner.directives,
            min(inner.fields + 1, CAP),
            min(single, CAP),
            min(listed, CAP),
            max(inner.page, page or 0),
            inner.repeats,
        )

    def _page(self, node: FieldNode, definition: GraphQLField | None) -> int | None:
        """Rows this field may return by its page arguments; None where it has none."""
        sizes = []
        for argument in node.arguments or ():
            name = argument.name.value
            if name in _PAGE_ARGUMENTS:
                sizes.append(self._rows(argument.value))
            elif name in _BULK_ARGUMENTS:
                sizes.append(self._length(argument.value))
        given = [size for size in sizes if size is not None]
        if given:
            return max(given)
        known = _PAGE_ARGUMENTS.intersection(definition.args) if definition else frozenset()
        if not known and not sizes:
            return None
        defaults = (
            [getattr(definition.args[name], "default_value", None) for name in known] if definition else []
        )
        return max((size for size in defaults if isinstance(size, int)), default=DEFAULT_PAGE)

    def _rows(self, value: ValueNode) -> int | None:
        if isinstance(value, IntValueNode):
            return _bounded(int(value.value)) if len(value.value) < 12 else CAP
        found = self._variable(value)
        if found is None:
            return None
        return _bounded(found) if isinstance(found, int) else 0  # a value of another type cannot run

    def _length(self, value: ValueNode) -> int | None:
        if isinstance(value, ListValueNode):
            return _bounded(len(value.values))
        found = self._variable(value)
        return _bounded(len(found)) if isinstance(found, list) else None

    def _variable(self, value: ValueNode) -> Any:
        if not isinstance(value, VariableNode):
            return None
        self.page_variables.add(value.name.value)
        return self._values.get(value.name.value)


def measure(document: DocumentNode, variables: Mapping[str, Any] | None, schema: GraphQLSchema) -> Measure:
    """The numbers of ``document`` with these variables."""
    return Meter(document, schema).measure(variables)


def nested_deeper(value: Any, limit: int) -> bool:
    """Whether the lists and objects in ``value`` are nested more than ``limit`` levels; without recursion."""
    level = [value]
    for _ in range(limit):
        level = [
            item
            for container in level
            if isinstance(container, dict | list)
            for item in (container.values() if isinstance(container, dict) else container)
            if isinstance(item, dict | list)
        ]
        if not level:
            return False
    return True


def _defaults(operation: OperationDefinitionNode) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for definition in operation.variable_definitions or ():
        if isinstance(definition.default_value, IntValueNode) and len(definition.default_value.value) < 12:
            found[definition.variable.name.value] = int(definition.default_value.value)
    return found


def _definition(parent: GraphQLNamedType | None, name: str) -> GraphQLField | None:
    if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
        field: GraphQLField | None = parent.fields.get(name)
        return field
    return None


def _bounded(size: int) -> int:
    return max(0, min(size, CAP))
