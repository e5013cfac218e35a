"""The command that reads how much a source is used."""

from __future__ import annotations

import json as jsonlib
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graph_api.cli.operator import on_graph, operator
from graph_api.cli.output import show_json
from schema.errors import InvalidInput, NotFound
from schema.settings import settings

if TYPE_CHECKING:
    from cypher.session import GraphSession


def usage(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="Name of a registered source.")],
    log: Annotated[
        Path | None,
        typer.Option(help="Query log, as JSON lines or CSV; the server's own counters if none is named."),
    ] = None,
    name: Annotated[
        str, typer.Option(help="Name of the log, where one source has several of the same time.")
    ] = "log",
    statement: Annotated[
        bool,
        typer.Option(
            "--statement", help="Print the statement whose answer, as CSV, is such a log; run it there."
        ),
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    if statement:
        typer.echo(on_graph(lambda graph: _statement(graph, source)), nl=False)
        return
    found, problems = on_graph(lambda graph: _collected(graph, source, log, name))
    if json:
        show_json(asdict(found) | {"problems": [asdict(problem) for problem in problems]})
        return
    typer.echo(
        f"{source}: {found.queries:,} queries, {found.assets:,} days of assets, {found.joins:,} of joins, {found.edges:,} edges, {found.closed:,} closed"
    )
    for problem in problems:
        typer.echo(f"  {problem.severity.lower()}: {problem.code}: {problem.message}", err=True)


async def _statement(graph: GraphSession, source: str) -> str:
    from cypher.scanning import reads
    from ingest.usage.history import statement
    from schema.domain.sources import source_urn

    row = await reads.source(graph, str(source_urn(source)))
    if row is None:
        raise NotFound("source", source, path=("source",))
    return statement(row["connector"])


async def _collected(graph: GraphSession, source: str, log: Path | None, name: str) -> Any:
    from cypher.scanning import reads
    from ingest.commands.sources import open_source
    from ingest.usage.collecting import collect_log, collect_usage
    from schema.domain.sources import source_urn

    row = await reads.source(graph, str(source_urn(source)))
    if row is None:
        raise NotFound("source", source, path=("source",))
    keep_days = settings().logged_lineage_days
    if log is not None:
        return await collect_log(
            graph,
            operator(),
            source=source,
            namespace=row["namespace"],
            path=log,
            reader=name,
            keep_days=keep_days,
        )
    connector = open_source(row["connector"], jsonlib.loads(row["config"]), settings())
    try:
        found = await collect_usage(graph, operator(), connector, source=source, keep_days=keep_days)
    finally:
        connector.close()
    if found is None:
        raise InvalidInput(
            f"A source of kind {row['connector']} counts no queries and records no lineage.",
            path=("log",),
            remedy="Name a --log.",
        )
    return found
