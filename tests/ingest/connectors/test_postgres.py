from __future__ import annotations

import contextlib
import resource
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest

from ingest.connectors.base import Capability, open_connector
from ingest.connectors.postgres import Postgres
from ingest.connectors.relational import LONGEST_VALUE
from ingest.network import NetworkPolicy
from schema.domain.catalog import DiscoveredColumn, DiscoveredDataset, Subtype
from schema.domain.scans import Problem
from schema.errors import ConnectionFailed, InvalidInput
from schema.ids import Urn
from tests.ingest.connectors.proxies import cause_of_the_interrupted, half_open
from tests.servers import Server, free_port

CANARY = "canary-Zq7-password"


def config(server: Server, **more: object) -> dict[str, object]:
    known = {"host": server.host, "port": server.port, "user": server.user, "password": server.password}
    return known | {"namespace": "postgres://shop.example"} | more


def statements(server: Server, database: str, *texts: str) -> None:
    with psycopg.connect(
        host=server.host,
        port=server.port,
        user=server.user,
        password=server.password,
        dbname=database,
        autocommit=True,
    ) as connection:
        for text in texts:
            connection.execute(text)


@pytest.fixture(scope="module")
def everything(postgres: Server) -> dict[str, DiscoveredDataset]:
    source = open_connector("postgres", config(postgres, database="pagila"), access=NetworkPolicy(True))
    found = {item.name: item for item in source.discover() if isinstance(item, DiscoveredDataset)}
    source.close()
    return found


def test_pagila_is_read_with_its_tables_and_views(everything: dict[str, DiscoveredDataset]) -> None:
    kinds = [item.subtype for item in everything.values()]
    assert (kinds.count(Subtype.TABLE), kinds.count(Subtype.VIEW)) == (21, 7)
    assert str(everything["film"].urn) == "dataset:postgres://shop.example:5432~pagila.public.film"
    assert everything["film"].path == ("pagila", "public", "film")


def test_columns_have_the_types_of_the_server_and_their_keys(
    everything: dict[str, DiscoveredDataset],
) -> None:
    columns = {column.name: column for column in everything["film"].columns}
    assert columns["title"].data_type == "character varying(255)"
    assert columns["rating"].data_type == "mpaa_rating"
    assert columns["release_year"].data_type == "year"
    assert columns["special_features"].data_type == "text[]"
    assert columns["film_id"].primary_key
    assert not columns["title"].primary_key
    assert [column.ordinal for column in everything["film"].columns] == list(range(1, 15))
    assert columns["title"].nullable is False
    assert columns["description"].nullable is True


def test_foreign_keys_lead_to_the_urn_of_the_other_table(everything: dict[str, DiscoveredDataset]) -> None:
    targets = {(key.columns, key.to, key.to_columns) for key in everything["film_actor"].foreign_keys}
    assert (("actor_id",), everything["actor"].urn, ("actor_id",)) in targets


def test_a_view_comes_with_its_select(everything: dict[str, DiscoveredDataset]) -> None:
    definition = everything["customer_list"].definition
    assert definition is not None
    assert definition.strip().startswith("SELECT")
    assert "customer" in definition


def test_rows_are_counted_where_the_server_has_no_estimate(everything: dict[str, DiscoveredDataset]) -> None:
    assert everything["actor"].row_count == 200
    assert everything["country"].row_count == 109


def test_all_databases_of_a_server_are_read_unless_some_are_named(
    postgres: Server, access: NetworkPolicy
) -> None:
    source = open_connector("postgres", config(postgres), access=access)
    found = {item.path[0] for item in source.discover() if isinstance(item, DiscoveredDataset)}
    source.close()
    assert {"pagila", "chinook"} <= found


def test_one_missing_database_does_not_hide_the_others(postgres: Server, access: NetworkPolicy) -> None:
    source = open_connector("postgres", config(postgres, databases=["absent", "chinook"]), access=access)
    found = list(source.discover())
    source.close()
    problems = [item for item in found if isinstance(item, Problem)]
    assert [(item.code, item.subject, item.severity) for item in problems] == [
        ("NOT_FOUND", "absent", "ERROR")
    ]
    assert len(found) > 10


