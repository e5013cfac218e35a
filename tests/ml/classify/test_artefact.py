"""A trained model as bytes is taken only as it was stored, and the words that are kept of columns hold no value."""

from __future__ import annotations

import lzma
import pickle
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ml.classify import artefact
from ml.classify.artefact import MAGIC, ROWS, Artefact, BadArtefact, digest_of, packed, unpacked, widened
from ml.classify.engine import ColumnEvidence, Examined
from ml.classify.features import features, figures
from ml.classify.remembered import notes, recalled

TWO = Artefact(
    ("A", "NONE"),
    1.5,
    np.linspace(-3, 3, 2 * ROWS, dtype="float32").reshape(2, ROWS),
    np.array([0.25, -0.5], dtype="float32"),
)


def test_a_model_comes_back_as_it_was_stored_and_equal_weights_are_equal_bytes() -> None:
    data = packed(TWO)
    assert packed(TWO) == data
    back = unpacked(data, digest_of(data))
    assert (back.labels, back.temperature) == (("A", "NONE"), 1.5)
    assert np.abs(back.weights - TWO.weights).max() <= 0.00501
    assert packed(back) == data
    more = widened(back, ["B"])
    assert more.labels == ("A", "B", "NONE")
    assert (np.array_equal(more.weights[2], back.weights[1]), more.weights[1].any()) == (True, False)


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (exec, ("raise SystemExit('executed')",))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"no model",
        pickle.dumps(Evil()),
        lzma.compress(pickle.dumps(Evil())),
        lzma.compress(MAGIC),
        lzma.compress(MAGIC + b'{"labels": "AB", "temperature": 1}\n'),
        lzma.compress(MAGIC + b'{"labels": ["A", "B"], "temperature": 1, "words": 0, "lexicon": ""}\n'),
        lzma.compress(b"\0" * (artefact.LARGEST + 1)),
        packed(TWO)[:-40],
    ],
)
def test_what_is_no_model_is_refused_whatever_its_digest(data: bytes) -> None:
    with pytest.raises(BadArtefact):
        unpacked(data, digest_of(data))


def test_bytes_that_changed_are_refused() -> None:
    data = packed(TWO)
    with pytest.raises(BadArtefact, match="not those that were stored"):
        unpacked(data[:-1] + b"\0", digest_of(data))


def test_a_model_of_other_words_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = packed(TWO)
    monkeypatch.setattr(artefact, "VERSION", 2)
    with pytest.raises(BadArtefact, match="another version"):
        unpacked(data, digest_of(data))


@settings(max_examples=60)
@given(st.lists(st.text(min_size=4, max_size=20), min_size=1, max_size=8))
def test_no_word_that_is_kept_repeats_letters_or_digits_of_a_value(values: list[str]) -> None:
    (note,) = notes([Examined.of(ColumnEvidence("t", "c", "text", None, values))], [[]])
    assert note.isascii()
    shapes = [word.split(":")[1] for word in note.split(" ") if word.startswith("v=shape:")]
    assert all(re.fullmatch(r"[Aa9]*", re.sub(r"[^\w]|_", "", shape)) for shape in shapes)


def test_a_column_is_remembered_as_the_model_was_told_of_it() -> None:
    values = ["Anna Meier", "Bert Kranz", "Cleo Vogt", None, ""]
    column = ColumnEvidence("customers", "full_name", "varchar", "who it is", values)
    (note,) = notes([Examined.of(column)], [[]])
    back = recalled("customers", "full_name", "who it is", "varchar", note)
    texts = [text for text in values if text]
    assert back.words == features("customers", "full_name", "who it is", "text", figures(texts, 3))
    assert back.kind == "text"
    assert "v:none" in recalled("customers", "full_name", None, "varchar", None).words
