"""The argument ``asOf``: a point on the two axes of time."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import strawberry

from schema.domain import time


@strawberry.input(
    description="A point on two axes of time. Who may see an asset is decided by what it is now."
)
class AsOf:
    valid_at: datetime | None = strawberry.field(
        default=None, description="What held then; null for now. Without an offset it is UTC."
    )
    known_at: datetime | None = strawberry.field(
        default=None, description="By what was recorded then; null for now. Without an offset it is UTC."
    )


When = Annotated[
    AsOf | None, strawberry.argument(description="As of this point in time; null for now, which is quicker.")
]


def past(given: AsOf | None) -> time.AsOf | None:
    """The point that is asked for; None where that is now on both axes."""
    if given is None or (given.valid_at is None and given.known_at is None):
        return None
    return time.AsOf(given.valid_at, given.known_at)
