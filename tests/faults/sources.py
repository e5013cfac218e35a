"""The sources that are scanned: small databases, files and buckets, and some with so many tables that a scan has several batches."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from schema.domain.sources import ScanOptions, SourceSpec
from tests.faults.proxy import Proxy
from tests.servers import Server, mariadb_server, moto_server, postgres_server, server_folder

NO_VECTORS = ScanOptions(embed=False)
# Ten GiB in five hundred rows.
HUGE = "SELECT n AS id, repeat('a long text ', 1747627) AS body FROM generate_series(1, 512) n"
SMALL = 9  # tables; a batch has 200


@dataclass(frozen=True, slots=True)
class Size:
    """How many sources of each kind there are, and of how many tables those of several batches are."""

    tables: int
    big: int
    small: int
    postgres: int
    mariadb: int
    folders: int
    prefixes: int


FULL = Size(tables=620, big=3, small=14, postgres=8, mariadb=4, folders=8, prefixes=3)
QUICK = Size(tables=410, big=1, small=4, postgres=3, mariadb=0, folders=2, prefixes=0)
# What sources do to whoever examines them; QUERY is a statement that does not end, in PostgreSQL.
POISONS = ("exit", "raise", "loop", "thread", "memory")
QUERY = "query"
TINY = Size(tables=210, big=1, small=2, postgres=0, mariadb=0, folders=1, prefixes=0)


@dataclass(frozen=True, slots=True)
class Sources:
    """What is scanned, what ``POISONS`` are given to, a source that answers too much, one that nobody scans and clients write to, and the
    proxy before PostgreSQL, where there is one."""

    specs: tuple[SourceSpec, ...]
    poisons: tuple[SourceSpec, ...]
    huge: SourceSpec | None
    ledger: SourceSpec
    proxy: Proxy | None


def statements(tables: int, salt: int) -> Iterator[str]:
    """Tables, rows and views in the SQL that SQLite, PostgreSQL and MariaDB share."""
    for n in range(tables):
        yield f"CREATE TABLE t{n:03} (id INTEGER PRIMARY KEY, email VARCHAR(80), amount NUMERIC(10, 2))"
        rows = ", ".join(f"({i}, 'p{salt}.{i}@example.org', {n}.{i})" for i in range(4))
        yield f"INSERT INTO t{n:03} VALUES {rows}"
    for n in range(0, min(tables, 24) - 1, 3):
        yield (
            f"CREATE VIEW v{n:03} AS SELECT a.email AS who, SUM(b.amount) AS total "
            f"FROM t{n:03} a JOIN t{n + 1:03} b ON b.id = a.id GROUP BY a.email"
        )


@asynccontextmanager
async def sources(size: Size, folder: Path) -> AsyncIterator[Sources]:
    """The sources of a world, readable as long as this lasts; what this machine has no server for is left out."""
    specs: list[SourceSpec] = []
    async with AsyncExitStack() as stack:
        specs += [_sqlite(folder, f"big-{n}", size.tables + n, n) for n in range(size.big)]
        specs += [_sqlite(folder, f"small-{n}", SMALL + n % 4, n) for n in range(size.small)]
        specs += [_folder(folder, f"folder-{n}") for n in range(size.folders)]
        specs += [_odd(folder)]
        poisons = [_sqlite(folder, f"poison-{kind}", SMALL, n) for n, kind in enumerate(POISONS)]
        proxy = huge = None
        if size.postgres:
            data = stack.enter_context(server_folder())
            server = stack.enter_context(postgres_server(data))
            proxy = await stack.enter_async_context(Proxy(server.port))
            specs += [_postgres(server, proxy.port, n) for n in range(size.postgres)]
            specs += [_odd_postgres(server)]
            poisons += [_views(server, f"poison-{QUERY}", "SELECT 1 AS id, pg_sleep(86400)::text AS body")]
            huge = _views(server, "huge", HUGE)
        if size.mariadb:
            try:
                server = stack.enter_context(mariadb_server(stack.enter_context(server_folder())))
                specs += [_mariadb(server, n) for n in range(size.mariadb)]
            except FileNotFoundError as missing:
                print(f"Without MariaDB: {missing}.")
        if size.prefixes:
            specs += _buckets(stack, size.prefixes)
        yield Sources(tuple(specs), tuple(poisons), huge, _folder(folder, "ledger"), proxy)


def _spec(name: str, kind: str, config: dict[str, object]) -> SourceSpec:
    return SourceSpec(name, kind, config, options=NO_VECTORS)


def _sqlite(folder: Path, name: str, tables: int, salt: int) -> SourceSpec:
    file = folder / f"{name}.sqlite"
    with sqlite3.connect(file) as database:
        for statement in statements(tables, salt):
            database.execute(statement)
    database.close()
    return _spec(name, "sqlite", {"path": str(file)})


def _folder(folder: Path, name: str) -> SourceSpec:
    place = folder / name
    place.mkdir()
    for n, label in enumerate(("people", "orders", "places", "notes")):
        (place / f"{label}.csv").write_text(_csv(n))
    (place / "latin.csv").write_bytes("id,name\n1,Müller\n2,Åse\n".encode("latin-1"))
    (place / "bytes.csv").write_bytes(bytes(range(128, 256)) * 9)
    return _spec(name, "files", {"path": str(place)})


def _odd(folder: Path) -> SourceSpec:
    """Texts that are none: bytes that are not UTF-8, in values and in a file of another encoding."""
    file = folder / "odd.sqlite"
    with sqlite3.connect(file) as database:
        database.execute("CREATE TABLE words (id INTEGER PRIMARY KEY, body TEXT)")
        database.execute("INSERT INTO words VALUES (1, CAST(x'ff80fe41' AS TEXT)), (2, 'whole'), (3, NULL)")
    database.close()
    return _spec("odd-texts", "sqlite", {"path": str(file)})


def _odd_postgres(server: Server) -> SourceSpec:
    """A database whose server looks at no encoding: names and values are bytes as they came."""
    import psycopg

    where = {"host": server.host, "port": server.port, "user": server.user, "password": server.password}
    with psycopg.connect(**where, dbname="postgres", autocommit=True) as connection:
        connection.execute(
            "CREATE DATABASE odd ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"
        )
    with psycopg.connect(**where, dbname="odd") as connection:
        connection.execute("CREATE TABLE words (id integer PRIMARY KEY, body text)")
        connection.execute(r"INSERT INTO words VALUES (1, E'M\xfcller'), (2, 'whole'), (3, NULL)")
    return _postgres_spec(server, "odd", "odd-postgres")


def _views(server: Server, name: str, select: str) -> SourceSpec:
    """A database with two tables and a view that is no good."""
    import psycopg

    where = {"host": server.host, "port": server.port, "user": server.user, "password": server.password}
    database = name.replace("-", "_")
    with psycopg.connect(**where, dbname="postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {database}")
    with psycopg.connect(**where, dbname=database) as connection:
        for statement in (*statements(2, 0), f"CREATE VIEW body AS {select}"):
            connection.execute(statement)
    return _postgres_spec(server, database, name)


def _postgres_spec(server: Server, database: str, name: str) -> SourceSpec:
    where = {"host": server.host, "port": server.port, "user": server.user, "password": server.password}
    config = {**where, "database": database, "namespace": f"postgres://{database}", "sslmode": "disable"}
    return _spec(name, "postgres", config)


def _csv(n: int) -> str:
    return f"id,email,value_{n}\n" + "".join(f"{i},p{i}@example.org,{i * n}\n" for i in range(9))


def _postgres(server: Server, port: int, n: int) -> SourceSpec:
    import psycopg

    where = {"host": server.host, "port": server.port, "user": server.user, "password": server.password}
    with psycopg.connect(**where, dbname="postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE shop{n}")
    with psycopg.connect(**where, dbname=f"shop{n}") as connection:
        for statement in statements(SMALL + 12, n):
            connection.execute(statement)
    config = {**where, "port": port, "database": f"shop{n}", "namespace": f"postgres://shop{n}"}
    return _spec(f"postgres-{n}", "postgres", {**config, "sslmode": "disable"})


def _mariadb(server: Server, n: int) -> SourceSpec:
    import pymysql

    where = {"host": server.host, "port": server.port, "user": server.user, "password": server.password}
    connection = pymysql.connect(**where, autocommit=True)
    with connection, connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE shop{n}")
        cursor.execute(f"USE shop{n}")
        for statement in statements(SMALL + 6, n):
            cursor.execute(statement)
    config = {**where, "database": f"shop{n}", "namespace": f"mysql://shop{n}", "sslmode": "disable"}
    return _spec(f"mariadb-{n}", "mysql", config)


def _buckets(stack: AsyncExitStack, count: int) -> list[SourceSpec]:
    import boto3

    store = stack.enter_context(moto_server())
    keys = {"aws_access_key_id": "AKIATEST", "aws_secret_access_key": "s", "region_name": "us-east-1"}
    client = boto3.client("s3", endpoint_url=store.endpoint, **keys)
    client.create_bucket(Bucket="lake")
    specs = []
    for n in range(count):
        for place in range(4):
            client.put_object(Bucket="lake", Key=f"part{n}/set{place}.csv", Body=_csv(place).encode())
        config = {"path": f"s3://lake/part{n}/", "endpoint": store.endpoint, **store.credentials}
        specs.append(_spec(f"bucket-{n}", "files", config))
    return specs
