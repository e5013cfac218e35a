"""What can be taken back of a run now. A change that something later changed again is left alone: people's work stays, later runs win.

Pure: rows in, decisions out. What is compared are values, so that a later run which was taken back itself stands in nobody's way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

UNDONE_BY = "undo:"
"""Begins what states, edges and verdicts say of the run they come from where the undo of that run made them."""

SAID = (
    "name",
    "path",
    "subtype",
    "data_type",
    "nullable",
    "ordinal",
    "primary_key",
    "comment",
    "definition",
    "status",
    "stub",
)
"""What sources say of assets; descriptions and domains are people's."""

_CONTAINERS = ("SCHEMA", "DATABASE", "SOURCE")


class Aspect(StrEnum):
    """What kind of thing a run changed."""

    ASSET = "ASSET"
    EDGE = "EDGE"
    VERDICT = "VERDICT"
    REFERENCE = "REFERENCE"
    LABEL = "LABEL"
    SCHEMA = "SCHEMA"
    INCIDENT = "INCIDENT"


class Action(StrEnum):
    """What a run did to it."""

    MADE = "MADE"
    CHANGED = "CHANGED"
    RETIRED = "RETIRED"
    RETURNED = "RETURNED"
    DELETED = "DELETED"
    CLOSED = "CLOSED"
    WITHDRAWN = "WITHDRAWN"


_STATUS = {"STALE": Action.RETIRED, "DEPRECATED": Action.RETIRED, "DELETED": Action.DELETED}


class Outcome(StrEnum):
    """UNDO: it can be taken back. NOTHING: it is not there any more. CONFLICT: something later changed it. NOT_KEPT: nobody knows
    what was before. FOLLOWS: it comes of the others by itself."""

    UNDO = "UNDO"
    NOTHING = "NOTHING"
    CONFLICT = "CONFLICT"
    NOT_KEPT = "NOT_KEPT"
    FOLLOWS = "FOLLOWS"


