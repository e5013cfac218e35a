"""SQL that others executed: what of it is fit to be stored, and whether it only asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlglot.tokens import Token

_WRITES = frozenset({"ALTER", "CREATE", "DELETE", "INSERT", "MERGE", "UPDATE", "COPY", "COMMAND"})
_CONSTANTS = frozenset(
    {
        "STRING",
        "NUMBER",
        "BIT_STRING",
        "HEX_STRING",
        "BYTE_STRING",
        "NATIONAL_STRING",
        "NATIONAL_RAW_STRING",
        "RAW_STRING",
        "HEREDOC_STRING",
        "UNICODE_STRING",
    }
)


def without_constants(sql: str, dialect: str) -> str | None:
    """``sql`` with ``?`` for each constant and without comments; None where it cannot be told what is a constant.

    Constants may be people's data. Where the dialect is not known, ``"x"`` counts as one, as in half of them.
    """
    tokens = _tokens(sql, dialect)
    if tokens is None:
        return None
    parts, end = [], 0
    for token in tokens:
        gap, written = sql[end : token.start], sql[token.start : token.end + 1]
        parts.append(gap if gap.isspace() or not gap else "\n" if "\n" in gap else " ")
        constant = token.token_type.name in _CONSTANTS or (not dialect and written.startswith('"'))
        parts.append("?" if constant else written)
        end = token.end + 1
    return "".join(parts).strip()


def is_query(sql: str, dialect: str) -> bool:
    """Whether the text is one query that does not say where its result goes."""
    kinds = [token.token_type.name for token in _tokens(sql, dialect) or ()]
    starts = bool(kinds) and kinds[0] in ("SELECT", "WITH", "L_PAREN")
    return starts and "INTO" not in kinds and _WRITES.isdisjoint(kinds) and "SEMICOLON" not in kinds[:-1]


def _tokens(sql: str, dialect: str) -> list[Token] | None:
    from sqlglot import Dialect, tokenize
    from sqlglot.errors import SqlglotError

    try:
        tokens: list[Token] = tokenize(sql, read=Dialect.get(dialect))
    except SqlglotError:
        return None
    return tokens
