"""Requests per second of the whole endpoint beside stock Strawberry on the same schema, in turns on one machine.

Run ``python tests/benchmarks/bench_http.py [seconds]``; it serves both on loopback and prints medians of three rounds and ratios.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
CONNECTIONS, ROUNDS = 8, 3
QUERIES = {
    "trivial query": "{ hello }",
    "1,000 objects x 5 fields": "query Q($n: Int = 100) { "
    + " ".join(f"p{i}: assets(first: $n) {{ id name kind owner score }}" for i in range(10))
    + " }",
}


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 3.0
    servers = {"stock": _serve("stock"), "pursight": _serve("pursight")}
    try:
        for title, query in QUERIES.items():
            rates: dict[str, list[float]] = {name: [] for name in servers}
            for _ in range(ROUNDS):
                for name, (_, port) in servers.items():
                    rates[name].append(asyncio.run(_load(port, query, seconds)))
            stock, ours = (statistics.median(rates[name]) for name in ("stock", "pursight"))
            spread = {name: f"{min(found):,.0f}-{max(found):,.0f}" for name, found in rates.items()}
            print(
                f"{title}: stock {stock:,.0f}/s ({spread['stock']}), PurSight {ours:,.0f}/s ({spread['pursight']}), {ours / stock:.1f} x"
            )
    finally:
        for process, _ in servers.values():
            process.terminate()
            process.wait()


def _serve(kind: str) -> tuple[subprocess.Popen[bytes], int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([sys.executable, __file__, "--serve", kind, str(port)], env=environment)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return process, port
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(kind)


async def _load(port: int, query: str, seconds: float) -> float:
    """Requests answered per second over ``CONNECTIONS`` kept-alive connections."""
    body = json.dumps({"query": query}).encode()
    head = (
        f"POST /graphql HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\ncontent-type: application/json\r\naccept: application/json\r\n"
        f"authorization: Bearer reader-token\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    request = head.encode() + body
    done = 0
    warm_until = time.monotonic() + 0.5
    stop_at = warm_until + seconds

    async def client() -> None:
        nonlocal done
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
        while (now := time.monotonic()) < stop_at:
            writer.write(request)
            header = await reader.readuntil(b"\r\n\r\n")
            length = int(header.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
            answer = await reader.readexactly(length)
            assert b" 200 " in header[:20], answer[:500]
            done += now >= warm_until
        writer.close()

    await asyncio.gather(*(client() for _ in range(CONNECTIONS)))
    return done / seconds


def _run_server(kind: str, port: int) -> None:
    import logging

    import structlog
    import uvicorn

    nowhere = Path(os.devnull).open("w")  # noqa: SIM115
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=nowhere),
        cache_logger_on_first_use=True,
    )
    if kind == "pursight":
        from tests.graph_api.http.demo_server import demo_app

        app: object = demo_app()
    else:
        import strawberry
        from strawberry.asgi import GraphQL

        from tests.graph_api.http.demo_schema import Mutation, Query, Subscription

        app = GraphQL(strawberry.Schema(Query, Mutation, Subscription))
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning", access_log=False)  # type: ignore[arg-type]


if __name__ == "__main__":
    if "--serve" in sys.argv:
        _run_server(sys.argv[2], int(sys.argv[3]))
    else:
        main()
