"""Registered sources: where a connection leads and what a scan of it may do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from schema.errors import InvalidInput
from schema.ids import Urn

_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,62}")


@dataclass(frozen=True, slots=True)
class ScanOptions:
    """What a scan does besides reading the structure.

    ``include`` and ``exclude`` are glob patterns over dotted names (``public.*``); ``sample_rows`` 0 reads no values.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    sample_rows: int = 500
    classify: bool = True
    lineage: bool = True
    embed: bool = True


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """A source as a person registers it. ``config`` holds no secret once the spec left ``ingest.secrets``."""

    name: str
    connector: str
    config: Mapping[str, Any]
    description: str = ""
    domain: str = ""
    options: ScanOptions = field(default_factory=ScanOptions)

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise InvalidInput(
                f"{self.name!r} cannot name a source.",
                path=("name",),
                remedy="Use 1 to 63 lower-case letters, digits, dots, dashes and underscores; begin with a letter or digit.",
            )

    @property
    def urn(self) -> Urn:
        return source_urn(self.name)


def source_urn(name: str) -> Urn:
    """Identity of a registered source; of an unregistered instance, ``name`` is its namespace."""
    return Urn("source", name)
