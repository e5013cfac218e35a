"""What went wrong in a run, by what can be done about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class FailureKind(StrEnum):
    """The classes of failure; each asks for something else."""

    TRANSIENT = "TRANSIENT"  # the same again later may work: connections, time-outs, locks
    THROTTLED = "THROTTLED"  # the source asks for less or later
    CREDENTIALS = "CREDENTIALS"  # someone must renew or correct them
    PERMISSION = "PERMISSION"  # someone must grant something
    SCHEMA_DRIFT = "SCHEMA_DRIFT"  # what was there is there no longer, or is another thing: discover again
    BAD_DATA = "BAD_DATA"  # what the source holds cannot be read, and will not be next time
    BUG = "BUG"  # ours to mend


@dataclass(frozen=True, slots=True)
class Failure:
    """The kind of a failure, whether a rule said so or the model, and how sure that is, from 0 to 1."""

    kind: FailureKind
    by_rule: bool
    confidence: float
