"""The parts of a script, and a reader over its tokens."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ingest.sql_lineage.model import Table
from ingest.sql_lineage.naming import Naming

VERBS = frozenset(
    {
        "SELECT", "WITH", "INSERT", "UPDATE", "DELETE", "MERGE", "CREATE", "ALTER", "DROP", "TRUNCATE", "COPY", "UNLOAD",
        "USE", "SET", "REPLACE", "RENAME", "CACHE", "LOAD", "FROM", "EXPORT", "IMPORT", "BULK", "DATABASE", "VALUES",
        "TABLE", "REFRESH", "UNCACHE", "EXECUTE", "EXEC", "CALL", "DECLARE", "ANALYZE", "SHOW", "DESCRIBE", "DESC",
        "EXPLAIN", "GRANT", "REVOKE", "ADD", "PRINT", "RETURN", "COMMIT", "ROLLBACK", "OPEN", "CLOSE", "FETCH", "RAISE",
        "RAISERROR", "THROW", "GO", "COMMENT", "PREPARE", "VACUUM", "OPTIMIZE", "MSCK", "LOCK", "PERFORM", "DEALLOCATE",
        "BREAK", "CONTINUE", "UPSERT", "LOCKING", "UPDATE STATISTICS", "PIVOT", "UNPIVOT", "EXCHANGE", "APPLY",
    }
)  # fmt: skip
_DYNAMIC = frozenset({"EXECUTE", "EXEC", "IMMEDIATE", "("})
_STRINGS = frozenset({"STRING", "NATIONAL_STRING", "HEREDOC_STRING", "RAW_STRING"})
_QUOTED = _STRINGS | {"IDENTIFIER", "NUMBER"}


@dataclass(slots=True)
class Piece:
    """The tokens of one statement. ``text`` is a script of its own inside a string, whose lines start at ``line``.

    ``binds`` is the loop variable or cursor that stands for the query's rows (``table``: for those of a table).
    ``foreign``: the text is in another language than SQL.
    """

    tokens: list[Any] = field(default_factory=list)
    text: str | None = None
    line: int = 1
    binds: str | None = None
    table: bool = False
    foreign: bool = False


@dataclass(slots=True)
class Script:
    """``variables`` are the parameters and declared names, which are no columns."""

    pieces: list[Piece] = field(default_factory=list)
    variables: set[str] = field(default_factory=set)


def word(token: Any) -> str:
    """The upper-case text of a token that is not quoted."""
    return "" if token.token_type.name in _QUOTED else token.text.upper()


def is_string(token: Any) -> bool:
    return token.token_type.name in _STRINGS


def read_name(tokens: list[Any], naming: Naming) -> tuple[Table, int]:
    """The dotted name that ``tokens`` begin with, and how many tokens it takes."""
    parts: list[str] = []
    at = 0
    while at < len(tokens):
        kind = tokens[at].token_type.name
        text = tokens[at].text.strip('`"[]') if kind != "STRING" else tokens[at].text
        parts.append(naming.segment(text, kind in ("IDENTIFIER", "STRING")))
        at += 1
        if at < len(tokens) and tokens[at].text == ".":
            at += 1
            continue
        break
    return tuple(parts), at


class Reader:
    """A position in the tokens; ``words`` are their upper-case texts."""

    def __init__(self, tokens: list[Any]) -> None:
        self.tokens, self.at = tokens, 0
        self.words = [word(token) for token in tokens]

    def peek(self, ahead: int = 0) -> str:
        """The word here or further on; empty behind the end."""
        i = self.at + ahead
        return self.words[i] if i < len(self.words) else ""

    def name(self, at: int) -> str:
        """The lower-case text of the token at a position."""
        return self.tokens[at].text.lower() if at < len(self.tokens) else ""

    def skip_to(self, stops: set[str] | frozenset[str]) -> None:
        """Go on to the next of ``stops`` outside parentheses, or to the end."""
        depth = 0
        while self.at < len(self.tokens):
            current = self.words[self.at]
            if current == "(":
                depth += 1
            elif current == ")":
                depth -= 1
            elif depth <= 0 and current in stops:
                return
            self.at += 1

    def bound(self, name: str, start: int, end: int, *, table: bool = False) -> Piece:
        """A query (or the name of a table) that a variable stands for."""
        return Piece(self.tokens[start:end], line=self.tokens[start].line, binds=name, table=table)


def note_text(tokens: list[Any], texts: dict[str, Any]) -> None:
    """Keep the literal that a variable is set to or declared with, and forget it when it gets another value.

    T-SQL: ``DECLARE @q nvarchar(max) = N'...'``; others: ``q := '...'``, ``SET q = '...'``, ``q STRING DEFAULT '...'``.
    """
    first = word(tokens[0])
    at = next((i for i, t in enumerate(tokens[:12]) if t.text in (":=", "=") or word(t) == "DEFAULT"), None)
    if at is None or (first in VERBS and first not in ("SET", "DECLARE")):
        return
    start = 1 if first in ("SET", "LET", "DECLARE") else 0
    start += start < len(tokens) and tokens[start].text in ("@", "$", ":")
    if start >= at:
        return
    name = tokens[start].text.lower()
    texts.pop(name, None)
    if at + 2 == len(tokens) and is_string(tokens[at + 1]):
        texts[name] = tokens[at + 1]


def piece_of(tokens: list[Any], texts: dict[str, Any]) -> Piece:
    """A statement; for EXECUTE the script in its literal, or in one of ``texts`` by variable; for DO its block."""
    for i, token in enumerate(tokens):
        if word(token) == "IDENTIFIER" and len(tokens) > i + 3 and tokens[i + 2].text in ("$", ":"):
            known = texts.get(tokens[i + 3].text.lower())
            if known is not None:
                tokens = [*tokens[: i + 2], known, *tokens[i + 4 :]]
    if word(tokens[0]) in ("EXECUTE", "EXEC") and not any(is_string(token) for token in tokens):
        known = next((texts[t.text.lower()] for t in tokens if t.text.lower() in texts), None)
        if known is not None and not any(token.text in ("+", "||") for token in tokens):
            return text_of(known)
    if word(tokens[0]) in _DYNAMIC or is_string(tokens[0]):
        at = next((i for i, token in enumerate(tokens) if is_string(token)), None)
        if at is not None and _is_script(tokens[at].text) and not _joined(tokens, at):
            return text_of(tokens[at])
    return Piece(tokens, line=tokens[0].line)


def text_of(token: Any) -> Piece:
    """The script in a string; the tokenizer counts to the last line of a string."""
    return Piece(text=token.text, line=token.line - token.text.count("\n"))


def _is_script(text: str) -> bool:
    first = text.split(None, 1)[:1]
    return bool(first) and first[0].upper() in VERBS | {"BEGIN"}


def _joined(tokens: list[Any], at: int) -> bool:
    """True where the literal is only a part of the text that is executed."""
    return any(
        token.text in ("+", "||") for token in (*tokens[max(at - 1, 0) : at], *tokens[at + 1 : at + 2])
    )
