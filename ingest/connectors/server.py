"""Settings of a database server, field by field or as one URL; the URL never survives as a text with a password in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, SecretStr, model_validator

from ingest.connectors.base import ConnectorConfig, load
from ingest.secrets import is_reference
from schema.domain.platforms import canonical_namespace
from schema.errors import ConnectionFailed

SslMode = Literal["disable", "prefer", "require", "verify-ca", "verify-full"]
_QUERY = ("sslmode", "sslrootcert")


class ServerConfig(ConnectorConfig):
    """Connection to one server; ``url`` may stand for host, port, user, password and database."""

    schemes: ClassVar[tuple[str, ...]] = ()
    default_port: ClassVar[int] = 0

    host: str = Field(default="", description="Host name or address of the server.")
    port: int | None = Field(default=None, ge=1, le=65535, description="Port; the platform's own if empty.")
    user: str = Field(default="", description="User; a read-only one is enough.")
    password: SecretStr = Field(default=SecretStr(""), description="Password, or a reference to one.")
    database: str = Field(default="", description="The one database to read.")
    databases: tuple[str, ...] = Field(
        default=(), description="Databases to read; all that the user may if empty."
    )
    schemas: tuple[str, ...] = Field(
        default=(), description="Schemas to read; all but the system's if empty."
    )
    sslmode: SslMode = Field(default="prefer", description="How far TLS is demanded and verified.")
    sslrootcert: str = Field(default="", description="Path of a file with the accepted authorities.")
    namespace: str = Field(default="", description="Identity of the server if it is not its address.")
    url: SecretStr | None = Field(
        default=None, description="All of it as scheme://user:password@host:port/database."
    )

    @model_validator(mode="before")
    @classmethod
    def _spread_url(cls, data: Any) -> Any:
        if not isinstance(data, Mapping) or not data.get("url"):
            return data
        url = data["url"].get_secret_value() if isinstance(data["url"], SecretStr) else data["url"]
        if not isinstance(url, str) or is_reference(url):
            return data
        rest = {key: value for key, value in data.items() if key != "url"}
        return parse_url(url, cls.schemes) | rest

    @model_validator(mode="after")
    def _has_address(self) -> Self:
        if not self.host and self.url is None:
            raise ValueError("give host or url")
        return self

    @property
    def chosen(self) -> tuple[str, ...]:
        """The databases that were asked for."""
        return tuple(dict.fromkeys((*((self.database,) if self.database else ()), *self.databases)))

    @property
    def address(self) -> tuple[str, int]:
        """Host and port; raises ``ConnectionFailed`` BAD_URL where a reference was not resolved."""
        if not self.host:
            raise bad_url("The url is a reference that was not resolved.")
        return self.host, self.port or self.default_port

    def identity(self) -> str:
        """Canonical namespace: the given one, else scheme, host and port."""
        host, port = self.address
        return canonical_namespace(self.namespace or f"{self.schemes[0]}://{host}:{port}")


def parse_url(text: str, schemes: tuple[str, ...]) -> dict[str, Any]:
    """Fields of a server URL; raises ``ConnectionFailed`` BAD_URL without repeating any of it."""
    load("sqlalchemy")
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise bad_url("This is not a URL.") from None
    if url.drivername.partition("+")[0] not in schemes:
        raise bad_url(f"The URL does not begin with {schemes[0]}://.")
    if not url.host:
        raise bad_url("The URL names no host.")
    if any(key not in _QUERY for key in url.query):
        raise bad_url(f"Of the parameters of a URL only {' and '.join(_QUERY)} are taken.")
    found = {
        "host": url.host,
        "port": url.port,
        "user": url.username,
        "password": url.password,
        "database": url.database,
        **url.query,
    }
    return {key: value for key, value in found.items() if value is not None}


def bad_url(why: str) -> ConnectionFailed:
    """``ConnectionFailed`` BAD_URL at the field ``url``."""
    return ConnectionFailed(
        "BAD_URL",
        why,
        "Write scheme://user:password@host:port/database, or give the fields one by one.",
        path=("config", "url"),
    )
