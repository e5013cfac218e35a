"""The one place where the domains meet: roots, the executor, the mapping of errors, the pipeline."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.schema.config import StrawberryConfig
from strawberry.types.execution import ExecutionContext, ExecutionResult
from strawberry.types.graphql import OperationType

from graph_api.compiled.hot import HotPath
from graph_api.context import Context
from graph_api.errors import exception_handlers
from graph_api.executor import Executor
from graph_api.http.documents import Documents, PersistedDocuments
from graph_api.http.pipeline import Pipeline
from graph_api.limits import Limits
from graph_api.values import SCALARS


class _Silent(Executor):
    """Names no field or type in an error that the caller did not name himself."""

    suggestions = False


class Schema(strawberry.Schema):
    """A Strawberry schema whose operations, over every transport, are limited, cached and masked alike."""

    def __init__(
        self,
        query: type,
        mutation: type | None = None,
        subscription: type | None = None,
        *,
        types: Iterable[type] = (),
        limits: Limits | None = None,
        introspection: bool = True,
        persisted: PersistedDocuments | None = None,
        compile_after: int | None = None,
        hot: bool = True,
    ) -> None:
        """``compile_after`` answers of a document by resolvers come before its compiled ones; None compiles nothing.

        ``hot`` answers operations that are known and compiled without the executor.
        """
        super().__init__(
            query=query,
            mutation=mutation,
            subscription=subscription,
            types=types,
            extensions=[Pipeline],
            execution_context_class=Executor if introspection else _Silent,
            exception_handlers=exception_handlers(),
            config=StrawberryConfig(disable_field_suggestions=not introspection, scalar_map=SCALARS),
        )
        self.compile_after = compile_after
        self.limits = limits or Limits()
        self.persisted = persisted or PersistedDocuments()
        self.documents = Documents(self._schema, self.limits, introspection=introspection)
        self._hot = HotPath(self) if hot and compile_after is not None else None

    async def execute(  # the parameters are Strawberry's
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Any | None = None,
        root_value: Any | None = None,
        operation_name: str | None = None,
        allowed_operation_types: Iterable[OperationType] | None = None,
        operation_extensions: dict[str, Any] | None = None,
    ) -> ExecutionResult:
        """The result of one operation; of a hot one without Strawberry and graphql-core."""
        may_query = allowed_operation_types is None or OperationType.QUERY in allowed_operation_types
        if self._hot is not None and query and may_query and isinstance(context_value, Context):
            found = await self._hot.answer(query, variable_values, operation_name, context_value)
            if found is not None:
                return found
        return await super().execute(
            query,
            variable_values,
            context_value,
            root_value,
            operation_name,
            allowed_operation_types,
            operation_extensions,
        )

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Strawberry would log the document's text here; ``graph_api.errors.present`` logs what is a defect, without it."""
