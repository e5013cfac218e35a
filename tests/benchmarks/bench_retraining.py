"""How long a retraining takes, and how much memory, by 1,000 and 10,000 verdicts.

``python -m pytest tests/benchmarks/bench_retraining.py -s``; ``PURSIGHT_BENCH_VERDICTS`` changes the sizes.
"""

from __future__ import annotations

import os
import time

import pytest

from ingest.isolation import Isolated, Lost
from ml.classify.retraining import Order, prepare, retrain
from schema.domain.models import Trained, divided, gate
from tests.house import decided

SIZES = [int(each) for each in os.environ.get("PURSIGHT_BENCH_VERDICTS", "1000,10000").split(",")]


@pytest.mark.parametrize("size", SIZES)
def test_time_and_memory_of_a_retraining(size: int) -> None:
    division = divided(decided(size))
    assert division is not None
    child: Isolated[Order, Trained] = Isolated(retrain, prepare, timeout_s=3_600)
    begun = time.monotonic()
    try:
        trained = child.ask(Order(division))
    finally:
        child.stop()
    assert not isinstance(trained, Lost), trained.code
    passed = gate(trained.held_out, trained.candidate, trained.shipped)
    print(
        f"\n{size:,} verdicts, {len(division.learnt):,} learnt: {time.monotonic() - begun:.1f} s with the start of its process, "
        f"{trained.memory_mb:,} MiB, artefact {len(trained.data):,} bytes; {passed.reasons}"
    )
    assert passed.passed
