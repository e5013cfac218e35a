"""Statements that the parser does not know, read by their leading words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlglot import exp
from sqlglot.tokens import TokenType

from ingest.sql_lineage.context import Context
from ingest.sql_lineage.dialects import FAILURES, GENERIC, dialect_of
from ingest.sql_lineage.landing import Landing, land, reads
from ingest.sql_lineage.model import OUTPUT, ReasonCode
from ingest.sql_lineage.movements import moved
from ingest.sql_lineage.moves import moves
from ingest.sql_lineage.naming import Naming
from ingest.sql_lineage.pieces import VERBS, is_string, read_name, word
from ingest.sql_lineage.queries import evaluate

# They move no data, or (RENAME TABLE) only the name of data that stays.
_IDLE = frozenset(
    {
        "RENAME", "PRINT", "RETURN", "RAISE", "RAISERROR", "THROW", "OPEN", "CLOSE", "DEALLOCATE", "BREAK", "CONTINUE",
        "GO", "COMMIT", "ROLLBACK", "PERFORM", "GRANT", "REVOKE", "VACUUM", "OPTIMIZE", "MSCK", "LOCK", "COMMENT", "ADD",
        "EXPLAIN", "UPDATE STATISTICS", "SHOW", "DESC", "DESCRIBE",
    }
)  # fmt: skip


@dataclass(slots=True)
class Command:
    """``kind`` and the tokens that follow its words."""

    kind: str
    tokens: list[Any]
    dialect: Any = None
    this: Any = None


def recognise(tokens: list[Any], naming: Naming) -> Command | None:
    """The command that ``tokens`` are, if they are one of those below."""
    dialect = dialect_of(naming)
    words = [word(token) for token in tokens[:6]] + [""] * 6
    first, second = words[0], words[1]
    if first in ("USE", "DATABASE"):
        return Command("use", tokens[1:])
    if first in ("LOAD", "IMPORT", "EXPORT", "BULK"):
        return Command("files", tokens, dialect)
    if first == "SET" and second in ("SEARCH_PATH", "SCHEMA", "CATALOG"):
        return Command(
            "search_path" if second != "CATALOG" else "use", tokens[1 if second == "CATALOG" else 2 :]
        )
    if first == "ALTER" and second == "SESSION":
        at = next((i for i, t in enumerate(tokens) if word(t) == "CURRENT_SCHEMA"), 0)
        return Command("search_path", tokens[at + 1 :]) if at else Command("none", [])
    if first == "UNLOAD":
        return Command("unload", tokens[1:], dialect)
    if first == "FETCH":
        return Command("fetch", tokens[1:])
    if first in _IDLE:
        return Command("none", [])
    found = moves(tokens, naming)
    if found:
        return Command("moves", tokens, this=found)
    if first == "SELECT" and any(word(t) in ("OUTFILE", "DUMPFILE") for t in tokens):
        return _outfile(tokens, dialect)
    return _assignment(tokens, dialect)


def apply(command: Command, session: Any, context: Context) -> list[Landing]:
    """What ``command`` does to the session, and its lineage."""
    if command.kind == "use":
        _use(command.tokens, session)
    elif command.kind == "search_path":
        names, _ = read_name([t for t in command.tokens if word(t) not in ("TO", "=")], session.naming)
        if names:
            session.schema = names[-1]
    elif command.kind == "fetch":
        _fetch(command.tokens, session)
    elif command.kind == "unload":
        return _unload(command, context)
    elif command.kind == "files":
        return _files(command, session, context)
    elif command.kind == "moves":
        return [
            moved(session.scoped(source), session.scoped(target), context) for source, target in command.this
        ]
    elif command.kind == "outfile":
        return [land(command.this, evaluate(command.tokens[0], None, None, context), context)]
    elif command.kind == "assign":
        _assign(command, session, context)
        return [reads(OUTPUT, context)] if context.read else []
    return []


def _use(tokens: list[Any], session: Any) -> None:
    """USE [CATALOG | DATABASE | SCHEMA] name; DEFAULT goes back to the platform's own."""
    what = word(tokens[0]) if tokens else ""
    keyword = (
        what
        if what in ("CATALOG", "DATABASE", "SCHEMA", "ROLE", "WAREHOUSE", "SECONDARY", "NAMESPACE")
        else ""
    )
    if keyword in ("ROLE", "WAREHOUSE", "SECONDARY"):
        return
    name, _ = read_name(tokens[1:] if keyword and len(tokens) > 1 else tokens, session.naming)
    if not name:
        return
    parser, levels = session.naming.parser, session.naming.levels
    if len(name) > 1:
        session.db, session.schema = name[-2], name[-1]
    elif (
        levels == 1 or keyword in ("SCHEMA", "NAMESPACE") or (parser == "databricks" and keyword != "CATALOG")
    ):
        session.schema = None if name[0].lower() == "default" else name[0]
    else:
        session.db = name[0]
        if parser in ("snowflake", "tsql"):
            session.schema = None


def _fetch(tokens: list[Any], session: Any) -> None:
    """FETCH [NEXT FROM] cursor INTO variables."""
    words = [word(token) for token in tokens]
    if "INTO" not in words:
        return
    at = words.index("INTO")
    rows = session.rows.get(tokens[at - 1].text.lower()) if at else None
    names = "".join(token.text for token in tokens[at + 1 :]).lower().split(",")
    if rows is not None:
        session.variables.update(zip(names, (flow for _, flow in rows.columns), strict=False))


