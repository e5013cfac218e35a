"""MATCH_RECOGNIZE: the rows that a pattern finds, and what feeds its measures."""

from __future__ import annotations

from typing import Any

from ingest.sql_lineage.expressions import collect, flow_of
from ingest.sql_lineage.flows import FILTER, GROUP_BY, SORT
from ingest.sql_lineage.relations import Column, Open, Relation
from ingest.sql_lineage.scopes import Scope, Source


def matched(scope: Scope, node: Any) -> Source:
    """The sources of ``scope`` after the pattern of ``node``: keys and measures, or all columns and measures."""
    context = scope.context
    columns: list[Column] = []
    opens: list[Open] = []
    for source in scope.visible():
        columns += source.relation.columns
        opens += source.relation.opens
    rows = Relation(columns, opens)
    inner = Scope(context, scope.frame, scope.parent, list(scope.sources))
    for name in _variables(node):
        inner.sources.append(Source(name, rows, hidden=True))
    for key in node.args.get("partition_by") or ():
        collect(key, inner, GROUP_BY, context.uses)
    if node.args.get("order") is not None:
        collect(node.args["order"], inner, SORT, context.uses)
    for definition in node.args.get("define") or ():
        collect(definition.this, inner, FILTER, context.uses)
    keys = [(context.naming.column(k.name), flow_of(k, inner)) for k in node.args.get("partition_by") or ()]
    whole = str(node.args.get("rows") or "").upper().startswith("ALL ROWS")
    measures = [
        (context.naming.column(measure.this.alias_or_name), flow_of(measure.this, inner))
        for measure in node.args.get("measures") or ()
    ]
    alias = node.args.get("alias")
    found = Relation([*(columns if whole else keys), *measures], opens if whole else ())
    return Source(alias.name.lower() if alias is not None else "", found)


def _variables(node: Any) -> set[str]:
    """The pattern variables: those that are defined, and those that match any row."""
    defined = {definition.alias.lower() for definition in node.args.get("define") or ()}
    pattern = str(node.args.get("pattern") or "")
    return defined | {word.lower() for word in pattern.replace("|", " ").translate(_SIGNS).split()}


_SIGNS = str.maketrans(dict.fromkeys("(){}+*?^$-,0123456789", " "))
