"""From a driver's error to what can be done about it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ml.failures.features import features
from ml.failures.rules import by_rule
from schema.domain.failures import Failure, FailureKind


def classify_failure(
    type_name: str, message: str, cause: str | None = None, code: str | None = None
) -> Failure:
    """The kind of an error. ``cause`` is that of ``ConnectionFailed``; ``code`` a SQLSTATE, an HTTP status or MySQL's number.

    The message is read and not kept. A rule is given the confidence 1, the model its own.
    """
    kind = by_rule(type_name, message, cause, code)
    return Failure(kind, True, 1.0) if kind else predict(_model(), type_name, message)


def predict(model: Mapping[str, Any], type_name: str, message: str) -> Failure:
    """What the model alone says; the confidence is the probability that it gives the kind."""
    found = [model["weights"][each] for each in features(type_name, message) if each in model["weights"]]
    share = 1 / math.sqrt(max(len(found), 1))
    scores = [bias + share * sum(each[n] for each in found) for n, bias in enumerate(model["bias"])]
    highest = max(scores)
    chance = 1 / sum(math.exp(score - highest) for score in scores)
    return Failure(FailureKind(model["kinds"][scores.index(highest)]), False, chance)


@cache
def _model() -> Mapping[str, Any]:
    loaded: dict[str, Any] = json.loads(Path(__file__).with_name("model.json").read_text("utf-8"))
    return loaded
