"""The trees of one statement; where the dialect cannot read it, as much as can be read and the reason."""

from __future__ import annotations

from typing import Any

from sqlglot import ErrorLevel, exp
from sqlglot.errors import ParseError
from sqlglot.tokens import TokenType

from ingest.sql_lineage import commands
from ingest.sql_lineage.dialects import FAILURES, GENERIC, dialect_of
from ingest.sql_lineage.model import Reason, ReasonCode
from ingest.sql_lineage.naming import Naming
from ingest.sql_lineage.outputs import without_output
from ingest.sql_lineage.pieces import VERBS, Piece, word
from ingest.sql_lineage.repairs import repaired

# Words behind which sqlglot reads nothing.
_RAW = frozenset({TokenType.COMMAND, TokenType.EXECUTE, TokenType.FETCH, TokenType.RENAME, TokenType.SHOW})


_MOVING = frozenset(
    {"INSERT", "MERGE", "UPDATE", "DELETE", "COPY", "UNLOAD", "LOAD", "EXEC", "EXECUTE", "CALL"}
)
_DATA_OBJECTS = frozenset({"TABLE", "VIEW", "STREAM", "TASK", "PIPE", "RULE"})
# The compiled parser overruns the stack of the process, which nothing can catch.
_DEEPEST = 500


def parse(piece: Piece, sql: str, naming: Naming, lines: int) -> tuple[list[Any], list[Reason]]:
    """The trees of one statement; where the dialect cannot read it, as much as can be read and the reason."""
    command = commands.recognise(piece.tokens, naming)
    if command is not None:
        return [command], []
    if naming.parser == "tsql":
        piece.tokens, written = without_output(piece.tokens)
        if written:
            nodes, reasons = parse(piece, sql, naming, lines)
            more, others = parse(Piece(written, line=piece.line), sql, naming, lines)
            return nodes + more, reasons + others
    if word(piece.tokens[0]) not in VERBS and word(piece.tokens[0]) != "(":
        return [], []
    if _depth(piece) > _DEEPEST:
        return [], [Reason(ReasonCode.TOO_DEEP, piece.line + lines)]
    kind = piece.tokens[0].token_type
    if kind in _RAW:
        return [], [Reason(ReasonCode.COMMAND_FALLBACK, piece.line + lines)] if _matters(piece) else []
    dialect = dialect_of(naming)
    piece.tokens = repaired(piece.tokens, naming.parser)
    try:
        nodes = (GENERIC if _moved(piece, naming) else dialect).parser().parse(piece.tokens, sql)
    except FAILURES as error:
        return _recovered(piece, sql, dialect, _reason(error, lines))
    found = [node for node in nodes if node is not None]
    if any(isinstance(node, exp.Command) for node in found):
        more = commands.embedded(piece.tokens, sql, dialect)
        return more, [Reason(ReasonCode.COMMAND_FALLBACK, piece.line + lines)] if more or _matters(
            piece
        ) else []
    return found, []


def _moved(piece: Piece, naming: Naming) -> bool:
    """Teradata's parser wants the order that ``repaired`` has just changed."""
    return naming.parser == "teradata" and word(piece.tokens[0]) == "UPDATE"


def _depth(piece: Piece) -> int:
    depth = deepest = 0
    for token in piece.tokens:
        if token.text == "(":
            depth += 1
            deepest = max(deepest, depth)
        elif token.text == ")":
            depth -= 1
    return deepest


def _matters(piece: Piece) -> bool:
    """True for statements that may move data though nothing of them was read."""
    words = [word(token) for token in piece.tokens[:6]]
    return words[0] in _MOVING or (words[0] == "CREATE" and bool(_DATA_OBJECTS & set(words)))


def _recovered(piece: Piece, sql: str, dialect: Any, reason: Reason) -> tuple[list[Any], list[Reason]]:
    nodes = commands.embedded(piece.tokens, sql, dialect)
    if nodes:
        return nodes, [reason._replace(code=ReasonCode.COMMAND_FALLBACK)]
    text = sql[min(t.start for t in piece.tokens) : max(t.end for t in piece.tokens) + 1]
    # A dialect reserves words that others allow; only then take what an incomplete tree still tells.
    for other, level in ((GENERIC, None), (dialect, ErrorLevel.IGNORE), (GENERIC, ErrorLevel.IGNORE)):
        try:
            found = other.parser(error_level=level).parse(other.tokenize(text), text)
        except FAILURES:
            continue
        trees = [node for node in found if node is not None and not isinstance(node, exp.Command)]
        if trees:
            return trees[:1], [reason]
    return [], [reason]


def _reason(error: Exception, lines: int) -> Reason:
    if isinstance(error, RecursionError):
        return Reason(ReasonCode.TOO_DEEP)
    return Reason(ReasonCode.PARSE_ERROR, *place(error, lines))


def place(error: Exception, lines: int) -> tuple[int | None, int | None]:
    details = error.errors if isinstance(error, ParseError) else []
    if details and details[0].get("line"):
        return details[0]["line"] + lines, details[0].get("col")
    return None, None
