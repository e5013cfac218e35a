from __future__ import annotations

import random

import pytest
import re2

from ml.classify.patterns import LONGEST_VALUE, PatternSet
from ml.classify.spec import built_in
from schema.errors import InvalidInput

PATTERNS = [form.pattern for spec in built_in() for form in spec.values]


def _text(chance: random.Random) -> str:
    ranges = chance.choice([(48, 123), (32, 127), (0xC0, 0x250), (0x400, 0x500), (0x4E00, 0x5000)])
    return "".join(chr(chance.randrange(*ranges)) for _ in range(chance.randrange(1, 60)))


def test_the_automaton_has_room_for_all_patterns_and_agrees_with_each_alone() -> None:
    # RE2 answers "no match" when its automaton runs out of memory, so growth would show as lost findings.
    chance = random.Random(4)
    texts = [_text(chance) for _ in range(2_000)]
    texts += [example for spec in built_in() for example in spec.examples.values]
    together = PatternSet(PATTERNS)
    alone = [re2.compile(pattern) for pattern in PATTERNS]
    for text in texts[-500:]:
        assert sorted(together.matches(text)) == [i for i, p in enumerate(alone) if p.fullmatch(text)]
    assert sum(len(together.matches(text)) for text in texts) > 1_000
    assert max(pattern.programsize for pattern in alone) < 10_000


def test_prose_and_an_empty_set_match_nothing() -> None:
    assert PatternSet([]).matches("x") == ()
    assert PatternSet(["a+"]).matches("a" * (LONGEST_VALUE + 1)) == ()
    assert PatternSet(["a+", "b"]).matches("aa") == [0]


def test_what_linear_time_cannot_do_is_refused() -> None:
    with pytest.raises(InvalidInput):
        PatternSet([r"(a)\1"])
