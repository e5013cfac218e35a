"""How values of a sample are shown: whole, in part, as a mark, or not at all. Decided from levels, purposes and rules, and from nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from schema.domain.classifications import Sensitivity
from schema.errors import InvalidInput

MOST_PURPOSES = 20
_PURPOSE = re.compile(r"[a-z0-9][a-z0-9-]{0,49}")


class Mask(StrEnum):
    """What becomes of a value, from the one that shows most to the one that shows nothing."""

    FULL = "FULL"
    REDACT = "REDACT"
    PARTIAL = "PARTIAL"
    HASH = "HASH"
    NULL = "NULL"


class MaskReason(StrEnum):
    HARMLESS = "HARMLESS"
    RULE = "RULE"
    UNMASKED = "UNMASKED"
    PURPOSE = "PURPOSE"
    CLEARANCE = "CLEARANCE"
    APPROVAL = "APPROVAL"
    UNREADABLE = "UNREADABLE"


class MaskingSubject(StrEnum):
    """What a rule is about; where several fit, the narrower one holds: CLASSIFICATION, CATEGORY, LEVEL."""

    CLASSIFICATION = "CLASSIFICATION"
    CATEGORY = "CATEGORY"
    LEVEL = "LEVEL"
    FREE_TEXT = "FREE_TEXT"


@dataclass(frozen=True, slots=True)
class MaskingRule:
    """``name`` is that of a classification or category, or a level such as SENSITIVE; empty for FREE_TEXT. ``set_by`` is None as shipped."""

    subject: MaskingSubject
    name: str
    mask: Mask
    set_by: str | None = None
    set_at: str | None = None

    @property
    def id(self) -> str:
        return f"{self.subject}:{self.name}"


# Of few words any part tells the whole, so those are marked; secrets are of no use to a reader of samples.
SHIPPED = (
    MaskingRule(MaskingSubject.CATEGORY, "CREDENTIAL", Mask.NULL),
    MaskingRule(MaskingSubject.CATEGORY, "DEMOGRAPHIC", Mask.HASH),
    MaskingRule(MaskingSubject.CATEGORY, "HEALTH", Mask.HASH),
    MaskingRule(MaskingSubject.FREE_TEXT, "", Mask.REDACT),
    MaskingRule(MaskingSubject.LEVEL, "PUBLIC", Mask.FULL),
    MaskingRule(MaskingSubject.LEVEL, "INTERNAL", Mask.FULL),
    MaskingRule(MaskingSubject.LEVEL, "CONFIDENTIAL", Mask.FULL),
    MaskingRule(MaskingSubject.LEVEL, "SENSITIVE", Mask.PARTIAL),
    MaskingRule(MaskingSubject.LEVEL, "RESTRICTED", Mask.HASH),
)
_FOR_TEXT = (Mask.REDACT, Mask.HASH, Mask.NULL)


@dataclass(frozen=True, slots=True)
class DataKind:
    """A classification as far as masking asks: its values are for ``purposes`` alone, where there are any."""

    name: str
    category: str
    level: int
    purposes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """Who reads, and what for; ``purpose`` is one he may act for, empty for none.

    From ``unapproved_from`` on somebody else would have to approve it, and nobody did; None where nobody has to.
    """

    clearance: int
    unmasks: bool = False
    purpose: str = ""
    unapproved_from: int | None = None


@dataclass(frozen=True, slots=True)
class Masking:
    mask: Mask
    reason: MaskReason


@dataclass(frozen=True, slots=True)
class SampledColumn:
    """A column as the catalogue knows it: its effective level, its classifications, and those that a person rejected."""

    name: str
    data_type: str = ""
    comment: str | None = None
    level: int = 0
    kinds: tuple[DataKind, ...] = ()
    rejected: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class MaskedColumn:
    """``values`` as they may be shown, as texts; None where there is none or none is shown."""

    name: str
    masking: Masking
    values: tuple[str | None, ...] = field(repr=False)


class MaskingRules:
    """The rules in force: those that were set, over those that ship."""

    def __init__(self, changed: Iterable[MaskingRule] = ()) -> None:
        found: Mapping[str, MaskingRule] = {rule.id: rule for rule in (*SHIPPED, *changed)}
        self.all = tuple(sorted(found.values(), key=lambda rule: rule.id))
        self._masks = {(rule.subject, rule.name): rule.mask for rule in self.all}

    @property
    def free_text(self) -> Mask:
        """What becomes of prose in which nothing makes the whole column sensitive."""
        return self._masks[MaskingSubject.FREE_TEXT, ""]

    def of_level(self, level: int) -> Mask:
        return self._masks[MaskingSubject.LEVEL, Sensitivity(level).name]

    def of_kind(self, kind: DataKind) -> Mask:
        """By the narrowest rule that fits."""
        for subject, name in (
            (MaskingSubject.CLASSIFICATION, kind.name),
            (MaskingSubject.CATEGORY, kind.category),
        ):
            if (mask := self._masks.get((subject, name))) is not None:
                return mask
        return self.of_level(kind.level)


def masking(kinds: Sequence[DataKind], level: int, reading: Reading, rules: MaskingRules) -> Masking:
    """How values of ``kinds`` at the effective ``level`` are shown; of several rules the one that shows least.

    Above the clearance, without an approval that they need, and for another purpose than theirs, nothing is. Up to SENSITIVE, UNMASK and a purpose lift
    the rules; RESTRICTED values are as the rules say for everybody.
    """
    level = max((level, *(kind.level for kind in kinds)))
    if level > reading.clearance:
        return Masking(Mask.NULL, MaskReason.CLEARANCE)
    if reading.unapproved_from is not None and level >= reading.unapproved_from:
        return Masking(Mask.NULL, MaskReason.APPROVAL)
    if any(kind.purposes and reading.purpose not in kind.purposes for kind in kinds):
        return Masking(Mask.NULL, MaskReason.PURPOSE)
    masks = [rules.of_kind(kind) for kind in kinds]
    if not kinds or level > max(kind.level for kind in kinds):
        masks.append(rules.of_level(level))
    mask = max(masks, key=tuple(Mask).index)
    if mask is Mask.FULL:
        return Masking(mask, MaskReason.HARMLESS)
    if reading.unmasks and reading.purpose and level < Sensitivity.RESTRICTED:
        return Masking(Mask.FULL, MaskReason.UNMASKED)
    return Masking(mask, MaskReason.RULE)


def checked_rule(subject: MaskingSubject, name: str, mask: Mask) -> MaskingRule:
    """A rule that may be set; raises ``InvalidInput``. Whether there is such a classification is not known here."""
    if subject is MaskingSubject.FREE_TEXT:
        if name:
            raise InvalidInput("Free text has no name.", path=("name",), remedy="Leave the name empty.")
        if mask not in _FOR_TEXT:
            raise InvalidInput(
                f"Free text cannot be shown as {mask}.",
                path=("mask",),
                remedy=f"Use {', '.join(_FOR_TEXT)}.",
            )
    elif subject is MaskingSubject.LEVEL and name not in Sensitivity.__members__:
        raise InvalidInput(
            "There is no such level.",
            path=("name",),
            remedy=f"Use one of {', '.join(Sensitivity.__members__)}.",
        )
    elif not name or len(name) > 100:
        raise InvalidInput(
            "The name is empty or too long.", path=("name",), remedy=f"Name a {subject.value.lower()}."
        )
    return MaskingRule(subject, name, mask)


def checked_purposes(purposes: Iterable[str], path: str = "purposes") -> tuple[str, ...]:
    """Distinct purposes, sorted; raises ``InvalidInput`` where one is no name or there are too many."""
    found = tuple(sorted(set(purposes)))
    if len(found) > MOST_PURPOSES or not all(_PURPOSE.fullmatch(each) for each in found):
        raise InvalidInput(
            "A purpose is not acceptable, or there are too many.",
            path=(path,),
            remedy=f"Give at most {MOST_PURPOSES} names of 1 to 50 small letters, digits and dashes, such as fraud-prevention.",
        )
    return found
