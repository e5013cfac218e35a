"""``make eval-real-tables CLONES=DIR``: measure the classification on the public tables of ``real_tables``, whose values are not in this repository.

Writes counts to ``tests/data/classification/real_tables.json``, of which ``make eval-classify`` writes the page: the first
measurement stays, the last is replaced. Nothing is printed or kept of a single column, and of the half that stays held out no count by class.
"""

from __future__ import annotations

import json
import random
import sys
from collections import Counter, defaultdict
from dataclasses import asdict
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT))  # for the run as a file

from ml.classify.composition import standard_vocabulary  # noqa: E402 - see the line above
from ml.classify.decision import ALL  # noqa: E402 - see the line above
from tests.benchmarks import bench_classify  # noqa: E402
from tests.ml.classify import evaluation, first_sight, real_tables, reliability  # noqa: E402
from tests.ml.classify.evaluation import Figures  # noqa: E402

DRAWS = 2000


def _added(parts: list[Figures]) -> Figures:
    return Figures(*(sum(values) for values in zip(*(asdict(part).values() for part in parts), strict=True)))


def _interval(of_source: dict[str, Figures]) -> tuple[float, float]:
    """In which 95 % of the F1 lie when repositories are drawn anew: the columns of one are no independent witnesses."""
    chance, each = random.Random(0), list(of_source.values())
    drawn = sorted(_added(chance.choices(each, k=len(each))).f1 for _ in range(DRAWS))
    return drawn[int(0.025 * DRAWS)], drawn[int(0.975 * DRAWS)]


def _figures(rows: list[dict[str, Any]], tiers: str, *, alone: bool = False) -> dict[str, Any]:
    of_source: dict[str, Figures] = defaultdict(Figures)
    for row, due, first, alike, _ in evaluation.outcomes(rows, tiers, alone=alone):  # type: ignore[arg-type]
        figures = of_source[row["source"]]
        figures.found += bool(due and first)
        figures.false += bool(first and not due)
        figures.missed += bool(due and not first)
        figures.typed += alike
    return {**asdict(_added(list(of_source.values()))), "f1_from_to": _interval(of_source)}


def _classes(rows: list[dict[str, Any]]) -> dict[str, dict[str, int]]:
    """By class: how many are due, were typed right, found as something else, missed, and given where nothing is due."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for _, due, first, alike, _ in evaluation.outcomes(rows):
        if due:
            counts[due]["due"] += 1
            counts[due]["right" if alike else "other" if first else "missed"] += 1
        elif first:
            counts[first]["false"] += 1
    return {name: dict(counts[name]) for name in sorted(counts)}


def halves(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Totals of the half whose mistakes may be read, and of the other."""
    found = {}
    for part in ("development", "held-out"):
        of_half = [row for row in rows if row["part"] == part]
        found[part] = {
            "repositories": len({row["source"] for row in of_half}),
            "columns": sum(not row["ignore"] for row in of_half),
            "tiers": {
                "rules": _figures(of_half, "rules"),
                "all": _figures(of_half, "rules+trained"),
                "all, without neighbours": _figures(of_half, "rules+trained", alone=True),
            },
        }
    return found


def _confidence(rows: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    found = {}
    for name, calibrated in (("as the tiers make it", False), ("calibrated", True)):
        pairs = reliability.pairs(rows, calibrated=calibrated)
        right = sum(held for _, held in pairs) / max(1, len(pairs))
        found[name] = {
            "verdicts": len(pairs),
            "right": right,
            "error": reliability.expected_error(pairs),
            "brier": reliability.brier(pairs),
        }
    return found


def measurement() -> dict[str, Any]:
    rows = real_tables.columns()
    counted = [row for row in rows if not row["ignore"]]
    nameless = [{**row, "values": ()} for row in rows]
    measured = {
        "labels": first_sight.labels_digest(),
        "classifier": standard_vocabulary().tiered(ALL).version,
        "repositories": len({row["source"] for row in rows}),
        "tables": len({(row["source"], row["path"]) for row in rows}),
        "columns": len(counted),
        "ignored": len(rows) - len(counted),
        "tiers": {
            "rules": _figures(rows, "rules"),
            "all": _figures(rows, "rules+trained"),
            "all, without neighbours": _figures(rows, "rules+trained", alone=True),
            "rules, names and types alone": _figures(nameless, "rules"),
            "all, names and types alone": _figures(nameless, "rules+trained"),
        },
        "halves": halves(rows),
        "classes": _classes([row for row in rows if row["part"] == "development"]),
        "confidence": _confidence(rows),
    }
    peer = bench_classify.presidio(counted)
    if peer is not None:
        measured["presidio"] = asdict(peer[0])
    return measured


def main() -> None:
    """Build where clones are given, measure, write the counts."""
    if len(sys.argv) > 1 and not sys.argv[1].startswith("-"):
        real_tables.build(Path(sys.argv[1]))
    kept = json.loads(first_sight.FIGURES.read_text("utf-8")) if first_sight.FIGURES.exists() else []
    kept = [*kept[:1], measurement()]
    first_sight.FIGURES.write_text(json.dumps(kept, indent=1) + "\n", "utf-8")
    print("\n".join(first_sight.page()))


if __name__ == "__main__":
    main()
