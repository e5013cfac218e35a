"""Lines of the evaluation about the public tables with their real values, from counts that ``measuring`` left: the values are not here."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

DATA = Path(__file__).parents[2] / "data" / "classification"
FIGURES, LABELS = DATA / "real_tables.json", DATA / "real_tables.psv"

TEXT = """
## Real tables, real values

{columns:,} columns of {tables} tables in {repositories} public repositories (legislators, museums, newspapers' data, ministries and agencies, health, sports, finance, software and logs,
shops, cities and codes; in English, Italian, Portuguese, Spanish, German and Japanese), each with up to 50 of its values; {ignored} more are marked `ignore`. All was held out at first sight; since then one half of the repositories is read, [as told below](#what-was-read-of-the-real-tables).
The tables were taken by a rule that was written before one was seen (`tests/ml/classify/real_tables.py`: of each repository the first by the SHA-256 of their paths; tables of
people were sought by names of files, so that persons are more common than in life). The labels were written from names and values by one reader who knew the vocabulary's descriptions and
neither rules nor training data, and were committed before the classifier had run on any of these columns; what is told of the first sight is of a classifier that nothing of these columns had changed.
The values are not in this repository: labels, origins and the script that draws them from clones are, and this page shows counts that `make eval-real-tables` left.
No mistake is listed but by its class, of the last measurement for the half alone that may be read. Whoever wrote the rules may have known some of these tables: a table of irises also lies in libraries whose columns were read for false alarms. Some say the same as the vocabulary's sources (postal codes and cities are of GeoNames, as is the lexicon of the model), and a few are made up by their owners
(test patients, users of a mock shop).

The interval holds 95 % of the F1 when repositories are drawn anew 2,000 times: columns of one repository are alike."""


READ = """
### What was read of the real tables

After the first sight the repositories were divided by the parity of the SHA-256 of their names (`real_tables.half`), and the division was committed before a mistake was read.
Of the development half all mistakes were read, once before rules were changed and often meanwhile; what they have now is what tuning made of them. Of the held-out half no column, label, value, mistake
or count by class was looked at: it was measured once before the rules were changed and once after, totals alone, and no rule was changed after that. What was known of it all the same: the counts by class of both halves
together, as the table above has them, and the list of the repositories. Changed were names in several languages, forms of values, and how a name that says nothing by itself is read with its table's ("name" of "municipalities", "value" of a
patient's "labs"); the trained model, thresholds and the calibration are the same. While rules were changed, totals of the other held-out parts of this page were looked at, and one of them
was weakened by these: names of places that are told by their table alone, which cost precision on Spider's held-out part.

Later rules were widened by another set, that is in neither half nor in this repository: headers, and values where there were some, of 715 tables and table definitions
of 80 other public repositories (business software, hospitals, schools, banks, parliaments, cities, sports, logs, open data; in English, Spanish, French, Italian,
Portuguese and German), classified, unlabelled, and read for what was missed and what was a false alarm; and a list of some 900 common names of columns, written from general
knowledge. Mistakes of the development half were read again meanwhile, and totals of the other held-out parts of this page. Of the held-out half again no column, label, mistake or count by class was looked
at; it was measured once, when all that was done, and nothing was changed for it. Two kinds of tables of that half were met all the same in copies by others, as was
noticed after the measurement: counts of COVID-19 by Johns Hopkins University and by Italy's civil protection, and perhaps counts of firearm checks; of the changes one, that "Country/Region" is a
country, came of such a copy. A model trained anew was measured too, no better on the tuned parts, and left out."""


def labels_digest() -> str:
    """Of what labels the figures are."""
    return hashlib.sha256(LABELS.read_bytes()).hexdigest()[:12]


def _rates(counts: dict[str, Any]) -> tuple[float, float, float, float]:
    found, false, missed = counts["found"], counts["false"], counts["missed"]
    precision, recall = found / max(1, found + false), found / max(1, found + missed)
    f1 = 2 * precision * recall / max(1e-9, precision + recall)
    return precision, recall, f1, counts["typed"] / max(1, found + missed)


def _tiers(measured: dict[str, Any]) -> list[str]:
    lines = [
        "| Tiers | Columns | To find | Precision | Recall | F1 | F1 from, to | Typed |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, counts in measured["tiers"].items():
        precision, recall, f1, typed = _rates(counts)
        low, high = counts["f1_from_to"]
        lines.append(
            f"| {name} | {measured['columns']} | {counts['found'] + counts['missed']} | {precision:.3f} | {recall:.3f} | {f1:.3f} | {low:.3f}, {high:.3f} | {typed:.3f} |"
        )
    return lines


def _halves(first: dict[str, Any], last: dict[str, Any]) -> list[str]:
    lines = [
        "| Half | Repositories | Rules | Tiers | Columns | To find | Precision | Recall | F1 | F1 from, to | Typed |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for part in ("held-out", "development"):
        for when, measured in (("at first sight", first), ("now", last)):
            of = measured["halves"][part]
            for name, counts in of["tiers"].items():
                precision, recall, f1, typed = _rates(counts)
                low, high = counts["f1_from_to"]
                lines.append(
                    f"| {part} | {of['repositories']} | {when} | {name} | {of['columns']} | {counts['found'] + counts['missed']} | {precision:.3f} | {recall:.3f} | {f1:.3f} | {low:.3f}, {high:.3f} | {typed:.3f} |"
                )
    return lines


def _peer(measured: dict[str, Any]) -> list[str]:
    if "presidio" not in measured:
        return []
    counts = measured["presidio"]
    precision, recall, f1, _ = _rates(counts)
    return [
        "",
        f"Presidio's patterns for English on the same columns, by the commonest entity of at least 60 % of the values as in `tests/benchmarks/bench_classify.py`: precision {precision:.3f}, recall {recall:.3f},"
        f" F1 {f1:.3f}. It lacks its spaCy model, which finds names of persons and places, so that a full installation finds more"
        " (and calls more by mistake); and it reads values, never the name of a column, which most of what it misses needs.",
    ]


def _classes(measured: dict[str, Any]) -> list[str]:
    lines = [
        "",
        "Per class, all tiers: what is due, how it was given, and how often the class was given where nothing is due.",
        "",
        "| Class | To find | Typed right | Found as another | Missed | False alarms |",
        "|---|---|---|---|---|---|",
    ]
    for name, counts in measured["classes"].items():
        cells = " | ".join(str(counts.get(kind, 0)) for kind in ("due", "right", "other", "missed", "false"))
        lines.append(f"| {name} | {cells} |")
    return lines


def _confidence(measured: dict[str, Any]) -> list[str]:
    return [
        "",
        "| Confidence | Verdicts | Right | Expected calibration error | Brier score |",
        "|---|---|---|---|---|",
        *(
            f"| {name} | {of['verdicts']} | {of['right']:.3f} | {of['error']:.3f} | {of['brier']:.4f} |"
            for name, of in measured["confidence"].items()
        ),
    ]


def page() -> list[str]:
    """The section of the evaluation: the first measurement, and the last where another classifier made it."""
    if not FIGURES.exists():
        return []
    first, *later = json.loads(FIGURES.read_text("utf-8"))
    lines = [*TEXT.format(**first).splitlines(), ""]
    lines += [f"At first sight (classifier `{first['classifier']}`):", "", *_tiers(first)]
    lines += [*_peer(first), *_classes(first), *_confidence(first)]
    for last in later:
        lines += ["", f"Measured again (classifier `{last['classifier']}`):", "", *_tiers(last)]
        lines += [*READ.splitlines(), "", *_halves(first, last)]
        lines += ["", "Of the development half alone:", *_classes(last)]
    return lines
