"""The life of one scan: its states, its stages, what it counts, what it could not do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class RunState(StrEnum):
    """SUCCEEDED, FAILED and CANCELLED are final; a PAUSED run begins nothing new, what was begun is finished."""

    AWAITING_APPROVAL = "AWAITING_APPROVAL"
    QUEUED = "QUEUED"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    CANCELLING = "CANCELLING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


FINAL = frozenset({RunState.SUCCEEDED, RunState.FAILED, RunState.CANCELLED})


class ScanStage(StrEnum):
    """What a scan does, in order: its table of contents; SAMPLE and CLASSIFY are the parts of EXAMINE."""

    DISCOVER = "DISCOVER"
    EXAMINE = "EXAMINE"
    SAMPLE = "SAMPLE"
    CLASSIFY = "CLASSIFY"
    LINEAGE = "LINEAGE"
    EMBED = "EMBED"
    PUBLISH = "PUBLISH"
    CONCLUDE = "CONCLUDE"
    OTHER = "OTHER"

    @classmethod
    def of(cls, name: str) -> ScanStage:
        """The stage called ``name`` in a workflow, or in one that it runs; OTHER where it is none of a scan's."""
        last = name.rpartition(".")[2].upper()
        return cls(last) if last in cls.__members__ else cls.OTHER


class Severity(StrEnum):
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something a run could not do, kept on the run; ``message`` holds no data value and no secret."""

    stage: ScanStage
    code: str
    subject: str
    message: str
    severity: Severity = Severity.WARNING
