"""``python -m ml.classify.jsonl``: one JSON object a line in, one out, so that an evaluation can drive the engine.

``{"entity", "text"}`` is answered by ``{"valid": true|false|null}``; ``{"table", "column", "type", "values"}`` by
``{"labels": [...], "verdicts": [{"classification", "confidence", "sensitivity", "tier", "reason"}]}``, best first: labels in the
words of common evaluations, verdicts in those of the product.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from typing import Any

from ml.classify.composition import Vocabulary, standard_vocabulary
from ml.classify.decision import ALL
from ml.classify.engine import ColumnEvidence, entities_of, validate_value
from ml.classify.spec import ancestors
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


class Answers:
    """Answers of all tiers over one vocabulary; models know built-in classifications alone."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._classifier = vocabulary.tiered(ALL)
        self._above, self._own = ancestors(vocabulary.specs), vocabulary.own
        self._entities = entities_of(vocabulary.specs)

    def answer(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """The answer to one line; raises ``InvalidInput`` where it is neither question."""
        if "entity" in question and "text" in question:
            return {"valid": validate_value(question["entity"], question["text"], self._entities)}
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
        verdicts = self._classifier.classify([column])[0]
        labels = dict.fromkeys(self._label(v.classification) for v in verdicts)
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

    def _label(self, classification: str) -> str:
        """One's own classification itself, else the narrowest label of the evaluation that covers it; empty where none does."""
        for name in (classification, *self._above[classification]):
            if name in self._own:
                return name
            if (label := _WIDER.get(name, name)) in _KNOWN:
                return label
        return ""


def main(vocabulary: Vocabulary | None = None) -> None:
    """Serve standard input until it ends, by what ships where nothing is given; raises ``InvalidInput`` at a line that is no JSON object."""
    answers = Answers(vocabulary or standard_vocabulary())
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
        sys.stdout.write(json.dumps(answers.answer(question)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
