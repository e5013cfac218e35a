"""Soda in: scan results as data tests with their results.

Source: the scan results of Soda Core 3 as its documentation describes them (``Scan.get_scan_results``); no file of a real
scan was at hand. Checks list values and quote rows: nothing is read of them but counts and shares.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
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
TOOL = "Soda"
_OUTCOMES = {"pass": DataTestStatus.PASS, "warn": DataTestStatus.WARN, "fail": DataTestStatus.FAIL}
# Metrics that count; others, such as min or avg, are values of the data.
_COUNTS = {
    "row_count": "observed_count",
    "missing_count": "missing",
    "missing_percent": "missing_share",
    "invalid_count": "unexpected",
    "invalid_percent": "unexpected_share",
    "duplicate_count": "failures",
    "failed_rows": "failures",
}


def extract(
    files: Sequence[File],
    *,
    namespace: str,
    warehouses: Mapping[str, Warehouse],
    tables: Mapping[str, str] | None = None,
) -> Extract:
    """Everything the files state; what is none of the known ones is a problem, and so is what cannot be read."""
    found = Collected(namespace, warehouses)
    for file in files:
        try:
            document = load_json(file.body, file.name)
        except BadDocument as error:
            found.note("BAD_DOCUMENT", file.name, error.message)
            continue
        scans = [each for each in objects(document) if isinstance(each.get("checks"), list)]
        for scan in scans:
            _scan(found, scan, file.name, tables or {})
        if not scans:
            message = "This is no result of a scan of Soda; it was left out."
            found.note("UNKNOWN_DOCUMENT", file.name, message, Severity.INFO)
    return found.extract()


def _scan(found: Collected, scan: Item, file: str, tables: Mapping[str, str]) -> None:
    times = (text(scan, key) for key in ("scanEndTimestamp", "scanStartTimestamp", "dataTimestamp"))
    at = next(filter(None, map(moment_of, times)), None)
    if at is None:
        found.note("NO_TIME", file, "The results do not say when they were made; they were not kept.")
    metrics = {text(each, "identity"): each for each in objects(scan.get("metrics"))}
    for check in objects(scan["checks"]):
        measured = [metrics[key] for key in strings(check, "metrics") if key in metrics]
        test = _check(found, check, measured, text(scan, "defaultDataSource"), tables)
        if at is not None:
            run = text(scan, "scanReference") or text(scan, "definitionName")
            found.result(test, DataTestResult(_status(check), at, run, _figures(check, measured)))


def _check(
    found: Collected, check: Item, measured: Sequence[Item], default: str, tables: Mapping[str, str]
) -> Urn:
    source, table, column = text(check, "dataSource") or default, text(check, "table"), text(check, "column")
    kind = (
        next(filter(None, (text(each, "metricName") for each in measured)), "")
        or text(check, "type")
        or "check"
    )
    dataset: Urn | None = None
    named = tables.get(f"{source}.{table}") or tables.get(table) or table
    if named and (warehouse := found.warehouse(source)) is not None:
        dataset = found.named(warehouse, named)
    subjects = [] if dataset is None else [column_urn(dataset, column) if column else dataset]
    title = f"{kind}({column})" if column else kind
    # The text of a check may list values of the data: its digest stands for it.
    ident = (
        text(check, "identity")
        or hashlib.blake2b(text(check, "definition").encode(), digest_size=8).hexdigest()
    )
    return found.test("/".join(filter(None, (source, table, title, ident))), title, kind, TOOL, subjects)


def _status(check: Item) -> DataTestStatus:
    """A check without an outcome could not be evaluated."""
    return _OUTCOMES.get(text(check, "outcome").lower(), DataTestStatus.ERROR)


def _figures(check: Item, measured: Sequence[Item]) -> dict[Any, float]:
    stated: dict[str, object] = {}
    for metric in measured:
        if name := _COUNTS.get(text(metric, "metricName")):
            value = metric.get("value")
            stated[name] = share(value) if name.endswith("_share") else value
    failed = member(check, "diagnostics").get(
        "failedRowsCount", member(check, "diagnostics").get("failed_rows_count")
    )
    return figures(**({"failures": failed} if failed is not None else {}), **stated)
