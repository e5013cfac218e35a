"""Great Expectations and Soda: what is kept of their results, and that no value of the data is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ingest.connectors.base import open_connector
from ingest.formats.extract import Extract
from ingest.network import NetworkPolicy
from schema.domain.data_tests import DataTest, DataTestStatus, Measure
from tests.ingest.formats.results import CANARY, soda_scan, validation

SUITE = Path(__file__).parents[2] / "data" / "great_expectations" / "test_suite.json"
DATABASES = {"warehouse": {"namespace": "postgres://db", "database": "shop"}}
FOO = "postgres://db:5432~shop.public.foo2"


def read(kind: str, folder: Path, *documents: object, **config: Any) -> Extract:
    for n, document in enumerate(documents):
        (folder / f"{n}.json").write_text(json.dumps(document))
    settings = {"path": str(folder), "namespace": "gx://shop", "databases": DATABASES} | config
    return open_connector(kind, settings, access=NetworkPolicy(local_files=(folder,))).extract()  # type: ignore[attr-defined, no-any-return]


def by_check(found: Extract) -> dict[str, DataTest]:
    return {test.check: test for test in found.tests}


def test_an_expectation_tests_a_column_or_a_table_and_has_status_and_counts(tmp_path: Path) -> None:
    found = by_check(read("great_expectations", tmp_path, validation()))
    between, rows = found["expect_column_values_to_be_between"], found["expect_table_row_count_to_be_between"]
    assert [str(urn) for urn in between.subjects] == [f"column:{FOO}~score"]
    assert [str(urn) for urn in rows.subjects] == [f"dataset:{FOO}"]
    (result,) = between.results
    assert (result.status, result.run, result.at.isoformat()) == (
        DataTestStatus.FAIL,
        "nightly",
        "2026-05-01T08:00:00+00:00",
    )
    assert result.figures == {
        Measure.ROWS: 10,
        Measure.UNEXPECTED: 2,
        Measure.UNEXPECTED_SHARE: 0.2,
        Measure.MISSING: 1,
        Measure.MISSING_SHARE: 0.1,
    }
    assert rows.results[0].figures == {Measure.OBSERVED_COUNT: 10}
    assert found["expect_column_values_to_match_regex"].results[0].status is DataTestStatus.ERROR


@pytest.mark.parametrize(("kind", "document"), [("great_expectations", validation()), ("soda", soda_scan())])
def test_no_value_of_the_data_is_kept(tmp_path: Path, kind: str, document: object) -> None:
    found = read(kind, tmp_path, document)
    assert len(found.tests) >= 3
    for test in found.tests:
        assert CANARY not in repr((test, [(r.figures, r.run) for r in test.results]))
        assert 4711 not in [value for result in test.results for value in result.figures.values()]
    assert CANARY not in repr(found.jobs) + repr(found.problems)


def test_an_expectation_that_warns_only_is_told_by_its_severity(tmp_path: Path) -> None:
    document = validation()
    document["results"] = document["results"][:1]
    document["results"][0]["expectation_config"]["severity"] = "warning"
    (test,) = read("great_expectations", tmp_path, document).tests
    assert test.results[0].status is DataTestStatus.WARN


def test_the_results_of_a_checkpoint_are_read_like_those_of_its_validations(tmp_path: Path) -> None:
    inner = validation()
    run = inner["meta"].pop("run_id")
    found = read(
        "great_expectations", tmp_path, {"run_id": run, "run_results": {"one": {"validation_result": inner}}}
    )
    assert {len(test.results) for test in found.tests} == {1}


def test_a_suite_adds_expectations_that_no_result_is_about(tmp_path: Path) -> None:
    found = read("great_expectations", tmp_path, validation(), json.loads(SUITE.read_text()))
    never = [test for test in found.tests if not test.results]
    assert {"expect_column_to_exist", "expect_column_values_to_not_be_null"} <= {test.check for test in never}
    assert {urn.dataset().name for test in never for urn in test.subjects} == {"shop.public.foo2"}
    alone = read("great_expectations", SUITE.parent)
    assert [p.code for p in alone.problems] == ["NO_RESULTS"]
    assert len(alone.tests) == 5


def test_what_is_no_table_must_be_named_and_is_kept_without(tmp_path: Path) -> None:
    document = validation(path="data/foo.csv")
    without = read("great_expectations", tmp_path, document)
    assert {p.code for p in without.problems} == {"UNMAPPED_TABLE"}
    assert not any(test.subjects for test in without.tests)
    named = read("great_expectations", tmp_path, document, tables={"warehouse.foo2": "crm.people"})
    assert {urn.dataset().name for test in named.tests for urn in test.subjects} == {"shop.crm.people"}


def test_the_batches_of_one_run_are_results_of_their_own_and_the_same_file_twice_is_one(
    tmp_path: Path,
) -> None:
    other = json.loads(json.dumps(validation()).replace('"b1"', '"b2"'))
    test = by_check(read("great_expectations", tmp_path, validation(), validation(), other))[
        "expect_column_values_to_be_between"
    ]
    assert len({result.ident(test.job) for result in test.results}) == 2


def test_a_check_of_soda_has_its_outcome_and_its_counts(tmp_path: Path) -> None:
    found = by_check(read("soda", tmp_path, soda_scan()))
    missing = found["missing_count"]
    assert [str(urn) for urn in missing.subjects] == [f"column:{FOO}~name"]
    assert missing.results[0].status is DataTestStatus.FAIL
    assert missing.results[0].figures == {
        Measure.FAILURES: 3,
        Measure.MISSING: 3,
        Measure.UNEXPECTED_SHARE: 0.25,
    }
    assert found["max"].results[0].figures == {}
    assert found["generic"].results[0].status is DataTestStatus.ERROR


@pytest.mark.parametrize("kind", ["great_expectations", "soda"])
@pytest.mark.parametrize("value", [None, 3, "x", [], {}, [None], {"results": 1}])
def test_no_shape_of_a_result_ends_the_reading(tmp_path: Path, kind: str, value: object) -> None:
    documents = [
        value,
        {"success": value, "results": [value, {"expectation_config": value, "result": value, "exception_info": value}], "meta": value},
        {"success": value, "results": [{"expectation_config": {"expectation_type": "e", "kwargs": {"column": value, "column_list": value}}, "result": {"element_count": value}}]},
        {"run_results": value if isinstance(value, list | dict) else {}},
        {"expectations": [value, {"expectation_type": value}]},
        {"checks": [value, {"table": value, "metrics": value, "outcome": value, "diagnostics": value}], "metrics": value, "scanEndTimestamp": value},
    ]  # fmt: skip
    assert read(kind, tmp_path, *documents).problems


def test_a_data_source_that_nobody_mapped_is_said_once(tmp_path: Path) -> None:
    found = read("soda", tmp_path, soda_scan(), databases={})
    assert [(p.code, p.subject) for p in found.problems] == [("UNMAPPED_DATABASE", "warehouse")]
