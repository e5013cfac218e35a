"""``pursight health``: how well sources do."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graph_api.cli.operator import on_graph
from graph_api.cli.output import show_json, show_table
from schema.domain.identity import EVERYTHING
from schema.errors import NotFound
from schema.settings import settings

if TYPE_CHECKING:
    from cypher.session import GraphSession

_MOST = 10_000
_HOURS = 24
_CHECKS = 10
_COLUMNS = ("name", "score", "grade", "day", "median_ms", "checked_at", "reasons")


def health(
    source: Annotated[str | None, typer.Argument(metavar="SOURCE", help="Name of one source.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    found = on_graph(lambda graph: _all(graph) if source is None else _one(graph, source))
    if json:
        show_json(found if source is None else found[0])
    elif source is None:
        show_table([{**row, "reasons": _causes(row), "day": _percent(row["day"])} for row in found], _COLUMNS)
    else:
        _show(found[0])


async def _all(graph: GraphSession) -> list[dict[str, Any]]:
    from cypher.health import reads as health
    from cypher.sources import reads

    rows = await reads.page(graph, EVERYTHING, registered=True, key=None, backward=False, first=_MOST)
    dead = await health.dead_letters(graph, [row["urn"] for row in rows], EVERYTHING)
    return [_summary(row, dead.get(row["urn"], 0)) for row in rows]


async def _one(graph: GraphSession, name: str) -> list[dict[str, Any]]:
    from cypher.health import reads as health
    from cypher.sources import reads
    from schema.domain.sources import source_urn

    urn = str(source_urn(name)) if name else ""
    row = (await reads.by_urns(graph, [urn], EVERYTHING)).get(urn)
    if row is None or not row["registered"]:
        raise NotFound("source", name, path=("source",))
    dead = await health.dead_letters(graph, [urn], EVERYTHING)
    hours = await health.history(graph, [urn], EVERYTHING, key=None, backward=False, first=_HOURS)
    checks = await health.checks(graph, [urn], EVERYTHING, key=None, backward=False, first=_CHECKS)
    more = {"history": hours.get(urn, []), "checks": checks.get(urn, [])}
    return [_summary(row, dead.get(urn, 0)) | more]


def _summary(row: dict[str, Any], dead_letters: int) -> dict[str, Any]:
    from ingest.health.facts import figures_in, source_health

    warning = timedelta(days=settings().credential_warning_days)
    known = source_health(row, dead_letters, now=datetime.now(UTC), warning=warning)
    kept = ("name", "check_ok", "check_cause", "checked_at", "credential_expires_at")
    return {
        **{name: row[name] for name in kept},
        "score": known.score,
        "grade": known.grade.value,
        "reasons": [asdict(reason) for reason in known.reasons],
        **figures_in(row["health_figures"]).as_json(),
    }


def _show(row: dict[str, Any]) -> None:
    typer.echo(f"{row['name']}: {row['score']} of 100, {row['grade'].lower()}")
    for reason in row["reasons"]:
        typer.echo(f"  -{reason['points']} {reason['message']}")
    shares = {"24 hours": row["day"], "7 days": row["week"], "30 days": row["month"]}
    told = ", ".join(f"{_percent(share)} in {name}" for name, share in shares.items() if share is not None)
    typer.echo(f"available: {told or 'nothing is known'}")
    if row["median_ms"] is not None:
        typer.echo(
            f"latency: median {row['median_ms']:.1f} ms, 95 % {row['p95_ms']:.1f} ms, 99 % {row['p99_ms']:.1f} ms"
            + (f", usual {row['baseline_ms']:.1f} ms" if row["baseline_ms"] is not None else "")
        )
    show_table(row["checks"], ("at", "ok", "cause", "latency_ms", "by"))


def _causes(row: dict[str, Any]) -> str:
    return ", ".join(f"{reason['cause']} -{reason['points']}" for reason in row["reasons"])


def _percent(share: float | None) -> str | None:
    return None if share is None else f"{share:.1%}"
