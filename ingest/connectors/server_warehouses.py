"""Redshift, SQL Server and Oracle: servers at a host and port.

Where TLS proves the name, the connection goes by the name after the policy permitted it; else to the address that was permitted.
Not run against a server here: their statements and the arguments of their drivers are what is tested.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from ingest.connectors.base import ConnectorConfig, connector
from ingest.connectors.figures import Dialect
from ingest.connectors.relational import STATEMENT_TIMEOUT_S
from ingest.connectors.warehouses import HostConfig, Warehouse

if TYPE_CHECKING:
    from sqlalchemy import URL

_REDSHIFT = ".redshift.amazonaws.com"


class HostWarehouse(Warehouse):
    """``scheme`` is OpenLineage's, ``default_port`` the platform's."""

    scheme: ClassVar[str]
    default_port: ClassVar[int]

    @property
    def port(self) -> int:
        return self._config.port or self.default_port

    def host(self, *, proved: bool) -> str:
        """Where to connect to; ``proved`` says that TLS will check the name."""
        address = self._access.resolve(self._config.host, self.port)
        return str(self._config.host) if proved else address

    def _address(self) -> str:
        return f"{self.scheme}://{self._config.host}:{self.port}"


class RedshiftConfig(HostConfig):
    """A cluster or workgroup of Amazon Redshift, over TLS."""

    sslmode: Literal["verify-ca", "verify-full"] = Field(
        default="verify-full", description="How far the server's certificate is verified."
    )


@connector
class Redshift(HostWarehouse):
    kind: ClassVar[str] = "redshift"
    drivers: ClassVar[tuple[str, ...]] = ("sqlalchemy", "redshift_connector")
    module: ClassVar[str] = "sqlalchemy_redshift.dialect"
    Config: ClassVar[type[ConnectorConfig]] = RedshiftConfig
    system_schemas: ClassVar[frozenset[str]] = frozenset(
        {"information_schema", "pg_catalog", "pg_internal", "pg_automv", "catalog_history"}
    )
    scheme: ClassVar[str] = "redshift"
    default_port: ClassVar[int] = 5439
    words: ClassVar[Dialect] = Dialect(text="CAST({0} AS VARCHAR(100))", shared=False)

    def url(self, database: str) -> URL:
        from sqlalchemy import URL

        config = self._config
        host = self.host(proved=config.sslmode == "verify-full")
        secret = config.password.get_secret_value()
        return URL.create("redshift+redshift_connector", config.user, secret, host, self.port, database)

    def arguments(self, database: str) -> dict[str, Any]:
        return {"ssl": True, "sslmode": self._config.sslmode, "timeout": STATEMENT_TIMEOUT_S}

    def _address(self) -> str:
        """OpenLineage names a cluster by its identifier and region."""
        host = str(self._config.host).lower()
        cluster, *between = host.removesuffix(_REDSHIFT).split(".")
        if host.endswith(_REDSHIFT) and len(between) == 2:
            host = f"{cluster}.{between[1]}"
        return f"redshift://{host}:{self.port}"


class SqlServerConfig(HostConfig):
    """A server of Microsoft SQL Server, or Azure SQL."""

    encryption: Literal["off", "request", "require"] = Field(
        default="require", description="Whether TLS is demanded; FreeTDS does not verify the certificate."
    )


@connector
class SqlServer(HostWarehouse):
    kind: ClassVar[str] = "sqlserver"
    drivers: ClassVar[tuple[str, ...]] = ("sqlalchemy", "pymssql")
    module: ClassVar[str] = "sqlalchemy.dialects.mssql"
    Config: ClassVar[type[ConnectorConfig]] = SqlServerConfig
    system_schemas: ClassVar[frozenset[str]] = frozenset(
        {"information_schema", "sys", "guest", "db_owner", "db_accessadmin", "db_securityadmin", "db_ddladmin",
         "db_backupoperator", "db_datareader", "db_datawriter", "db_denydatareader", "db_denydatawriter"}
    )  # fmt: skip
    scheme: ClassVar[str] = "mssql"
    default_port: ClassVar[int] = 1433
    words: ClassVar[Dialect] = Dialect(text="CAST({0} AS VARCHAR(100))", length="LEN({0})", shared=False)

    def url(self, database: str) -> URL:
        from sqlalchemy import URL

        config = self._config
        host, secret = self.host(proved=False), config.password.get_secret_value()
        return URL.create("mssql+pymssql", config.user, secret, host, self.port, database)

    def arguments(self, database: str) -> dict[str, Any]:
        return {
            "login_timeout": self._seconds,
            "timeout": STATEMENT_TIMEOUT_S,
            "encryption": self._config.encryption,
            "appname": "PurSight",
        }


class OracleConfig(HostConfig):
    """A server of Oracle Database; ``databases`` are its services."""

    protocol: Literal["tcp", "tcps"] = Field(default="tcp", description="Whether TLS is used.")


@connector
class Oracle(HostWarehouse):
    kind: ClassVar[str] = "oracle"
    drivers: ClassVar[tuple[str, ...]] = ("sqlalchemy", "oracledb")
    module: ClassVar[str] = "sqlalchemy.dialects.oracle"
    Config: ClassVar[type[ConnectorConfig]] = OracleConfig
    system_schemas: ClassVar[frozenset[str]] = frozenset(
        {"sys", "system", "xdb", "ctxsys", "mdsys", "ordsys", "orddata", "outln", "dbsnmp", "appqossys", "audsys", "dbsfwuser",
         "gsmadmin_internal", "lbacsys", "ojvmsys", "olapsys", "wmsys", "dvsys", "ggsys", "anonymous", "remote_scheduler_agent"}
    )  # fmt: skip
    scheme: ClassVar[str] = "oracle"
    default_port: ClassVar[int] = 1521
    words: ClassVar[Dialect] = Dialect(text="CAST({0} AS VARCHAR2(100))", shared=False)

    def url(self, database: str) -> URL:
        from sqlalchemy import URL

        config = self._config
        return URL.create("oracle+oracledb", config.user, config.password.get_secret_value())

    def arguments(self, database: str) -> dict[str, Any]:
        # Apart from the URL, of which the dialect makes a description that knows no TLS.
        return {
            "host": self.host(proved=self._config.protocol == "tcps"),
            "port": self.port,
            "service_name": database,
            "protocol": self._config.protocol,
            "tcp_connect_timeout": self._seconds,
        }
