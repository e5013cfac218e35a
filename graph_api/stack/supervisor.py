"""The process behind ``pursight up``: starts the servers, the API and a worker, and starts again what dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from http.client import HTTPConnection, HTTPException
from typing import NoReturn

from graph_api.demo.postgres import DemoPostgres, is_made
from graph_api.stack.neo4j import EmbeddedNeo4j
from graph_api.stack.process import LOOPBACK, ProcessRecord, free_port, held, is_free, record_path
from graph_api.stack.program import CLI, GRACE_S, Program, python
from graph_api.stack.redis import EmbeddedRedis
from graph_api.stack.server import EmbeddedServer
from graph_api.stack.state import State
from schema.errors import PursightError, StackError
from schema.settings import Settings, settings

MODULE = "graph_api.stack.supervisor"
_LOOK_EVERY_S = 0.3
_PAUSE_S = 30.0
_MIGRATE_LIMIT_S = 900.0
_API_LIMIT_S = 60.0


class Supervisor:
    """Everything of one data folder."""

    def __init__(self, settings: Settings) -> None:
        self.settings, self.folder = settings, settings.data_dir.absolute()
        self.state = State(os.getpid())
        self.servers: list[EmbeddedServer] = []
        if not settings.redis_url.get_secret_value():
            self.servers.append(EmbeddedRedis(self.folder, port=settings.redis_port))
        if not settings.neo4j_uri:
            self.servers.append(
                EmbeddedNeo4j(
                    self.folder,
                    memory=settings.neo4j_memory,
                    port=settings.neo4j_port,
                    cache_dir=settings.cache_dir,
                    report=self.step,
                )
            )
        self.programs: list[Program] = []
        self._archiving: subprocess.Popen[bytes] | None = None
        self._not_before: dict[str, float] = {}

    def step(self, text: str) -> None:
        self.state.steps.append(text)
        self.state.write(self.folder)

    def run(self) -> NoReturn:
        """Until a signal ends it; raises PursightError when the start fails. Always leaves nothing running."""
        (self.folder / "logs").mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            self._start()
            self.state.phase = "running"
            self.state.write(self.folder)
            self._make_class_archive()
            while True:
                time.sleep(_LOOK_EVERY_S)
                self._look()
        finally:
            self._stop()

    def _start(self) -> None:
        self.state.write(self.folder)
        before = {name: ProcessRecord.read(record_path(self.folder, name)) for name in ("worker", "api")}
        for leftover in filter(None, before.values()):
            leftover.stop(GRACE_S)
        api = Program(
            "api",
            ("serve",),
            self.folder,
            host=self.settings.host,
            port=api_port(self.settings, last=before["api"].port if before["api"] else 0),
            may_move=not _names_a_port(self.settings),
        )
        self.programs = [
            api,
            Program("worker", ("worker",), self.folder),
        ]
        for server in self.servers:
            self.step(f"Starting {server.name}")
            server.start()
        self.step("Applying migrations")
        self._migrate()
        self._export_model()
        self.step("Starting the API and a worker")
        for program in self.programs:
            program.start()
        self._wait_for_api(api)

    def _migrate(self) -> None:
        log = self.folder / "logs" / "migrate.log"
        with log.open("ab") as output:
            done = subprocess.run(
                python(CLI, "migrate"), stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                check=False, timeout=_MIGRATE_LIMIT_S,
            )  # fmt: skip
        if done.returncode:
            raise StackError("The migrations could not be applied.", remedy=f"Read the end of {log}.")

    def _export_model(self) -> None:
        """Once a machine. Without it search goes by words alone, so a failure is told and ends nothing."""
        from ml.embedding import export, model_path

        if model_path(self.settings.cache_dir) is None:
            self.step("Exporting the embedding model")
            try:
                export(self.settings.cache_dir)
            except StackError as failed:
                self.step(f"{failed.message} {failed.remedy}")

    def _make_class_archive(self) -> None:
        for server in self.servers:
            if isinstance(server, EmbeddedNeo4j):
                self._archiving = server.class_archive.make(self.folder / "logs" / "class-archive.log")

    def _wait_for_api(self, api: Program) -> None:
        deadline = time.monotonic() + _API_LIMIT_S
        # Only its own answer counts: on its port another installation's may answer.
        while not (api.listens() and api_is_ready(self.settings, api.port)):
            if api.ended() and api.lost_its_port():
                api.start()
            elif api.ended() or time.monotonic() > deadline:
                raise StackError("The API did not get ready.", remedy=f"Read the end of {api.log}.")
            time.sleep(0.1)

    def _look(self) -> None:
        if DemoPostgres.name not in {server.name for server in self.servers} and is_made(self.folder):
            self.servers.append(DemoPostgres(self.folder))
        for server in self.servers:
            if not server.running() and time.monotonic() > self._not_before.get(server.name, 0.0):
                self._start_again(server)
        for program in self.programs:
            if program.look():
                self._restarted(program.name)

    def _start_again(self, server: EmbeddedServer) -> None:
        port, is_new = server.port, not server.pid
        try:
            server.start()
        except StackError as failed:
            sys.stderr.write(f"{failed.message} {failed.remedy}\n")
            self._not_before[server.name] = time.monotonic() + _PAUSE_S
            return
        if not is_new:
            self._restarted(server.name)
        if server.port != port:
            for program in self.programs:  # they know the old address; ``look`` starts them with the new one
                program.stop()

    def _restarted(self, name: str) -> None:
        self.state.restarts[name] = self.state.restarts.get(name, 0) + 1
        self.state.write(self.folder)

    def _stop(self) -> None:
        self.state.phase = "stopping"
        self.state.write(self.folder)
        if self._archiving and self._archiving.poll() is None:
            os.killpg(self._archiving.pid, signal.SIGKILL)
        for program in reversed(self.programs):
            program.stop()
        for server in reversed(self.servers):
            server.stop()


def api_port(settings: Settings, *, last: int = 0) -> int:
    """The port asked for, which must then be free; without one, the ``last`` one that people know, the usual or the next free one."""
    if not _names_a_port(settings):
        if last and is_free(last, settings.host):
            return last
        return free_port(settings.port or 8000, settings.host)
    if is_free(settings.port, settings.host):
        return settings.port
    raise StackError(
        f"Port {settings.port} is taken.",
        remedy="Name another PURSIGHT_PORT, or none to take the next free one.",
    )


def _names_a_port(settings: Settings) -> bool:
    return "port" in settings.model_fields_set and settings.port != 0


def api_is_ready(settings: Settings, port: int) -> bool:
    """Whether the API on this machine says that it can answer."""
    host = {"0.0.0.0": LOOPBACK, "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 - what is listened on
    connection = HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _end(number: int, frame: object) -> None:
    for ignored in (signal.SIGTERM, signal.SIGINT):
        signal.signal(ignored, signal.SIG_IGN)
    raise SystemExit(0)


def main() -> int:
    """Supervise the data folder of the settings; 1 when the start failed, with the reason in the state file."""
    own = settings()
    folder = own.data_dir.absolute()
    try:
        with held(folder / "supervisor.lock", "PurSight"):
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, _end)
            ProcessRecord.of(os.getpid(), mark=MODULE).write(record_path(folder, "supervisor"))
            supervisor = Supervisor(own)
            state = supervisor.state
            try:
                supervisor.run()
            except PursightError as failed:
                state.phase, state.message, state.remedy = "failed", failed.message, failed.remedy
                return 1
            except Exception as defect:
                state.phase, state.message = "failed", f"The supervisor ended: {type(defect).__name__}."
                state.remedy = f"Read the end of {folder / 'logs' / 'supervisor.log'}."
                raise
            finally:
                if state.phase != "failed":
                    state.phase = "stopped"
                state.write(folder)
    except StackError as held_by_another:
        sys.stderr.write(f"{held_by_another.message} {held_by_another.remedy}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
