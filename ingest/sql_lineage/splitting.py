"""Cutting a script into statements: semicolons, T-SQL without them, and the bodies of procedures and blocks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

VERBS = frozenset(
    {
        "SELECT", "WITH", "INSERT", "UPDATE", "DELETE", "MERGE", "CREATE", "ALTER", "DROP", "TRUNCATE", "COPY", "UNLOAD",
        "USE", "SET", "REPLACE", "RENAME", "CACHE", "LOAD", "FROM", "EXPORT", "VALUES", "TABLE", "REFRESH", "UNCACHE",
        "EXECUTE", "EXEC", "CALL", "DECLARE", "ANALYZE", "SHOW", "DESCRIBE", "DESC", "EXPLAIN", "GRANT", "REVOKE", "ADD",
        "PRINT", "RETURN", "COMMIT", "ROLLBACK", "OPEN", "CLOSE", "FETCH", "RAISE", "RAISERROR", "THROW", "GO", "COMMENT",
        "PREPARE", "VACUUM", "OPTIMIZE", "MSCK", "LOCK", "PERFORM", "DEALLOCATE", "BREAK", "CONTINUE", "UPSERT",
    }
)  # fmt: skip
_OPENERS = frozenset({"BEGIN", "ELSE", "LOOP", "REPEAT", "EXCEPTION", "DO", "GO", "THEN"})
_RETURNED = frozenset({"QUERY", "SELECT", "WITH", "INSERT", "UPDATE", "DELETE"})
_CONDITIONS = frozenset({"IF", "ELSIF", "ELSEIF", "WHILE", "WHEN", "FOR", "CASE", "UNTIL", "FOREACH"})
_ROUTINES = frozenset({"PROCEDURE", "PROC", "FUNCTION", "TRIGGER", "PACKAGE", "TASK"})
_ENDS_DECLARATIONS = VERBS | _OPENERS | _CONDITIONS | _ROUTINES
_BLOCK_WORDS = frozenset({"TRY", "CATCH", "TRAN", "TRANSACTION", "WORK", "ATOMIC", "NOT"})
_END_WORDS = frozenset({"IF", "LOOP", "WHILE", "FOR", "CASE", "REPEAT", "TRY", "CATCH"})
# Words after which a verb goes on with the statement instead of starting one.
_CONTINUES = frozenset(
    {
        "UNION", "ALL", "EXCEPT", "INTERSECT", "MINUS", "DISTINCT", "AS", "THEN", "FOR", "ON", "AFTER", "BEFORE", "OR",
        "OF", "INSTEAD", "EXPLAIN", "ANALYZE", ",", "EXISTS", "IN", "GRANT", "REVOKE", "IS", "MATCHED", "(", "END",
        "=", "ADD", "BY", "NO", "CASCADE",
    }
)  # fmt: skip


_DYNAMIC = frozenset({"EXECUTE", "EXEC", "IMMEDIATE", "("})
_STRINGS = frozenset({"STRING", "NATIONAL_STRING", "HEREDOC_STRING", "RAW_STRING"})


@dataclass(slots=True)
class Piece:
    """The tokens of one statement. ``text`` is a script of its own inside a string, whose lines start at ``line``.

    ``binds`` is the loop variable or cursor that stands for the query's rows.
    """

    tokens: list[Any] = field(default_factory=list)
    text: str | None = None
    line: int = 1
    binds: str | None = None


@dataclass(slots=True)
class Script:
    """``variables`` are the parameters and declared names, which are no columns."""

    pieces: list[Piece] = field(default_factory=list)
    variables: set[str] = field(default_factory=set)


def word(token: Any) -> str:
    """The upper-case text of a token that is not quoted."""
    name = token.token_type.name
    return (
        ""
        if name in ("STRING", "IDENTIFIER", "NUMBER", "HEREDOC_STRING", "RAW_STRING")
        else token.text.upper()
    )


def split(tokens: list[Any], *, parser: str) -> Script:
    """The statements in ``tokens``; words of control flow are left out."""
    return _Splitter(tokens, parser).run()


class _Splitter:
    def __init__(self, tokens: list[Any], parser: str) -> None:
        self.tokens, self.at, self.script = tokens, 0, Script()
        self.words = [word(token) for token in tokens]
        self.bare = parser == "tsql"  # statements may follow each other without a semicolon
        self.routine = self.declaring = False
        self.cursors: set[str] = set()

    def run(self) -> Script:
        count = len(self.tokens)
        while self.at < count:
            before = self.at
            self._next()
            if self.at == before:
                self.at += 1
        return self.script

    def _peek(self, ahead: int = 0) -> str:
        i = self.at + ahead
        return self.words[i] if i < len(self.words) else ""

    def _next(self) -> None:
        current = self._peek()
        if current == ";":
            self.at += 1
        elif current == "BEGIN":
            self._begin()
        elif current == "END":
            self._end()
        elif current == "DECLARE" and self._declarations():
            return
        elif self.declaring and current not in _ENDS_DECLARATIONS:
            self._declaration()
        elif current == "RETURN" and self._peek(1) in _RETURNED:
            self.at += 2 if self._peek(1) == "QUERY" else 1
        elif current in _OPENERS:
            self.at += 1
        elif (current in _CONDITIONS and self._condition()) or (
            current in ("CREATE", "ALTER", "PROCEDURE", "FUNCTION") and self._routine()
        ):
            return
        else:
            self._statement()

    def _begin(self) -> None:
        self.at += 1
        while self._peek() in _BLOCK_WORDS:
            self.at += 1
        self.routine, self.declaring = True, False

    def _end(self) -> None:
        self.at += 1
        if self._peek() in _END_WORDS or (self._peek() not in VERBS and self._peek(1) == ";"):
            self.at += 1

    def _declarations(self) -> bool:
        """DECLARE opens a section (T-SQL: it is a statement, except for cursors)."""
        if self.bare and self._peek(2) != "CURSOR":
            return False
        self.at += 1
        self.routine = True
        if self.bare:
            name = self._name(self.at)
            self.cursors.add(name)
            self._skip_to({"FOR", ";"})
            self.at += 1
            self._statement()
            self.script.pieces[-1].binds = name
        else:
            self.declaring = True
            self._declaration()
        return True

    def _declaration(self) -> None:
        """One declared variable or cursor, up to its semicolon."""
        if self._peek() == "CURSOR":
            self._cursor(self.at + 1)
            return
        if self._peek(1) == "CURSOR" or self._peek(2) == "CURSOR":
            self._cursor(self.at)
            return
        self.script.variables.add(self._name(self.at))
        while self._peek(1) == ",":
            self.at += 2
            self.script.variables.add(self._name(self.at))
        self._skip_to({"BEGIN", ";"})

    def _cursor(self, name: int) -> None:
        self.at = name + 1
        self._skip_to({"IS", "FOR", ";"})
        self.at += 1
        start = self.at
        self._skip_to({";"})
        self._bind(self._name(name), start, self.at)

    def _bind(self, name: str, start: int, end: int) -> None:
        if start < end:
            self.script.pieces.append(Piece(self.tokens[start:end], line=self.tokens[start].line, binds=name))

    def _name(self, at: int) -> str:
        return self.tokens[at].text.lower() if at < len(self.tokens) else ""

    def _skip_to(self, stops: set[str] | frozenset[str]) -> None:
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

    def _condition(self) -> bool:
        """IF, WHILE, FOR ... up to THEN, DO or LOOP (T-SQL: up to the statement)."""
        start = self.at
        if self._peek() == "CASE" and self._peek(1) != "WHEN" and not self.routine:
            return False
        self.at += 1
        if self.bare:
            self._skip_to(VERBS | {"BEGIN", ";"})
            return True
        self._skip_to({"THEN", "DO", "LOOP", ";"})
        if self._peek() in ("", ";"):
            self.at = start
            return False
        if self.words[start] in ("FOR", "FOREACH") and self.words[start + 2] == "IN":
            self._bind(self._name(start + 1), start + 3, self.at)
        self.at += 1
        return True

    def _routine(self) -> bool:
        """The header of CREATE PROCEDURE and the like; its body follows as statements, or is a string."""
        end = min(self.at + 6, len(self.words))
        if not _ROUTINES & set(self.words[self.at : end]) or not self._is_routine(end):
            return False
        depth = 0
        start = self.at
        while self.at < len(self.tokens):
            current = self.words[self.at]
            if current == "(":
                depth += 1
            elif current == ")":
                depth -= 1
            elif depth == 1 and self.words[self.at - 1] in ("(", ","):
                self.script.variables.add(self._name(self.at))
            elif depth == 0 and self.at > start:
                if current == ";":
                    return True
                if current == "BEGIN" or (
                    current in ("SELECT", "INSERT", "MERGE") and self.words[start] != "ALTER"
                ):
                    break
                if (
                    current in ("AS", "IS", "DO", "RETURN")
                    and self.words[self.at - 1] != "EXECUTE"
                    and self._body()
                ):
                    break
            self.at += 1
        self.routine = True
        return True

    def _is_routine(self, end: int) -> bool:
        """The object word comes right after CREATE and its modifiers."""
        for i in range(self.at, end):
            if self.words[i] in _ROUTINES:
                return True
            if self.words[i] in ("TABLE", "VIEW", "SCHEMA", "DATABASE", "INDEX", "(", "AS"):
                return False
        return False

    def _body(self) -> bool:
        """After AS or IS: True where the body starts here."""
        following = self.tokens[self.at + 1] if self.at + 1 < len(self.tokens) else None
        if following is None:
            return False
        kind = following.token_type.name
        if kind.endswith("STRING"):
            self.script.pieces.append(_text(following))
            self._skip_to({";"})
            return True
        current = self.words[self.at + 1]
        if current in VERBS | {"BEGIN", "DECLARE", "IF", "WHILE", "("}:
            self.at += 1
            return True
        if self.words[self.at] in ("AS", "IS") and not self.bare:
            # A declaration section without the word DECLARE (Oracle).
            self.at += 1
            self.declaring = True
            return True
        return False

    def _statement(self) -> None:
        start = self.at
        depth = cases = 0
        open_query = self._peek() in ("INSERT", "WITH", "CREATE", "UPDATE", "REPLACE")
        while self.at < len(self.tokens):
            current = self.words[self.at]
            if current == "(":
                depth += 1
            elif current == ")":
                depth = max(0, depth - 1)
            elif current == "CASE":
                cases += 1
            elif current == "END" and cases:
                cases -= 1
            elif current == ";":
                break
            elif depth == 0 and self.at > start and (self.bare or self.routine):
                if current == "END":
                    break
                if self.bare and self._starts(start, open_query):
                    break
            self.at += 1
        tokens = self.tokens[start : self.at]
        if tokens:
            self.script.pieces.append(_piece(tokens))

    def _starts(self, start: int, open_query: bool) -> bool:
        """T-SQL: whether the word here begins another statement."""
        current, previous, first = self.words[self.at], self.words[self.at - 1], self.words[start]
        if current in ("BEGIN", "IF", "WHILE", "ELSE"):
            return current != "IF" or first not in ("DROP", "CREATE", "ALTER")
        if current not in VERBS or previous in _CONTINUES:
            return False
        if current in ("OPEN", "CLOSE", "DEALLOCATE"):
            return self._name(self.at + 1) in self.cursors
        between = self.words[start : self.at]
        if current in ("SELECT", "VALUES", "EXEC", "EXECUTE", "DEFAULT"):
            return not (first in ("INSERT", "WITH", "CREATE") and not _answered(between))
        if current in ("INSERT", "UPDATE", "DELETE", "MERGE"):
            return not (first == "WITH" and not _answered(between)) and first not in (
                "GRANT",
                "REVOKE",
                "CREATE",
            )
        if current == "SET":
            return (
                not (first in ("UPDATE", "MERGE", "ALTER") and "SET" not in between) and previous != "UPDATE"
            )
        if current == "WITH":
            return self._peek(1) != "(" and self._peek(2) in ("AS", "(") and first not in ("INSERT", "CREATE")
        if current in (
            "FROM",
            "TABLE",
            "USE",
            "ADD",
            "DROP",
            "ALTER",
            "OPEN",
            "DESC",
            "REPLACE",
            "CLOSE",
            "COPY",
            "LOAD",
            "COMMENT",
        ):
            return current in ("USE", "DROP", "ALTER") and first not in ("ALTER", "CREATE")
        return current not in ("EXPLAIN", "ANALYZE", "LOCK", "CACHE", "RENAME", "REFRESH")


def _text(token: Any) -> Piece:
    # The tokenizer counts to the last line of a string.
    return Piece(text=token.text, line=token.line - token.text.count("\n"))


def _piece(tokens: list[Any]) -> Piece:
    """A statement; for EXECUTE the script in its literal."""
    if word(tokens[0]) in _DYNAMIC:
        at = next((i for i, token in enumerate(tokens) if token.token_type.name in _STRINGS), None)
        if at is not None and _is_script(tokens[at].text) and not _joined(tokens, at):
            return _text(tokens[at])
    return Piece(tokens, line=tokens[0].line)


def _is_script(text: str) -> bool:
    return text.strip().partition(" ")[0].upper() in VERBS


def _joined(tokens: list[Any], at: int) -> bool:
    """True where the literal is only a part of the text that is executed."""
    return any(token.text in ("+", "||") for token in (tokens[at - 1], *tokens[at + 1 : at + 2]))


def _answered(words: list[str]) -> bool:
    """True where the statement's main verb has been seen outside parentheses."""
    depth = 0
    for i, current in enumerate(words):
        if current == "(":
            depth += 1
        elif current == ")":
            depth -= 1
        elif (
            i
            and depth == 0
            and current in ("SELECT", "VALUES", "EXEC", "EXECUTE", "INSERT", "UPDATE", "DELETE", "MERGE")
        ):
            return True
    return False
