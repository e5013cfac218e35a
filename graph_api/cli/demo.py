"""``pursight demo``."""

from __future__ import annotations

import json as json_lines
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graph_api.cli.operator import on_graph, operator
from graph_api.cli.output import show_json, steps
from schema.domain.identity import EVERYTHING, Role
from schema.domain.scans import RunState
from schema.settings import settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cypher.session import GraphSession
    from graph_api.http.console import Example


def demo(json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    from graph_api.cli.following import summary
    from graph_api.cli.scans import show_run
    from graph_api.demo import fill
    from graph_api.demo.data import DemoData
    from graph_api.demo.examples import PRINTED
    from graph_api.stack import control

    own = settings()
    with steps() as tell:
        parts = control.status(own)
        if not all(part.healthy for part in parts):
            parts = control.up(own, tell)
        api = next(part for part in parts if part.name == "api")
        data = DemoData(own.data_dir)
        fill.build(data, tell)
    address = f"http://{own.host}:{api.port}"

    async def work(graph: GraphSession) -> tuple[str, list[dict[str, Any]]]:
        token = await demo_token(graph, own.data_dir)
        return token, await fill.fill(graph, data, address, token, lambda step: typer.echo(step, err=True))

    token, runs = on_graph(work)
    if json:
        queries = [
            {"title": each.title, "query": each.query, "variables": each.variables} for each in PRINTED
        ]
        show_json({"api": address, "console": f"{address}/graphql", "token": token, "queries": queries,
                   "runs": [summary(run) for run in runs]})  # fmt: skip
    else:
        for run in runs:
            show_run(run)
        _say(address, token, PRINTED)
    if any(run["state"] != RunState.SUCCEEDED for run in runs):
        raise typer.Exit(1)


async def demo_token(graph: GraphSession, data_dir: Path) -> str:
    """An administrator's token, kept in ``demo-token`` (mode 600) of the data folder so that it can be shown again.

    The folder holds the passwords of the servers as well, so the file gives its reader nothing new.
    """
    from graph_api.services import GraphTokens
    from graph_api.stack.process import write_private
    from ingest.commands.identity import create_token

    file = data_dir.absolute() / "demo-token"
    if file.exists():
        token = file.read_text("utf-8").strip()
        if await GraphTokens(graph).verify(token) is not None:
            return token
    _, token = await create_token(graph, operator(), name="demo", role=Role.ADMIN, scope=EVERYTHING)
    write_private(file, token)
    return token


def _say(address: str, token: str, examples: Sequence[Example]) -> None:
    typer.echo(f"\nConsole: {address}/graphql\nToken:   {token}\n")
    for example in examples:
        # Spaces say nothing in GraphQL outside of strings, and these operations have none.
        body = json_lines.dumps({"query": " ".join(example.query.split()), "variables": example.variables})
        typer.echo(f"# {example.title}")
        headers = f"-H 'authorization: Bearer {token}' -H 'content-type: application/json'"
        typer.echo(f"curl -s {address}/graphql {headers} -d {quote(body)}\n")
