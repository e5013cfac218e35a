"""``python tests/benchmarks/bench_search_quality.py``: nDCG@10 of finding the tables that answer a question.

Spider: every table of 166 schemas is an asset; a question should find the tables of its SQL, among all databases.
``asset_text`` was tuned on one half of the databases with questions; the other half is what counts.
"""

from __future__ import annotations

import json
import math
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import sqlglot
from sqlglot import exp

from ml.embedding import OnnxEmbedder, export
from ml.ranking import reciprocal_rank_fusion
from ml.text import asset_text, name_tokens

DATA = Path(__file__).parents[1] / "data" / "spider"
DEPTH = 100
WEIGHTS = {"vector": 1.5}  # flat between 1 and 3, as is k between 5 and 60


@dataclass(frozen=True)
class Table:
    database: str
    name: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Question:
    database: str
    text: str
    tables: frozenset[int]


def load() -> tuple[list[Table], list[Question]]:
    """All tables, and the questions with the positions of the tables that answer them."""
    tables = [
        Table(
            schema["db_id"],
            name,
            tuple(column for owner, column in schema["column_names_original"] if owner == position),
        )
        for schema in json.loads((DATA / "tables.json").read_text("utf-8"))
        for position, name in enumerate(schema["table_names_original"])
    ]
    position = {(table.database, table.name.lower()): i for i, table in enumerate(tables)}
    questions = []
    for line in (DATA / "questions.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        named = sqlglot.parse_one(row["query"], read="sqlite").find_all(exp.Table)
        used = frozenset(position[row["db_id"], table.name.lower()] for table in named)
        questions.append(Question(row["db_id"], row["question"], used))
    return tables, questions


def tuning_databases(questions: Sequence[Question]) -> set[str]:
    """Every second database by name."""
    return set(sorted({question.database for question in questions})[::2])


def ndcg(found: Sequence[int], relevant: frozenset[int], depth: int = 10) -> float:
    gain = sum(1 / math.log2(rank + 2) for rank, key in enumerate(found[:depth]) if key in relevant)
    return gain / sum(1 / math.log2(rank + 2) for rank in range(min(depth, len(relevant))))


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") else word


class BM25:
    """Okapi BM25 over the words of names; what a full-text index does without tuning."""

    def __init__(self, texts: Sequence[str], k1: float = 1.2, b: float = 0.75) -> None:
        words = [Counter(map(_stem, name_tokens(text))) for text in texts]
        lengths = [sum(counter.values()) for counter in words]
        mean = sum(lengths) / len(lengths)
        holders = Counter(word for counter in words for word in counter)
        self.postings: dict[str, list[tuple[int, float]]] = {}
        for i, counter in enumerate(words):
            for word, count in counter.items():
                idf = math.log(1 + (len(texts) - holders[word] + 0.5) / (holders[word] + 0.5))
                score = idf * count * (k1 + 1) / (count + k1 * (1 - b + b * lengths[i] / mean))
                self.postings.setdefault(word, []).append((i, score))

    def __call__(self, query: str) -> list[int]:
        scores: Counter[int] = Counter()
        for word in set(map(_stem, name_tokens(query))):
            for i, score in self.postings.get(word, ()):
                scores[i] += score
        return sorted(scores, key=lambda i: (-scores[i], i))[:DEPTH]


def by_meaning(embedder: OnnxEmbedder, texts: Sequence[str], queries: Sequence[str]) -> list[list[int]]:
    likeness = np.array(embedder(queries)) @ np.array(embedder(texts)).T
    return [[int(i) for i in row] for row in np.argsort(-likeness, axis=1, kind="stable")[:, :DEPTH]]


def rankings(
    embedder: OnnxEmbedder,
    tables: Sequence[Table],
    questions: Sequence[Question],
    text: Callable[[Table], str],
    weights: Mapping[str, float],
) -> dict[str, list[list[int]]]:
    """For each method, the tables found for each question."""
    lexical = BM25([f"{t.database} {t.name} {t.name} {' '.join(t.columns)}" for t in tables])
    words = [lexical(question.text) for question in questions]
    vectors = by_meaning(embedder, [text(t) for t in tables], [question.text for question in questions])
    fused = [
        [key for key, _, _ in reciprocal_rank_fusion({"text": w, "vector": v}, weights)]
        for w, v in zip(words, vectors, strict=True)
    ]
    return {"BM25": words, "embeddings": vectors, "fusion": fused}


def described(table: Table) -> str:
    """The product's own text of a table."""
    return asset_text("TABLE", table.name, (table.database,), None, table.columns)


def report(found: Mapping[str, Sequence[Sequence[int]]], questions: Sequence[Question]) -> None:
    tuned = tuning_databases(questions)
    print(f"{'nDCG@10':12s} {'tuned on':>9s} {'held out':>9s} {'all':>9s}")
    for method, lists in found.items():
        halves: dict[bool, list[float]] = {True: [], False: []}
        for question, keys in zip(questions, lists, strict=True):
            halves[question.database in tuned].append(ndcg(keys, question.tables))
        figures = [halves[True], halves[False], halves[True] + halves[False]]
        print(f"{method:12s}", *(f"{sum(f) / len(f):9.3f}" for f in figures))


def main(cache_dir: Path) -> None:
    export(cache_dir)
    tables, questions = load()
    print(f"{len(tables)} tables, {len(questions)} questions")
    report(rankings(OnnxEmbedder(cache_dir), tables, questions, described, WEIGHTS), questions)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            main(Path(folder))
