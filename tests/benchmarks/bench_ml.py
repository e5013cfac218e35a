"""``python tests/benchmarks/bench_ml.py``: what classification, embedding and fusion cost on this machine."""

from __future__ import annotations

import asyncio
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from ml.classify.engine import ClassificationEngine, ColumnEvidence
from ml.embedding import OnnxEmbedder, export
from ml.ranking import reciprocal_rank_fusion

RANDOM = random.Random(1)
WORDS = "river oak table green quick order amber north copper field lamp stone".split()  # noqa: SIM905 - a sentence


def _digits(count: int) -> str:
    return "".join(RANDOM.choices("0123456789", k=count))


MAKERS: dict[str, Callable[[], object]] = {
    "id": lambda: RANDOM.randrange(10**9),
    "email": lambda: f"{RANDOM.choice(WORDS)}{_digits(3)}@example.org",
    "phone": lambda: f"+49 30 {_digits(6)}",
    "card_number": lambda: "4" + _digits(15),
    "tracking_no": lambda: _digits(11),
    "reference": lambda: _digits(9),
    "first_name": lambda: RANDOM.choice(WORDS).title(),
    "address": lambda: f"{_digits(2)} {RANDOM.choice(WORDS)} Street",
    "iban": lambda: f"DE{_digits(20)}",
    "dob": lambda: f"19{_digits(2)}-0{RANDOM.randrange(1, 9)}-1{RANDOM.randrange(9)}",
    "notes": lambda: " ".join(RANDOM.choices(WORDS, k=30)),
    "amount": lambda: RANDOM.random() * 1000,
    "ip": lambda: f"10.0.{RANDOM.randrange(256)}.{RANDOM.randrange(256)}",
    "created_at": lambda: f"2024-0{RANDOM.randrange(1, 9)}-11 10:00:00",
}


def _best(call: Callable[[], object], repeats: int = 5) -> float:
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return min(times)


def classification() -> None:
    start = time.perf_counter()
    engine = ClassificationEngine()
    print(
        f"engine: ready in {1000 * (time.perf_counter() - start):.0f} ms, {len(engine.classifiers)} classifications"
    )
    columns = [
        ColumnEvidence("customer", n, "text", None, [make() for _ in range(100)])
        for n, make in MAKERS.items()
    ]
    each = {c.name: _best(lambda c=c: engine.classify([c])) for c in columns}  # type: ignore[misc]
    for name, seconds in sorted(each.items(), key=lambda item: -item[1]):
        print(f"  {name:12s} {1000 * seconds:6.2f} ms")
    print(f"  mean         {1000 * statistics.mean(each.values()):6.2f} ms a column of 100 values")
    bare = [ColumnEvidence("customer", name) for name in MAKERS]
    print(f"  names alone  {1000 * _best(lambda: engine.classify(bare)) / len(bare):6.3f} ms a column")


def embedding(cache_dir: Path) -> None:
    start = time.perf_counter()
    export(cache_dir)
    print(f"embedding: exported in {time.perf_counter() - start:.1f} s")
    embedder = OnnxEmbedder(cache_dir)
    start = time.perf_counter()
    embedder(["first"])
    print(f"  loaded in {1000 * (time.perf_counter() - start):.0f} ms")
    texts = [" ".join(RANDOM.choices(WORDS, k=RANDOM.randrange(5, 40))) for _ in range(1_000)]
    print(f"  {len(texts) / _best(lambda: embedder(texts), 2):.0f} texts/s of 5-40 words")

    async def queries() -> list[float]:
        times = []
        for text in texts[:100]:
            start = time.perf_counter()
            await embedder.embed_query(" ".join(text.split()[:6]))
            times.append(time.perf_counter() - start)
        return times

    print(f"  one query {1000 * statistics.median(asyncio.run(queries())):.1f} ms (median)")


def fusion() -> None:
    lists = {name: RANDOM.sample(range(10_000), 100) for name in ("text", "vector", "name")}
    print(f"fusion: {1e6 * _best(lambda: reciprocal_rank_fusion(lists)):.0f} µs for 3 lists of 100")


if __name__ == "__main__":
    classification()
    fusion()
    if len(sys.argv) > 1:
        embedding(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            embedding(Path(folder))
