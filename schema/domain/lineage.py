"""What feeds what: edges between datasets and between columns, and how far an answer about them can be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from schema.errors import InvalidInput
from schema.ids import Urn


class Transformation(StrEnum):
    """What happens to a value on its way; the second group reaches a result without its value (OpenLineage: INDIRECT)."""

    IDENTITY = "IDENTITY"
    CAST = "CAST"
    EXPRESSION = "EXPRESSION"
    AGGREGATE = "AGGREGATE"
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
    FOREIGN = "FOREIGN"  # a tool's own lineage that none of the above carries


class Direction(StrEnum):
    UPSTREAM = "UPSTREAM"
    DOWNSTREAM = "DOWNSTREAM"
    BOTH = "BOTH"


@dataclass(frozen=True, slots=True)
class LineageEdge:
    """``upstream`` feeds ``downstream``: dataset to dataset, column to column, or column to dataset (indirect use).

    ``confidence`` runs from 0 to 1; ``job`` is the job's urn where one is known.
    """

    upstream: Urn
    downstream: Urn
    transformations: tuple[Transformation, ...] = (Transformation.UNKNOWN,)
    confidence: float = 1.0
    job: Urn | None = None

    def __post_init__(self) -> None:
        ends = (self.upstream.kind, self.downstream.kind)
        levels = ("column", "column"), ("column", "dataset")
        if "column" in ends and ends not in levels:
            raise InvalidInput(
                "A column feeds a column or a dataset; nothing else feeds a column.",
                path=("downstream",),
                remedy="Link assets of the same level.",
            )
        if self.upstream == self.downstream:
            raise InvalidInput(
                "An asset cannot feed itself.", path=("downstream",), remedy="Name another asset."
            )

    @property
    def indirect(self) -> bool:
        """True where no value flows: the upstream column only filters, joins, groups or orders."""
        return self.upstream.kind == "column" and self.downstream.kind == "dataset"


@dataclass(frozen=True, slots=True)
class AsOf:
    """A point on two axes: what held at ``valid_at`` by what was recorded at ``known_at``; None is now.

    An edge holds from when it was first asserted to when its asserter fell silent; that it ended is known from then on.
    """

    valid_at: datetime | None = None
    known_at: datetime | None = None

    def parameters(self) -> dict[str, str]:
        """Both as text that compares with stored times; later than all of them for now."""
        return {
            "valid_at": _stored(self.valid_at),
            "known_at": _stored(self.known_at),
        }


def _stored(moment: datetime | None) -> str:
    if moment is None:
        return "9999"
    utc = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return utc.isoformat(timespec="microseconds")


CHANGED = "lineage.changed"
"""Topic of the outbox rows that name what walks may find different: ``urns``, and ``below`` with all that they contain."""


class Incomplete(StrEnum):
    """Why an answer about lineage may lack something, the most severe reason first."""

    TIMEOUT = "TIMEOUT"
    LIMIT = "LIMIT"
    HOPS = "HOPS"
    UNPARSED_SQL = "UNPARSED_SQL"
    ACCESS = "ACCESS"  # said to those alone who may know that something is hidden


@dataclass(frozen=True, slots=True)
class Completeness:
    """Whether a traversal saw everything; if not, why, at which limit, and where to go on."""

    complete: bool
    reason: Incomplete | None = None
    limit: int | None = None
    cursor: str | None = None
