"""Which media type answers a request, and which status says what happened to it.

Sources: RFC 9110 section 12.5.1; the GraphQL-over-HTTP draft of August 2026; profile ``audit`` follows the audit suite of
the package graphql-http where the two disagree.
"""

from __future__ import annotations

from enum import Enum
from functools import lru_cache
from typing import Literal

GRAPHQL_JSON = "application/graphql-response+json"
JSON = "application/json"
EVENT_STREAM = "text/event-stream"

Profile = Literal["draft", "audit"]


class Failure(Enum):
    """How far a request came that has no ``data``."""

    UNREADABLE = "no JSON"
    MALFORMED = "no GraphQL request"
    PARSING = "no GraphQL document"
    REFUSED = "not valid, or over a limit"
    UNAVAILABLE = "nothing to answer it from"


_STATUS: dict[Profile, dict[Failure, int]] = {
    "draft": {
        Failure.UNREADABLE: 400,
        Failure.MALFORMED: 422,
        Failure.PARSING: 400,
        Failure.REFUSED: 422,
        Failure.UNAVAILABLE: 503,
    },
    "audit": {
        Failure.UNREADABLE: 400,
        Failure.MALFORMED: 400,
        Failure.PARSING: 400,
        Failure.REFUSED: 400,
        Failure.UNAVAILABLE: 503,
    },
}


@lru_cache(maxsize=256)
def media_type(accept: str | None) -> str | None:
    """The best of the three media types for an ``Accept`` header; None where none is acceptable."""
    if not accept:
        return JSON
    best: tuple[float, int] = (0.0, 0)
    found = None
    for part in accept.split(",")[:32]:
        name, *parameters = (text.strip().lower() for text in part.split(";"))
        # A wildcard never selects a stream, and selects plain JSON: older clients send */* and know nothing else.
        chosen, specificity = {
            GRAPHQL_JSON: (GRAPHQL_JSON, 3),
            JSON: (JSON, 3),
            EVENT_STREAM: (EVENT_STREAM, 3),
            "application/*": (JSON, 2),
            "*/*": (JSON, 1),
        }.get(name, (None, 0))
        rank = (_quality(parameters), specificity)
        if chosen is not None and rank[0] > 0 and rank > best:
            best, found = rank, chosen
    return found


def failure_status(failure: Failure, accepted: str, profile: Profile) -> tuple[int, str]:
    """Status and media type of an answer without ``data``."""
    if failure in (Failure.UNREADABLE, Failure.MALFORMED):
        return _STATUS[profile][failure], JSON  # it was no GraphQL request, so this is no GraphQL response
    if profile == "draft":
        return _STATUS[profile][failure], GRAPHQL_JSON  # by the draft also to clients that only know JSON
    if accepted == JSON and failure is not Failure.UNAVAILABLE:
        return 200, JSON  # audits 572B, FDE2, 7B9B, 86EE
    return _STATUS[profile][failure], accepted


def success_status(accepted: str, profile: Profile, *, has_errors: bool) -> int:
    """Status of an answer with ``data``."""
    return 294 if has_errors and profile == "draft" and accepted == GRAPHQL_JSON else 200


def _quality(parameters: list[str]) -> float:
    quality = 1.0
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name == "q":
            try:
                quality = float(value)
            except ValueError:
                quality = 0.0
        elif name == "charset" and value.strip('"') not in ("utf-8", "utf8"):
            return 0.0
    return quality
