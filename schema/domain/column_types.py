"""Types of columns across platforms: the family each belongs to, and whether values of one fit into another.

Sizes are those that the platforms' own manuals give for names without arguments.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

UNBOUNDED = math.inf
_TYPE = re.compile(r"^([a-z_][a-z0-9_ ]*?)\s*(?:\(([^()]*)\))?\s*(unsigned|with(?:out)? time zone)?$")
_NOISE = re.compile(r"\s+(?:collate|character set|auto_increment|identity|not null|null|zerofill)\b.*$")
_LOG10_2 = math.log10(2)


class Family(StrEnum):
    """What kind of values a type holds."""

    INTEGER = "INTEGER"
    DECIMAL = "DECIMAL"
    FLOAT = "FLOAT"
    TEXT = "TEXT"
    BINARY = "BINARY"
    BOOLEAN = "BOOLEAN"
    DATE = "DATE"
    TIME = "TIME"
    TIMESTAMP = "TIMESTAMP"
    UUID = "UUID"
    JSON = "JSON"
    OTHER = "OTHER"


class Retyping(StrEnum):
    """What a change of type means to the values."""

    SAME = "SAME"
    WIDENED = "WIDENED"
    NARROWED = "NARROWED"
    CONVERTED = "CONVERTED"


@dataclass(frozen=True, slots=True)
class ColumnType:
    """A type by what it holds.

    ``size`` are bits of an integer without its sign, bits of a float's mantissa, digits of a decimal before the point,
    characters or bytes of text and binary, digits of a second's fraction. ``variant`` tells types of one family apart
    that do not convert: with time zone or not, and the whole text of what is of no known family.
    """

    family: Family
    size: float = UNBOUNDED
    scale: float = UNBOUNDED
    signed: bool = True
    variant: str = ""


_INTEGERS = {
    "tinyint": 7, "byte": 7, "smallint": 15, "int2": 15, "short": 15, "smallserial": 15, "int16": 15, "mediumint": 23,
    "int": 31, "integer": 31, "int4": 31, "serial": 31, "int32": 31, "bigint": 63, "int8": 63, "int64": 63, "long": 63,
    "bigserial": 63, "hugeint": 127,
}  # fmt: skip
_UNSIGNED = {"utinyint": 8, "usmallint": 16, "uinteger": 32, "ubigint": 64, "uhugeint": 128}
_FLOATS = {
    "real": 24, "float4": 24, "float32": 24, "double": 53, "double precision": 53, "float8": 53, "float64": 53,
    "binary_float": 24, "binary_double": 53,
}  # fmt: skip
_DECIMALS = {"decimal", "numeric", "dec", "number", "bignumeric", "bigdecimal"}
_CHARACTERS = {
    "varchar", "character varying", "nvarchar", "varchar2", "nvarchar2", "text", "string", "clob", "nclob", "ntext", "utf8",
    "large_string", "longtext", "citext", "str",
}  # fmt: skip
_ONE_CHARACTER = {"char", "character", "nchar", "bpchar"}
_BYTES = {
    "bytea",
    "blob",
    "bytes",
    "binary",
    "varbinary",
    "binary varying",
    "raw",
    "longblob",
    "image",
    "fixed",
}
_TIMES = {"time", "timetz", "time without time zone", "time with time zone"}
_TIMESTAMPS = {
    "timestamp", "timestamptz", "datetime", "datetime2", "smalldatetime", "datetimeoffset", "timestamp_ntz", "timestamp_ltz",
    "timestamp_tz", "timestamp_s", "timestamp_ms", "timestamp_ns", "timestampntz", "timestampltz",
}  # fmt: skip
_ZONED = {"timestamptz", "timetz", "datetimeoffset", "timestamp_ltz", "timestamp_tz", "timestampltz"}
_SINGLE = {
    "boolean": Family.BOOLEAN, "bool": Family.BOOLEAN, "date": Family.DATE, "uuid": Family.UUID,
    "uniqueidentifier": Family.UUID, "json": Family.JSON, "jsonb": Family.JSON, "variant": Family.JSON,
    "super": Family.JSON,
}  # fmt: skip

_MYSQL_SIZES = {"tinytext": 255, "text": 65_535, "mediumtext": 16_777_215}
# Digits (in all, behind the point) of a decimal without arguments; unbounded where a platform is not named.
_DECIMAL_DEFAULT: dict[tuple[str, str], tuple[int, int]] = {
    ("mysql", ""): (10, 0), ("sqlserver", ""): (18, 0), ("redshift", ""): (18, 0), ("snowflake", ""): (38, 0),
    ("trino", ""): (38, 0), ("duckdb", ""): (18, 3), ("spark", ""): (10, 0), ("hive", ""): (10, 0),
    ("databricks", ""): (10, 0), ("bigquery", "bignumeric"): (76, 38), ("bigquery", "bigdecimal"): (76, 38),
    ("bigquery", ""): (38, 9),
}  # fmt: skip
_SINGLE_FLOAT = {"mysql", "duckdb", "spark", "hive", "databricks", "trino", "file", "s3", "gcs", "azure"}
_ZONED_TIMESTAMP = {"bigquery", "mysql", "spark", "hive", "databricks"}
# Families that a platform converts into one another without loss and without being asked.
_CASTS: dict[str, frozenset[tuple[Family, Family]]] = {
    "mysql": frozenset({(Family.BOOLEAN, Family.INTEGER), (Family.DATE, Family.TIMESTAMP)}),
    "sqlite": frozenset(
        {(Family.BOOLEAN, Family.INTEGER), (Family.DATE, Family.TEXT), (Family.DATE, Family.TIMESTAMP)}
    ),
    **dict.fromkeys(
        ("postgres", "redshift", "duckdb", "snowflake", "bigquery", "sqlserver", "databricks", "trino"),
        frozenset({(Family.DATE, Family.TIMESTAMP)}),
    ),
}


@lru_cache(maxsize=4_096)
def parse_type(platform: str, text: str) -> ColumnType:
    """The type that ``text`` names on ``platform``; of no known family where it is not understood."""
    plain = _NOISE.sub("", " ".join(text.lower().replace("`", "").split()))
    found = _TYPE.match(plain)
    if found is None:
        return ColumnType(Family.OTHER, variant=plain)
    name, arguments, suffix = found[1].strip(), found[2] or "", found[3] or ""
    if name.endswith(" unsigned"):
        name, suffix = name.removesuffix(" unsigned"), "unsigned"
    numbers = [int(each) for each in re.findall(r"\d+", arguments)]
    parsed = _numeric(platform, name, numbers, suffix) or _other(platform, name, numbers, suffix)
    if parsed is None:
        return ColumnType(Family.OTHER, variant=plain)
    if platform == "sqlite" and parsed.family in (Family.INTEGER, Family.FLOAT, Family.TEXT, Family.DECIMAL):
        return ColumnType(parsed.family)  # it stores any size, whatever was declared
    return parsed


def _numeric(platform: str, name: str, numbers: list[int], suffix: str) -> ColumnType | None:
    if name in _INTEGERS:
        unsigned = suffix == "unsigned"
        return ColumnType(Family.INTEGER, _INTEGERS[name] + unsigned, 0, signed=not unsigned)
    if name in _UNSIGNED:
        return ColumnType(Family.INTEGER, _UNSIGNED[name], 0, signed=False)
    if name in _FLOATS:
        return ColumnType(Family.FLOAT, _FLOATS[name])
    if name == "float":
        single = numbers[0] <= 24 if numbers else platform in _SINGLE_FLOAT
        return ColumnType(Family.FLOAT, 24 if single else 53)
    if name in _DECIMALS:
        default = _DECIMAL_DEFAULT.get((platform, name)) or _DECIMAL_DEFAULT.get((platform, ""))
        if not numbers and default is None:
            return ColumnType(Family.DECIMAL)
        digits, scale = (numbers[0], numbers[1] if len(numbers) > 1 else 0) if numbers else default or (0, 0)
        return ColumnType(Family.DECIMAL, digits - scale, scale)
    return None


def _other(platform: str, name: str, numbers: list[int], suffix: str) -> ColumnType | None:
    length = numbers[0] if numbers else UNBOUNDED
    if platform == "mysql" and name in _MYSQL_SIZES:
        return ColumnType(Family.TEXT, _MYSQL_SIZES[name])
    if name in _CHARACTERS:
        return ColumnType(Family.TEXT, length)
    if name in _ONE_CHARACTER:
        return ColumnType(Family.TEXT, numbers[0] if numbers else 1)
    if name in _BYTES:
        return ColumnType(Family.BINARY, length)
    if name == "bit" and platform == "sqlserver":
        return ColumnType(Family.BOOLEAN)
    if name in _TIMESTAMPS or (name == "date" and platform == "oracle"):
        zoned = name in _ZONED or suffix == "with time zone" or name.endswith(" with time zone")
        zoned = zoned or (name == "timestamp" and platform in _ZONED_TIMESTAMP)
        return ColumnType(Family.TIMESTAMP, numbers[0] if numbers else 6, variant="zone" if zoned else "")
    if name in _TIMES:
        zoned = name in _ZONED or suffix == "with time zone"
        return ColumnType(Family.TIME, numbers[0] if numbers else 6, variant="zone" if zoned else "")
    return ColumnType(_SINGLE[name]) if name in _SINGLE else None


def retyping(platform: str, before: str, after: str) -> Retyping:
    """What it means that a column of type ``before`` is of type ``after``; a type that is not known tells of no change."""
    if not before or not after or before == after:
        return Retyping.SAME
    old, new = parse_type(platform, before), parse_type(platform, after)
    if old == new:
        return Retyping.SAME
    if _fits(platform, old, new):
        return Retyping.WIDENED
    return Retyping.NARROWED if _fits(platform, new, old) else Retyping.CONVERTED


def _fits(platform: str, small: ColumnType, large: ColumnType) -> bool:
    """Whether every value of ``small`` is one of ``large``."""
    if small.family is Family.INTEGER and large.family is Family.DECIMAL:
        return large.size >= small.size * _LOG10_2
    if small.family is Family.INTEGER and large.family is Family.FLOAT:
        return large.size >= small.size
    if small.family is not large.family:
        return (small.family, large.family) in _CASTS.get(platform, ())
    if small.family is Family.OTHER or small.variant != large.variant:
        return False
    return large.size >= small.size and large.scale >= small.scale and (large.signed or not small.signed)
