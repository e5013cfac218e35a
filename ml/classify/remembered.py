"""What is kept of a column so that a model can learn from what people say of it: its names, and words about its values."""

from __future__ import annotations

import json
import lzma
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from pathlib import Path

from ml.classify.engine import Examined
from ml.classify.features import described, figures, told
from ml.classify.values import data_kind
from schema.domain.classifications import Verdict

TRAINING, EVALUATION = "training.xz", "evaluation.xz"
_LONGEST = 2_000  # characters of all words about one column
_OTHERS = re.compile(r"[^ -~]")


@dataclass(frozen=True)
class Remembered:
    """A column by its names and the words that ``features.told`` makes; no value."""

    table: str
    name: str
    comment: str | None
    others: tuple[str, ...]

    @cached_property
    def words(self) -> list[str]:
        """What a model is told of it."""
        return described(self.table, self.name, self.comment, self.others)

    @property
    def kind(self) -> str:
        return next((word[2:] for word in self.others if word.startswith("k=")), "other")


def notes(columns: Sequence[Examined], judged: Sequence[Sequence[Verdict]]) -> list[str]:
    """For each column of one table the words about its values, its type and what rules found in its neighbours, as one text.

    Letters and digits of values are in none of them, other characters in no more than shapes; about 400 bytes a column.
    """
    labels = [next((v.classification for v in verdicts if v.tier == 1), None) for verdicts in judged]
    found = []
    for number, column in enumerate(columns):
        around = {label for other, label in enumerate(labels) if label and other != number}
        found.append(_OTHERS.sub("~", " ".join(told(column.kind, column.figures, around)))[:_LONGEST])
    return found


def recalled(table: str, name: str, comment: str | None, data_type: str, note: str | None) -> Remembered:
    """The column that ``note`` was kept of; one that no scan kept anything of has its type."""
    others = note.split(" ") if note else told(data_kind(data_type, ()), figures((), 0))
    return Remembered(table, name, comment, tuple(others))


def write_labelled(path: Path, columns: Iterable[tuple[str, Remembered]], licence: str) -> None:
    """Labelled columns as packed lines of JSON behind a line that names their licence; the same bytes at each run."""
    lines = [json.dumps({"licence": licence})]
    lines += [
        json.dumps([label, c.table, c.name, c.comment, " ".join(c.others)], ensure_ascii=False)
        for label, c in columns
    ]
    path.write_bytes(lzma.compress("\n".join(lines).encode(), preset=9))


def labelled(name: str) -> Iterator[tuple[str, Remembered]]:
    """The labelled columns of ``TRAINING`` or ``EVALUATION``, as shipped."""
    data = (resources.files("ml.classify") / "model" / name).read_bytes()
    for line in lzma.decompress(data).decode().split("\n")[1:]:
        label, table, column, comment, others = json.loads(line)
        yield label, Remembered(table, column, comment, tuple(others.split(" ")))
