"""``pursight classifier``: the vocabulary of classifications, and classifiers of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graph_api.cli.arguments import Reason
from graph_api.cli.classifier_files import ClassifierFiles, read_text, told
from graph_api.cli.operator import on_graph, operator
from graph_api.cli.output import show_json, show_table
from schema.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from cypher.session import GraphSession
    from ingest.vocabulary_changes import Difference
    from ml.classify.trial import Trial

classifier = typer.Typer(add_completion=False, no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="Stable name of the classification.")]
_COLUMNS = ("name", "title", "category", "sensitivity", "built_in", "enabled", "accept_at", "reject_at")
_PAGE = 1_000


@classifier.command("list")
def list_classifiers(
    own: Annotated[bool, typer.Option("--own", help="Only those of one's own.")] = False,
    category: Annotated[str | None, typer.Option(help="Only of this category.")] = None,
    regulation: Annotated[str | None, typer.Option(help="Only what hints at this regulation.")] = None,
    under: Annotated[str | None, typer.Option(help="Only this classification and all below it.")] = None,
    json: Json = False,
) -> None:
    """List classifications by name."""
    from cypher.governance import reads

    wanted = reads.ClassificationFilter(
        category=category, regulation=regulation, under=under, built_in=False if own else None
    )
    found = on_graph(
        lambda graph: reads.classifications(graph, wanted, key=None, backward=False, first=_PAGE)
    )
    rows = [{name: row.get(name) for name in _COLUMNS} for row in found]
    if json:
        show_json(rows)
    else:
        show_table(rows, _COLUMNS)


@classifier.command()
def show(
    name: Name,
    version: Annotated[int | None, typer.Option(help="This version instead of the present one.")] = None,
) -> None:
    """Print the text of a classifier."""
    text = on_graph(lambda graph: _text(graph, name, version))
    if text is None:
        raise NotFound("classifier" if version is None else "version", name, path=("name",))
    typer.echo(text.rstrip("\n"))


async def _text(graph: GraphSession, name: str, version: int | None) -> str | None:
    from cypher.classifiers import reads
    from ingest.commands.classifiers import shipped

    if version is not None:
        pages = await reads.versions(graph, [name], key=version + 1, backward=False, first=1)
        found = pages.get(name) or []
        return str(found[0]["text"]) if found and found[0]["number"] == version else None
    own = (await reads.by_names(graph, [name])).get(name)
    return str(own["text"]) if own else (await shipped()).get(name)


@classifier.command()
def history(name: Name, json: Json = False) -> None:
    """List the versions of a classifier of one's own, the newest first."""
    from cypher.classifiers import reads

    pages = on_graph(lambda graph: reads.versions(graph, [name], key=None, backward=False, first=_PAGE))
    columns = ("number", "saved_at", "saved_by")
    rows = [{key: row[key] for key in columns} for row in pages.get(name, [])]
    if json:
        show_json(rows)
    else:
        show_table(rows, columns)


@classifier.command()
def save(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A classifier, as YAML.")],
    expected_version: Annotated[
        int | None, typer.Option(help="The version that the file was made from; 0 for a new classifier.")
    ] = None,
    reason: Reason = "",
) -> None:
    """Save a classifier as its next version, if its own examples pass."""
    from ingest.commands import classifiers

    text = read_text(file)
    row = told(
        lambda: on_graph(
            lambda graph: classifiers.save(
                graph, operator(), text=text, expected_version=expected_version, reason=reason
            )
        )
    )
    typer.echo(f"{row['name']} is at version {row['version']}.")


@classifier.command()
def delete(
    name: Name,
    withdraw: Annotated[
        bool, typer.Option("--withdraw", help="Also where assets carry it: its verdicts end now.")
    ] = False,
    reason: Reason = "",
) -> None:
    """Delete a classifier of one's own."""
    from ingest.commands import classifiers

    gone = on_graph(
        lambda graph: classifiers.delete(graph, operator(), name=name, withdraw=withdraw, reason=reason)
    )
    typer.echo(f"{name} is deleted" + (f", and {gone} verdicts with it." if gone else "."))


@classifier.command()
def enable(name: Name, reason: Reason = "") -> None:
    """Give a classification again that was switched off."""
    _switch(name, True, reason)


@classifier.command()
def disable(name: Name, reason: Reason = "") -> None:
    """Switch a classification off, also one that is built in."""
    _switch(name, False, reason)


def _switch(name: str, enabled: bool, reason: str) -> None:
    from ingest.commands import classifiers

    on_graph(
        lambda graph: classifiers.set_enabled(graph, operator(), name=name, enabled=enabled, reason=reason)
    )
    typer.echo(f"{name} is {'given again' if enabled else 'switched off'}; scans from now on know it.")


@classifier.command()
def thresholds(
    name: Name,
    accept_at: Annotated[float | None, typer.Option(help="Accepted from this confidence on.")] = None,
    reject_at: Annotated[float | None, typer.Option(help="Not given below this confidence.")] = None,
    reset: Annotated[bool, typer.Option("--reset", help="Those of the classifier's text again.")] = False,
    reason: Reason = "",
) -> None:
    """Set from which confidence verdicts are accepted and below which they are not given; never where left out."""
    from ingest.commands import thresholds

    if reset:
        if accept_at is not None or reject_at is not None:
            raise typer.BadParameter("give --reset alone", param_hint="--reset")
        on_graph(lambda graph: thresholds.reset_thresholds(graph, operator(), name=name, reason=reason))
        typer.echo(f"{name} has the thresholds of its text again.")
        return
    on_graph(
        lambda graph: thresholds.set_thresholds(
            graph, operator(), name=name, accept_at=accept_at, reject_at=reject_at, reason=reason
        )
    )
    said = [f"accepted from {accept_at:g} on"] if accept_at is not None else []
    said += [f"not given below {reject_at:g}"] if reject_at is not None else []
    typer.echo(f"{name} is {' and '.join(said) or 'neither accepted nor rejected by itself'}.")


