"""Where tools differ, a setting decides; and what the package costs to import."""

from __future__ import annotations

import subprocess
import sys

import pytest

from ingest.sql_lineage import Conventions

SELF_NAMED = "SELECT a AS b, b AS c FROM t"


@pytest.mark.parametrize(
    ("sql", "dialect", "setting", "without", "with_it"),
    [
        (
            "WITH x AS (SELECT a FROM unused) SELECT b FROM used",
            "postgres",
            Conventions(unused_ctes=True),
            {"used > <output>"},
            {"used > <output>", "unused > <output>"},
        ),
        ("DROP TABLE t", "postgres", Conventions(drop_writes=True), set(), {"- > t"}),
    ],
)
def test_a_setting_changes_the_table_lineage(lineage, sql, dialect, setting, without, with_it):
    assert lineage(sql, dialect).tables == without
    assert lineage(sql, dialect, settings=setting).tables == with_it


@pytest.mark.parametrize(
    ("sql", "dialect", "setting", "without", "with_it"),
    [
        (
            "SELECT COUNT(*) AS n FROM t",
            "postgres",
            Conventions(count_star=True),
            set(),
            {"t.k > <output>.n", "t.v > <output>.n"},
        ),
        (
            "SELECT v.w.x AS y FROM t",
            "bigquery",
            Conventions(struct_paths=False),
            {"t.v.w.x > <output>.y"},
            {"t.v > <output>.y"},
        ),
    ],
)
def test_a_setting_changes_the_column_lineage(lineage, sql, dialect, setting, without, with_it):
    schemas = {"t": ["k", "v"]}
    assert lineage(sql, dialect, schemas).columns == without
    assert lineage(sql, dialect, schemas, settings=setting).columns == with_it


def test_without_a_schema_the_dialect_or_a_setting_decides_what_an_alias_means(lineage):
    table, alias = "t.b > <output>.c", "t.a > <output>.c"
    assert table in lineage(SELF_NAMED, "postgres").columns
    assert alias in lineage(SELF_NAMED, "snowflake").columns
    assert alias in lineage(SELF_NAMED, "postgres", settings=Conventions(lateral_aliases=True)).columns
    assert table in lineage(SELF_NAMED, "snowflake", settings=Conventions(lateral_aliases=False)).columns


def test_importing_the_package_does_not_load_the_parser():
    code = "import sys, ingest.sql_lineage; sys.exit('sqlglot' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
