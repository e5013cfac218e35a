"""Builds the sources of the demonstration from the files in ``demo/``; what is there already is left alone.

Each source is built aside and moved into its place when it is whole, so that an interrupted build is simply repeated.
"""

from __future__ import annotations

import csv
import gzip
import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graph_api.demo.postgres import DATABASE, READER, DemoPostgres
from graph_api.stack.process import new_password, password
from schema.errors import StackError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

FILES = Path(__file__).parents[2] / "demo"
# Copied into analytics: schema there, table, columns; the other columns stay where they are.
RENTAL_SHOP = {
    "customer": ("customer_id", "store_id", "first_name", "last_name", "email", "create_date", "active"),
    "film": ("film_id", "title", "description", "release_year", "rental_rate", "length", "rating"),
    "film_category": ("film_id", "category_id"),
    "category": ("category_id", "name"),
    "inventory": ("inventory_id", "film_id", "store_id"),
    "rental": ("rental_id", "rental_date", "inventory_id", "customer_id", "return_date"),
    "payment": ("payment_id", "customer_id", "rental_id", "amount", "payment_date"),
}
RECORD_SHOP = {
    "Customer": ("CustomerId", "FirstName", "LastName", "Country", "Email"),
    "Invoice": ("InvoiceId", "CustomerId", "InvoiceDate", "Total"),
    "InvoiceLine": ("InvoiceLineId", "InvoiceId", "TrackId", "UnitPrice", "Quantity"),
    "Track": ("TrackId", "Name", "AlbumId", "GenreId"),
    "Album": ("AlbumId", "Title", "ArtistId"),
    "Artist": ("ArtistId", "Name"),
    "Genre": ("GenreId", "Name"),
}


class DemoData:
    """The folder of the demonstration in one data folder."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir.absolute()
        self.folder = self.data_dir / "demo"
        self.postgres = DemoPostgres(self.data_dir)
        if not FILES.is_dir():
            raise StackError(
                "The demo's data is not part of this installation.",
                remedy="Run it from a checkout of the repository.",
            )
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def reader_password(self) -> str:
        """The password of the user that scans read Pagila with, made at first use."""
        if not password(self.folder, READER):
            new_password(self.folder, READER)
        return password(self.folder, READER)

    def load_pagila(self) -> None:
        """Fill PostgreSQL, which must be running; the last statement marks it as whole."""
        with self.postgres.connect("postgres") as owner:
            if owner.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                return
            owner.execute(f"DROP DATABASE IF EXISTS {DATABASE}_new")
            owner.execute(f"CREATE DATABASE {DATABASE}_new")
            with self.postgres.connect(f"{DATABASE}_new") as connection:
                for name in ("schema", "reference-data", "sample-data"):
                    script = (FILES / "pagila" / f"{name}.sql").read_text("utf-8")
                    connection.execute("RESET ALL")
                    connection.execute(
                        script.replace("CREATE PROCEDURAL LANGUAGE plpgsql;", "")
                    )  # it is built in now
            owner.execute(f"DROP ROLE IF EXISTS {READER}")
            owner.execute(
                f"CREATE ROLE {READER} LOGIN PASSWORD '{self.reader_password()}' IN ROLE pg_read_all_data"
            )
            owner.execute(f"ALTER DATABASE {DATABASE}_new RENAME TO {DATABASE}")

    def build_chinook(self) -> None:
        with self._new("chinook.sqlite") as file:
            with gzip.open(FILES / "chinook" / "chinook.sql.gz", "rt", encoding="utf-8") as script:
                text = script.read()
            connection = sqlite3.connect(file)
            try:
                connection.executescript(f"BEGIN; {text} COMMIT;")
            finally:
                connection.close()

    def build_analytics(self) -> None:
        """Copy parts of the two shops, and make the views over them."""
        with self._new("analytics.duckdb") as file, _duckdb(file) as target:
            target.execute("CREATE SCHEMA rental_shop; CREATE SCHEMA record_shop")
            copies = file.parent
            with self.postgres.connect() as pagila:
                for table, columns in RENTAL_SHOP.items():
                    _load(target, f'rental_shop."{table}"', _exported(pagila, table, columns, copies))
            chinook = sqlite3.connect(self.folder / "chinook.sqlite")
            try:
                for table, columns in RECORD_SHOP.items():
                    _load(target, f'record_shop."{table}"', _exported(chinook, table, columns, copies))
            finally:
                chinook.close()
            target.execute((FILES / "analytics" / "views.sql").read_text("utf-8"))

    def build_rentals(self) -> None:
        """Rentals as a folder of Parquet files, one for each month."""
        with (
            self._new("rentals") as folder,
            _duckdb(self.folder / "analytics.duckdb", read_only=True) as source,
        ):
            rows = (
                "SELECT r.*, p.amount, year(r.rental_date) AS year, month(r.rental_date) AS month "
                "FROM rental_shop.rental r JOIN rental_shop.payment p USING (rental_id) ORDER BY r.rental_id"
            )
            source.execute(
                f"COPY ({rows}) TO '{_literal(folder)}' (FORMAT parquet, PARTITION_BY (year, month))"
            )

    def build_jaffle_shop(self) -> None:
        """Seeds, staging views, and the models by the SQL that dbt compiled."""
        manifest = json.loads((FILES / "jaffle_shop" / "manifest.json").read_bytes())
        with self._new("jaffle_shop.duckdb") as file, _duckdb(file) as target:
            for seed in sorted((FILES / "jaffle_shop" / "seeds").glob("*.csv")):
                _load(target, f'"{seed.stem}"', seed)
            target.execute((FILES / "jaffle_shop" / "staging.sql").read_text("utf-8"))
            for node in manifest["nodes"].values():
                if node["resource_type"] == "model":
                    target.execute(f"CREATE TABLE {node['relation_name']} AS {node['compiled_code']}")
        with self._new("jaffle_dbt") as folder:
            folder.mkdir()
            for name in ("manifest.json", "run_results.json"):
                shutil.copyfile(FILES / "jaffle_shop" / name, folder / name)

    @contextmanager
    def _new(self, name: str) -> Iterator[Path]:
        """A path to build ``name`` at; where it exists already, what is built is thrown away."""
        place, aside = self.folder / name, self.folder / f".{name}"
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir()
        try:
            yield aside / name
            if not place.exists():
                (aside / name).rename(place)
        finally:
            shutil.rmtree(aside, ignore_errors=True)


@contextmanager
def _duckdb(file: Path, *, read_only: bool = False) -> Iterator[DuckDBPyConnection]:
    import duckdb

    connection = duckdb.connect(
        str(file), read_only=read_only, config={"threads": "2", "memory_limit": "512MB"}
    )
    try:
        yield connection
    finally:
        connection.close()


def _exported(connection: Any, table: str, columns: tuple[str, ...], folder: Path) -> Path:
    """A CSV file of some columns of a table."""
    chosen = ", ".join(f'"{column}"' for column in columns)
    rows = connection.execute(f'SELECT {chosen} FROM "{table}"').fetchall()  # noqa: S608 - names from above
    file = folder / f"{table}.csv"
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(columns)
        writer.writerows(rows)
    return file


def _load(target: DuckDBPyConnection, table: str, file: Path) -> None:
    source = f"read_csv('{_literal(file)}', header=true)"
    target.execute(f"CREATE TABLE {table} AS SELECT * FROM {source}")  # noqa: S608 - names from above


def _literal(path: Path) -> str:
    return str(path).replace("'", "''")
