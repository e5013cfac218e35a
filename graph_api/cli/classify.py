"""Classification without a server: of a CSV file's columns, or of questions that come one a line."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from graph_api.cli.output import show_json, show_table
from schema.errors import InvalidInput

if TYPE_CHECKING:
    from ml.classify.composition import Vocabulary
    from ml.classify.engine import ColumnEvidence

ROWS = 1_000  # enough to judge a column; a larger file is read no further


def classify(
    file: Annotated[Path | None, typer.Argument(help="A CSV file with a header.")] = None,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="Answer JSON lines from standard input.")] = False,
    classifiers: Annotated[
        Path | None,
        typer.Option(
            metavar="PATH", help="Classifiers of one's own besides those that ship: a YAML file, or a folder."
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    if jsonl == (file is not None):
        raise typer.BadParameter("give a file, or --jsonl and lines on standard input", param_hint="FILE")
    vocabulary = _vocabulary(classifiers)
    if file is None:
        from ml.classify.jsonl import main

        return main(vocabulary)
    from ml.classify.decision import ALL

    columns = columns_of(file)
    rows: list[dict[str, Any]] = []
    for column, verdicts in zip(columns, vocabulary.tiered(ALL).classify(columns), strict=True):
        rows += [
            {
                "column": column.name,
                "classification": verdict.classification,
                "confidence": verdict.confidence,
                "sensitivity": verdict.sensitivity.name.lower(),
                "reason": verdict.reason,
            }
            for verdict in verdicts
        ] or [{"column": column.name}]
    if json:
        show_json(rows)
    else:
        show_table(rows, ("column", "classification", "confidence", "sensitivity", "reason"))


def _vocabulary(path: Path | None) -> Vocabulary:
    """What ships with the classifiers at ``path``, which have to pass their own examples, as they do where they are saved."""
    from graph_api.cli.classifier_files import ClassifierFiles, told
    from ml.classify.composition import standard_vocabulary

    if path is None:
        return standard_vocabulary()
    from ingest.classifier_text import read_classifiers
    from ingest.vocabulary_changes import Before

    files = ClassifierFiles.at(path)

    def made() -> Vocabulary:
        given = read_classifiers(files.text)
        if not given:
            raise InvalidInput(
                f"{path.name} holds no classifier.",
                path=("classifiers",),
                remedy="Name a YAML file or a folder of them.",
            )
        vocabulary, _ = asyncio.run(Before(frozenset(), {}).after(given, (), {}))
        return vocabulary

    return told(made, files.place)


def columns_of(file: Path) -> list[ColumnEvidence]:
    """The columns of a CSV file with the first of its rows; raises ``InvalidInput``."""
    import csv
    from itertools import islice

    from ml.classify.engine import ColumnEvidence

    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            head = lines.read(16_384)
            lines.seek(0)
            rows = list(islice(csv.reader(lines, _dialect(head)), ROWS + 1))
    except (OSError, UnicodeDecodeError, csv.Error) as cause:
        raise InvalidInput(
            f"{file.name} cannot be read as CSV in UTF-8 ({type(cause).__name__}).",
            path=("FILE",),
            remedy="Check the path and the encoding.",
        ) from None
    if not rows or not any(rows[0]):
        raise InvalidInput(
            f"{file.name} has no header.", path=("FILE",), remedy="Name the columns in line 1."
        )
    return [
        ColumnEvidence(file.stem, name, "", None, [row[i] for row in rows[1:] if i < len(row)])
        for i, name in enumerate(rows[0])
    ]


def _dialect(head: str) -> Any:
    """The delimiter by the header line alone, for values may hold any other."""
    import csv

    header = head.partition("\n")[0]
    delimiter = max(",;\t|", key=header.count)

    class Dialect(csv.excel):
        pass

    Dialect.delimiter = delimiter
    return Dialect
