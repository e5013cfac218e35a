"""What a selection is compiled to: a Cypher row of lists, the function that shapes such rows, and the pages inside."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from graphql import FieldNode, GraphQLField
from graphql.execution.values import get_argument_values

from cypher.catalogue import Query
from cypher.selection import text
from graph_api.compiled.selection import Raw, is_fixed, variables
from graph_api.compiled.shapes import Paged
from graph_api.paging import Page

Bound = tuple[list[Page], dict[str, Any]]
"""Pages and parameters of one request."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One connection of a selection: its place in the statement, and the field that its arguments come from."""

    number: int
    spec: Paged
    node: FieldNode
    definition: GraphQLField

    @property
    def names(self) -> list[str]:
        """Its parameters."""
        spec = self.spec
        return [f"p{self.number}_{name}" for name in ("first", "key", *spec.parameters, *spec.constants)]

    def bound(self, raw: Raw) -> tuple[Page, dict[str, Any]]:
        """Its page and parameters; raises what the resolver, and ``GraphQLError`` where graphql-core, would."""
        given = get_argument_values(self.definition, self.node, variables(raw))
        spec = self.spec
        ends = {name: given.get(name) for name in ("first", "after", "last", "before")}
        page = Page.of(spec.scope, spec.key_types, **ends)
        key = None if page.key is None else list(page.key) if len(page.key) > 1 else page.key[0]
        values: list[Any] = [page.limit, key]
        for argument in spec.parameters.values():
            value = given.get(argument)
            values.append(getattr(value, "value", value))
        return page, dict(zip(self.names, [*values, *spec.constants.values()], strict=True))


@dataclass
class Plan:
    """``shape(rows, pages)`` makes the answer of the ``rows`` that the statement returns.

    ``columns`` are the expressions of such a row, the one at ``key_index`` being what a list of assets is found by.
    """

    columns: Sequence[str]
    shape: Callable[[list[Any], list[Any]], Any]
    slots: tuple[Slot, ...]
    wants_count: bool = False
    key_index: int | None = None
    _queries: dict[Any, Query] = field(default_factory=dict)
    _bound: Bound | None = None

    def query(self, anchor: Query, pages: Sequence[Page]) -> Query:
        """The statement for pages in these directions; a document has few."""
        directions = tuple(page.backward for page in pages)
        found = self._queries.get((anchor.name, directions))
        if found is None:
            numbers = [slot.number for slot in self.slots]
            row = text.directed(self._row, zip(numbers, directions, strict=True))
            names = [name for slot in self.slots for name in slot.names]
            found = text.anchored(anchor, row, [*names, "clearance", "domains"])
            self._queries[anchor.name, directions] = found
        return found

    def bound(self, raw: Raw) -> Bound:
        """Pages and parameters of one request; raises what the resolvers would raise."""
        if self._bound is not None:
            return self._bound
        pages: list[Page] = []
        params: dict[str, Any] = {}
        for slot in self.slots:
            page, more = slot.bound(raw)
            pages.append(page)
            params |= more
        if self._is_fixed:
            self._bound = pages, params
        return pages, params

    @cached_property
    def properties(self) -> tuple[str, ...] | None:
        """The properties of the asset that a row holds; None where it holds more than such."""
        found = [column.removeprefix(f"{text.ANCHOR}.") for column in self.columns]
        return tuple(found) if all(map(str.isidentifier, found)) else None

    @cached_property
    def _row(self) -> str:
        return f"[{', '.join(self.columns)}]"

    @cached_property
    def _is_fixed(self) -> bool:
        return all(is_fixed(slot.node) for slot in self.slots)
