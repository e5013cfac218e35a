"""Texts of classifiers that people send: read, or refused with a place; never a defect."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ingest.classifier_text import read_classifier, read_classifiers
from schema.errors import BadClassifier

GOOD = {"name": "X", "title": "x", "description": "x", "category": "x", "sensitivity": 1}
FIELDS = ("name", "title", "sensitivity", "types", "names", "values", "closed", "dictionary", "min_match", "priority", "accept_at", "regulations", "parent", "group", "version", "examples")  # fmt: skip
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
KEYS = st.sampled_from(("strong", "values", "names", "pattern", "check", "alone", "inside", "entity"))
ANYTHING = st.recursive(
    SCALARS, lambda some: st.lists(some, max_size=3) | st.dictionaries(KEYS, some, max_size=3), max_leaves=6
)


@given(st.dictionaries(st.sampled_from(FIELDS), ANYTHING, max_size=4))
def test_whatever_the_fields_hold_the_text_is_read_or_refused(fields: dict[str, object]) -> None:
    text = yaml.safe_dump(GOOD | fields, allow_unicode=True)
    try:
        spec = read_classifier(text).spec
    except BadClassifier as error:
        told = error
    else:
        told = None
        assert spec.title
    if told is not None:
        assert told.path[0] == "yaml"
        assert 1 <= told.line <= text.count("\n") + 1


@given(st.text(max_size=60))
def test_any_text_at_all_is_read_or_refused(text: str) -> None:
    try:
        found = read_classifiers(text)
    except BadClassifier:
        return
    assert all(each.spec.name for each in found)


def test_a_name_that_stands_twice_is_told_at_its_second_place() -> None:
    one = yaml.safe_dump(GOOD, sort_keys=False)
    with pytest.raises(BadClassifier, match="Line 9, column 1: name of X stands at line 2 already"):
        read_classifiers(f"# all\n{one}# next\n---\n{one}")


def test_a_draft_with_dashes_above_it_is_the_text_that_is_saved() -> None:
    one = yaml.safe_dump(GOOD, sort_keys=False)
    for text in (f"---\n{one}", f"# mine\n---\n{one}---\n", one.rstrip("\n"), one.replace("\n", "\r\n"), f"\n\n{one}\n\n"):  # fmt: skip
        (previewed,) = read_classifiers(text)
        assert previewed.text == read_classifier(text).text == one
        assert previewed.spec.digest == read_classifier(one).spec.digest
    with pytest.raises(BadClassifier, match="Line 7"):
        read_classifier(f"---\n{one}colour: red\n")


def test_a_text_that_is_too_long_is_refused() -> None:
    with pytest.raises(BadClassifier, match="longer than"):
        read_classifier("#" * 70_000)
