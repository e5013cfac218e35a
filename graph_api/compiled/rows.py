"""Compiles what is selected of an asset: to a Cypher row of lists, and to the function that shapes such rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from graphql import GraphQLObjectType
from graphql.execution.collect_fields import FieldDetails

from cypher.selection import text
from graph_api.compiled.plan import Plan, Slot
from graph_api.compiled.selection import Selection, Unknown, type_of
from graph_api.compiled.shapes import EDGE, TYPES, Inner, Leaf, Level, Many, One, Paged, Part
from graph_api.compiled.values import NAMES

_MAX_PATTERNS = 30  # the server plans a statement of so many in well under a second
_ROOT = Paged("Asset", "", "assets", ("{node}.urn",), (str,))


def asset_plan(
    selection: Selection, kind: GraphQLObjectType, details: list[FieldDetails], *, by: str | None = None
) -> Plan:
    """A plan for one asset, or for a list of assets that are found ``by`` this property."""
    compiler = _Compiler(selection)
    columns = _Columns()
    key = None if by is None else columns.add(f"{text.ANCHOR}.{by}")
    body = compiler.object(kind, details, text.ANCHOR, "", columns)
    row = compiler.function("r, P", f"return {body}")
    shape = f"return {row}(R[0], P) if R else None" if by is None else f"return [{row}(r, P) for r in R]"
    return compiler.plan(columns, compiler.function("R, P", shape), key_index=key)


def connection_plan(selection: Selection, kind: GraphQLObjectType) -> Plan:
    """A plan for a connection of assets; its own page is the first of those that shape it."""
    compiler = _Compiler(selection)
    compiler.root_page = True
    columns = _Columns()
    name = compiler.connection(_ROOT, kind, selection.root(), text.ANCHOR, "", columns, 0)
    return compiler.plan(columns, name, wants_count=compiler.wants_count)


class _Columns(list[str]):
    """Expressions of one row, each once."""

    def add(self, expression: str) -> int:
        if expression not in self:
            self.append(expression)
        return self.index(expression)

    def row(self) -> str:
        return f"[{', '.join(self)}]"


class _Compiler:
    def __init__(self, selection: Selection) -> None:
        self._selected = selection.of
        self._source: list[str] = []
        self._numbers = 0
        self._patterns = 0
        self._slots: list[Slot] = []
        self.root_page = self.wants_count = False

    def plan(self, columns: _Columns, shape: str, **more: Any) -> Plan:
        names: dict[str, Any] = dict(NAMES)
        # The text holds this module's words, expressions of shapes and repr() of names that graphql-core parsed.
        exec(compile("\n".join(self._source), "<selection>", "exec"), names)  # noqa: S102
        return Plan(columns, names[shape], tuple(self._slots), **more)

    def function(self, parameters: str, *body: str) -> str:
        self._numbers += 1
        name = f"f{self._numbers}"
        self._source += [f"def {name}({parameters}):", *(f"  {line}" for line in body)]
        return name

    def object(
        self, kind: GraphQLObjectType, details: list[FieldDetails], node: str, edge: str, columns: _Columns
    ) -> str:
        """A Python expression over ``r``, a row of ``columns``, that makes one object of ``kind``."""
        known = TYPES.get(kind.name)
        if known is None:
            raise Unknown(kind.name)
        items = []
        for key, selected in self._selected(kind, details):
            name = selected[0].node.name.value
            if name == "__typename":
                items.append(f"{key!r}: {kind.name!r}")
                continue
            if name not in known:
                raise Unknown(f"{kind.name}.{name}")
            items.append(f"{key!r}: {self._field(known[name], kind, selected, node, edge, columns)}")
        return "{" + ", ".join(items) + "}"

    def connection(
        self,
        spec: Paged,
        kind: GraphQLObjectType,
        details: list[FieldDetails],
        node: str,
        edge: str,
        columns: _Columns,
        place: int,
    ) -> str:
        """The name of a function that makes a connection of the rows of ``columns``; its page is the one at ``place``."""
        key = ", ".join(f"r[{columns.add(each.format(node=node, edge=edge))}]" for each in spec.key)
        cursor = self.function("r", f"return encode_cursor({spec.scope!r}, ({key},))")
        items, needs_info = [], False
        for name, selected in self._selected(kind, details):
            match selected[0].node.name.value:
                case "__typename":
                    value = repr(kind.name)
                case "edges":
                    made = self._edge(type_of(kind, selected), spec, selected, node, edge, columns, cursor)
                    value = f"[{made}(r, P) for r in R]"
                case "pageInfo":
                    needs_info = True
                    value = self._page_info(type_of(kind, selected), selected)
                case "totalCount" if self.root_page and place == 0:
                    self.wants_count = True
                    value = "P[-1]"
                case "totalCount":
                    value = "None"  # of a list inside of an asset nobody counts
                case other:
                    raise Unknown(f"{kind.name}.{other}")
            items.append(f"{name!r}: {value}")
        return self.function(
            "R, P",
            f"page = P[{place}]",
            "more = len(R) > page.size",
            "if more: R = R[:page.size]",
            "if page.backward: R = R[::-1]",
            f"i = page_info(page, more, R, {cursor})" if needs_info else "pass",
            "return {" + ", ".join(items) + "}",
        )

    def _edge(
        self,
        kind: GraphQLObjectType,
        spec: Paged,
        details: list[FieldDetails],
        node: str,
        edge: str,
        columns: _Columns,
        cursor: str,
    ) -> str:
        items = []
        for key, selected in self._selected(kind, details):
            match selected[0].node.name.value:
                case "__typename":
                    value = repr(kind.name)
                case "cursor":
                    value = f"{cursor}(r)"
                case "node":
                    value = self.object(type_of(kind, selected), selected, node, edge, columns)
                case other:
                    raise Unknown(f"{kind.name}.{other}")
            items.append(f"{key!r}: {value}")
        return self.function("r, P", "return {" + ", ".join(items) + "}")

    def _page_info(self, kind: GraphQLObjectType, details: list[FieldDetails]) -> str:
        items = []
        for key, selected in self._selected(kind, details):
            name = selected[0].node.name.value
            items.append(f"{key!r}: " + (repr(kind.name) if name == "__typename" else f"i[{name!r}]"))
        return "{" + ", ".join(items) + "}"

    def _field(
        self,
        field: Any,
        parent: GraphQLObjectType,
        details: list[FieldDetails],
        node: str,
        edge: str,
        columns: _Columns,
    ) -> str:
        match field:
            case Leaf(properties, value, on):
                return _expression(value, properties, edge if on == EDGE else node, columns)
            case Part(_, present):
                at = columns.add(f"{node}.{present}")
                made = self.object(type_of(parent, details), details, node, edge, columns)
                return f"(None if r[{at}] is None else {made})"
            case Inner(_, on):
                inner = edge if on == EDGE else node
                # The ends of a foreign key are columns both; for all else the edge stays the edge.
                return self.object(type_of(parent, details), details, inner, edge, columns)
            case Level(name, properties, value):
                number = self._number()
                inside = text.pattern(name, "", number=number, this=node, edge=edge)
                found = columns.add(f"head(COLLECT {{\n{inside}\n}})")
                return _expression(value, properties, node, columns, found=f"r[{found}]")
            case One(_, name):
                at, made = self._rows(name, parent, details, node, edge, columns, one=True)
                return f"(None if r[{at}] is None else {made}(r[{at}], P))"
            case Many(_, name, sort):
                at, made = self._rows(name, parent, details, node, edge, columns, sort=sort)
                return made.format(f"r[{at}]") if sort else f"[{made}(x, P) for x in r[{at}]]"
            case _:
                return self._paged(field, parent, details, node, edge, columns)

    def _rows(
        self,
        name: str,
        parent: GraphQLObjectType,
        details: list[FieldDetails],
        node: str,
        edge: str,
        columns: _Columns,
        *,
        one: bool = False,
        sort: tuple[str, ...] = (),
    ) -> tuple[int, str]:
        """The column that holds what a pattern finds, and the function that makes an object of each row."""
        number = self._number()
        inner = _Columns()
        made = self.function(
            "r, P",
            f"return {self.object(type_of(parent, details), details, f'n{number}', f'e{number}', inner)}",
        )
        if sort:
            keys = [inner.add(_property(f"n{number}", each)) for each in sort]
            parts = " ".join(f"r[{key}] or ''," for key in keys)
            by = self.function("r", f"return ({parts})")
            made = f"[{made}(x, P) for x in sorted({{0}}, key={by})]"
        inside = text.pattern(name, inner.row(), number=number, this=node, edge=edge)
        found = f"COLLECT {{\n{inside}\n}}"
        return columns.add(f"head({found})" if one else found), made

    def _paged(
        self,
        spec: Paged,
        parent: GraphQLObjectType,
        details: list[FieldDetails],
        node: str,
        edge: str,
        columns: _Columns,
    ) -> str:
        number = self._number()
        asked = details[0].node
        definition = parent.fields[asked.name.value]
        place = len(self._slots) + self.root_page
        self._slots.append(Slot(number, spec, asked, definition))
        inner = _Columns()
        kind = type_of(parent, details)
        made = self.connection(spec, kind, details, f"n{number}", f"e{number}", inner, place)
        inside = text.pattern(spec.pattern, inner.row(), number=number, this=node, edge=edge)
        at = columns.add(f"COLLECT {{\n{inside}\n}}")
        return f"{made}(r[{at}], P)"

    def _number(self) -> int:
        self._patterns += 1
        if self._patterns > _MAX_PATTERNS:
            raise Unknown("too many patterns")
        return self._patterns


def _property(of: str, name: str) -> str:
    return f"type({of})" if name == "type()" else f"{of}.{name}"


def _expression(value: str, properties: Sequence[str], of: str, columns: _Columns, **more: str) -> str:
    return value.format(*(f"r[{columns.add(_property(of, name))}]" for name in properties), **more)
