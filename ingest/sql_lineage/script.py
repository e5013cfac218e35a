"""A script from its text to its lineage: statements in order, the scope that USE sets, temporary tables."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Any

from sqlglot import exp

from ingest.sql_lineage import commands
from ingest.sql_lineage.catalog import Catalog
from ingest.sql_lineage.context import Context
from ingest.sql_lineage.dialects import FAILURES, dialect_of, tokens_of
from ingest.sql_lineage.flows import Flow
from ingest.sql_lineage.landing import Landing, reads
from ingest.sql_lineage.model import (
    CONFIDENCE,
    OUTPUT,
    ColumnRef,
    Conventions,
    Reason,
    ReasonCode,
    ScriptLineage,
    Table,
)
from ingest.sql_lineage.names import is_temporary_name, table_name
from ingest.sql_lineage.naming import Naming, naming_of
from ingest.sql_lineage.parsing import parse, place
from ingest.sql_lineage.pieces import Piece, read_name
from ingest.sql_lineage.queries import evaluate, merge
from ingest.sql_lineage.relations import Relation, base
from ingest.sql_lineage.splitting import split
from ingest.sql_lineage.statements import returning, statement_lineage
from ingest.sql_lineage.templates import plain_delimiters, plain_templates

# sqlglot logs the SQL it cannot read, and with it the values in it.
logging.getLogger("sqlglot").setLevel(logging.CRITICAL)

_DEPTH = 4
# A tree that the parser built from broken text may lack any of its parts.
_INCOMPLETE = (AttributeError, TypeError, LookupError, ValueError)


@dataclass(slots=True)
class Known:
    """A table that the script made: its columns and, where it is temporary, what feeds them."""

    relation: Relation
    temporary: bool
    read: dict[Table, None] = field(default_factory=dict)
    uses: Flow = field(default_factory=dict)


@dataclass(slots=True)
class Session:
    """What carries over from one statement to the next."""

    naming: Naming
    catalog: Catalog
    settings: Conventions
    db: str | None
    schema: str | None
    made: dict[Table, Known] = field(default_factory=dict)
    consumed: set[Table] = field(default_factory=set)
    dropped: set[Table] = field(default_factory=set)
    variables: dict[str, Flow] = field(default_factory=dict)
    rows: dict[str, Relation] = field(default_factory=dict)
    joins: dict[tuple[ColumnRef, ColumnRef], None] = field(default_factory=dict)

    def scoped(self, table: Table) -> Table:
        if is_temporary_name(table):
            return table[-1:]
        return self.naming.scoped(table, self.db, self.schema)

    def source(self, table: Table, reads: bool) -> tuple[Relation, tuple[Table, ...], Flow]:
        known = self.made.get(table)
        if known is None:
            return base(table, self.catalog.columns(table)), (table,), {}
        if known.temporary and self.settings.collapse_temporary:
            if reads:
                self.consumed.add(table)
            return known.relation, tuple(known.read), known.uses
        columns = None if known.relation.open else [name for name, _ in known.relation.columns]
        return base(table, columns or self.catalog.columns(table)), (table,), {}

    def context(self, lines: int) -> Context:
        """The state for one more statement."""
        return Context(
            self.naming,
            self.settings,
            self.source,
            self.scoped,
            evaluate,
            returning,
            self.variables,
            self.rows,
            self.joins,
            lines,
        )

    def note(self, landing: Landing) -> None:
        """Remember what a statement made, for those that follow."""
        target = landing.lineage.target
        if target is None or target == OUTPUT:
            return
        temporary = landing.lineage.temporary or target in self.dropped or is_temporary_name(target)
        before = self.made.get(target)
        if before is not None and before.temporary:
            temporary = True
        landing.lineage.temporary = temporary
        if landing.created:
            self.made[target] = Known(landing.relation, temporary, landing.read, landing.uses)
        elif before is not None and temporary:
            relation = _extended(before.relation, landing.relation)
            self.made[target] = Known(
                relation, True, {**before.read, **landing.read}, {**before.uses, **landing.uses}
            )
        elif temporary:
            self.made[target] = Known(landing.relation, True, landing.read, landing.uses)


def _extended(before: Relation, more: Relation) -> Relation:
    if not before.columns and not before.opens:
        return more
    return merge(before, [(more, 1)], by_name=True)


def analyse_script(
    sql: str,
    *,
    dialect: str,
    catalog: Catalog,
    default_db: str | None = None,
    default_schema: str | None = None,
    settings: Conventions = Conventions(),
) -> ScriptLineage:
    """The lineage of all statements in ``sql``. Never raises on any text: what cannot be read is a reason."""
    naming = naming_of(dialect)
    fold = naming.segment
    session = Session(
        naming,
        catalog,
        settings,
        fold(default_db) if default_db else None,
        fold(default_schema) if default_schema else None,
    )
    result = ScriptLineage(dialect=dialect, default_db=session.db, default_schema=session.schema)
    _analyse_text(sql, session, result, lines=0, depth=0)
    result.consumed, result.joins = frozenset(session.consumed), tuple(session.joins)
    return result


def _analyse_text(sql: str, session: Session, result: ScriptLineage, *, lines: int, depth: int) -> None:
    sql, templates = plain_templates(plain_delimiters(sql))
    try:
        tokens = tokens_of(sql, dialect_of(session.naming))
    except FAILURES as error:
        result.reasons += (Reason(ReasonCode.PARSE_ERROR, *place(error, lines)),)
        return
    script = split(tokens, parser=session.naming.parser)
    session.variables.update((name, {}) for name in script.variables if name not in session.variables)
    parsed: list[tuple[Piece, list[Any], list[Reason]]] = []
    for piece in script.pieces:
        if piece.text is not None:
            parsed.append((piece, [], []))
            continue
        if _names_rows(piece):
            parsed.append((piece, [], []))
            continue
        start, end = piece.tokens[0].start, piece.tokens[-1].end
        nodes, reasons = parse(piece, sql, session.naming, lines)
        if any(start <= place <= end for place in templates):
            reasons.append(Reason(ReasonCode.DYNAMIC_NAME, piece.line + lines))
        parsed.append((piece, nodes, reasons))
    session.dropped |= _dropped([node for _, nodes, _ in parsed for node in nodes], session)
    for piece, nodes, reasons in parsed:
        if piece.text is not None:
            if piece.foreign:
                result.reasons += (Reason(ReasonCode.UNSUPPORTED_STATEMENT, piece.line + lines),)
            elif depth < _DEPTH:
                _analyse_text(piece.text, session, result, lines=lines + piece.line - 1, depth=depth + 1)
            continue
        if _names_rows(piece):
            _bind(piece, session)
            continue
        _analyse_piece(piece, nodes, reasons, session, result, lines)


def _names_rows(piece: Piece) -> bool:
    """True where a name, not a query, says which rows a variable stands for."""
    return piece.binds is not None and (piece.table or len(piece.tokens) == 1)


def _bind(piece: Piece, session: Session) -> None:
    """``FOR row IN cursor``, and NEW and OLD of a trigger."""
    assert piece.binds is not None
    if piece.table:
        name, _ = read_name(piece.tokens, session.naming)
        session.rows[piece.binds] = session.source(session.scoped(name), True)[0]
    else:
        rows = session.rows.get(piece.tokens[0].text.lower())
        session.rows[piece.binds] = rows if rows is not None else Relation(rest={})


def _analyse_piece(
    piece: Piece, nodes: list[Any], reasons: list[Reason], session: Session, result: ScriptLineage, lines: int
) -> None:
    landings: list[Landing] = []
    for node in nodes:
        context = session.context(lines)
        try:
            if piece.binds is not None and isinstance(node, exp.Query):
                session.rows[piece.binds] = evaluate(node, None, None, context)
                landings.append(reads(OUTPUT, context))
                continue
            found = commands.apply(node, session, context) if isinstance(node, commands.Command) else None
            landings += statement_lineage(node, context) if found is None else found
            landings = context.nested + landings
        except RecursionError:
            reasons.append(Reason(ReasonCode.TOO_DEEP, piece.line + lines))
        except _INCOMPLETE:
            reasons.append(Reason(ReasonCode.UNSUPPORTED_STATEMENT, piece.line + lines))
        if not landings:
            reasons += [r for r in context.reasons if r.code is not ReasonCode.NO_COLUMN_FLOW]
    for landing in landings:
        session.note(landing)
        lineage = landing.lineage
        lineage.line = piece.line + lines
        if reasons:
            lineage.reasons = (*reasons, *lineage.reasons)
            for code in {reason.code for reason in reasons}:
                lineage.confidence = round(lineage.confidence * CONFIDENCE[code], 3)
        result.statements.append(lineage)
    if reasons and not landings:
        result.reasons += tuple(reasons)


def _dropped(nodes: list[Any], session: Session) -> set[Table]:
    """Tables that the script creates and later drops: they are temporary, whatever they are called."""
    alive: dict[Table, bool] = {}
    for node in nodes:
        if not isinstance(node, (exp.Create, exp.Drop)):
            continue
        targets = node.args.get("tables") if isinstance(node, exp.Drop) else [node.this]
        for name in (table_name(target, session.naming) for target in targets or ()):
            if name is None:
                continue
            if isinstance(node, exp.Create):
                alive[session.scoped(name)] = True
            elif session.scoped(name) in alive:
                alive[session.scoped(name)] = False
    return {name for name, kept in alive.items() if not kept}
