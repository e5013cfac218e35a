"""Great Expectations in: validation results as data tests with their results, and suites as tests that have none yet.

Source: GX's validation results, results of checkpoints and expectation suites as JSON, of versions 0.13 to 1. Results list
values of the data and observe values of it: nothing is read of them but counts and shares.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ingest.formats.dbt_artifacts import member, moment_of, strings, text
from ingest.formats.exports import Collected, File, Warehouse, objects
from ingest.formats.extract import Extract, load_json
from schema.domain.data_tests import DataTestResult, DataTestStatus, figures, share
from schema.domain.platforms import column_urn
from schema.domain.scans import Severity
from schema.errors import BadDocument
from schema.ids import Urn

Item = Mapping[str, Any]
TOOL = "Great Expectations"
# What they observe is a number of things; others observe values of the data, such as a minimum.
_COUNTS = frozenset(
    {
        "expect_table_row_count_to_be_between",
        "expect_table_row_count_to_equal",
        "expect_table_row_count_to_equal_other_table",
        "expect_table_column_count_to_be_between",
        "expect_table_column_count_to_equal",
        "expect_column_unique_value_count_to_be_between",
    }
)
_SHARES = frozenset(
    {
        "expect_column_proportion_of_unique_values_to_be_between",
        "expect_column_proportion_of_non_null_values_to_be_between",
    }
)
_MILD = ("warning", "info")
_OF_THE_RUN = ("batch_id", "result_format", "catch_exceptions", "include_config")


def extract(
    files: Sequence[File],
    *,
    namespace: str,
    warehouses: Mapping[str, Warehouse],
    tables: Mapping[str, str] | None = None,
) -> Extract:
    """Everything the files state; what is none of the known ones is a problem, and so is what cannot be read."""
    return _Reading(Collected(namespace, warehouses), tables or {}).result(files)


class _Reading:
    """The state of one extraction."""

    def __init__(self, found: Collected, tables: Mapping[str, str]) -> None:
        self._found, self._tables = found, tables
        self._suites: dict[str, Item] = {}
        self._validated: dict[str, dict[tuple[str, Urn | None], None]] = {}  # by suite: label and dataset

    def result(self, files: Sequence[File]) -> Extract:
        for file in files:
            try:
                found = load_json(file.body, file.name)
            except BadDocument as error:
                self._found.note("BAD_DOCUMENT", file.name, error.message)
                continue
            read = [self._document(item, file.name) for item in objects(found)]
            if not any(read):
                message = "This is no result or suite of Great Expectations; it was left out."
                self._found.note("UNKNOWN_DOCUMENT", file.name, message, Severity.INFO)
        for name, suite in self._suites.items():
            self._suite(name, suite)
        return self._found.extract()

    def _document(self, item: Item, file: str) -> bool:
        if isinstance(item.get("run_results"), dict | list):
            runs = item["run_results"]
            for run in runs.values() if isinstance(runs, dict) else runs:
                if isinstance(run, dict):
                    inner = run.get("validation_result")
                    self._validation(inner if isinstance(inner, dict) else run, member(item, "run_id"), file)
        elif isinstance(item.get("results"), list) and "success" in item:
            self._validation(item, {}, file)
        elif isinstance(item.get("expectations"), list):
            self._suites[text(item, "expectation_suite_name") or text(item, "name") or file] = item
        else:
            return False
        return True

    def _validation(self, item: Item, outer: Item, file: str) -> None:
        meta = member(item, "meta")
        suite = text(meta, "expectation_suite_name") or text(item, "suite_name") or file
        run = member(meta, "run_id") or outer
        at = moment_of(text(run, "run_time")) or moment_of(text(meta, "validation_time"))
        label, dataset = self._dataset(meta)
        self._validated.setdefault(suite, {})[label, dataset] = None
        if at is None:
            self._found.note(
                "NO_TIME", file, "The results do not say when they were made; they were not kept."
            )
        for result in objects(item["results"]):
            test = self._test(suite, member(result, "expectation_config"), label, dataset)
            if test is not None and at is not None:
                kwargs = member(member(result, "expectation_config"), "kwargs")
                batch = text(kwargs, "batch_id") or _digest(
                    member(member(meta, "active_batch_definition"), "batch_identifiers")
                )
                name = text(run, "run_name")
                self._found.result(test, DataTestResult(_status(result), at, name, _figures(result), batch))

    def _suite(self, name: str, suite: Item) -> None:
        """Expectations that a suite states and no result was about: of all that was validated against it."""
        validated = self._validated.get(name)
        if validated is None:
            message = "No result is about this suite, so that it is not known what its expectations test."
            self._found.note("NO_RESULTS", name, message, Severity.INFO)
        for label, dataset in validated or {("", None): None}:
            for expectation in objects(suite["expectations"]):
                self._test(name, expectation, label, dataset)

    def _test(self, suite: str, expectation: Item, label: str, dataset: Urn | None) -> Urn | None:
        check = text(expectation, "expectation_type") or text(expectation, "type")
        if not check:
            return None
        kwargs = member(expectation, "kwargs")
        columns = [*_columns(check, kwargs)]
        title = f"{check}({', '.join(columns)})" if columns else check
        arguments = {key: value for key, value in kwargs.items() if key not in _OF_THE_RUN}
        ident = "/".join(filter(None, (suite, label, title, _digest(arguments))))
        subjects: list[Urn] = []
        if dataset is not None:
            subjects = [column_urn(dataset, column) for column in columns] or [dataset]
        return self._found.test(ident, title, check, TOOL, subjects, comment=text(expectation, "description"))

    def _dataset(self, meta: Item) -> tuple[str, Urn | None]:
        """What was validated: in the words of the tool, and as a table where it is known to be one."""
        batch, spec = member(meta, "active_batch_definition"), member(meta, "batch_spec")
        source = (
            text(batch, "datasource_name")
            or text(spec, "datasource_name")
            or text(member(meta, "batch_kwargs"), "datasource")
        )
        asset = text(batch, "data_asset_name") or text(spec, "data_asset_name")
        label = ".".join(filter(None, (source, asset)))
        named = self._tables.get(label) or self._tables.get(asset)
        table, schema = (
            text(spec, "table_name") or text(member(meta, "batch_kwargs"), "table"),
            text(spec, "schema_name"),
        )
        if (
            not named
            and not table
            and any(key in spec for key in ("query", "path", "batch_data", "reader_method"))
        ):
            message = "What was validated is a query or a file: name its table in `tables`, so that the tests are attached to it."
            self._found.note("UNMAPPED_TABLE", label, message)
            return label, None
        if not (named or table or asset):
            self._found.note(
                "UNMAPPED_TABLE", label or "results", "The results do not say what was validated."
            )
            return label, None
        warehouse = self._found.warehouse(source)
        if warehouse is None:
            return label, None
        if named or not schema:
            return label, self._found.named(warehouse, named or table or asset)
        return label, self._found.table(warehouse, table or asset, schema)


def _columns(check: str, kwargs: Item) -> Iterator[str]:
    for key in ("column", "column_A", "column_B"):
        if found := text(kwargs, key):
            yield found
    if "compound" in check or "multicolumn" in check or "select_column" in check:
        yield from strings(kwargs, "column_list")


def _status(result: Item) -> DataTestStatus:
    raised = member(result, "exception_info")
    told = [raised, *(each for each in raised.values() if isinstance(each, dict))]
    success = result.get("success")
    if any(each.get("raised_exception") for each in told) or not isinstance(success, bool):
        return DataTestStatus.ERROR
    if success:
        return DataTestStatus.PASS
    expectation = member(result, "expectation_config")
    severity = text(expectation, "severity") or text(member(expectation, "meta"), "severity")
    return DataTestStatus.WARN if severity.lower() in _MILD else DataTestStatus.FAIL


def _figures(result: Item) -> dict[Any, float]:
    said, expectation = member(result, "result"), member(result, "expectation_config")
    check = text(expectation, "expectation_type") or text(expectation, "type")
    observed = said.get("observed_value")
    return figures(
        rows=said.get("element_count"),
        unexpected=said.get("unexpected_count"),
        unexpected_share=share(said.get("unexpected_percent")),
        missing=said.get("missing_count"),
        missing_share=share(said.get("missing_percent")),
        observed_count=observed if check in _COUNTS else None,
        observed_share=observed if check in _SHARES else None,
    )


def _digest(arguments: Item) -> str:
    """Tells expectations apart that differ in their arguments, without showing these."""
    return hashlib.blake2b(
        json.dumps(arguments, sort_keys=True, default=str).encode(), digest_size=4
    ).hexdigest()
