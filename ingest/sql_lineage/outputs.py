"""T-SQL's OUTPUT clause: the rows that a change touches, put into another table."""

from __future__ import annotations

from typing import Any

from ingest.sql_lineage.dialects import GENERIC
from ingest.sql_lineage.pieces import word

_CHANGES = ("INSERT", "UPDATE", "DELETE", "MERGE")
_ENDS = frozenset({"FROM", "WHERE", "VALUES", "SELECT", "EXEC", "EXECUTE", "DEFAULT", "OPTION", "WITH", ";"})
_BEFORE = frozenset({"FROM", "JOIN", ",", "USING", "INTO", "MERGE"})


def without_output(tokens: list[Any]) -> tuple[list[Any], list[Any]]:
    """The statement without its OUTPUT clause, and the INSERT that ``OUTPUT ... INTO`` amounts to."""
    words = [word(token) for token in tokens]
    if "OUTPUT" not in words:
        return tokens, []
    verb = _outside(words, 0, frozenset(_CHANGES))
    at = _outside(words, verb, frozenset({"OUTPUT"}))
    if at >= len(words):
        return tokens, []
    end = _outside(words, at + 1, _ENDS)
    rest = [*tokens[:at], *tokens[end:]]
    into = _outside(words[:end], at, frozenset({"INTO"}))
    if into >= end:
        return rest, []
    used = {"INSERTED", "DELETED"} & set(words[at:into])
    target = _table(tokens, words, verb)
    if not target or not used:
        return rest, []
    sources: list[Any] = []
    for name in sorted(used):
        sources += [
            *GENERIC.tokenize("CROSS JOIN" if sources else "FROM"),
            *target,
            *GENERIC.tokenize(f"AS {name}"),
        ]
    insert, select = GENERIC.tokenize("INSERT INTO"), GENERIC.tokenize("SELECT")
    return rest, [
        *tokens[:verb], *insert, *tokens[into + 1 : end], *select, *tokens[at + 1 : into], *sources
    ]  # fmt: skip


def _outside(words: list[str], start: int, wanted: frozenset[str]) -> int:
    """Where the first of ``wanted`` stands outside parentheses; the end where none does."""
    depth = 0
    for i in range(start, len(words)):
        depth += (words[i] == "(") - (words[i] == ")")
        if depth == 0 and words[i] in wanted:
            return i
    return len(words)


def _table(tokens: list[Any], words: list[str], verb: int) -> list[Any]:
    """The name of the changed table; an alias is looked up in FROM."""
    start = verb + 1
    while words[start : start + 1] in (["INTO"], ["FROM"]):
        start += 1
    name = _name(tokens, start)
    if len(name) != 1:
        return name
    alias = name[0].text.lower()
    for i in range(start + 1, len(tokens)):
        if tokens[i].text.lower() != alias:
            continue
        last = i - 1 - (words[i - 1] == "AS")
        first = last
        while tokens[first - 1].text == ".":
            first -= 2
        if words[first - 1] in _BEFORE and last > verb and words[last] not in _BEFORE:
            return tokens[first : last + 1]
    return name


def _name(tokens: list[Any], start: int) -> list[Any]:
    end = start + 1
    while end + 1 < len(tokens) and tokens[end].text == ".":
        end += 2
    return tokens[start:end]
