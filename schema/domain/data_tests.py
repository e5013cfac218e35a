"""Tests of data: what they test, how they went, and the figures that may be kept of it, which are counts and shares alone."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from schema.domain.time import stored
from schema.errors import InvalidInput
from schema.ids import Urn


class DataTestStatus(StrEnum):
    """How a test went; ERROR is a test that could not be run to its end, SKIPPED one that was not run."""

    PASS = "PASS"  # noqa: S105
    WARN = "WARN"
    FAIL = "FAIL"
    ERROR = "ERROR"
    SKIPPED = "SKIPPED"


class Measure(StrEnum):
    """What a figure counts. A SHARE runs from 0 to 1; nothing here is a value of the data."""

    ROWS = "ROWS"
    FAILURES = "FAILURES"
    UNEXPECTED = "UNEXPECTED"
    UNEXPECTED_SHARE = "UNEXPECTED_SHARE"
    MISSING = "MISSING"
    MISSING_SHARE = "MISSING_SHARE"
    OBSERVED_COUNT = "OBSERVED_COUNT"
    OBSERVED_SHARE = "OBSERVED_SHARE"


@dataclass(frozen=True, slots=True)
class DataTestResult:
    """One run of one test. ``run`` is its identity at the tool; ``part`` tells the batches of one run apart and is not kept."""

    status: DataTestStatus
    at: datetime
    run: str = ""
    figures: Mapping[Measure, float] = field(default_factory=dict)
    part: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        for measure, value in self.figures.items():
            if not 0 <= value <= _most(measure):
                raise InvalidInput(
                    f"{measure.value} is neither a count nor a share.",
                    path=("figures",),
                    remedy="Leave it out.",
                )

    def ident(self, test: Urn) -> str:
        """The same for the same result read twice."""
        said = "\0".join((str(test), stored(self.at), self.run, self.part))
        return hashlib.blake2b(said.encode(), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class DataTest:
    """A test, which is a job of its own in the catalogue: ``subjects`` are the datasets and columns it tests.

    ``check`` is what it checks in the tool's words, such as ``not_null``; ``tool`` is dbt, Great Expectations or Soda.
    """

    job: Urn
    check: str
    tool: str
    subjects: tuple[Urn, ...] = ()
    results: tuple[DataTestResult, ...] = ()


def figures(**stated: object) -> dict[Measure, float]:
    """Those of ``stated``, by the lower-case names of measures, that are counts or shares; anything else is left out."""
    found: dict[Measure, float] = {}
    for name, value in stated.items():
        measure = Measure(name.upper())
        numeric = isinstance(value, int | float) and not isinstance(value, bool)
        if numeric and 0 <= value <= _most(measure):  # type: ignore[operator]
            found[measure] = float(value)  # type: ignore[arg-type]
    return found


def share(percent: object) -> float | None:
    """The share that a percentage is; None of anything else."""
    numeric = isinstance(percent, int | float) and not isinstance(percent, bool)
    return percent / 100 if numeric and 0 <= percent <= 100 else None  # type: ignore[operator]


def _most(measure: Measure) -> float:
    return 1.0 if measure.name.endswith("_SHARE") else float(2**53)
