"""Suggestions as CSV for a spreadsheet, and decisions back from it.

A cell that a spreadsheet would take for a formula gets an apostrophe in front (OWASP, "CSV injection"), which reading takes off again.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cypher.review.reads import score
from cypher.session import GraphSession
from ingest.commands.review import decide_all
from schema.domain.classifications import VerdictStatus
from schema.domain.identity import Principal
from schema.domain.review import MOST_DECISIONS, MOST_REASON, Decided, Decision, DecisionOutcome
from schema.errors import InvalidInput

COLUMNS = (
    "urn",
    "classification",
    "status",
    "confidence",
    "score",
    "origin",
    "reason",
    "verdict",
    "comment",
)
# What spreadsheets put between cells, where a comma is the decimal sign or not.
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t"}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NEEDED = ("urn", "classification", "verdict")
_WORDS = {
    "CONFIRMED": VerdictStatus.CONFIRMED,
    "CONFIRM": VerdictStatus.CONFIRMED,
    "REJECTED": VerdictStatus.REJECTED,
    "REJECT": VerdictStatus.REJECTED,
}


@dataclass(frozen=True, slots=True)
class ImportedRow:
    """A row of the file by the line on which it begins, from 1, and what becomes of it."""

    line: int
    decided: Decided


@dataclass(frozen=True, slots=True)
class Imported:
    """All rows that say a verdict, and how many leave it open."""

    rows: tuple[ImportedRow, ...]
    open: int

    @property
    def counts(self) -> Counter[DecisionOutcome]:
        return Counter(row.decided.outcome for row in self.rows)


def verdicts_csv(
    rows: Iterable[Mapping[str, Any]], *, header: bool = True, delimiter: str = DELIMITERS["comma"]
) -> str:
    """Rows of the queue as CSV with a header; the columns ``verdict`` and ``comment`` are empty, for people."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    if header:
        writer.writerow(COLUMNS)
    for row in rows:
        verdict = row["verdict"]
        cells = (
            row["urn"],
            row["classification"]["name"],
            verdict["status"],
            verdict["confidence"],
            score(row),
            verdict["origin"],
            verdict["reason"],
            "",
            "",
        )
        writer.writerow([_safe(cell) for cell in cells])
    return text.getvalue()


def _safe(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _plain(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


async def import_verdicts(
    graph: GraphSession,
    actor: Principal,
    text: str,
    *,
    dry_run: bool,
    overrule: bool = False,
    reason: str = "",
) -> Imported:
    """What becomes of each row, written in one transaction unless ``dry_run``; a row without a verdict is left open.

    Raises ``InvalidInput`` where the text is no CSV with the columns urn, classification and verdict.
    """
    lines, invalid, left_open = _parsed(text)
    decided = await decide_all(
        graph,
        actor,
        [decision for _, decision in lines],
        dry_run=dry_run,
        overrule=overrule,
        reason=reason,
        path=("csv",),
        action="classification.import_verdicts",
    )
    rows = [ImportedRow(line, each) for (line, _), each in zip(lines, decided, strict=True)]
    return Imported(tuple(sorted([*rows, *invalid], key=lambda row: row.line)), left_open)


def _parsed(text: str) -> tuple[list[tuple[int, Decision]], list[ImportedRow], int]:
    reader = csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=_delimiter(text), strict=True)
    decisions: list[tuple[int, Decision]] = []
    invalid: list[ImportedRow] = []
    left_open = 0
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        if missing := [name for name in _NEEDED if name not in header]:
            raise _wrong_header(header, missing)
        begin = reader.line_num + 1
        for cells in reader:
            line, begin = begin, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue  # what a spreadsheet leaves below the last row
            row = {name: _plain(cell.strip()) for name, cell in zip(header, cells, strict=False)}
            word = row.get("verdict", "").upper()
            if not word:
                left_open += 1
                continue
            status = _WORDS.get(word)
            decision = Decision(
                row.get("urn", ""),
                row.get("classification", ""),
                status or VerdictStatus.SUGGESTED,
                row.get("comment", ""),
            )
            told = "" if status else "The verdict is neither CONFIRMED nor REJECTED."
            if len(decision.reason) > MOST_REASON:
                told = f"The comment is longer than {MOST_REASON:,} characters."
                decision = replace(decision, reason="")
            if told:
                invalid.append(ImportedRow(line, Decided(decision, DecisionOutcome.INVALID, message=told)))
            else:
                decisions.append((line, decision))
            if len(decisions) > MOST_DECISIONS:
                raise InvalidInput(
                    f"The file has more than {MOST_DECISIONS:,} verdicts.",
                    path=("csv",),
                    remedy="Split it.",
                )
    except csv.Error as error:
        raise InvalidInput(
            f"Line {reader.line_num} cannot be read as CSV.",
            path=("csv",),
            remedy="Save it as CSV in UTF-8.",
        ) from error
    return decisions, invalid, left_open


def _wrong_header(header: Sequence[str], missing: Sequence[str]) -> InvalidInput:
    said, remedy = (
        f"The header lacks {', '.join(missing)}.",
        f"Begin with the line {','.join(COLUMNS)} as the export does.",
    )
    if len(header) == 1 and not set(_NEEDED) - set(header[0].split(",")):
        said = "Each row is one cell: the file was opened by a spreadsheet that expects other delimiters."
        remedy = (
            "Export it with `--delimiter semicolon`, or import it into the spreadsheet as divided by commas."
        )
    return InvalidInput(said, path=("csv",), remedy=remedy)


def _delimiter(text: str) -> str:
    """A comma, or what the spreadsheet of another country puts in its place."""
    header = text.partition("\n")[0]
    return max(DELIMITERS.values(), key=header.count)


def told(rows: Sequence[ImportedRow]) -> list[dict[str, Any]]:
    """As lines of a table or JSON."""
    return [
        {
            "line": row.line,
            "urn": row.decided.decision.urn,
            "classification": row.decided.decision.classification,
            "outcome": row.decided.outcome.value,
            "before": None if row.decided.before is None else row.decided.before.value,
            "message": row.decided.message,
        }
        for row in rows
    ]
