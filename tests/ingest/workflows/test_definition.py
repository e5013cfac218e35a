from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.workflows.definition import LARGEST, parse_workflow
from ingest.workflows.order import canonical, to_yaml, tree
from ingest.workflows.shape import workflow_schema
from schema.domain.workflows import OnFailure, Retry, Stage, Workflow
from schema.errors import BadWorkflow

ACTIONS = ("discover", "sample", "classify", "unclassify", "publish")
WORKFLOWS = ("quality",)
NIGHTLY = """\
workflow: nightly
description: What changed, then what it means
stages:
  publish:
    uses: publish
    after: [classify, quality]
  discover:
    uses: discover
    timeout: 90m
    retry: {tries: 5, first: 2s, factor: 3, longest: 10m}
  classify:
    uses: classify
    after: [discover]
    if: stages.discover.changed > 0
    for_each: stages.discover.batches
    parallel: 4
    with: {tier: rules, sample_rows: 200}
    on_failure: continue
    compensate: unclassify
  quality:
    workflow: quality
    after: [discover]
"""


def parse(text: str) -> Workflow:
    return parse_workflow(text, actions=ACTIONS, workflows=WORKFLOWS)


def mistakes(text: str) -> list[BadWorkflow]:
    with pytest.raises(BadWorkflow) as failed:
        parse(text)
    return [failed.value, *failed.value.others]


def test_a_text_becomes_a_workflow_whose_stages_follow_those_they_wait_for() -> None:
    workflow = parse(NIGHTLY)
    assert [stage.name for stage in workflow.stages] == ["discover", "classify", "quality", "publish"]
    assert workflow.stage("discover").retry == Retry(5, 2.0, 3.0, 600.0)
    assert workflow.stage("discover").timeout_s == 5400
    assert workflow.stage("classify") == Stage(
        "classify",
        uses="classify",
        after=("discover",),
        condition="stages.discover.changed > 0",
        for_each="stages.discover.batches",
        parallel=4,
        arguments={"tier": "rules", "sample_rows": 200},
        on_failure=OnFailure.CONTINUE,
        compensate="unclassify",
    )
    assert workflow.stage("quality").workflow == "quality"


