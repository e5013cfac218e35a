"""Shapes what a resolver found: its objects by their attributes, the assets that they name by statements compiled for them.

A selection becomes functions that fill a response in. What has to be read is left open, and then read at once: one
statement for all assets of one place in the selection, all places side by side.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    is_list_type,
)
from graphql.execution.collect_fields import FieldDetails
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField

from cypher.catalog import reads
from graph_api.compiled.plan import Bound, Plan
from graph_api.compiled.rows import asset_plan
from graph_api.compiled.selection import Arguments, Selection, Unknown, variables
from graph_api.compiled.shapes import NAMED
from graph_api.compiled.values import Unusual
from graph_api.context import Context, Info
from graph_api.leaves import UNUSUAL, leaf_of, output_leaf, plain_value

_BACKREF = "strawberry-definition"

Place = tuple[Any, Any]
"""Where a value goes: a dict and a name, or a list and an index."""
Fill = Callable[[Any, "Filling", Place], Any]
"""Makes output of a value; or leaves it open, and puts it at its place later."""
Ask = Callable[[Any, "Filling"], Any]
"""Asks a field's resolver of an object."""


class Filling:
    """One answer while it is filled in."""

    def __init__(self, info: Info, given: Given) -> None:
        self.info, self.given = info, given
        self._open: dict[_Reading, list[tuple[Any, Place]]] = {}

    @property
    def context(self) -> Context:
        return self.info.context

    def later(self, reading: _Reading, source: Any, place: Place) -> None:
        self._open.setdefault(reading, []).append((source, place))

    async def settle(self) -> None:
        while self._open:
            now, self._open = self._open, {}
            await asyncio.gather(*(reading.fill(self, places) for reading, places in now.items()))


@dataclass(frozen=True, slots=True)
class Given:
    """What one request gives: to each statement its pages and parameters, to each asked field its arguments."""

    bound: Sequence[Bound]
    arguments: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class FoundPlan:
    """The answer of one root field out of what its resolver returned."""

    fill: Fill
    plans: Sequence[Plan]
    asked: Sequence[Arguments]

    def given(self, info: Info) -> Given:
        """Raises what the resolvers would raise."""
        raw = info._raw_info
        arguments = [each.of(info.schema, variables(raw)) for each in self.asked]
        return Given([plan.bound(raw) for plan in self.plans], arguments)

    async def shaped(self, found: Any, info: Info, given: Given) -> Any:
        """Raises where anything is not as usual."""
        filling = Filling(info, given)
        answer: list[Any] = [None]
        answer[0] = self.fill(found, filling, (answer, 0))
        await filling.settle()
        return answer[0]


class _Reading:
    """Reads what was left open at one place of the selection."""

    async def fill(self, filling: Filling, places: list[tuple[Any, Place]]) -> None:
        raise NotImplementedError


class _Assets(_Reading):
    """Assets by urn, as one compiled statement projects them."""

    def __init__(self, plan: Plan, number: int, urns: str, kind: GraphQLOutputType) -> None:
        self._plan, self._number, self._urns = plan, number, attrgetter(urns)
        self._required = isinstance(kind, GraphQLNonNull)
        self._many = is_list_type(kind.of_type if isinstance(kind, GraphQLNonNull) else kind)

    async def fill(self, filling: Filling, places: list[tuple[Any, Place]]) -> None:
        named = await asyncio.gather(*(self._named(source, filling.context) for source, _ in places))
        found = await self._found(filling, list(dict.fromkeys(urn for urns in named for urn in urns)))
        for urns, (_, (made, at)) in zip(named, places, strict=True):
            assets = [found[urn] for urn in urns if urn in found]
            if self._many:
                made[at] = assets
            elif assets:
                made[at] = assets[0]
            elif self._required:
                raise Unusual  # it was seen a moment ago
            else:
                made[at] = None

    async def _named(self, source: Any, context: Context) -> Sequence[str]:
        urns = self._urns(source)
        if callable(urns):
            urns = await urns(context)
        return ([urns] if urns else []) if isinstance(urns, str) else urns or []

    async def _found(self, filling: Filling, urns: list[str]) -> dict[str, Any]:
        if not urns:
            return {}
        plan, (pages, params) = self._plan, filling.given.bound[self._number]
        query, scope = plan.query(reads.BY_URNS, pages), filling.context.scope
        row = await filling.context.graph.one(query, urns=urns, **params, **scope.parameters())
        rows = row["rows"] if row else []
        return dict(zip([row[plan.key_index] for row in rows], plan.shape(rows, pages), strict=True))


class _Answers(_Reading):
    """What resolvers of fields say."""

    def __init__(self, ask: Ask, fill: Fill) -> None:
        self._ask, self._fill = ask, fill

    async def fill(self, filling: Filling, places: list[tuple[Any, Place]]) -> None:
        said = await asyncio.gather(*(self._ask(source, filling) for source, _ in places))
        for value, (_, (made, at)) in zip(said, places, strict=True):
            made[at] = self._fill(value, filling, (made, at))


def found_plan(selection: Selection) -> FoundPlan:
    """Raises ``Unknown`` where only the executor can answer."""
    compiler = _Compiler(selection)
    fill = compiler.value(selection.raw.return_type, selection.root())
    return FoundPlan(fill, compiler.plans, compiler.asked)