@classifier.command("export")
def export_classifiers(
    folder: Annotated[
        Path | None, typer.Option(help="Write one file each into this folder; else all to standard output.")
    ] = None,
    built_in: Annotated[
        bool, typer.Option("--all", help="Also those that the product brings, to begin one's own from.")
    ] = False,
) -> None:
    """Write classifiers as YAML."""
    from cypher.classifiers import reads
    from ingest.commands.classifiers import documents, shipped

    async def work(graph: GraphSession) -> dict[str, str]:
        rows = (await reads.vocabulary(graph))["definitions"]
        return (await shipped() if built_in else {}) | {row["name"]: row["text"] for row in rows}

    texts = on_graph(work)
    if folder is None:
        typer.echo(documents(texts), nl=False)
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / f"{name.lower()}.yaml").write_text(text, "utf-8")
    except OSError as error:
        raise InvalidInput(
            f"The folder cannot be written: {error.strerror}.", path=("folder",), remedy="Choose another one."
        ) from None
    typer.echo(f"{len(texts)} classifiers are in {folder}.")


@classifier.command("import")
def import_classifiers(
    path: Annotated[Path, typer.Argument(metavar="PATH", help="A YAML file, or a folder of them.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would change.")] = False,
    remove: Annotated[
        bool, typer.Option("--remove", help="Delete those of one's own that are not there.")
    ] = False,
    json: Json = False,
    reason: Reason = "",
) -> None:
    """Save many classifiers at once, or none where one of them is wrong."""
    from ingest.commands import classifiers

    files = ClassifierFiles.at(path)

    async def work(graph: GraphSession) -> Difference:
        if dry_run:
            return await classifiers.compare(graph, operator(), text=files.text, remove=remove)
        return await classifiers.import_all(graph, operator(), text=files.text, remove=remove, reason=reason)

    found = told(lambda: on_graph(work), files.place)
    changes = {kind: getattr(found, kind) for kind in ("added", "changed", "unchanged", "removed")}
    if json:
        show_json(changes)
        return
    for kind, names in changes.items():
        for name in names:
            typer.echo(f"{kind}\t{name}")
    if dry_run:
        typer.echo("Nothing was written.", err=True)


@classifier.command("test")
def try_out(
    subject: Annotated[
        str | None, typer.Argument(metavar="[FILE|NAME]", help="A classifier as YAML or by name; else all.")
    ] = None,
    file: Annotated[Path | None, typer.Option(help="A CSV file with a header.")] = None,
    column: Annotated[
        str, typer.Option(help="The column of the file, or the name of that of the values.")
    ] = "",
    value: Annotated[list[str] | None, typer.Option(help="A value; may be repeated.")] = None,
    urn: Annotated[str | None, typer.Option(help="A column of the catalogue, read from its source.")] = None,
    json: Json = False,
) -> None:
    """Try a classifier, saved or not, or all of them, on a column of a file, on values, or on a live column."""
    from graph_api.cli.classify import columns_of
    from ingest.commands import classifier_trials as trials

    if sum(each is not None for each in (file, value, urn)) != 1:
        raise typer.BadParameter("give one of --file, --value and --urn", param_hint="--file")
    text = read_text(Path(subject)) if subject is not None and Path(subject).is_file() else None
    what = trials.Subject(text, subject if text is None else None)
    columns = columns_of(file) if file is not None else []
    index = next((n for n, each in enumerate(columns) if each.name == column), None)
    if file is not None and index is None:
        names = ", ".join(each.name for each in columns[:20])
        raise InvalidInput(
            f"{file.name} has no column {column!r}.", path=("column",), remedy=f"Columns: {names}."
        )

    async def work(graph: GraphSession) -> Trial:
        if urn is not None:
            return await trials.try_asset(graph, operator(), what, urn=urn)
        if index is not None:
            return await trials.try_columns(graph, what, columns, index)
        return await trials.try_values(graph, operator(), what, values=value or [], column=column)

    _show_trial(told(lambda: on_graph(work)), json=json)


def _show_trial(found: Trial, *, json: bool) -> None:
    from ml.classify.trial import Outcome

    rows: list[dict[str, Any]] = []
    for each in found.considered:
        counts = found.counts(each.name)
        rows.append(
            {
                "classification": each.name,
                "given": each.given,
                "confidence": each.confidence,
                "matched": counts[Outcome.MATCHED] if each.name in found.outcomes else None,
                "failed_check": counts[Outcome.FAILED_CHECK] if each.name in found.outcomes else None,
                "reason": each.reason,
                "against": "; ".join(each.against),
            }
        )
    if json:
        show_json({"considered": rows, "elapsed_ms": found.elapsed_ms})
    else:
        show_table(
            rows, ("classification", "given", "confidence", "matched", "failed_check", "reason", "against")
        )


@classifier.command()
def pattern(
    examples: Annotated[list[str], typer.Argument(metavar="EXAMPLE...", help="Values it has to take.")],
    against: Annotated[
        list[str] | None, typer.Option("--not", help="A value it must not take; may be repeated.")
    ] = None,
) -> None:
    """Print a pattern that takes all examples and no counter-example."""
    from ml.classify.synthesis import synthesize

    typer.echo(synthesize(examples, against or []).pattern)
