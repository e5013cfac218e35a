"""Tables as they were judged, and what another vocabulary may change of that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from schema.domain.classifications import Verdict


@dataclass(frozen=True, slots=True)
class Said:
    """A classification of a column: by a machine's ``tier``, as sure as ``confidence`` (0 to 1), or by a person.

    ``supported`` is whether a model made a verdict of the rules surer; ``past`` is one that was withdrawn since the column was judged.
    ``inherited`` says nothing of the column itself.
    """

    classification: str
    tier: int = 1
    confidence: float = 0.0
    decided: bool = False
    supported: bool = False
    past: bool = False
    inherited: bool = False


@dataclass(frozen=True, slots=True)
class JudgedColumn:
    """A column as the graph has it, with what is said of it."""

    urn: str
    name: str
    data_type: str = ""
    comment: str | None = None
    said: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class JudgedTable:
    """The columns of one table, which are each other's context; ``said`` is of the table itself."""

    urn: str
    name: str
    columns: tuple[JudgedColumn, ...]
    said: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class Affected:
    """Of one table the columns to be judged anew, with the classifications that are why, and those of which the graph knows enough.

    A column in ``judge`` is in ``restate`` too where both hold; the table itself may be in ``restate``.
    """

    judge: Mapping[str, frozenset[str]] = field(default_factory=dict)
    restate: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.judge or self.restate)


class ChangeKind(StrEnum):
    """What judging anew does to one classification of one column."""

    GAINED = "GAINED"
    LOST = "LOST"
    SURER = "SURER"
    LESS_SURE = "LESS_SURE"
    DISAGREES = "DISAGREES"  # with a person, whose verdict stays


@dataclass(frozen=True, slots=True)
class Change:
    """One classification of one column that would be another; how sure is told where it is given, from 0 to 1, with its reason.

    ``decided`` is what a person said of it, who stands above the machine.
    """

    urn: str
    classification: str
    kind: ChangeKind
    before: float | None = None
    after: float | None = None
    reason_before: str | None = None
    reason_after: str | None = None
    decided: str | None = None


def compare(urn: str, standing: Sequence[Mapping[str, Any]], given: Sequence[Verdict]) -> list[Change]:
    """What writing ``given`` changes of what is ``standing`` on a column: rows with ``classification``, ``confidence``, ``reason``, ``status``,
    ``decided`` and ``origin``. The classifications in order.
    """
    now = {each.classification: each for each in given}
    was = {each["classification"]: each for each in standing}
    found = []
    for name in sorted(now.keys() | was.keys()):
        old, new = was.get(name), now.get(name)
        before = None if old is None else old["confidence"]
        after = None if new is None else new.confidence
        kind = _kind(old, before, after)
        if kind is not None:
            found.append(
                Change(
                    urn, name, kind, before, after, None if old is None else old["reason"],
                    None if new is None else new.reason, old["status"] if old is not None and old["decided"] else None,
                )
            )  # fmt: skip
    return found


def _kind(old: Mapping[str, Any] | None, before: float | None, after: float | None) -> ChangeKind | None:
    if old is None:
        return ChangeKind.GAINED
    if old["decided"]:
        by_machine = old["origin"] != "MANUAL"
        disagrees = after is not None if old["status"] == "REJECTED" else after is None and by_machine
        return ChangeKind.DISAGREES if disagrees else None
    if after is None:
        return None if old["origin"] == "MANUAL" else ChangeKind.LOST
    if before is None or round(after - before, 3) > 0:
        return ChangeKind.SURER
    return ChangeKind.LESS_SURE if round(after - before, 3) < 0 else None
