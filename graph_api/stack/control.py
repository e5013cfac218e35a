"""What the command line asks of the stack: start it, stop it, tell what runs."""

from __future__ import annotations

import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from graph_api.demo.postgres import DemoPostgres, is_made
from graph_api.stack.process import ProcessRecord, listens, record_path, spawn
from graph_api.stack.program import python
from graph_api.stack.provision import Report
from graph_api.stack.state import State
from graph_api.stack.supervisor import MODULE, api_is_ready
from schema.errors import StackError
from schema.settings import Settings

PARTS = ("supervisor", "neo4j", "redis", "api", "worker")
_START_LIMIT_S = 900.0
_STOP_LIMIT_S = 150.0
_LEFTOVER_GRACE_S = 60.0


@dataclass(frozen=True, slots=True)
class Part:
    """One process of the stack, or a server of somebody else's that is used instead."""

    name: str
    state: Literal["running", "stopped", "external"]
    healthy: bool
    pid: int | None = None
    port: int | None = None
    uptime_s: float | None = None
    restarts: int = 0


def status(settings: Settings) -> list[Part]:
    """What runs in the data folder at this moment, by looking at the processes themselves."""
    folder = settings.data_dir.absolute()
    state = State.read(folder)
    external = {"neo4j": bool(settings.neo4j_uri), "redis": bool(settings.redis_url.get_secret_value())}
    restarts = state.restarts if state else {}
    return [
        Part(name, "external", healthy=True)
        if external.get(name)
        else _part(settings, name, restarts.get(name, 0))
        for name in (*PARTS, *((DemoPostgres.name,) if is_made(folder) else ()))
    ]


def _part(settings: Settings, name: str, restarts: int) -> Part:
    record = ProcessRecord.read(record_path(settings.data_dir.absolute(), name))
    process = record.process() if record else None
    if record is None or process is None:
        return Part(name, "stopped", healthy=False)
    healthy = listens(process, record.port) if record.port else True
    if name == "api":
        healthy = healthy and api_is_ready(settings, record.port)
    uptime = round(max(0.0, time.time() - record.started), 1)
    return Part(name, "running", healthy, record.pid, record.port or None, uptime, restarts)


def up(settings: Settings, report: Report) -> list[Part]:
    """Start the stack, or wait for one that is starting; returns when the API is ready. Raises StackError otherwise."""
    folder = settings.data_dir.absolute()
    log = folder / "logs" / "supervisor.log"
    log.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    child: subprocess.Popen[bytes] | None = None
    deadline, told = time.monotonic() + _START_LIMIT_S, 0
    while time.monotonic() < deadline:
        running = _supervisor(folder)
        if running is None and child is None:
            child = spawn(python(MODULE), log)
        ended = child is not None and child.poll() is not None
        state = State.read(folder)
        if state and state.pid in (running, child.pid if child else None):
            for step in state.steps[told:]:
                report(step)
            told = len(state.steps)
            if state.phase == "running":
                return status(settings)
            if state.phase == "failed" and ended:
                raise StackError(state.message, remedy=state.remedy)
        if running is None and ended:
            break
        time.sleep(0.1)
    raise StackError(
        "PurSight did not start.", remedy=f"Read the end of {log}, then try `pursight up` again."
    )


def down(settings: Settings, report: Report) -> bool:
    """Stop everything that runs in the data folder, left-overs of a killed supervisor included; false if nothing ran."""
    folder = settings.data_dir.absolute()
    found = False
    for name in ("supervisor", "worker", "api", "redis", "neo4j", DemoPostgres.name):
        record = ProcessRecord.read(record_path(folder, name))
        if record and record.process():
            found = True
            report(f"Stopping {name}")
            record.stop(_STOP_LIMIT_S if name == "supervisor" else _LEFTOVER_GRACE_S)
    return found


def _supervisor(folder: Path) -> int | None:
    record = ProcessRecord.read(record_path(folder, "supervisor"))
    return record.pid if record and record.process() else None
