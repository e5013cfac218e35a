"""Classifications that have a description and no rules, and what a confidence says: as whoever defines them, or reads a verdict, notices."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

from ml.classify.calibration import CERTAIN, calibration
from ml.classify.composition import Vocabulary, composed, standard_vocabulary
from ml.classify.decision import ALL, RULES_ALONE
from ml.classify.engine import ColumnEvidence
from ml.classify.explain import nearest_meanings
from ml.classify.spec import read_spec
from ml.embedding import OnnxEmbedder, export
from schema.domain.classifications import Verdict, VerdictOrigin
from schema.settings import Settings
from tests.ml.classify import evaluation, reliability

DIET = """
name: DIET
title: Dietary requirement
description: What a guest may not or does not want to eat.
category: HOSPITALITY
sensitivity: 3
parent: PERSONAL_DATA
"""
CANARY = "kanarienvogel"
GUEST = [
    ColumnEvidence("guest", "email", "text", None, ["a@example.org", "b@example.org", "c@example.org"]),
    ColumnEvidence("guest", "dietary_requirements", "text", None, [CANARY, f"no {CANARY}", "none at all"]),
    ColumnEvidence("guest", "room_count", "integer", None, [1, 2, 3]),
    ColumnEvidence("guest", "xq", "text", "dietary requirement of the guest"),
]


class Recording:
    """An embedder that remembers what it was given."""

    dimensions = OnnxEmbedder.dimensions

    def __init__(self) -> None:
        self.model = f"recording-{id(self)}"
        self.calls: list[list[str]] = []

    def __call__(self, texts: Sequence[str]) -> list[list[float]]:
        self.calls.append(list(texts))
        return [[1.0, *[0.0] * (self.dimensions - 1)] for _ in texts]


@cache
def embedder() -> OnnxEmbedder:
    export(Settings().cache_dir)
    return OnnxEmbedder(Settings().cache_dir)


@cache
def vocabulary(disabled: frozenset[str] = frozenset()) -> Vocabulary:
    return composed(disabled, [read_spec(DIET)])


def given(found: list[list[Verdict]]) -> list[list[str]]:
    return [[v.classification for v in verdicts] for verdicts in found]


def test_a_classification_without_rules_is_suggested_where_the_name_or_the_comment_means_it() -> None:
    found = vocabulary().tiered(ALL, embedder()).classify(GUEST)
    assert given(found) == [["EMAIL"], ["DIET"], [], ["DIET"]]
    (verdict,) = found[1]
    assert (verdict.origin, verdict.tier) == (VerdictOrigin.AI, 3)
    assert 0.5 <= verdict.confidence < 1
    assert "'dietary_requirements'" in verdict.reason
    assert "'Dietary requirement'" in verdict.reason


def test_no_text_for_the_embeddings_holds_a_value_and_what_the_rules_know_is_not_among_them() -> None:
    recording = Recording()
    vocabulary().tiered(ALL, recording).classify(GUEST)
    meanings, columns = recording.calls
    assert columns == ["dietary requirement", "guest", "xq. dietary requirement of the guest"]
    assert not [text for text in (*meanings, *columns) if CANARY in text or "example.org" in text]


@pytest.mark.parametrize("tiers", [RULES_ALONE, "rules+trained"])
def test_nobody_asks_for_a_meaning_where_the_tier_is_off(tiers: str) -> None:
    recording = Recording()
    found = vocabulary().tiered(tiers, recording).classify(GUEST)
    assert given(found)[1:] == [[], [], []]
    assert recording.calls == []


def test_without_a_model_on_the_machine_the_other_tiers_go_on(tmp_path: Path) -> None:
    absent = OnnxEmbedder(tmp_path)
    absent.model = "absent"  # what another embedder of a model read already needs not be read again
    found = vocabulary().tiered(ALL, absent).classify(GUEST)
    assert given(found) == [["EMAIL"], [], [], []]
    assert given(vocabulary().tiered(ALL).classify(GUEST)) == given(found)


def test_what_is_switched_off_is_not_suggested() -> None:
    assert given(vocabulary(frozenset({"DIET"})).tiered(ALL, embedder()).classify(GUEST))[1] == []


def test_the_version_of_the_tiers_names_the_embeddings_where_they_are_asked() -> None:
    built_in = composed((), ())
    assert "embeddings-" in vocabulary().tiered(ALL).version
    assert "embeddings-" not in vocabulary().tiered("rules+trained").version
    assert "embeddings-" not in built_in.tiered(ALL).version
    assert "calibration-" in built_in.tiered(RULES_ALONE).version


def test_the_nearest_meanings_of_a_column_are_shown_whatever_its_rules_say() -> None:
    near = nearest_meanings(vocabulary(), GUEST[1], embedder())
    assert (near[0][0].name, len(near)) == ("DIET", 5)
    assert near[0][1].ahead > 0 > near[1][1].ahead
    assert nearest_meanings(vocabulary(), GUEST[1], None) == []


def test_a_calibrated_confidence_keeps_the_order_and_no_machine_is_certain() -> None:
    steps = [calibration()(n / 100) for n in range(101)]
    assert steps == sorted(steps)
    assert steps[0] < 0.05
    assert steps[-1] == CERTAIN < 1


def test_the_calibration_says_on_what_it_was_fitted_and_holds_where_it_was_not() -> None:
    held = [row for row in evaluation.rows() if row["part"] == "held-out"]
    before, after = (reliability.pairs(held, calibrated=calibrated) for calibrated in (False, True))
    assert reliability.expected_error(after) < reliability.expected_error(before)
    assert reliability.brier(after) < reliability.brier(before)
    assert [right for _, right in before] == [right for _, right in after]


def test_what_a_column_may_still_be_called_leaves_out_what_it_is_called_already_and_is_empty_where_that_is_sure() -> (
    None
):
    letters = [f"please write to a{n}@example.org about the order" for n in range(9)]
    unsure, sure, flag = (
        standard_vocabulary()
        .tiered(RULES_ALONE)
        .judge([ColumnEvidence("order", name, kind, None, values)])[0]
        for name, kind, values in (
            ("note", "text", letters),
            ("email", "text", ()),
            ("smoker", "boolean", ()),
        )
    )
    assert [v.classification for v in unsure.verdicts] == ["EMAIL"]
    assert "EMAIL" not in unsure.may_be
    assert "MESSAGE_CONTENT" in unsure.may_be
    assert (sure.may_be, flag.may_be) == (frozenset(), frozenset())
