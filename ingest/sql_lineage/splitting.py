"""Cutting a script into statements: semicolons, T-SQL without them, and the bodies of procedures and blocks."""

from __future__ import annotations

from typing import Any

from ingest.sql_lineage.batches import starts
from ingest.sql_lineage.pieces import VERBS, Reader, Script, is_string, note_text, piece_of
from ingest.sql_lineage.routines import ROUTINES, declaration, is_routine, skip_header

_OPENERS = frozenset({"BEGIN", "ELSE", "LOOP", "REPEAT", "EXCEPTION", "DO", "GO", "THEN"})
_CONDITIONS = frozenset({"IF", "ELSIF", "ELSEIF", "WHILE", "WHEN", "FOR", "CASE", "UNTIL", "FOREACH"})
_ENDS_DECLARATIONS = VERBS | _OPENERS | _CONDITIONS | ROUTINES
_BLOCK_WORDS = frozenset({"TRY", "CATCH", "TRAN", "TRANSACTION", "WORK", "ATOMIC", "NOT"})
_END_WORDS = frozenset({"IF", "LOOP", "WHILE", "FOR", "CASE", "REPEAT", "TRY", "CATCH"})
_RETURNED = frozenset({"(", "QUERY", "SELECT", "WITH", "INSERT", "UPDATE", "DELETE"})


def split(tokens: list[Any], *, parser: str) -> Script:
    """The statements in ``tokens``; words of control flow are left out."""
    return _Splitter(tokens, parser).run()


class _Splitter(Reader):
    """``routine``: inside a block, END ends a statement. ``bare``: statements may follow each other as they are."""

    def __init__(self, tokens: list[Any], parser: str) -> None:
        super().__init__(tokens)
        self.script = Script()
        self.bare = parser == "tsql"
        self.routine = self.declaring = False
        self.cursors: set[str] = set()
        self.texts: dict[str, Any] = {}

    def run(self) -> Script:
        while self.at < len(self.tokens):
            before = self.at
            self._next()
            if self.at == before:
                self.at += 1
        return self.script

    def _next(self) -> None:
        current = self.peek()
        if current == "BEGIN":
            self._begin()
        elif current == "END":
            self._end()
        elif current == "DECLARE" and (not self.bare or self.peek(2) == "CURSOR"):
            self._declare()
        elif self._labelled():
            self.at += 3 if current == "<<" else 2
        elif self.declaring and current not in _ENDS_DECLARATIONS and current != ";":
            self._declaration()
        elif current == "RETURN" and self.peek(1) in _RETURNED:
            self.at += 2 if self.peek(1) == "QUERY" else 1
        elif current == ";" or current in _OPENERS:
            self.at += 1
        elif current == "FORALL":
            self.skip_to(VERBS)
        elif current == "PREPARE":
            self._prepare()
        elif current in ("CREATE", "ALTER", "PROCEDURE", "FUNCTION") and is_routine(self):
            self.declaring = skip_header(self, self.script, bare=self.bare)
            self.routine = True
        elif current not in _CONDITIONS or not self._condition():
            self.declaring = False
            self._statement()

    def _labelled(self) -> bool:
        """``label: LOOP``, ``<<label>>``."""
        if self.peek() == "<<":
            return self.peek(2) == ">>"
        return self.peek(1) == ":" and self.peek(2) in ("LOOP", "WHILE", "REPEAT", "BEGIN", "FOR")

    def _prepare(self) -> None:
        """``PREPARE name [(types)] AS statement``, ``PREPARE name FROM statement, text or variable``."""
        name = self.name(self.at + 1)
        self.skip_to({"AS", "FROM", ";"})
        self.at += 1
        text = self.texts.get(self._last_name())
        if self.at < len(self.tokens) and (is_string(self.tokens[self.at]) or text is not None):
            self.texts[name] = text if text is not None else self.tokens[self.at]
            self.skip_to({";"})

    def _last_name(self) -> str:
        """The variable here, whatever sign it has in front."""
        ahead = self.at + (self.peek() in ("@", ":", "$"))
        return self.name(ahead)

    def _begin(self) -> None:
        self.at += 1
        while self.peek() in _BLOCK_WORDS:
            self.at += 1
        self.routine, self.declaring = True, False

    def _end(self) -> None:
        self.at += 1
        if self.peek() in _END_WORDS or (self.peek() not in VERBS and self.peek(1) == ";"):
            self.at += 1

    def _declare(self) -> None:
        """DECLARE opens a section; in T-SQL it is a statement, except for cursors."""
        self.at += 1
        self.routine = True
        if not self.bare:
            self.declaring = True
            self._declaration()
            return
        name = self.name(self.at)
        self.cursors.add(name)
        self.skip_to({"FOR", ";"})
        self.at += 1
        known = len(self.script.pieces)
        self._statement()
        for piece in self.script.pieces[known:]:
            piece.binds = name

    def _declaration(self) -> None:
        start = self.at
        declaration(self, self.script)
        note_text(self.tokens[start : self.at], self.texts)

    def _condition(self) -> bool:
        """IF, WHILE, FOR ... up to THEN, DO or LOOP (T-SQL: up to the statement). False where it is none."""
        start = self.at
        if self.peek() == "CASE" and self.peek(1) != "WHEN" and not self.routine:
            return False
        self.at += 1
        if self.bare:
            self.skip_to(VERBS | {"BEGIN", ";"})
            return True
        self.skip_to({"THEN", "DO", "LOOP", ";"})
        if self.peek() in ("", ";"):
            self.at = start
            return False
        if self.words[start] in ("FOR", "FOREACH") and self.words[start + 2] == "IN" and start + 3 < self.at:
            self.script.pieces.append(self.bound(self.name(start + 1), start + 3, self.at))
        self.at += 1
        return True

    def _ends(self, current: str, start: int) -> bool:
        if self.at == start:
            return False
        if current == "END":
            return self.bare or self.routine
        return self.bare and starts(self, start, self.cursors)

    def _statement(self) -> None:
        start, depth, cases = self.at, 0, 0
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
            elif current == ";" or (not depth and not cases and self._ends(current, start)):
                break
            self.at += 1
        if start < self.at:
            tokens = self.tokens[start : self.at]
            note_text(tokens, self.texts)
            self.script.pieces.append(piece_of(tokens, self.texts))