def _outfile(tokens: list[Any], dialect: Any) -> Command | None:
    """MySQL: ``SELECT ... INTO OUTFILE 'x' ... FROM t``."""
    words = [word(token) for token in tokens]
    at = next(i for i, w in enumerate(words) if w in ("OUTFILE", "DUMPFILE"))
    if words[at - 1] != "INTO" or at + 1 >= len(tokens) or not is_string(tokens[at + 1]):
        return None
    end = next((i for i in range(at, len(words)) if words[i] == "FROM"), len(words))
    try:
        query = dialect.parser().parse([*tokens[: at - 1], *tokens[end:]], "")[0]
    except FAILURES:
        return None
    return Command("outfile", [query], this=(tokens[at + 1].text,))


def _assignment(tokens: list[Any], dialect: Any) -> Command | None:
    """``x := expression``, ``LET x type := expression``, ``x RESULTSET := (SELECT ...)``."""
    at = next((i for i, token in enumerate(tokens[:6]) if token.token_type is TokenType.COLON_EQ), 0)
    if not at or (word(tokens[0]) in VERBS and word(tokens[0]) != "SET") or at + 1 >= len(tokens):
        return None
    name = tokens[1 if word(tokens[0]) in ("LET", "SET") else 0]
    select = GENERIC.tokenize("SELECT")[0]
    value = tokens[at + 1 :]
    if word(value[0]) == "(" and len(value) > 1 and word(value[1]) in ("SELECT", "WITH"):
        select = None
    try:
        query = dialect.parser().parse(value if select is None else [select, *value], "")[0]
    except FAILURES:
        return None
    return Command("assign", [query], this=name.text.lower()) if query is not None else None


def _assign(command: Command, session: Any, context: Context) -> None:
    rows = evaluate(command.tokens[0], None, None, context)
    session.variables[command.this] = rows.columns[0][1] if rows.columns else {}
    session.rows[command.this] = rows


def _unload(command: Command, context: Context) -> list[Landing]:
    """Redshift: UNLOAD ('query') TO 'location'."""
    tokens = command.tokens
    strings = [t.text for t in tokens if t.token_type.name.endswith("STRING")]
    target = next((tokens[i + 1].text for i, t in enumerate(tokens[:-1]) if word(t) == "TO"), None)
    if not strings or target is None:
        return []
    try:
        query = command.dialect.parse(strings[0])[0]
    except FAILURES:
        return []
    return [land((target,), evaluate(query, None, None, context), context)]


def _files(command: Command, session: Any, context: Context) -> list[Landing]:
    """LOAD DATA and BULK INSERT, IMPORT and EXPORT of a table (Hive), EXPORT DATA of a query (BigQuery)."""
    tokens = command.tokens
    words = [word(token) for token in tokens]
    places = [token.text for token in tokens if is_string(token)]
    location = (next((text for text in places if "/" in text), places[0]),) if places else None
    if location is None:
        return []
    if words[0] == "EXPORT" and "AS" in words:
        query = command.dialect.parser().parse(tokens[words.index("AS") + 1 :], "")[0]
        return [land(location, evaluate(query, None, None, context), context)]
    mark = next(
        (i for i, w in enumerate(words) if w == "TABLE" or (words[0] == "BULK" and w == "INSERT")), None
    )
    if mark is None and words[:2] == ["LOAD", "DATA"]:
        mark = next((i for i, w in enumerate(words) if w in ("INTO", "OVERWRITE")), None)
    if mark is None:
        return []
    name, _ = read_name(tokens[mark + 1 :], session.naming)
    table = session.scoped(name)
    if words[0] == "EXPORT":
        return [land(location, context.relation(table), context)]
    context.read[location] = None
    context.reason(ReasonCode.NO_SCHEMA)
    return [reads(table, context)]


def embedded(tokens: list[Any], sql: str, dialect: Any) -> list[Any]:
    """CREATE ... AS query with options that the parser does not know: its name and its query."""
    words = [word(t) for t in tokens]
    if words[0] != "CREATE":
        return []
    kind = next((i for i, w in enumerate(words[:8]) if w in ("TABLE", "VIEW")), None)
    if kind is None:
        return []
    depth = 0
    for i, current in enumerate(words):
        depth += (current == "(") - (current == ")")
        following = words[i + 1] if i + 1 < len(words) else ""
        if depth == 0 and current == "AS" and following in ("SELECT", "WITH", "("):
            return _create(tokens, kind, i, sql, dialect)
    return []


def _create(tokens: list[Any], kind: int, at: int, sql: str, dialect: Any) -> list[Any]:
    start = kind + 1
    while start < at and word(tokens[start]) in ("IF", "NOT", "EXISTS"):
        start += 1
    end = start + 1
    while end < at and (tokens[end].text == "." or tokens[end - 1].text == "."):
        end += 1
    try:
        query = dialect.parser().parse(tokens[at + 1 :], sql)[0]
        name = dialect.parser().parse_into(exp.Table, tokens[start:end], sql)[0]
    except FAILURES:
        return []
    return [exp.Create(this=name, kind=word(tokens[kind]), expression=query)]
