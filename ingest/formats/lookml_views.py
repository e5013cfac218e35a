"""Views of LookML: their fields, and the one query that a view with all its fields is."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ingest.formats.dbt_artifacts import member, text
from ingest.formats.exports import objects

Item = Mapping[str, Any]
Names = Callable[[str], tuple[str, ...]]
_KINDS = ("dimensions", "dimension_groups", "measures")
_REFERENCE = re.compile(r"\$\{\s*([\w.]+)\s*\}")
_CONDITION = re.compile(r"\{%\s*condition\s+\S+?\s*%\}(.*?)\{%\s*endcondition\s*%\}", re.DOTALL)
_BLOCK = re.compile(r"\{%.*?%\}", re.DOTALL)
_OUTPUT = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_AGGREGATES = {"sum": "SUM", "sum_distinct": "SUM", "average": "AVG", "average_distinct": "AVG", "min": "MIN", "max": "MAX", "count_distinct": "COUNT", "list": "MAX", "median": "MAX", "percentile": "MAX"}  # fmt: skip
_BACKTICKS = frozenset({"bigquery", "mysql", "databricks", "spark", "hive"})
_DEEPEST = 20
_LONGEST = 200_000  # characters of one expression or query
_ALIAS = "lookml_view"


@dataclass(frozen=True, slots=True)
class View:
    """A view with what it takes from others."""

    name: str
    said: Item


def merged(old: Item, new: Item) -> dict[str, Any]:
    """``old`` as ``new`` changes it: fields of one name are one field, anything else is as it was said last."""
    found = {**old, **new}
    for kind in _KINDS:
        both = (*objects(old.get(kind) or []), *objects(new.get(kind) or []))
        by_name: dict[str, Item] = {}
        for each in both:
            by_name[text(each, "name")] = {**by_name.get(text(each, "name"), {}), **each}
        if by_name:
            found[kind] = [*by_name.values()]
    return found


def fields(view: View) -> dict[str, Item]:
    """Dimensions, groups of times and measures, by their names."""
    return {
        text(each, "name"): each
        for kind in _KINDS
        for each in objects(view.said.get(kind) or [])
        if text(each, "name")
    }


def query(name: str, views: Mapping[str, View], names: Names, dialect: str) -> str | None:
    """The view as a query in the words of its warehouse; None where what it reads cannot be told.

    ``names`` takes the name of a table apart. A column that cannot be told from its expression is left out.
    """
    source = _source(name, views, names, dialect, 0)
    if source is None:
        return None
    quote = "`" if dialect in _BACKTICKS else '"'
    view = views[name]
    done: dict[str, str | None] = {}
    columns = [
        f"{expression} AS {quote}{field}{quote}"
        for field, said in fields(view).items()
        if (expression := _field(field, said, view, done))
    ]
    return f"SELECT {', '.join(columns) or '1 AS one'} FROM {source} AS {_ALIAS}"  # noqa: S608 (it is read, never run)


def _source(name: str, views: Mapping[str, View], names: Names, dialect: str, depth: int) -> str | None:
    """The table or the query in brackets that a view reads."""
    view = views.get(name)
    if view is None or depth == _DEEPEST:
        return None
    derived = text(member(view.said, "derived_table"), "sql")
    if not derived:
        if member(view.said, "derived_table"):
            return None
        stated = text(view.said, "sql_table_name") or name
        if found := re.fullmatch(r"\$\{(\w+)\.SQL_TABLE_NAME\}", stated):
            return _source(found[1], views, names, dialect, depth + 1)
        return stated if names(stated) else None
    sql = _without_liquid(derived).rstrip().rstrip(";")
    for other in dict.fromkeys(re.findall(r"\$\{(\w+)\.SQL_TABLE_NAME\}", sql)):
        inner = _source(other, views, names, dialect, depth + 1)
        if inner is None:
            return None
        sql = sql.replace(f"${{{other}.SQL_TABLE_NAME}}", inner)
    return None if "${" in sql or len(sql) > _LONGEST else f"({sql})"


def _without_liquid(sql: str) -> str:
    """SQL without the parts that Looker fills in: conditions keep the column that they are about."""
    kept = _CONDITION.sub(lambda found: f"{found[1]} IS NOT NULL", sql)
    return _OUTPUT.sub("NULL", _BLOCK.sub(" ", kept))


def _field(name: str, said: Item, view: View, done: dict[str, str | None]) -> str | None:
    """The expression of a field over the columns of the view's source; None where it is about another view."""
    kind, stated = text(said, "type"), text(said, "sql")
    if kind == "count" and not stated:
        return "COUNT(*)"
    if name in done:
        return done[name]
    done[name] = None  # a field that is made from itself has no expression
    known, lost = fields(view), False

    def replaced(found: re.Match[str]) -> str:
        nonlocal lost
        inner = found[1].removeprefix(f"{view.name}.")
        if inner == "TABLE":
            return _ALIAS
        other = known.get(inner) or next(
            (known[each] for each in known if inner.startswith(f"{each}_")), None
        )
        expression = _field(text(other, "name"), other, view, done) if other is not None else None
        lost |= expression is None
        return expression or "NULL"

    expression = _REFERENCE.sub(replaced, _without_liquid(stated or f"${{TABLE}}.{name}")).strip().rstrip(";")
    if lost and expression.replace("(", "").replace(")", "").strip() == "NULL":
        return None
    aggregate = _AGGREGATES.get(kind)
    if len(expression) <= _LONGEST:
        done[name] = f"{aggregate}({expression})" if aggregate else f"({expression})"
    return done[name]
