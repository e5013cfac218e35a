"""The names that a SELECT (or UPDATE, MERGE) can use, and which of its sources a column comes from."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlglot import exp

from ingest.sql_lineage.context import Context
from ingest.sql_lineage.flows import Flow, union
from ingest.sql_lineage.model import ReasonCode, Table
from ingest.sql_lineage.relations import Relation

_PSEUDO = {
    "oracle": {
        "rownum", "level", "rowid", "sysdate", "systimestamp", "user", "uid", "sqlerrm", "sqlcode", "ora_rowscn",
        "connect_by_isleaf", "connect_by_iscycle",
    },
    "hive": {"grouping__id", "input__file__name", "block__offset__inside__file"},
    "spark": {"grouping__id"},
    "bigquery": {"_table_suffix", "_partitiontime", "_partitiondate", "_file_name"},
    "postgres": {"ctid", "xmin", "xmax", "tableoid", "found"},
    "tsql": {"$action", "$identity", "$rowguid"},
}  # fmt: skip
_EVERYWHERE = frozenset(
    {"default", "current_date", "current_timestamp", "current_time", "current_user", "session_user"}
)
_PERHAPS = frozenset(name for names in _PSEUDO.values() for name in names) | _EVERYWHERE | {"grouping_id"}


def is_pseudo(name: str, parser: str, *, listed: bool = True) -> bool:
    """True for names that every query may use without a table that has them.

    ``listed``: all sources list their columns, and none has this one; otherwise only what the dialect reserves counts.
    """
    small = name.lower()
    if small in _EVERYWHERE or small in _PSEUDO.get(parser, ()) or small.startswith("metadata$"):
        return True
    return listed and small in _PERHAPS


@dataclass(slots=True)
class Source:
    """One item of FROM. ``table`` is its written name where it is a table; ``hidden`` after a SEMI or ANTI join.

    ``view``: a CTE whose change changes ``table``.
    """

    alias: str
    relation: Relation
    table: Table = ()
    hidden: bool = False
    view: bool = False


@dataclass(slots=True)
class Cte:
    """A common table expression; ``relation`` is filled when it is first read, or while it reads itself."""

    node: exp.CTE
    frame: Frame
    index: int
    recursive: bool
    relation: Relation | None = None
    running: bool = False
    read: dict[Table, None] = field(default_factory=dict)
    uses: Flow = field(default_factory=dict)


@dataclass(slots=True)
class Frame:
    """The CTEs of one WITH, seen up to ``limit``: a CTE sees those before it, and the outer ones."""

    ctes: dict[str, Cte]
    limit: int
    parent: Frame | None

    def find(self, name: str) -> Cte | None:
        """The CTE that ``name`` means here."""
        frame: Frame | None = self
        while frame is not None:
            cte = frame.ctes.get(name)
            if cte is not None and (cte.index < frame.limit or (cte.recursive and cte.index == frame.limit)):
                return cte
            frame = frame.parent
        return None


@dataclass(slots=True)
class Scope:
    """Sources by order of appearance. ``using`` are the columns that joins merged, ``aliases`` the items of SELECT so far.

    ``guessed`` holds the unqualified names that were attributed to a source whose columns are unknown. ``late`` is set
    for the clauses that come after SELECT, where its aliases are known; ``implied`` where an unknown qualifier is a table
    that takes part (Teradata).
    """

    context: Context
    frame: Frame | None
    parent: Scope | None
    sources: list[Source] = field(default_factory=list)
    using: dict[str, list[Source]] = field(default_factory=dict)
    aliases: dict[str, Flow] = field(default_factory=dict)
    windows: dict[str, exp.Window] = field(default_factory=dict)
    guessed: set[str] = field(default_factory=set)
    late: bool = False
    implied: bool = False

    def visible(self) -> list[Source]:
        return [source for source in self.sources if not source.hidden]

    def source(self, qualifier: tuple[str, ...]) -> Source | None:
        """The source called ``qualifier``: by alias first, then by the table's name."""
        if len(qualifier) == 1:
            for source in self.sources:
                if source.alias == qualifier[0]:
                    return source
        size = len(qualifier)
        for source in self.sources:
            if tuple(part.lower() for part in source.table[-size:]) == qualifier:
                return source
        return None

    def outward(self, qualifier: tuple[str, ...]) -> Source | None:
        """As ``source``, in this scope or the nearest outer one that has it."""
        scope: Scope | None = self
        while scope is not None:
            found = scope.source(qualifier)
            if found is not None:
                return found
            scope = scope.parent
        rows = self.context.rows.get(qualifier[0]) if len(qualifier) == 1 else None
        return Source(qualifier[0], rows) if rows is not None else None

    def local(self, name: str) -> tuple[Flow | None, tuple[Table, ...], bool]:
        """The unqualified column ``name`` among this scope's own sources: flow, candidates, whether it is certain."""
        if name in self.using:
            joined = [s.relation.find(name) or s.relation.guess(name)[0] for s in self.using[name]]
            return union([flow for flow in joined if flow is not None] or [{}]), (), True
        owners = [s.relation.find(name) for s in self.sources if not s.hidden]
        found = [flow for flow in owners if flow is not None]
        if len(found) == 1:
            return found[0], (), True
        if found:
            tables = dict.fromkeys(ref.table for each in found for ref in each)
            return None, tuple(tables), True
        opens = [s.relation for s in self.sources if s.relation.open and not s.hidden]
        if len(opens) == 1:
            flow, candidates = opens[0].guess(name)
            return flow, candidates, False
        owning: dict[Table, None] = {}
        for relation in opens:
            owning.update(dict.fromkeys(relation.guess(name)[1]))
        return None, tuple(owning), False

    def unlisted(self, name: str) -> Flow | None:
        """For a name that no source lists: the one base table here, whose schema may be out of date."""
        bases = [s.relation for s in self.visible() if s.relation.table is not None]
        rests = [s.relation.rest for s in self.visible() if s.relation.rest is not None]
        if len(bases) == 1 and len(self.visible()) == 1:
            return bases[0].guess(name)[0]
        if len(rests) == 1 and len(self.visible()) == 1:
            return rests[0]
        return None

    def missing(self, name: str, node: exp.Expression) -> None:
        if not is_pseudo(name, self.context.naming.parser):
            self.context.reason(ReasonCode.UNKNOWN_COLUMN, node, name)
