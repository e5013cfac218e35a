"""The two axes of time: when something held (valid time) and since when the catalogue has it so (recorded time).

Times are stored as text of one form in UTC, so that they compare as they are ordered.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

ALWAYS = "9999"  # later than every stored time


@dataclass(frozen=True, slots=True)
class AsOf:
    """A point on both axes: what held at ``valid_at`` by what was recorded at ``known_at``; None is now.

    What is asserted holds from its valid time on, until something later takes its place; that it ended is known from then on.
    """

    valid_at: datetime | None = None
    known_at: datetime | None = None

    def parameters(self) -> dict[str, str]:
        """Both as text that compares with stored times; later than all of them for now."""
        return {"valid_at": _or_always(self.valid_at), "known_at": _or_always(self.known_at)}


def stored(moment: datetime) -> str:
    """The text that is stored for ``moment``; without an offset it is UTC."""
    utc = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    return utc.isoformat(timespec="microseconds")


def moment(text: str | None) -> datetime | None:
    """A stored time; None where there is none."""
    return datetime.fromisoformat(text) if text else None


def _or_always(moment: datetime | None) -> str:
    return ALWAYS if moment is None else stored(moment)
