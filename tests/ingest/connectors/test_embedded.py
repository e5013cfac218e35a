from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from ingest.connectors.base import open_connector
from ingest.network import NetworkPolicy
from schema.domain.catalog import DiscoveredDataset, Subtype
from schema.domain.scans import Problem
from schema.errors import ConnectionFailed, InvalidInput

CHINOOK = Path(__file__).parents[2] / "data/sql/chinook/chinook-postgres.sql"


def sqlite_file(path: Path, script: str) -> Path:
    with sqlite3.connect(path) as connection:
        connection.executescript(script)
    connection.close()
    return path


def duckdb_file(path: Path, *statements: str) -> Path:
    with duckdb.connect(str(path)) as connection:
        for statement in statements:
            connection.execute(statement)
    return path


def read(kind: str, path: Path, access: NetworkPolicy) -> dict[str, DiscoveredDataset]:
    source = open_connector(kind, {"path": str(path)}, access=access)
    found = {item.name: item for item in source.discover() if isinstance(item, DiscoveredDataset)}
    source.close()
    return found


DRIVERS_FIRST = """
import sys
from pathlib import Path
from ingest.connectors.base import open_connector
from ingest.network import NetworkPolicy

source = open_connector("sqlite", {"path": sys.argv[1]}, access=NetworkPolicy(True, local_files=(Path(sys.argv[1]).parent,)))
opened = set(sys.modules)
found = list(source.discover())
print(len(found), sorted(name for name in set(sys.modules) - opened if name.startswith("sqlalchemy")))
"""


def test_two_scans_that_begin_at_once_do_not_deadlock_in_the_import_of_their_driver(tmp_path: Path) -> None:
    """A driver is whole before any thread uses it, so that no two threads can enter it by different doors."""
    path = sqlite_file(tmp_path / "one.db", "CREATE TABLE one (id INTEGER)")

    done = subprocess.run(
        [sys.executable, "-c", DRIVERS_FIRST, str(path)], capture_output=True, text=True, check=True
    )

    assert done.stdout.split() == ["1", "[]"]


def test_chinook_in_sqlite_is_read_and_sampled(tmp_path: Path, access: NetworkPolicy) -> None:
    script = re.sub(r"\bN'", "'", CHINOOK.read_text(encoding="utf-8"))
    tables = re.sub(r"^(ALTER TABLE|CREATE INDEX)[^;]*;", "", script, flags=re.MULTILINE)
    path = sqlite_file(tmp_path / "chinook.db", f"BEGIN; {tables} COMMIT;")
    found = read("sqlite", path, access)
    source = open_connector("sqlite", {"url": f"sqlite:///{path}"}, access=access)
    sample = source.sample(found["Customer"], 1000)
    assert len(found) == 11
    assert str(found["Album"].urn) == f"dataset:sqlite://{path}~main.album"
    assert found["Track"].row_count == 200
    assert len(sample.values["Email"]) == 59
    assert source.check().version.startswith("SQLite 3")
    source.close()


def test_sqlite_views_keys_and_odd_names_are_read_beside_a_broken_view(
    tmp_path: Path, access: NetworkPolicy
) -> None:
    path = sqlite_file(
        tmp_path / "odd.db",
        """
        CREATE TABLE "a.b""ü" (id INTEGER PRIMARY KEY, n nvarchar(20) NOT NULL, x);
        CREATE TABLE child (y INT REFERENCES "a.b""ü" (id));
        CREATE VIEW v AS SELECT y FROM child;
        CREATE TABLE gone (z); CREATE VIEW broken AS SELECT z FROM gone; DROP TABLE gone;
        INSERT INTO "a.b""ü" VALUES (1, 'x', x'ff');
        """,
    )
    source = open_connector("sqlite", {"path": str(path)}, access=access)
    items = list(source.discover())
    found = {item.name: item for item in items if isinstance(item, DiscoveredDataset)}
    odd = found['a.b"ü']
    assert [(c.name, c.data_type, c.primary_key) for c in odd.columns] == [
        ("id", "INTEGER", True),
        ("n", "nvarchar(20)", False),
        ("x", "", False),
    ]
    assert found["child"].foreign_keys[0].to == odd.urn
    assert found["v"].definition == "CREATE VIEW v AS SELECT y FROM child"
    assert source.sample(odd, 5).values == {"id": [1], "n": ["x"], "x": [b"\xff"]}
    assert [item.subject for item in items if isinstance(item, Problem)] == ["main.broken"]
    source.close()


def test_sqlite_is_opened_read_only(tmp_path: Path, access: NetworkPolicy) -> None:
    path = sqlite_file(tmp_path / "x.db", "CREATE TABLE t (a)")
    source = open_connector("sqlite", {"path": str(path)}, access=access)
    with pytest.raises(ConnectionFailed), source._connection("") as connection:  # type: ignore[attr-defined]
        connection.exec_driver_sql("INSERT INTO t VALUES (1)")
    source.close()


