"""Assets and edges as columns: what pages of the graph hold, and the texts that columns refer to by number."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
T = TypeVar("T")


class Table(Generic[T]):
    """Values by number, in the order in which they came; it only grows, so that old numbers stay true."""

    def __init__(self) -> None:
        self.values: list[T] = []
        self._numbers: dict[T, int] = {}

    def number(self, value: T) -> int:
        found = self._numbers.get(value)
        if found is None:
            found = self._numbers[value] = len(self.values)
            self.values.append(value)
        return found

    def numbers(self, values: Iterable[T]) -> Ints:
        return np.fromiter(map(self.number, values), np.int32)

    def among(self, wanted: Iterable[T]) -> Flags:
        """Which numbers stand for one of ``wanted``."""
        chosen = set(wanted)
        return np.fromiter((value in chosen for value in self.values), np.bool_, len(self.values))


@dataclass(frozen=True, slots=True)
class Said:
    """What is said of an edge, as far as walks ask."""

    indirect: bool
    origin: str
    transformations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Names:
    """The tables of one process."""

    kinds: Table[str] = field(default_factory=Table)
    domains: Table[str] = field(default_factory=Table)
    sources: Table[str] = field(default_factory=Table)
    said: Table[Said] = field(default_factory=Table)


class Urns:
    """Texts in order, as one run of UTF-8; compared as the database compares them, by code point."""

    __slots__ = ("_ends", "_text")

    def __init__(self, text: npt.NDArray[np.uint8], ends: Longs) -> None:
        self._text, self._ends = text, ends

    @classmethod
    def of(cls, urns: Sequence[str]) -> Urns:
        encoded = [urn.encode() for urn in urns]
        ends = np.cumsum(np.fromiter(map(len, encoded), np.int64, len(encoded)), dtype=np.int64)
        return cls(np.frombuffer(b"".join(encoded), np.uint8), ends)

    @classmethod
    def joined(cls, parts: Sequence[Urns]) -> Urns:
        shifts = np.cumsum([0, *(len(part._text) for part in parts[:-1])])
        ends = [part._ends + shift for part, shift in zip(parts, shifts, strict=True)]
        return cls(np.concatenate([part._text for part in parts]), np.concatenate(ends))

    def __len__(self) -> int:
        return len(self._ends)

    def __getitem__(self, at: int) -> str:
        return self._bytes(at).decode()

    def _bytes(self, at: int) -> bytes:
        start = int(self._ends[at - 1]) if at else 0
        return self._text[start : int(self._ends[at])].tobytes()

    def place(self, urn: str) -> int:
        """The first position whose text is not before ``urn``."""
        return bisect_left(range(len(self)), urn.encode(), key=self._bytes)

    def find(self, urn: str) -> int | None:
        at = self.place(urn)
        return at if at < len(self) and self[at] == urn else None

    def part(self, start: int, end: int) -> Urns:
        first = int(self._ends[start - 1]) if start else 0
        last = int(self._ends[end - 1]) if end else 0
        return Urns(self._text[first:last], self._ends[start:end] - first)


@dataclass(frozen=True, slots=True)
class Nodes:
    """Assets by position, in the order of their urns; ``parents`` are positions, -1 for none."""

    urns: Urns
    keys: Longs
    kinds: Ints
    sensitivities: npt.NDArray[np.int8]
    domains: Ints
    sources: Ints
    parents: Ints
    unread: Flags

    def __len__(self) -> int:
        return len(self.keys)


@dataclass(frozen=True, slots=True)
class Stretch:
    """Some assets in the order of their urns, and edges by the keys of their ends; ``parents`` are keys, 0 for none."""

    urns: Urns
    keys: Longs
    kinds: Ints
    sensitivities: npt.NDArray[np.int8]
    domains: Ints
    sources: Ints
    parents: Longs
    unread: Flags
    ups: Longs
    downs: Longs
    codes: Ints

    @classmethod
    def of(cls, row: Mapping[str, Any], names: Names) -> Stretch:
        """One row of the queries of this package; those without edges have none."""
        said = zip(
            row.get("indirect", ()),
            row.get("origins", ()),
            map(tuple, row.get("transformations", ())),
            strict=True,
        )
        return cls(
            Urns.of(row["urns"]),
            np.array(row["keys"], np.int64),
            names.kinds.numbers(row["kinds"]),
            np.array(row["sensitivities"], np.int8),
            names.domains.numbers(row["domains"]),
            names.sources.numbers(row["sources"]),
            np.array(row["parents"], np.int64),
            np.array(row["unread"], np.bool_),
            np.array(row.get("ups", ()), np.int64),
            np.array(row.get("downs", ()), np.int64),
            names.said.numbers(Said(*each) for each in said),
        )

    @classmethod
    def joined(cls, parts: Sequence[Stretch]) -> Stretch:
        """Stretches that follow one another, as one."""
        columns = {
            each.name: np.concatenate([getattr(part, each.name) for part in parts])
            for each in fields(cls)
            if each.name != "urns"
        }
        return cls(urns=Urns.joined([part.urns for part in parts]), **columns)
