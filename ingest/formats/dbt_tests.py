"""Tests in dbt artifacts: what they test and how they went. Messages may quote data, and so may arguments: both are left out."""

from __future__ import annotations

import re
from collections.abc import Mapping

from ingest.formats.dbt_artifacts import Artifacts, Node, completed, config, member, moment_of, strings, text
from schema.domain.data_tests import DataTest, DataTestResult, DataTestStatus, figures
from schema.domain.platforms import column_urn
from schema.ids import Urn

_REF = re.compile(r"\b(?:ref|source)\(\s*((?:['\"][^'\"]*['\"]\s*,?\s*)+)")
_QUOTED = re.compile(r"['\"]([^'\"]*)['\"]")
_COLUMN = re.compile(r"[\"`\[]?([^\W\d][\w$ ]*)[\"`\]]?")
_STATUS = {
    "pass": DataTestStatus.PASS,
    "success": DataTestStatus.PASS,
    "warn": DataTestStatus.WARN,
    "fail": DataTestStatus.FAIL,
    "error": DataTestStatus.ERROR,
    "runtime error": DataTestStatus.ERROR,
    "skipped": DataTestStatus.SKIPPED,
    "no-op": DataTestStatus.SKIPPED,
}


def data_test(job: Urn, key: str, node: Node, artifacts: Artifacts, urns: Mapping[str, Urn]) -> DataTest:
    """The test with unique id ``key``; ``urns`` are the datasets of the project by theirs."""
    stated = member(node, "test_metadata")
    check = ".".join(filter(None, (text(stated, "namespace"), text(stated, "name"))))
    kind = "unit_test" if text(node, "resource_type") == "unit_test" else "singular_test"
    result = _result(artifacts.results.get(key, {}), node, artifacts)
    return DataTest(
        job, check or kind, "dbt", _subjects(node, stated, artifacts, urns), (result,) if result else ()
    )


def _subjects(node: Node, stated: Node, artifacts: Artifacts, urns: Mapping[str, Urn]) -> tuple[Urn, ...]:
    tested = [urns[key] for key in _tested(node, stated, artifacts) if key in urns]
    arguments = member(stated, "kwargs")
    name = _COLUMN.fullmatch(text(node, "column_name") or text(arguments, "column_name"))
    if len(tested) == 1 and name is not None:
        return (column_urn(tested[0], name[1]),)
    return tuple(dict.fromkeys(tested))


def _tested(node: Node, stated: Node, artifacts: Artifacts) -> tuple[str, ...]:
    """Unique ids of what is tested: what the test hangs on, not what it compares that with; else all it depends on."""
    if attached := text(node, "attached_node"):
        return (attached,)
    upstream = strings(member(node, "depends_on"), "nodes")
    if found := _REF.search(text(member(stated, "kwargs"), "model")):
        named = _QUOTED.findall(found[1])[-1:]
        hung = [key for key in upstream if [text(artifacts.nodes.get(key, {}), "name")] == named]
        if hung:
            return tuple(hung[:1])
    return upstream


def _result(result: Node, node: Node, artifacts: Artifacts) -> DataTestResult | None:
    """None where the test was not run, or dbt has a word for its end that is not known."""
    status = _STATUS.get(text(result, "status").lower())
    at = moment_of(completed(result)) or artifacts.results_at
    if status is None or at is None:
        return None
    # A project may have its failures calculated, of values even; as dbt comes they are counted.
    counted = (text(config(node), "fail_calc") or "count(*)").lower().startswith("count(")
    failures = result.get("failures") if counted else None
    return DataTestResult(status, at, artifacts.invocation, figures(failures=failures))
