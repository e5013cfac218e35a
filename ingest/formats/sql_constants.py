"""SQL that others executed, fit to be stored: its constants may be people's data."""

from __future__ import annotations

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

    Where the dialect is not known, ``"x"`` counts as a constant, which it is in half of them.
    """
    from sqlglot import Dialect, tokenize
    from sqlglot.errors import SqlglotError

    try:
        tokens = tokenize(sql, read=Dialect.get(dialect))
    except SqlglotError:
        return None
    parts, end = [], 0
    for token in tokens:
        gap, written = sql[end : token.start], sql[token.start : token.end + 1]
        parts.append(gap if gap.isspace() or not gap else "\n" if "\n" in gap else " ")
        constant = token.token_type.name in _CONSTANTS or (not dialect and written.startswith('"'))
        parts.append("?" if constant else written)
        end = token.end + 1
    return "".join(parts).strip()