def test_patterns_choose_what_is_read(postgres: Server, access: NetworkPolicy) -> None:
    source = open_connector("postgres", config(postgres, database="pagila"), access=access)
    found = [
        item.name
        for item in source.discover(["public.film*"], ["*_list"])
        if isinstance(item, DiscoveredDataset)
    ]
    source.close()
    assert found == ["film", "film_actor", "film_category"]


def test_a_sample_holds_at_most_the_rows_asked_for(
    postgres: Server, access: NetworkPolicy, everything: dict[str, DiscoveredDataset]
) -> None:
    source = open_connector("postgres", config(postgres, database="pagila"), access=access)
    sample = source.sample(everything["actor"], 25)
    none = source.sample(everything["actor"], 0)
    source.close()
    assert sample.columns == ("actor_id", "first_name", "last_name", "last_update")
    assert [len(values) for values in sample.values.values()] == [25] * 4
    assert none.values["first_name"] == []
    assert str(sample.values["first_name"][0]) not in repr(sample)


def test_names_with_quotes_dots_spaces_and_other_letters_are_read_and_sampled(
    postgres: Server, access: NetworkPolicy
) -> None:
    odd = 'Größe "a.b" 数%s:x'
    quoted = '"' + odd.replace('"', '""') + '"'
    statements(postgres, "postgres", "CREATE DATABASE odd")
    statements(
        postgres,
        "odd",
        f"CREATE SCHEMA {quoted}",
        f"CREATE TABLE {quoted}.{quoted} ({quoted} int PRIMARY KEY)",
        f"INSERT INTO {quoted}.{quoted} VALUES (7)",
        f"COMMENT ON COLUMN {quoted}.{quoted}.{quoted} IS 'it''s odd'",
    )
    source = open_connector("postgres", config(postgres, database="odd"), access=access)
    (table,) = [item for item in source.discover() if isinstance(item, DiscoveredDataset)]
    sample = source.sample(table, 5)
    source.close()
    assert table.path == ("odd", odd, odd)
    assert table.columns[0].comment == "it's odd"
    assert sample.values == {odd: [7]}


def test_partitions_belong_to_their_parent_and_materialized_views_are_told_apart(
    postgres: Server, access: NetworkPolicy
) -> None:
    statements(
        postgres,
        "postgres",
        "CREATE SCHEMA parts",
        "CREATE TABLE parts.event (day date NOT NULL) PARTITION BY RANGE (day)",
        "CREATE TABLE parts.event_1 PARTITION OF parts.event FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
        "CREATE MATERIALIZED VIEW parts.days AS SELECT day FROM parts.event",
    )
    source = open_connector(
        "postgres", config(postgres, database="postgres", schemas=["parts"]), access=access
    )
    found = {item.name: item.subtype for item in source.discover() if isinstance(item, DiscoveredDataset)}
    source.close()
    assert found == {"event": Subtype.TABLE, "days": Subtype.MATERIALIZED_VIEW}


def test_a_big_table_is_sampled_by_block(postgres: Server, access: NetworkPolicy) -> None:
    statements(
        postgres,
        "postgres",
        "CREATE SCHEMA big",
        "CREATE TABLE big.t AS SELECT i FROM generate_series(1, 150000) i",
        "ANALYZE big.t",
    )
    source = open_connector("postgres", config(postgres, database="postgres", schemas=["big"]), access=access)
    (table,) = [item for item in source.discover() if isinstance(item, DiscoveredDataset)]
    values = source.sample(table, 100).values["i"]
    source.close()
    assert table.row_count == 150_000
    assert table.size_bytes
    assert len(values) == 100
    assert values != list(range(1, 101))


def test_the_session_cannot_write(postgres: Server, access: NetworkPolicy) -> None:
    source = open_connector("postgres", config(postgres, database="pagila"), access=access)
    assert isinstance(source, Postgres)
    with pytest.raises(ConnectionFailed), source._connection("pagila") as connection:
        connection.exec_driver_sql("CREATE TABLE public.intruder (i int)")
    source.close()


def test_check_reports_version_latency_and_rights(postgres: Server, access: NetworkPolicy) -> None:
    source = open_connector("postgres", config(postgres, database="pagila"), access=access)
    report = source.check()
    source.close()
    assert report.version.startswith("PostgreSQL 1")
    assert report.namespace == "postgres://shop.example:5432"
    assert 0 < report.latency_ms < 5000
    assert {finding.capability: finding.ok for finding in report.findings} == {
        each: each is not Capability.USAGE for each in Capability
    }


