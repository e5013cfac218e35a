"""What an analysis of SQL answers: edges, indirect uses, candidates, and the reasons for what it cannot know."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from schema.domain.lineage import Transformation

Table = tuple[str, ...]
"""Segments of a table's name, folded; an empty segment stands for the platform's default (``("db", "", "table")``)."""

OUTPUT: Table = ("<output>",)
"""The target of a bare query, and of a write whose target is only known at run time."""


UNNAMED = "_col_"
"""With its position: an output column that the SQL gives no name."""


class ColumnRef(NamedTuple):
    table: Table
    column: str


class ReasonCode(StrEnum):
    """Why the lineage of a statement may lack something."""

    NO_SCHEMA = "NO_SCHEMA"  # the target's columns are unknown, so columns were matched by name
    AMBIGUOUS_COLUMN = "AMBIGUOUS_COLUMN"
    UNKNOWN_COLUMN = "UNKNOWN_COLUMN"  # no source has it
    UNKNOWN_QUALIFIER = "UNKNOWN_QUALIFIER"
    STAR_WITHOUT_SCHEMA = "STAR_WITHOUT_SCHEMA"
    COLUMN_COUNT = "COLUMN_COUNT"  # the query has more or fewer columns than its target
    NO_COLUMN_FLOW = "NO_COLUMN_FLOW"  # tables are read, but no value of a column is carried over
    DYNAMIC_NAME = "DYNAMIC_NAME"  # a name or statement is only known at run time
    UNSUPPORTED_STATEMENT = "UNSUPPORTED_STATEMENT"
    COMMAND_FALLBACK = "COMMAND_FALLBACK"  # recognised by its leading words only
    PARSE_ERROR = "PARSE_ERROR"
    TOO_DEEP = "TOO_DEEP"
    TIMEOUT = "TIMEOUT"
    CRASHED = "CRASHED"  # the parser brought its process down
    MEMORY = "MEMORY"


CONFIDENCE = {
    ReasonCode.NO_SCHEMA: 0.9,
    ReasonCode.AMBIGUOUS_COLUMN: 0.7,
    ReasonCode.UNKNOWN_COLUMN: 0.8,
    ReasonCode.UNKNOWN_QUALIFIER: 0.8,
    ReasonCode.STAR_WITHOUT_SCHEMA: 0.6,
    ReasonCode.COLUMN_COUNT: 0.7,
    ReasonCode.NO_COLUMN_FLOW: 1.0,
    ReasonCode.DYNAMIC_NAME: 0.5,
    ReasonCode.UNSUPPORTED_STATEMENT: 0.3,
    ReasonCode.COMMAND_FALLBACK: 0.8,
    ReasonCode.PARSE_ERROR: 0.4,
    ReasonCode.TOO_DEEP: 0.1,
    ReasonCode.TIMEOUT: 0.1,
    ReasonCode.CRASHED: 0.1,
    ReasonCode.MEMORY: 0.1,
}
"""Factor of each reason in a statement's confidence; every code counts once."""


class Reason(NamedTuple):
    """``line`` and ``column`` start at 1; ``subject`` is an identifier, never a literal of the SQL."""

    code: ReasonCode
    line: int | None = None
    column: int | None = None
    subject: str | None = None


class Candidate(NamedTuple):
    """A column that several tables may own; no edge is drawn."""

    column: str
    tables: tuple[Table, ...]


@dataclass(frozen=True, slots=True)
class Conventions:
    """Where tools differ. Defaults are what most of them do.

    ``steering_edges``: columns in CASE conditions, aggregate filters and window keys feed the value's column (kind
    CONDITIONAL, WINDOW); otherwise they are dependencies of the target. ``unused_ctes``: a CTE nobody reads counts as
    an upstream. ``self_upstream``: a table that is written from its own values (``UPDATE t SET a = a + 1``) is its own
    upstream. ``open_stars``: a star over unknown columns is an edge from ``source.*`` to ``target.*``.
    ``drop_writes``: DROP names its object as written. ``count_star``: ``count(*)`` depends on all columns.
    ``collapse_temporary``: temporary tables are replaced by what feeds them. ``struct_paths``: the upstream column of
    ``a.b.c`` on a struct is the whole path, otherwise ``a`` (None: the path, except in Hive, Spark and Databricks,
    whose compilers record the column). ``lateral_aliases``: without a schema, a name that an earlier item of the same
    SELECT defines means that item (None: where the dialect allows it). ``join_pairs``: note which columns are joined by.
    """

    steering_edges: bool = True
    unused_ctes: bool = False
    self_upstream: bool = True
    open_stars: bool = True
    drop_writes: bool = False
    count_star: bool = False
    collapse_temporary: bool = True
    struct_paths: bool | None = None
    lateral_aliases: bool | None = None
    join_pairs: bool = False


TableEdge = tuple[Table | None, Table]
ColumnEdge = tuple[ColumnRef, ColumnRef, tuple[Transformation, ...]]
Dependency = tuple[ColumnRef, Table, tuple[Transformation, ...]]


@dataclass(slots=True)
class StatementLineage:
    """Lineage of one target of one statement. ``stars`` are (source, target) pairs whose columns are not known.

    ``ways`` holds, for each of ``columns``, the kinds of its ways in full (``flows``).
    """

    target: Table | None
    tables: list[TableEdge] = field(default_factory=list)
    columns: list[ColumnEdge] = field(default_factory=list)
    ways: list[int] = field(default_factory=list)
    dependencies: list[Dependency] = field(default_factory=list)
    stars: list[tuple[Table, Table]] = field(default_factory=list)
    candidates: list[Candidate] = field(default_factory=list)
    reasons: tuple[Reason, ...] = ()
    confidence: float = 1.0
    temporary: bool = False
    outputs: tuple[str, ...] = ()
    line: int = 1


@dataclass(slots=True)
class ScriptLineage:
    """All statements in order. Temporary targets are already replaced by their sources in what reads them.

    ``consumed`` names the temporary tables that a later statement reads, ``joins`` the pairs of columns set equal.
    """

    statements: list[StatementLineage] = field(default_factory=list)
    reasons: tuple[Reason, ...] = ()
    consumed: frozenset[Table] = frozenset()
    joins: tuple[tuple[ColumnRef, ColumnRef], ...] = ()
    dialect: str = ""
    default_db: str | None = None
    default_schema: str | None = None

    def visible(self) -> list[StatementLineage]:
        """The statements without those that only fill a temporary table which is read later."""
        return [s for s in self.statements if not (s.temporary and s.target in self.consumed)]

    @property
    def confidence(self) -> float:
        """That of the weakest statement; 0 where none could be read."""
        if not self.statements:
            return 0.0 if self.reasons else 1.0
        unread = [CONFIDENCE[reason.code] for reason in self.reasons]
        return min([*(s.confidence for s in self.statements), *unread])
