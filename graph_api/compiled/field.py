"""The field extension that answers a root field from a compiled statement, and leaves to the resolver what it cannot."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog
from graphql import (
    DirectiveNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLResolveInfo,
    OperationDefinitionNode,
    VariableNode,
    Visitor,
    get_named_type,
    get_nullable_type,
    is_list_type,
    visit,
)
from strawberry.extensions import FieldExtension

from cypher.catalogue import Query
from graph_api.compiled.plan import Plan, Unknown, bound, connection_plan, object_plan, variables
from graph_api.context import Context, Info
from graph_api.errors import described
from graph_api.executor import Shaped
from graph_api.http.metrics import ROOT_FIELDS
from graph_api.paging import Page
from schema.errors import PursightError

_log = structlog.get_logger("pursight.graphql")
_MAX_OPERATIONS = 500
_MAX_VARIANTS = 16


@dataclass(frozen=True, slots=True)
class Start:
    """Where a root field starts: its anchor with parameters, and what makes it a list or a page.

    ``keys`` name the assets of a list in its order, None for one that is not there; ``count`` is of the whole list.
    """

    query: Query
    params: Mapping[str, Any]
    page: Page | None = None
    keys: list[int | None] | None = None
    count: Callable[[], Awaitable[int | None]] | None = None


Anchor = Callable[..., Start | None]
"""Finds the start from the context and the field's arguments; None where only the resolver knows."""


@dataclass(slots=True)
class _Operation:
    """The plans of one root field of one operation, by the values that its @skip and @include take."""

    node: OperationDefinitionNode  # kept, because its id is the key
    switches: tuple[str, ...]
    uses: int = 0
    plans: dict[tuple[Any, ...], Plan | None] = field(default_factory=dict)


class Compiled(FieldExtension):
    """``@strawberry.field(extensions=[Compiled(anchor)])`` on a root field that returns assets."""

    def __init__(self, anchor: Anchor) -> None:
        self._anchor = anchor
        self._operations: OrderedDict[tuple[int, str | int], _Operation] = OrderedDict()

    async def resolve_async(
        self, next_: Callable[..., Awaitable[Any]], source: Any, info: Info, **kwargs: Any
    ) -> Any:
        raw = info._raw_info
        prepared, outcome = self._prepared(info, kwargs)
        if prepared is not None:
            rows = await prepared.read(info.context)
            try:
                answer = prepared.shaped(*rows)
            except Exception as error:
                # A stored value that cannot be shown, or a defect: the resolvers answer, and report what is theirs.
                outcome = "unusual"
                _log.warning("a compiled selection failed", field=raw.field_name, **described(error))
            else:
                ROOT_FIELDS.labels(raw.field_name, "compiled").inc()
                return answer
        ROOT_FIELDS.labels(raw.field_name, outcome).inc()
        return await next_(source, info, **kwargs)

    def _prepared(self, info: Info, arguments: Mapping[str, Any]) -> tuple[_Prepared | None, str]:
        """What is to be read; or None, and why the resolver answers."""
        raw, after = info._raw_info, getattr(info.schema, "compile_after", None)
        if after is None:
            return None, "off"
        operation = self._operation(raw)
        if operation.uses < after:
            operation.uses += 1
            return None, "cold"
        plan = _plan(operation, raw)
        if plan is None:
            return None, "unknown"
        try:
            start = self._anchor(info.context, **arguments)
            pages, params = bound(plan.slots, raw)
        except (PursightError, GraphQLError):
            return None, "refused"
        if start is None:
            return None, "unknown"
        return _Prepared(plan, start, pages, params), ""

    def _operation(self, raw: GraphQLResolveInfo[Any]) -> _Operation:
        key = (id(raw.operation), raw.path.key)
        found = self._operations.get(key)
        if found is None:
            found = self._operations[key] = _Operation(raw.operation, _switches(raw))
            if len(self._operations) > _MAX_OPERATIONS:
                self._operations.popitem(last=False)
        else:
            self._operations.move_to_end(key)
        return found


@dataclass(slots=True)
class _Prepared:
    plan: Plan
    start: Start
    pages: list[Page]
    params: dict[str, Any]

    async def read(self, context: Context) -> tuple[list[Any], int | None]:
        start = self.start
        query = self.plan.query(start.query, self.pages)
        found = await context.graph.one(query, **start.params, **self.params, **context.scope.parameters())
        total = await start.count() if self.plan.wants_count and start.count is not None else None
        return (found["rows"] if found else []), total

    def shaped(self, rows: list[Any], total: int | None) -> Shaped | None:
        plan, start = self.plan, self.start
        if start.page is not None:
            return Shaped(plan.shape(rows, [start.page, *self.pages, total]))
        found = plan.shape(rows, self.pages)
        if start.keys is None or plan.key_index is None:
            return None if found is None else Shaped(found)
        by_key = {row[plan.key_index]: one for row, one in zip(rows, found, strict=True)}
        return Shaped([None if key is None else by_key.get(key) for key in start.keys])


def _plan(operation: _Operation, raw: GraphQLResolveInfo[Any]) -> Plan | None:
    given = variables(raw).coerced
    values = tuple(given.get(name) for name in operation.switches)
    if values not in operation.plans:
        if len(operation.plans) >= _MAX_VARIANTS:
            return None
        operation.plans[values] = _compiled(raw)
    return operation.plans[values]


def _compiled(raw: GraphQLResolveInfo[Any]) -> Plan | None:
    returned = get_named_type(raw.return_type)
    try:
        if isinstance(returned, GraphQLObjectType) and "pageInfo" in returned.fields:
            return connection_plan(raw, returned)
        kind = raw.schema.type_map.get("Asset")
        if not isinstance(kind, GraphQLObjectType):
            return None
        return object_plan(raw, kind, many=is_list_type(get_nullable_type(raw.return_type)))
    except Unknown:
        return None


class _Switches(Visitor):
    """Finds the variables that decide what is selected."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
        for argument in node.arguments or ():
            if isinstance(argument.value, VariableNode):
                self.found.add(argument.value.name.value)


def _switches(raw: GraphQLResolveInfo[Any]) -> tuple[str, ...]:
    visitor = _Switches()
    for node in (raw.operation, *raw.fragments.values()):
        visit(node, visitor)
    return tuple(sorted(visitor.found))
