"""The field extension that answers a root field by compiled statements, and leaves to the resolver what it cannot."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog
from graphql import GraphQLError, OperationDefinitionNode
from strawberry.extensions import FieldExtension

from graph_api.compiled import anchored
from graph_api.compiled.anchored import Anchor, anchored_plan
from graph_api.compiled.found import FoundPlan, found_plan
from graph_api.compiled.plan import Plan
from graph_api.compiled.selection import Raw, Selection, Unknown, switches, variables
from graph_api.compiled.values import Unusual
from graph_api.context import Info
from graph_api.errors import described
from graph_api.executor import Shaped
from graph_api.http.metrics import ROOT_FIELDS
from schema.errors import PursightError

_log = structlog.get_logger("pursight.graphql")
_MAX_OPERATIONS = 500
_MAX_VARIANTS = 16

Resolve = Callable[[], Awaitable[Any]]
Answer = Callable[[], Awaitable[Any]]
"""Reads and shapes; raises what the resolver would, and ``Unusual`` where the resolvers have to look."""


@dataclass(slots=True)
class _Operation:
    """The plans of one root field of one operation, by the values that its @skip and @include take."""

    node: OperationDefinitionNode  # kept, because its id is the key
    switches: tuple[str, ...]
    uses: int = 0
    plans: dict[tuple[Any, ...], Plan | FoundPlan | None] = field(default_factory=dict)


class Compiled(FieldExtension):
    """``@strawberry.field(extensions=[Compiled(anchor)])`` on a root field that is assets; without an anchor on one whose resolver finds it."""

    def __init__(self, anchor: Anchor | None = None) -> None:
        self._anchor = anchor
        self._operations: OrderedDict[tuple[int, str | int], _Operation] = OrderedDict()

    # By position alone, as Strawberry calls it: a field may have an argument of its own that is called source.
    async def resolve_async(  # type: ignore[override]
        self, next_: Callable[..., Awaitable[Any]], source: Any, info: Info, /, **kwargs: Any
    ) -> Any:
        raw = info._raw_info

        async def resolve() -> Any:
            return await next_(source, info, **kwargs)

        answer, outcome = self.prepare(info, kwargs, resolve)
        if answer is not None:
            try:
                data = await answer()
            except Unusual as error:
                outcome = "failed" if isinstance(error.__cause__, PursightError) else "unusual"
            else:
                ROOT_FIELDS.labels(raw.field_name, "compiled").inc()
                return None if data is None else Shaped(data)
        elif outcome == "cold":
            self._operation(raw).uses += 1
        ROOT_FIELDS.labels(raw.field_name, outcome).inc()
        return await resolve()

    def prepare(
        self, info: Info, arguments: Mapping[str, Any], resolve: Resolve
    ) -> tuple[Answer | None, str]:
        """What answers the field; or None, and why its resolver has to."""
        raw, after = info._raw_info, getattr(info.schema, "compile_after", None)
        if after is None:
            return None, "off"
        if not info.context.compiled:
            return None, "failed"  # a read of it failed on the hot path
        operation = self._operation(raw)
        if operation.uses < after:
            return None, "cold"
        plan = self._plan(operation, raw)
        if plan is None:
            return None, "unknown"
        try:
            answer = (
                self._finding(plan, info, resolve)
                if isinstance(plan, FoundPlan)
                else self._reading(plan, info, arguments)
            )
        except (PursightError, GraphQLError, TypeError, ValueError):
            return None, "refused"
        return answer, "unknown"

    def _reading(self, plan: Plan, info: Info, arguments: Mapping[str, Any]) -> Answer | None:
        context = info.context
        start = self._anchor(context, **arguments) if self._anchor else None
        if start is None:
            return None
        pages, params = plan.bound(info._raw_info)

        async def answer() -> Any:
            rows, total = await anchored.read(context, plan, start, pages, params)
            try:
                return anchored.shaped(plan, start, pages, rows, total)
            except Exception as error:
                raise _unusual(info, error) from error

        return answer

    def _finding(self, plan: FoundPlan, info: Info, resolve: Resolve) -> Answer:
        given = plan.given(info)

        async def answer() -> Any:
            found = await resolve()
            try:
                return await plan.shaped(found, info, given)
            except Exception as error:
                raise _unusual(info, error) from error

        return answer

    def _plan(self, operation: _Operation, raw: Raw) -> Plan | FoundPlan | None:
        given = variables(raw).coerced
        values = tuple(given.get(name) for name in operation.switches)
        if values not in operation.plans:
            if len(operation.plans) >= _MAX_VARIANTS:
                return None
            compiled: Callable[[Selection], Plan | FoundPlan] = anchored_plan if self._anchor else found_plan
            try:
                operation.plans[values] = compiled(Selection(raw))
            except Unknown:
                operation.plans[values] = None
        return operation.plans[values]

    def _operation(self, raw: Raw) -> _Operation:
        key = (id(raw.operation), raw.path.key)
        found = self._operations.get(key)
        if found is None:
            names = switches([raw.operation, *raw.fragments.values()])
            found = self._operations[key] = _Operation(raw.operation, names)
            if len(self._operations) > _MAX_OPERATIONS:
                self._operations.popitem(last=False)
        else:
            self._operations.move_to_end(key)
        return found


def _unusual(info: Info, error: Exception) -> Unusual:
    """A stored value that cannot be shown, a read that failed, or a defect: the resolvers report what is theirs."""
    if not isinstance(error, PursightError):
        _log.warning("a compiled selection failed", field=info.field_name, **described(error))
    return Unusual()
