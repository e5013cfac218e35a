"""Clauses that one dialect has and sqlglot's parser does not: moved or left out among the tokens, before parsing."""

from __future__ import annotations

import re
from typing import Any

from sqlglot.tokens import TokenType

from ingest.sql_lineage.dialects import renamed
from ingest.sql_lineage.pieces import word

_DELIMITER = re.compile(r"^[ \t]*DELIMITER[ \t]+(\S+)[ \t]*$", re.IGNORECASE | re.MULTILINE)


def plain_delimiters(sql: str) -> str:
    """The mysql client's ``DELIMITER //`` lines as blanks, and the delimiters they set as semicolons; no place moves."""
    found = list(_DELIMITER.finditer(sql))
    parts = [sql[: found[0].start()]] if found else [sql]
    for i, match in enumerate(found):
        end = found[i + 1].start() if i + 1 < len(found) else len(sql)
        delimiter, text = match.group(1), sql[match.end() : end]
        parts.append(" " * len(match.group(0)))
        parts.append(text.replace(delimiter, ";".ljust(len(delimiter))))
    return "".join(parts)


def repaired(tokens: list[Any]) -> list[Any]:
    """``tokens`` of one statement in an order that the parser knows."""
    words = [word(token) for token in tokens]
    first = words[0]
    if tokens[0].token_type is TokenType.REPLACE and "VIEW" not in words[:2]:
        return [renamed(tokens[0], TokenType.INSERT), *tokens[1:]]
    if "LOCKING" in words:
        return _without_locking(tokens, words)
    if first == "INSERT" and "WITH" in words:
        tokens = _without_hint(tokens, words)
        words = [word(token) for token in tokens]
    if first == "UPDATE":
        return _source_last(tokens, words)
    if first == "INSERT" and "PARTITION" in words and "IF" in words:
        return _without_if(tokens, words)
    return tokens


def _without_locking(tokens: list[Any], words: list[str]) -> list[Any]:
    """Teradata: ``LOCKING ROW FOR ACCESS`` before a query."""
    start = words.index("LOCKING")
    modes = ("ACCESS", "READ", "WRITE", "EXCLUSIVE", "SHARE")
    end = next((i for i in range(start, len(words)) if words[i] in modes), None)
    if end is None:
        return tokens
    return tokens[:start] + tokens[end + 2 if words[end + 1 : end + 2] == ["MODE"] else end + 1 :]


def _source_last(tokens: list[Any], words: list[str]) -> list[Any]:
    """Teradata: ``UPDATE t FROM s SET ...`` becomes ``UPDATE t SET ... FROM s``."""
    marks: dict[str, int] = {}
    depth = 0
    for i, current in enumerate(words):
        depth += (current == "(") - (current == ")")
        if depth == 0 and current in ("FROM", "SET", "WHERE"):
            marks.setdefault(current, i)
    if "FROM" not in marks or "SET" not in marks or marks["FROM"] > marks["SET"]:
        return tokens
    source, change, where = marks["FROM"], marks["SET"], marks.get("WHERE", len(tokens))
    return tokens[:source] + tokens[change:where] + tokens[source:change] + tokens[where:]


def _without_hint(tokens: list[Any], words: list[str]) -> list[Any]:
    """T-SQL: ``INSERT INTO t WITH (TABLOCK)``."""
    at = words.index("WITH")
    if words[at + 1 : at + 2] != ["("] or ")" not in words[at:] or "SELECT" in words[:at]:
        return tokens
    return tokens[:at] + tokens[words.index(")", at) + 1 :]


def _without_if(tokens: list[Any], words: list[str]) -> list[Any]:
    """Hive: ``PARTITION (...) IF NOT EXISTS SELECT``."""
    at = words.index("IF")
    return tokens[:at] + tokens[at + 3 :] if words[at + 1 : at + 3] == ["NOT", "EXISTS"] else tokens
