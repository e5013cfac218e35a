"""Commands around the processes of the stack."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from graph_api.cli.output import show_json, show_table, steps
from schema.settings import settings

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_COLUMNS = ("name", "state", "healthy", "pid", "port", "uptime_s", "restarts")


def up(json: Json = False) -> None:
    from graph_api.cli.operator import on_graph
    from graph_api.stack import control
    from ingest.commands.identity import create_bootstrap_token

    with steps() as tell:
        parts = control.up(settings(), tell)
    token = on_graph(create_bootstrap_token)
    if json:
        show_json([asdict(part) for part in parts])
    else:
        api = next(part for part in parts if part.name == "api")
        typer.echo(f"PurSight listens on http://{settings().host}:{api.port}")
    if token:
        typer.echo(f"Token of an administrator, shown this once: {token}", err=json)


def down() -> None:
    from graph_api.stack import control

    with steps() as tell:
        stopped = control.down(settings(), tell)
    typer.echo("Stopped." if stopped else "Nothing was running.")


def status(json: Json = False) -> None:
    from graph_api.stack import control

    parts = [asdict(part) for part in control.status(settings())]
    if json:
        show_json(parts)
    else:
        show_table(parts, _COLUMNS)
    if not all(part["healthy"] for part in parts):
        raise typer.Exit(1)


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port; must be free.", min=0, max=65535)] = None,
) -> None:
    import uvicorn

    from graph_api.stack.supervisor import api_port

    given = {name: value for name, value in (("host", host), ("port", port)) if value is not None}
    own = settings().model_copy(update=given)
    uvicorn.run(
        "graph_api.asgi:application",
        factory=True,
        host=own.host,
        port=api_port(own),
        log_config=None,  # its loggers speak through ours
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=10,
    )


# After an outage of the graph workers let those go first for whom somebody waits, seconds.
_YIELDS_S = 4.0


def worker() -> None:
    import asyncio
    import os
    import sys

    from graph_api.stack.addresses import addresses, connect
    from ingest.guards import end_where_hung, limit_memory
    from ingest.succession import succeed
    from ingest.worker import prepare
    from ingest.worker import serve as work
    from ml.embedding import OnnxEmbedder, model_path

    prepare()
    succeed()
    own = settings()
    limit_memory(own.worker_memory_mb)

    async def run() -> None:
        watching = asyncio.create_task(end_where_hung(own.worker_hang_s))
        graph = connect(own, yields_s=_YIELDS_S)
        embedder = OnnxEmbedder(own.cache_dir) if model_path(own.cache_dir) else None
        try:
            whole = await work(graph, redis_url=addresses(own).redis_url, config=own, embedder=embedder)
        finally:
            await graph.close()
        if not whole:
            sys.stdout.flush()
            os._exit(os.EX_TEMPFAIL)  # Python itself would wait for the thread that does not end
        watching.cancel()

    asyncio.run(run())


def migrate() -> None:
    import asyncio

    from cypher.migrate import migrate as apply
    from graph_api.stack.addresses import connect
    from ingest.commands.classifiers import sync_vocabulary

    own = settings()
    # Nobody waits for an answer, and a server that has just started plans each statement for the first time.
    unhurried = own.model_copy(update={"query_timeout_s": own.write_timeout_s})

    async def run() -> list[str]:
        graph = connect(unhurried)
        try:
            done = await apply(graph)
            await sync_vocabulary(graph)
            return done
        finally:
            await graph.close()

    applied = asyncio.run(run())
    for name in applied:
        typer.echo(name)
    if not applied:
        typer.echo("Nothing to apply.", err=True)
