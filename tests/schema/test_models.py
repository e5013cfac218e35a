"""How verdicts are divided, and when a model may take the place of another."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.domain.models import (
    FEWEST_HELD_OUT,
    FEWEST_LEARNT,
    BuiltIn,
    Paired,
    PersonsVerdict,
    chosen,
    divided,
    gate,
)

SAME = BuiltIn(600, 500, 590, 5)


def verdicts(sizes: dict[tuple[str, str], int]) -> list[PersonsVerdict]:
    return [
        PersonsVerdict(source, dataset, f"{dataset}~{n}", dataset, f"c{n}", None, "text", None, "EMAIL", True)
        for (source, dataset), count in sizes.items()
        for n in range(count)
    ]


@given(
    st.dictionaries(
        st.tuples(st.sampled_from("abcd"), st.sampled_from("uvwxyz")).map(lambda p: (p[0], f"{p[0]}.{p[1]}")),
        st.integers(1, 60),
        min_size=1,
    )
)
def test_no_group_is_on_both_sides_and_the_same_verdicts_are_divided_alike(
    sizes: dict[tuple[str, str], int],
) -> None:
    division, again = divided(verdicts(sizes)), divided(verdicts(dict(reversed(sizes.items()))))
    if division is None or again is None:
        assert division is again
        return
    assert division.groups == again.groups
    learnt = {getattr(each, division.by) for each in division.learnt}
    held = {getattr(each, division.by) for each in division.held_out}
    assert held == set(division.groups)
    assert not learnt & held
    assert len(division.learnt) + len(division.held_out) == sum(sizes.values())
    assert (len(division.learnt) >= FEWEST_LEARNT, len(division.held_out) >= FEWEST_HELD_OUT) == (True, True)


def test_one_source_is_divided_by_its_datasets_and_one_dataset_not_at_all() -> None:
    one = Counter({("shop", f"d{n}"): 10 for n in range(6)})
    assert (found := chosen(one)) is not None
    assert (found[0], len(found[1])) == ("dataset", 2)
    assert chosen({("shop", "d"): 500}) is None
    assert chosen({("shop", "d"): 19, ("crm", "e"): 19}) is None


def test_what_was_held_out_for_the_present_model_is_held_out_again() -> None:
    sizes = {(f"s{n}", f"d{n}"): 20 for n in range(8)}
    for name in ("s1", "s5", "s7"):
        found = chosen(sizes, before=[name])
        assert found is not None
        assert name in found[1]


def test_a_copy_of_a_table_does_not_pass_for_what_the_model_was_never_told() -> None:
    def said(source: str, table: str, name: str) -> PersonsVerdict:
        dataset = f"{source}.{table}"
        return PersonsVerdict(source, dataset, f"{dataset}~{name}", table, name, None, "text", None, "EMAIL", True)  # fmt: skip

    names = [(f"{word}{n}", f"{column}_no") for n, word in enumerate(("orders", "people", "bills", "staff")) for column in ("aa", "bb", "cc", "dd", "ee")]  # fmt: skip
    years = [said("shop", f"{table}_20{year}", name) for year in range(18, 26) for table, name in names]
    division = divided(years)
    assert division is not None
    assert division.by == "dataset"
    told = {(each.table.split("_")[0], each.name) for each in division.learnt}
    asked = [(each.table.split("_")[0], each.name) for each in division.held_out]
    assert not told & set(asked)
    assert len(asked) == len(set(asked)) >= FEWEST_HELD_OUT

    # The same tables in a test system: a source as well, and no other one.
    both = [said(source, f"{table}{end}", name) for source, end in (("shop", ""), ("shop_test", "_TEST")) for table, name in names]  # fmt: skip
    division = divided(both)
    assert division is not None
    assert division.by == "dataset"
    assert len(division.learnt) + 2 * len(division.held_out) == len(both)
    assert divided([said("shop", f"orders_{year}", f"c{n}") for year in range(8) for n in range(9)]) is None


@pytest.mark.parametrize(
    ("held_out", "candidate", "passed", "said"),
    [
        (Paired(20, 5, 0, 3), SAME, True, "Better: "),
        (Paired(20, 4, 0, 3), SAME, False, "Not better: "),
        (Paired(20, 12, 9, 3), SAME, False, "Not better: "),
        (Paired(20, 0, 0, 0), SAME, False, "Not better: "),
        (Paired(20, 9, 0, 3), BuiltIn(600, 500, 584, 5), True, "Not worse on the built-in"),
        (Paired(20, 9, 0, 3), BuiltIn(600, 500, 583, 5), False, "Worse on the built-in evaluation: right"),
        (Paired(20, 9, 0, 3), BuiltIn(600, 500, 590, 8), False, "with false alarms in 8 of 500"),
    ],
)
def test_a_model_passes_that_is_better_beyond_chance_and_forgot_nothing(
    held_out: Paired, candidate: BuiltIn, passed: bool, said: str
) -> None:
    found = gate(held_out, candidate, SAME)
    assert found.passed is passed
    assert said in " ".join(found.reasons)
    assert len(found.reasons) == 3


def test_chance_is_that_of_a_coin_also_for_many_verdicts() -> None:
    assert Paired(0, 5, 0, 0).chance == 1 / 32
    assert Paired(0, 2, 1, 0).chance == 0.5
    assert Paired(7, 0, 0, 7).chance == 1
    assert 0 < Paired(0, 5_200, 4_800, 0).chance < 0.001
    difference, low, high = Paired(30, 12, 1, 2).difference
    assert low < difference < high
