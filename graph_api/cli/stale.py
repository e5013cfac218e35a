"""The command that shows what a source's scans do not find any more, and what becomes of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graph_api.cli.operator import on_graph
from graph_api.cli.output import show_json, show_table
from schema.domain.identity import EVERYTHING
from schema.domain.stale import StalePolicy
from schema.errors import NotFound
from schema.ports import SystemClock

if TYPE_CHECKING:
    from cypher.session import GraphSession


def stale(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="Name of a registered source.")],
    policy: Annotated[
        StalePolicy | None,
        typer.Option(case_sensitive=False, help="Instead of what the plan of the source says."),
    ] = None,
    after_days: Annotated[
        int | None, typer.Option(help="Days of grace instead of those of the plan.")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    found = on_graph(lambda graph: _previewed(graph, source, policy, after_days))
    if json:
        show_json(found)
        return
    for row in found:
        row["reason"] = row["reason"] or ""
    show_table(found, ("urn", "status", "since", "outcome", "due_at", "reason"))
    if not found:
        typer.echo(f"Scans of {source} found all that they looked for.")


async def _previewed(
    graph: GraphSession, source: str, policy: StalePolicy | None, after_days: int | None
) -> list[dict[str, Any]]:
    from cypher.scanning import reads
    from ingest.commands.stale import preview
    from ingest.orchestration.rules import plan_of
    from schema.domain.sources import source_urn

    row = await reads.source(graph, str(source_urn(source)))
    if row is None:
        raise NotFound("source", source, path=("source",))
    rule = plan_of(row.get("plan")).stale
    rule = replace(
        rule,
        policy=policy or rule.policy,
        after_days=rule.after_days if after_days is None else after_days,
    )
    return [
        {
            "urn": each.urn,
            "status": each.row["status"],
            "since": each.judged.since,
            "outcome": each.judged.outcome.value,
            "due_at": each.judged.due_at,
            "reason": each.judged.reason and each.judged.reason.value,
        }
        async for each in preview(graph, EVERYTHING, source=source, rule=rule, now=SystemClock().now())
    ]