def test_an_empty_database_is_no_failure(postgres: Server, access: NetworkPolicy) -> None:
    statements(postgres, "postgres", "CREATE DATABASE bare")
    source = open_connector("postgres", config(postgres, database="bare"), access=access)
    assert list(source.discover()) == []
    assert [
        finding.message for finding in source.check().findings if finding.capability is Capability.SAMPLE
    ] == ["There is no table yet."]
    source.close()


def test_a_reader_without_rights_is_told_so(postgres: Server, access: NetworkPolicy) -> None:
    statements(
        postgres, "pagila", "CREATE ROLE reader LOGIN PASSWORD 'r'", "GRANT USAGE ON SCHEMA public TO reader"
    )
    as_reader = config(replace(postgres, user="reader", password="r"), database="pagila")
    source = open_connector("postgres", as_reader, access=access)
    findings = {finding.capability: finding for finding in source.check().findings}
    (actor,) = [item for item in source.discover(["public.actor"]) if isinstance(item, DiscoveredDataset)]
    with pytest.raises(ConnectionFailed) as refused:
        source.sample(actor, 5)
    source.close()
    assert not findings[Capability.SAMPLE].ok
    assert actor.row_count is None
    assert refused.value.cause == "PERMISSION"


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ({"password": CANARY}, "CREDENTIALS"),
        ({"user": "nobody", "password": CANARY}, "CREDENTIALS"),
        ({"database": "absent"}, "NOT_FOUND"),
        ({"host": "no-such-host.invalid"}, "UNREACHABLE"),
        ({"sslmode": "verify-full", "password": CANARY}, "UNKNOWN"),
        ({"url": f"mysql://u:{CANARY}@h/d"}, "BAD_URL"),
        ({"url": f"postgres//u:{CANARY}@h"}, "BAD_URL"),
        ({"url": f"postgres://u:{CANARY}@h:port/d"}, "BAD_URL"),
        ({"url": f"postgres://u:{CANARY}@h/d?service={CANARY}"}, "BAD_URL"),
        ({"url": f"postgres://u:{CANARY}@/d"}, "BAD_URL"),
    ],
)
def test_a_failed_check_says_why_and_never_the_password(
    postgres: Server, access: NetworkPolicy, change: dict[str, object], cause: str
) -> None:
    with pytest.raises(ConnectionFailed) as failed:
        open_connector("postgres", config(postgres) | change, access=access).check()
    assert failed.value.cause == cause
    assert failed.value.remedy
    told = f"{failed.value!r} {failed.value.message} {failed.value.remedy} {failed.value.path}"
    assert CANARY not in told
    assert postgres.password not in told
    assert failed.value.__suppress_context__ or failed.value.__context__ is None


def test_a_url_stands_for_the_fields(postgres: Server, access: NetworkPolicy) -> None:
    from urllib.parse import quote

    url = f"postgresql://postgres:{quote(postgres.password, safe='')}@127.0.0.1:{postgres.port}/chinook?sslmode=disable"
    source = open_connector("postgresql", {"url": url}, access=access)
    assert source.check().namespace == f"postgres://localhost:{postgres.port}"
    source.close()


def test_nothing_listening_is_unreachable(access: NetworkPolicy) -> None:
    source = open_connector("postgres", {"host": "127.0.0.1", "port": free_port()}, access=access)
    with pytest.raises(ConnectionFailed) as failed:
        source.check()
    assert failed.value.cause == "UNREACHABLE"


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A server that accepts and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        held: list[socket.socket] = []
        stop = threading.Event()

        def accept() -> None:
            listener.settimeout(0.1)
            while not stop.is_set():
                try:
                    held.append(listener.accept()[0])
                except TimeoutError:
                    continue

        thread = threading.Thread(target=accept)
        thread.start()
        yield listener.getsockname()[1]
        stop.set()
        thread.join()
        for each in held:
            each.close()


@pytest.mark.parametrize("kind", ["postgres", "mysql"])
def test_a_server_that_never_answers_is_given_up_in_time(
    silent_port: int, access: NetworkPolicy, kind: str
) -> None:
    source = open_connector(kind, {"host": "127.0.0.1", "port": silent_port, "user": "u"}, access=access)
    begun = time.monotonic()
    with pytest.raises(ConnectionFailed) as failed:
        source.check()
    assert failed.value.cause == "TIMEOUT"
    assert time.monotonic() - begun < 6


