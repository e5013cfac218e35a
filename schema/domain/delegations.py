"""Who may decide about a run or a sample in whose place. Pure: the moment and what was read are handed in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from schema.domain.identity import PERMISSIONS, Permission, Role
from schema.errors import Conflict, Forbidden, InvalidInput

MOST_DAYS = 92


def check_period(now: datetime, starts_at: datetime, ends_at: datetime) -> None:
    """Raises ``InvalidInput`` where the time is over, empty or too long."""
    for field, moment in (("startsAt", starts_at), ("endsAt", ends_at)):
        if moment.tzinfo is None:
            raise InvalidInput("The time has no zone.", path=(field,), remedy="Add Z or an offset.")
    if ends_at <= max(now, starts_at):
        raise InvalidInput(
            "The delegation would be over before it begins.",
            path=("endsAt",),
            remedy="Name an end ahead, after the beginning.",
        )
    if ends_at - max(now, starts_at) > timedelta(days=MOST_DAYS):
        raise InvalidInput(
            f"A delegation lasts up to {MOST_DAYS} days.",
            path=("endsAt",),
            remedy="Name an earlier end, and delegate again then.",
        )


def usable(token: Mapping[str, Any] | None, now: datetime) -> bool:
    """Whether a token is there and neither revoked nor over."""
    if token is None or token.get("revoked_at") is not None:
        return False
    ends = token.get("expires_at")
    return ends is None or datetime.fromisoformat(str(ends)) > now


def giver_may(row: Mapping[str, Any], now: datetime) -> bool:
    """Whether who gave a delegation may still approve himself; an account of the command line always may."""
    if str(row["delegation"]["giver"]).startswith("cli:"):
        return True
    token = row["token"]
    return usable(token, now) and Permission.APPROVE in PERMISSIONS[Role(token["role"])]


def stands_for(
    rows: Sequence[Mapping[str, Any]], *, requester: str, about: Mapping[str, Any], path: str, now: datetime
) -> Mapping[str, Any]:
    """The delegation by which its holder may decide about what ``requester`` asked for, at ``path`` of the input.

    ``rows`` are those of ``cypher.delegations`` that hold now; ``about`` has ``domain`` and ``sensitivity``. Nobody hands on what he
    has not: who gave it must still have the permission, and may see what it is about. Raises ``Forbidden``, and ``Conflict`` where the
    requester alone gave it.
    """
    able = [row for row in rows if giver_may(row, now) and _sees(row["token"], about)]
    for row in able:
        if row["delegation"]["giver"] != requester:
            found: Mapping[str, Any] = row["delegation"]
            return found
    if able:
        raise Conflict(
            "Who asked for it may not decide about it, and neither may who stands in for him.",
            path=(path,),
            remedy="Ask somebody else who has the permission APPROVE.",
        )
    raise Forbidden(Permission.APPROVE.value)


def _sees(token: Mapping[str, Any] | None, about: Mapping[str, Any]) -> bool:
    if token is None:
        return True
    domains = token.get("domains")
    within = domains is None or (about.get("domain") or "") in domains
    return within and int(token["clearance"]) >= int(about.get("sensitivity") or 0)
