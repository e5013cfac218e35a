"""How the command line behaves: quick, quiet about secrets, and clear about errors."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from graph_api.cli.group import COMMANDS, load

HEAVY = {
    "torch",
    "spacy",
    "sentence_transformers",
    "transformers",
    "neo4j",
    "starlette",
    "strawberry",
    "duckdb",
}


def pursight(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PURSIGHT_", "NEO4J_", "REDIS_"))}
    return subprocess.run(
        [sys.executable, "-P", "-m", "graph_api.cli", *arguments],
        env={**kept, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_help_lists_every_command() -> None:
    done = pursight("--help")

    assert done.returncode == 0
    assert all(name in done.stdout for name in COMMANDS)


@pytest.mark.parametrize("name", ["up", "down", "status", "doctor", "serve", "worker", "migrate"])
def test_a_command_is_loaded_without_anything_heavy(name: str) -> None:
    code = f"import sys; from graph_api.cli.group import load; load({name!r}); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not HEAVY & set(done.stdout.split())
    assert load(name).help == COMMANDS[name][1]


def test_wrong_usage_ends_with_2_and_a_failure_with_1(tmp_path: Path) -> None:
    assert pursight("no-such-command").returncode == 2
    assert pursight("serve", "--port", "many").returncode == 2
    failed = pursight("migrate", PURSIGHT_DATA_DIR=str(tmp_path))
    assert failed.returncode == 1
    assert failed.stdout == ""
    assert "remedy: `pursight up`" in failed.stderr
    assert "Traceback" not in failed.stderr


def test_a_wrong_setting_is_named_and_its_value_is_not_shown() -> None:
    done = pursight("status", PURSIGHT_PORT="hunter2")
    assert done.returncode == 2
    assert "PURSIGHT_PORT" in done.stderr
    assert "hunter2" not in done.stderr + done.stdout


def test_output_that_nobody_looks_at_has_no_colour_and_no_box(tmp_path: Path) -> None:
    done = pursight("status", PURSIGHT_DATA_DIR=str(tmp_path))
    assert "\x1b" not in done.stdout + done.stderr
    assert done.stdout.splitlines()[0].split("\t")[:3] == ["supervisor", "stopped", "no"]


def findings(**environment: str) -> tuple[int, dict[str, dict[str, str]]]:
    done = pursight("doctor", "--json", **environment)
    assert "Traceback" not in done.stderr
    return done.returncode, {finding["check"]: finding for finding in json.loads(done.stdout)}


def test_doctor_on_a_fresh_machine_tells_what_to_do(tmp_path: Path) -> None:
    code, found = findings(PURSIGHT_DATA_DIR=str(tmp_path), PURSIGHT_CACHE_DIR=str(tmp_path / "cache"))
    assert code == 1
    assert found["python"]["verdict"] == found["package names"]["verdict"] == "ok"
    assert found["java"]["verdict"] == "ok"
    assert found["neo4j jars"]["verdict"] == found["embedding model"]["verdict"] == "warn"
    assert found["graph"]["verdict"] == found["redis"]["verdict"] == "fail"
    assert "pursight up" in found["graph"]["remedy"]
    assert all(finding["remedy"] for finding in found.values() if finding["verdict"] != "ok")
    assert list(tmp_path.iterdir()) == []  # it only looks


async def test_doctor_finds_running_servers_well(
    neo4j_server: object, migrated: object, redis_server: str
) -> None:
    code, found = findings(
        NEO4J_URI=neo4j_server.uri,  # type: ignore[attr-defined]
        NEO4J_PASSWORD=neo4j_server.password,  # type: ignore[attr-defined]
        REDIS_URL=redis_server,
    )
    for check in ("neo4j", "clocks", "migrations", "indexes", "queue", "redis", "redis persistence"):
        assert found[check]["verdict"] == "ok", found[check]
    assert "community" in found["neo4j"]["detail"]
    assert code == 0
    shown = json.dumps(found)
    assert neo4j_server.password not in shown  # type: ignore[attr-defined]
    assert redis_server not in shown


def test_doctor_tells_a_server_that_does_not_answer_from_one_that_is_not_there(tmp_path: Path) -> None:
    code, found = findings(
        NEO4J_URI="bolt://127.0.0.1:1", NEO4J_PASSWORD="s3cret", REDIS_URL="redis://:s3cret@127.0.0.1:1"
    )
    assert code == 1
    assert "does not answer" in found["graph"]["detail"]
    assert "does not answer" in found["redis"]["detail"]
    assert "s3cret" not in json.dumps(found)
