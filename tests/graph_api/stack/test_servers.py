"""One Neo4j and one Redis per data folder: what they show to the outside, and what they survive."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import neo4j
import psutil
import pytest
import redis

from graph_api.stack.addresses import addresses
from graph_api.stack.neo4j import EmbeddedNeo4j
from graph_api.stack.process import ProcessRecord, password, record_path
from graph_api.stack.redis import EmbeddedRedis
from schema.errors import StackError
from schema.settings import Settings

LOOPBACK = {"127.0.0.1", "::1", "::ffff:127.0.0.1"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stack")


@pytest.fixture(scope="module")
def graph_server(folder: Path) -> Iterator[EmbeddedNeo4j]:
    with EmbeddedNeo4j(folder, memory="small", short_lived=True) as server:
        yield server


@pytest.fixture(scope="module")
def redis_here(folder: Path) -> Iterator[EmbeddedRedis]:
    with EmbeddedRedis(folder) as server:
        yield server


def ask(server: EmbeddedNeo4j, query: str) -> Any:
    with neo4j.GraphDatabase.driver(server.uri, auth=(server.user, server.password)) as driver:
        return driver.execute_query(query).records[0][0]


def test_only_loopback_listens(graph_server: EmbeddedNeo4j, redis_here: EmbeddedRedis) -> None:
    for server in (graph_server, redis_here):
        sockets = psutil.Process(server.pid).net_connections("inet")
        assert {c.laddr.ip for c in sockets} <= LOOPBACK
        assert {c.laddr.port for c in sockets if c.status == psutil.CONN_LISTEN} == {server.port}


def test_nobody_enters_without_the_password(graph_server: EmbeddedNeo4j, redis_here: EmbeddedRedis) -> None:
    for credentials in (None, ("neo4j", "neo4j"), ("neo4j", "")):
        with (
            neo4j.GraphDatabase.driver(graph_server.uri, auth=credentials) as driver,
            pytest.raises(neo4j.exceptions.AuthError),
        ):
            driver.execute_query("RETURN 1")
    with redis.Redis(port=redis_here.port) as client, pytest.raises(redis.AuthenticationError):
        client.ping()


def test_passwords_are_readable_by_their_owner_alone_and_in_no_command_line(
    folder: Path, graph_server: EmbeddedNeo4j, redis_here: EmbeddedRedis
) -> None:
    for server in (graph_server, redis_here):
        assert (folder / f"{server.name}.password").stat().st_mode & 0o777 == 0o600
        assert server.password not in " ".join(psutil.Process(server.pid).cmdline())
        assert server.password not in server.log.read_text()
    assert (folder / "redis" / "redis.conf").stat().st_mode & 0o777 == 0o600


def test_a_second_server_on_a_folder_is_refused_while_the_first_goes_on(graph_server: EmbeddedNeo4j) -> None:
    with pytest.raises(StackError, match="already runs") as refused:
        EmbeddedNeo4j(graph_server.folder, memory="small", short_lived=True).start()
    assert "pursight down" in refused.value.remedy
    assert ask(graph_server, "RETURN 1") == 1


def test_any_process_finds_the_servers_by_the_folder(
    folder: Path, graph_server: EmbeddedNeo4j, redis_here: EmbeddedRedis, tmp_path: Path
) -> None:
    found = addresses(Settings(data_dir=folder))
    assert (found.neo4j_uri, found.neo4j_password) == (graph_server.uri, graph_server.password)
    assert found.redis_url == redis_here.url
    assert graph_server.password not in repr(found)
    assert redis_here.password not in repr(found)
    with pytest.raises(StackError) as missing:
        addresses(Settings(data_dir=tmp_path))
    assert "pursight up" in missing.value.remedy


def test_a_server_that_is_given_is_used_as_it_is(
    tmp_path: Path, redis_here: EmbeddedRedis, folder: Path
) -> None:
    given = Settings(data_dir=folder, NEO4J_URI="neo4j://graph.example:7687", NEO4J_PASSWORD="s3cret")  # type: ignore[call-arg]
    found = addresses(given)
    assert (found.neo4j_uri, found.neo4j_password) == ("neo4j://graph.example:7687", "s3cret")
    assert found.redis_url == redis_here.url


def test_a_taken_port_is_stepped_over_unless_it_was_asked_for(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        class Elsewhere(EmbeddedRedis):
            usual_port = port

        with Elsewhere(tmp_path / "any") as server:
            assert server.port > port
        with pytest.raises(StackError) as refused:
            EmbeddedRedis(tmp_path / "asked", port=port).start()
    assert str(port) in refused.value.remedy


def test_data_and_address_survive_a_restart(tmp_path: Path) -> None:
    with EmbeddedRedis(tmp_path) as server:
        before, pid = server.url, server.pid
        redis.Redis.from_url(server.url).set("kept", "yes")
    assert not psutil.pid_exists(pid)
    with EmbeddedRedis(tmp_path) as server:
        assert server.url == before
        assert redis.Redis.from_url(server.url, decode_responses=True).get("kept") == "yes"


HOLDER = """
import sys, time
from pathlib import Path
from graph_api.stack.neo4j import EmbeddedNeo4j
from graph_api.stack.redis import EmbeddedRedis
folder = Path(sys.argv[1])
with EmbeddedNeo4j(folder, memory="small", short_lived=True) as server, EmbeddedRedis(folder) as store:
    print(server.pid, store.pid, server.uri, flush=True)
    time.sleep(600)
"""


def test_what_a_killed_process_left_running_does_not_block_the_next_start(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None
        assert select.select([holder.stdout], [], [], 90)[0], "the servers did not start"
        *numbers, uri = holder.stdout.readline().split()
        with neo4j.GraphDatabase.driver(uri, auth=("neo4j", password(tmp_path, "neo4j"))) as driver:
            driver.execute_query("CREATE (:Kept)")
    finally:
        holder.kill()
        holder.wait()
    left_over = [int(pid) for pid in numbers]
    assert all(psutil.pid_exists(pid) for pid in left_over)
    with (
        EmbeddedNeo4j(tmp_path, memory="small", short_lived=True) as server,
        EmbeddedRedis(tmp_path) as store,
    ):
        assert not any(psutil.pid_exists(pid) for pid in left_over)
        assert {server.pid, store.pid}.isdisjoint(left_over)
        assert server.uri == uri
        assert ask(server, "MATCH (n:Kept) RETURN count(n)") == 1


def test_a_stranger_who_got_the_number_of_a_dead_server_is_left_alone(tmp_path: Path) -> None:
    stranger = subprocess.Popen(["sleep", "600"])
    try:
        actual = ProcessRecord.of(stranger.pid)
        stale = {"pid": stranger.pid, "started": actual.started - 3600, "port": 0, "mark": ""}
        record_path(tmp_path, "redis").write_text(json.dumps(stale))
        with EmbeddedRedis(tmp_path):
            assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_server_that_ignores_the_request_to_stop_is_killed(tmp_path: Path) -> None:
    server = EmbeddedRedis(tmp_path).start()
    pid = server.pid
    os.kill(pid, signal.SIGSTOP)
    server.stop_grace_s = 0.5  # type: ignore[misc]
    server.stop()
    assert not psutil.pid_exists(pid)


def test_a_lost_password_is_explained_and_no_data_is_touched(tmp_path: Path) -> None:
    (tmp_path / "neo4j" / "data" / "databases" / "system").mkdir(parents=True)
    with pytest.raises(StackError, match=r"neo4j\.password is gone") as refused:
        EmbeddedNeo4j(tmp_path, memory="small", short_lived=True).start()
    assert "backup" in refused.value.remedy
