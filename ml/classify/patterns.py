"""All value patterns of all classifiers in one automaton: one pass per value tells which of them match it whole."""

from __future__ import annotations

from collections.abc import Sequence

import re2

from schema.errors import InvalidInput

LONGEST_VALUE = 400  # characters; forms of values are short, longer text is prose


class PatternSet:
    """RE2 patterns matched on whole values in linear time; raises ``InvalidInput`` on a bad pattern."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._size = len(patterns)
        options = re2.Options()
        options.log_errors = False
        options.max_mem = 128 << 20
        self._set = re2.Set.FullMatchSet(options)
        for index, pattern in enumerate(patterns):
            try:
                self._set.Add(pattern)
            except re2.error:
                raise InvalidInput(
                    f"Pattern {index} is not RE2: {pattern}", path=("values", "pattern"),
                    remedy="RE2 knows no look-around and no back-references.",
                ) from None  # fmt: skip
        if self._size:
            self._set.Compile()

    def matches(self, text: str) -> Sequence[int]:
        """Indexes of the patterns that match the whole text."""
        if not self._size or len(text) > LONGEST_VALUE:
            return ()
        return self._set.Match(text) or ()
