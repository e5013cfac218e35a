"""What the warehouses have in common that are read through a SQLAlchemy dialect of their maker; their packages are extras of PurSight."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field, SecretStr

from ingest.connectors.base import ConnectorConfig, load
from ingest.connectors.failures import missing_driver
from ingest.connectors.figures import Dialect
from ingest.connectors.profiling import Target
from ingest.connectors.relational import STATEMENT_TIMEOUT_S, Relational
from schema.domain.catalog import DiscoveredDataset
from schema.domain.platforms import canonical_namespace

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine


def extra(name: str) -> str:
    """What pip calls the extra of a warehouse."""
    return f"'pursight[{name}]'"


class WarehouseConfig(ConnectorConfig):
    """What every warehouse takes; ``databases`` are read one after the other."""

    databases: tuple[str, ...] = Field(min_length=1, description="Databases to read.")
    schemas: tuple[str, ...] = Field(
        default=(), description="Schemas to read; all but the system's if empty."
    )
    namespace: str = Field(default="", description="Identity of the warehouse if it is not its address.")


class HostConfig(WarehouseConfig):
    """A warehouse at a host and port."""

    host: str = Field(min_length=1, description="Host name or address of the server.")
    port: int | None = Field(default=None, ge=1, le=65535, description="Port; the platform's own if empty.")
    user: str = Field(min_length=1, description="User; a read-only one is enough.")
    password: SecretStr = Field(description="Password, or a reference to one.")


class Warehouse(Relational):
    """``words`` is how its engine says the figures of a profile; ``module`` holds the dialect of SQLAlchemy."""

    module: ClassVar[str]
    words: ClassVar[Dialect]

    def url(self, database: str) -> URL:
        """Where a database is, as its dialect takes it; raises ``ConnectionFailed`` where the policy forbids it."""
        raise NotImplementedError

    def arguments(self, database: str) -> dict[str, Any]:
        """Further arguments of the driver."""
        return {}

    def options(self) -> dict[str, Any]:
        """Further arguments of the dialect."""
        return {}

    def _first_database(self) -> str:
        return str(self._config.databases[0])

    def _databases(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(self._config.databases))

    def _create_engine(self, database: str) -> Engine:
        load(*self.drivers, self.module)
        from sqlalchemy import create_engine
        from sqlalchemy.exc import NoSuchModuleError

        try:
            return create_engine(
                self.url(database),
                connect_args=self.arguments(database),
                pool_size=1,
                max_overflow=1,
                **self.options(),
            )
        except (ImportError, NoSuchModuleError):
            raise missing_driver(self.kind, extra(self.kind)) from None

    def _identity(self) -> str:
        return canonical_namespace(self._config.namespace or self._address())

    def _address(self) -> str:
        """The namespace that OpenLineage's conventions give."""
        raise NotImplementedError

    def _target(self, connection: Connection, dataset: DiscoveredDataset) -> Target:
        found = super()._target(connection, dataset)
        return Target(self.words, found.rows, found.select, found.run)

    def _told(self, statement: str) -> list[Sequence[Any]]:
        """Rows of a statement that the warehouse answers of itself; raises ``ConnectionFailed``."""
        with self._connection(self._first_database(), autocommit=False) as connection:
            return self._answer(connection, statement, STATEMENT_TIMEOUT_S)

    def _driver_error(self) -> type[Exception]:
        return Exception  # the makers' clients raise what they like while they connect

    @property
    def _seconds(self) -> int:
        return max(1, int(self._access.timeout_s))
