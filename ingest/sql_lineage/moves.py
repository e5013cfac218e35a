"""Statements that move the rows of one table to another as they are, told by their words: SWITCH, EXCHANGE, APPEND, streams."""

from __future__ import annotations

from typing import Any

from ingest.sql_lineage.model import Table
from ingest.sql_lineage.naming import Naming
from ingest.sql_lineage.pieces import is_string, read_name, word

Move = tuple[Table, Table]
"""The written names of source and target."""


def moves(tokens: list[Any], naming: Naming) -> list[Move]:
    """What ``tokens`` move; empty for every other statement."""
    words = [word(token) for token in tokens[:60]]
    if words[:2] == ["ALTER", "TABLE"]:
        return _altered(tokens, words, naming)
    if words[:2] == ["EXCHANGE", "TABLES"] and "AND" in words:
        one, other = _name(tokens, 2, naming), _name(tokens, words.index("AND") + 1, naming)
        return [(one, other), (other, one)]
    if words[0] == "CREATE" and "STREAM" in words[:4] and "ON" in words:
        at = words.index("ON") + 1
        if words[at : at + 1] in (["TABLE"], ["VIEW"], ["STAGE"], ["DYNAMIC"], ["EXTERNAL"]):
            at += 1 + (words[at] in ("DYNAMIC", "EXTERNAL"))
            start = words.index("STREAM") + 1
            start += 3 if words[start : start + 3] == ["IF", "NOT", "EXISTS"] else 0
            return [(_name(tokens, at, naming), _name(tokens, start, naming))]
    if words[:3] == ["APPLY", "CHANGES", "INTO"] and "FROM" in words:
        at = words.index("FROM") + 1
        at += 2 if words[at : at + 2] == ["STREAM", "("] else words[at : at + 1] == ["STREAM"]
        return [(_name(tokens, at, naming), _name(tokens, 3, naming))]
    if "SP_RENAME" in words[:4]:
        return _renamed(tokens, naming)
    return []


def _altered(tokens: list[Any], words: list[str], naming: Naming) -> list[Move]:
    """T-SQL: SWITCH TO. Redshift: APPEND FROM. ClickHouse: REPLACE, ATTACH and MOVE PARTITION. Hive: EXCHANGE PARTITION."""
    start = 4 if words[2:4] == ["IF", "EXISTS"] else 2
    table, after = _name(tokens, start, naming), set(words[start + 1 :])
    if "SWITCH" in after and "TO" in after:
        return [(table, _name(tokens, words.index("TO") + 1, naming))]
    takes = "APPEND" in after or ("PARTITION" in after and after & {"REPLACE", "ATTACH"})
    if takes and "FROM" in after and "VALUES" not in after:
        return [(_name(tokens, words.index("FROM") + 1, naming), table)]
    if {"MOVE", "PARTITION", "TO", "TABLE"} <= after:
        return [(table, _name(tokens, len(words) - words[::-1].index("TABLE"), naming))]
    if {"EXCHANGE", "WITH", "TABLE"} <= after:
        at = next((i for i, w in enumerate(words) if w == "WITH" and words[i + 1 : i + 2] == ["TABLE"]), None)
        return [(_name(tokens, at + 2, naming), table)] if at is not None else []
    return []


def _renamed(tokens: list[Any], naming: Naming) -> list[Move]:
    """T-SQL: ``EXEC sp_rename 'schema.old', 'new'``; a third argument other than OBJECT says it is no table."""
    texts = [token.text for token in tokens if is_string(token)]
    if len(texts) not in (2, 3) or (len(texts) == 3 and texts[2].upper() != "OBJECT"):
        return []
    old = tuple(naming.segment(part.strip('[]"')) for part in texts[0].split("."))
    return [(old, (*old[:-1], naming.segment(texts[1])))]


def _name(tokens: list[Any], at: int, naming: Naming) -> Table:
    return read_name(tokens[at:], naming)[0]
