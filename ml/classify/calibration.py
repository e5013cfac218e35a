"""From the confidence that the tiers make to the share of verdicts of such confidence that are right.

The map is monotone: it changes which verdicts there are as little as their order. Fitted by ``tests/ml/classify/calibrating.py``, which
writes down on what. Source of the shape: Platt 1999, a logistic function of the log-odds, of which two numbers are fitted.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from math import exp, log

FILE = "calibration.json"
CERTAIN = 0.999  # what no machine says more than
EDGE = 0.002  # nothing is surer than 1 minus this, nor less sure than this


@dataclass(frozen=True, slots=True)
class Calibration:
    """``slope`` and ``shift`` over the log-odds; the slope is above 0. ``version`` is known by both."""

    slope: float
    shift: float
    version: str

    def __call__(self, confidence: float) -> float:
        """The calibrated confidence, 0 to 1, rounded as confidences are."""
        held = min(max(confidence, EDGE), 1 - EDGE)
        return min(round(1 / (1 + exp(-(self.slope * log(held / (1 - held)) + self.shift))), 3), CERTAIN)


@cache
def calibration() -> Calibration:
    """What ``calibration.json`` says."""
    found = json.loads((resources.files("ml.classify") / "model" / FILE).read_text("utf-8"))
    return Calibration(float(found["slope"]), float(found["shift"]), str(found["version"]))
