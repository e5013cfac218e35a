"""The classes of the server in the form the JVM maps into memory (class data sharing): a start then takes half the time.

The first start writes down which classes it loads, the supervisor makes the archive from that list in the background, and
later starts map it. The JVM checks that it fits and goes without it otherwise.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import psutil

from graph_api.stack.process import spawn
from graph_api.stack.provision import Neo4jRuntime

_MEMORY_NEEDED = 2 << 30


class ClassArchive:
    """The archive of one runtime, beside its jars."""

    def __init__(self, runtime: Neo4jRuntime, cache_dir: Path) -> None:
        java = runtime.java.resolve()
        mark = hashlib.sha256(f"{java} {java.stat().st_mtime_ns}".encode()).hexdigest()[:12]
        folder = cache_dir / "neo4j" / runtime.version
        self._runtime = runtime
        self._list, self._archive = folder / f"classes-{mark}.txt", folder / f"classes-{mark}.jsa"

    def flags(self) -> list[str]:
        """For the JVM of the server: use the archive, or write the list for one."""
        if self._archive.exists():
            return [f"-XX:SharedArchiveFile={self._archive}"]
        return [] if self._list.exists() else [f"-XX:DumpLoadedClassList={self._list}"]

    def make(self, log: Path) -> subprocess.Popen[bytes] | None:
        """Start making it with what processor time is left over; None if it is there or memory is short."""
        if (
            self._archive.exists()
            or not self._list.exists()
            or psutil.virtual_memory().available < _MEMORY_NEEDED
        ):
            return None
        arriving = self._archive.with_suffix(".arriving")
        dump = [
            str(self._runtime.java), "-Xshare:dump", "-XX:+UseSerialGC", "-Xmx768m", f"-XX:SharedClassListFile={self._list}",
            f"-XX:SharedArchiveFile={arriving}", "-cp", self._runtime.classpath,
        ]  # fmt: skip
        script = 'nice -n 19 "$@" && mv "$0" "${0%.arriving}.jsa"'
        return spawn([shutil.which("sh") or "/bin/sh", "-c", script, str(arriving), *dump], log)
