"""Registered sources: where a connection leads and what a scan of it may do."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from schema.domain.plans import ScanPlan
from schema.errors import InvalidInput
from schema.ids import Urn

_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,62}")


@dataclass(frozen=True, slots=True)
class ScanOptions:
    """What a scan does besides reading the structure.

    ``include`` and ``exclude`` are glob patterns over dotted names (``public.*``); ``sample_rows`` 0 reads no values. ``profile``
    lets the source compute figures of its columns, ``usage`` counts the queries that its server has counted and
    reads the lineage that a warehouse records.
    """

    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    sample_rows: int = 500
    classify: bool = True
    lineage: bool = True
    embed: bool = True
    profile: bool = True
    usage: bool = True


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """A source as a person registers it. ``config`` holds no secret once the spec left ``ingest.secrets``.

    Without a ``plan`` the one that the source has stays as it is.
    """

    name: str
    connector: str
    config: Mapping[str, Any]
    description: str = ""
    domain: str = ""
    options: ScanOptions = field(default_factory=ScanOptions)
    plan: ScanPlan | None = None

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


@dataclass(frozen=True, slots=True)
class Holding:
    """What a registered source reads: one namespace, there everything whose name begins with ``root``."""

    namespace: str
    root: str
    urn: str
    name: str
    domain: str = ""


class Registered:
    """All holdings; tells whose an asset is, be it registered or only mentioned."""

    def __init__(self, holdings: Iterable[Holding] = ()) -> None:
        self._by_namespace: dict[str, list[Holding]] = {}
        for holding in holdings:
            self._by_namespace.setdefault(holding.namespace, []).append(holding)
        for held in self._by_namespace.values():
            held.sort(key=lambda holding: -len(holding.root))

    def at(self, namespace: str, root: str) -> Holding | None:
        """The source registered for exactly this part of the world."""
        return next((h for h in self._by_namespace.get(namespace, ()) if h.root == root), None)

    def owner(self, urn: Urn) -> Holding:
        """The source an asset belongs to: of several roots the longest; else the stub that stands for the instance."""
        for holding in self._by_namespace.get(urn.namespace, ()):
            if urn.name.startswith(holding.root):
                return holding
        return Holding(urn.namespace, "", str(source_urn(urn.namespace)), urn.namespace)

    def names(self, namespace: str) -> list[str]:
        """Names of the sources that read ``namespace``; of an unregistered one, its stub's."""
        return [h.name for h in self._by_namespace.get(namespace, ())] or [namespace]

    def is_registered(self, holding: Holding) -> bool:
        return holding in self._by_namespace.get(holding.namespace, ())
