"""Settings of a database that is one file: its path, or the same as a URL."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field, model_validator

from ingest.connectors.base import ConnectorConfig
from ingest.network import NetworkPolicy
from schema.domain.platforms import canonical_namespace
from schema.errors import ConnectionFailed


class EmbeddedConfig(ConnectorConfig):
    """One database file; a URL is ``scheme:///path``."""

    scheme: ClassVar[str] = ""

    path: str = Field(min_length=1, description="Path of the file, inside a folder that sources may read.")
    schemas: tuple[str, ...] = Field(default=(), description="Schemas to read; all if empty.")
    namespace: str = Field(default="", description="Identity of the file if it is not its path.")

    @model_validator(mode="before")
    @classmethod
    def _spread_url(cls, data: Any) -> Any:
        if not isinstance(data, Mapping) or not isinstance(data.get("url"), str):
            return data
        scheme, found, path = data["url"].partition(":///")
        if scheme != cls.scheme or not found or not path:
            raise ConnectionFailed(
                "BAD_URL",
                f"The URL is not of the form {cls.scheme}:///path.",
                f"Write {cls.scheme}:////absolute/path, or give the path alone.",
                path=("config", "url"),
            )
        return {key: value for key, value in data.items() if key != "url"} | {"path": path}

    def file(self, access: NetworkPolicy) -> Path:
        """The real path; raises ``ConnectionFailed`` BLOCKED_ADDRESS or NOT_FOUND."""
        real = access.local_path(self.path)
        if not real.is_file():
            raise ConnectionFailed(
                "NOT_FOUND",
                "There is no such file.",
                "Check the spelling of the path.",
                path=("config", "path"),
            )
        return real

    def identity(self, real: Path) -> str:
        """Canonical namespace: the given one, else the scheme and the real path."""
        return canonical_namespace(self.namespace or f"{self.scheme}://{real}")
