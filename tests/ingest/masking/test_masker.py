"""Which mask a column gets from levels, purposes, rules and its own values, as a reader of rows notices it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ingest.masking.masker import Masker
from ml.classify.engine import standard_engine
from ml.classify.spec import built_in
from ml.masking.spans import ValueFinder
from schema.domain.masking import (
    DataKind,
    Mask,
    MaskedColumn,
    MaskingRule,
    MaskingRules,
    MaskingSubject,
    MaskReason,
    Reading,
    SampledColumn,
)

KINDS = {c.name: DataKind(c.name, c.category, int(c.sensitivity)) for c in standard_engine().classifiers}
ANALYST = Reading(clearance=4)
SUPPORT = Reading(clearance=4, unmasks=True, purpose="support")
MAILS = ["ada@example.org", "grace@example.com", "alan@example.net"]
CARDS = ["4111111111111111", "5500000000000004", "378282246310005"]


def masked(
    values: list[object],
    name: str = "c",
    reading: Reading = ANALYST,
    kinds: dict[str, DataKind] = KINDS,
    rules: tuple[MaskingRule, ...] = (),
    key: bytes = b"key",
    **known: object,
) -> MaskedColumn:
    masker = Masker(standard_engine(), ValueFinder(built_in()), kinds, MaskingRules(rules), reading, key)
    column = SampledColumn(name, **known)  # type: ignore[arg-type]
    return masker.table("things", [column], {name: values})[0]


def test_mails_are_shown_in_part() -> None:
    found = masked(MAILS, "email", level=3, kinds=KINDS)

    assert found.masking.mask is Mask.PARTIAL
    assert found.values == ("a***@e***.org", "g***@e***.com", "a***@e***.net")


def test_a_leak_that_nobody_classified_yet_is_masked_by_what_it_looks_like() -> None:
    found = masked(MAILS, "c17")

    assert found.masking.mask is Mask.PARTIAL
    assert not set(MAILS) & set(found.values)


def test_one_mail_among_harmless_codes_is_taken_out() -> None:
    found = masked(["A-17", "A-18", "ada@example.org", "A-20", "A-21", "A-22"], "code")

    assert found.values[2] == "[EMAIL]"
    assert found.values[0] == "A-17"
    assert found.masking.mask is Mask.REDACT


def test_one_name_among_colours_is_taken_out_and_colours_that_are_names_are_not() -> None:
    colours: list[object] = ["White", "Green", "blue", "red", "black", "yellow", "Mary Quux"]

    assert masked(colours, "colour").values == (*colours[:-1], "[PERSON]")


def test_equal_cards_have_equal_marks_that_another_key_does_not_make() -> None:
    found = masked([*CARDS, CARDS[0]], "cc_num")

    assert found.masking.mask is Mask.HASH
    assert found.values[0] == found.values[3]
    assert len(set(found.values)) == 3
    assert not set(CARDS) & set(found.values)
    assert masked([CARDS[0], *CARDS], "cc_num", key=b"other").values[0] != found.values[0]


def test_cards_read_as_numbers_are_masked_all_the_same() -> None:
    for values in ([int(each) for each in CARDS], [float(each) for each in CARDS[:2]]):
        found = masked(list(values), "cc_num")
        assert not set(CARDS) & set(found.values)
        assert found.masking.mask is Mask.HASH


def test_passwords_are_not_shown_at_all() -> None:
    assert masked(["hunter2!", "correct horse"], "password").values == (None, None)


def test_what_looks_as_if_it_were_above_the_clearance_is_not_shown() -> None:
    found = masked(CARDS, "c17", Reading(clearance=3))

    assert found.values == (None, None, None)
    assert found.masking.reason is MaskReason.CLEARANCE


def test_unmask_shows_mails_whole_for_a_purpose_and_not_without() -> None:
    assert masked(MAILS, "email", SUPPORT).values == tuple(MAILS)
    assert masked(MAILS, "email", replace(SUPPORT, purpose="")).masking.mask is Mask.PARTIAL


def test_unmask_does_not_show_cards() -> None:
    assert masked(CARDS, "cc_num", SUPPORT).masking.mask is Mask.HASH
    noted = masked(["mail ada@example.org now", "card 4111111111111111 was used"], "note", SUPPORT)
    assert noted.values == ("mail ada@example.org now", "card [CREDIT_CARD] was used")


def test_values_for_one_purpose_are_shown_for_no_other() -> None:
    bound = KINDS | {"EMAIL": replace(KINDS["EMAIL"], purposes=("fraud-prevention",))}

    other = masked(MAILS, "email", SUPPORT, bound)
    assert other.values == (None, None, None)
    assert other.masking.reason is MaskReason.PURPOSE
    assert masked(MAILS, "email", replace(SUPPORT, purpose="fraud-prevention"), bound).values == tuple(MAILS)
    assert masked(["or write to ada@example.org"], "note", SUPPORT, bound).values[0] == "or write to [EMAIL]"


def test_a_rule_on_a_classification_stands_before_one_on_its_category_and_level() -> None:
    last_four = MaskingRule(MaskingSubject.CLASSIFICATION, "CREDIT_CARD", Mask.PARTIAL, "ada")
    nothing = MaskingRule(MaskingSubject.CATEGORY, "FINANCIAL", Mask.NULL, "ada")

    assert masked(CARDS, "cc_num", rules=(last_four, nothing)).values[0] == "************1111"
    assert masked(CARDS, "cc_num", rules=(nothing,)).values[0] is None


def test_a_kind_that_a_person_rejected_is_not_masked() -> None:
    found = masked(MAILS, "email", rejected=frozenset({"EMAIL"}))

    assert found.values == tuple(MAILS)


def test_a_column_that_inherits_a_level_is_hidden_though_nothing_is_said_of_its_values() -> None:
    assert masked(["blue", "red"], "colour", level=3).values == ("***", "***")
    assert masked(["blue", "red"], "colour", level=4).values[0].startswith("#")  # type: ignore[union-attr]


def test_free_text_keeps_its_words_without_names_mails_and_cards() -> None:
    text = "Mary Quux of Leeds wrote from mary.q@example.org that 4111 1111 1111 1111 was charged twice."
    found = masked([text, "The parcel came two days late, so we paid for it."], "note")

    assert found.values == (
        "[PERSON] of Leeds wrote from [EMAIL] that [CREDIT_CARD] was charged twice.",
        "The parcel came two days late, so we paid for it.",
    )
    assert found.masking.mask is Mask.REDACT


def test_free_text_is_not_shown_where_the_rule_says_so() -> None:
    nothing = MaskingRule(MaskingSubject.FREE_TEXT, "", Mask.NULL, "ada")

    assert masked(["The parcel came two days late"], "note", rules=(nothing,)).values == (None,)


@pytest.mark.parametrize("as_text", [True, False])
def test_fields_of_documents_are_masked_as_columns_are(as_text: bool) -> None:
    import json

    documents = [
        {"customer": {"email": mail, "last_name": "Zq" + "xvw" * n}, "n": n, "tags": ["a"], "cards": [card]}
        for n, (mail, card) in enumerate(zip(MAILS, CARDS, strict=True), start=1)
    ]
    found = masked([json.dumps(each) if as_text else each for each in documents], "payload")

    whole = " ".join(str(each) for each in found.values)
    assert not [each for each in [*MAILS, *CARDS, "Zqxvw"] if each in whole]
    assert json.loads(found.values[0] or "")["n"] == 1
    assert json.loads(found.values[0] or "")["tags"] == ["a"]


def test_names_of_fields_that_are_values_are_masked() -> None:
    found = masked(['{"ada@example.org": 3}', '{"grace@example.com": 4}'], "counts")

    assert found.values == ('{"[EMAIL]": 3}', '{"[EMAIL]": 4}')


def test_a_document_that_goes_too_deep_is_cut_and_not_shown() -> None:
    deep = '{"a":' * 40 + '"ada@example.org"' + "}" * 40

    assert "ada@" not in str(masked([deep], "payload").values)


def test_a_representation_shows_no_value() -> None:
    assert "grace" not in repr(masked(["grace hopper was here again"], "note"))
