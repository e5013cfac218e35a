"""``make train-classifier``: train the second tier, calibrate it on the tuned part of the evaluation, write its model card.

What is held out is neither trained, nor calibrated, nor looked at here.
"""

from __future__ import annotations

import math
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT))  # for the run as a file

from ml.classify import train  # noqa: E402 - see the line above
from ml.classify.decision import Question, TieredClassifier  # noqa: E402
from ml.classify.engine import ColumnEvidence, standard_engine  # noqa: E402
from ml.classify.remembered import (  # noqa: E402
    EVALUATION,
    Remembered,
    notes,
    recalled,
    write_labelled,
)
from ml.classify.trained import TrainedModel, card, shipped  # noqa: E402
from ml.classify.training_columns import NONE, examples  # noqa: E402
from tests.ml.classify import evaluation  # noqa: E402

CARD = ROOT / "docs" / "classification-model.md"
TEMPERATURES = [1 + step / 8 for step in range(33)]
BINS = 5
LICENCE = "names of columns of Spider (Yu et al., 2018) are under CC BY-SA 4.0, all else under Apache-2.0"
HEAD = """# Model card: the second tier of the classification

Written by `make train-classifier`; do not edit. Model {version}.

- **What it is**: a linear classifier (spaCy's `TextCatBOW`, 2¹⁵ hashed rows) over the words that `ml.classify.features` makes of a
  column: words and parts of its name, words of its table and comment, what rules found in its neighbours, its data type, shapes
  and figures of its values. No value is a feature. The words of names and places are looked up in a lexicon that ships with it.
- **What it is for**: columns that the rules leave open. It knows {classes} of the built-in classifications and "nothing personal";
  custom classifications are the rules' alone, unless it is [retrained](reference/models.md) by what people decided. Its guesses become verdicts
  from a calibrated probability of one half.
- **Trained on** {count} generated columns (`ml.classify.training_columns`, seed {seed}): names from `ml/classify/corpus.yaml` and the classifiers' own
  strong names, in seven languages and a dozen styles of writing; values by Faker (MIT), partly misspelt. The lexicon is of Faker
  and of GeoNames (CC BY 4.0). Neither Spider nor Chinook nor a generated source of the evaluation is in it.
- **Calibrated on** the open columns of the tuned part of Spider, Chinook and the generated sources, by one temperature ({temperature}). Which columns are tuned and which are held
  out is told in [the evaluation](classification-evaluation.md), with what the tier adds to the rules on both.
- **Seen by its author**: the names of the generated held-out sources lie in the file that makes them, which the author of the corpus had read;
  they are no test of unknown names. Public tables of the repository plotly/datasets (not shipped here) were read for false alarms, and the corpus was changed by them.
- **Beside it** ship 6,000 of the generated columns and the open columns of the evaluation, as words without values: a retraining is reminded of the ones and tried on the others.
  Names of columns of Spider among these are under CC BY-SA 4.0.
- **Reproducible**: seeds are fixed and the packages named; on one kind of processor the same scores come out again.
"""


def open_columns(rows: Sequence[dict[str, Any]]) -> list[tuple[str, Question]]:
    """Due label, or ``NONE``, and what the model is asked, for each column that the rules leave open."""
    labels = TrainedModel().labels
    return [(due if due in labels else NONE, question) for due, question, _ in _open(rows)]


def _open(rows: Sequence[dict[str, Any]]) -> Iterator[tuple[str, Question, Remembered]]:
    engine = standard_engine()
    tiers = TieredClassifier(engine)
    for _, group in groupby(rows, lambda row: (row["set"], row["source"], row["table"])):
        table = list(group)
        columns = [
            ColumnEvidence(r["table"], r["column"], r["type"], None, r.get("values", ())) for r in table
        ]
        examined = engine.examine(columns)
        kept = notes(examined, [each.verdicts for each in examined])
        for question in tiers.questions(columns, examined):
            row, column = table[question.number], columns[question.number]
            if not row.get("ignore"):
                told = recalled(column.table, column.name, None, column.data_type, kept[question.number])
                yield row["label"] or NONE, question, told


