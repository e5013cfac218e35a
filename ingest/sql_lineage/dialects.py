"""sqlglot's dialects, and what its parser may raise."""

from __future__ import annotations

import logging
from typing import Any

from sqlglot.dialects.dialect import Dialect
from sqlglot.dialects.trino import Trino
from sqlglot.errors import SqlglotError
from sqlglot.tokens import Token, TokenType

from ingest.sql_lineage.naming import Naming

# sqlglot logs the SQL it cannot read, and with it the values in it.
logging.getLogger("sqlglot").setLevel(logging.CRITICAL)


class Generic(Dialect):  # type: ignore[misc]
    """Standard SQL, with the quotes of every dialect."""

    class Tokenizer(Dialect.tokenizer_class):  # type: ignore[misc]
        IDENTIFIERS = ['"', "`"]


class QuotedTrino(Trino):  # type: ignore[misc]
    """Trino's SQL; Athena's has backticks, too."""

    class Tokenizer(Trino.Tokenizer):  # type: ignore[misc]
        IDENTIFIERS = ['"', "`"]


GENERIC: Any = Generic()
_OWN: dict[str, Any] = {"": GENERIC, "trino": QuotedTrino()}


# sqlglot's own errors, and what its parser runs into on broken text.
FAILURES = (SqlglotError, RecursionError, AttributeError, TypeError, LookupError, ValueError)

_VERBS = frozenset({TokenType.SELECT, TokenType.INSERT, TokenType.UPDATE, TokenType.DELETE})


def dialect_of(naming: Naming) -> Any:
    """sqlglot's dialect; the generic one where it has none of this name."""
    own = _OWN.get(naming.parser)
    if own is not None:
        return own
    try:
        return Dialect.get_or_raise(naming.parser)
    except ValueError:
        return GENERIC


def tokens_of(sql: str, dialect: Any) -> list[Any]:
    """The tokens of ``sql``, also of what follows a command word, which sqlglot leaves as one raw string."""
    found: list[Any] = []
    for token in dialect.tokenize(sql):
        text = (
            sql[found[-1].end + 1 : token.end + 1] if found and token.token_type is TokenType.STRING else ""
        )
        if not text or text.strip() != token.text:
            found.append(_in_full(token))
            continue
        start = token.end + 1 - len(text.lstrip())
        line = token.line - text.lstrip().count("\n")
        found += [_shifted(inner, start, line - 1) for inner in tokens_of(text.strip(), dialect)]
    return found


def _in_full(token: Any) -> Any:
    """Teradata's short verbs (SEL, INS, UPD, DEL) as the words that everything else knows."""
    kind = token.token_type
    return renamed(token, kind) if kind in _VERBS and len(token.text) == 3 else token


def _shifted(token: Any, start: int, lines: int) -> Any:
    return Token(
        token.token_type,
        token.text,
        token.line + lines,
        token.col,
        token.start + start,
        token.end + start,
        token.comments,
    )


def renamed(token: Any, kind: Any) -> Any:
    """The same token read as another keyword."""
    return Token(kind, kind.name, token.line, token.col, token.start, token.end, token.comments)
