"""``make calibrate-classifier``: fit what the embeddings' nearness and the tiers' confidence mean, and write down on what.

The embeddings are fitted on generated columns of training alone, the confidence on the verdicts of a part of the tuned columns of the evaluation. What is held out is neither fitted on nor looked at here.
"""

from __future__ import annotations

import hashlib
import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT))  # for the run as a file

from ml.classify import calibration, zero_shot  # noqa: E402 - see the line above
from ml.classify.engine import standard_engine  # noqa: E402
from ml.classify.words import written_out  # noqa: E402
from ml.embedding import OnnxEmbedder  # noqa: E402
from tests.ml.classify import evaluation, meanings, reliability  # noqa: E402
from tests.ml.classify.reliability import Pair  # noqa: E402

MODEL = ROOT / "ml" / "classify" / "model"
COUNT, SEED = 2_000, 22  # generated columns, of a seed that neither trained nor tested the trained model
STEPS, RIDGE = 60, 1e-3


def logistic(figures: np.ndarray, right: np.ndarray, before: Sequence[float], prior: float) -> np.ndarray:
    """Weights of the columns of ``figures``, the shift last, by Newton's method; ``right`` is 0 to 1.

    ``before`` is what they are taken to be without evidence, as strongly as ``prior`` says.
    """
    x = np.hstack([figures, np.ones((len(figures), 1))])
    start = np.array(before, float)
    w = start.copy()
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-np.clip(x @ w, -30, 30)))
        gradient = x.T @ (p - right) + prior * (w - start)
        curve = (x * (p * (1 - p))[:, None]).T @ x + prior * np.eye(len(w))
        w = w - np.linalg.solve(curve, gradient)
    return w


def fit_embeddings() -> dict[str, Any]:
    """Each classification that generated columns hold is taken in turn for one of one's own that has a description and no rules.

    Pairs are of it and the columns that hold it, or nothing.
    """
    from ml.classify.training_columns import NONE, examples

    made = [e for e in examples(COUNT, SEED) if written_out(e.name)]
    columns = [zero_shot.Named(e.table, e.name, e.comment) for e in made]
    allowed = [standard_engine().allowed(e.name, e.kind) for e in made]
    embedder = meanings.remembering()
    figures, right = [], []
    for label in sorted({e.label for e in made} - {NONE}):
        own = zero_shot.Meanings(meanings.described_alone(label), {meanings.OWN}, embedder)
        asked = [n for n, e in enumerate(made) if e.label in (label, NONE) and label in allowed[n]]
        near = own.nearest([columns[n] for n in asked], [{meanings.OWN}] * len(asked))
        for n, (each,) in zip(asked, near, strict=True):
            figures.append((each.nearness, each.ahead))
            right.append(made[n].label == label)
    y = np.array(right, float)
    nearness, ahead, shift = (round(float(v), 3) for v in logistic(np.array(figures), y, (0, 0, 0), RIDGE))
    fitted = {"nearness": nearness, "ahead": ahead, "shift": shift}
    return {
        "version": f"embeddings-{_digest(fitted)}",
        **fitted,
        "origin": f"{len(made)} generated columns (seed {SEED}), {len(y)} pairs of which {int(y.sum())} belong together; {OnnxEmbedder.model}",
    }


def fit_confidence(pairs: Sequence[Pair]) -> dict[str, Any]:
    """With the targets of Platt 1999, by which no number of verdicts without a mistake makes a verdict certain, and, as one more caution since the
    rules were corrected by these very columns, a prior that the tiers' own numbers are right.
    """
    held = [min(max(c, calibration.EDGE), 1 - calibration.EDGE) for c, _ in pairs]
    x = np.array([[math.log(c / (1 - c))] for c in held])
    good = sum(right for _, right in pairs)
    high, low = (good + 1) / (good + 2), 1 / (len(pairs) - good + 2)
    targets = np.array([high if right else low for _, right in pairs])
    slope, shift = (round(float(v), 3) for v in logistic(x, targets, (1, 0), 1.0))
    fitted = {"slope": slope, "shift": shift}
    return {
        "version": f"calibration-{_digest(fitted)}",
        **fitted,
        "origin": f"{len(pairs)} verdicts of sensitivity 2 or more on the tuned part of Spider, Chinook and the generated sources, {good} of them right",
    }


def _digest(fitted: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(fitted, sort_keys=True).encode()).hexdigest()[:8]


def _write(file: str, found: dict[str, Any]) -> None:
    (MODEL / file).write_text(json.dumps(found, indent=2) + "\n", "utf-8")


_FITTED_ON = ("Spider", "Chinook", "Generated")


def main() -> None:
    rows = evaluation.rows()
    # The schemas and applications were read until little was left wrong: how sure to be is not to be learnt from them.
    tuned = [row for row in rows if row["part"] == "tuned" and row["set"].startswith(_FITTED_ON)]
    _write(zero_shot.FILE, fit_embeddings())
    _write(calibration.FILE, fit_confidence(reliability.pairs(tuned, calibrated=False)))


if __name__ == "__main__":
    main()
