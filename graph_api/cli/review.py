"""``pursight review``: what machines suggest, what people say of it, and what follows from that."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from graph_api.cli.arguments import Reason
from graph_api.cli.operator import on_graph, operator
from graph_api.cli.output import show_json, show_table
from graph_api.cli.verdict_files import exported, read_text
from schema.domain.identity import EVERYTHING

review = typer.Typer(add_completion=False, no_args_is_help=True)

Source = Annotated[str | None, typer.Option(help="Name of a source.")]
Classification = Annotated[str | None, typer.Option(help="Name of a classification.")]
Category = Annotated[str | None, typer.Option(help="Category of the classification.")]
Under = Annotated[str | None, typer.Option(help="Urn of what holds the assets.")]
Owner = Annotated[str | None, typer.Option(help="Who owns them, or what holds them.")]
MinConfidence = Annotated[float | None, typer.Option(help="The machine is at least as sure, 0 to 1.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Tell what would happen; write nothing.")]
_COLUMNS = ("score", "urn", "classification", "confidence", "reason")


@review.command("list")
def list_suggestions(
    source: Source = None,
    classification: Classification = None,
    category: Category = None,
    min_confidence: MinConfidence = None,
    under: Under = None,
    owner: Owner = None,
    limit: Annotated[int, typer.Option(help="How many.")] = 20,
    json: Json = False,
) -> None:
    """List suggestions, the most useful to decide first."""
    from cypher.review.reads import ReviewFilter, queue, score

    wanted = ReviewFilter(source, classification, category, min_confidence, under, owner)
    rows = [
        {
            "score": score(row),
            "urn": row["urn"],
            "classification": row["classification"]["name"],
            "confidence": row["verdict"]["confidence"],
            "reason": row["verdict"]["reason"],
        }
        for row in on_graph(lambda graph: queue(graph, EVERYTHING, wanted, first=limit))
    ]
    if json:
        show_json(rows)
    else:
        show_table(rows, _COLUMNS)


@review.command()
def export(
    file: Annotated[Path | None, typer.Argument(help="Where it goes; standard output if left out.")] = None,
    source: Source = None,
    classification: Classification = None,
    category: Category = None,
    min_confidence: MinConfidence = None,
    under: Under = None,
    owner: Owner = None,
    delimiter: Annotated[
        str,
        typer.Option(
            help="What divides cells: comma, semicolon or tab. Spreadsheets expect a semicolon where a comma is the decimal sign."
        ),
    ] = "comma",
) -> None:
    """Write all suggestions as CSV, to be decided in a spreadsheet: CONFIRMED or REJECTED in the column verdict."""
    from cypher.review.reads import ReviewFilter
    from ingest.commands.verdicts_csv import DELIMITERS

    if delimiter not in DELIMITERS:
        raise typer.BadParameter("one of comma, semicolon and tab", param_hint="--delimiter")
    wanted = ReviewFilter(source, classification, category, min_confidence, under, owner)
    texts, count = on_graph(lambda graph: exported(graph, wanted, DELIMITERS[delimiter]))
    if file is None:
        typer.echo("".join(texts), nl=False)
    else:
        # Excel takes a file without the mark for one of its own code page, and gives the letters back as others.
        file.write_text("".join(texts), "utf-8-sig")
        typer.echo(f"{count} suggestions in {file}", err=True)


@review.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A CSV file as the export writes it, with verdicts.")],
    dry_run: DryRun = False,
    overrule: Annotated[
        bool, typer.Option("--overrule", help="Also decide what somebody else decided otherwise.")
    ] = False,
    reason: Reason = "",
    every: Annotated[
        bool,
        typer.Option("--all", help="List what became of every row, not only of those that are left out."),
    ] = False,
    json: Json = False,
) -> None:
    """Take the decisions of a file, all in one transaction; rows that conflict or are not known are left out and told."""
    from ingest.commands.verdicts_csv import import_verdicts, told
    from schema.domain.review import WRITTEN, DecisionOutcome

    text = read_text(file)
    found = on_graph(
        lambda graph: import_verdicts(
            graph, operator(), text, dry_run=dry_run, overrule=overrule, reason=reason
        )
    )
    if json:
        show_json(told(found.rows))
    else:
        fine = WRITTEN | {DecisionOutcome.UNCHANGED}
        rows = [row for row in found.rows if every or row.decided.outcome not in fine]
        show_table(told(rows), ("line", "outcome", "urn", "classification", "before", "message"))
    counts = ", ".join(f"{n} {outcome.value.lower()}" for outcome, n in sorted(found.counts.items()))
    written = "Would write" if dry_run else "Wrote"
    typer.echo(
        f"{written} {sum(found.counts[each] for each in WRITTEN)} of {len(found.rows)} verdicts"
        f" ({counts or 'none'}); {found.open} rows are open.",
        err=True,
    )


@review.command()
def quality(
    by: Annotated[
        str,
        typer.Option(help="What to count by: classification, source, tier, origin, or several with commas."),
    ] = "classification",
    source: Source = None,
    classification: Classification = None,
    json: Json = False,
) -> None:
    """Show precision and recall by what people made of verdicts, with 95 % intervals."""
    from cypher.review.reads import figures

    groups = [each.strip().upper() for each in by.split(",")]
    if unknown := set(groups) - {"CLASSIFICATION", "SOURCE", "TIER", "ORIGIN"}:
        raise typer.BadParameter(f"{', '.join(sorted(unknown)).lower()} is not known", param_hint="--by")
    found = on_graph(
        lambda graph: figures(graph, EVERYTHING, by=groups, source=source, classification=classification)
    )
    apart = {"TIER", "ORIGIN"} & set(groups)
    names = [each.lower() for each in groups]
    rows = [
        {name: row[name] for name in (*names, "confirmed", "rejected", "added")}
        | {
            "precision": _interval(row["confirmed"], row["rejected"]),
            "recall": None if apart else _interval(row["confirmed"], row["added"]),
        }
        for row in sorted(found, key=lambda row: tuple(str(row[name]) for name in names))
    ]
    if json:
        show_json(rows)
        return
    shown = [row | {name: _percent(row[name]) for name in ("precision", "recall")} for row in rows]
    show_table(shown, (*names, "confirmed", "rejected", "added", "precision", "recall"))


def _interval(hits: int, others: int) -> dict[str, float | int] | None:
    from schema.domain.verdict_figures import Share

    share = Share(hits, hits + others)
    if share.n == 0:
        return None
    return {"value": share.share, "low": share.low, "high": share.high, "n": share.n}


def _percent(found: dict[str, Any] | None) -> str | None:
    if found is None:
        return None
    return f"{found['value']:.1%} ({found['low']:.1%} to {found['high']:.1%}, n={found['n']})"


@review.command()
def thresholds(
    target: Annotated[float, typer.Option(help="The precision to be reached, 0.5 to 0.999.")] = 0.95,
    source: Source = None,
    classification: Classification = None,
    accept: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Set what is proposed for this classification; may be repeated."),
    ] = None,
    reason: Reason = "",
    json: Json = False,
) -> None:
    """Show the thresholds that people's verdicts propose, with the evidence, or set them."""
    if accept:
        from ingest.commands.thresholds import accept_proposals

        on_graph(
            lambda graph: accept_proposals(
                graph, operator(), names=accept, target=target, source=source, reason=reason
            )
        )
        typer.echo(f"Set: {', '.join(accept)}.", err=True)
        return
    from cypher.review.reads import evidence
    from schema.domain.verdict_figures import evidence_of, needed, proposed

    least = needed(target)
    found = on_graph(lambda graph: evidence(graph, EVERYTHING, source=source, classification=classification))
    rows: list[dict[str, Any]] = []
    for name, each in sorted(found.items()):
        proposal = proposed(evidence_of(each), target)
        rows.append(
            {"classification": name, "decided": proposal.decided, "needed": least}
            | {
                side: None
                if part is None
                else {
                    "at": part.at,
                    **(_interval(part.evidence.hits, part.evidence.n - part.evidence.hits) or {}),
                }
                for side, part in (("accept_at", proposal.accept), ("reject_at", proposal.reject))
            }
        )
    if json:
        show_json(rows)
        return
    shown = [
        row
        | {
            side: row[side] and f"{row[side]['at']:g}: {_percent(row[side])}"
            for side in ("accept_at", "reject_at")
        }
        for row in rows
    ]
    show_table(shown, ("classification", "decided", "needed", "accept_at", "reject_at"))


