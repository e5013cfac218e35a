"""``python -m tests.faults [scenario ...]``: run fault scenarios, print what was required and measured; 1 on a violation."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

from graph_api.logs import configure
from schema.settings import Settings
from tests.faults.checker import Row, printed, reported
from tests.faults.scenarios import SCENARIOS, Course, undisturbed
from tests.faults.sources import FULL, QUICK
from tests.faults.world import world


async def run(
    folder: Path, names: list[str], *, quick: bool, seed: int, rounds: int = 1, report: Path | None = None
) -> list[Row]:
    """Every named scenario in one world; what could not be run is a violation too. The ``report`` is written after each."""
    rows: list[Row] = []
    begun = time.monotonic()
    own = asyncio.current_task()
    assert own is not None
    asyncio.get_running_loop().add_signal_handler(
        signal.SIGTERM, own.cancel
    )  # so that nothing is left running
    async with world(QUICK if quick else FULL, folder, seed=seed) as there:
        course = Course(there, moments=6 if quick else 20, rounds=rounds)
        for name in ("undisturbed", *names):
            found = await SCENARIOS.get(name, undisturbed)(course)
            printed(found)
            rows += found
            if report is not None:
                reported(rows, report, _circumstances(len(course.names), seed))
    print(f"{time.monotonic() - begun:.0f} s", flush=True)
    return rows


def _circumstances(sources: int, seed: int) -> str:
    loads = ", ".join(f"{load:.1f}" for load in os.getloadavg())
    return (
        f"{sources} sources, seed {seed}, {os.cpu_count()} cores, load averages at the end {loads}. Lines that say only that nothing was "
        "lost, doubled or left behind are left out where they hold."
    )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument(
        "scenarios", nargs="*", metavar="scenario", help=f"{', '.join(SCENARIOS)}; all if none"
    )
    parser.add_argument("--quick", action="store_true", help="fewer sources and moments, under three minutes")
    parser.add_argument("--seed", type=int, default=1, help="of the moments at which faults strike")
    parser.add_argument(
        "--rounds", type=int, default=1, help="how often each poison is measured by itself; the median counts"
    )
    parser.add_argument("--folder", type=Path, help="keep servers' files, logs and histories there")
    parser.add_argument("--report", type=Path, help="a page whose section Measured is written anew")
    asked = parser.parse_args()
    if unknown := [name for name in asked.scenarios if name not in SCENARIOS]:
        parser.error(f"no such scenario: {', '.join(unknown)}")
    configure(Settings(log_json=True, log_level="ERROR"))
    with tempfile.TemporaryDirectory(prefix="pursight-faults-", ignore_cleanup_errors=True) as temporary:
        folder = asked.folder or Path(temporary)
        rows = asyncio.run(
            run(
                folder,
                asked.scenarios or list(SCENARIOS),
                quick=asked.quick,
                seed=asked.seed,
                rounds=asked.rounds,
                report=asked.report,
            )
        )
    broken = [row for row in rows if not row.holds]
    print(f"{len(rows) - len(broken)} of {len(rows)} requirements hold.")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
