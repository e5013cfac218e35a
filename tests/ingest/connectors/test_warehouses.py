"""Warehouses without a server: their settings, the arguments of their drivers, and the statements in their dialects.

What needs a driver is skipped where its extra is not installed; ``make test-warehouses`` installs them all, beside the lock.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any

import pytest
import sqlglot

from ingest.connectors.base import ConnectorConfig, connector_class, load, open_connector
from ingest.connectors.figures import Family, branches
from ingest.connectors.selects import counting, selecting, spelled
from ingest.connectors.warehouses import Warehouse
from ingest.network import NetworkPolicy
from ingest.usage import history
from schema.domain.platforms import PLATFORMS, platform_of
from schema.errors import ConnectionFailed, InvalidInput

ACCESS = NetworkPolicy(allow_private=True, timeout_s=2)
CANARY = "canary-5f1e'@:/ %"
HOST = {"host": "127.0.0.1", "user": "reader", "password": CANARY, "databases": ["sales"]}
CONFIGS: dict[str, dict[str, Any]] = {
    "snowflake": {"account": "Acme-Shop", "user": "reader", "password": CANARY, "databases": ["SALES"]},
    "bigquery": {"databases": ["acme-sales"]},
    "databricks": {
        "host": "adb-1.2.azuredatabricks.net",
        "http_path": "/sql/1.0/warehouses/ab",
        "token": CANARY,
        "databases": ["main"],
    },
    "redshift": HOST,
    "sqlserver": HOST,
    "oracle": HOST,
}
NAMESPACES = {
    "snowflake": "snowflake://acme-shop",
    "bigquery": "bigquery",
    "databricks": "databricks://adb-1.2.azuredatabricks.net",
    "redshift": "redshift://localhost:5439",
    "sqlserver": "sqlserver://localhost:1433",
    "oracle": "oracle://localhost:1521",
}
# One for each, as pip calls the module that it needs.
DRIVERS = {
    "snowflake": "snowflake.connector",
    "bigquery": "google.cloud.bigquery",
    "databricks": "databricks.sql",
    "redshift": "redshift_connector",
    "sqlserver": "pymssql",
    "oracle": "oracledb",
}


@dataclass
class Dialected:
    """As much of a connection as the making of a statement looks at."""

    dialect: Any


def opened(kind: str, **more: Any) -> Warehouse:
    found = open_connector(kind, {**CONFIGS[kind], **more}, access=ACCESS)
    assert isinstance(found, Warehouse)
    return found


def dialect_of(kind: str) -> Any:
    warehouse = opened(kind)
    pytest.importorskip(DRIVERS[kind], reason=f"the extra {kind} is not installed")
    load(warehouse.module)
    return warehouse.url("sales").get_dialect()()


@pytest.mark.parametrize("kind", CONFIGS)
def test_a_warehouse_goes_by_the_name_that_openlineage_gives_it(kind: str) -> None:
    warehouse = opened(kind)
    assert warehouse.namespace == NAMESPACES[kind]
    assert platform_of(warehouse.namespace) is PLATFORMS[kind]
    assert opened(kind, namespace=f"{kind}://other").namespace.partition("://")[2].startswith("other")
    assert CANARY not in repr(warehouse._config)


def test_a_redshift_cluster_goes_by_its_identifier_and_region() -> None:
    host = "Shop.abc123xyz789.eu-west-1.redshift.amazonaws.com"
    assert opened("redshift", host=host).namespace == "redshift://shop.eu-west-1:5439"


@pytest.mark.parametrize("kind", CONFIGS)
def test_a_missing_extra_is_named_with_its_remedy(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sqlalchemy.create_engine", _not_installed)
    with pytest.raises(ConnectionFailed) as missing:
        opened(kind).check()
    assert (missing.value.cause, missing.value.remedy) == (
        "MISSING_DRIVER",
        f"pip install 'pursight[{kind}]'",
    )


def _not_installed(*_: object, **__: object) -> None:
    raise ImportError


@pytest.mark.parametrize(
    ("kind", "config", "field"),
    [
        ("snowflake", {"account": "evil.example.org/x"}, "account"),
        ("snowflake", {"account": "a@b"}, "account"),
        ("snowflake", {"password": ""}, "config"),
        ("snowflake", {"private_key": "x"}, "config"),
        ("bigquery", {"databases": []}, "databases"),
        ("bigquery", {"maximum_bytes_billed": 1}, "maximum_bytes_billed"),
        ("databricks", {"host": "evil.example.org"}, "host"),
        ("databricks", {"host": "evil.org/.azuredatabricks.net"}, "host"),
        ("databricks", {"http_path": "https://evil.org"}, "http_path"),
        ("redshift", {"sslmode": "disable"}, "sslmode"),
        ("sqlserver", {"encryption": "never"}, "encryption"),
        ("oracle", {"protocol": "http"}, "protocol"),
        ("oracle", {"port": 0}, "port"),
    ],
)
def test_a_setting_that_cannot_be_right_is_named(kind: str, config: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        opened(kind, **config)
    assert refused.value.path[:2] in (("config", field), ("config", "config"))
    assert "canary" not in f"{refused.value!r}"


@pytest.mark.parametrize("kind", ["redshift", "sqlserver", "oracle"])
def test_a_warehouse_on_an_inner_address_is_refused(kind: str) -> None:
    pytest.importorskip(DRIVERS[kind], reason=f"the extra {kind} is not installed")
    warehouse: Any = open_connector(kind, CONFIGS[kind], access=NetworkPolicy())
    with pytest.raises(ConnectionFailed) as refused:
        warehouse.check()
    assert refused.value.cause == "BLOCKED_ADDRESS"


@pytest.mark.parametrize("kind", CONFIGS)
def test_samples_and_profiles_are_valid_statements_of_their_dialect(kind: str) -> None:
    from sqlalchemy import table

    dialect = dialect_of(kind)
    connection: Any = Dialected(dialect)
    source = table(spelled("Orders", dialect), schema=spelled("shop", dialect))
    query = selecting(connection, source, ["id", "We ird"], 10)
    reader = PLATFORMS[kind].dialect
    assert sqlglot.parse_one(query, read=reader).named_selects == ["c0", "c1"]
    counts = counting(connection, [source, source], 11)
    assert len(sqlglot.parse(counts, read=reader)) == 1
    words = connector_class(kind).words  # type: ignore[attr-defined]
    one = selecting(connection, source, ["We ird"], 10)
    parts = [
        part
        for k, family in enumerate(Family)
        for part in branches(k, family, f"SELECT c0 AS c FROM ({one}) s", words)
    ]
    assert len(sqlglot.parse(" UNION ALL ".join(parts), read=reader)) == 1


@pytest.mark.parametrize("kind", ["snowflake", "oracle"])
def test_names_that_a_dialect_folds_are_not_quoted_into_names_that_do_not_exist(kind: str) -> None:
    from sqlalchemy import table

    dialect = dialect_of(kind)
    source = table(spelled("orders", dialect), schema=spelled("shop", dialect))
    query = selecting(Dialected(dialect), source, ["id", "Mixed"], 10)  # type: ignore[arg-type]
    assert 'SELECT id AS c0, "Mixed" AS c1' in query
    assert "FROM shop.orders" in query


def test_the_drivers_are_given_what_they_take() -> None:
    given = {kind: _driver_arguments(kind) for kind in CONFIGS if kind != "bigquery"}
    assert given["snowflake"]["account"] == "Acme-Shop"
    assert given["snowflake"]["session_parameters"]["QUERY_TAG"] == "pursight"
    assert given["databricks"]["http_path"] == "/sql/1.0/warehouses/ab"
    assert (given["redshift"]["ssl"], given["redshift"]["sslmode"]) == (True, "verify-full")
    assert given["sqlserver"]["encryption"] == "require"
    assert given["oracle"]["service_name"] == "sales"
    assert all(CANARY in each.values() for each in given.values())


def _driver_arguments(kind: str) -> dict[str, Any]:
    dialect, warehouse = dialect_of(kind), opened(kind)
    dialect.dbapi = type(dialect).import_dbapi()
    url = warehouse.url("sales")
    return {**dialect.create_connect_args(url)[1], **warehouse.arguments("sales")}


def test_a_key_pair_is_opened_for_snowflake() -> None:
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"open"),
    ).decode()
    pair = {"password": "", "private_key": pem, "private_key_passphrase": "open"}
    found = opened("snowflake", **pair).arguments("SALES")["private_key"]
    assert serialization.load_der_private_key(found, None).private_numbers() == key.private_numbers()  # type: ignore[union-attr]
    with pytest.raises(ConnectionFailed) as refused:
        opened("snowflake", **{**pair, "private_key_passphrase": "wrong"}).arguments("SALES")
    assert refused.value.path == ("config", "private_key")


@pytest.mark.parametrize("kind", history.kinds())
def test_the_history_of_a_warehouse_is_told_in_the_fields_of_a_query_log(kind: str) -> None:
    found = sqlglot.parse_one(history.statement(kind), read=PLATFORMS[kind].dialect)
    assert found.named_selects == ["timestamp", "sql", "user", "database", "schema"]


def test_every_warehouse_has_a_statement_of_its_history_and_no_other_source_has() -> None:
    assert set(history.kinds()) == set(CONFIGS)
    with pytest.raises(InvalidInput, match="kafka"):
        history.statement("kafka")


def test_the_settings_of_every_warehouse_are_described() -> None:
    for kind in CONFIGS:
        model: type[ConnectorConfig] = connector_class(kind).Config
        assert all(field.description for field in model.model_fields.values()), kind
        importlib.import_module(connector_class(kind).__module__)
