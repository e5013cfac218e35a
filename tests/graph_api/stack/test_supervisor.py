"""`pursight up`, `status` and `down` on the real thing: what happens when its processes are killed."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import neo4j
import psutil
import pytest

from graph_api.stack.addresses import addresses
from graph_api.stack.control import status
from schema.settings import Settings

Parts = dict[str, dict[str, Any]]


class Installation:
    """The command line on one data folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PURSIGHT_", "NEO4J_", "REDIS_"))}
        self.environment = {**kept, "PURSIGHT_DATA_DIR": str(folder), "PURSIGHT_NEO4J_MEMORY": "small"}

    def run(self, *arguments: str, **extra: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-P", "-m", "graph_api.cli", *arguments],
            env={**self.environment, **extra},
            capture_output=True,
            text=True,
            timeout=150,
            check=False,
        )

    def parts(self, *arguments: str) -> Parts:
        done = self.run(*arguments, "--json")
        return {part["name"]: part for part in json.loads(done.stdout)} if done.stdout else {}

    def now(self) -> Parts:
        """What ``status`` tells, without a process of its own for each look."""
        return {part.name: asdict(part) for part in status(Settings(data_dir=self.folder))}

    def up(self) -> Parts:
        parts = self.parts("up")
        assert parts, self.logs()
        return parts

    def logs(self) -> str:
        return "\n".join(f"{log}: {log.read_text()[-1500:]}" for log in self.folder.glob("logs/*.log"))

    def ask(self, query: str) -> Any:
        where = addresses(Settings(data_dir=self.folder))
        with neo4j.GraphDatabase.driver(
            where.neo4j_uri, auth=(where.neo4j_user, where.neo4j_password)
        ) as driver:
            return driver.execute_query(query).records[0][0]


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    installation = Installation(tmp_path_factory.mktemp("installation"))
    yield installation
    installation.run("down")


def wait_for(condition: Callable[[], Any], limit_s: float = 60) -> None:
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.2)


def pids(parts: Parts) -> set[int]:
    return {part["pid"] for part in parts.values()}


def test_up_starts_five_healthy_processes_and_says_each_step(installation: Installation) -> None:
    done = installation.run("up")
    assert done.returncode == 0, done.stderr + installation.logs()
    steps = done.stderr.splitlines()
    assert [step for step in steps if step.startswith("Starting")] == [
        "Starting redis",
        "Starting neo4j",
        "Starting the API and a worker",
    ]
    assert "http://127.0.0.1:" in done.stdout
    parts = installation.parts("status")
    assert set(parts) == {"supervisor", "neo4j", "redis", "api", "worker"}
    assert all(part["state"] == "running" and part["healthy"] for part in parts.values())


def test_a_second_up_finds_what_runs(installation: Installation) -> None:
    assert pids(installation.up()) == pids(installation.up())


def test_a_worker_that_dies_is_started_again(installation: Installation) -> None:
    before = installation.up()["worker"]["pid"]
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: (now := installation.now()["worker"])["pid"] not in (before, None) and now["restarts"])
    assert installation.parts("status")["worker"]["restarts"] >= 1


def test_a_neo4j_that_dies_is_started_again_at_its_address_with_its_data(installation: Installation) -> None:
    before = installation.up()["neo4j"]
    installation.ask("CREATE (n:Kept) RETURN 1")
    os.kill(before["pid"], signal.SIGKILL)
    wait_for(lambda: (now := installation.now()["neo4j"])["healthy"] and now["pid"] != before["pid"])
    assert installation.parts("status")["neo4j"]["port"] == before["port"]
    assert installation.ask("MATCH (n:Kept) RETURN count(n)") == 1


def test_after_a_killed_supervisor_up_works_and_nothing_old_is_left(installation: Installation) -> None:
    before = installation.up()
    installation.ask("MERGE (n:KeptToo) RETURN 1")
    os.kill(before["supervisor"]["pid"], signal.SIGKILL)
    wait_for(lambda: installation.now()["supervisor"]["state"] == "stopped")
    after = installation.up()
    assert all(part["healthy"] for part in after.values())
    assert not any(psutil.pid_exists(pid) for pid in pids(before) - pids(after))
    assert after["api"]["port"] == before["api"]["port"]
    assert installation.ask("MATCH (n:KeptToo) RETURN count(n)") == 1


def test_down_ends_every_process_and_a_second_down_is_content(installation: Installation) -> None:
    running = pids(installation.up())
    assert installation.run("down").returncode == 0
    assert not any(psutil.pid_exists(pid) for pid in running)
    assert installation.run("down").stdout == "Nothing was running.\n"
    stopped = installation.run("status", "--json")
    assert stopped.returncode == 1
    assert {part["state"] for part in json.loads(stopped.stdout)} == {"stopped"}


def test_down_also_ends_what_a_killed_process_left(tmp_path: Path) -> None:
    code = (
        "import os, pathlib, sys; from graph_api.stack.redis import EmbeddedRedis;"
        "print(EmbeddedRedis(pathlib.Path(sys.argv[1])).start().pid, flush=True); os.kill(os.getpid(), 9)"
    )
    killed = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True, check=False
    )
    left_over = int(killed.stdout)
    assert psutil.pid_exists(left_over)
    assert "Stopping redis" in Installation(tmp_path).run("down").stderr
    assert not psutil.pid_exists(left_over)


def test_a_start_that_fails_says_why_and_leaves_nothing_running(installation: Installation) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = installation.run("up", PURSIGHT_PORT=port)
    assert done.returncode == 1
    assert f"Port {port} is taken" in done.stderr
    assert "remedy: " in done.stderr
    assert "Traceback" not in done.stderr
    assert {part["state"] for part in installation.parts("status").values()} == {"stopped"}
