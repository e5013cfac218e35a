"""The command that shows how the schema of a dataset changed."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graph_api.cli.catalog import Json, context_of, one_asset
from graph_api.cli.operator import on_graph
from graph_api.cli.output import show_json, show_table

if TYPE_CHECKING:
    from cypher.session import GraphSession
    from schema.domain.renames import SchemaColumn
    from schema.domain.schema_history import SchemaVersion
    from schema.domain.schemas import Change


def schema_diff(
    dataset: Annotated[
        str, typer.Argument(metavar="DATASET", help="Urn, dotted path or name of the dataset.")
    ],
    old: Annotated[
        int | None, typer.Option("--from", help="Number of a version; the one before the other if not given.")
    ] = None,
    new: Annotated[
        int | None, typer.Option("--to", help="Number of a version; what the dataset is now if not given.")
    ] = None,
    json: Json = False,
) -> None:
    from cypher.schemas import reads
    from graph_api.catalog.evolution_queries import compared
    from schema.domain.schemas import diff

    async def work(graph: GraphSession) -> dict[str, Any]:
        context = context_of(graph)
        urn = (await one_asset(context, dataset))["urn"]
        history = (await reads.histories(graph, [urn], context.scope))[urn]
        one, other = compared(history, old, new)
        return {
            "dataset": urn,
            "from": _version(one),
            "to": None if other is None else _version(other),
            "changes": [_change(each) for each in diff(history.at(one), history.at(other))],
        }

    found = on_graph(work)
    if json:
        show_json(found)
        return
    to = "now" if found["to"] is None else f"version {found['to']['number']}"
    typer.echo(f"{found['dataset']}: version {found['from']['number']} to {to}", err=True)
    rows = [
        {
            "change": each["kind"].lower(),
            "before": _told(each["before"]),
            "after": _told(each["after"]),
            "breaking": each["breaking"],
            "sure": None if each["confidence"] is None else f"{each['confidence']:.0%}",
            "reason": each["reason"],
        }
        for each in found["changes"]
    ]
    show_table(rows, ("change", "before", "after", "breaking", "sure", "reason"))


def _version(version: SchemaVersion) -> dict[str, Any]:
    told = asdict(version)
    return {name: told[name] for name in ("number", "valid_from", "recorded_at", "run", "actor", "source")}


def _change(change: Change) -> dict[str, Any]:
    return {
        "kind": change.kind.value,
        "breaking": change.breaking,
        "reason": change.reason,
        "before": _column(change.before),
        "after": _column(change.after),
        "position": change.position,
        "retyping": change.retyping,
        "confidence": change.confidence,
        "evidence": change.evidence,
    }


def _column(column: SchemaColumn | None) -> dict[str, Any] | None:
    if column is None:
        return None
    return {"name": column.name, "data_type": column.data_type, "nullable": column.nullable}


def _told(column: dict[str, Any] | None) -> str | None:
    if column is None:
        return None
    never_null = " not null" if column["nullable"] is False else ""
    return f"{column['name']} {column['data_type']}{never_null}".strip()
