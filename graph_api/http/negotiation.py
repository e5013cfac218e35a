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
    """How far a request came that has no ``data``: the status in the draft, and in the audit suite."""

    UNREADABLE = (400, 400)
    MALFORMED = (422, 400)
    PARSING = (400, 400)
    REFUSED = (422, 400)
    UNAVAILABLE = (503, 503)


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
    draft, audit = failure.value
    if profile == "draft":
        return draft, GRAPHQL_JSON  # a client that only knows JSON gets the newer type on errors, by the draft
    if accepted == JSON and failure in (Failure.PARSING, Failure.REFUSED):
        return 200, JSON  # 572B, FDE2, 7B9B, 86EE of the audit suite
    return audit, accepted


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