class _Compiler:
    def __init__(self, selection: Selection) -> None:
        self._selection = selection
        self.plans: list[Plan] = []
        self.asked: list[Arguments] = []

    def value(self, kind: GraphQLOutputType, details: list[FieldDetails]) -> Fill:
        """What makes output of ``kind`` of a value."""
        if isinstance(kind, GraphQLNonNull):
            inner = self._present(kind.of_type, details)
            return lambda value, filling, place: _required(inner, value, filling, place)
        inner = self._present(kind, details)
        return lambda value, filling, place: None if value is None else inner(value, filling, place)

    def _present(self, kind: Any, details: list[FieldDetails]) -> Fill:
        if is_list_type(kind):
            return _each(self.value(kind.of_type, details))
        leaf = output_leaf(kind)
        if leaf is not None:
            return lambda value, filling, place: _plain(plain_value(leaf, value))
        if not isinstance(kind, GraphQLObjectType):
            raise Unknown(str(kind))
        return self._asset(kind, details) if kind.name == "Asset" else self._object(kind, details)

    def _object(self, kind: GraphQLObjectType, details: list[FieldDetails]) -> Fill:
        steps = [(key, self._field(kind, selected)) for key, selected in self._selection.of(kind, details)]
        origin = _class_of(kind)

        def fill(value: Any, filling: Filling, _: Place) -> dict[str, Any]:
            if value.__class__ is not origin:
                raise Unusual
            made: dict[str, Any] = {}
            for key, step in steps:
                made[key] = step(value, filling, (made, key))
            return made

        return fill

    def _field(self, parent: GraphQLObjectType, details: list[FieldDetails]) -> Fill:
        name = details[0].node.name.value
        if name == "__typename":
            return lambda value, filling, place: parent.name
        definition = parent.fields[name]
        leaf = leaf_of(definition)
        if leaf is not None:
            return lambda value, filling, place: _plain(plain_value(leaf, value))
        field = definition.extensions.get(_BACKREF)
        if not isinstance(field, StrawberryField) or field.extensions:
            raise Unknown(f"{parent.name}.{name}")
        if (named := NAMED.get(parent.name, {}).get(name)) is not None:
            reading: _Reading = self._assets(named, definition.type, details)
            return lambda value, filling, place: filling.later(reading, value, place)
        inner = self.value(definition.type, details)
        if field.is_basic_field:
            get = attrgetter(field.python_name)
            return lambda value, filling, place: inner(get(value), filling, place)
        ask = self._asking(field, definition, details[0].node)
        if not field.is_async:
            return lambda value, filling, place: inner(ask(value, filling), filling, place)
        answers = _Answers(ask, inner)
        return lambda value, filling, place: filling.later(answers, value, place)

    def _asking(self, field: StrawberryField, definition: GraphQLField, node: FieldNode) -> Ask:
        """Asks the resolver of a field."""
        resolver = field.base_resolver
        assert resolver is not None
        info = resolver.info_parameter
        number = None
        if definition.args:
            number = len(self.asked)
            self.asked.append(Arguments(node, definition, field))

        def ask(source: Any, filling: Filling) -> Any:
            given = {} if number is None else filling.given.arguments[number]
            return (
                resolver(source, **given)
                if info is None
                else resolver(source, **given, **{info.name: filling.info})
            )

        return ask

    def _asset(self, kind: GraphQLObjectType, details: list[FieldDetails]) -> Fill:
        """Of an asset that the resolver has read: its row may hold all that is selected."""
        reading = self._assets("urn", GraphQLNonNull(kind), details)
        plan = self.plans[-1]
        names, origin = plan.properties, _class_of(kind)

        def fill(value: Any, filling: Filling, place: Place) -> Any:
            if value.__class__ is not origin:
                raise Unusual  # such as an asset as it was
            row = value.row
            if names is None or not all(name in row for name in names):
                return filling.later(reading, value, place)
            return plan.shape([[row[name] for name in names]], [])[0]

        return fill

    def _assets(self, urns: str, kind: GraphQLOutputType, details: list[FieldDetails]) -> _Assets:
        asset = self._selection.raw.schema.type_map["Asset"]
        assert isinstance(asset, GraphQLObjectType)
        self.plans.append(asset_plan(self._selection, asset, details, by="urn"))
        return _Assets(self.plans[-1], len(self.plans) - 1, urns, kind)


def _class_of(kind: GraphQLObjectType) -> Any:
    definition = kind.extensions.get(_BACKREF)
    if not isinstance(definition, StrawberryObjectDefinition) or definition.is_type_of is not None:
        raise Unknown(kind.name)
    # A page's edges are made of the generic class itself.
    return definition.origin if definition.concrete_of is None else definition.concrete_of.origin


def _required(inner: Fill, value: Any, filling: Filling, place: Place) -> Any:
    if value is None:
        raise Unusual
    return inner(value, filling, place)


def _each(inner: Fill) -> Fill:
    def fill(values: Any, filling: Filling, _: Place) -> list[Any]:
        if values.__class__ not in (list, tuple):
            raise Unusual
        made = [None] * len(values)
        for at, value in enumerate(values):
            made[at] = inner(value, filling, (made, at))
        return made

    return fill


def _plain(value: Any) -> Any:
    if value is UNUSUAL:
        raise Unusual
    return value
