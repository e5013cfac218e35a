"""Tests in dbt's artifacts: what they test, how they went, what is not kept."""

from __future__ import annotations

from pathlib import Path

from ingest.formats import dbt
from schema.domain.data_tests import DataTest, DataTestStatus, Measure

DATA = Path(__file__).parents[2] / "data" / "dbt"


def read(project: str) -> dict[str, DataTest]:
    manifest, results = (
        (DATA / project / f"{name}.json").read_bytes() for name in ("manifest", "run_results")
    )
    found = dbt.extract(dbt.parse_artifacts(manifest, None, results), namespace="postgres://db")
    return {test.job.name.split(".")[2]: test for test in found.tests}


def test_a_test_has_the_column_it_tests_the_status_and_the_number_of_failures() -> None:
    found = read("test")
    failed = [
        test for test in found.values() if test.results and test.results[0].status is DataTestStatus.FAIL
    ]
    (quantiles,) = [
        test
        for test in failed
        if test.check == "dbt_expectations.expect_column_quantile_values_to_be_between"
    ]
    assert [urn.column for urn in quantiles.subjects] == ["id"]
    assert quantiles.results[0].figures == {Measure.FAILURES: 6}
    assert quantiles.results[0].run == "9adc7020-c784-4179-a4e3-e3c4ffb3b09c"
    assert quantiles.results[0].at.isoformat() == "2021-08-23T15:06:23.909633+00:00"


def test_a_relationship_tests_what_it_hangs_on_and_not_what_it_compares_that_with() -> None:
    found = [test for test in read("postgres").values() if test.check == "relationships"]
    assert found
    for test in found:
        (subject,) = test.subjects
        assert (subject.column, subject.dataset().name.rpartition(".")[2]) == ("customer_id", "orders")


def test_a_test_that_was_not_run_has_no_result() -> None:
    assert any(not test.results for test in read("postgres").values())
