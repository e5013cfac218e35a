"""Real database servers, one of each kind for all connector tests, and files in an allowed folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.network import NetworkPolicy
from tests.ingest.connectors.brokers import Broker, RegistryServer, kafka_broker, schema_registry
from tests.servers import (
    Server,
    Store,
    azurite_server,
    gcs_server,
    mariadb_server,
    moto_server,
    postgres_server,
    run_script,
    server_folder,
)

SQL = Path(__file__).parents[2] / "data" / "sql"


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """PostgreSQL with the databases ``pagila`` and ``chinook``."""
    with server_folder() as folder, postgres_server(folder) as server:
        run_script(server, "pagila", SQL / "pagila/pagila-schema.sql", SQL / "pagila/pagila-insert-data.sql")
        run_script(server, "chinook", SQL / "chinook/chinook-postgres.sql")
        yield server


@pytest.fixture(scope="session")
def mariadb() -> Iterator[Server]:
    """MariaDB without a database."""
    try:
        with server_folder() as folder, mariadb_server(folder) as server:
            yield server
    except FileNotFoundError as missing:
        pytest.skip(str(missing))


@pytest.fixture
def access(tmp_path: Path) -> NetworkPolicy:
    """A policy that allows this machine and the test's own folder; 2 s to connect."""
    return NetworkPolicy(allow_private=True, local_files=(tmp_path,), timeout_s=2)


@pytest.fixture(scope="session")
def s3() -> Iterator[Store]:
    """S3 by moto's server, without a bucket."""
    pytest.importorskip("moto")
    pytest.importorskip("s3fs")
    with moto_server() as store:
        yield store


@pytest.fixture(scope="session")
def azure() -> Iterator[Store]:
    """Azure Blob Storage by Azurite, without a container."""
    pytest.importorskip("adlfs")
    try:
        with server_folder() as folder, azurite_server(folder) as store:
            yield store
    except FileNotFoundError as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def gcs() -> Iterator[Store]:
    """Google Cloud Storage by fake-gcs-server, without a bucket."""
    pytest.importorskip("gcsfs")
    try:
        with gcs_server() as store:
            yield store
    except FileNotFoundError as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def broker() -> Iterator[Broker]:
    """Kafka, without a topic; each test names its own."""
    try:
        with server_folder() as folder, kafka_broker(folder) as server:
            yield server
    except FileNotFoundError as missing:
        pytest.skip(str(missing))


@pytest.fixture(scope="session")
def registry() -> Iterator[RegistryServer]:
    """A schema registry, without a subject."""
    try:
        with schema_registry() as server:
            yield server
    except FileNotFoundError as missing:
        pytest.skip(str(missing))