@pytest.mark.parametrize("kind", ["postgres", "mysql"])
def test_a_server_that_drips_single_bytes_is_given_up_in_time(access: NetworkPolicy, kind: str) -> None:
    stop = threading.Event()

    def drip(listener: socket.socket) -> None:
        opened, _ = listener.accept()
        with opened, contextlib.suppress(OSError):
            opened.sendall(b"\xff\xff\x0f\x00" if kind == "mysql" else b"N")
            while not stop.wait(0.2):
                opened.sendall(b"R")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip, args=(listener,))
        thread.start()
        port = listener.getsockname()[1]
        source = open_connector(kind, {"host": "127.0.0.1", "port": port, "user": "u"}, access=access)
        begun = time.monotonic()
        with pytest.raises(ConnectionFailed):
            source.check()
        took = time.monotonic() - begun
        stop.set()
        thread.join()
    assert took < 6


def test_a_server_that_falls_silent_during_a_scan_is_given_up_in_time(
    postgres: Server, access: NetworkPolicy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "ingest.connectors.postgres._MARGIN_S", -58
    )  # 2 s, long before the server's own limit
    source = open_connector("postgres", config(postgres, database="pagila"), access=access)
    assert isinstance(source, Postgres)
    begun = time.monotonic()
    with pytest.raises(ConnectionFailed) as failed, source._connection("pagila") as connection:
        connection.exec_driver_sql("SELECT pg_sleep(30)")
    source.close()
    assert failed.value.cause == "TIMEOUT"
    assert time.monotonic() - begun < 5


def test_config_errors_name_the_field_and_keep_the_value(access: NetworkPolicy) -> None:
    with pytest.raises(InvalidInput) as failed:
        open_connector("postgres", {"host": "h", "port": CANARY}, access=access)
    assert failed.value.path == ("config", "port")
    assert CANARY not in f"{failed.value!r}{failed.value.remedy}"
    with pytest.raises(InvalidInput) as unknown:
        open_connector("postgres", {"host": "h", "hsot": CANARY}, access=access)
    assert unknown.value.path == ("config", "hsot")


def test_the_generic_connector_reads_through_any_installed_dialect(
    postgres: Server, access: NetworkPolicy
) -> None:
    from urllib.parse import quote

    secret = quote(postgres.password, safe="")
    url = f"postgresql+psycopg://postgres:{secret}@127.0.0.1:{postgres.port}/chinook"
    source = open_connector("relational", {"url": url, "schemas": ["public"]}, access=access)
    found = {item.name: item for item in source.discover() if isinstance(item, DiscoveredDataset)}
    sample = source.sample(found["Customer"], 3)
    source.close()
    assert str(found["Album"].urn) == f"dataset:postgres://localhost:{postgres.port}~chinook.public.Album"
    assert found["Album"].foreign_keys[0].to == found["Artist"].urn
    assert found["Genre"].row_count == 25
    assert len(sample.values["Email"]) == 3


@pytest.mark.parametrize(
    ("url", "cause"),
    [
        (f"oracle+oracledb://u:{CANARY}@h/d", "MISSING_DRIVER"),
        (f"nonsense://u:{CANARY}@h/d", "MISSING_DRIVER"),
        (f"::::{CANARY}", "BAD_URL"),
        ("sqlite:////etc/passwd", "BAD_URL"),
    ],
)
def test_the_generic_connector_names_missing_drivers_and_bad_urls(
    access: NetworkPolicy, url: str, cause: str
) -> None:
    with pytest.raises(ConnectionFailed) as failed:
        open_connector("relational", {"url": url}, access=access).check()
    assert failed.value.cause == cause
    assert CANARY not in f"{failed.value!r}{failed.value.remedy}"


def test_a_generic_url_cannot_point_elsewhere_by_a_parameter() -> None:
    url = "postgresql+psycopg://u@93.184.216.34/d?hostaddr=127.0.0.1"
    with pytest.raises(ConnectionFailed) as failed:
        open_connector("relational", {"url": url}, access=NetworkPolicy()).check()
    assert failed.value.cause == "BAD_URL"


