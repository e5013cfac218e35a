"""What feeds what: edges between datasets and between columns, and how far an answer about them can be trusted."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from schema.errors import InvalidInput
from schema.ids import Urn


class Transformation(StrEnum):
    """What happens to a value on its way; the second group reaches a result without its value (OpenLineage: INDIRECT)."""

    IDENTITY = "IDENTITY"
    CAST = "CAST"
    EXPRESSION = "EXPRESSION"
    AGGREGATE = "AGGREGATE"
    SELECTION = "SELECTION"  # an aggregate whose result is one of the values, or all of them
    MASK = "MASK"
    UNKNOWN = "UNKNOWN"
    FILTER = "FILTER"
    JOIN = "JOIN"
    GROUP_BY = "GROUP_BY"
    SORT = "SORT"
    WINDOW = "WINDOW"
    CONDITIONAL = "CONDITIONAL"


INDIRECT = frozenset(
    {
        Transformation.FILTER,
        Transformation.JOIN,
        Transformation.GROUP_BY,
        Transformation.SORT,
        Transformation.WINDOW,
        Transformation.CONDITIONAL,
    }
)


class EdgeOrigin(StrEnum):
    """Who says that an edge exists."""

    SQL = "SQL"
    DBT = "DBT"
    OPENLINEAGE = "OPENLINEAGE"
    MANUAL = "MANUAL"
    QUERY_LOG = "QUERY_LOG"  # somebody ran a statement that moves it
    FOREIGN = "FOREIGN"  # a tool's own lineage that none of the above carries


class Direction(StrEnum):
    UPSTREAM = "UPSTREAM"
    DOWNSTREAM = "DOWNSTREAM"
    BOTH = "BOTH"


@dataclass(frozen=True, slots=True)
class LineageEdge:
    """``upstream`` feeds ``downstream``: dataset to dataset, column to column, column to dataset (indirect use), or any to a report.

    ``confidence`` runs from 0 to 1; ``job`` is the job's urn where one is known. ``observed_at`` is when the source saw
    it so first, and ``last_at`` when last; None where it does not say.
    """

    upstream: Urn
    downstream: Urn
    transformations: tuple[Transformation, ...] = (Transformation.UNKNOWN,)
    confidence: float = 1.0
    job: Urn | None = None
    observed_at: datetime | None = field(default=None, compare=False)
    last_at: datetime | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        ends = (self.upstream.kind, self.downstream.kind)
        levels = ("column", "column"), ("column", "dataset"), ("column", "dashboard")
        if "column" in ends and ends not in levels:
            raise InvalidInput(
                "A column feeds a column, a dataset or a report; nothing else feeds a column.",
                path=("downstream",),
                remedy="Link assets of the same level.",
            )
        if self.upstream == self.downstream:
            raise InvalidInput(
                "An asset cannot feed itself.", path=("downstream",), remedy="Name another asset."
            )

    @property
    def indirect(self) -> bool:
        """True where no value flows: the upstream column only filters, joins, groups or orders.

        A report has no columns of its own, so that it is said there by what happens to the value.
        """
        if self.upstream.kind == "column" and self.downstream.kind == "dashboard":
            return INDIRECT.issuperset(self.transformations)
        return self.upstream.kind == "column" and self.downstream.kind == "dataset"


CHANGED = "lineage.changed"
"""Topic of the outbox rows that name what walks may find different: ``urns``, and ``below`` with all that they contain."""


class Incomplete(StrEnum):
    """Why an answer about lineage may lack something, the most severe reason first."""

    TIMEOUT = "TIMEOUT"
    LIMIT = "LIMIT"
    HOPS = "HOPS"
    UNPARSED_SQL = "UNPARSED_SQL"
    ACCESS = "ACCESS"  # said to those alone who may know that something is hidden
