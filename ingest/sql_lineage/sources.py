"""The items of FROM and JOIN as sources of a scope."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from ingest.sql_lineage.ctes import frame_of, read
from ingest.sql_lineage.equalities import note_equalities, note_shared
from ingest.sql_lineage.expressions import collect
from ingest.sql_lineage.flows import EXPRESSION, JOIN, Flow, add, union
from ingest.sql_lineage.model import ReasonCode, Table
from ingest.sql_lineage.names import is_function, read_location, table_name
from ingest.sql_lineage.naming import is_path
from ingest.sql_lineage.pivots import pivoted
from ingest.sql_lineage.relations import Column, Open, Relation
from ingest.sql_lineage.scopes import Scope, Source

# T-SQL's tables of a trigger.
_CHANGED = frozenset({"inserted", "deleted"})
# Table functions whose alias is also the name of their one column.
_SCALAR = frozenset(
    {"unnest", "explode", "posexplode", "generateseries", "sequence", "explodinggenerateseries"}
)
# The columns of table functions that nobody names.
_OUTPUTS = {
    "stringsplit": ("value", "ordinal"),
    "openjson": ("key", "value", "type"),
    "jsoneach": ("key", "value"),
    "jsoneachtext": ("key", "value"),
    "jsonbeach": ("key", "value"),
    "jsonbeachtext": ("key", "value"),
    "jsonarrayelements": ("value",),
    "jsonarrayelementstext": ("value",),
    "jsonbarrayelements": ("value",),
    "jsonbarrayelementstext": ("value",),
    "splittotable": ("seq", "index", "value"),
    "explode": ("col", "key", "value"),
    "explodeouter": ("col", "key", "value"),
    "posexplode": ("pos", "col"),
}


def add_sources(scope: Scope, item: Any) -> None:
    """Add ``item`` and everything joined to it; conditions of joins become dependencies."""
    if isinstance(item, exp.Join):
        _join(scope, item)
        return
    while isinstance(item, (exp.Final, exp.Stream)):
        item = item.this
    pivots = item.args.get("pivots") or ()
    if _is_group(item) and not item.args.get("alias") and not pivots:
        # The names inside the parentheses stay usable outside.
        add_sources(scope, item.this)
    else:
        source = _source(scope, item)
        for pivot in pivots:
            source = _pivot(scope, source, pivot)
        scope.sources.append(source)
    for key in ("joins", "laterals"):
        for joined in item.args.get(key) or ():
            add_sources(scope, joined)


def _is_group(item: Any) -> bool:
    """True for tables and joins in parentheses."""
    while isinstance(item, exp.Subquery):
        item = item.this
        if isinstance(item, exp.Table):
            return True
    return False


def _source(scope: Scope, item: Any) -> Source:
    alias = item.args.get("alias")
    name = alias.name.lower() if alias is not None else ""
    names = _column_names(scope, alias)
    if isinstance(item, exp.Table) and not is_function(item):
        return _table(scope, item, name, names)
    if _is_group(item):
        relation, table = _group(scope, item.this)
        return Source(
            name or (table[-1].lower() if table else ""), relation.renamed(names), () if name else table
        )
    if isinstance(item, exp.Lateral) and isinstance(item.this, exp.Query):
        relation = scope.context.evaluate(item.this, scope.frame, scope, scope.context)
        return Source(name, relation.renamed(names))
    if isinstance(item, (exp.Query, exp.Values)):
        # Only LATERAL sees its neighbours; a plain sub-query sees what encloses the whole SELECT.
        frame = frame_of(item.args.get("with_"), scope.frame, scope.parent, scope.context)
        inner = item.this if isinstance(item, exp.Subquery) else item
        return Source(name, scope.context.evaluate(inner, frame, scope.parent, scope.context).renamed(names))
    return _function(scope, item, name, names)


def _column_names(scope: Scope, alias: Any) -> list[str]:
    columns = alias.args.get("columns") if alias is not None else None
    naming = scope.context.naming
    return [naming.column(c.name, bool(c.args.get("quoted"))) for c in columns or ()]


def _table(scope: Scope, item: Any, alias: str, names: list[str]) -> Source:
    context = scope.context
    written = table_name(item, context.naming)
    if written is None:
        context.reason(ReasonCode.DYNAMIC_NAME, item)
        return Source(alias, Relation(rest={}))
    if len(written) == 1 and written[0].lower() in _CHANGED and written[0].lower() in context.rows:
        rows = context.rows[written[0].lower()]
        context.read.update(
            dict.fromkeys([*rows.bases(), *(ref.table for _, flow in rows.columns for ref in flow)])
        )
        return Source(alias or written[0].lower(), rows)
    if len(written) == 1 and scope.frame is not None:
        cte = scope.frame.find(written[0].lower())
        if cte is not None:
            return Source(alias or written[0].lower(), read(cte, scope.parent, context).renamed(names))
    table = written if is_path(written) else context.scoped(written)
    relation = context.relation(table)
    if names and relation.open and not relation.columns:
        context.reason(ReasonCode.STAR_WITHOUT_SCHEMA, item)
    return Source(alias or written[-1].lower(), relation.renamed(names), table)


def _group(scope: Scope, table: Any) -> tuple[Relation, Table]:
    """``(a JOIN b ...)``: all columns of the joined tables; a single table in parentheses stays itself."""
    inner = Scope(scope.context, scope.frame, scope.parent)
    add_sources(inner, table)
    if len(inner.sources) == 1:
        return inner.sources[0].relation, inner.sources[0].table
    columns: list[Column] = []
    opens: list[Open] = []
    for source in inner.visible():
        columns += source.relation.columns
        if source.relation.open:
            opens.append((source.relation, frozenset()))
    return Relation(columns, opens), ()


def _function(scope: Scope, item: Any, alias: str, names: list[str]) -> Source:
    """UNNEST, LATERAL VIEW and table functions: every column comes from all arguments."""
    node = item.this if isinstance(item, (exp.Lateral, exp.Table)) else item
    location = read_location(node, scope.context.naming)
    if location is not None:
        return Source(alias, scope.context.relation(location).renamed(names), location)
    flow: Flow = {}
    passed: list[Column] = []
    for argument in node.iter_expressions() if isinstance(node, exp.Expression) else ():
        if isinstance(argument, exp.Query) and not isinstance(node, (exp.Unnest, exp.Explode)):
            # A function over a table hands its columns on beside those it makes.
            rows = scope.context.evaluate(argument, scope.frame, scope, scope.context)
            passed += rows.columns
            flow.update(union([each for _, each in rows.columns] or [{}]))
        elif not isinstance(argument, exp.TableAlias):
            collect(argument, scope, EXPRESSION, flow)
    offset = item.args.get("offset")
    made = names or _declared(node, scope)
    if not made and alias and (_function_name(node) in _SCALAR or not isinstance(node, exp.Func)):
        made = [alias]
    columns: list[Column] = [(name, flow) for name in made or _OUTPUTS.get(_function_name(node), ())]
    columns += [] if names else passed
    if not columns and scope.context.naming.parser == "oracle":
        columns = [("column_value", flow)]
    if isinstance(offset, exp.Identifier):
        columns.append((scope.context.naming.column(offset.name), {}))
    return Source(alias, Relation(columns, rest=flow))


def _function_name(node: Any) -> str:
    name = node.name if isinstance(node, exp.Anonymous) else type(node).__name__
    return str(name).lower().replace("_", "")


def _declared(node: Any, scope: Scope) -> list[str]:
    """The columns that JSON_TABLE, XMLTABLE and OPENJSON list."""
    listed = node.args.get("schema") or node
    found = []
    for column in listed.find_all(exp.JSONColumnDef, exp.OpenJSONColumnDef, exp.ColumnDef):
        if isinstance(column.this, exp.Identifier):
            found.append(scope.context.naming.column(column.this.this, bool(column.this.args.get("quoted"))))
    return found


def _pivot(scope: Scope, source: Source, pivot: Any) -> Source:
    alias = pivot.args.get("alias")
    relation = pivoted(source.relation, pivot, scope)
    names = _column_names(scope, alias)
    # Behind unknown columns come those that the pivot makes.
    relation = relation.renamed(
        names[-len(relation.columns) :] if relation.opens and relation.columns else names
    )
    return Source(alias.name.lower() if alias is not None else source.alias, relation)


def _join(scope: Scope, join: Any) -> None:
    context = scope.context
    before = list(scope.sources)
    add_sources(scope, join.this)
    added = scope.sources[len(before) :]
    for condition in (join.args.get("on"), join.args.get("match_condition")):
        if condition is not None:
            collect(condition, scope, JOIN, context.uses)
            note_equalities(condition, scope)
    names = [context.naming.column(u.name, bool(u.args.get("quoted"))) for u in join.args.get("using") or ()]
    if str(join.args.get("method") or "").upper() == "NATURAL":
        left = {name for source in before for name, _ in source.relation.columns}
        names = [name for source in added for name, _ in source.relation.columns if name in left]
    for name in names:
        scope.using[name] = _owners(name, scope.using.get(name), before, added)
        shared = scope.local(name)[0] or {}
        add(context.uses, shared, JOIN)
        note_shared(shared, scope)
    if str(join.args.get("kind") or "").upper() in ("SEMI", "ANTI"):
        for source in added:
            source.hidden = True


def _owners(
    name: str, joined: list[Source] | None, before: list[Source], added: list[Source]
) -> list[Source]:
    """The sources whose column ``name`` a USING merges."""
    left = joined or [s for s in before if s.relation.find(name) is not None]
    if not left:
        left = [s for s in before if s.relation.open and not s.hidden]
        left = left if len(left) == 1 else []
    right = [s for s in added if s.relation.find(name) is not None or s.relation.open]
    return [*left, *right]
