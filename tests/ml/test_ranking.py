from __future__ import annotations

import random

import pytest

from ml.ranking import reciprocal_rank_fusion


def test_what_both_lists_find_comes_before_what_one_list_finds_first() -> None:
    fused = reciprocal_rank_fusion({"text": ["a", "b", "c"], "vector": ["d", "b", "a"]})
    assert [key for key, _, _ in fused] == ["a", "b", "d", "c"]
    assert fused[0][1] == pytest.approx(1 / 61 + 1 / 63)
    assert fused[0][2] == {"text": 1, "vector": 3}


def test_a_weight_of_zero_silences_a_list_without_dropping_its_finds() -> None:
    fused = reciprocal_rank_fusion({"text": ["a"], "vector": ["b"]}, {"vector": 0.0})
    assert [(key, score) for key, score, _ in fused] == [("a", 1 / 61), ("b", 0.0)]


def test_ties_are_ordered_by_key_whatever_the_order_of_the_lists() -> None:
    names = {"x": [3, 1], "y": [2, 4]}
    expected = reciprocal_rank_fusion(names)
    assert [key for key, _, _ in expected] == [2, 3, 1, 4]
    shuffled = list(names.items())
    random.Random(3).shuffle(shuffled)
    assert reciprocal_rank_fusion(dict(reversed(shuffled))) == expected


def test_a_key_repeated_in_a_list_counts_once_at_its_best_rank() -> None:
    assert reciprocal_rank_fusion({"text": ["a", "a", "b"]})[0] == ("a", 1 / 61, {"text": 1})


def test_no_lists_and_empty_lists_fuse_to_nothing() -> None:
    assert reciprocal_rank_fusion({}) == reciprocal_rank_fusion({"text": []}) == []