class Reason(StrEnum):
    """Why a change is left alone."""

    PERSON = "PERSON"
    LATER_RUN = "LATER_RUN"
    NEEDED = "NEEDED"
    HOLDS_OTHERS = "HOLDS_OTHERS"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that a run changed, and what an undo would do now.

    ``restore`` holds the attributes of an asset that get back the value they had; ``clashes`` names those that stay as something
    later left them. ``row`` is what was read. ``seen`` tells whether the caller may know of it.
    """

    aspect: Aspect
    action: Action
    key: str
    urn: str
    outcome: Outcome
    reason: Reason | None = None
    other: str | None = None
    name: str | None = None
    restore: Mapping[str, Any] = field(default_factory=dict)
    clashes: tuple[str, ...] = ()
    seen: bool = True
    row: Mapping[str, Any] = field(default_factory=dict)

    @property
    def left_alone(self) -> bool:
        """Whether all or some of it stays because of something later."""
        return self.outcome is Outcome.CONFLICT or bool(self.clashes)


@dataclass(slots=True)
class Tally:
    """How many changes of each aspect came to which end, and the first conflicts by their order."""

    most: int = 100
    counts: dict[tuple[Aspect, Outcome], int] = field(default_factory=dict)
    conflicts: list[Change] = field(default_factory=list)

    def add(self, change: Change) -> None:
        key = (change.aspect, change.outcome)
        self.counts[key] = self.counts.get(key, 0) + 1
        if change.left_alone and len(self.conflicts) < self.most:
            self.conflicts.append(change)

    def number(self, outcome: Outcome) -> int:
        """Changes of every aspect that came to ``outcome``."""
        return sum(count for (_, each), count in self.counts.items() if each is outcome)


def plan(aspect: Aspect, run: str, row: Mapping[str, Any]) -> Change:
    """What can be done about one row of ``cypher.undo``."""
    return _PLANS[aspect](run, row)


def _asset(run: str, row: Mapping[str, Any]) -> Change:
    was, left, now = row["was"], row["left"] or row["now"], row["now"]
    if was is None:
        return _made(run, row, left, now)
    changed = [name for name in SAID if _differs(was, left, name)]
    action = Action.CHANGED
    if "status" in changed:
        action = _STATUS.get(left["status"], Action.RETURNED)
    restore = {name: was[name] for name in changed if not _differs(now, left, name)}
    clashes = tuple(name for name in changed if _differs(now, left, name) and _differs(now, was, name))
    outcome, reason = Outcome.NOTHING, None
    if clashes:
        reason = _whose(run, row)
    if restore:
        outcome = Outcome.UNDO
    elif clashes:
        outcome = Outcome.CONFLICT
    elif not changed:
        outcome = Outcome.NOT_KEPT  # it amended the past alone
    return _change(Aspect.ASSET, action, row, outcome, reason, restore=restore, clashes=clashes)


def _made(run: str, row: Mapping[str, Any], left: Mapping[str, Any], now: Mapping[str, Any]) -> Change:
    if now["status"] != "ACTIVE":
        return _change(Aspect.ASSET, Action.MADE, row, Outcome.NOTHING)
    clashes = tuple(name for name in (*SAID, "description") if _differs(now, left, name))
    reason = None
    if row["worked_on"]:
        reason = Reason.PERSON
    elif clashes:
        reason = _whose(run, row)
    elif row["needed"]:
        reason = Reason.NEEDED
    if reason:
        return _change(Aspect.ASSET, Action.MADE, row, Outcome.CONFLICT, reason, clashes=clashes)
    return _change(Aspect.ASSET, Action.MADE, row, Outcome.UNDO, restore={"status": "STALE"})


def _whose(run: str, row: Mapping[str, Any]) -> Reason:
    return Reason.LATER_RUN if row["asset"]["recorded_run"] else Reason.PERSON


def _differs(one: Mapping[str, Any], other: Mapping[str, Any], name: str) -> bool:
    """Null, empty, false and zero are all that nothing is said."""
    return (one[name] or None) != (other[name] or None)


def _edge(run: str, row: Mapping[str, Any]) -> Change:
    action, opened = Action(row["action"]), row["open"]
    if action is Action.MADE:
        outcome, reason = (Outcome.UNDO if run in opened else Outcome.NOTHING), None
    elif not opened:
        outcome, reason = Outcome.UNDO, None
    elif any(each.startswith(UNDONE_BY) for each in opened):
        outcome, reason = Outcome.NOTHING, None
    else:
        outcome, reason = Outcome.CONFLICT, Reason.LATER_RUN
    return _change(Aspect.EDGE, action, row, outcome, reason, urn=row["down"], other=row["up"])


def _verdict(run: str, row: Mapping[str, Any]) -> Change:
    action, now = Action(row["action"]), row["now"]
    outcome, reason = Outcome.UNDO, None
    if action is Action.WITHDRAWN:
        if now is not None:
            mine = (now["recorded_run"] or "").startswith(UNDONE_BY) and not now["decided_by"]
            outcome, reason = (Outcome.NOTHING, None) if mine else (Outcome.CONFLICT, _decided(now))
    elif now is None or (action is Action.MADE and now["recorded_run"] != run):
        outcome = Outcome.NOTHING
    elif action is Action.MADE and now["decided_by"]:
        outcome, reason = Outcome.CONFLICT, Reason.PERSON
    elif action is Action.MADE and now["evidence_run"]:
        outcome, reason = Outcome.CONFLICT, Reason.LATER_RUN
    return _change(Aspect.VERDICT, action, row, outcome, reason, name=row["classification"])


def _decided(now: Mapping[str, Any]) -> Reason:
    return Reason.PERSON if now["decided_by"] else Reason.LATER_RUN


def _reference(run: str, row: Mapping[str, Any]) -> Change:
    action, opened = Action(row["action"]), row["open"]
    outcome, reason = Outcome.UNDO, None
    if action is Action.CLOSED and opened is not None:
        mine = opened.startswith(UNDONE_BY)
        outcome, reason = (Outcome.NOTHING, None) if mine else (Outcome.CONFLICT, Reason.LATER_RUN)
    return _change(Aspect.REFERENCE, action, row, outcome, reason, other=row["other"])


def _label(run: str, row: Mapping[str, Any]) -> Change:
    outcome = Outcome.UNDO if row["label"] == "TAG" else Outcome.NOT_KEPT  # owners have no past to go to
    return _change(Aspect.LABEL, Action.MADE, row, outcome, name=row["name"])


def _version(run: str, row: Mapping[str, Any]) -> Change:
    return _change(Aspect.SCHEMA, Action.MADE, row, Outcome.FOLLOWS, name=str(row["number"]))


def _incident(run: str, row: Mapping[str, Any]) -> Change:
    state = row["state"]
    if state == "OPEN":
        return _change(Aspect.INCIDENT, Action.MADE, row, Outcome.UNDO)
    if state == "RESOLVED":
        return _change(Aspect.INCIDENT, Action.MADE, row, Outcome.NOTHING)
    return _change(Aspect.INCIDENT, Action.MADE, row, Outcome.CONFLICT, Reason.PERSON)


def _change(
    aspect: Aspect,
    action: Action,
    row: Mapping[str, Any],
    outcome: Outcome,
    reason: Reason | None = None,
    **extra: Any,
) -> Change:
    urn = extra.pop("urn", None) or row.get("urn") or row["asset"]["urn"]
    return Change(aspect, action, row["key"], urn, outcome, reason, seen=row["seen"], row=row, **extra)


_PLANS = {
    Aspect.ASSET: _asset,
    Aspect.EDGE: _edge,
    Aspect.VERDICT: _verdict,
    Aspect.REFERENCE: _reference,
    Aspect.LABEL: _label,
    Aspect.SCHEMA: _version,
    Aspect.INCIDENT: _incident,
}


def settle_containers(containers: Iterable[Change], gone: Mapping[str, int]) -> list[Change]:
    """Which of the containers that a run made go: those in which nothing stays, from the inside out.

    ``gone`` counts by urn what leaves a container and was still there when it was read.
    """
    left = dict(gone)
    settled = []
    for change in sorted(containers, key=lambda each: _CONTAINERS.index(each.row["asset"]["kind"])):
        leaves = change.outcome is Outcome.UNDO and change.action is Action.MADE
        if leaves and change.row["active"] > left.get(change.urn, 0):
            change = _change(Aspect.ASSET, change.action, change.row, Outcome.CONFLICT, Reason.HOLDS_OTHERS)
        elif leaves and (parent := change.row["asset"]["parent"]):
            left[parent] = left.get(parent, 0) + 1
        settled.append(change)
    return settled
