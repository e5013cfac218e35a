"""What happened in a scenario, in order: what was asked for, what was acknowledged, which fault struck when."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Event:
    """``at_ms`` is the machine's clock, which is also that of the graph; ``value`` depends on ``kind``."""

    at_ms: int
    process: str
    kind: str
    value: Any = None


class History:
    """Events in memory for the checker, and as lines of JSON for whoever reads about a violation."""

    def __init__(self, file: Path) -> None:
        self.events: list[Event] = []
        file.parent.mkdir(parents=True, exist_ok=True)
        self._file = file.open("w", encoding="utf-8")

    def note(self, process: str, kind: str, value: Any = None) -> Event:
        event = Event(int(time.time() * 1_000), process, kind, value)
        self.events.append(event)
        self._file.write(json.dumps(asdict(event)) + "\n")
        self._file.flush()
        return event

    def of(self, kind: str) -> list[Event]:
        return [event for event in self.events if event.kind == kind]

    def close(self) -> None:
        self._file.close()