@pytest.mark.parametrize(
    ("find", "replace", "at", "field", "remedy"),
    [
        ("timeout: 90m", "timeot: 90m", (9, 5), "stages.discover.timeot", "Did you mean timeout?"),
        ("timeout: 90m", "timeout: 90", (9, 5), "stages.discover.timeout", ""),
        ("timeout: 90m", "timeout: 8d", (9, 5), "stages.discover.timeout", ""),
        ("timeout: 90m", "timeout: -1s", (9, 5), "stages.discover.timeout", ""),
        ("timeout: 90m", "uses: discover", (9, 5), "stages.discover.uses", ""),
        ("tries: 5", "tries: 0", (10, 13), "stages.discover.retry.tries", ""),
        ("tries: 5", "tris: 5", (10, 13), "stages.discover.retry.tris", "Did you mean tries?"),
        ("first: 2s", "first: 2h", (10, 23), "stages.discover.retry.first", "Raise longest"),
        ("factor: 3", "factor: .inf", (10, 34), "stages.discover.retry.factor", ""),
        (
            "[discover]\n    if",
            "[discovr]\n    if",
            (13, 13),
            "stages.classify.after.0",
            "Did you mean discover?",
        ),
        ("[discover]\n    if", "[]\n    if", (14, 5), "stages.classify.if", "Add discover to the after"),
        ("changed > 0", "changed >", (14, 5), "stages.classify.if", ""),
        ("discover.changed > 0", "found.n > 0", (14, 5), "stages.classify.if", ""),
        (
            "stages.discover.batches",
            "stages.classify.n",
            (15, 5),
            "stages.classify.for_each",
            "not what it counts",
        ),
        ("    for_each: stages.discover.batches\n", "", (15, 5), "stages.classify.parallel", "for_each"),
        ("parallel: 4", "parallel: 0", (16, 5), "stages.classify.parallel", ""),
        ("tier: rules", "1: rules", (17, 5), "stages.classify.with", ""),
        ("on_failure: continue", "on_failure: ignore", (18, 5), "stages.classify.on_failure", ""),
        ("compensate: unclassify", "compensate: undo", (19, 5), "stages.classify.compensate", "Actions: "),
        ("uses: publish", "uses: publsh", (5, 5), "stages.publish.uses", "Did you mean publish?"),
        ("    uses: publish\n", "", (4, 3), "stages.publish", "Name an action"),
        (
            "workflow: quality",
            "workflow: qualty",
            (21, 5),
            "stages.quality.workflow",
            "Did you mean quality?",
        ),
        ("workflow: quality", "workflow: nightly", (21, 5), "stages.quality.workflow", "cannot run itself"),
        (
            "workflow: quality",
            "workflow: quality\n    uses: sample",
            (20, 3),
            "stages.quality",
            "Name an action",
        ),
        ("  quality:\n", "  Quality:\n", (20, 3), "stages.Quality", "lower-case"),
        ("  quality:\n", "  classify:\n", (20, 3), "stages.classify", ""),
        ("workflow: nightly", "workflow: Nightly run", (1, 1), "workflow", ""),
        ("{tier: rules", "&a {tier: rules", (17, 11), "The workflow", ""),
        ("stages:", "stages: [", (5, 9), "The workflow", ""),
    ],
)
def test_a_mistake_names_its_field_line_column_and_remedy(
    find: str, replace: str, at: tuple[int, int], field: str, remedy: str
) -> None:
    assert NIGHTLY.count(find) == 1
    first = mistakes(NIGHTLY.replace(find, replace))[0]
    assert first.message.startswith(f"Line {at[0]}, column {at[1]}: {field} "), first.message
    assert (first.line, first.column) == at
    assert remedy in first.remedy
    assert first.remedy


def test_stages_that_wait_for_each_other_are_named_in_a_circle() -> None:
    text = "workflow: a\nstages:\n" + "".join(
        f"  {name}: {{uses: sample, after: [{after}]}}\n" for name, after in ("ab", "bc", "ca", "da")
    )
    (only,) = mistakes(text)
    assert "stages.a.after waits for itself: a after b after c after a" in only.message


def test_all_mistakes_are_told_at_once_in_the_order_of_the_text() -> None:
    text = (
        NIGHTLY.replace("uses: publish", "uses: nothing")
        .replace("changed > 0", ">")
        .replace("compensate: unclassify", "compensate: nothing")
    )
    assert [each.line for each in mistakes(text)] == [5, 14, 19]


def test_a_secret_in_a_wrong_place_is_not_repeated() -> None:
    text = NIGHTLY.replace("timeout: 90m", "timeout: canary-Zq7").replace("tries: 5", "tries: canary-Zq7")
    assert all("canary" not in f"{each!r}{each.remedy}" for each in mistakes(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "a: \x00",
        "[" * 100_000,
        "x" * (LARGEST + 1),
        "workflow: &a b\nstages: *a",
        "workflow: a\nstages: {}",
        "workflow: a\nstages: {on: {uses: sample}}",
        "? {a: b}\n: c",
        "workflow: a\nstages: {a: {uses: sample, with: {n: " + "9" * 5000 + "}}}",
        "workflow: a\nstages: {a: {uses: sample, with: {n: 99999999999999999999}}}",
        "workflow: a\nstages: {" + ", ".join(f"s{n}: {{uses: sample}}" for n in range(201)) + "}",
    ],
)
def test_hostile_texts_are_refused_as_workflows(text: str) -> None:
    assert all(each.message.startswith("Line ") for each in mistakes(text))


@given(st.text(max_size=200) | st.text(alphabet="workflstagesu :{}[],'\"\n-&*!?|>%@`0", max_size=200))
def test_any_text_is_a_workflow_or_a_bad_workflow(text: str) -> None:
    with pytest.raises(BadWorkflow):
        parse(text)


