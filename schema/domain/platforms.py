"""How each platform names things: scheme, segments of a name, letter case. One table with one rule per platform.

Identity follows OpenLineage ("Naming Conventions"): a namespace for the instance and a dotted name inside it. A scan, a
dbt manifest and an OpenLineage event that speak of one table must come to the same ``Urn`` here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from schema.errors import InvalidInput
from schema.ids import Urn


class Fold(StrEnum):
    """What a platform does with letter case when it compares names."""

    KEEP = "keep"  # the catalogue's spelling is the identity
    LOWER = "lower"  # compared without regard to case


@dataclass(frozen=True, slots=True)
class Platform:
    """One kind of data system.

    ``levels`` are the kinds of the leading segments of a dataset name; the dataset itself is the last segment.
    ``unquoted`` is what SQL does to an identifier without quotes: lower, upper or keep.
    """

    name: str
    schemes: tuple[str, ...]
    levels: tuple[str, ...]
    fold: Fold
    dialect: str
    default_port: int | None = None
    default_schema: str | None = None
    unquoted: str = "lower"


_ALL = (
    Platform(
        "postgres", ("postgres", "postgresql"), ("database", "schema"), Fold.KEEP, "postgres", 5432, "public"
    ),
    Platform("redshift", ("redshift",), ("database", "schema"), Fold.LOWER, "redshift", 5439, "public"),
    Platform("mysql", ("mysql", "mariadb"), ("database",), Fold.LOWER, "mysql", 3306),
    Platform("sqlite", ("sqlite",), ("schema",), Fold.LOWER, "sqlite", None, "main"),
    Platform("duckdb", ("duckdb",), ("database", "schema"), Fold.LOWER, "duckdb", None, "main"),
    Platform(
        "snowflake", ("snowflake",), ("database", "schema"), Fold.LOWER, "snowflake", None, "public", "upper"
    ),
    Platform("bigquery", ("bigquery",), ("database", "schema"), Fold.KEEP, "bigquery", None, None, "keep"),
    Platform(
        "sqlserver", ("sqlserver", "mssql"), ("database", "schema"), Fold.LOWER, "tsql", 1433, "dbo", "keep"
    ),
    Platform("oracle", ("oracle",), ("database", "schema"), Fold.LOWER, "oracle", 1521, None, "upper"),
    Platform(
        "databricks",
        ("databricks", "unitycatalog"),
        ("database", "schema"),
        Fold.LOWER,
        "databricks",
        None,
        "default",
    ),
    Platform("spark", ("spark",), ("schema",), Fold.LOWER, "spark", 10000, "default"),
    Platform("hive", ("hive",), ("schema",), Fold.LOWER, "hive", 10000, "default"),
    Platform("trino", ("trino", "presto"), ("database", "schema"), Fold.LOWER, "trino", 8080),
    Platform("kafka", ("kafka",), (), Fold.KEEP, "", 9092),
    Platform("s3", ("s3", "s3a", "s3n"), (), Fold.KEEP, ""),
    Platform("gcs", ("gs", "gcs"), (), Fold.KEEP, ""),
    Platform("azure", ("abfss", "abfs", "wasbs", "wasb", "az"), (), Fold.KEEP, ""),
    Platform("hdfs", ("hdfs",), (), Fold.KEEP, "", 8020),
    Platform("file", ("file",), (), Fold.KEEP, ""),
    Platform("dbt", ("dbt",), (), Fold.KEEP, ""),
    Platform("superset", ("superset",), (), Fold.KEEP, ""),
    Platform("metabase", ("metabase",), (), Fold.KEEP, ""),
    Platform("looker", ("looker",), (), Fold.KEEP, ""),
    Platform("great_expectations", ("gx",), (), Fold.KEEP, ""),
    Platform("soda", ("soda",), (), Fold.KEEP, ""),
    Platform("other", (), (), Fold.KEEP, ""),
)
PLATFORMS = {platform.name: platform for platform in _ALL}
_BY_SCHEME = {scheme: platform for platform in _ALL for scheme in platform.schemes}
_OTHER = PLATFORMS["other"]
_LOOPBACK = {"127.0.0.1": "localhost", "[::1]": "localhost", "::1": "localhost"}
_SEGMENT = re.compile(r'"((?:[^"]|"")*)"|([^."]+)')


def platform_of(namespace: str) -> Platform:
    """The platform that a namespace belongs to; ``other`` where its scheme is unknown."""
    return _BY_SCHEME.get(namespace.partition(":")[0].lower(), _OTHER)


def canonical_namespace(namespace: str) -> str:
    """One spelling per instance: known scheme, lower-case host, explicit default port, ``localhost`` for loopback.

    Credentials and query strings are cut off, since they identify nobody's data and must not be stored.
    """
    text = namespace.strip()
    _, found, rest = text.partition("://")
    platform = platform_of(text)
    if platform is _OTHER:
        return re.sub(r"//[^/@]*@", "//", text)
    name = platform.schemes[0]
    if not found:
        return name if text.lower() in platform.schemes else text
    if platform.name in ("sqlite", "duckdb", "file"):
        return f"{name}://{rest}" if rest else name
    authority, slash, tail = rest.partition("/")
    authority = authority.partition("?")[0]
    if platform.name == "azure":
        return f"{name}://{authority}"  # what stands before the @ is the container, not a user
    authority = authority.rpartition("@")[2]
    if platform.name in ("s3", "gcs"):
        return f"{name}://{authority}"
    host, colon, port = authority.rpartition(":")
    if not colon or not port.isdigit():
        host, port = authority, ""
    host = _LOOPBACK.get(host.lower(), host.lower())
    if not port and platform.default_port:
        port = str(platform.default_port)
    tail = tail.partition("?")[0] if platform.name in ("spark", "hive", "dbt") else ""
    return f"{name}://{host}{':' + port if port else ''}{slash + tail if tail else ''}"


def split_name(platform: Platform, name: str) -> tuple[str, ...]:
    """Segments of a dotted name; on platforms without levels (files, topics) the whole name is one.

    Surplus dots belong to the last segment: OpenLineage does not quote, so ``db.schema.my.table`` is the table ``my.table``.
    """
    if not platform.levels:
        return (name,)
    if '"' in name:
        segments = [(q.replace('""', '"') if q or not u else u) for q, u in _SEGMENT.findall(name)]
    else:
        segments = name.split(".")
    most = len(platform.levels) + 1
    if len(segments) > most:
        segments = [*segments[: most - 1], ".".join(segments[most - 1 :])]
    return tuple(segments)


def join_name(platform: Platform, segments: Sequence[str]) -> str:
    """The name whose segments these are, folded; a segment that holds a dot is quoted, so that ``split_name`` finds it again."""
    if not segments or not all(segments):
        raise InvalidInput(
            "A dataset name has an empty part.", path=("name",), remedy="Give every part of the name."
        )
    if not platform.levels:
        return segments[-1]
    parts = [fold(platform, s) for s in segments]
    return ".".join('"' + p.replace('"', '""') + '"' if "." in p or '"' in p else p for p in parts)


def fold(platform: Platform, name: str) -> str:
    """The spelling of one identifier that two mentions of it share."""
    return name.lower() if platform.fold is Fold.LOWER else name


def fold_column(platform: Platform, name: str) -> str:
    """Column names compare without regard to case wherever table names do, and in BigQuery."""
    return name.lower() if platform.fold is Fold.LOWER or platform.name == "bigquery" else name


def dataset_urn(namespace: str, name: str | Sequence[str]) -> Urn:
    """The dataset called ``name`` (dotted text or segments) in ``namespace``, both in canonical spelling."""
    space = canonical_namespace(namespace)
    platform = platform_of(space)
    segments = split_name(platform, name) if isinstance(name, str) else tuple(name)
    return Urn("dataset", space, join_name(platform, segments))


def column_urn(dataset: Urn, column: str) -> Urn:
    """The column ``column`` of ``dataset``."""
    return Urn("column", dataset.namespace, dataset.name, fold_column(platform_of(dataset.namespace), column))


def containers(dataset: Urn) -> tuple[Urn, ...]:
    """Database and schema above a dataset, outermost first; a short name has fewer of them."""
    platform = platform_of(dataset.namespace)
    segments = split_name(platform, dataset.name)[:-1]
    kinds = platform.levels[len(platform.levels) - len(segments) :]
    return tuple(
        Urn(kind, dataset.namespace, join_name(platform, segments[: i + 1])) for i, kind in enumerate(kinds)
    )
