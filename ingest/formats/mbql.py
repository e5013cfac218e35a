"""MBQL, the query language of Metabase without SQL: which tables and questions a query starts from, and how it uses their fields.

Source: Metabase's reference of MBQL; a field is ``["field", id or name, options]``, in newer exports with the options first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from schema.domain.lineage import Transformation

_DEEPEST = 50
_CLAUSES = {
    "fields": (Transformation.IDENTITY,),
    "breakout": (Transformation.IDENTITY, Transformation.GROUP_BY),
    "aggregation": (Transformation.AGGREGATE,),
    "expressions": (Transformation.EXPRESSION,),
    "filter": (Transformation.FILTER,),
    "filters": (Transformation.FILTER,),
    "order-by": (Transformation.SORT,),
    "condition": (Transformation.JOIN,),
    "conditions": (Transformation.JOIN,),
}
_FIELDS = ("field", "field-id", "field-literal")
_NESTED = ("query", "source-query", "joins", "stages")


@dataclass(frozen=True, slots=True)
class Use:
    """One field, by its number or its name, and what happens to it; ``joined`` where it is of another table than the first."""

    field: int | str
    kinds: tuple[Transformation, ...]
    joined: bool = False


def sources(query: Mapping[str, Any]) -> Iterator[int | str]:
    """Numbers of tables, and ``card__<number>`` for questions, the first of each level before what is joined."""
    for part in _parts(query):
        source = part.get("source-table", part.get("source-card"))
        if isinstance(source, int) and "source-card" in part:
            yield f"card__{source}"
        elif isinstance(source, int | str):
            yield source


def uses(query: Mapping[str, Any]) -> Iterator[Use]:
    """Fields with the clauses in which they stand."""
    for part in _parts(query):
        for clause, kinds in _CLAUSES.items():
            for field, options in _fields(part.get(clause)):
                yield Use(field, kinds, any(key in options for key in ("join-alias", "source-field")))


def _parts(query: Mapping[str, Any], depth: int = 0) -> Iterator[Mapping[str, Any]]:
    """The query and all queries inside it."""
    if depth < _DEEPEST:
        yield query
        for key in _NESTED:
            inner = query.get(key)
            for each in inner if isinstance(inner, list) else [inner]:
                if isinstance(each, dict):
                    yield from _parts(each, depth + 1)


def _fields(clause: object, depth: int = 0) -> Iterator[tuple[int | str, Mapping[str, Any]]]:
    if depth == _DEEPEST:
        return
    if isinstance(clause, dict):
        clause = [*clause.values()]
    if not isinstance(clause, list):
        return
    if clause[:1] and clause[0] in _FIELDS and isinstance(clause[0], str):
        named = next((each for each in clause[1:] if isinstance(each, int | str)), None)
        if named is not None:
            yield named, next((each for each in clause[1:] if isinstance(each, dict)), {})
        return
    for each in clause:
        yield from _fields(each, depth + 1)
