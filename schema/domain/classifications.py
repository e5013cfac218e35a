"""What a column holds, who says so, and how sensitive that makes it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Sensitivity(IntEnum):
    """Ordered levels; a reader's clearance is the highest level he may see."""

    PUBLIC = 0
    INTERNAL = 1
    CONFIDENTIAL = 2
    SENSITIVE = 3
    RESTRICTED = 4


RULES, TRAINED, EMBEDDINGS, LANGUAGE_MODEL = 1, 2, 3, 4  # the tiers


class VerdictOrigin(StrEnum):
    MANUAL = "MANUAL"
    RULE = "RULE"
    ML = "ML"
    AI = "AI"
    PROPAGATED = "PROPAGATED"


class VerdictStatus(StrEnum):
    SUGGESTED = "SUGGESTED"
    CONFIRMED = "CONFIRMED"
    REJECTED = "REJECTED"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One classification of one column with its reason; counts and shapes, never a value.

    ``confidence`` runs from 0 to 1; ``tier`` is 1 rules, 2 trained model, 3 embeddings, 4 language model.
    """

    classification: str
    sensitivity: Sensitivity
    confidence: float
    reason: str
    origin: VerdictOrigin = VerdictOrigin.RULE
    tier: int = 1
    classifier: str = ""
    classifier_version: str = ""


@dataclass(frozen=True, slots=True)
class Classifier:
    """A classification the product knows: what it is called, what it means, how sensitive it is.

    ``wider`` are the classifications above it, nearest first. Of one ``group`` a column gets one only. A machine's
    verdict as sure as ``accept_at`` (0 to 1) is accepted, one less sure than ``reject_at`` not given; None is never.
    """

    name: str
    title: str
    description: str
    category: str
    sensitivity: Sensitivity
    version: str
    wider: tuple[str, ...] = ()
    regulations: tuple[str, ...] = ()
    group: str = ""
    priority: int = 0
    accept_at: float | None = None
    reject_at: float | None = None
    built_in: bool = True