def temperature(model: TrainedModel, asked: Sequence[tuple[str, Question]]) -> float:
    """The one that makes the due answers likeliest."""
    shares = model.shares([question.words for _, question in asked])

    def cost(t: float) -> float:
        total = 0.0
        for (due, _), cats in zip(asked, shares, strict=True):
            powered = {label: max(share, 1e-12) ** (1 / t) for label, share in cats.items()}
            total -= math.log(max(powered.get(due, 0.0) / sum(powered.values()), 1e-9))
        return total

    return min(TEMPERATURES, key=cost)


def reliability(guessed: Sequence[tuple[float, bool]]) -> tuple[list[str], float]:
    """Lines of a table by bins of the probability, and the expected calibration error."""
    bins: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for probability, right in guessed:
        bins[min(int(probability * BINS), BINS - 1)].append((probability, right))
    lines = ["| Probability of the guess | Columns | Mean | Right |", "|---|---|---|---|"]
    error = 0.0
    for number, held in sorted(bins.items()):
        mean, share = (sum(p for p, _ in held) / len(held), sum(r for _, r in held) / len(held))
        error += abs(mean - share) * len(held) / len(guessed)
        lines.append(
            f"| {number / BINS:.1f} to {(number + 1) / BINS:.1f} | {len(held)} | {mean:.2f} | {share:.2f} |"
        )
    return lines, error


def text() -> str:
    """The model card of the model that is shipped."""
    model = TrainedModel()
    made = [
        (e.label, train.remembered(e).words)
        for e in examples(train.DEVELOPMENT_COUNT, train.DEVELOPMENT_SEED)
    ]
    given: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for (due, _), guess in zip(made, model([words for _, words in made]), strict=True):
        first = guess.label if guess.probability >= guess.nothing else NONE
        given[due][0] += first == due
        given[due][1] += first != due
        given[first][2] += first != due
    asked = open_columns([row for row in evaluation.rows() if row["part"] == "tuned"])
    guesses = model([q.words for _, q in asked], [q.allowed for _, q in asked])
    lines, error = reliability(
        [(g.probability, g.label == due) for (due, _), g in zip(asked, guesses, strict=True)]
    )
    return "\n".join([
        HEAD.format(version=model.version, classes=len(model.labels), count=f"{train.COUNT:,}", seed=train.SEED, temperature=card()["temperature"]),
        "## Calibration on the open columns of the tuned part", "", *lines, "", f"Expected calibration error: {error:.3f} over {len(asked)} columns.", "",
        f"## Per class, {train.DEVELOPMENT_COUNT:,} generated columns of another seed", "",
        "Same phrases, other writings and values: a test of the fit, not of what strangers call their columns. Many hold an unspeaking name, or no value.", "",
        "| Class | Columns | Precision | Recall |", "|---|---|---|---|",
        *(f"| {label} | {hit + missed} | {hit / max(1, hit + false):.2f} | {hit / max(1, hit + missed):.2f} |" for label, (hit, missed, false) in sorted(given.items())), "",
    ])  # fmt: skip


def calibrate() -> None:
    """Write the temperature into the model's file."""
    asked = open_columns([row for row in evaluation.rows() if row["part"] == "tuned"])
    train.write_model(replace(shipped(), temperature=temperature(TrainedModel(), asked)), train.MODEL)
    card.cache_clear()


def write_evaluation() -> None:
    """What a retrained model is tried on beside the verdicts of people."""
    columns = [(due, column) for due, _, column in _open(list(evaluation.rows()))]
    write_labelled(train.MODEL / EVALUATION, columns, LICENCE)


def main() -> None:
    """Train, calibrate, write the card; ``--card`` leaves the model as it is, ``--evaluation`` only writes what retrained models are tried on."""
    if "--evaluation" in sys.argv:
        write_evaluation()
        return
    if "--card" not in sys.argv:
        train.main()
        write_evaluation()
    calibrate()
    CARD.write_text(text(), "utf-8")


if __name__ == "__main__":
    main()
