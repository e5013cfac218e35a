"""Samples that somebody else has to approve first. Pure: the moment and what was read are handed in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from schema.domain.classifications import Sensitivity
from schema.errors import ApprovalRequired, InvalidInput

MOST_DAYS = 30
WAITS = timedelta(days=7)
_NAMED = 5


class SampleRequestState(StrEnum):
    """WAITING ends after ``WAITS``, APPROVED when the approver said; both are EXPIRED then."""

    WAITING = "WAITING"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"


def check_expiry(now: datetime, expires_at: datetime | None) -> datetime:
    """When an approval ends; raises ``InvalidInput`` where that is not said, over already, or too far ahead."""
    if (
        expires_at is None
        or expires_at.tzinfo is None
        or not now < expires_at <= now + timedelta(days=MOST_DAYS)
    ):
        raise InvalidInput(
            "An approval of a sample ends at a time ahead, in a zone.",
            path=("expiresAt",),
            remedy=f"Name a time within the next {MOST_DAYS} days, with Z or an offset.",
        )
    return expires_at


def needing(columns: Iterable[Mapping[str, Any]], level: int | None) -> list[str]:
    """Names of the columns of an effective sensitivity of ``level`` or more; none where nothing needs an approval."""
    return [c["name"] for c in columns if level is not None and (c["sensitivity"] or 0) >= level]


def covering(
    requests: Sequence[Mapping[str, Any]],
    columns: Sequence[Mapping[str, Any]],
    *,
    level: int | None,
    purpose: str,
) -> Mapping[str, Any] | None:
    """The approval by which ``columns`` may be read for ``purpose``; None where they need none. Raises ``ApprovalRequired``.

    ``requests`` are the reader's own that are approved or wait. One covers the columns that it names, as long as none is of a higher
    sensitivity than any was when it was asked for.
    """
    names = needing(columns, level)
    if level is None or not names:
        return None
    wanted, most = {c["name"] for c in columns}, max(c["sensitivity"] or 0 for c in columns)
    fitting = [
        each
        for each in requests
        if wanted <= set(each["columns"]) and most <= each["level"] and each["purpose"] == purpose
    ]
    for each in fitting:
        if each["state"] == SampleRequestState.APPROVED:
            return each
    waiting = next((each["id"] for each in fitting), None)
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    raise ApprovalRequired(
        f"Somebody else has to approve samples of what is {Sensitivity(level).name} or more here: {', '.join(names[:_NAMED])}{more}.",
        f"Wait for the decision about request {waiting}."
        if waiting
        else "Ask for it by sampleRequest or `pursight approvals request`, with the same columns and purpose, or name other columns.",
        level=level,
        waiting=waiting,
    )
