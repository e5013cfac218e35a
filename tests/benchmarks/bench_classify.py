"""``python tests/benchmarks/bench_classify.py``: what the tiers cost, beside Presidio's patterns on the same columns where it is installed.

Presidio (``uv pip install --target DIR --no-deps presidio-analyzer tldextract requests requests-file``, then ``--peers DIR``) runs its pattern recognisers for English; its recognition of
names needs a spaCy model that is not used here, so its findings are not those of a full installation. It is put on the path last: spaCy would load it.
"""

from __future__ import annotations

import resource
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))  # for the run as a file

from ml.classify.composition import composed, standard_vocabulary  # noqa: E402 - see the line above
from ml.classify.decision import ALL  # noqa: E402
from ml.classify.engine import ColumnEvidence  # noqa: E402
from ml.classify.spec import read_spec  # noqa: E402
from ml.embedding import OnnxEmbedder, export  # noqa: E402
from schema.settings import Settings  # noqa: E402
from tests.ml.classify import evaluation  # noqa: E402

# One classification without rules, so that the embeddings are asked about every column that is left open.
DESCRIBED = """
name: DIET
title: Dietary requirement
description: What a guest may not or does not want to eat.
category: HOSPITALITY
sensitivity: 3
"""
MOST_MS, LEAST_PER_S, MOST_MIB = 2.0, 300, 1536


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _tables(rows: Sequence[dict[str, Any]]) -> list[list[ColumnEvidence]]:
    grouped = groupby(rows, lambda row: (row["set"], row["source"], row["table"]))
    return [
        [ColumnEvidence(r["table"], r["column"], r["type"], None, r.get("values", ())) for r in group]
        for _, group in grouped
    ]


def _took(call: Callable[[], object], repeats: int = 3) -> float:
    times = []
    for _ in range(repeats):
        begun = time.perf_counter()
        call()
        times.append(time.perf_counter() - begun)
    return min(times)


def main() -> None:
    """Print figures; exit with 1 where one is missed."""
    rows = evaluation.rows()
    valued = [row for row in rows if len(row.get("values", ())) >= 100]
    cache = Settings().cache_dir
    export(cache)
    rules = standard_vocabulary().tiered("rules")
    tiers = composed((), [read_spec(DESCRIBED)]).tiered(ALL, OnnxEmbedder(cache))
    rules.classify(_tables(valued)[0])
    each = [_took(lambda c=c: rules.classify([c])) for table in _tables(valued) for c in table]  # type: ignore[misc]
    mean_ms = 1000 * statistics.mean(each)
    print(f"rules: {mean_ms:.2f} ms a column of 100 values, {len(each)} columns (at most {MOST_MS})")
    before = _peak_mib()
    first = _took(lambda: tiers.classify([ColumnEvidence("t", "x", "text", None, ["a"])]), 1)
    print(
        f"models: {first:.1f} s to import spaCy, to load both and to read the meanings, {_peak_mib() - before:.0f} MiB"
    )
    tables = _tables(rows)
    # Once each: a second pass would find the vectors of all names.
    hundred = _took(lambda: [tiers.classify(table) for table in _tables(valued)], 1)
    seconds = _took(lambda: [tiers.classify(table) for table in tables], 1)
    speed = len(rows) / seconds
    print(
        f"all tiers: {speed:.0f} columns/s over {len(rows)} columns (at least {LEAST_PER_S}); {len(valued) / hundred:.0f} columns/s where each has 100 values"
    )
    print(f"memory: {_peak_mib():.0f} MiB at most (at most {MOST_MIB})")
    _print_presidio(valued)
    missed = [
        name
        for name, bad in (
            ("ms", mean_ms > MOST_MS),
            ("columns/s", len(valued) / hundred < LEAST_PER_S),
            ("memory", _peak_mib() > MOST_MIB),
        )
        if bad
    ]
    print("missed: " + ", ".join(missed) if missed else "all targets met")
    sys.exit(bool(missed))


def presidio(rows: Sequence[dict[str, Any]]) -> tuple[evaluation.Figures, float] | None:
    """Detections by Presidio's patterns, a column by the commonest entity of at least 60 % of its values, and the milliseconds a column; None where it is not installed."""
    if "--peers" in sys.argv:
        sys.path.append(sys.argv[sys.argv.index("--peers") + 1])
    try:
        from presidio_analyzer import RecognizerRegistry
    except ImportError:
        return None
    registry = RecognizerRegistry()
    registry.load_predefined_recognizers(languages=["en"])
    patterns = [
        r for r in registry.recognizers if hasattr(r, "patterns") or type(r).__name__ == "PhoneRecognizer"
    ]
    level = {spec.name: spec.sensitivity for spec in evaluation.built_in()}
    figures = evaluation.Figures()
    begun = time.perf_counter()
    for row in rows:
        texts = [str(v).strip() for v in row["values"] if v]
        found: dict[str, int] = {}
        for text in texts:
            for entity in {
                hit.entity_type
                for recognizer in patterns
                for hit in recognizer.analyze(text, recognizer.supported_entities, None) or ()
                if hit.score >= 0.4
            }:
                found[entity] = found.get(entity, 0) + 1
        given = any(
            count >= 0.6 * len(texts) for entity, count in found.items() if entity not in ("DATE_TIME", "URL")
        )
        due = bool(row["label"]) and level[row["label"]] >= evaluation.DETECTED
        figures.found += given and due
        figures.false += given and not due
        figures.missed += due and not given
    return figures, 1000 * (time.perf_counter() - begun) / len(rows)


def _print_presidio(rows: Sequence[dict[str, Any]]) -> None:
    measured = presidio(rows)
    if measured is None:
        print("Presidio: not installed, not compared")
        return
    figures, took_ms = measured
    print(
        f"Presidio's patterns: {took_ms:.1f} ms a column, precision {figures.precision:.2f}, recall {figures.recall:.2f} on {len(rows)} generated columns"
    )


if __name__ == "__main__":
    main()
