"""A picture of lineage as plain values. What lays it out, draws it or writes it takes these and asks the graph nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from schema.domain.lineage import INDIRECT, Direction, Incomplete, Transformation
from schema.domain.time import AsOf

# What happens to a value, the most telling first: an edge is drawn by the first of these that it has.
_TELLING = (
    Transformation.MASK,
    Transformation.AGGREGATE,
    Transformation.EXPRESSION,
    Transformation.CAST,
    Transformation.IDENTITY,
)


@dataclass(frozen=True, slots=True)
class Holder:
    """What holds an asset: a dataset, schema, database or source."""

    urn: str
    name: str
    path: str
    kind: str
    subtype: str | None
    platform: str
    source: str
    sensitivity: int


@dataclass(frozen=True, slots=True)
class Node:
    """One asset of a picture.

    ``level`` is its distance from the start, negative upstream. ``holders`` are what holds it, the nearest first, as far
    as the reader may see. ``more_upstream`` and ``more_downstream`` count its direct neighbours outside the picture.
    """

    urn: str
    name: str
    path: str
    kind: str
    subtype: str | None
    platform: str
    source: str
    domain: str
    sensitivity: int
    data_type: str
    ordinal: int
    level: int
    holders: tuple[Holder, ...] = ()
    more_upstream: int = 0
    more_downstream: int = 0

    @property
    def dataset(self) -> Holder | None:
        """The dataset of a column."""
        found = self.holders[0] if self.kind == "COLUMN" and self.holders else None
        return found if found and found.kind == "DATASET" else None


@dataclass(frozen=True, slots=True)
class Job:
    """A job that makes edges, as far as the reader may see it."""

    urn: str
    name: str


@dataclass(frozen=True, slots=True)
class Assertion:
    """What one asserter says of an edge; times are ISO 8601."""

    origin: str
    transformations: tuple[str, ...]
    indirect: bool
    confidence: float
    first_seen: str
    last_seen: str
    job: Job | None = None


@dataclass(frozen=True, slots=True)
class Edge:
    """``upstream`` feeds ``downstream``; both are in the picture.

    With ``past_hidden`` it stands for ways over assets alone that the reader may not see, of which nothing is said.
    """

    upstream: str
    downstream: str
    assertions: tuple[Assertion, ...] = ()
    past_hidden: bool = False

    @property
    def indirect(self) -> bool:
        """Whether no value flows, whoever is asked."""
        return not self.past_hidden and all(each.indirect for each in self.assertions)

    @property
    def transformations(self) -> tuple[str, ...]:
        """All that happens on it, in the order of the assertions."""
        return tuple(dict.fromkeys(name for each in self.assertions for name in each.transformations))

    @property
    def main(self) -> Transformation:
        """What to draw it by."""
        said = set(self.transformations)
        if self.indirect:
            return next(
                (kind for kind in Transformation if kind in INDIRECT and kind in said), Transformation.UNKNOWN
            )
        return next((kind for kind in _TELLING if kind in said), Transformation.UNKNOWN)

    @property
    def jobs(self) -> tuple[Job, ...]:
        return tuple(dict.fromkeys(each.job for each in self.assertions if each.job))


@dataclass(frozen=True)
class Picture:
    """What surrounds one asset. ``lacks`` says what is known to be missing, ``limit`` at which number."""

    start: str
    direction: Direction
    max_hops: int | None
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    lacks: Incomplete | None = None
    limit: int | None = None
    as_of: AsOf | None = None
    by_urn: dict[str, Node] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_urn", {node.urn: node for node in self.nodes})

    @property
    def root(self) -> Node:
        """The node of the start."""
        return self.by_urn[self.start]

    @cached_property
    def holders(self) -> dict[str, Holder]:
        """All that holds something of the picture, by urn."""
        return {holder.urn: holder for node in self.nodes for holder in node.holders}

    @cached_property
    def lines(self) -> tuple[Edge, ...]:
        """The edges to draw: all but those between two datasets between whose columns there are lines already."""
        box = {node.urn: node.dataset.urn if node.dataset else node.urn for node in self.nodes}
        of_column = [bool(self.by_urn[edge.upstream].dataset) for edge in self.edges]
        told = {
            (box[edge.upstream], box[edge.downstream])
            for edge, column in zip(self.edges, of_column, strict=True)
            if column and not edge.indirect and not edge.past_hidden
        }
        return tuple(
            edge
            for edge, column in zip(self.edges, of_column, strict=True)
            if column or edge.past_hidden or (edge.upstream, edge.downstream) not in told
        )

    @property
    def title(self) -> str:
        return f"Lineage of {self.root.path or self.root.name}"

    @property
    def question(self) -> str:
        """What was asked, as one line for people."""
        both = self.direction is Direction.BOTH
        parts = ["upstream and downstream" if both else self.direction.lower()]
        parts.append("to the end" if self.max_hops is None else f"up to {_counted(self.max_hops, 'hop')}")
        for name, moment in (
            ("as of", self.as_of and self.as_of.valid_at),
            ("as known at", self.as_of and self.as_of.known_at),
        ):
            if moment:
                parts.append(f"{name} {moment.isoformat()}")
        return ", ".join(parts)

    @property
    def size(self) -> str:
        return f"{_counted(len(self.nodes), 'asset')}, {_counted(len(self.edges), 'edge')}"

    @property
    def completeness(self) -> str:
        """Whether all is there, as one line that begins with ``complete`` or ``incomplete: REASON``."""
        if self.lacks is None:
            return "complete"
        return f"incomplete: {self.lacks.value}{f' {self.limit}' if self.limit else ''} ({_WHY[self.lacks]})"


_WHY = {
    Incomplete.LIMIT: "the number of assets that one answer may hold was reached",
    Incomplete.HOPS: "there is more beyond the hops that were allowed",
    Incomplete.TIMEOUT: "the time was up",
    Incomplete.UNPARSED_SQL: "SQL on the way could not be read",
    Incomplete.ACCESS: "assets are hidden from the reader",
}


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def printable(text: str) -> str:
    """``text`` without the characters that XML cannot hold, and on one line."""
    return "".join(_plain(c) for c in text)


def _plain(character: str) -> str:
    code = ord(character)
    if character in "\t\n\r":
        return " "
    allowed = 0x20 <= code < 0x7F or 0xA0 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or code > 0xFFFF
    return character if allowed else "\ufffd"
