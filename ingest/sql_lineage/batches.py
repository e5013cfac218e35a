"""T-SQL: where a statement ends that no semicolon ends."""

from __future__ import annotations

from ingest.sql_lineage.pieces import VERBS, Reader

# Words after which a verb goes on with the statement instead of starting one.
_CONTINUES = frozenset(
    {
        "UNION", "ALL", "EXCEPT", "INTERSECT", "MINUS", "DISTINCT", "AS", "THEN", "FOR", "ON", "AFTER", "BEFORE", "OR",
        "OF", "INSTEAD", "EXPLAIN", "ANALYZE", ",", "EXISTS", "IN", "GRANT", "REVOKE", "IS", "MATCHED", "(", "END",
        "=", "ADD", "BULK", "BY", "NO", "CASCADE", ".",
    }
)  # fmt: skip
_NEVER = frozenset(
    {
        "FROM", "TABLE", "ADD", "DESC", "REPLACE", "COPY", "LOAD", "COMMENT", "EXPLAIN", "ANALYZE", "LOCK", "CACHE",
        "RENAME", "REFRESH", "DATABASE", "IMPORT", "PIVOT", "UNPIVOT", "EXCHANGE", "APPLY", "EXPORT", "SHOW", "OPTIMIZE", "LOCKING", "RETURN", "VALUES",
    }
)  # fmt: skip
# Behind these, IF( is a function of another dialect.
_BEFORE_VALUES = frozenset(
    {"SELECT", "DISTINCT", ",", "(", "=", "<", ">", "+", "-", "*", "/", "AND", "OR", "WHERE", "ON"}
)
_CHANGES = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE"})
_ANSWERS = _CHANGES | {"SELECT", "VALUES", "EXEC", "EXECUTE"}


def starts(reader: Reader, start: int, cursors: set[str]) -> bool:
    """Whether the word here begins another statement than the one from ``start``."""
    words, at = reader.words, reader.at
    current, previous, first = words[at], words[at - 1], words[start]
    if current == "IF" and previous in _BEFORE_VALUES:
        return False
    if current in ("BEGIN", "IF", "WHILE", "ELSE"):
        return current != "IF" or first not in ("DROP", "CREATE", "ALTER")
    if current == "RETURN" and previous not in _CONTINUES:
        return True
    if current not in VERBS or current in _NEVER or previous in _CONTINUES:
        return False
    if current in ("OPEN", "CLOSE", "DEALLOCATE"):
        return reader.name(at + 1) in cursors
    if current in ("SELECT", "EXEC", "EXECUTE"):
        return not _waits(words[start:at])
    if current in _CHANGES:
        return first not in ("GRANT", "REVOKE", "DENY") and (first != "WITH" or bool(_verbs(words[start:at])))
    if current == "SET":
        opener = (_verbs(words[start:at]) or [first])[-1] if first == "WITH" else first
        waits = opener in ("UPDATE", "MERGE", "ALTER") and "SET" not in words[start:at]
        return not waits and previous != "UPDATE"
    if current == "WITH":
        # Table hints have parentheses right behind the word.
        return reader.peek(1) != "(" and reader.peek(2) in ("AS", "(") and first not in ("INSERT", "CREATE")
    return current not in ("USE", "DROP", "ALTER") or first not in ("ALTER", "CREATE")


def _waits(words: list[str]) -> bool:
    """True while a statement still needs its query: INSERT, WITH, CREATE ... AS WITH."""
    verbs = _verbs(words)
    return verbs[-1] == "INSERT" if verbs else "WITH" in words and (words[0] == "WITH" or "AS" in words)


def _verbs(words: list[str]) -> list[str]:
    """The main verbs outside parentheses."""
    found, depth = [], 0
    for current in words:
        if current == "(":
            depth += 1
        elif current == ")":
            depth -= 1
        elif depth == 0 and current in _ANSWERS:
            found.append(current)
    return found
