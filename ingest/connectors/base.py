"""The contract of a connector, and the registry that makes one file enough to add one."""

from __future__ import annotations

import importlib
import importlib.util
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any, ClassVar, Protocol, TypeVar, runtime_checkable

from pydantic import BaseModel, ConfigDict, ValidationError

from ingest.network import NetworkPolicy
from schema.domain.catalog import DiscoveredDataset
from schema.domain.lineage import LineageEdge
from schema.domain.profiles import ProfileBudget, ProfiledColumn, TableProfile
from schema.domain.scans import Problem
from schema.errors import InvalidInput


class Capability(StrEnum):
    """What a connector can read of a source."""

    SCHEMA = "SCHEMA"
    SAMPLE = "SAMPLE"
    LINEAGE = "LINEAGE"
    PROFILE = "PROFILE"
    USAGE = "USAGE"


class ConnectorConfig(BaseModel):
    """Base of all connection settings; secret fields are ``SecretStr``, so that no repr shows them."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether one capability works with the rights of this connection, and if not, why."""

    capability: Capability
    ok: bool
    message: str = ""


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What a connection attempt found; ``version`` is the engine's own text, ``latency_ms`` one question and its answer."""

    namespace: str
    version: str
    latency_ms: float
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """Values of some rows by column; read, counted and forgotten."""

    columns: tuple[str, ...]
    values: dict[str, list[object]] = field(repr=False)


class Connector(Protocol):
    """One open way into a source. Not safe for use by several threads at once."""

    kind: ClassVar[str]
    capabilities: ClassVar[frozenset[Capability]]
    drivers: ClassVar[tuple[str, ...]]
    Config: ClassVar[type[ConnectorConfig]]

    def __init__(self, config: Any, *, access: NetworkPolicy) -> None: ...

    @property
    def namespace(self) -> str:
        """Canonical OpenLineage namespace of the instance."""

    @property
    def root(self) -> str:
        """Beginning of the names of everything it reads; empty where it reads the whole namespace."""

    def check(self) -> CheckReport:
        """Connect and look around; raises ``ConnectionFailed``."""

    def discover(
        self, include: Sequence[str] = (), exclude: Sequence[str] = ()
    ) -> Iterator[DiscoveredDataset | Problem]:
        """Everything that can be read; an object that cannot becomes a ``Problem``. Raises ``ConnectionFailed``."""

    def sample(self, dataset: DiscoveredDataset, rows: int) -> Sample:
        """At most ``rows`` rows; raises ``ConnectionFailed``. The values must not leave the process but as counts."""

    def interrupt(self) -> None:
        """End what the source is doing for this connector, which then raises ``ConnectionFailed``; called by another thread."""

    def close(self) -> None:
        """Let go of connections; the connector may not be used afterwards."""


@dataclass(frozen=True, slots=True)
class Counter:
    """How often one account ran one statement, since the server began to count it (``since``, None where it does not say).

    ``last`` is when it last ran, None where the server does not say. The text may hold values.
    """

    key: str
    sql: str = field(repr=False)
    calls: int
    account: str = ""
    database: str = ""
    since: datetime | None = None
    last: datetime | None = None


@dataclass(frozen=True, slots=True)
class Counters:
    """All counters of a server at one time; ``reset`` changes when it forgets them all. ``unreadable`` texts were hidden."""

    at: datetime
    reset: str
    counters: tuple[Counter, ...]
    unreadable: int = 0


class Counting(Connector, Protocol):
    """A connector that has USAGE among its capabilities: its server counts statements."""

    def counters(self) -> Counters:
        """What the server has counted, statements of PurSight's own account apart. Raises ``ConnectionFailed``."""


class Profiling(Connector, Protocol):
    """A connector that has PROFILE among its capabilities: its engine computes the figures."""

    def profile(
        self, dataset: DiscoveredDataset, columns: Sequence[ProfiledColumn], budget: ProfileBudget
    ) -> TableProfile:
        """Figures over a bounded sample; columns that cannot be profiled are among its problems. Raises ``ConnectionFailed``."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What a source recorded of its statements in a stretch of time: edges with when they were seen first and last.

    ``until`` is up to where all is told, earlier than asked for where that was too much; ``unread`` counts records that make no sense.
    """

    edges: tuple[LineageEdge, ...]
    until: datetime
    unread: int = 0


@runtime_checkable
class Recording(Protocol):
    """A connector whose source records by itself what its statements filled from what; ``grant`` is the right that reading it needs."""

    grant: ClassVar[str]

    def recorded(self, since: datetime, until: datetime) -> Recorded:
        """What was recorded from ``since`` on and before ``until``. Raises ``ConnectionFailed``."""


@runtime_checkable
class Inferring(Protocol):
    """A connector whose source has datasets without a schema, and values that show one."""

    def infer(self, dataset: DiscoveredDataset, rows: int) -> DiscoveredDataset | Problem:
        """The dataset with the columns that at most ``rows`` rows show, or why they show none. Raises ``ConnectionFailed``."""


