"""``python -m ml.classify.jsonl``: one JSON object a line in, one out, so that an evaluation can drive the engine.

``{"entity", "text"}`` is answered by ``{"valid": true|false|null}``; ``{"table", "column", "type", "values"}`` by
``{"labels": [...], "verdicts": [{"classification", "confidence", "sensitivity", "tier", "reason"}]}``, best first: labels in the
words of common evaluations, verdicts in those of the product.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from functools import cache
from typing import Any

from ml.classify.decision import TieredClassifier, standard_classifier
from ml.classify.engine import ColumnEvidence, validate_value
from ml.classify.spec import ancestors, built_in
from schema.errors import InvalidInput

# Labels of the evaluation that are wider than the product's classifications.
_WIDER = {
    "PASSPORT": "NATIONAL_ID", "TAX_ID": "NATIONAL_ID", "HEALTH_ID": "NATIONAL_ID", "COUNTRY": "LOCATION",
    "BIRTH_PLACE": "LOCATION", "CVV": "CREDIT_CARD", "API_SECRET": "PASSWORD", "PIN": "PASSWORD",
}  # fmt: skip
# fmt: off
_KNOWN = frozenset((
    "EMAIL", "PHONE", "CREDIT_CARD", "IBAN", "SSN", "PERSON", "ADDRESS", "GENDER", "AGE", "DRIVER_LICENSE", "VIN", "IP_ADDRESS",
    "SWIFT", "PASSWORD", "LOCATION", "POSTAL_CODE", "GEO", "NATIONAL_ID", "USERNAME", "BIRTH_DATE", "MARITAL_STATUS", "SALARY",
    "CARD_EXPIRY",
))
# fmt: on


def answer(classifier: TieredClassifier, question: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to one line; raises ``InvalidInput`` where it is neither question."""
    if "entity" in question and "text" in question:
        return {"valid": validate_value(question["entity"], question["text"])}
    if "column" not in question:
        raise InvalidInput(
            "Neither a column nor an entity.",
            path=("column",),
            remedy='Send {"table", "column", "type", "values"} or {"entity", "text"}.',
        )
    column = ColumnEvidence(
        str(question.get("table") or ""),
        str(question["column"]),
        str(question.get("type") or ""),
        None,
        question.get("values") or (),
    )
    verdicts = classifier.classify([column])[0]
    labels = dict.fromkeys(_label(v.classification) for v in verdicts)
    return {
        "labels": [label for label in labels if label],
        "verdicts": [
            {
                "classification": v.classification,
                "confidence": v.confidence,
                "sensitivity": int(v.sensitivity),
                "tier": v.tier,
                "reason": v.reason,
            }
            for v in verdicts
        ],
    }


@cache
def _label(classification: str) -> str:
    """The narrowest label of the evaluation that covers a classification; empty where none does."""
    for name in (classification, *ancestors(built_in())[classification]):
        if (label := _WIDER.get(name, name)) in _KNOWN:
            return label
    return ""


def main() -> None:
    """Serve standard input until it ends; raises ``InvalidInput`` at a line that is no JSON object."""
    classifier = standard_classifier()
    for number, line in enumerate(sys.stdin, 1):
        try:
            question = json.loads(line)
        except ValueError:
            question = None
        if not isinstance(question, dict):
            raise InvalidInput(
                f"Line {number} is not a JSON object.",
                path=("line", str(number)),
                remedy="One object a line.",
            )
        sys.stdout.write(json.dumps(answer(classifier, question)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
