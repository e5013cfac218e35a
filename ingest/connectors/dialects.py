"""SQLAlchemy URLs of databases without a connector of their own: which are allowed, and what they need installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import SecretStr

from ingest.connectors.base import load
from ingest.connectors.failures import missing_driver
from ingest.connectors.server import bad_url
from ingest.network import NetworkPolicy
from schema.domain.platforms import platform_of

if TYPE_CHECKING:
    from sqlalchemy import URL, Engine

_PACKAGES = {
    "mssql": "pyodbc",
    "oracle": "'pursight[oracle]'",
    "snowflake": "'pursight[snowflake]'",
    "redshift": "sqlalchemy-redshift",
    "bigquery": "'pursight[bigquery]'",
    "databricks": "'pursight[databricks]'",
    "trino": "trino",
    "clickhouse": "clickhouse-sqlalchemy",
    "duckdb": "duckdb-engine",
    "cockroachdb": "sqlalchemy-cockroachdb",
    "db2": "ibm-db-sa",
    "hive": "pyhive",
    "teradatasql": "teradatasqlalchemy",
}
# Parameters of a URL that cannot lead to another server or file.
_HARMLESS = frozenset(
    {
        "charset",
        "sslmode",
        "ssl",
        "encrypt",
        "trustservercertificate",
        "driver",
        "warehouse",
        "role",
        "catalog",
        "schema",
        "application_name",
        "service_name",
        "protocol",
        "timeout",
    }
)


_TIMEOUT_OPTIONS = {
    "psycopg": "connect_timeout",
    "psycopg2": "connect_timeout",
    "pymysql": "connect_timeout",
    "mysqldb": "connect_timeout",
    "pyodbc": "timeout",
    "oracledb": "tcp_connect_timeout",
    "pg8000": "timeout",
}


def engine(secret: SecretStr, access: NetworkPolicy) -> Engine:
    """An engine for any URL that the policy allows, its host replaced by the resolved address."""
    from sqlalchemy import create_engine

    url = parsed(secret)
    name = url.get_backend_name()
    if not access.allow_private and any(key.lower() not in _HARMLESS for key in url.query):
        raise bad_url("The URL has a parameter that could lead to another address.")
    if name in ("sqlite", "duckdb"):
        raise bad_url(f"Files of {name} have a connector of their own, of that type.")
    if url.host:
        url = url.set(host=access.resolve(url.host, url.port or platform_of(f"{name}:").default_port or 0))
    else:
        access.permit_socket()
    option = _TIMEOUT_OPTIONS.get(url.get_driver_name())
    return create_engine(url, connect_args={option: max(1, int(access.timeout_s))} if option else {})


def limited(engine: Engine, access: NetworkPolicy) -> Engine:
    """The engine, each statement of which waits for its turn; what a driver says to open a connection does not."""
    if (limiter := access.limiter) is not None:
        from sqlalchemy import event

        event.listen(engine, "before_cursor_execute", lambda *_: limiter.acquire())
    return engine


def parsed(secret: SecretStr) -> URL:
    """The URL with its driver loaded; raises ``ConnectionFailed`` BAD_URL or MISSING_DRIVER."""
    load("sqlalchemy")
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError, NoSuchModuleError

    try:
        url = make_url(secret.get_secret_value())
    except (ArgumentError, ValueError):
        raise bad_url("This is not a URL.") from None
    name = url.get_backend_name()
    try:
        url.get_dialect().import_dbapi()
    except NoSuchModuleError:
        known = _PACKAGES.get(name)
        raise missing_driver(name if known else "this dialect", known or "") from None
    except ImportError:
        raise missing_driver(name, _PACKAGES.get(name, url.get_driver_name())) from None
    return url
