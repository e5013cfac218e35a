"""The vocabulary of classifications: the hierarchy, classifiers of one's own, switches and thresholds."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from cypher.session import GraphSession
from ingest.commands import classifications, classifiers
from ingest.vocabulary import current_vocabulary
from ml.classify.engine import ColumnEvidence, standard_engine
from schema.domain.classifications import Sensitivity, Verdict
from schema.domain.identity import Principal, Role, Scope
from tests.graph_api.asking import api, nodes
from tests.ingest.test_scan import query
from tests.seed import fill, know, warehouse

SHOP = warehouse("shop", "", datasets=3, columns=10)
NOTE = str(SHOP.datasets[1].column_urn("note"))
HELMET = """\
name: HELMET
title: Helmet number
description: The number on the helmet of an employee.
category: EMPLOYMENT
sensitivity: 3
parent: PERSONAL_DATA
group: HELMET
names:
  strong: [helmet, helmet number, helmet no]
values:
  - {pattern: 'H-[0-9]{6}', alone: 0.9}
closed: true
examples:
  values: [H-123456]
  names: [helmet_no]
counter_examples:
  values: [H-12345, "123456"]
  names: [helmet_colour_id_count]
"""
FAILURE = "... on UserError { code message path remedy } ... on BadClassifierError { mistakes { message path line column remedy } }"
CLASSIFICATION = "name title sensitivity version regulations group priority acceptAt rejectAt builtIn enabled parent { name } yaml"
SAVE = f"mutation ($y: String!, $v: Int) {{ classifierSave(yaml: $y, expectedVersion: $v) {{ __typename ... on ClassifierSaveSuccess {{ classification {{ {CLASSIFICATION} versions(first: 5) {{ edges {{ node {{ number yaml savedBy }} }} }} }} }} {FAILURE} }} }}"
DELETE = f"mutation ($n: String!, $w: Boolean! = false) {{ classifierDelete(name: $n, withdrawVerdicts: $w) {{ __typename ... on ClassifierDeleteSuccess {{ withdrawn }} {FAILURE.split('...')[1].join(['...', ''])} }} }}"
IMPORT = f"mutation ($y: String!, $r: Boolean! = false, $d: Boolean! = false) {{ classifierImport(yaml: $y, remove: $r, dryRun: $d) {{ __typename ... on ClassifierImportSuccess {{ dryRun added changed unchanged removed }} {FAILURE} }} }}"
THRESHOLDS = "mutation ($n: String!, $a: Float, $r: Float) { classificationThresholdsSet(name: $n, acceptAt: $a, rejectAt: $r) { __typename ... on ClassificationThresholdsSetSuccess { classification { acceptAt rejectAt } } ... on UserError { path } } }"
SWITCH = "mutation ($n: String!) {{ {0}(name: $n) {{ __typename ... on {1}Success {{ classification {{ enabled }} }} ... on UserError {{ path }} }} }}"
DISABLE = SWITCH.format("classificationDisable", "ClassificationDisable")
ENABLE = SWITCH.format("classificationEnable", "ClassificationEnable")
LIST = f"query ($f: ClassificationFilter, $n: Int, $a: String) {{ classifications(filter: $f, first: $n, after: $a) {{ edges {{ node {{ {CLASSIFICATION} }} }} pageInfo {{ hasNextPage endCursor }} }} }}"
ONE = f"query ($n: String!) {{ classification(name: $n) {{ {CLASSIFICATION} narrower(first: 100) {{ edges {{ node {{ name }} }} }} }} }}"
VERDICTS = "query ($u: String!) { assetByUrn(urn: $u) { sensitivity classifications { status autoAccepted confidence classification { name group priority enabled regulations } } } }"
ASSETS = "query ($c: String!) { assets(first: 100, filter: {classification: $c}) { totalCount edges { node { name } } } }"
AUDITED = query(
    "MATCH (e:AuditEvent) WHERE e.action STARTS WITH 'classifi' RETURN e.action AS action ORDER BY e.at"
)


async def saved(graph: GraphSession, text: str, role: Role = Role.STEWARD, **given: Any) -> dict[str, Any]:
    return (await api(graph, role).ask(SAVE, y=text, **given))["classifierSave"]  # type: ignore[no-any-return]


async def labels(graph: GraphSession, name: str, values: list[object] | None = None) -> list[str]:
    """What a scan would call a column now."""
    engine = (await current_vocabulary(graph)).engine
    column = ColumnEvidence("staff", name, "varchar", None, values or [])
    return [verdict.classification for verdict in engine.classify([column])[0]]


async def test_the_hierarchy_is_drawn_from_the_texts_and_drawn_again_changes_nothing(
    graph: GraphSession,
) -> None:
    await classifiers.sync_vocabulary(graph)
    await classifiers.sync_vocabulary(graph)
    assert [row["action"] for row in await graph.rows(AUDITED)] == ["classification.sync"]

    email = (await api(graph, Role.READER).ask(ONE, n="EMAIL"))["classification"]
    assert email["parent"] == {"name": "CONTACT"}
    assert {"GDPR", "CCPA"} <= set(email["regulations"])
    assert (email["builtIn"], email["enabled"], email["group"]) == (True, True, "EMAIL")
    assert "name: EMAIL" in email["yaml"]
    contact = (await api(graph).ask(ONE, n="CONTACT"))["classification"]
    assert {"EMAIL", "PHONE"} <= {each["name"] for each in nodes(contact["narrower"])}
    assert contact["parent"] == {"name": "PERSONAL_DATA"}
    assert (await api(graph).ask(ONE, n="NOTHING"))["classification"] is None


@pytest.mark.parametrize(
    ("narrowed", "inside", "outside"),
    [
        ({"under": "CONTACT"}, {"CONTACT", "EMAIL"}, {"CREDIT_CARD", "PERSONAL_DATA"}),
        ({"regulation": "PCI_DSS"}, {"CREDIT_CARD", "CVV"}, {"EMAIL"}),
        ({"category": "FINANCIAL", "sensitivityAtLeast": "RESTRICTED"}, {"CREDIT_CARD"}, {"EMAIL", "SALARY"}),
        ({"text": "blood"}, {"BLOOD_TYPE"}, {"EMAIL"}),
        ({"builtIn": False}, {"HELMET"}, {"EMAIL"}),
        ({"enabled": False}, {"SALARY"}, {"EMAIL"}),
    ],
)
async def test_classifications_are_narrowed(
    graph: GraphSession,
    admin: Principal,
    narrowed: dict[str, Any],
    inside: set[str],
    outside: set[str],
) -> None:
    await classifiers.save(graph, admin, text=HELMET)
    await classifiers.set_enabled(graph, admin, name="SALARY", enabled=False)
    found: set[str] = set()
    after = None
    while True:
        page = (await api(graph, Role.READER).ask(LIST, f=narrowed, n=20, a=after))["classifications"]
        found |= {each["name"] for each in nodes(page)}
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert inside <= found
    assert not outside & found


async def test_a_classifier_is_saved_in_versions_and_the_next_scan_uses_it(graph: GraphSession) -> None:
    assert "HELMET" not in await labels(graph, "helmet_no")
    first = (await saved(graph, HELMET, v=0))["classification"]
    assert (first["name"], first["version"], first["parent"]) == ("HELMET", "1", {"name": "PERSONAL_DATA"})
    assert (first["builtIn"], first["yaml"]) == (False, HELMET)
    assert "GDPR" in first["regulations"]
    assert await labels(graph, "helmet_no") == ["HELMET"]
    assert await labels(graph, "code", [f"H-{n:06d}" for n in range(40)]) == ["HELMET"]

    stale = await saved(graph, HELMET, v=0)
    assert (stale["code"], stale["path"]) == ("CONFLICT", ["expectedVersion"])
    moved = (await saved(graph, HELMET.replace("parent: PERSONAL_DATA", "parent: CONTACT"), v=1))[
        "classification"
    ]
    assert (moved["version"], moved["parent"]) == ("2", {"name": "CONTACT"})
    contact = (await api(graph).ask(ONE, n="CONTACT"))["classification"]
    assert "HELMET" in {each["name"] for each in nodes(contact["narrower"])}
    people = (await api(graph).ask(ONE, n="PERSONAL_DATA"))["classification"]
    assert "HELMET" not in {each["name"] for each in nodes(people["narrower"])}

    restored = (await saved(graph, HELMET, v=2))["classification"]
    versions = nodes(restored["versions"])
    assert [each["number"] for each in versions] == [3, 2, 1]
    assert versions[0]["yaml"] == versions[2]["yaml"] == HELMET
    assert versions[0]["savedBy"] == "token:steward"
    assert (await saved(graph, HELMET))["classification"]["version"] == "3"


@pytest.mark.parametrize(
    ("old", "new", "line", "path"),
    [
        ("sensitivity: 3", "sensitivity: 7", 5, ["sensitivity"]),
        ("alone: 0.9", "alone: often", 11, ["values", "0", "alone"]),
        ("H-[0-9]{6}", "(?=H)-[0-9]{6}", 11, ["values", "0", "pattern"]),
        ("H-[0-9]{6}", "(?:H{900}){900}", 11, ["values", "0", "pattern"]),
        ("alone: 0.9", "check: 'stdnum:no.such'", 11, ["values", "0", "check"]),
        ("parent: PERSONAL_DATA", "parent: NOBODY", 6, ["parent"]),
        ("parent: PERSONAL_DATA", "parent: HELMET", 6, ["parent"]),
        ("name: HELMET\n", "name: EMAIL\n", 1, ["name"]),
        ("name: HELMET\n", "name: helmet-no\n", 1, ["name"]),
        ("[H-123456]", "[H-123456, h-1]", 14, ["examples", "values", "1"]),
        ("[H-12345, ", "[H-123450, ", 17, ["counter_examples", "values", "0"]),
        ("names: [helmet_no]", "names: [helmet_no, email]", 15, ["examples", "names", "1"]),
        ("closed: true", "colour: red", 12, ["colour"]),
        ("names:\n", "names: 5\nnames:\n", 9, ["names"]),
        ("parent: PERSONAL_DATA", "parent: EMAIL", 7, ["group"]),
        ("group: HELMET", "accept_at: 0.5\nreject_at: 0.6", 7, ["accept_at"]),
    ],
)
async def test_a_wrong_text_is_told_by_field_and_line_and_nothing_is_saved(
    graph: GraphSession, old: str, new: str, line: int, path: list[str]
) -> None:
    assert old in HELMET
    told = await saved(graph, HELMET.replace(old, new, 1))
    assert told["__typename"] == "BadClassifierError"
    assert (told["mistakes"][0]["line"], told["mistakes"][0]["path"]) == (line, path)
    assert told["mistakes"][0]["remedy"]
    assert not any(secret in json.dumps(told) for secret in ("H-123450", 'h-1"'))
    assert (await api(graph).ask(ONE, n="HELMET"))["classification"] is None
    assert await graph.rows(AUDITED) == []


async def test_the_classifier_of_the_documentation_can_be_saved(graph: GraphSession) -> None:
    page = (Path(__file__).parents[3] / "docs/reference/custom-classifiers.md").read_text("utf-8")
    (text,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    found = (await saved(graph, text))["classification"]
    assert (found["acceptAt"], found["rejectAt"]) == (0.95, 0.6)


async def test_who_is_not_everywhere_allowed_to_classify_changes_no_vocabulary(graph: GraphSession) -> None:
    assert (await saved(graph, HELMET, Role.EDITOR))["code"] == "FORBIDDEN"
    for scope in (Scope(3), Scope(4, ("Sales",))):
        narrow = api(graph, Role.STEWARD, scope)
        assert (await narrow.ask(SAVE, y=HELMET))["classifierSave"]["code"] == "FORBIDDEN"
        assert (await narrow.ask(DISABLE, n="EMAIL"))["classificationDisable"][
            "__typename"
        ] == "ForbiddenError"


async def given(
    graph: GraphSession, admin: Principal, confidence: float, name: str = "HELMET", run: str = "r"
) -> dict[str, Any]:
    """The note column after a machine said with this confidence what it is."""
    verdict = Verdict(name, Sensitivity.SENSITIVE, confidence, "seen")
    await classifications.publish_verdicts(graph, admin, [(NOTE, verdict)], [NOTE], run=run)
    return (await api(graph).ask(VERDICTS, u=NOTE))["assetByUrn"]  # type: ignore[no-any-return]


async def test_a_classifier_with_verdicts_is_deleted_when_told_and_they_stay_in_the_history(
    graph: GraphSession, admin: Principal
) -> None:
    await fill(graph, admin, SHOP, embedded=False)
    await saved(graph, HELMET)
    assert (await given(graph, admin, 0.8))["sensitivity"] == "SENSITIVE"
    steward = api(graph, Role.STEWARD)
    narrower = (await steward.ask(ASSETS, c="PERSONAL_DATA"))["assets"]
    assert sorted(each["name"] for each in nodes(narrower)) == ["country"] * 2 + ["email"] * 3 + [
        "note"
    ] * 1 + ["ssn"]
    assert narrower["totalCount"] == len(nodes(narrower))

    refused = (await steward.ask(DELETE, n="HELMET"))["classifierDelete"]
    assert (refused["code"], "1 assets" in refused["message"]) == ("CONFLICT", True)
    gone = (await steward.ask(DELETE, n="HELMET", w=True))["classifierDelete"]
    assert gone == {"__typename": "ClassifierDeleteSuccess", "withdrawn": 1}

    after = (await steward.ask(VERDICTS, u=NOTE))["assetByUrn"]
    assert (after["sensitivity"], after["classifications"]) == ("PUBLIC", [])
    assert (await steward.ask(ONE, n="HELMET"))["classification"] is None
    assert await labels(graph, "helmet_no") == []
    assert (await given(graph, admin, 0.9, run="late"))["classifications"] == []  # a scan that began before
    was = await graph.rows(
        query("MATCH (:Asset)-[v:WAS_CLASSIFIED_AS]->(c {name: 'HELMET'}) RETURN v.reason AS reason")
    )
    assert was == [{"reason": "seen"}]
    assert (await steward.ask(DELETE, n="EMAIL"))["classifierDelete"]["code"] == "CONFLICT"
    assert (await steward.ask(DELETE, n="HELMET"))["classifierDelete"]["code"] == "NOT_FOUND"
    assert (await saved(graph, HELMET))["classification"]["version"] == "2"
    assert await labels(graph, "helmet_no") == ["HELMET"]


async def test_what_others_are_narrower_than_is_not_deleted(graph: GraphSession) -> None:
    await saved(graph, HELMET)
    await saved(
        graph,
        HELMET.replace("HELMET", "GATE_HELMET")
        .replace("parent: PERSONAL_DATA", "parent: HELMET")
        .replace("group: GATE_HELMET", "group: HELMET"),
    )
    told = (await api(graph).ask(DELETE, n="HELMET"))["classifierDelete"]
    assert "GATE_HELMET is narrower" in told["message"]


async def test_one_that_is_built_in_is_switched_off_and_on(graph: GraphSession) -> None:
    steward = api(graph, Role.STEWARD)
    assert await labels(graph, "salary") == ["SALARY"]
    off = (await steward.ask(DISABLE, n="SALARY"))["classificationDisable"]["classification"]
    assert off == {"enabled": False}
    assert await labels(graph, "salary") == []
    assert (await current_vocabulary(graph)).engine.version != standard_engine().version
    on = (await steward.ask(ENABLE, n="SALARY"))["classificationEnable"]["classification"]
    assert on == {"enabled": True}
    assert await labels(graph, "salary") == ["SALARY"]
    assert (await current_vocabulary(graph)).engine is standard_engine()
    assert (await steward.ask(DISABLE, n="NOBODY"))["classificationDisable"]["path"] == ["name"]


async def test_thresholds_accept_and_reject_verdicts_and_a_sync_leaves_them(
    graph: GraphSession, admin: Principal
) -> None:
    await fill(graph, admin, SHOP, embedded=False)
    await classifiers.sync_vocabulary(graph)
    steward = api(graph, Role.STEWARD)
    done = (await steward.ask(THRESHOLDS, n="SALARY", a=0.9, r=0.6))["classificationThresholdsSet"]
    assert done["classification"] == {"acceptAt": 0.9, "rejectAt": 0.6}
    await know(graph, standard_engine().classifiers)

    sure = (await given(graph, admin, 0.95, "SALARY", run="1"))["classifications"]
    assert [(each["status"], each["autoAccepted"]) for each in sure] == [("SUGGESTED", True)]
    less = (await given(graph, admin, 0.7, "SALARY", run="2"))["classifications"]
    assert [each["autoAccepted"] for each in less] == [False]
    assert (await given(graph, admin, 0.5, "SALARY", run="3"))["classifications"] == []
    for wrong, path in (
        ({"a": 1.5}, "acceptAt"),
        ({"a": 0.5, "r": 0.9}, "acceptAt"),
        ({"r": -1.0}, "rejectAt"),
    ):
        told = (await steward.ask(THRESHOLDS, n="SALARY", **wrong))["classificationThresholdsSet"]
        assert told["path"] == [path]

    reset = "mutation ($n: String!) { classificationThresholdsReset(name: $n) { __typename ... on ClassificationThresholdsResetSuccess { classification { acceptAt rejectAt } } ... on UserError { path } } }"
    spec = next(each for each in standard_engine().classifiers if each.name == "SALARY")
    back = (await steward.ask(reset, n="SALARY"))["classificationThresholdsReset"]["classification"]
    assert back == {"acceptAt": spec.accept_at, "rejectAt": spec.reject_at}
    assert (await steward.ask(reset, n="NOBODY"))["classificationThresholdsReset"]["path"] == ["name"]
    assert [row["action"] for row in await graph.rows(AUDITED)][-1] == "classification.thresholds_reset"


async def test_of_one_group_the_priority_decides_before_the_confidence(graph: GraphSession) -> None:
    rival = (
        HELMET.replace("HELMET", "PASS_NUMBER")
        .replace("group: PASS_NUMBER", "group: HELMET")
        .replace("alone: 0.9", "alone: 0.6")
    )
    await saved(graph, HELMET)
    await saved(graph, rival.replace("  names: [helmet_no]\n", ""))
    values: list[object] = [f"H-{n:06d}" for n in range(40)]
    assert await labels(graph, "code", values) == ["HELMET"]
    await saved(graph, rival + "priority: 5\n")
    assert await labels(graph, "code", values) == ["PASS_NUMBER"]


async def test_all_classifiers_are_exported_previewed_and_imported(graph: GraphSession) -> None:
    other = HELMET.replace("HELMET", "LOCKER").replace("helmet", "locker").replace("H-", "L-")
    steward = api(graph, Role.STEWARD)
    await saved(graph, HELMET)
    await saved(graph, other)
    exported = (await api(graph, Role.READER).ask("{ classifierExport }"))["classifierExport"]
    same = (await steward.ask(IMPORT, y=exported, d=True))["classifierImport"]
    assert (same["unchanged"], same["added"] + same["changed"]) == (["HELMET", "LOCKER"], [])

    third = HELMET.replace("HELMET", "VISITOR").replace("helmet", "visitor").replace("H-", "V-")
    text = "# ours\n---\n" + HELMET.replace("sensitivity: 3", "sensitivity: 4") + "---\n" + third
    expected = {"added": ["VISITOR"], "changed": ["HELMET"], "unchanged": [], "removed": ["LOCKER"]}
    preview = (await steward.ask(IMPORT, y=text, r=True, d=True))["classifierImport"]
    assert preview == {"__typename": "ClassifierImportSuccess", "dryRun": True} | expected
    assert (await steward.ask(ONE, n="LOCKER"))["classification"]
    done = (await steward.ask(IMPORT, y=text, r=True))["classifierImport"]
    assert done == preview | {"dryRun": False}
    assert (await steward.ask(ONE, n="LOCKER"))["classification"] is None
    assert (await steward.ask(ONE, n="HELMET"))["classification"]["sensitivity"] == "RESTRICTED"
    assert await labels(graph, "visitor_no") == ["VISITOR"]

    wrong = text + "---\n" + other.replace("sensitivity: 3", "sensitivity: none")
    told = (await steward.ask(IMPORT, y=wrong, r=True))["classifierImport"]
    assert (told["mistakes"][0]["line"], told["mistakes"][0]["path"]) == (
        wrong.count("\n", 0, wrong.index("none")) + 1,
        ["sensitivity"],
    )
    everything = (await api(graph).ask("{ classifierExport(builtIn: true) }"))["classifierExport"]
    assert everything.count("\nname: ") > 200


async def test_a_classifier_that_this_version_cannot_read_stops_no_scan(graph: GraphSession) -> None:
    await saved(graph, HELMET)
    await graph.schema_statement(
        "CYPHER 25 MATCH (d:ClassifierDefinition) SET d.text = replace(d.text, 'closed', 'shut')"
    )
    await graph.schema_statement("CYPHER 25 MATCH (v:ClassifierVocabulary) SET v.digest = 'another'")
    assert await labels(graph, "email") == ["EMAIL"]
    assert await labels(graph, "helmet_no") == []
