"""SQL without its values: what two runs of one statement share."""

from __future__ import annotations

from typing import Any

from sqlglot.tokens import TokenType

from ingest.sql_lineage.dialects import dialect_of, tokens_of
from ingest.sql_lineage.naming import naming_of

_NUMBERS = frozenset({TokenType.NUMBER})
_TEXTS = frozenset(
    {
        TokenType.STRING, TokenType.NATIONAL_STRING, TokenType.RAW_STRING, TokenType.HEREDOC_STRING,
        TokenType.UNICODE_STRING, TokenType.BYTE_STRING, TokenType.HEX_STRING, TokenType.BIT_STRING,
    }
)  # fmt: skip


def without_values(sql: str, dialect: str) -> str:
    """``sql`` with 1 for each number, ``'x'`` for each text, one value for a list of them behind IN, and without comments.

    Raises ``ValueError`` that quotes nothing where the text has no tokens of the dialect.
    """
    try:
        tokens = tokens_of(sql, dialect_of(naming_of(dialect)))
    except Exception:  # what a tokenizer says of broken text quotes it
        raise ValueError("not SQL") from None
    parts: list[str] = []
    end = 0
    for index, token in enumerate(tokens):
        value = _value(token)
        if value is not None and _repeats(tokens, index):
            parts.pop()  # the comma in front of it
        else:
            parts += [" "] if parts and token.start > end else []
            parts.append(value if value is not None else sql[token.start : token.end + 1])
        end = token.end + 1
    return "".join(parts)


def _value(token: Any) -> str | None:
    if token.token_type in _NUMBERS:
        return "1"
    return "'x'" if token.token_type in _TEXTS else None


def _repeats(tokens: list[Any], index: int) -> bool:
    """Whether a value follows another one in ``IN (1, 2, 3)``."""
    place = index
    while place >= 2 and tokens[place - 1].token_type is TokenType.COMMA and _value(tokens[place - 2]):
        place -= 2
    opened = place >= 2 and tokens[place - 1].token_type is TokenType.L_PAREN
    return place < index and opened and tokens[place - 2].token_type is TokenType.IN
