"""What a workflow is: stages, what each waits for, when it runs, over what it fans out, how often it is tried."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class OnFailure(StrEnum):
    """What the failure of a stage does to its run."""

    FAIL = "FAIL"  # nothing new begins, what was done is compensated, the run fails
    CONTINUE = "CONTINUE"  # the run goes on; stages after this one run as if it had succeeded


@dataclass(frozen=True, slots=True)
class Retry:
    """``tries`` counts the first one; waits are seconds, each ``factor`` times the one before, none above ``longest_s``."""

    tries: int = 3
    first_s: float = 5.0
    factor: float = 2.0
    longest_s: float = 300.0


@dataclass(frozen=True, slots=True)
class Inside:
    """Where a stage of a sub-workflow is: names begin with ``prefix``, conditions see ``inputs`` and what stands beside the stage.

    ``condition`` is that of the stage that runs the sub-workflow, over what is known where that one is, ``within``.
    """

    prefix: str
    inputs: Mapping[str, Any] = field(default_factory=dict)
    condition: str = ""
    within: Inside | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """One step. ``uses`` names an action, or ``workflow`` another workflow; one of the two is set.

    ``condition`` and ``for_each`` are CEL over the facts of the run: the first says whether the stage runs, the second over
    how many batches, a number or a list. ``compensate`` is an action that takes back what the stage did where the run fails or is
    cancelled later. ``inside`` is set where the stage came with a sub-workflow that was unfolded; the stage that ran that has no task of
    its own and is over when they are.
    """

    name: str
    uses: str = ""
    workflow: str = ""
    after: tuple[str, ...] = ()
    condition: str = ""
    for_each: str = ""
    parallel: int = 1
    arguments: Mapping[str, Any] = field(default_factory=dict)
    retry: Retry = Retry()
    timeout_s: float = 3600.0
    on_failure: OnFailure = OnFailure.FAIL
    compensate: str = ""
    compensate_with: Mapping[str, Any] = field(default_factory=dict)
    inside: Inside | None = None


@dataclass(frozen=True, slots=True)
class Workflow:
    """Stages in an order in which each comes after those it waits for. ``digest`` is the SHA-256 of its canonical text.

    ``inputs`` are what a run may be given, each with its default; one without, None, must be given.
    """

    name: str
    stages: tuple[Stage, ...]
    description: str = ""
    digest: str = ""
    inputs: Mapping[str, Any] = field(default_factory=dict)

    def stage(self, name: str) -> Stage:
        """Raises ``KeyError``."""
        for stage in self.stages:
            if stage.name == name:
                return stage
        raise KeyError(name)

    def before(self, name: str) -> Iterator[str]:
        """Every stage that must be over before ``name`` begins, however many steps away."""
        seen: set[str] = set()
        waiting = list(self.stage(name).after)
        while waiting:
            if (one := waiting.pop()) not in seen:
                seen.add(one)
                yield one
                waiting += self.stage(one).after
