"""``make calibrate-classifier``: fit what the embeddings' nearness and the tiers' confidence mean, and write down on what.

The embeddings are fitted on generated columns of training alone, with as many positives as the tuned part of the evaluation leaves open; the
confidence on the verdicts of the tuned part. What is held out is neither fitted on nor looked at here.
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
from ml.classify.names import written_out  # noqa: E402
from ml.classify.spec import ancestors, built_in  # noqa: E402
from ml.embedding import OnnxEmbedder  # noqa: E402
from schema.settings import Settings  # noqa: E402
from tests.ml.classify import evaluation, reliability  # noqa: E402

MODEL = ROOT / "ml" / "classify" / "model"
COUNT, SEED = 6_000, 22  # generated columns, of a seed that neither trained nor tested the trained model
STEPS, RIDGE = 60, 1e-3


def logistic(figures: np.ndarray, right: np.ndarray, weight: np.ndarray | None = None) -> np.ndarray:
    """Weights of the columns of ``figures``, the shift last, by Newton's method; ``right`` is 0 to 1."""
    x = np.hstack([figures, np.ones((len(figures), 1))])
    w = np.zeros(x.shape[1])
    each = np.ones(len(x)) if weight is None else weight
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-np.clip(x @ w, -30, 30)))
        gradient = x.T @ (each * (p - right)) + RIDGE * w
        curve = (x * (each * p * (1 - p) + 1e-9)[:, None]).T @ x + RIDGE * np.eye(len(w))
        w -= np.linalg.solve(curve, gradient)
    return w


def akin(label: str | None, given: str, above: dict[str, tuple[str, ...]]) -> bool:
    return label is not None and (label == given or label in above[given] or given in above[label])


def fit_embeddings(share: float) -> dict[str, Any]:
    """``share`` is how many of the columns that are asked about hold something."""
    from ml.classify.training_columns import NONE, examples

    engine, above = standard_engine(), ancestors(built_in())
    meanings = zero_shot.Meanings(engine.specs, (), OnnxEmbedder(Settings().cache_dir))
    made = [e for e in examples(COUNT, SEED) if written_out(e.name)]
    texts = [zero_shot.column_text(e.table, e.name, e.comment) for e in made]
    may = [engine.allowed(e.name, e.kind) for e in made]
    figures, right = [], []
    for example, near in zip(made, meanings.nearest(texts, may), strict=True):
        for each in near:
            figures.append((each.nearness, each.ahead))
            right.append(akin(None if example.label == NONE else example.label, each.classification, above))
    y = np.array(right, float)
    had = float(y.mean())
    weight = np.where(y > 0, share / had, (1 - share) / (1 - had))
    nearness, ahead, shift = (round(float(v), 3) for v in logistic(np.array(figures), y, weight))
    fitted = {"nearness": nearness, "ahead": ahead, "shift": shift}
    return {
        "version": f"embeddings-{_digest(fitted)}",
        **fitted,
        "origin": f"{len(y)} generated columns (seed {SEED}), weighed as if {share:.1%} of them held something; {OnnxEmbedder.model}",
    }


def fit_confidence(pairs: Sequence[tuple[float, bool]]) -> dict[str, Any]:
    """By the log-odds of what the tiers make, with the targets of Platt 1999, which keep a few verdicts without a mistake from being certain."""
    held = [min(max(c, calibration.EDGE), 1 - calibration.EDGE) for c, _ in pairs]
    x = np.array([[math.log(c / (1 - c))] for c in held])
    good = sum(right for _, right in pairs)
    high, low = (good + 1) / (good + 2), 1 / (len(pairs) - good + 2)
    slope, shift = (round(float(v), 3) for v in logistic(x, np.array([high if r else low for _, r in pairs])))
    fitted = {"slope": slope, "shift": shift}
    return {
        "version": f"calibration-{_digest(fitted)}",
        **fitted,
        "origin": f"{len(pairs)} verdicts of sensitivity 2 or more on the tuned part of the evaluation, of which {good} are right",
    }


def _digest(fitted: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(fitted, sort_keys=True).encode()).hexdigest()[:8]


def _write(file: str, found: dict[str, Any]) -> None:
    (MODEL / file).write_text(json.dumps(found, indent=2) + "\n", "utf-8")


def main() -> None:
    rows = evaluation.rows()
    tuned = [row for row in rows if row["part"] == "tuned"]
    _write(zero_shot.FILE, fit_embeddings(reliability.left_share(tuned)))
    _write(calibration.FILE, fit_confidence(reliability.pairs(tuned, calibrated=False)))


if __name__ == "__main__":
    main()
