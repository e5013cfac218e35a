"""Superset's export in: dashboards, charts, datasets over a table or a query, databases.

Source: the YAML files of Superset's export of dashboards (version 1.0.0); they know each other by UUID.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ingest.formats.dbt_artifacts import member, text
from ingest.formats.exports import Collected, File, Warehouse, objects, without_credentials
from ingest.formats.extract import Extract
from ingest.yaml_text import YamlMistake, read_yaml
from schema.domain.catalog import DiscoveredColumn, DiscoveredDataset, Subtype
from schema.domain.lineage import Transformation
from schema.domain.scans import Severity
from schema.ids import Urn

Item = Mapping[str, Any]
_LARGEST = 8 * 1024 * 1024  # characters of one file
_TEMPLATE = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_BLOCK = re.compile(r"\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_LITERAL = re.compile(r"'(?:[^']|'')*'")
_WORD = re.compile(r"[^\W\d]\w*")
_DEEPEST = 10  # calculated columns of calculated columns
# Settings of charts that name columns or metrics, by what happens to them.
_USES = {
    (Transformation.IDENTITY,): ("all_columns", "all_columns_x", "all_columns_y", "granularity_sqla", "order_by_cols"),
    (Transformation.IDENTITY, Transformation.GROUP_BY): (
        "groupby", "groupby_b", "groupbyColumns", "groupbyRows", "columns", "series", "series_columns", "entity", "x_axis",
        "source", "target", "dimension",
    ),
    (Transformation.AGGREGATE,): (
        "metric", "metrics", "metric_2", "metrics_b", "percent_metrics", "secondary_metric", "size", "x", "y",
        "timeseries_limit_metric",
    ),
}  # fmt: skip


def extract(
    files: Sequence[File], *, namespace: str, warehouses: Mapping[str, Warehouse], url: str = ""
) -> Extract:
    """Everything the export states; what is none of the known files is a problem, and so is what cannot be read."""
    return _Reading(Collected(namespace, warehouses), without_credentials(url).rstrip("/")).result(files)


class _Reading:
    """The state of one extraction; everything by its UUID."""

    def __init__(self, found: Collected, url: str) -> None:
        self._found, self._url = found, url
        self._kinds: dict[str, dict[str, Item]] = {
            key: {} for key in ("database_name", "table_name", "slice_name", "dashboard_title")
        }
        self._datasets: dict[str, Urn] = {}

    def result(self, files: Sequence[File]) -> Extract:
        for file in files:
            try:
                found = read_yaml(file.body.decode(), largest=_LARGEST).tree
            except (YamlMistake, UnicodeDecodeError):
                self._found.note(
                    "BAD_DOCUMENT", file.name, "The file is not YAML in UTF-8 as Superset writes it."
                )
                continue
            self._keep(file.name, found)
        databases, datasets, charts, dashboards = self._kinds.values()
        for uuid, dataset in datasets.items():
            self._dataset(uuid, dataset, databases.get(text(dataset, "database_uuid"), {}))
        for uuid, chart in charts.items():
            self._chart(uuid, chart, datasets.get(text(chart, "dataset_uuid"), {}))
        for uuid, dashboard in dashboards.items():
            self._dashboard(uuid, dashboard, charts)
        return self._found.extract()

    def _keep(self, name: str, found: object) -> None:
        item = found if isinstance(found, dict) else {}
        uuid = text(item, "uuid")
        for key, known in self._kinds.items():
            if uuid and text(item, key):
                known[uuid] = item
                return
        if not name.rpartition("/")[2].startswith("metadata."):
            message = "This is no file of an export of Superset that is read; it was left out."
            self._found.note("UNKNOWN_DOCUMENT", name, message, Severity.INFO)

    # Datasets

    def _dataset(self, uuid: str, item: Item, database: Item) -> None:
        warehouse = self._found.warehouse(text(database, "database_name") or text(item, "database_uuid"))
        name, schema, sql = text(item, "table_name"), text(item, "schema"), text(item, "sql")
        if sql:
            path = (".".join(filter(None, (text(database, "database_name"), schema, name))),)
            urn = Urn("dataset", self._found.namespace, path[0])
            columns = tuple(_columns(item))
            comment = text(item, "description") or None
            self._found.dataset(DiscoveredDataset(urn, path, Subtype.BI_DATASET, columns, comment, sql))
            self._datasets[uuid] = urn
            if warehouse is not None:
                self._found.sql(
                    _BLOCK.sub(" ", _TEMPLATE.sub("NULL", sql)), urn, warehouse, schema=schema or None
                )
        elif warehouse is not None:
            table = self._found.table(warehouse, name, schema or None, text(item, "catalog") or None)
            if table is not None:
                self._datasets[uuid] = table

    # Reports

    def _chart(self, uuid: str, chart: Item, dataset: Item) -> None:
        urn, read = self._found.urn(f"chart/{uuid}"), self._datasets.get(text(chart, "dataset_uuid"))
        settings = _settings(chart.get("params"))
        if not dataset:
            message = "The export does not hold the dataset of this chart: what it reads is not known."
            self._found.note("MISSING_DATASET", text(chart, "slice_name"), message)
        if read is not None:
            for name, kinds in _used(settings, dataset):
                self._found.column(read, name, urn, *kinds)
        number = settings.get("slice_id")
        self._found.report(
            urn,
            text(chart, "slice_name"),
            Subtype.CHART,
            comment=text(chart, "description"),
            inputs=[read] if read is not None else [],
            tags=_tags(chart),
            owners=_owners(chart),
            properties={
                "url": f"{self._url}/explore/?slice_id={number}"
                if self._url and isinstance(number, int)
                else "",
                "display": text(chart, "viz_type"),
                "certified_by": text(chart, "certified_by"),
            },
        )

    def _dashboard(self, uuid: str, dashboard: Item, charts: Mapping[str, Item]) -> None:
        urn = self._found.urn(f"dashboard/{uuid}")
        for place in member(dashboard, "position").values():
            meta = member(place, "meta") if isinstance(place, dict) else {}
            shown = text(meta, "uuid")
            if not shown or text(place, "type") != "CHART":
                continue
            if shown in charts:
                self._found.feeds(self._found.urn(f"chart/{shown}"), urn)
            else:
                message = "The dashboard shows a chart that the export does not hold."
                self._found.note("MISSING_CHART", text(meta, "sliceName") or shown, message)
        slug = text(dashboard, "slug") or uuid
        self._found.report(
            urn,
            text(dashboard, "dashboard_title"),
            Subtype.DASHBOARD,
            comment=text(dashboard, "description"),
            tags=_tags(dashboard),
            owners=_owners(dashboard),
            properties={
                "url": f"{self._url}/superset/dashboard/{slug}/" if self._url else "",
                "published": str(dashboard["published"]).lower() if "published" in dashboard else "",
                "certified_by": text(dashboard, "certified_by"),
            },
        )


def _columns(item: Item) -> Iterator[DiscoveredColumn]:
    named = (each for each in objects(item.get("columns") or []) if text(each, "column_name"))
    for ordinal, each in enumerate(named, 1):
        comment = text(each, "description") or text(each, "verbose_name") or None
        yield DiscoveredColumn(text(each, "column_name"), text(each, "type"), None, ordinal, comment)


def _settings(stated: object) -> Item:
    """The settings of a chart, which older exports write as JSON in a text."""
    if isinstance(stated, str):
        try:
            stated = json.loads(stated)
        except ValueError:
            return {}
    return stated if isinstance(stated, dict) else {}


def _used(settings: Item, dataset: Item) -> Iterator[tuple[str, tuple[Transformation, ...]]]:
    """Columns of the dataset that a chart uses; calculated ones and metrics by the columns in their expression."""
    for kinds, names in _USES.items():
        for name in names:
            stated = settings.get(name)
            for each in stated if isinstance(stated, list) else [stated]:
                yield from ((column, kinds) for column in _meant(each, dataset))
    for each in objects(settings.get("adhoc_filters") or []):
        said = each.get("subject") if each.get("expressionType") == "SIMPLE" else each
        yield from ((column, (Transformation.FILTER,)) for column in _meant(said, dataset))


def _meant(stated: object, dataset: Item, depth: int = 0) -> Iterator[str]:
    columns = {
        text(each, "column_name"): text(each, "expression") for each in objects(dataset.get("columns") or [])
    }
    metrics = {
        text(each, "metric_name"): text(each, "expression") for each in objects(dataset.get("metrics") or [])
    }
    if isinstance(stated, dict):
        column = member(stated, "column")
        expression = text(stated, "sqlExpression")
        stated = text(column, "column_name") if column and text(stated, "expressionType") != "SQL" else None
        if expression and not stated:
            yield from _inside(expression, dataset, columns, depth)
    if not isinstance(stated, str):
        return
    if stated in columns and not columns[stated]:
        yield stated
    elif expression := columns.get(stated) or metrics.get(stated) or "":
        yield from _inside(expression, dataset, columns, depth)


def _inside(expression: str, dataset: Item, columns: Mapping[str, str], depth: int) -> Iterator[str]:
    """Columns whose names stand in the text of an expression."""
    known = {name.lower(): name for name in columns}
    for word in dict.fromkeys(_WORD.findall(_LITERAL.sub(" ", expression))):
        if word.lower() in known and depth < _DEEPEST:
            name = known[word.lower()]
            # A calculated column may be called like a column inside of it.
            yield from [name] if columns[name] in ("", expression) else _meant(name, dataset, depth + 1)


def _tags(item: Item) -> list[str]:
    stated = item.get("tags")
    named = [
        text(each, "name") if isinstance(each, dict) else each
        for each in (stated if isinstance(stated, list) else [])
    ]
    return [name for name in named if isinstance(name, str) and name]


def _owners(item: Item) -> list[str]:
    """Owners, where an export states them."""
    stated = item.get("owners")
    several = stated if isinstance(stated, list) else []
    return [
        each if isinstance(each, str) else text(each, "email") or text(each, "username")
        for each in several
        if isinstance(each, str | dict)
    ]
