"""What happened in a run, in order: made from what its stages, tasks and attempts keep, so that nothing has to be written twice.

All times are those of the database's clock, epoch milliseconds. A stage begins with its first attempt and ends with its last.
"""

from __future__ import annotations

import base64
import hashlib
from bisect import bisect_left, insort
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from schema.domain.orchestration import OVER, StageState, TaskState
from schema.domain.scans import FINAL, RunState


class RunEventKind(StrEnum):
    """In the order in which those of one moment are told."""

    RUN_QUEUED = "RUN_QUEUED"
    TASK_HELD = "TASK_HELD"
    RUN_STARTED = "RUN_STARTED"
    STAGE_STARTED = "STAGE_STARTED"
    TASK_STARTED = "TASK_STARTED"
    ATTEMPT_STARTED = "ATTEMPT_STARTED"
    ATTEMPT_ENDED = "ATTEMPT_ENDED"
    TASK_RETRIED = "TASK_RETRIED"
    TASK_ENDED = "TASK_ENDED"
    STAGE_ENDED = "STAGE_ENDED"
    RUN_ENDED = "RUN_ENDED"


LOOK_BACK_MS = 10_000
"""How long a transaction may take from the time that it notes to its end: so far back every look goes for what it did not see before."""

MOST_MARKS = 100
_MARK_BYTES = 6
_RANK = {kind: number for number, kind in enumerate(RunEventKind)}
_ENDED = (TaskState.SUCCEEDED, TaskState.FAILED, TaskState.CANCELLED)


@dataclass(frozen=True, slots=True)
class RunEvent:
    """``about`` tells events of one moment and kind apart. ``failure`` is the class of a failure, ``reason`` says why something is so:
    of a failure its text, which holds no value of data and no secret; ``until_ms`` is when a task that waits comes back.
    """

    at_ms: int
    kind: RunEventKind
    about: str = ""
    state: str = ""
    stage: str = ""
    number: int | None = None
    attempt: int | None = None
    worker: str = ""
    failure: str = ""
    reason: str = ""
    until_ms: int | None = None

    @property
    def key(self) -> tuple[int, str]:
        """Sorts events, and no two of a run have the same."""
        return self.at_ms, f"{_RANK[self.kind]:02d}:{self.about}"


class Told:
    """What a reader of a log has been told of, as far back as something may come late; ``place`` says it so that another connection can go on.

    Raises ``ValueError`` where ``marks`` are not those of a place.
    """

    def __init__(self, since_ms: int = 0, marks: str = "") -> None:
        found = base64.b64decode(marks, validate=True)
        if len(found) % _MARK_BYTES:
            raise ValueError("no marks")
        self.since_ms = since_ms
        self._marks = {found[n : n + _MARK_BYTES] for n in range(0, len(found), _MARK_BYTES)}
        self._keys: list[tuple[int, str]] = []

    def new(self, events: Sequence[RunEvent]) -> Iterator[RunEvent]:
        """Those that were not told before; each counts as told once it is given out."""
        if self._marks:
            self._keys = sorted(event.key for event in events if _mark(event.key) in self._marks)
            self._marks.clear()
        for event in events:
            at = bisect_left(self._keys, event.key)
            if event.at_ms >= self.since_ms and self._keys[at : at + 1] != [event.key]:
                insort(self._keys, event.key)
                yield event

    def forget(self) -> None:
        """Let go of what is so old that nothing comes before it any more."""
        self.since_ms, start = self._since(len(self._keys))
        del self._keys[:start]

    def place(self) -> tuple[int, str]:
        """``since_ms`` and ``marks`` of what was told; of more than a hundred events within the time the newest, and before them nothing comes."""
        since_ms, start = self._since(MOST_MARKS)
        return since_ms, base64.b64encode(b"".join(map(_mark, self._keys[start:]))).decode()

    def _since(self, most: int) -> tuple[int, int]:
        keys, since_ms = self._keys, self.since_ms
        if keys:
            since_ms = max(since_ms, keys[-1][0] - LOOK_BACK_MS)
        if len(keys) > most:
            since_ms = max(since_ms, keys[-most - 1][0] + 1)
        return since_ms, bisect_left(keys, (since_ms, ""))


def _mark(key: tuple[int, str]) -> bytes:
    return hashlib.blake2b(f"{key[0]}:{key[1]}".encode(), digest_size=_MARK_BYTES).digest()


