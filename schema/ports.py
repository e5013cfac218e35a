"""What the layers above ask of the outside world, as protocols: a clock, sealed secrets, vectors, a queue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The present time, timezone-aware, UTC."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class SecretStore(Protocol):
    def seal(self, plain: str) -> str:
        """Ciphertext that only ``open`` of the same store can read."""

    def open(self, sealed: str) -> str:
        """The plain text; raises ``InvalidInput`` where the key does not fit."""


class Embedder(Protocol):
    model: str
    dimensions: int

    def __call__(self, texts: Sequence[str]) -> list[list[float]]:
        """One unit vector per text."""


class JobQueue(Protocol):
    async def signal(self) -> None:
        """Tell workers that something waits; what it is they find in the graph. Never fails."""