@given(st.integers(0, len(NIGHTLY)), st.integers(0, 30), st.text(max_size=12))
def test_a_damaged_workflow_is_read_or_refused_as_such(start: int, length: int, instead: str) -> None:
    try:
        parse(NIGHTLY[:start] + instead + NIGHTLY[start + length :])
    except BadWorkflow as error:
        failed = error
    else:
        return
    assert min(failed.line, failed.column) >= 1


_CHARACTERS = st.characters(codec="utf-8", exclude_categories=("Cs",))
_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(_CHARACTERS, max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(_CHARACTERS, max_size=6), inner, max_size=3)
    ),
    max_leaves=6,
)


@st.composite
def workflows(draw: st.DrawFn) -> Workflow:
    names = draw(
        st.lists(st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True), min_size=1, max_size=6, unique=True)
    )
    names = [name for name in names if name not in ("in", "true", "false", "null")] or ["only"]
    stages = []
    for index, name in enumerate(names):
        after = tuple(draw(st.sets(st.sampled_from(names[:index])))) if index else ()
        uses = draw(st.sampled_from(["", *ACTIONS]))
        fans_out = draw(st.booleans())
        longest = draw(st.integers(0, 86_400_000))
        stages.append(
            Stage(
                name,
                uses=uses,
                workflow="" if uses else "quality",
                after=after,
                condition=f"stages[{after[0]!r}].changed > 0" if after and draw(st.booleans()) else "",
                for_each=draw(st.sampled_from(["run.batches", "4"])) if fans_out else "",
                parallel=draw(st.integers(1, 64)) if fans_out else 1,
                arguments=draw(st.dictionaries(st.text(_CHARACTERS, max_size=6), _VALUES, max_size=3)),
                retry=Retry(
                    draw(st.integers(1, 20)),
                    draw(st.integers(0, longest)) / 1000,
                    draw(st.floats(1, 10)),
                    longest / 1000,
                ),
                timeout_s=draw(st.integers(1000, 604_800_000)) / 1000,
                on_failure=draw(st.sampled_from(OnFailure)),
                compensate=draw(st.sampled_from(["", *ACTIONS])),
            )
        )
    return canonical(
        Workflow(draw(st.sampled_from(["a", "b.c"])), tuple(stages), draw(st.text(_CHARACTERS, max_size=20)))
    )


@settings(deadline=None)
@given(workflows())
def test_the_yaml_of_a_workflow_reads_back_the_same(workflow: Workflow) -> None:
    assert parse(to_yaml(workflow)) == workflow


def _shuffled(value: Any, draw: st.DrawFn) -> Any:
    if isinstance(value, dict):
        return {key: _shuffled(value[key], draw) for key in draw(st.permutations(list(value)))}
    return value


@settings(deadline=None)
@given(workflows(), st.data())
def test_the_digest_does_not_depend_on_the_order_of_keys_nor_on_defaults_written_out(
    workflow: Workflow, data: st.DataObject
) -> None:
    full = tree(workflow, defaults=True)
    text = yaml.safe_dump(_shuffled(full, data.draw), sort_keys=False)
    assert parse(text) == workflow


def test_any_change_changes_the_digest() -> None:
    changes = [("200", "201"), ("90m", "91m"), ("continue", "fail"), ("[classify, quality]", "[quality]")]
    digests = {parse(NIGHTLY).digest, *(parse(NIGHTLY.replace(*change)).digest for change in changes)}
    assert len(digests) == 1 + len(changes)


def test_the_json_schema_describes_every_key_and_admits_the_example() -> None:
    schema = workflow_schema()
    parts = [schema, *schema["$defs"].values()]
    assert all(field.get("description") for part in parts for field in part["properties"].values())
    assert set(schema["$defs"]["StagePart"]["properties"]) >= set(
        yaml.safe_load(NIGHTLY)["stages"]["classify"]
    )
    assert json.loads(json.dumps(schema)) == schema
