"""Another clock for one process."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

_PLACES = (
    "/usr/lib/*/faketime/libfaketime.so.1",
    "/usr/lib/faketime/libfaketime.so.1",
    "/usr/local/lib/faketime/libfaketime.so.1",
)


def skewed(seconds: int) -> Mapping[str, str]:
    """Variables that move the clock of a worker: libfaketime where this machine has it, else ``launch.py`` does what it can."""
    found = [str(path) for place in _PLACES for path in Path("/").glob(place.lstrip("/"))]
    if not found:
        return {"FAULTS_CLOCK_S": str(seconds)}
    return {"LD_PRELOAD": found[0], "FAKETIME": f"{seconds:+}s", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
