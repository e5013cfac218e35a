"""Headers of procedures, functions and triggers, and the declarations in front of their statements."""

from __future__ import annotations

from sqlglot.tokens import TokenType

from ingest.sql_lineage.dialects import renamed
from ingest.sql_lineage.pieces import VERBS, Piece, Reader, Script, is_string, text_of

ROUTINES = frozenset({"PROCEDURE", "PROC", "FUNCTION", "TRIGGER", "PACKAGE", "TASK", "PIPE"})
_SQL = frozenset({"sql", "plpgsql", "plsql", "pl/sql", "nzplsql", "edbspl"})
_MODES = frozenset({"IN", "OUT", "INOUT", "VARIADIC"})
_OBJECTS = frozenset({"TABLE", "VIEW", "SCHEMA", "DATABASE", "INDEX", "(", "AS"})
_BODY = VERBS | {"BEGIN", "DECLARE", "IF", "WHILE", "("}


def is_routine(reader: Reader) -> bool:
    """True where CREATE, ALTER or a bare PROCEDURE is followed by the word for a routine."""
    for i in range(reader.at, min(reader.at + 6, len(reader.words))):
        current = reader.words[i]
        if current in ROUTINES or (current == "TABLE" and reader.words[i + 1 : i + 2] == ["FUNCTION"]):
            return True
        if current in _OBJECTS:
            return False
    return False


def skip_header(reader: Reader, script: Script, *, bare: bool) -> bool:
    """Go on to the body. True where a declaration section without the word DECLARE comes first (Oracle)."""
    start, depth, groups = reader.at, 0, 0
    trigger = "TRIGGER" in reader.words[start : start + 6]
    while reader.at < len(reader.tokens):
        current = reader.words[reader.at]
        if current == "(":
            depth += 1
            groups += depth == 1
        elif current == ")":
            depth -= 1
        elif depth == 1 and groups == 1 and reader.words[reader.at - 1] in ("(", ","):
            script.variables.add(reader.name(reader.at + (current in _MODES)))
        elif depth == 0 and reader.at > start:
            if current in (";", "BEGIN"):
                return False
            if trigger and current == "ON":
                _trigger(reader, script)
            elif (trigger and current in VERBS and reader.words[reader.at - 1] in ("ROW", "STATEMENT")) or (
                not trigger and current in ("SELECT", "INSERT", "MERGE") and reader.words[start] != "ALTER"
            ):
                return False
            elif current in ("AS", "IS", "DO", "RETURN") and reader.words[reader.at - 1] != "EXECUTE":
                found = _body(reader, script, bare=bare)
                if found is not None:
                    return found
        reader.at += 1
    return False


def _trigger(reader: Reader, script: Script) -> None:
    """The table of a trigger is what NEW and OLD stand for."""
    start = reader.at + 1
    end = start + 1
    while end + 1 < len(reader.tokens) and reader.tokens[end].text == ".":
        end += 2
    if start < len(reader.tokens):
        rows = ("new", "old", "inserted", "deleted")
        script.pieces += [reader.bound(row, start, end, table=True) for row in rows]


def _body(reader: Reader, script: Script, *, bare: bool) -> bool | None:
    """After AS or IS: None where the body is not here, else whether declarations come first."""
    if reader.at + 1 >= len(reader.tokens):
        return None
    following = reader.tokens[reader.at + 1]
    if is_string(following):
        piece = text_of(following)
        piece.foreign = _language(reader) not in _SQL
        script.pieces.append(piece)
        reader.skip_to({";"})
        return False
    if reader.peek(1) in _BODY:
        reader.at += 1
        return False
    if reader.peek() in ("AS", "IS") and not bare:
        reader.at += 1
        return True
    return None


def _language(reader: Reader) -> str:
    """The language of the routine around here; SQL where none is named."""
    start = end = reader.at
    while start and reader.words[start - 1] != ";":
        start -= 1
    while end < len(reader.tokens) and reader.words[end] != ";":
        end += 1
    at = next((i for i in range(start, end - 1) if reader.words[i] == "LANGUAGE"), None)
    return reader.name(at + 1) if at is not None else "sql"


def declaration(reader: Reader, script: Script) -> None:
    """One declared variable or cursor, up to its semicolon."""
    if reader.peek() == "CURSOR":
        _cursor(reader, script, reader.at + 1)
    elif "CURSOR" in (reader.peek(1), reader.peek(2)):
        _cursor(reader, script, reader.at)
    else:
        start = reader.at
        script.variables.add(reader.name(reader.at))
        while reader.peek(1) == ",":
            reader.at += 2
            script.variables.add(reader.name(reader.at))
        reader.skip_to({"BEGIN", ";"})
        _initial(reader, script, start)


def _initial(reader: Reader, script: Script, start: int) -> None:
    """A variable that is declared with the result of a query."""
    words = reader.words[start : reader.at]
    at = next((i for i, w in enumerate(words) if w in ("DEFAULT", ":=")), None)
    if at is not None and "SELECT" in words[at:]:
        tokens = reader.tokens[start : reader.at]
        assign = renamed(tokens[at], TokenType.COLON_EQ)
        script.pieces.append(Piece([tokens[0], assign, *tokens[at + 1 :]], line=tokens[0].line))


def _cursor(reader: Reader, script: Script, name: int) -> None:
    reader.at = name + 1
    reader.skip_to({"IS", "FOR", ";"})
    reader.at += 1
    start = reader.at
    reader.skip_to({";"})
    if start < reader.at:
        script.pieces.append(reader.bound(reader.name(name), start, reader.at))
