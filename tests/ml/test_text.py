from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ml.text import asset_text, name_tokens


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("customerID2", ["customer", "id", "2"]),
        ("HTTPServer", ["http", "server"]),
        ("cc_num", ["cc", "num"]),
        ("STREET_ADDRESS_1", ["street", "address", "1"]),
        ("Kunden-Straße", ["kunden", "straße"]),
        ("größeÄnderung", ["größe", "änderung"]),
        ("顧客_住所", ["顧客", "住所"]),
        ("eMail", ["e", "mail"]),
        ("addr2line", ["addr", "2", "line"]),
        ("", []),
        ("__", []),
    ],
)
def test_names_are_split_where_people_see_words(name: str, words: list[str]) -> None:
    assert name_tokens(name) == words


@given(st.text())
def test_any_text_is_a_name_and_its_words_are_stable(name: str) -> None:
    words = name_tokens(name)
    assert all(words)
    assert name_tokens("_".join(words)) == words


def test_the_sentence_of_an_asset_says_what_it_is_where_it_is_and_what_it_holds() -> None:
    text = asset_text(
        "TABLE", "CustomerMaster", ("warehouse", "sales_eu"), "One row\nper customer",
        ["CustomerID", "email_addr"], ["EMAIL"], ["gold"],
    )  # fmt: skip
    for part in (
        "customer master",
        "warehouse sales eu",
        "One row per customer",
        "customer id, email addr",
        "gold",
        "table",
    ):
        assert part in text


def test_missing_parts_leave_no_trace() -> None:
    text = asset_text("TABLE", "orders", (), "  ")
    assert "orders" in text
    assert "  " not in text
    assert "None" not in text
