"""``python -m ml.classify.jsonl``: one JSON object a line in, one out, so that an evaluation can drive the engine.

``{"entity", "text"}`` is answered by ``{"valid": true|false|null}``; ``{"table", "column", "type", "values"}`` by
``{"labels": [...]}``, best first.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from functools import cache
from typing import Any

from ml.classify.engine import ClassificationEngine, ColumnEvidence, validate_value
from ml.classify.spec import ancestors, built_in

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


def answer(engine: ClassificationEngine, question: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to one line."""
    if "entity" in question and "text" in question:
        return {"valid": validate_value(question["entity"], question["text"])}
    column = ColumnEvidence(
        question["table"], question["column"], question.get("type") or "", None, question.get("values", ())
    )
    labels = (_label(v.classification) for v in engine.classify([column])[0])
    return {"labels": [label for label in dict.fromkeys(labels) if label]}


@cache
def _label(classification: str) -> str:
    """The narrowest label of the evaluation that covers a classification; empty where none does."""
    for name in (classification, *ancestors(built_in())[classification]):
        if (label := _WIDER.get(name, name)) in _KNOWN:
            return label
    return ""


def main() -> None:
    """Serve standard input until it ends."""
    engine = ClassificationEngine()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(engine, json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
