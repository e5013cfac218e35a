"""Patterns made from examples."""

from __future__ import annotations

import pytest
import re2
from hypothesis import given
from hypothesis import strategies as st

from ml.classify.synthesis import synthesize
from schema.errors import InvalidInput, NoPattern

TEXTS = st.lists(
    st.text(max_size=12) | st.from_regex(r"[A-C]{1,2}[-/ ]?[0-9]{1,4}x?", fullmatch=True), max_size=8
)


def takes(pattern: str, text: str) -> bool:
    return re2.fullmatch(pattern, text.strip()) is not None


@pytest.mark.parametrize(
    ("examples", "against", "pattern"),
    [
        (["A-1", "B-22"], [], r"[A-Z]\-[0-9]{1,2}"),
        (["INV-2024-001", "INV-2023-117", "INV-2024-999"], [], r"INV\-[0-9]{4}\-[0-9]{3}"),
        (["INV-2024-001", "INV-2023-117", "INV-2024-999"], ["INV-1999-001"], r"INV\-202[0-9]\-[0-9]{3}"),
        (["a3f9", "9bb2", "77aa"], [], "[0-9a-z]{4}"),
        (["12-3", "45-6"], ["12.3"], r"[0-9]{2}\-[0-9]"),
        (["PL10", "DE20", "PL30", "DE40"], ["XX50"], "(?:DE|PL)[0-9]{2}"),
        (["Zürich 1", "Łódź 22"], [], r"[A-Za-z\p{L}]{4,6}\ [0-9]{1,2}"),
        (["12", "ab/cd"], [], r"(?:[0-9]{2}|[a-z]{2}\/[a-z]{2})"),
    ],
)
def test_examples_become_the_pattern_that_a_person_would_write(
    examples: list[str], against: list[str], pattern: str
) -> None:
    found = synthesize(examples, against).pattern
    assert found.replace("\\", "") == pattern.replace("\\", "")
    assert all(takes(found, each) for each in examples)
    assert not any(takes(found, each) for each in against)


@given(TEXTS, TEXTS)
def test_every_example_is_taken_and_no_counter_example_or_it_is_said(
    examples: list[str], against: list[str]
) -> None:
    if not any(each.strip() for each in examples):
        with pytest.raises(InvalidInput):
            synthesize(examples, against)
        return
    try:
        found = synthesize(examples, against).pattern
    except NoPattern as error:
        told = error.matched
    else:
        told = ()
    if told:
        assert all(against[n].strip() for n in told)
        return
    assert all(takes(found, each) for each in examples if each.strip())
    assert not any(takes(found, each) for each in against if each.strip())
    assert synthesize(examples[::-1], against[::-1]).pattern == found


def test_a_counter_example_that_is_an_example_is_named_by_its_place() -> None:
    with pytest.raises(NoPattern) as told:
        synthesize(["A1", "B2"], ["zz", " B2 "])
    assert told.value.matched == (1,)
    assert told.value.remedy
    assert "B2" not in str(told.value)


@pytest.mark.parametrize("examples", [["x"] * 201, ["x" * 401], [], ["\ud800"]])
def test_what_no_pattern_is_made_of_is_refused(examples: list[str]) -> None:
    with pytest.raises(InvalidInput) as told:
        synthesize(examples)
    assert told.value.path == ("examples",)