def test_an_interrupt_ends_the_statement_on_the_server(postgres: Server) -> None:
    statements(
        postgres,
        "pagila",
        "CREATE OR REPLACE VIEW public.slow AS SELECT n::text AS v, pg_sleep(60)::text AS w FROM generate_series(1, 9) n",
    )
    source = open_connector("postgres", config(postgres, database="pagila"), access=NetworkPolicy(True))
    slow = DiscoveredDataset(
        Urn("dataset", source.namespace, "pagila.public.slow"),
        ("pagila", "public", "slow"),
        Subtype.VIEW,
        (DiscoveredColumn("w", "text"),),
    )
    ended: list[ConnectionFailed] = []

    def sample() -> None:
        try:
            source.sample(slow, 5)
        except ConnectionFailed as error:
            ended.append(error)

    reading = threading.Thread(target=sample)
    reading.start()
    with psycopg.connect(
        host=postgres.host,
        port=postgres.port,
        user=postgres.user,
        password=postgres.password,
        dbname="pagila",
        autocommit=True,
    ) as watching:
        active = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pursight' AND state = 'active' AND query LIKE 'FETCH%'"

        def running() -> int:
            row = watching.execute(active).fetchone()
            return int(row[0]) if row else 0

        while not running():
            assert reading.is_alive(), ended
        source.interrupt()
        reading.join(timeout=20)
        assert not reading.is_alive()
        assert not running()
        watching.execute("DROP VIEW public.slow")
    source.close()

    assert [error.cause for error in ended] == ["TIMEOUT"]


def test_who_waits_on_a_half_open_connection_is_let_go_by_an_interrupt(postgres: Server) -> None:
    """The server has begun to answer, then nothing more comes, and a cancel is not heard either."""
    statements(
        postgres,
        "pagila",
        "CREATE OR REPLACE VIEW public.long AS SELECT repeat('x', 1000) AS body FROM generate_series(1, 9)",
    )
    with half_open(postgres.port, b"FETCH") as (port, silent):
        where = config(postgres, database="pagila", sslmode="disable") | {"port": port}
        source = open_connector("postgres", where, access=NetworkPolicy(True, timeout_s=5))
        dataset = DiscoveredDataset(
            Urn.parse("dataset:postgres://shop.example:5432~pagila.public.long"),
            ("pagila", "public", "long"),
            columns=(DiscoveredColumn("body", "text", True, 1),),
            subtype=Subtype.VIEW,
        )
        cause = cause_of_the_interrupted(source, dataset, 5, silent)
    statements(postgres, "pagila", "DROP VIEW public.long")
    assert cause == "UNREACHABLE"


def test_long_texts_are_cut_by_the_server(postgres: Server) -> None:
    statements(
        postgres,
        "pagila",
        "CREATE OR REPLACE VIEW public.long AS SELECT repeat('x', 50000000) AS body FROM generate_series(1, 9)",
    )
    source = open_connector("postgres", config(postgres, database="pagila"), access=NetworkPolicy(True))
    [dataset] = [d for d in source.discover(include=["public.long"]) if isinstance(d, DiscoveredDataset)]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sampled = source.sample(dataset, 9)
    grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    source.close()
    statements(postgres, "pagila", "DROP VIEW public.long")

    assert [len(str(value)) for value in sampled.values["body"]] == [LONGEST_VALUE] * 9
    assert grown_kb < 100_000


def test_a_database_without_an_encoding_is_read_whatever_its_texts_are(postgres: Server) -> None:
    statements(
        postgres,
        "postgres",
        "CREATE DATABASE bytes ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0",
    )
    statements(
        postgres,
        "bytes",
        "CREATE TABLE words (id integer PRIMARY KEY, body text)",
        "INSERT INTO words VALUES (1, E'M\\xfcller'), (2, 'whole')",
    )
    source = open_connector("postgres", config(postgres, database="bytes"), access=NetworkPolicy(True))
    [dataset] = [d for d in source.discover() if isinstance(d, DiscoveredDataset)]
    sampled = source.sample(dataset, 9)
    source.close()
    statements(postgres, "postgres", "DROP DATABASE bytes")

    assert [(c.name, c.data_type) for c in dataset.columns] == [("id", "integer"), ("body", "text")]
    assert sampled.values == {"id": [1, 2], "body": ["M\N{REPLACEMENT CHARACTER}ller", "whole"]}
