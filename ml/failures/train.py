"""Train the model of failures from ``messages.yaml``: ``python -m ml.failures.train`` writes ``model.json``.

Multinomial logistic regression with an L2 penalty, by gradient descent over the whole set, which is small; every class weighs
the same, whatever the number of its messages.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from ml.failures.features import features
from schema.domain.failures import FailureKind

KINDS = tuple(FailureKind)
PENALTY = 0.0003
RATE = 3.0
ROUNDS = 500
SMALLEST = 0.1  # weights nearer to zero than this are left out of the file


@dataclass(frozen=True, slots=True)
class Message:
    """One labelled error of a driver."""

    driver: str
    kind: FailureKind
    type_name: str
    text: str


def messages() -> list[Message]:
    """All labelled errors."""
    tree = yaml.safe_load(Path(__file__).with_name("messages.yaml").read_text("utf-8"))
    return [
        Message(driver, FailureKind(kind), *line.split(": ", 1))
        for driver, kinds in tree.items()
        for kind, lines in kinds.items()
        for line in lines.splitlines()
    ]


def train(labelled: Sequence[Message]) -> dict[str, Any]:
    """Weights by feature, one for each of ``KINDS``, and the bias of each."""
    found = [features(each.type_name, each.text) for each in labelled]
    seen = Counter(feature for each in found for feature in each)
    names = sorted(feature for feature, count in seen.items() if count > 1 or feature[0] != "~")
    index = {name: number for number, name in enumerate(names)}
    x = np.zeros((len(labelled), len(names)))
    for row, each in enumerate(found):
        known = [index[feature] for feature in each if feature in index]
        x[row, known] = 1 / np.sqrt(max(len(known), 1))
    y = np.array([KINDS.index(each.kind) for each in labelled])
    weights, bias = _fit(x, np.eye(len(KINDS))[y])
    kept = {
        name: [round(float(w), 1) for w in weights[number]]
        for name, number in index.items()
        if np.abs(weights[number]).max() >= SMALLEST
    }
    return {"kinds": list(KINDS), "bias": [round(float(b), 3) for b in bias], "weights": kept}


def _fit(x: np.ndarray, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights and biases. There are fewer messages than features, so the weights are kept as sums of messages meanwhile."""
    share = target.mean(axis=0)
    each = (target / np.where(share > 0, share, 1) / len(KINDS)).sum(axis=1, keepdims=True)
    alike = x @ x.T
    sums, bias = np.zeros(target.shape), np.zeros(target.shape[1])
    for _ in range(ROUNDS):
        scores = alike @ sums + bias
        chances = np.exp(scores - scores.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        error = (chances - target) * each / len(x)
        sums -= RATE * (error + PENALTY * sums)
        bias -= RATE * error.sum(axis=0)
    return x.T @ sums, bias


def main() -> None:
    """Write the model beside this file."""
    model = train(messages())
    lines = ",\n".join(f"{json.dumps(name)}: {json.dumps(w)}" for name, w in sorted(model["weights"].items()))
    head = f'"kinds": {json.dumps(model["kinds"])},\n"bias": {json.dumps(model["bias"])}'
    text = f'{{\n{head},\n"weights": {{\n{lines}\n}}\n}}\n'
    Path(__file__).with_name("model.json").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
