"""The command line as a process of its own, on the servers of the test run."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import Neo4jAddress

DEADLINE_S = 60


@dataclass(frozen=True)
class Installation:
    environment: Mapping[str, str]

    @classmethod
    def of(cls, neo4j: Neo4jAddress, redis_url: str, data_dir: Path, **more: str) -> Installation:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PURSIGHT_", "NEO4J_", "REDIS_"))}
        servers = {
            "NEO4J_URI": neo4j.uri,
            "NEO4J_USER": neo4j.user,
            "NEO4J_PASSWORD": neo4j.password,
            "REDIS_URL": redis_url,
            "PURSIGHT_DATA_DIR": str(data_dir),
        }
        return cls(kept | servers | more)

    async def run(
        self, *arguments: str, given: str = "", deadline_s: float = DEADLINE_S
    ) -> subprocess.CompletedProcess[str]:
        """``pursight`` with these arguments and this standard input, to its end."""
        return await asyncio.to_thread(
            subprocess.run,
            self._command(*arguments),
            env=dict(self.environment),
            input=given,
            capture_output=True,
            text=True,
            timeout=deadline_s,
            check=False,
        )

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[None]:
        """``pursight worker`` as long as this lasts."""
        process = subprocess.Popen(
            self._command("worker"),
            env=dict(self.environment),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            await asyncio.to_thread(process.wait, 30)

    def _command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-P", "-m", "graph_api.cli", *arguments]
