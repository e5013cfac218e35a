"""The peer of bench_large.py, @neo4j/graphql with Apollo Server, from a folder with its package.json and server.mjs."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers import TOOLS, free_port

TYPES = Path(__file__).with_name("peer.graphql")


@contextmanager
def served_peer(source: Path, address: tuple[str, str, str]) -> Iterator[int | str]:
    """The port of the peer on this Neo4j; where it cannot run, what is missing."""
    lacks = _lacks(source)
    if lacks:
        yield lacks
        return
    home = TOOLS / "peer_graphql"
    try:
        _install(source, home)
    except subprocess.SubprocessError as error:
        yield f"npm cannot install it: {error}"
        return
    port = free_port()
    uri, user, password = address
    names = {"NEO4J_URI": uri, "NEO4J_USER": user, "NEO4J_PASSWORD": password}
    environment = os.environ | names | {"PORT": str(port), "TYPEDEFS": str(TYPES), "NODE_ENV": "production"}
    process = subprocess.Popen(["node", "server.mjs"], cwd=home, env=environment, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()  # it says when it is ready, and ends where it cannot be
        yield port if line.startswith(b"ready") else "it does not start; see what it wrote above"
    finally:
        process.terminate()
        process.wait()


def _lacks(source: Path) -> str:
    if not (source / "server.mjs").exists():
        return f"there is no server.mjs in {source}; name its folder with PEER="
    missing = [tool for tool in ("node", "npm") if shutil.which(tool) is None]
    return f"{' and '.join(missing)} not installed" if missing else ""


def _install(source: Path, home: Path) -> None:
    """Its files and what they need, once per machine and package.json."""
    home.mkdir(parents=True, exist_ok=True)
    wanted = (source / "package.json").read_bytes()
    known = home / "package.json"
    shutil.copyfile(source / "server.mjs", home / "server.mjs")
    if known.exists() and known.read_bytes() == wanted and (home / "node_modules").exists():
        return
    known.write_bytes(wanted)
    command = ["npm", "install", "--no-audit", "--no-fund", "--silent"]
    subprocess.run(command, cwd=home, check=True, capture_output=True, timeout=280)
