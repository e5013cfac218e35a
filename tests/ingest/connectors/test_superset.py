"""Superset by an export in its own shape, made by hand: datasets over tables and SQL, charts, dashboards."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from ingest.connectors.base import open_connector
from ingest.formats.extract import Extract
from ingest.network import NetworkPolicy
from ingest.stages import lineage
from schema.domain.catalog import Subtype
from schema.errors import BadDocument

DATABASES = {"warehouse": {"namespace": "postgres://db", "database": "shop"}}
SQL = "SELECT m.ts, c.name FROM messages m JOIN channels c ON m.channel_id = c.id WHERE m.day > '{{ from_dttm }}'"
EXPORT: dict[str, dict[str, Any]] = {
    "metadata": {"version": "1.0.0", "type": "Dashboard"},
    "databases/warehouse": {"database_name": "warehouse", "uuid": "db1", "sqlalchemy_uri": "postgresql://ada:canary-4711@db/shop"},
    "datasets/warehouse/orders": {
        "table_name": "Orders", "schema": None, "sql": None, "uuid": "d1", "database_uuid": "db1",
        "columns": [
            {"column_name": "status", "type": "TEXT"}, {"column_name": "gross"}, {"column_name": "tax"}, {"column_name": "at"},
            {"column_name": "net", "expression": "gross - tax"},
        ],
        "metrics": [{"metric_name": "revenue", "expression": "SUM(net) FILTER (WHERE status <> 'tax')"}],
    },
    "datasets/warehouse/chat": {
        "table_name": "chat", "schema": None, "sql": SQL, "uuid": "d2", "database_uuid": "db1",
        "columns": [{"column_name": "ts"}, {"column_name": "name"}],
    },
    "charts/revenue": {
        "slice_name": "Revenue by status", "viz_type": "bar", "uuid": "c1", "dataset_uuid": "d1", "description": "Euro.",
        "params": {
            "groupby": ["status"], "metrics": ["revenue"], "granularity_sqla": "at", "slice_id": 7,
            "adhoc_filters": [{"expressionType": "SIMPLE", "subject": "gross", "comparator": "canary-4712"}],
        },
    },
    "charts/chat": {
        "slice_name": "Messages per channel", "viz_type": "area", "uuid": "c2", "dataset_uuid": "d2",
        "params": '{"groupby": ["name"], "metrics": [{"expressionType": "SIMPLE", "column": {"column_name": "ts"}, "aggregate": "COUNT"}]}',
    },
    "dashboards/weekly": {
        "dashboard_title": "Weekly", "slug": "weekly", "published": True, "uuid": "b1", "tags": ["finance"],
        "position": {
            "ROOT_ID": {"type": "ROOT"},
            "CHART-1": {"type": "CHART", "meta": {"uuid": "c1"}},
            "CHART-2": {"type": "CHART", "meta": {"uuid": "c2"}},
            "CHART-3": {"type": "CHART", "meta": {"uuid": "gone", "sliceName": "Gone"}},
            "DASHBOARD_VERSION_KEY": "v2",
        },
    },
}  # fmt: skip


def write(folder: Path, export: dict[str, Any]) -> Path:
    for name, body in export.items():
        path = folder / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump(json.loads(json.dumps(body))))
    return folder


def read(path: Path, folder: Path, **config: Any) -> Extract:
    settings = {"path": str(path), "namespace": "superset://bi", "databases": DATABASES} | config
    return open_connector("superset", settings, access=NetworkPolicy(local_files=(folder,))).extract()  # type: ignore[attr-defined, no-any-return]


def into(found: Extract, downstream: str) -> dict[str, bool]:
    """What feeds it, without namespace, and whether by value alone it does not."""
    lineage._prepare({})
    stated = [*found.edges, *(e for task in lineage.tasks([], found) for e in lineage.read(task).edges)]
    return {
        str(e.upstream).partition("~")[2]: e.indirect
        for e in stated
        if str(e.downstream).partition("~")[2] == downstream
    }


def test_a_chart_is_fed_by_the_columns_in_its_metrics_groups_and_filters(tmp_path: Path) -> None:
    assert into(read(write(tmp_path, EXPORT), tmp_path), "chart/c1") == {
        "shop.public.Orders": False,
        "shop.public.Orders~status": False,
        "shop.public.Orders~at": False,
        "shop.public.Orders~gross": False,
        "shop.public.Orders~tax": False,
    }


def test_a_dataset_of_sql_stands_between_a_chart_and_the_tables(tmp_path: Path) -> None:
    found = read(write(tmp_path, EXPORT), tmp_path)
    (chat,) = found.datasets
    assert (chat.subtype, [c.name for c in chat.columns]) == (Subtype.BI_DATASET, ["ts", "name"])
    assert into(found, "chart/c2") == {
        "warehouse.chat": False,
        "warehouse.chat~name": False,
        "warehouse.chat~ts": False,
    }
    assert into(found, "warehouse.chat~name") == {"shop.public.channels~name": False}
    assert into(found, "warehouse.chat")["shop.public.messages~channel_id"] is True


def test_a_dashboard_is_fed_by_its_charts_and_has_tags_and_a_link(tmp_path: Path) -> None:
    found = read(write(tmp_path, EXPORT), tmp_path, url="https://bi.example.com")
    assert set(into(found, "dashboard/b1")) == {"chart/c1", "chart/c2"}
    dashboard = next(job for job in found.jobs if job.subtype is Subtype.DASHBOARD)
    assert (dashboard.name, dashboard.tags) == ("Weekly", ("finance",))
    assert dashboard.properties["url"] == "https://bi.example.com/superset/dashboard/weekly/"
    assert [(p.code, p.subject) for p in found.problems] == [("MISSING_CHART", "Gone")]


def test_an_archive_says_the_same_as_its_files(tmp_path: Path) -> None:
    folder = write(tmp_path / "export", EXPORT)
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        for file in folder.rglob("*.yaml"):
            archive.write(file, f"dashboard_export/{file.relative_to(folder)}")
    packed, plain = read(tmp_path / "export.zip", tmp_path), read(folder, tmp_path)
    assert (packed.jobs, set(packed.edges)) == (plain.jobs, set(plain.edges))


def test_an_archive_that_unpacks_to_too_much_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.connectors.exports.MOST_BYTES", 1_000)
    with zipfile.ZipFile(tmp_path / "export.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("charts/a.yaml", "a" * 100_000)
    with pytest.raises(BadDocument) as caught:
        read(tmp_path / "export.zip", tmp_path)
    assert caught.value.path == ("config", "path")


def test_neither_passwords_nor_compared_values_are_kept(tmp_path: Path) -> None:
    found = read(write(tmp_path, EXPORT), tmp_path)
    assert "canary" not in repr((found, [task.sql for task in lineage.tasks([], found)]))


def test_a_database_that_nobody_mapped_is_said_once_and_the_reports_are_kept(tmp_path: Path) -> None:
    found = read(write(tmp_path, EXPORT), tmp_path, databases={})
    assert [p.subject for p in found.problems if p.code == "UNMAPPED_DATABASE"] == ["warehouse"]
    assert len(found.jobs) == 3


@pytest.mark.parametrize("value", [None, 3, "x", [], {}, [None], {"a": 1}, ["a", {"column": 3}]])
def test_no_shape_of_an_export_ends_the_reading(tmp_path: Path, value: object) -> None:
    export = {
        "whole": value,
        "d": {
            "table_name": "t",
            "uuid": "d",
            "columns": value,
            "metrics": value,
            "database_uuid": value,
            "sql": value,
        },
        "c1": {
            "slice_name": "c",
            "uuid": "c1",
            "dataset_uuid": "d",
            "params": value,
            "tags": value,
            "owners": value,
        },
        "c2": {
            "slice_name": "c",
            "uuid": "c2",
            "dataset_uuid": "d",
            "params": {"groupby": value, "metrics": value, "adhoc_filters": value},
        },
        "b": {"dashboard_title": "b", "uuid": "b", "position": value},
        "b2": {
            "dashboard_title": "b",
            "uuid": "b2",
            "position": {"CHART-1": value, "CHART-2": {"type": "CHART", "meta": value}},
        },
    }
    (tmp_path / "broken.yaml").write_text("a: [")
    found = read(write(tmp_path, export), tmp_path)
    assert len(found.jobs) == 4
    assert "BAD_DOCUMENT" in {p.code for p in found.problems}
