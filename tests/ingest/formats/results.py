"""Results of tools that test data, with canaries wherever they may hold values."""

from __future__ import annotations

from typing import Any

CANARY = "canary-4711"


def expectation(kind: str, success: bool | None, result: dict[str, Any], **kwargs: Any) -> dict[str, Any]:
    return {
        "success": success,
        "expectation_config": {"expectation_type": kind, "kwargs": {"batch_id": "b1", **kwargs}, "meta": {}},
        "result": result,
        "exception_info": {"raised_exception": False, "exception_message": None},
    }


def validation(
    time: str = "2026-05-01T08:00:00+00:00", *, failing: bool = True, **spec: Any
) -> dict[str, Any]:
    """A validation of the table foo2 against the suite test_suite, as GX 0.18 stores it."""
    unexpected = {
        "element_count": 10,
        "unexpected_count": 2,
        "unexpected_percent": 20.0,
        "missing_count": 1,
        "missing_percent": 10.0,
        "partial_unexpected_list": [CANARY, CANARY],
        "partial_unexpected_counts": [{"value": CANARY, "count": 2}],
        "unexpected_index_list": [{"score": CANARY}],
        "unexpected_index_query": f"df.filter(items=['{CANARY}'])",
    }
    raised = expectation("expect_column_values_to_match_regex", False, {}, column="name", regex=CANARY)
    raised["exception_info"] = {"('m', 'id')": {"raised_exception": True, "exception_message": CANARY}}
    return {
        "success": not failing,
        "meta": {
            "expectation_suite_name": "test_suite",
            "run_id": {"run_name": "nightly", "run_time": time},
            "active_batch_definition": {
                "datasource_name": "warehouse",
                "data_asset_name": "foo2",
                "batch_identifiers": {"category": CANARY},
            },
            "batch_spec": spec or {"schema_name": "public", "table_name": "foo2"},
        },
        "results": [
            expectation(
                "expect_column_values_to_be_between",
                not failing,
                unexpected if failing else {"element_count": 10, "unexpected_count": 0},
                column="score",
                min_value=0,
                max_value=8,
            ),
            expectation("expect_table_row_count_to_be_between", True, {"observed_value": 10}, min_value=1),
            expectation("expect_column_max_to_be_between", True, {"observed_value": 4711}, column="score"),
            expectation(
                "expect_column_distinct_values_to_be_in_set",
                True,
                {"observed_value": [CANARY]},
                column="name",
                value_set=[CANARY],
            ),
            raised,
        ],
    }


def soda_scan(time: str = "2026-05-01T08:00:00+00:00", outcome: str = "fail") -> dict[str, Any]:
    """A scan of the table foo2 in the shape that Soda Core's documentation gives."""
    return {
        "definitionName": "nightly",
        "defaultDataSource": "warehouse",
        "scanEndTimestamp": time,
        "metrics": [
            {"identity": "m1", "metricName": "missing_count", "value": 3},
            {"identity": "m2", "metricName": "max", "value": 4711},
            {"identity": "m3", "metricName": "invalid_percent", "value": 25.0},
        ],
        "checks": [
            {
                "identity": "c1",
                "name": f"name is not {CANARY}",
                "definition": f"valid values: [{CANARY}]",
                "table": "foo2",
                "column": "name",
                "metrics": ["m1", "m3"],
                "outcome": outcome,
                "diagnostics": {"value": 3, "failedRowsCount": 3, "samples": [CANARY]},
            },
            {"identity": "c2", "table": "foo2", "column": "score", "metrics": ["m2"], "outcome": "pass", "diagnostics": {"value": 4711}},
            {"identity": "c3", "table": "foo2", "metrics": [], "type": "generic", "outcome": None},
        ],
    }  # fmt: skip
