"""Profiles by the engines themselves, compared with exact values, on real servers."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import psycopg
import pytest

from ingest.connectors.base import Capability, connector_class, open_connector
from ingest.network import NetworkPolicy
from ingest.stages.profile import look_ahead, profile
from schema.domain.catalog import DiscoveredDataset
from schema.domain.profiles import ColumnProfile, ProfileBudget, ProfiledColumn, TableProfile
from schema.domain.scans import Problem
from tests.servers import Server

BUDGET = ProfileBudget()
ROWS = 3_000_000
KNOWN = """
SELECT i AS id, i % 7 AS seventh, CASE WHEN i % 4 = 0 THEN NULL ELSE i % 100 END AS sometimes,
       DATE '2024-01-01' + CAST(i % 366 AS int) AS day, 'Customer-' || lpad(CAST(i % 1000 AS text), 4, '0') AS code,
       i % 2 = 0 AS even
FROM generate_series(1, {rows}) AS g(i)
"""


def config(server: Server, **more: object) -> dict[str, Any]:
    known = {"host": server.host, "port": server.port, "user": server.user, "password": server.password}
    return known | more


def run(server: Server, *texts: str) -> list[Any]:
    with psycopg.connect(**config(server, dbname="chinook"), autocommit=True) as connection:
        for text in texts:
            cursor = connection.execute(text)
        return cursor.fetchall() if cursor.description else []


def whole(source: Any, name: str, **more: Any) -> TableProfile:
    """The profile of a table by its name, values allowed."""
    [found] = [d for d in source.discover() if isinstance(d, DiscoveredDataset) and d.name == name]
    columns = [ProfiledColumn(column.name, True) for column in found.columns]
    profile: TableProfile = source.profile(found, columns, more.get("budget", BUDGET))
    return profile


def by_name(profile: TableProfile) -> dict[str, ColumnProfile]:
    return {column.urn.rpartition("~")[2]: column for column in profile.columns}


def check_known(profile: TableProfile, rows: int) -> None:
    """What all engines must find in a whole ``KNOWN`` of ``rows`` rows, 7 | rows."""
    columns = by_name(profile)
    assert (profile.rows, profile.exact, profile.sampled, profile.problems) == (rows, True, rows, ())
    assert (columns["id"].distinct, columns["id"].nulls) == (rows, 0)
    assert (columns["id"].minimum, columns["id"].maximum) == ("1", str(rows))
    assert [int(q) for q in columns["id"].quantiles] == [-(-rows * p // 100) for p in (5, 25, 50, 75, 95)]
    assert (columns["seventh"].distinct, columns["seventh"].distinct_estimate) == (7, 7)
    assert columns["sometimes"].nulls == rows // 4
    assert (columns["day"].minimum or "")[:10] == "2024-01-01"
    assert (columns["day"].maximum or "")[:10] == "2024-12-31"
    code = columns["code"]
    assert (code.minimum, code.maximum, code.quantiles) == (None, None, ())
    assert (code.shortest, code.longest, code.length_quantiles) == (13, 13, (13,) * 5)
    assert code.shapes == (("Aa+-9999", rows),)
    assert columns["even"].distinct == 2


@pytest.fixture(scope="module")
def shop(postgres: Server) -> Server:
    run(
        postgres,
        f"CREATE TABLE big AS {KNOWN.format(rows=ROWS)}",
        "ANALYZE big",
        f"CREATE TABLE small AS {KNOWN.format(rows=7_000)}",
        "CREATE VIEW expensive AS SELECT a.id FROM big a CROSS JOIN (SELECT pg_sleep(0.01) FROM big) b",
        "CREATE VIEW counted AS SELECT seventh, count(*) AS n FROM small GROUP BY seventh",
    )
    return postgres


@pytest.fixture
def source(shop: Server, access: NetworkPolicy) -> Iterator[Any]:
    found = open_connector("postgres", config(shop, database="chinook"), access=access)
    yield found
    found.close()


def test_small_tables_are_profiled_exactly_by_postgres(source: Any) -> None:
    check_known(whole(source, "small"), 7_000)


def test_a_table_of_millions_is_profiled_from_a_few_of_its_blocks(shop: Server, source: Any) -> None:
    touched = "SELECT heap_blks_read + heap_blks_hit FROM pg_statio_user_tables WHERE relname = 'big'"
    [[pages]] = run(shop, "SELECT relpages FROM pg_class WHERE relname = 'big'")
    [[before]] = run(shop, touched)

    profile = whole(source, "big")

    source.close()  # a server process tells of its reads when it ends
    deadline = time.monotonic() + 20
    while (read := run(shop, touched)[0][0] - before) == 0 and time.monotonic() < deadline:
        time.sleep(0.05)
    columns = by_name(profile)
    assert 0 < read < pages / 30
    assert not profile.exact
    assert profile.rows == pytest.approx(ROWS, rel=0.05)
    assert 15_000 < profile.sampled <= 27_291
    assert columns["sometimes"].nulls / columns["sometimes"].rows == pytest.approx(0.25, abs=0.02)
    assert columns["id"].distinct_estimate == pytest.approx(ROWS, rel=0.1)
    assert columns["code"].distinct_estimate == pytest.approx(1_000, rel=0.05)
    assert int(columns["id"].quantiles[2]) == pytest.approx(ROWS / 2, rel=0.2)
    assert columns["code"].shapes == (("Aa+-9999", profile.sampled),)


def test_a_view_that_never_ends_is_given_up_in_its_time(source: Any) -> None:
    from schema.errors import ConnectionFailed

    begun = time.monotonic()
    with pytest.raises(ConnectionFailed) as failed:
        whole(source, "expensive", budget=ProfileBudget(unknown_seconds=1.5))
    assert failed.value.cause == "TIMEOUT"
    assert time.monotonic() - begun < 6
    assert by_name(whole(source, "counted"))["n"].minimum == "1000"


def test_a_column_that_breaks_costs_itself_alone(shop: Server, source: Any) -> None:
    run(
        shop,
        "CREATE FUNCTION boom(i int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN 1 / (i - 3); END $$",
        "CREATE TABLE ts (i int, j json, a int[], b bytea, u uuid, t tsvector, m money, v interval)",
        """INSERT INTO ts SELECT i, '{"canary": 1}', '{1,2}', 'x', gen_random_uuid(), 'a b', 5, '1 day'
           FROM generate_series(1, 10) i""",
        "CREATE VIEW broken AS SELECT i, boom(i) AS bad, j, a FROM ts",
    )
    odd = by_name(whole(source, "ts"))
    assert {name: column.distinct for name, column in odd.items()} == {
        "i": 10, "j": None, "a": None, "b": None, "u": 10, "t": None, "m": 1, "v": None,
    }  # fmt: skip
    assert all(column.rows == 10 for column in odd.values())

    profile = whole(source, "broken")

    assert set(by_name(profile)) == {"i", "j", "a"}
    assert {problem.subject.rpartition("~")[2] for problem in profile.problems} == {"bad"}


def test_a_thousand_columns_are_profiled_in_a_few_statements(shop: Server, source: Any) -> None:
    names = ", ".join(f"c{n} int DEFAULT {n}" for n in range(999))
    run(shop, f'CREATE TABLE wide ("odd % "" name" text, {names})')
    run(shop, 'INSERT INTO wide ("odd % "" name") SELECT \'a\' FROM generate_series(1, 50)')
    profile = whole(source, "wide")
    columns = by_name(profile)
    assert (len(columns), profile.problems) == (1_000, ())
    assert columns["c998"].maximum == "998"
    assert columns['odd %25 " name'].shapes == (("a", 50),)


def test_values_are_told_only_of_columns_that_are_allowed_to(source: Any) -> None:
    [table] = [d for d in source.discover() if isinstance(d, DiscoveredDataset) and d.name == "small"]
    [silent] = source.profile(table, [ProfiledColumn("id")], BUDGET).columns
    assert (silent.minimum, silent.maximum, silent.quantiles, silent.distinct) == (None, None, (), 7_000)


def test_profiling_writes_nothing_and_cannot(shop: Server, source: Any) -> None:
    run(
        shop,
        "CREATE TABLE traces (at text)",
        """CREATE FUNCTION writes() RETURNS int LANGUAGE plpgsql VOLATILE AS
           $$ BEGIN INSERT INTO traces VALUES ('x'); RETURN 1; END $$""",
        "CREATE VIEW writing AS SELECT writes() AS w",
    )
    from schema.errors import ConnectionFailed

    with pytest.raises(ConnectionFailed):
        whole(source, "writing")
    assert run(shop, "SELECT count(*) FROM traces") == [(0,)]


def test_partitioned_tables_and_tables_nobody_analysed_are_sampled(shop: Server, source: Any) -> None:
    run(
        shop,
        "CREATE TABLE parted (i int) PARTITION BY RANGE (i)",
        "CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (100000)",
        "CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM (100000) TO (300000)",
        "INSERT INTO parted SELECT i FROM generate_series(0, 299999) i",
    )
    profile = whole(source, "parted")
    assert not profile.exact
    assert profile.rows == pytest.approx(300_000, rel=0.3)
    assert by_name(profile)["i"].distinct_estimate == pytest.approx(300_000, rel=0.3)


def test_what_postgres_expects_of_many_tables_at_once_is_what_it_expects_of_each(
    shop: Server, source: Any
) -> None:
    run(
        shop,
        "CREATE SCHEMA side",
        "CREATE TABLE side.halves (i int) PARTITION BY RANGE (i)",
        "CREATE TABLE side.halves_1 PARTITION OF side.halves FOR VALUES FROM (0) TO (500)",
        "CREATE TABLE side.halves_2 PARTITION OF side.halves FOR VALUES FROM (500) TO (1000)",
        "INSERT INTO side.halves SELECT i FROM generate_series(0, 999) i",
        "CREATE TABLE side.none (i int) PARTITION BY RANGE (i)",
        'CREATE TABLE side."per % cent" AS SELECT i FROM generate_series(1, 300) i',
        "CREATE VIEW side.twice AS SELECT i FROM side.halves UNION ALL SELECT i FROM side.halves",
        "CREATE TABLE side.wide AS SELECT i, repeat('x', 90) AS t FROM generate_series(1, 9000) i",
        "ANALYZE side.halves, side.wide",
    )
    found = [d for d in source.discover(["side.*"]) if isinstance(d, DiscoveredDataset)]
    assert len(found) == 5
    few = ProfileBudget(rows=5, unknown_rows=5)  # of more rows than it looks at it tells what is expected

    def profiles() -> list[TableProfile]:
        return [source.profile(d, [ProfiledColumn(c.name, True) for c in d.columns], few) for d in found]

    alone = profiles()
    source.look_ahead(found)
    assert profiles() == alone
    assert {d.name: p.rows for d, p in zip(found, alone, strict=True)} | {"none": 0, "per % cent": 0} == {
        "halves": 1000, "none": 0, "per % cent": 0, "twice": 2000, "wide": 9000,
    }  # fmt: skip


def test_a_table_that_may_not_be_read_takes_no_count_and_no_estimate_from_the_others(
    shop: Server, access: NetworkPolicy
) -> None:
    run(
        shop,
        "CREATE ROLE narrow LOGIN PASSWORD 'n'",
        "CREATE SCHEMA shut",
        "GRANT USAGE ON SCHEMA shut TO narrow",
        "CREATE TABLE shut.free AS SELECT 1 AS i",
        "CREATE TABLE shut.secret AS SELECT 1 AS i",
        "GRANT SELECT ON shut.free TO narrow",
    )
    narrow = config(shop, database="chinook") | {"user": "narrow", "password": "n"}
    source: Any = open_connector("postgres", narrow, access=access)
    try:
        found = [d for d in source.discover(["shut.*"]) if isinstance(d, DiscoveredDataset)]
        assert {d.name: d.row_count for d in found} == {"free": 1, "secret": None}
        look_ahead(source, found)
        told = {d.name: profile(source, d, []) for d in found}
    finally:
        source.close()
    assert isinstance(told["free"], TableProfile)
    assert (told["free"].rows, told["free"].problems) == (1, ())
    assert isinstance(told["secret"], Problem)
    assert told["secret"].subject == str(next(d.urn for d in found if d.name == "secret"))


def test_duckdb_profiles_small_tables_exactly_and_big_ones_by_block(
    tmp_path: Path, access: NetworkPolicy
) -> None:
    with duckdb.connect(str(tmp_path / "d.db")) as made:
        made.execute(f"CREATE TABLE small AS {KNOWN.format(rows=7_000)}")
        made.execute(f"CREATE TABLE big AS {KNOWN.format(rows=1_000_000)}")
        made.execute("CREATE TABLE odd AS SELECT {'a': 1} AS s, [1, 2] AS l, 'x'::BLOB AS b, 1 AS i")
    source: Any = open_connector("duckdb", {"path": str(tmp_path / "d.db")}, access=access)
    check_known(whole(source, "small"), 7_000)

    big = whole(source, "big")
    assert (big.rows, big.exact) == (1_000_000, False)
    assert 15_000 < big.sampled <= 19_950
    assert by_name(big)["code"].distinct_estimate == pytest.approx(1_000, rel=0.05)
    assert int(by_name(big)["id"].quantiles[2]) == pytest.approx(500_000, rel=0.4)

    odd = by_name(whole(source, "odd"))
    assert {name: column.distinct for name, column in odd.items()} == {
        "s": None,
        "l": None,
        "b": None,
        "i": 1,
    }
    source.close()


def test_files_are_profiled_by_duckdb(tmp_path: Path, access: NetworkPolicy) -> None:
    duckdb.sql(f"COPY ({KNOWN.format(rows=7_000)}) TO '{tmp_path}/known.parquet'")
    duckdb.sql(f"COPY (SELECT 'Ab-1' AS code, i FROM generate_series(1, 20) g(i)) TO '{tmp_path}/known.csv'")
    source: Any = open_connector("files", {"path": str(tmp_path)}, access=access)
    profiles = {
        d.name.rpartition("/")[2]: source.profile(
            d, [ProfiledColumn(c.name, True) for c in d.columns], BUDGET
        )
        for d in source.discover()
    }
    check_known(profiles["known.parquet"], 7_000)
    assert by_name(profiles["known.csv"])["code"].shapes == (("Aa-9", 20),)
    source.close()


def test_sqlite_profiles_and_never_tells_a_text_that_sits_in_a_column_of_numbers(
    tmp_path: Path, access: NetworkPolicy
) -> None:
    with sqlite3.connect(tmp_path / "s.db") as made:
        made.execute('CREATE TABLE t (n INTEGER, at DATE, code TEXT, "odd % name" TEXT)')
        rows = [(n, f"2024-01-{n % 28 + 1:02}", f"Ab-{n:04}é", None) for n in range(1, 101)]
        made.executemany(
            "INSERT INTO t VALUES (?, ?, ?, ?)", [*rows, ("canary", "canary", "canary-0001", None)]
        )
    source: Any = open_connector("sqlite", {"path": str(tmp_path / "s.db")}, access=access)
    profile = whole(source, "t")
    columns = by_name(profile)
    assert (columns["n"].minimum, columns["n"].maximum, columns["n"].distinct) == ("1", "100", 101)
    assert columns["n"].quantiles == ("5", "25", "50", "75", "95")
    assert columns["at"].maximum == "2024-01-28 00:00:00"
    assert columns["code"].shapes == (("Aa-9999~", 100), ("a+-9999", 1))
    assert columns["odd %25 name"].nulls == 101
    assert "canary" not in repr(profile)
    source.close()


def test_mariadb_profiles_over_the_first_rows(mariadb: Server, access: NetworkPolicy) -> None:
    import pymysql

    with (
        pymysql.connect(
            host=mariadb.host,
            port=mariadb.port,
            user=mariadb.user,
            password=mariadb.password,
            autocommit=True,
        ) as made,
        made.cursor() as cursor,
    ):
        cursor.execute("CREATE DATABASE profiled")
        cursor.execute("USE profiled")
        cursor.execute(
            "CREATE TABLE small AS SELECT seq AS id, seq % 7 AS seventh, IF(seq % 4 = 0, NULL, seq % 100) AS sometimes, "
            "DATE '2024-01-01' + INTERVAL seq % 366 DAY AS day, CONCAT('Customer-', LPAD(seq % 1000, 4, '0')) AS code, "
            "seq % 2 = 0 AS even FROM seq_1_to_7000"
        )
        cursor.execute("CREATE TABLE odd (j JSON, g GEOMETRY, b BLOB, `c % ``` TEXT)")
        cursor.execute("INSERT INTO odd VALUES ('{}', POINT(1, 2), 'x', 'Ärger')")
    source: Any = open_connector("mysql", config(mariadb, database="profiled"), access=access)
    check_known(whole(source, "small"), 7_000)
    odd = by_name(whole(source, "odd"))
    assert odd["c %25 `"].shapes == (("~a+", 1),)
    assert odd["g"].distinct is None
    source.close()
    with pymysql.connect(**config(mariadb)) as made, made.cursor() as cursor:
        cursor.execute("DROP DATABASE profiled")


@pytest.mark.parametrize(
    ("kind", "able"),
    [("postgres", True), ("duckdb", True), ("files", True), ("sqlite", True), ("dbt", False)],
)
def test_connectors_say_whether_they_profile(kind: str, able: bool) -> None:
    assert (Capability.PROFILE in connector_class(kind).capabilities) == able


def test_the_time_of_a_profile_does_not_bound_what_is_read_afterwards(
    tmp_path: Path, access: NetworkPolicy
) -> None:
    with sqlite3.connect(tmp_path / "s.db") as made:
        made.execute("CREATE TABLE t (n INTEGER)")
        made.executemany("INSERT INTO t VALUES (?)", [(n,) for n in range(200_000)])
        made.execute("CREATE VIEW slow AS SELECT count(*) AS n FROM t a, t b WHERE a.n + b.n < 0")
    source: Any = open_connector("sqlite", {"path": str(tmp_path / "s.db")}, access=access)
    from schema.errors import ConnectionFailed

    with pytest.raises(ConnectionFailed) as failed:
        whole(source, "slow", budget=ProfileBudget(unknown_seconds=0.3))
    assert failed.value.cause == "TIMEOUT"
    [table] = [d for d in source.discover() if isinstance(d, DiscoveredDataset) and d.name == "t"]
    assert len(source.sample(table, 150_000).values["n"]) == 150_000
    source.close()


def test_any_sqlalchemy_dialect_profiles_in_plain_sql(shop: Server, access: NetworkPolicy) -> None:
    from urllib.parse import quote

    url = f"postgresql+psycopg://{shop.user}:{quote(shop.password, safe='')}@{shop.host}:{shop.port}/chinook"
    run(shop, "CREATE TABLE plain AS SELECT i AS n, 'ab' || i AS code FROM generate_series(1, 99) i")
    source: Any = open_connector("relational", {"url": url, "schemas": ["public"]}, access=access)
    profile = whole(source, "plain")
    columns = by_name(profile)
    assert (profile.rows, profile.exact, profile.problems) == (99, True, ())
    assert (columns["n"].minimum, columns["n"].maximum, columns["n"].quantiles[2]) == ("1", "99", "50")
    assert (columns["code"].shortest, columns["code"].longest, columns["code"].shapes) == (3, 4, ())
    source.close()
