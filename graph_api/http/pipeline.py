"""What every operation passes on its way to the resolvers, over whichever transport it came: admission, limits, validation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, cast

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    NameNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
)
from graphql import ExecutionResult as GraphQLResult
from strawberry.extensions import SchemaExtension
from strawberry.types.execution import ExecutionResult, StreamExecutionResult

from graph_api.context import Context
from graph_api.errors import TOO_COMPLEX, present, refusal
from graph_api.limits import Measure, nested_deeper

if TYPE_CHECKING:
    from graph_api.http.documents import Document
    from graph_api.schema import Schema


class Pipeline(SchemaExtension):
    """One per operation. Parsing and validation come from the schema's ``Documents``, so hot documents skip both."""

    def __init__(self) -> None:
        self._document: Document | None = None
        self._measure: Measure | None = None

    @property
    def _schema(self) -> Schema:
        return cast("Schema", self.execution_context.schema)

    def on_parse(self) -> Iterator[None]:
        operation = self.execution_context
        if operation.query:
            try:
                self._schema.persisted.admit(operation.query)
                self._document = self._schema.documents.parse(operation.query)
                operation.graphql_document = self._document.node
            except GraphQLError as error:
                # An exception here would end a stream without an answer, so the error travels as a validation error.
                operation.pre_execution_errors = [error]
                operation.graphql_document = _placeholder(operation.operation_name)
        yield

    def on_validate(self) -> Iterator[None]:
        operation = self.execution_context
        if (
            operation.pre_execution_errors is None
            and self._document is not None
            and operation.query is not None
        ):
            limit = self._schema.limits.nesting
            if nested_deeper(operation.variables, limit):
                errors = [refusal(f"The variables are nested deeper than {limit} levels.", TOO_COMPLEX)]
            else:
                self._measure, errors = self._schema.documents.check(
                    self._document, operation.query, operation.variables, operation._provided_operation_name
                )
            operation.pre_execution_errors = errors
            if not errors and self._document.introspection is not None:
                operation.result = ExecutionResult(self._document.introspection, None)
        yield

    def on_stream_result(self, result: StreamExecutionResult) -> None:  # type: ignore[override]
        context = self.execution_context.context
        trace_id = context.trace_id if isinstance(context, Context) else ""
        if isinstance(result, ExecutionResult) and result.errors:
            result.errors = [present(error, trace_id) for error in result.errors]
        if isinstance(context, Context):
            context.loaders.clear()  # the next event of a subscription must not see this one's rows

    def get_results(self) -> dict[str, Any]:
        if self._measure is None:
            return {}
        self._keep_introspection()
        return {"cost": {"requested": self._measure.cost, "limit": self._schema.limits.cost}}

    def _keep_introspection(self) -> None:
        """The whole schema takes many milliseconds to list, and is asked for by every tool that connects."""
        document, result = self._document, self.execution_context.result
        if document is None or document.introspection is not None or not document.is_introspection:
            return
        if isinstance(result, GraphQLResult | ExecutionResult) and result.data and not result.errors:
            document.introspection = result.data


def _placeholder(operation_name: str | None) -> DocumentNode:
    """A document that any transport accepts as long as nobody runs it."""
    field = FieldNode(name=NameNode(value="__typename"), arguments=(), directives=())
    operation = OperationDefinitionNode(
        operation=OperationType.QUERY,
        name=NameNode(value=operation_name) if operation_name else None,
        variable_definitions=(),
        directives=(),
        selection_set=SelectionSetNode(selections=(field,)),
    )
    return DocumentNode(definitions=(operation,))
