"""What is left of masked values, and what is found within texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.classify.spec import built_in
from ml.masking.shapes import partial
from ml.masking.spans import ValueFinder, merged

CATEGORY = {spec.name: spec.category for spec in built_in()}


@pytest.mark.parametrize(
    ("kind", "value", "left"),
    [
        ("EMAIL", "ada@example.org", "a***@e***.org"),
        ("EMAIL", "ada.lovelace@mail.example.co.uk", "a***@m***.uk"),
        ("EMAIL", "a@b.org", "***@***.org"),
        ("EMAIL", "ada at example", "***"),
        ("PERSON", "Ada Lovelace", "A*** L***"),
        ("PERSON", "García Márquez, Gabriel", "G*** M*** G***"),
        ("PERSON", "Jo", "***"),
        ("PERSON", "wrote that the parcel never came", "***"),
        ("PHONE", "+49 30 901820", "+** ** ****20"),
        ("PHONE", "(212) 555-0143", "(***) ***-**43"),
        ("PHONE", "112", "***"),
        ("CREDIT_CARD", "4111 1111 1111 1111", "**** **** **** 1111"),
        ("CREDIT_CARD", "378282246310005", "***********0005"),
        ("IBAN", "DE89 3704 0044 0532 0130 00", "DE***3000"),
        ("BIRTH_DATE", "1984-05-17", "1984-**-**"),
        ("IP_ADDRESS", "192.0.2.17", "192.0.*.*"),
        ("PL_PESEL", "44051401359", "*********59"),
        ("ADDRESS", "12 Elm Street", "***"),
        ("NOTHING_KNOWN", "whatever", "***"),
    ],
)
def test_a_value_in_part_is_recognised_by_who_knows_it_and_tells_nobody_else(
    kind: str, value: str, left: str
) -> None:
    assert partial(kind, CATEGORY.get(kind, ""), value) == left


@given(st.sampled_from(sorted(CATEGORY)), st.text(min_size=4, max_size=60))
def test_no_text_of_four_characters_or_more_survives_being_shown_in_part(kind: str, text: str) -> None:
    left = partial(kind, CATEGORY[kind], text)

    if sum(each.isalnum() for each in text) >= 4:
        assert text.strip() not in left


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("Please write to ada@example.org.", ["ada@example.org"]),
        ("paid with 4111 1111 1111 1111 on Monday", ["4111 1111 1111 1111"]),
        ("order 4111 1111 1111 1112 is late", []),
        ("call +49 30 901820 after six", ["+49 30 901820"]),
        ("Mary Lovelace-Byron said so, and Dr. Susan Quux agreed", ["Mary Lovelace-Byron", "Susan Quux"]),
        ('{"iban": "DE89370400440532013000"}', ["DE89370400440532013000"]),
        ("from 2024-01-01 to 2024-12-31, 17 boxes of item 100234", []),
        ("the parcel arrived in good order", []),
    ],
)
def test_values_are_found_within_text(text: str, hidden: list[str]) -> None:
    spans = merged(ValueFinder(built_in()).spans(text))

    found = [text[span.start : span.end] for span in spans]
    for each in hidden:
        assert any(each in part for part in found), found
    assert len(found) == len(hidden), found
