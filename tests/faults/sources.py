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
TINY = Size(tables=210, big=1, small=2, postgres=0, mariadb=0, folders=1, prefixes=0)


@dataclass(frozen=True, slots=True)
class Sources:
    """What is scanned, one that nobody scans and clients write to, and the proxy before PostgreSQL, where there is one."""

    specs: tuple[SourceSpec, ...]
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
        proxy = None
        if size.postgres:
            data = stack.enter_context(server_folder())
            server = stack.enter_context(postgres_server(data))
            proxy = await stack.enter_async_context(Proxy(server.port))
            specs += [_postgres(server, proxy.port, n) for n in range(size.postgres)]
        if size.mariadb:
            try:
                server = stack.enter_context(mariadb_server(stack.enter_context(server_folder())))
                specs += [_mariadb(server, n) for n in range(size.mariadb)]
            except FileNotFoundError as missing:
                print(f"Without MariaDB: {missing}.")
        if size.prefixes:
            specs += _buckets(stack, size.prefixes)
        yield Sources(tuple(specs), _folder(folder, "ledger"), proxy)


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
    return _spec(name, "files", {"path": str(place)})


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
