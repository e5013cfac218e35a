"""How a task of a run is given to a worker, and how its attempt may end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from schema.domain.failures import FailureKind
from schema.domain.scans import Problem, RunState
from schema.domain.workflows import Stage, Workflow


@dataclass(frozen=True, slots=True)
class Claim:
    """A task that this worker holds; later writes name ``attempt``, so that a worker that was taken for dead cannot write.

    ``facts`` are what conditions see: run, source, inputs and stages. ``tries`` are the attempts that failed before. ``batches`` is how
    many the discovery of the run made.
    """

    task: str
    attempt: int
    tries: int
    stage: Stage
    n: int
    run: Mapping[str, Any]
    source: Mapping[str, Any]
    workflow: Workflow
    facts: Mapping[str, Any]
    batches: int = 0


@dataclass(frozen=True, slots=True)
class Done:
    """What a task found out: ``facts`` for conditions, ``counts`` for the run, and what it could not do.

    ``rows`` is how many rows of the source it read, ``rules`` the seconds that rules took which classify.
    """

    facts: Mapping[str, Any] = field(default_factory=dict)
    counts: Mapping[str, int] = field(default_factory=dict)
    problems: Sequence[Problem] = ()
    rows: int = 0
    rules: Mapping[str, float] = field(default_factory=dict)


WORKER_LOST = "worker_lost"
OUT_OF_MEMORY = "out_of_memory"


@dataclass(frozen=True, slots=True)
class Failed:
    """Why a task failed, of which ``kind`` (a ``FailureKind`` or one of the two above), and after how many ms it is tried again; None gives it up.

    ``source_kind`` is set where the failure says something about the source: its circuit breaker hears of it.
    """

    kind: str
    error: str
    wait_ms: int | None = None
    source_kind: FailureKind | None = None


@dataclass(frozen=True, slots=True)
class Halted:
    """The task was stopped because its run is cancelled, or handed back because its worker ends."""

    handed_back: bool = False


Outcome = Done | Failed | Halted


@dataclass(frozen=True, slots=True)
class Settled:
    """What followed: the state of the run, and how many tasks wait for a worker now that did not before."""

    run: RunState
    made: int
