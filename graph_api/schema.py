"""The one place where the domains meet: roots, the executor, the mapping of errors, the pipeline."""

from __future__ import annotations

from collections.abc import Iterable

import strawberry
from graphql import GraphQLError
from strawberry.schema.config import StrawberryConfig
from strawberry.types.execution import ExecutionContext

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
    ) -> None:
        """``compile_after`` answers of a document by resolvers come before its compiled ones; None compiles nothing."""
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

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Strawberry would log the document's text here; ``graph_api.errors.present`` logs what is a defect, without it."""
