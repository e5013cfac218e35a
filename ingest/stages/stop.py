"""How a run is asked to stop: stages look at it between items, so that a cancel takes effect within one item."""

from __future__ import annotations

import threading


class Stopped(Exception):
    """The run was cancelled or lost to another worker."""


class Stop:
    """Set from the event loop, read in worker threads."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def set(self) -> None:
        self._event.set()

    @property
    def is_set(self) -> bool:
        return self._event.is_set()

    def check(self) -> None:
        """Raise ``Stopped`` once the run should end."""
        if self._event.is_set():
            raise Stopped
