"""``pursight sample``: a few rows of a dataset, masked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graph_api.cli.arguments import Reason
from graph_api.cli.operator import on_graph, operator
from graph_api.cli.output import show_json, show_table
from schema.domain.identity import Principal

if TYPE_CHECKING:
    from ingest.commands.samples import MaskedSample


def sample(
    asset: Annotated[str, typer.Argument(metavar="ASSET", help="Urn of a dataset or column.")],
    columns: Annotated[
        list[str] | None, typer.Option("--column", help="A column to show; all if none is named.")
    ] = None,
    rows: Annotated[int, typer.Option("--rows", "-n", help="How many rows, 1 to 50.")] = 10,
    purpose: Annotated[
        str,
        typer.Option(help="What they are for: shows values up to SENSITIVE whole, and those bound to it."),
    ] = "",
    reason: Reason = "",
    json: Annotated[bool, typer.Option("--json", help="Print JSON, with the mask of each column.")] = False,
) -> None:
    from ingest.commands import samples

    who = acting_for(purpose)
    found = on_graph(
        lambda graph: samples.sample(
            graph, who, urn=asset, columns=columns or (), rows=rows, purpose=purpose, reason=reason
        )
    )
    if json:
        show_json(_plain(found))
    else:
        names = tuple(column.name for column in found.columns)
        lines = zip(*(column.values for column in found.columns), strict=True)
        show_table([dict(zip(names, line, strict=True)) for line in lines], names)
        masks = ", ".join(
            f"{c.name} {c.masking.mask.value.lower()}" for c in found.columns if c.masking.mask != "FULL"
        )
        typer.echo(f"{found.rows} rows; masked: {masks or 'nothing'}", err=True)


def acting_for(purpose: str) -> Principal:
    """Whoever may read the data folder may act for any purpose; the audit log has it."""
    return replace(operator(), purposes=(purpose,) if purpose else ())


def _plain(found: MaskedSample) -> dict[str, Any]:
    return {
        "urn": found.urn,
        "source": found.source,
        "purpose": found.purpose,
        "rows": found.rows,
        "columns": [
            {
                "name": column.name,
                "mask": column.masking.mask.value,
                "reason": column.masking.reason.value,
                "values": list(column.values),
            }
            for column in found.columns
        ],
    }
