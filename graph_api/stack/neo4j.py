"""Neo4j Community as a child process: loopback only, random password, no HTTP, no reports to anybody."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Literal

import psutil

from graph_api.stack.class_archive import ClassArchive
from graph_api.stack.process import LOOPBACK, new_password, password_path, write_private
from graph_api.stack.provision import Neo4jRuntime, Report, neo4j_runtime
from graph_api.stack.server import EmbeddedServer
from schema.errors import StackError
from schema.settings import settings

Memory = Literal["auto", "small", "large"]
MIB, GIB = 1 << 20, 1 << 30

# Neo4j's own start script passes these: its off-heap memory needs them.
_JVM_FLAGS = (
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "--enable-native-access=ALL-UNNAMED",
    "-XX:+ExitOnOutOfMemoryError",
    "-XX:-UsePerfData",
)
# Measured: the serial collector and C1 alone bring a short-lived server up sooner; peak speed does not matter there.
_SHORT_LIVED_FLAGS = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")


class EmbeddedNeo4j(EmbeddedServer):
    """``port`` 0 takes the last one used here, else 7687 or the next free one; ``short_lived`` trades durability of
    layout (small, growing transaction logs) and peak speed for a quick start, for tests."""

    name = "neo4j"
    usual_port = 7687
    user: ClassVar[str] = "neo4j"
    database: ClassVar[str] = "neo4j"

    def __init__(
        self,
        folder: Path,
        *,
        memory: Memory = "auto",
        port: int = 0,
        cache_dir: Path | None = None,
        short_lived: bool = False,
        report: Report = lambda step: None,
    ) -> None:
        super().__init__(folder, port=port)
        self.memory, self.short_lived, self.report = memory, short_lived, report
        self.cache_dir = cache_dir or settings().cache_dir
        self._runtime: Neo4jRuntime | None = None

    @property
    def uri(self) -> str:
        return f"bolt://{LOOPBACK}:{self.port}"

    @property
    def runtime(self) -> Neo4jRuntime:
        if self._runtime is None:
            self._runtime = neo4j_runtime(self.cache_dir, self.report)
        return self._runtime

    @property
    def class_archive(self) -> ClassArchive:
        return ClassArchive(self.runtime, self.cache_dir)

    def prepare(self) -> None:
        runtime = self.runtime
        (self.home / "conf").mkdir(exist_ok=True)
        has_data = (self.home / "data" / "databases" / "system").exists()
        if has_data and not self.password:
            raise StackError(
                f"{password_path(self.folder, self.name)} is gone, so nobody can open the graph in {self.home}.",
                remedy="Restore that file from a backup, or move the folder away to start with an empty graph.",
            )
        if not has_data:
            self._set_initial_password(runtime)

    def _set_initial_password(self, runtime: Neo4jRuntime) -> None:
        """Before the first start, by Neo4j's own tool; it reads the password from the file, never from the command."""
        self._write_configuration()
        new_password(self.folder, self.name)
        home = str(self.home)
        command = [
            str(runtime.java), *_JVM_FLAGS, *_SHORT_LIVED_FLAGS, "-Xmx128m", "-cp", runtime.classpath,
            "org.neo4j.cli.AdminTool", "dbms", "set-initial-password", f"@{password_path(self.folder, self.name)}",
        ]  # fmt: skip
        with self.log.open("ab") as log:
            done = subprocess.run(
                command,
                env={"NEO4J_HOME": home, "NEO4J_CONF": f"{home}/conf"},
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False, timeout=60,
            )  # fmt: skip
        if done.returncode:
            raise StackError(
                f"The first password of Neo4j could not be set; see {self.log}.", remedy=self.remedy()
            )

    def command(self) -> Sequence[str]:
        self._write_configuration()
        heap, _ = self.memory_sizes()
        flags = [*self.jvm_flags(), *self.class_archive.flags()]
        home = f"--home-dir={self.home}"
        return [
            str(self.runtime.java), *_JVM_FLAGS, *flags, f"-Xms{heap}m", f"-Xmx{heap}m", "-cp", self.runtime.classpath,
            "org.neo4j.server.Neo4jCommunity", home, f"--config-dir={self.home / 'conf'}",
        ]  # fmt: skip

    def jvm_flags(self) -> Sequence[str]:
        """What the JVM is told besides what it always is."""
        return _SHORT_LIVED_FLAGS if self.short_lived else ()

    def memory_sizes(self) -> tuple[int, int]:
        """Heap and page cache, MiB."""
        machine = machine_memory()
        if self.memory == "small" or (self.memory == "auto" and machine < 8 * GIB):
            return 512, 128 if self.short_lived else 256
        eighth = machine // 8 // MIB
        return min(max(eighth, 1024), 8192), min(max(eighth, 1024), 16384)

    def configuration(self) -> dict[str, str]:
        """The settings of the server, by their names in ``neo4j.conf``."""
        lines = {
            "server.bolt.listen_address": f"{LOOPBACK}:{self.port}",
            "server.bolt.advertised_address": f"{LOOPBACK}:{self.port}",
            "server.default_listen_address": LOOPBACK,
            "server.http.enabled": "false",
            "server.https.enabled": "false",
            "server.directories.logs": str(self.log.parent / "neo4j"),
            "server.memory.pagecache.size": f"{self.memory_sizes()[1]}m",
            "server.fleet_discovery.enabled": "false",
            "dbms.usage_report.enabled": "false",
            "dbms.security.auth_enabled": "true",
            "dbms.security.allow_csv_import_from_file_urls": "false",
            "db.logs.query.enabled": "OFF",  # it would write the values of parameters to the disk
            # Bolt otherwise idles 10 s at every stop, after the databases have been closed.
            "internal.dbms.bolt.netty_server_shutdown_quiet_period_duration": "0s",
        }
        if self.short_lived:
            lines |= {"db.tx_log.preallocate": "false", "db.tx_log.rotation.size": "1m"}
        return lines

    def _write_configuration(self) -> None:
        text = "".join(f"{key}={value}\n" for key, value in self.configuration().items())
        write_private(self.home / "conf" / "neo4j.conf", text)


def machine_memory() -> int:
    """Bytes this process may use: the machine's, or the limit of its control group."""
    total: int = psutil.virtual_memory().total
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text("ascii").strip()
    except OSError:
        return total
    return min(total, int(limit)) if limit.isdigit() else total
