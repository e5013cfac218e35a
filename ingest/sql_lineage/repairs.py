"""Clauses that one dialect has and sqlglot's parser does not: moved or left out among the tokens, before parsing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlglot.tokens import TokenType

from ingest.sql_lineage.dialects import GENERIC, renamed
from ingest.sql_lineage.pieces import word

Change = Callable[[list[Any], list[str], str], list[Any]]
"""For tokens, their words and the name of the parser: the tokens to read instead."""


def repaired(tokens: list[Any], parser: str) -> list[Any]:
    """``tokens`` of one statement in an order that the parser knows."""
    words = [word(token) for token in tokens]
    present = set(words)
    for needs, change in _REPAIRS:
        if needs <= present:
            changed = change(tokens, words, parser)
            if changed is not tokens:
                tokens, words = changed, [word(token) for token in changed]
                present = set(words)
    return tokens


def _replace(tokens: list[Any], words: list[str], parser: str) -> list[Any]:
    """MySQL: ``REPLACE INTO t`` is an INSERT."""
    if tokens[0].token_type is TokenType.REPLACE and "VIEW" not in words[:2]:
        return [renamed(tokens[0], TokenType.INSERT), *tokens[1:]]
    return tokens


def _without_locking(tokens: list[Any], words: list[str], parser: str) -> list[Any]:
    """Teradata: ``LOCKING ROW FOR ACCESS`` before a query."""
    start = words.index("LOCKING")
    modes = ("ACCESS", "READ", "WRITE", "EXCLUSIVE", "SHARE")
    end = next((i for i in range(start, len(words)) if words[i] in modes), None)
    if end is None:
        return tokens
    return tokens[:start] + tokens[end + 2 if words[end + 1 : end + 2] == ["MODE"] else end + 1 :]


def _source_last(tokens: list[Any], words: list[str], parser: str) -> list[Any]:
    """Teradata: ``UPDATE t FROM s SET ...`` becomes ``UPDATE t SET ... FROM s``."""
    if words[0] != "UPDATE":
        return tokens
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


def _without_hint(tokens: list[Any], words: list[str], parser: str) -> list[Any]:
    """T-SQL: ``INSERT INTO t WITH (TABLOCK)``."""
    at = words.index("WITH")
    if (
        words[0] != "INSERT"
        or words[at + 1 : at + 2] != ["("]
        or ")" not in words[at:]
        or "SELECT" in words[:at]
    ):
        return tokens
    return tokens[:at] + tokens[words.index(")", at) + 1 :]


def _without_if(tokens: list[Any], words: list[str], parser: str) -> list[Any]:
    """Hive: ``PARTITION (...) IF NOT EXISTS SELECT``."""
    at = words.index("IF")
    if words[0] != "INSERT" or words[at + 1 : at + 3] != ["NOT", "EXISTS"]:
        return tokens
    return tokens[:at] + tokens[at + 3 :]


def _without(*phrases: str) -> Change:
    """Leaves out the first of ``phrases`` that is found."""
    wanted = [phrase.split() for phrase in phrases]

    def change(tokens: list[Any], words: list[str], parser: str) -> list[Any]:
        for phrase in wanted:
            at = find(words, phrase)
            if at is not None:
                return tokens[:at] + tokens[at + len(phrase) :]
        return tokens

    return change


def find(words: list[str], phrase: list[str]) -> int | None:
    """Where ``phrase`` begins among ``words``."""
    last = len(words) - len(phrase) + 1
    return next((i for i in range(last) if words[i : i + len(phrase)] == phrase), None)


def closing(words: list[str], at: int) -> int:
    """The place of the bracket that closes the one at ``at``; the last place where none does."""
    depth = 0
    for i in range(at, len(words)):
        depth += (words[i] == "(") - (words[i] == ")")
        if depth == 0:
            return i
    return len(words) - 1


def _without_top(tokens: list[Any], words: list[str], parser: str) -> list[Any]:
    """T-SQL: ``UPDATE TOP (10) t``, ``DELETE TOP (10) PERCENT FROM t``."""
    if words[1:3] != ["TOP", "("] or words[0] not in ("UPDATE", "DELETE", "INSERT", "MERGE"):
        return tokens
    end = closing(words, 2) + 1
    return tokens[:1] + tokens[end + (words[end : end + 1] == ["PERCENT"]) :]


def _spelled_out(tokens: list[Any], words: list[str], parser: str) -> list[Any]:
    """T-SQL: ``a += b`` is ``a = a + b``."""
    if words[0] not in ("UPDATE", "MERGE", "SET", "WITH"):
        return tokens
    found: list[Any] = []
    for i, token in enumerate(tokens):
        if token.token_type is TokenType.EQ and found and words[i - 1] in ("+", "-", "*", "/", "%", "&", "|"):
            operator = found.pop()
            if operator.end + 1 == token.start:
                start = len(found) - 1
                while start > 1 and found[start - 1].text == ".":
                    start -= 2
                found += [token, *found[start:], operator]
                continue
            found.append(operator)
        found.append(token)
    return found if len(found) != len(tokens) else tokens


def _without_delete(tokens: list[Any], words: list[str], parser: str) -> list[Any]:
    """Oracle: ``MERGE ... UPDATE SET a = b DELETE WHERE c``."""
    at = find(words, ["DELETE", "WHERE"])
    if words[0] != "MERGE" or at is None or words[at - 1] == "THEN":
        return tokens
    end = next((i for i in range(at, len(words)) if words[i] == "WHEN"), len(words))
    return tokens[:at] + tokens[end:]


def _whole_rows(tokens: list[Any], words: list[str], parser: str) -> list[Any]:
    """Redshift: ``MERGE ... REMOVE DUPLICATES`` replaces and adds whole rows."""
    at = find(words, ["REMOVE", "DUPLICATES"])
    if words[0] != "MERGE" or at is None:
        return tokens
    clauses = "WHEN MATCHED THEN UPDATE SET * WHEN NOT MATCHED THEN INSERT *"
    return [*tokens[:at], *GENERIC.tokenize(clauses)]


def _without_format(tokens: list[Any], words: list[str], parser: str) -> list[Any]:
    """Spark: ``INSERT OVERWRITE DIRECTORY 'x' USING parquet OPTIONS (...)``."""
    at = words.index("USING")
    if words[0] != "INSERT" or "DIRECTORY" not in words[:at]:
        return tokens
    end = at + 2
    if words[end : end + 1] == ["OPTIONS"]:
        end = closing(words, end + 1) + 1
    return tokens[:at] + tokens[end:]


def _named_view(tokens: list[Any], words: list[str], parser: str) -> list[Any]:
    """Oracle: ``UPDATE (SELECT ...) SET ...`` as an UPDATE of a CTE, which T-SQL knows."""
    if words[:2] != ["UPDATE", "("]:
        return tokens
    end = closing(words, 1) + 1
    rest = end + (words[end : end + 1] != ["SET"])
    name = tokens[end] if rest > end else GENERIC.tokenize("updated_view")[0]
    start = [GENERIC.tokenize("WITH")[0], name, GENERIC.tokenize("AS")[0]]
    return [*start, *tokens[1:end], tokens[0], name, *tokens[rest:]]


def _latest_clone(tokens: list[Any], words: list[str], parser: str) -> list[Any]:
    """Databricks, BigQuery: ``CLONE t VERSION AS OF 2``, ``SHALLOW CLONE``, ``CREATE SNAPSHOT TABLE``."""
    if words[0] != "CREATE":
        return tokens
    at = words.index("CLONE")
    end = next(
        (i for i in range(at, len(words)) if words[i] in ("VERSION", "TIMESTAMP", "FOR", "OPTIONS")), None
    )
    kept = [i for i in range(at) if words[i] not in ("SNAPSHOT", "DEEP", "SHALLOW")]
    return [tokens[i] for i in kept] + tokens[at:end]


def _mutation(tokens: list[Any], words: list[str], parser: str) -> list[Any]:
    """ClickHouse: ``ALTER TABLE t UPDATE a = b WHERE c``, ``ALTER TABLE t DELETE WHERE c``."""
    at = next((i for i, w in enumerate(words) if w in ("UPDATE", "DELETE")), 0)
    if words[:2] != ["ALTER", "TABLE"] or parser != "clickhouse" or not at:
        return tokens
    table, rest = tokens[2:at], tokens[at + 1 :]
    start = "UPDATE x SET" if words[at] == "UPDATE" else "DELETE FROM x"
    made = GENERIC.tokenize(start)
    return [*made[:-1], *table, *rest] if made[-1].text == "x" else [made[0], *table, made[-1], *rest]


def _teradata_phrases(tokens: list[Any], words: list[str], parser: str) -> list[Any]:
    """Teradata: ``a (FORMAT 'YYYY')``, ``a (NAMED b)``."""
    if parser != "teradata":
        return tokens
    found: list[Any] = []
    i = 0
    while i < len(tokens):
        if words[i] == "(" and words[i + 1 : i + 2] in (["FORMAT"], ["TITLE"], ["NAMED"]):
            end = closing(words, i)
            if words[i + 1] == "NAMED":
                found += [GENERIC.tokenize("AS")[0], *tokens[i + 2 : end]]
            i = end + 1
            continue
        found.append(tokens[i])
        i += 1
    return found


def _record(tokens: list[Any], words: list[str], parser: str) -> list[Any]:
    """Oracle: ``INSERT INTO t VALUES record`` and ``VALUES records(i)`` insert the row of a variable."""
    at = words.index("VALUES")
    if words[0] != "INSERT" or at + 1 >= len(tokens) or tokens[at + 1].token_type is not TokenType.VAR:
        return tokens
    made = GENERIC.tokenize("SELECT x.*")
    return [*tokens[:at], made[0], tokens[at + 1], *made[2:]]


def _without_call(tokens: list[Any], words: list[str], parser: str) -> list[Any]:
    """T-SQL: ``INSERT INTO t EXEC p``: what the procedure returns is not known."""
    at = next((i for i, w in enumerate(words) if w in ("EXEC", "EXECUTE")), 0)
    return tokens[:at] if words[0] == "INSERT" and parser == "tsql" and "SELECT" not in words[:at] else tokens


_REPAIRS: tuple[tuple[set[str], Change], ...] = (
    (set(), _replace),
    ({"LOCKING"}, _without_locking),
    ({"TOP"}, _without_top),
    ({"INSERT", "WITH"}, _without_hint),
    ({"UPDATE", "FROM", "SET"}, _source_last),
    ({"INSERT", "PARTITION", "IF"}, _without_if),
    ({"=", "SET"}, _spelled_out),
    ({"MERGE", "DELETE", "WHERE"}, _without_delete),
    ({"MERGE", "REMOVE"}, _whole_rows),
    ({"MERGE", "EVOLUTION"}, _without("WITH SCHEMA EVOLUTION")),
    ({"OVERRIDING"}, _without("OVERRIDING SYSTEM VALUE", "OVERRIDING USER VALUE")),
    ({"CREATE", "MATERIALIZED", "DATA"}, _without("WITH NO DATA", "WITH DATA")),
    ({"INSERT", "USING", "DIRECTORY"}, _without_format),
    ({"OPENROWSET"}, _without("BULK")),
    ({"UPDATE", "SELECT"}, _named_view),
    ({"CREATE", "CLONE"}, _latest_clone),
    ({"ALTER", "WHERE"}, _mutation),
    ({"("}, _teradata_phrases),
    ({"COLLECT"}, _without("BULK COLLECT")),
    ({"INSERT", "VALUES"}, _record),
    ({"INSERT", "EXEC"}, _without_call),
    ({"INSERT", "EXECUTE"}, _without_call),
)
"""Words that a statement must have, and what is done to it then."""