def test_a_duckdb_file_is_read_with_comments_keys_views_and_schemas(
    tmp_path: Path, access: NetworkPolicy
) -> None:
    path = duckdb_file(
        tmp_path / "shop.duckdb",
        'CREATE SCHEMA "s.1"',
        'CREATE TABLE "s.1"."a ""b" (id INTEGER PRIMARY KEY, tags VARCHAR[])',
        'CREATE TABLE "s.1".child (a INTEGER REFERENCES "s.1"."a ""b" (id))',
        """COMMENT ON TABLE "s.1".child IS 'kids'""",
        """COMMENT ON COLUMN "s.1".child.a IS 'parent'""",
        'INSERT INTO "s.1"."a ""b" VALUES (1, [\'x\'])',
        'CREATE VIEW v AS SELECT id FROM "s.1"."a ""b"',
    )
    source = open_connector("duckdb", {"path": str(path)}, access=access)
    found = {item.name: item for item in source.discover() if isinstance(item, DiscoveredDataset)}
    odd = found['a "b']
    assert odd.path == ("shop", "s.1", 'a "b')
    assert str(found["v"].urn) == f"dataset:duckdb://{path}~shop.main.v"
    assert [(c.data_type, c.primary_key, c.ordinal) for c in odd.columns] == [
        ("INTEGER", True, 1),
        ("VARCHAR[]", False, 2),
    ]
    assert (found["child"].comment, found["child"].columns[0].comment) == ("kids", "parent")
    assert found["child"].foreign_keys[0].to == odd.urn
    assert odd.row_count == 1
    assert found["v"].subtype is Subtype.VIEW
    assert (found["v"].definition or "").startswith("CREATE VIEW v AS SELECT id")
    assert source.sample(odd, 5).values == {"id": [1], "tags": [["x"]]}
    assert {f.capability for f in source.check().findings if f.ok} == source.capabilities
    source.close()


def test_a_table_of_ten_thousand_columns_is_read_and_sampled(tmp_path: Path, access: NetworkPolicy) -> None:
    columns = ", ".join(f"c{i} INTEGER" for i in range(10_000))
    path = duckdb_file(
        tmp_path / "wide.duckdb", f"CREATE TABLE wide ({columns})", "INSERT INTO wide (c9999) VALUES (5)"
    )
    source = open_connector("duckdb", {"path": str(path)}, access=access)
    (wide,) = [item for item in source.discover() if isinstance(item, DiscoveredDataset)]
    sample = source.sample(wide, 2)
    source.close()
    assert len(wide.columns) == 10_000
    assert wide.columns[-1].name == "c9999"
    assert sample.values["c9999"] == [5]


def test_a_big_duckdb_table_is_sampled_across_its_blocks(tmp_path: Path, access: NetworkPolicy) -> None:
    path = duckdb_file(tmp_path / "big.duckdb", "CREATE TABLE t AS SELECT range AS i FROM range(1000000)")
    table = read("duckdb", path, access)["t"]
    source = open_connector("duckdb", {"path": str(path)}, access=access)
    values = source.sample(table, 100).values["i"]
    source.close()
    assert table.row_count == 1_000_000
    assert len(values) == 100


def test_a_view_in_a_duckdb_file_cannot_read_other_files(tmp_path: Path, access: NetworkPolicy) -> None:
    (tmp_path / "private.csv").write_text("a\nsecret\n")
    path = duckdb_file(
        tmp_path / "leak.duckdb", f"CREATE VIEW leak AS SELECT * FROM read_csv('{tmp_path / 'private.csv'}')"
    )
    leak = read("duckdb", path, access)["leak"]
    source = open_connector("duckdb", {"path": str(path)}, access=access)
    with pytest.raises(ConnectionFailed) as refused:
        source.sample(leak, 5)
    source.close()
    assert refused.value.cause == "PERMISSION"


@pytest.mark.parametrize("kind", ["sqlite", "duckdb"])
def test_files_outside_the_allowed_folders_are_refused(
    kind: str, tmp_path: Path, access: NetworkPolicy
) -> None:
    (tmp_path / "inside").mkdir()
    (tmp_path / "link.db").symlink_to("/etc/passwd")
    for path in ("/etc/passwd", str(tmp_path / "inside/../../x.db"), str(tmp_path / "link.db"), "x\0y"):
        with pytest.raises(ConnectionFailed) as refused:
            open_connector(kind, {"path": path}, access=access)
        assert refused.value.cause in ("BLOCKED_ADDRESS", "BAD_URL")


@pytest.mark.parametrize("kind", ["sqlite", "duckdb"])
def test_missing_and_wrong_files_are_told_apart(kind: str, tmp_path: Path, access: NetworkPolicy) -> None:
    (tmp_path / "text.db").write_text("no database at all, only text that goes on and on" * 100)
    with pytest.raises(ConnectionFailed) as missing:
        open_connector(kind, {"path": str(tmp_path / "absent.db")}, access=access)
    with pytest.raises(ConnectionFailed) as wrong:
        open_connector(kind, {"path": str(tmp_path / "text.db")}, access=access).check()
    with pytest.raises(ConnectionFailed) as url:
        open_connector(kind, {"url": "mysql:///x"}, access=access)
    assert (missing.value.cause, wrong.value.cause, url.value.cause) == ("NOT_FOUND", "BAD_URL", "BAD_URL")


def test_an_unknown_kind_lists_the_known(access: NetworkPolicy) -> None:
    with pytest.raises(InvalidInput) as failed:
        open_connector("dbase", {}, access=access)
    assert "postgres" in failed.value.remedy
    assert failed.value.path == ("connector",)


def test_naming_kinds_and_settings_loads_no_driver() -> None:
    code = (
        "import sys; from ingest.recipes import recipe_schema; recipe_schema();"
        "heavy = {'sqlalchemy', 'duckdb', 'psycopg', 'pymysql', 'fsspec', 'sqlglot', 'cryptography'};"
        "sys.exit(', '.join(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=CHINOOK.parents[4], capture_output=True, text=True
    )
    assert done.stderr.strip() == ""