@review.command()
def exceptions(
    expired: Annotated[bool, typer.Option("--expired", help="Those that are over too.")] = False,
    json: Json = False,
) -> None:
    """List where machines may not say that something holds a kind of data."""
    from cypher.review import reads
    from schema.domain.time import stored
    from schema.ports import SystemClock

    at = None if expired else stored(SystemClock().now())
    rows = on_graph(lambda graph: reads.exceptions(graph, at=at))
    columns = ("id", "classification", "pattern", "under", "source", "expires_at", "created_by", "reason")
    if json:
        show_json(rows)
    else:
        show_table(rows, columns)


@review.command("except")
def except_(
    classification: Annotated[str, typer.Argument(help="Name of the classification.")],
    reason: Annotated[str, typer.Option(help="Why.")],
    pattern: Annotated[
        str | None, typer.Option(help="Names of columns, with * for any text, such as '*_hash'.")
    ] = None,
    under: Under = None,
    source: Source = None,
    until: Annotated[
        str | None, typer.Option(help="When it ends: 14d, 12h, or a date such as 2030-12-31.")
    ] = None,
    dry_run: DryRun = False,
) -> None:
    """Machines never say this again of what fits all that is given; what they said of it is withdrawn."""
    from graph_api.cli.tokens import expiry
    from ingest.commands.exceptions import save_exception
    from schema.domain.review import ClassificationException

    wanted = ClassificationException(
        classification, reason, pattern, under, source, None if until is None else expiry(until)
    )
    saved = on_graph(lambda graph: save_exception(graph, operator(), wanted, dry_run=dry_run))
    for urn in saved.some:
        typer.echo(urn, err=True)
    typer.echo(f"{'Would withdraw' if dry_run else 'Withdrew'} {saved.withdrawn} verdicts.", err=True)
    if not dry_run:
        typer.echo(saved.row["id"])


@review.command("remove-exception")
def remove_exception(
    ident: Annotated[str, typer.Argument(metavar="ID", help="Id of the exception.")], reason: Reason = ""
) -> None:
    """Remove an exception; what it concerned is judged anew by workers, or by the next scan."""
    from ingest.commands.exceptions import remove_exception as remove

    on_graph(lambda graph: remove(graph, operator(), ident, reason=reason))
    typer.echo("Removed.", err=True)
