"""Sentences with facts of a run in them: CEL in braces, ``{stages.discover.changed} datasets changed``."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ingest.workflows.conditions import Condition
from schema.domain.alerts import plain
from schema.errors import ConditionFailed, InvalidInput

LONGEST = 1_000  # characters of a template
UNKNOWN = "unknown"
_PARTS = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


class Template:
    """One template; ``{{`` and ``}}`` are braces. Raises ``InvalidInput`` as ``Condition`` does."""

    def __init__(self, text: str) -> None:
        self.text = text
        if not text.strip() or len(text) > LONGEST:
            raise InvalidInput(
                "The text is empty."
                if len(text) <= LONGEST
                else f"The text is longer than {LONGEST} characters.",
                remedy="Write a sentence such as {source.name} has changed.",
            )
        self.conditions: list[Condition] = []
        for found in _PARTS.finditer(text):
            if found.group() in ("{", "}"):
                raise InvalidInput(
                    "The text has a brace without its other.", remedy="Write {{ and }} for braces themselves."
                )
            if found[1] is not None:
                self.conditions.append(Condition(found[1]))

    def render(self, facts: Mapping[str, Any]) -> str:
        """The sentence on one line; a fact that is not there, since its stage did not run, reads "unknown"."""
        conditions = iter(self.conditions)

        def part(found: re.Match[str]) -> str:
            if found[1] is None:
                return found.group()[0]
            try:
                return next(conditions).text_of(facts)
            except ConditionFailed:
                return UNKNOWN

        return plain(_PARTS.sub(part, self.text))
