"""Answers operations that were answered before, without graphql-core's executor: their plans are kept with the document.

Whatever is not as usual (an unknown document, values that are refused, a field that no plan describes) is answered on
the normal path, which words every error. Only a read that fails is told of here, since to ask again may take seconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLField,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLResolveInfo,
    OperationDefinitionNode,
    OperationType,
    get_operation_ast,
    located_error,
)
from graphql.execution.collect_fields import FragmentDetails, collect_fields
from graphql.execution.values import VariableValues, get_variable_values
from graphql.pyutils import Path, is_awaitable
from strawberry.types.execution import ExecutionResult
from strawberry.types.field import StrawberryField

from graph_api.compiled.field import Answer, Compiled
from graph_api.compiled.selection import Arguments, Raw, switches
from graph_api.context import Context, Info
from graph_api.http.metrics import ROOT_FIELDS
from graph_api.limits import Measure, nested_deeper
from schema.errors import PursightError

if TYPE_CHECKING:
    from graph_api.http.documents import Document
    from graph_api.schema import Schema

_BACKREF = "strawberry-definition"
_MAX_VARIANTS = 16


@dataclass(slots=True)
class _Root:
    """One root field of an operation."""

    key: str
    nodes: list[FieldNode]
    definition: GraphQLField
    field: StrawberryField
    extension: Compiled
    arguments: Arguments

    @property
    def is_required(self) -> bool:
        return isinstance(self.definition.type, GraphQLNonNull)


@dataclass(slots=True)
class _Operation:
    node: OperationDefinitionNode
    fragments: dict[str, FragmentDefinitionNode]
    switches: tuple[str, ...]
    roots: dict[tuple[Any, ...], Sequence[_Root] | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class HotPath:
    """Belongs to one schema."""

    schema: Schema

    async def answer(
        self, text: str, variables: dict[str, Any] | None, name: str | None, context: Context
    ) -> ExecutionResult | None:
        """The result of a query; None where the normal path has to find it."""
        document = self.schema.documents.known(text)
        operation = None if document is None else _operation(document, name)
        if document is None or operation is None:
            return None
        measure = self._admitted(document, text, variables, name)
        values = get_variable_values(
            self.schema._schema, operation.node.variable_definitions or (), variables or {}
        )
        if measure is None or isinstance(values, list):
            return None
        roots = self._roots(operation, values)
        answers = None if roots is None else self._answers(operation, roots, values, context)
        if roots is None or answers is None:
            return None
        result = _result(roots, await _said(answers))
        if result is None:
            context.compiled = False  # it would fail again
        else:
            result.extensions = {"cost": {"requested": measure.cost, "limit": self.schema.limits.cost}}
            for root in roots:
                ROOT_FIELDS.labels(root.nodes[0].name.value, "hot").inc()
        return result

    def _admitted(
        self, document: Document, text: str, variables: Mapping[str, Any] | None, name: str | None
    ) -> Measure | None:
        schema = self.schema
        try:
            schema.persisted.admit(text)
        except GraphQLError:
            return None
        if nested_deeper(variables, schema.limits.nesting):
            return None
        measure, errors = schema.documents.check(document, text, variables, name)
        return None if errors else measure

    def _roots(self, operation: _Operation, values: VariableValues) -> Sequence[_Root] | None:
        key = tuple(values.coerced.get(name) for name in operation.switches)
        if key not in operation.roots:
            if len(operation.roots) >= _MAX_VARIANTS:
                return None
            operation.roots[key] = self._collected(operation, values)
        return operation.roots[key]

    def _collected(self, operation: _Operation, values: VariableValues) -> Sequence[_Root] | None:
        schema = self.schema._schema
        query: Any = schema.query_type
        fragments = {name: FragmentDetails(node) for name, node in operation.fragments.items()}
        found = collect_fields(schema, fragments, values, query, operation.node)
        if found.new_defer_usages:
            return None
        roots = []
        for key, details in found.grouped_field_set.items():
            nodes = [detail.node for detail in details]
            root = self._root(key, nodes, query)
            if root is None:
                return None
            roots.append(root)
        return roots

    def _root(self, key: str, nodes: list[FieldNode], query: GraphQLObjectType) -> _Root | None:
        definition = query.fields.get(nodes[0].name.value)
        found = definition.extensions.get(_BACKREF) if definition else None
        if definition is None or not isinstance(found, StrawberryField) or len(found.extensions) != 1:
            return None
        extension = found.extensions[0]
        if not isinstance(extension, Compiled):
            return None
        return _Root(key, nodes, definition, found, extension, Arguments(nodes[0], definition, found))

    def _answers(
        self, operation: _Operation, roots: Sequence[_Root], values: VariableValues, context: Context
    ) -> list[Answer] | None:
        """What answers each field; None where one is for its resolver."""
        answers = []
        for root in roots:
            info = self._info(operation, root, values, context)
            try:
                arguments = root.arguments.of(self.schema, values)
            except (GraphQLError, TypeError, ValueError):
                return None
            answer, _ = root.extension.prepare(info, arguments, partial(_resolved, root, info, arguments))
            if answer is None:
                return None
            answers.append(answer)
        return answers

    def _info(self, operation: _Operation, root: _Root, values: VariableValues, context: Context) -> Info:
        schema = self.schema._schema
        query: Any = schema.query_type
        name, returned = root.nodes[0].name.value, root.definition.type
        path, node, fragments = Path(None, root.key, query.name), operation.node, operation.fragments
        helpers: Any = None
        raw: Raw = GraphQLResolveInfo(
            name, root.nodes, returned, query, path, schema, fragments, None, node, values, context, is_awaitable, None, helpers
        )  # fmt: skip
        return Info(_raw_info=raw, _field=root.field)


def _operation(document: Document, name: str | None) -> _Operation | None:
    """The query of this name, or the only one of a document."""
    kept: _Operation | None = document.plans.get(name)
    if kept is None:
        node = get_operation_ast(document.node, name)
        if node is None or node.operation is not OperationType.QUERY:
            return None
        fragments = document.meter.fragments
        kept = _Operation(node, fragments, switches([node, *fragments.values()]))
        document.plans[name] = kept
    return kept


async def _resolved(root: _Root, info: Info, arguments: Mapping[str, Any]) -> Any:
    resolver: Any = root.field.base_resolver
    return await resolver(None, info=info, **arguments)


async def _said(answers: Sequence[Answer]) -> list[Any]:
    """What each says, or the exception that kept it from it."""
    if len(answers) != 1:
        return await asyncio.gather(*(answer() for answer in answers), return_exceptions=True)
    try:
        return [await answers[0]()]
    except Exception as error:
        return [error]


def _result(roots: Sequence[_Root], said: Sequence[Any]) -> ExecutionResult | None:
    """None where an error is not that of one read, so that the normal path finds its place."""
    data: dict[str, Any] = {}
    failed: list[GraphQLError] = []
    for root, value in zip(roots, said, strict=True):
        data[root.key] = value
        if isinstance(value, BaseException) or (value is None and root.is_required):
            if failed or not isinstance(value, PursightError):
                return None
            failed.append(located_error(value, root.nodes, [root.key]))
            data[root.key] = None
    if not failed:
        return ExecutionResult(data, None)
    lost = any(value is None and root.is_required for root, value in zip(roots, data.values(), strict=True))
    return ExecutionResult(None if lost else data, list(failed))