def run_events(
    run: Mapping[str, Any], stages: Sequence[Mapping[str, Any]], tasks: Sequence[Mapping[str, Any]]
) -> list[RunEvent]:
    """The events of a run in order. ``stages`` have ``first_ms`` and ``last_ms`` of their attempts, ``tasks`` their ``attempts``."""
    found = [*_of_run(run, stages)]
    for stage in stages:
        found += _of_stage(stage)
    for task in tasks:
        found += _of_task(task)
    return sorted(found, key=lambda event: event.key)


def _of_run(run: Mapping[str, Any], stages: Sequence[Mapping[str, Any]]) -> Iterator[RunEvent]:
    why = run.get("approval_why")
    waits = f"It waits for approval: {why}." if why else run.get("reason") or ""
    if run.get("created_ms") is not None:  # the oldest runs do not have it
        yield RunEvent(run["created_ms"], RunEventKind.RUN_QUEUED, reason=waits)
    if begun := [stage["first_ms"] for stage in stages if stage["first_ms"] is not None]:
        yield RunEvent(min(begun), RunEventKind.RUN_STARTED)
    if RunState(run["state"]) in FINAL and run.get("finished_ms") is not None:
        error = run.get("error") or ""
        yield RunEvent(run["finished_ms"], RunEventKind.RUN_ENDED, state=run["state"], reason=error)


def _of_stage(stage: Mapping[str, Any]) -> Iterator[RunEvent]:
    name = stage["name"]
    if stage["first_ms"] is not None:
        yield RunEvent(stage["first_ms"], RunEventKind.STAGE_STARTED, name, stage=name)
    if StageState(stage["state"]) in OVER:
        end_ms = stage["last_ms"]
        if end_ms is None:  # it was skipped, or nothing of it had begun
            if not stage.get("finished_at"):
                return
            end_ms = int(datetime.fromisoformat(stage["finished_at"]).timestamp() * 1_000)
        reason = stage.get("reason") or ""
        yield RunEvent(
            end_ms, RunEventKind.STAGE_ENDED, name, state=stage["state"], stage=name, reason=reason
        )


def _of_task(task: Mapping[str, Any]) -> Iterator[RunEvent]:
    stage, number, about = task["stage"], task["n"], f"{task['stage']}/{task['n']}"
    attempts = sorted(task["attempts"], key=lambda each: each["number"])
    for at_ms, reason in zip(task.get("held_ms") or (), task.get("held_why") or (), strict=False):
        still = task.get("held") == reason and at_ms == task["held_ms"][-1]
        until_ms = task.get("retry_at") if still else None
        yield RunEvent(
            at_ms, RunEventKind.TASK_HELD, about, stage=stage, number=number, reason=reason, until_ms=until_ms
        )
    for each in attempts:
        tried, worker = each["number"], each["worker"]
        name = f"{about}/{tried:06d}"
        if tried == 1:
            yield RunEvent(each["started_ms"], RunEventKind.TASK_STARTED, about, stage=stage, number=number)
        yield RunEvent(
            each["started_ms"],
            RunEventKind.ATTEMPT_STARTED,
            name,
            stage=stage,
            number=number,
            attempt=tried,
            worker=worker,
        )
        if each.get("finished_ms") is None:
            continue
        failure, error = each.get("kind") or "", each.get("error") or ""
        limited_s = (each.get("limited_ms") or 0) / 1_000
        limited = (
            f"It waited {limited_s:.1f} s for the requests per minute that its source allows."
            if limited_s
            else ""
        )
        yield RunEvent(
            each["finished_ms"],
            RunEventKind.ATTEMPT_ENDED,
            name,
            state=each["state"],
            stage=stage,
            number=number,
            attempt=tried,
            worker=worker,
            failure=failure,
            reason=" ".join(filter(None, (error, limited))),
        )
        last = each is attempts[-1]
        if each["state"] == "FAILED" and not (last and TaskState(task["state"]) in _ENDED):
            yield RunEvent(
                each["finished_ms"],
                RunEventKind.TASK_RETRIED,
                name,
                stage=stage,
                number=number,
                attempt=tried,
                failure=failure,
                reason=error,
                until_ms=task.get("retry_at") if last else None,
            )
    if attempts and TaskState(task["state"]) in _ENDED and attempts[-1].get("finished_ms") is not None:
        end = attempts[-1]
        yield RunEvent(
            end["finished_ms"],
            RunEventKind.TASK_ENDED,
            about,
            state=task["state"],
            stage=stage,
            number=number,
            failure=end.get("kind") or "",
            reason=task.get("error") or "",
        )
