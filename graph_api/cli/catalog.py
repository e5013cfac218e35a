"""Commands that read the catalogue: search, and what depends on an asset."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graph_api.cli.operator import on_graph, operator
from graph_api.cli.output import show_json, show_table
from schema.errors import InvalidInput, NotFound
from schema.settings import settings

if TYPE_CHECKING:
    from cypher.session import GraphSession
    from graph_api.context import Context

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
_LEVELS = ("public", "internal", "confidential", "sensitive", "restricted")
_PAGE = 200  # each hit gets its path, and one query has five seconds
_FEW = 10


def search(
    text: Annotated[str, typer.Argument(help="What to look for.")],
    mode: Annotated[str, typer.Option(help="hybrid, fulltext, semantic or exact.")] = "hybrid",
    most: Annotated[int, typer.Option("--most", help="How many hits to show.", min=1, max=100)] = 20,
    json: Json = False,
) -> None:
    from cypher.catalog.filters import AssetFilter
    from graph_api.enums import SearchMode
    from graph_api.paging import Page
    from graph_api.search import engine
    from graph_api.search.reasons import reasons

    if mode.upper() not in SearchMode.__members__:
        raise typer.BadParameter("use hybrid, fulltext, semantic or exact", param_hint="--mode")
    query = engine.Query.of(text, mode.upper(), AssetFilter())
    page = Page.of("search", engine.order_key(query), first=most)

    async def work(graph: GraphSession) -> engine.Answer:
        return await engine.run(context_of(graph), query, page)

    answer = on_graph(work)
    rows = [
        {**_shown(row), "reasons": [each.kind for each in reasons(row, query.words, hit.ranks)]}
        for hit in answer.hits[:most]
        if (row := answer.assets.get(hit.key)) is not None
    ]
    if answer.note:
        typer.echo(answer.note, err=True)
    if json:
        show_json({"hits": rows, "note": answer.note})
    else:
        shown = [{**row, "reasons": ", ".join(row["reasons"]).lower()} for row in rows]
        show_table(shown, ("kind", "path", "source", "sensitivity", "reasons", "urn"))


def impact(
    asset: Annotated[str, typer.Argument(metavar="ASSET", help="Urn, dotted path or name of the asset.")],
    upstream: Annotated[
        bool, typer.Option("--upstream", help="What it is made from, instead of what depends on it.")
    ] = False,
    max_hops: Annotated[int, typer.Option(help="How far to walk.", min=1)] = 20,
    indirect: Annotated[
        bool, typer.Option("--indirect", help="Also columns that only filter, join, group or order.")
    ] = False,
    csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    json: Json = False,
) -> None:
    from schema.domain.lineage import Direction

    direction = Direction.UPSTREAM if upstream else Direction.DOWNSTREAM

    async def work(graph: GraphSession) -> dict[str, Any]:
        context = context_of(graph)
        start = await one_asset(context, asset)
        return await _impact(context, start, direction, max_hops, indirect)

    found = on_graph(work)
    if json:
        show_json(found)
    elif csv:
        _show_csv(found["hits"])
    else:
        show_table(found["hits"], ("hops", "kind", "path", "source", "sensitivity", "via"))
    if not found["complete"]:
        typer.echo(f"Incomplete: {found['reason']}.", err=True)


def lineage(
    asset: Annotated[str, typer.Argument(metavar="ASSET", help="Urn, dotted path or name of the asset.")],
    format: Annotated[str, typer.Option(help="svg, mermaid, graphml, csv, openlineage or prov.")] = "mermaid",
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="File to write; standard output if none is named.")
    ] = None,
    direction: Annotated[str, typer.Option(help="upstream, downstream or both.")] = "both",
    max_hops: Annotated[int, typer.Option(help="How far to walk.", min=1, max=50)] = 3,
    indirect: Annotated[
        bool, typer.Option("--indirect", help="Also columns that only filter, join, group or order.")
    ] = False,
    columns: Annotated[
        bool, typer.Option("--columns", help="For a dataset: also the columns that lineage connects.")
    ] = False,
    as_of: Annotated[
        datetime | None, typer.Option(help="What held at this time, in UTC; now if not given.")
    ] = None,
) -> None:
    from graph_api.as_of import AsOf
    from graph_api.enums import Direction
    from graph_api.pictures.exporting import export
    from graph_api.pictures.formats import Document, Format
    from graph_api.pictures.model import Picture
    from graph_api.pictures.questions import MOST_EXPORTED, question_of

    if format.upper() not in Format.__members__:
        raise typer.BadParameter(f"use {', '.join(Format).lower()}", param_hint="--format")
    if direction.upper() not in Direction.__members__:
        raise typer.BadParameter("use upstream, downstream or both", param_hint="--direction")

    async def work(graph: GraphSession) -> tuple[Document, Picture]:
        context = context_of(graph)
        start = await one_asset(context, asset)
        question = question_of(
            context,
            start["urn"],
            Direction[direction.upper()],
            max_hops,
            indirect,
            None,
            AsOf(valid_at=as_of),
            most=MOST_EXPORTED,
            most_columns=MOST_EXPORTED if columns else 0,
        )
        found = await export(context, question, Format[format.upper()])
        if found is None:
            raise NotFound("asset", asset, path=("asset",))
        return found

    document, picture = on_graph(work)
    if output:
        output.write_bytes(document.content)
        typer.echo(f"{output}: {picture.size}.", err=True)
    else:
        typer.echo(document.content, nl=False)
    if picture.lacks is not None:
        typer.echo(f"{picture.completeness[0].upper()}{picture.completeness[1:]}.", err=True)


def context_of(graph: GraphSession) -> Context:
    from graph_api.context import Context
    from ml.embedding import OnnxEmbedder, model_path

    cache = settings().cache_dir
    services = {"embedder": OnnxEmbedder(cache)} if model_path(cache) else {}
    return Context(operator(), graph, services=services)


async def one_asset(context: Context, asset: str) -> dict[str, Any]:
    """The one asset that is meant; raises ``NotFound`` or ``InvalidInput`` that lists the candidates."""
    from cypher.catalog import reads
    from cypher.catalog.filters import AssetFilter
    from cypher.search.reads import exact

    keys = await exact(context.graph, asset, AssetFilter(), context.scope, limit=_FEW)
    found = await reads.by_keys(context.graph, keys, context.scope)
    rows = [found[key] for key in keys if key in found]
    same = (
        [row for row in rows if row["urn"] == asset]
        or [row for row in rows if row["kind"] == "DATASET"]
        or rows
    )
    if not same:
        raise NotFound("asset", asset, path=("asset",))
    if len(same) > 1:
        raise InvalidInput(
            f"{len(same)} assets and more are called {asset}."
            if len(rows) == _FEW
            else f"{len(same)} assets are called {asset}.",
            path=("asset",),
            remedy="Name one by its urn: " + ", ".join(row["urn"] for row in same),
        )
    return same[0]


async def _impact(
    context: Context, start: dict[str, Any], direction: Any, max_hops: int, indirect: bool
) -> dict[str, Any]:
    from cypher.catalog import reads
    from cypher.lineage.reads import Walk, paths
    from graph_api.lineage.walks import reach, unread

    walk = Walk(start["urn"], direction, max_hops, indirect)
    hits: list[dict[str, Any]] = []
    key, lacks = None, None
    while True:
        reached = await reach(context, walk, key=key, first=_PAGE)
        urns = [hit.urn for hit in reached.hits]
        assets = await reads.by_urns(context.graph, urns, context.scope)
        via = await paths(context.graph, reached.walk, urns, context.scope) if urns else {}
        names = await _names(context, [urn for path in via.values() for urn in path])
        hits += [
            {
                "hops": hit.hops,
                **_shown(assets[hit.urn]),
                "via": " > ".join(names[u] for u in via.get(hit.urn, ()) if u in names),
            }
            for hit in reached.hits
            if hit.urn in assets
        ]
        lacks = reached.lacks
        if len(urns) < _PAGE or lacks is not None:
            break
        key = (reached.hits[-1].hops, reached.hits[-1].urn)
    reason = lacks or await unread(context, walk)
    return {
        "asset": _shown(start),
        "direction": direction.value,
        "hits": hits,
        "complete": reason is None,
        "reason": None if reason is None else reason.value,
    }


async def _names(context: Context, urns: Sequence[str]) -> dict[str, str]:
    from cypher.catalog import reads

    found = await reads.by_urns(context.graph, sorted(set(urns)), context.scope)
    return {urn: row["name"] for urn, row in found.items()}


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "urn": row["urn"],
        "kind": row["kind"].lower(),
        "name": row["name"],
        "path": row["path"],
        "source": row["source"],
        "sensitivity": _LEVELS[row["sensitivity"] or 0],
        "description": row["description"] or row["comment"],
    }


def _show_csv(rows: Sequence[dict[str, Any]]) -> None:
    import csv
    import sys

    from graph_api.pictures.edge_list import harmless

    writer = csv.DictWriter(
        sys.stdout, ["hops", "urn", "kind", "path", "source", "sensitivity", "via"], extrasaction="ignore"
    )
    writer.writeheader()
    writer.writerows({name: harmless(value) for name, value in row.items()} for row in rows)
