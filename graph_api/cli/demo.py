"""``pursight demo``."""

from __future__ import annotations

import json as json_lines
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graph_api.cli.operator import on_graph, operator
from graph_api.cli.output import show_json, steps
from schema.domain.identity import EVERYTHING, Role
from schema.domain.scans import RunState
from schema.settings import settings

if TYPE_CHECKING:
    from cypher.session import GraphSession

_QUERIES = {
    "Find customers' e-mail addresses": '{ search(query: "customer e-mail", first: 5) { edges { node { urn } } } }',
}


def demo(json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    from graph_api.cli.following import summary
    from graph_api.cli.scans import show_run
    from graph_api.demo import fill
    from graph_api.demo.data import DemoData
    from graph_api.stack import control

    own = settings()
    with steps() as tell:
        api = next(part for part in control.up(own, tell) if part.name == "api")
        data = DemoData(own.data_dir)
        fill.build(data, tell)
    address = f"http://{own.host}:{api.port}"

    async def work(graph: GraphSession) -> tuple[str, list[dict[str, Any]]]:
        token = await demo_token(graph, own.data_dir)
        return token, await fill.fill(graph, data, address, token, lambda step: typer.echo(step, err=True))

    token, runs = on_graph(work)
    if json:
        show_json({"api": address, "graphiql": f"{address}/graphql", "token": token, "queries": _QUERIES,
                   "runs": [summary(run) for run in runs]})  # fmt: skip
    else:
        for run in runs:
            show_run(run)
        _say(address, token)
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


def _say(address: str, token: str) -> None:
    typer.echo(f"\nGraphiQL: {address}/graphql\nToken:    {token}\n")
    for title, query in _QUERIES.items():
        body = json_lines.dumps({"query": query})
        typer.echo(f"# {title}")
        typer.echo(
            f"curl -s {address}/graphql -H 'authorization: Bearer {token}' -H 'content-type: application/json' -d '{body}'"
        )
