"""Requests per second over a few kept-alive connections, by wrk where it is installed, else by a loop of this process.

Both sides of a comparison are loaded by the same one; a loop in Python takes a core of its own to ask, so wrk is better.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

CONNECTIONS = 8
_UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0}


@dataclass(frozen=True, slots=True)
class Request:
    """One GraphQL request over POST to a server on loopback."""

    port: int
    path: str
    body: bytes
    token: str = ""

    @property
    def headers(self) -> dict[str, str]:
        common = {"content-type": "application/json", "accept": "application/json"}
        return common | ({"authorization": f"Bearer {self.token}"} if self.token else {})


@dataclass(frozen=True, slots=True)
class Load:
    """Good answers per second, the median time of all, and how many were errors."""

    rate: float
    p50_ms: float
    failed: int = 0


def generator() -> str:
    return "wrk" if shutil.which("wrk") else "a loop in Python"


def load(request: Request, seconds: float) -> Load:
    """Ask for so long over ``CONNECTIONS`` connections; an answer whose status is not 200 is an error."""
    return _wrk(request, seconds) if shutil.which("wrk") else asyncio.run(_loop(request, seconds))


def _wrk(request: Request, seconds: float) -> Load:
    body = request.body.decode()
    headers = "".join(f'wrk.headers["{name}"] = "{value}"\n' for name, value in request.headers.items())
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "post.lua"
        script.write_text(f'wrk.method = "POST"\nwrk.body = [====[{body}]====]\n{headers}', "utf-8")
        url = f"http://127.0.0.1:{request.port}{request.path}"
        command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds:.0f}s", "--timeout", "30s", "--latency"]
        done = subprocess.run(
            [*command, "-s", str(script), url],
            capture_output=True,
            text=True,
            check=True,
            timeout=seconds + 60,
        )
    total = re.search(r"(\d+) requests in", done.stdout)
    failed = re.search(r"Non-2xx or 3xx responses: (\d+)", done.stdout)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)
    middle = re.search(r"50%\s+([\d.]+)(us|ms|s)", done.stdout)
    assert rate, done.stdout
    assert middle, done.stdout
    assert total, done.stdout
    errors = int(failed[1]) if failed else 0
    good = 1 - errors / max(1, int(total[1]))
    return Load(float(rate[1]) * good, float(middle[1]) * _UNITS[middle[2]], errors)


async def _loop(request: Request, seconds: float) -> Load:
    head = f"POST {request.path} HTTP/1.1\r\nhost: 127.0.0.1:{request.port}\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
    sent = f"{head}content-length: {len(request.body)}\r\n\r\n".encode() + request.body
    until = time.perf_counter() + seconds
    times: list[float] = []
    failed = 0

    async def client() -> None:
        nonlocal failed
        reader, writer = await asyncio.open_connection("127.0.0.1", request.port, limit=1 << 22)
        while (start := time.perf_counter()) < until:
            writer.write(sent)
            header = await reader.readuntil(b"\r\n\r\n")
            failed += b" 200 " not in header[:20]
            length = int(header.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            await reader.readexactly(length)
            times.append(time.perf_counter() - start)
        writer.close()

    await asyncio.gather(*(client() for _ in range(CONNECTIONS)))
    return Load((len(times) - failed) / seconds, statistics.median(times) * 1000, failed)
