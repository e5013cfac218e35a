"""Snowflake, BigQuery and Databricks: reached by their makers' clients, under domains that only the makers serve.

Not run against a server here: their statements and the arguments of their drivers are what is tested.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self

from pydantic import Field, SecretStr, model_validator

from ingest.connectors import recorded
from ingest.connectors.base import ConnectorConfig, Recorded, connector
from ingest.connectors.figures import Dialect
from ingest.connectors.relational import STATEMENT_TIMEOUT_S
from ingest.connectors.stores import service_account
from ingest.connectors.warehouses import Warehouse, WarehouseConfig
from schema.errors import ConnectionFailed

if TYPE_CHECKING:
    from sqlalchemy import URL


class SnowflakeConfig(WarehouseConfig):
    """An account of Snowflake, by password or key pair."""

    account: str = Field(
        pattern=r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+){0,3}$",
        description="Account identifier: organization-account, or locator.region.cloud.",
    )
    user: str = Field(min_length=1, description="User; a service user with USAGE and SELECT is enough.")
    password: SecretStr = Field(
        default=SecretStr(""), description="Password or programmatic access token, or a reference to one."
    )
    private_key: SecretStr = Field(default=SecretStr(""), description="PEM of the key of a key pair.")
    private_key_passphrase: SecretStr = Field(default=SecretStr(""), description="What opens that key.")
    warehouse: str = Field(
        default="", description="Virtual warehouse that computes; the user's own if empty."
    )
    role: str = Field(default="", description="Role to take; the user's own if empty.")

    @model_validator(mode="after")
    def _has_credentials(self) -> Self:
        if bool(self.password.get_secret_value()) == bool(self.private_key.get_secret_value()):
            raise ValueError("give either password or private_key")
        return self


@connector
class Snowflake(Warehouse):
    kind: ClassVar[str] = "snowflake"
    drivers: ClassVar[tuple[str, ...]] = ("sqlalchemy",)
    module: ClassVar[str] = "snowflake.sqlalchemy"
    Config: ClassVar[type[ConnectorConfig]] = SnowflakeConfig
    system_schemas: ClassVar[frozenset[str]] = frozenset({"information_schema"})
    words: ClassVar[Dialect] = Dialect(text="CAST({0} AS VARCHAR)", shared=False)
    grant: ClassVar[str] = (
        "Grant the database role SNOWFLAKE.GOVERNANCE_VIEWER to its role; the view needs Enterprise Edition."
    )

    def url(self, database: str) -> URL:
        from sqlalchemy import URL

        config = self._config
        given = {"warehouse": config.warehouse, "role": config.role}
        return URL.create(
            "snowflake",
            config.user,
            config.password.get_secret_value() or None,
            config.account,
            database=database,
            query={name: value for name, value in given.items() if value},
        )

    def arguments(self, database: str) -> dict[str, Any]:
        session = {"STATEMENT_TIMEOUT_IN_SECONDS": STATEMENT_TIMEOUT_S, "QUERY_TAG": "pursight"}
        found = {
            "login_timeout": self._seconds,
            "network_timeout": STATEMENT_TIMEOUT_S,
            "session_parameters": session,
        }
        if key := self._config.private_key.get_secret_value():
            found["private_key"] = _der(key, self._config.private_key_passphrase.get_secret_value())
        return found

    def recorded(self, since: datetime, until: datetime) -> Recorded:
        statement = recorded.asked(recorded.ACCESS_HISTORY, since, until, recorded.MOST_ACCESSES)
        rows = self._told(statement)
        return recorded.answer(rows, recorded.accessed, self.namespace, since, until, recorded.MOST_ACCESSES)

    def _address(self) -> str:
        return f"snowflake://{self._config.account}"


class BigQueryConfig(ConnectorConfig):
    """Projects of BigQuery; their datasets are its schemas."""

    databases: tuple[str, ...] = Field(min_length=1, description="Projects to read.")
    schemas: tuple[str, ...] = Field(default=(), description="Datasets to read; all if empty.")
    service_account: SecretStr = Field(
        default=SecretStr(""),
        description="JSON key of a service account; this server's own identity if empty.",
    )
    billing_project: str = Field(
        default="", description="Project that pays for queries; the read one if empty."
    )
    location: str = Field(
        default="", pattern=r"^[A-Za-z0-9-]{0,40}$", description="Location of the datasets."
    )
    maximum_bytes_billed: int = Field(
        default=2**30,
        ge=10 * 2**20,
        description="Bytes that one query may cost; one that would cost more fails, and costs nothing.",
    )
    namespace: str = Field(default="", description="Identity, if it is not bigquery.")


@connector
class BigQuery(Warehouse):
    kind: ClassVar[str] = "bigquery"
    drivers: ClassVar[tuple[str, ...]] = ("sqlalchemy",)
    module: ClassVar[str] = "sqlalchemy_bigquery"
    Config: ClassVar[type[ConnectorConfig]] = BigQueryConfig
    transactional: ClassVar[bool] = False
    words: ClassVar[Dialect] = Dialect(text="CAST({0} AS STRING)", shared=False)

    def url(self, database: str) -> URL:
        from sqlalchemy import URL

        query = {"maximum_bytes_billed": str(self._config.maximum_bytes_billed)}
        return URL.create("bigquery", host=database, query=query)

    def options(self) -> dict[str, Any]:
        config = self._config
        found = {"billing_project_id": config.billing_project or None, "location": config.location or None}
        if key := config.service_account.get_secret_value():
            return {**found, "credentials_info": service_account(key)}
        return found

    def _address(self) -> str:
        return "bigquery"


class DatabricksConfig(WarehouseConfig):
    """A SQL warehouse of Databricks; ``databases`` are catalogs of its Unity Catalog."""

    host: str = Field(
        pattern=r"^[a-z0-9.-]+\.(cloud\.databricks\.com|azuredatabricks\.net|gcp\.databricks\.com|databricks\.azure\.us|cloud\.databricks\.us)$",
        description="Server hostname of the workspace.",
    )
    http_path: str = Field(
        pattern=r"^/sql/[A-Za-z0-9/._-]+$",
        description="HTTP path of the SQL warehouse: /sql/1.0/warehouses/...",
    )
    token: SecretStr = Field(description="Access token, or a reference to one.")


@connector
class Databricks(Warehouse):
    kind: ClassVar[str] = "databricks"
    drivers: ClassVar[tuple[str, ...]] = ("sqlalchemy",)
    module: ClassVar[str] = "databricks.sqlalchemy"
    Config: ClassVar[type[ConnectorConfig]] = DatabricksConfig
    transactional: ClassVar[bool] = False
    system_schemas: ClassVar[frozenset[str]] = frozenset({"information_schema"})
    words: ClassVar[Dialect] = Dialect(text="CAST({0} AS STRING)", shared=False)
    grant: ClassVar[str] = (
        "Grant it USE CATALOG on system, USE SCHEMA on system.access, and SELECT on its tables column_lineage and table_lineage; "
        "an administrator of the account enables the schema."
    )

    def url(self, database: str) -> URL:
        from sqlalchemy import URL

        config = self._config
        query = {"http_path": config.http_path, "catalog": database}
        return URL.create("databricks", "token", config.token.get_secret_value(), config.host, query=query)

    def arguments(self, database: str) -> dict[str, Any]:
        session = {"statement_timeout": str(STATEMENT_TIMEOUT_S)}
        return {"session_configuration": session, "_socket_timeout": STATEMENT_TIMEOUT_S}

    def recorded(self, since: datetime, until: datetime) -> Recorded:
        statement = recorded.asked(recorded.LINEAGE_TABLES, since, until, recorded.MOST_FLOWS)
        rows = self._told(statement)
        return recorded.answer(rows, recorded.told, self.namespace, since, until, recorded.MOST_FLOWS)

    def _address(self) -> str:
        return f"databricks://{self._config.host}"


def _der(pem: str, passphrase: str) -> bytes:
    """The key as Snowflake's driver takes it."""
    from cryptography.hazmat.primitives import serialization

    try:
        key = serialization.load_pem_private_key(pem.encode(), passphrase.encode() or None)
    except (ValueError, TypeError):
        raise ConnectionFailed(
            "CREDENTIALS",
            "The private key cannot be opened.",
            "Give the PEM text of the key, and its passphrase where it has one.",
            path=("config", "private_key"),
        ) from None
    return key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
