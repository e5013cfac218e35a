from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.workflows.conditions import LONGEST, MOST, Condition
from schema.errors import ConditionFailed, InvalidInput

FACTS = {
    "run": {"force": False, "reason": "nightly"},
    "source": {"name": "pagila", "tags": ["pii", "film"]},
    "stages": {"discover": {"changed": 4, "batches": 2, "complete": True, "schemas": ["public", "audit"]}},
}


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("stages.discover.changed > 0", True),
        ("stages['discover'].changed > 9 || run.force", False),
        ("run.reason.startsWith('night') && stages.discover.complete", True),
        ("source.tags.exists(tag, tag == 'pii')", True),
        ("has(stages.classify) && stages.classify.found > 0", False),
        ("'stages.other' == run.reason  // stages.more", False),
    ],
)
def test_a_condition_is_answered_by_the_facts_of_the_run(text: str, answer: bool) -> None:
    assert Condition(text).evaluate(FACTS) is answer


def test_a_fan_out_is_a_number_or_a_list() -> None:
    assert Condition("stages.discover.batches").count(FACTS) == 2
    assert Condition("stages.discover.schemas").count(FACTS) == ["public", "audit"]


def test_a_condition_tells_which_stages_it_reads() -> None:
    text = "stages.discover.changed > 0 && stages['sample'].rows > 1 && run.stages == 'stages.x'"
    assert Condition(text).stages == {"discover", "sample"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("stages.classify.found > 0", "there is no fact classify"),
        ("stages.discover.lost > 0", "there is no fact lost"),
        ("stages.discover.changed", "not true or false"),
        ("run.reason > 3", "not of the type"),
        ("1 / (stages.discover.changed - 4) > 0", "outside what it may be"),
        ("run.force.startsWith('a')", "was given what it does not take"),
    ],
)
def test_what_the_facts_cannot_answer_is_told_with_the_expression(text: str, why: str) -> None:
    with pytest.raises(ConditionFailed, match=why) as failed:
        Condition(text).evaluate(FACTS)
    assert failed.value.expression == text
    assert repr(text) in failed.value.message


def test_facts_that_are_not_there_at_all_are_named() -> None:
    with pytest.raises(ConditionFailed, match="there is no fact source"):
        Condition("source.name == 'a'").evaluate({"run": {}})
    with pytest.raises(ConditionFailed, match="there is no fact run"):
        Condition("run.tags.exists(t, t == 'a')").evaluate({})


@pytest.mark.parametrize("text", ["run.reason", "run.force", "1.5", f"{MOST + 1}", "-1"])
def test_what_is_no_number_of_batches_is_refused(text: str) -> None:
    with pytest.raises(ConditionFailed):
        Condition(text).count(FACTS)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "is empty"),
        ("1 +", "is not CEL, character 4"),
        ("x" * (LONGEST + 1), "is longer than"),
        ("(" * 13 + "1" + ")" * 13, "nested too deep"),
        ("source.tags.all(a, source.tags.exists(b, a == b))", "macro within a macro"),
        ("secrets.password == 'a'", "names secrets"),
        ("now() > 3", "calls now"),
        ("stages[run.reason].changed > 0", "does not say which stage"),
        ("size(stages) > 0", "does not say which stage"),
        ("'a'.matches('" + "a" * 2, "is not CEL"),
    ],
)
def test_a_wrong_condition_is_refused_before_anything_runs(text: str, why: str) -> None:
    with pytest.raises(InvalidInput, match=why):
        Condition(text)


@given(st.text(max_size=60) | st.text(alphabet="stages.dicov[]()'\"&|<>!?:+- map(x,1)", max_size=80))
def test_any_text_is_a_condition_or_a_refusal(text: str) -> None:
    try:
        condition = Condition(text)
    except InvalidInput:
        return
    try:
        condition.evaluate(FACTS)
    except ConditionFailed as error:
        failed = error
    else:
        return
    assert failed.expression == text


def test_the_worst_condition_over_many_facts_ends_soon() -> None:
    facts = {"run": {"names": [f"name{n}" for n in range(2_000)]}}
    begin = time.perf_counter()
    assert Condition(" && ".join(["run.names.all(n, n.matches('(a|n)+.*[0-9]'))"] * 4)).evaluate(facts)
    assert time.perf_counter() - begin < 6