@runtime_checkable
class LookingAhead(Protocol):
    """A connector that profiles, and can read at once what the profiles of several datasets need."""

    def look_ahead(self, datasets: Sequence[DiscoveredDataset]) -> None:
        """Keep it until they are profiled; what is left out is read then. Raises ``ConnectionFailed``."""


# Kinds and where their class is: a module is imported when its kind is asked for, its drivers when one is opened.
MODULES: dict[str, str] = {
    "postgres": "ingest.connectors.postgres",
    "mysql": "ingest.connectors.mysql",
    "sqlite": "ingest.connectors.sqlite",
    "duckdb": "ingest.connectors.duckdb",
    "relational": "ingest.connectors.relational",
    "snowflake": "ingest.connectors.cloud_warehouses",
    "bigquery": "ingest.connectors.cloud_warehouses",
    "databricks": "ingest.connectors.cloud_warehouses",
    "redshift": "ingest.connectors.server_warehouses",
    "sqlserver": "ingest.connectors.server_warehouses",
    "oracle": "ingest.connectors.server_warehouses",
    "files": "ingest.connectors.files",
    "kafka": "ingest.connectors.kafka",
    "dbt": "ingest.connectors.dbt",
    "superset": "ingest.connectors.superset",
    "metabase": "ingest.connectors.metabase",
    "looker": "ingest.connectors.looker",
    "great_expectations": "ingest.connectors.great_expectations",
    "soda": "ingest.connectors.soda",
}
ALIASES = {"postgresql": "postgres", "mariadb": "mysql", "mssql": "sqlserver", "gx": "great_expectations"}
REGISTRY: dict[str, type[Connector]] = {}
_T = TypeVar("_T", bound=type[Connector])
_LOADING = threading.RLock()


def load(*modules: str) -> None:
    """Import modules, in one thread at a time; what is not installed is left to whoever uses it.

    Threads that enter one package by different doors wait for each other, and Python ends one of them with a deadlock.
    """
    with _LOADING:
        for module in modules:
            with suppress(ImportError):
                importlib.import_module(module)


def connector(cls: _T) -> _T:
    """Register a connector class under its ``kind``; raises ``ValueError`` on a second claim."""
    if cls.kind in REGISTRY:
        raise ValueError(f"Two connectors claim the kind {cls.kind!r}.")
    REGISTRY[cls.kind] = cls
    return cls


def kinds() -> tuple[str, ...]:
    """Every kind that ``connector_class`` knows, sorted."""
    return tuple(sorted(MODULES.keys() | REGISTRY.keys()))


def connector_class(kind: str) -> type[Connector]:
    """The class behind a kind or an alias of it; raises ``InvalidInput`` that lists the known kinds."""
    name = ALIASES.get(kind, kind)
    if name not in REGISTRY and name in MODULES:
        with _LOADING:
            importlib.import_module(MODULES[name])
    if name not in REGISTRY:
        raise InvalidInput(
            f"There is no connector {kind[:40]!r}.",
            path=("connector",),
            remedy=f"Use one of {', '.join(kinds())}.",
        )
    return REGISTRY[name]


def parse_config(kind: str, config: Mapping[str, Any]) -> ConnectorConfig:
    """The typed settings of a kind; raises ``InvalidInput`` naming the field, never its value."""
    model = connector_class(kind).Config
    try:
        return model.model_validate(dict(config))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        place = tuple(str(part) for part in first["loc"]) or ("config",)
        unknown = first["type"] == "extra_forbidden"
        why = "is not a setting of this connector" if unknown else f"is not acceptable: {first['msg']}"
        raise InvalidInput(
            f"{'.'.join(place)[:80]} {why}.",
            path=("config", *place),
            remedy=f"Settings of {kind}: {', '.join(model.model_fields)}.",
        ) from None


def openable() -> tuple[str, ...]:
    """The kinds whose drivers are installed in this process, sorted; looks for the drivers without importing them."""
    return tuple(kind for kind in kinds() if all(map(_installed, connector_class(kind).drivers)))


def _installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module.partition(".")[0]) is not None
    except (ImportError, ValueError):
        return False


def open_connector(kind: str, config: Mapping[str, Any], *, access: NetworkPolicy) -> Connector:
    """A connector ready for use; raises ``InvalidInput`` or ``ConnectionFailed`` naming the field at fault."""
    cls = connector_class(kind)
    load(*cls.drivers)
    return cls(parse_config(kind, config), access=access)


def selected(path: Sequence[str], include: Sequence[str], exclude: Sequence[str]) -> bool:
    """Whether a dataset is asked for: globs without regard to case over the dotted name or any tail of it."""
    names = [".".join(path[start:]).lower() for start in range(len(path))]

    def matches(patterns: Sequence[str]) -> bool:
        return any(fnmatchcase(name, pattern.lower()) for pattern in patterns for name in names)

    return (not include or matches(include)) and not matches(exclude)
