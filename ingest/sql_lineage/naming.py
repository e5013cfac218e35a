"""How the identifiers of one dialect compare: which parser reads it, how many levels its names have, letter case."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from ingest.sql_lineage.model import Table
from schema.domain.platforms import PLATFORMS, Fold, Platform, fold, fold_column

_PARSERS = {
    "ansi": "",
    "generic": "",
    "db2": "",
    "greenplum": "postgres",
    "vertica": "postgres",
    "mssql": "tsql",
    "sqlserver": "tsql",
    "sparksql": "spark",
    "mariadb": "mysql",
    "postgresql": "postgres",
    "presto": "trino",
    "athena": "trino",
    "impala": "hive",
}
_FAMILIES = {"materialize": "postgres", "risingwave": "postgres"}
_FILES = (".parquet", ".csv", ".json", ".jsonl", ".orc", ".avro", ".tsv", ".csv.gz")
_BY_DIALECT = {platform.dialect: platform for platform in PLATFORMS.values() if platform.dialect}
_GENERIC = Platform("generic", (), ("database", "schema"), Fold.LOWER, "")


@dataclass(frozen=True, slots=True)
class Naming:
    """``parser`` is the sqlglot dialect."""

    parser: str
    platform: Platform

    @property
    def levels(self) -> int:
        return len(self.platform.levels)

    def segment(self, name: str, quoted: bool = False) -> str:
        """One part of a table's name as the platform compares it."""
        return fold(self.platform, name if quoted else self._unquoted(name))

    def column(self, name: str, quoted: bool = False) -> str:
        """A column's name as the platform compares it."""
        return fold_column(self.platform, name if quoted else self._unquoted(name))

    def _unquoted(self, name: str) -> str:
        return name.lower() if self.platform.unquoted == "lower" else name

    def scoped(self, table: Table, db: str | None, schema: str | None) -> Table:
        """``table`` with the current database and schema in front, as far as they are known."""
        if len(table) > self.levels or is_path(table):
            return table
        if self.levels == 1:
            first = schema or db
            return (first, *table) if first and len(table) == 1 else table
        if len(table) == 2:
            return (db, *table) if db else table
        if db:
            return (db, schema or "", *table)
        return (schema, *table) if schema else table


def is_placeholder(name: str) -> bool:
    """True for what stands where a template was (``templates.plain_templates``)."""
    return len(name) > 3 and not name.strip("_")


def is_path(table: Table) -> bool:
    """True for files and stages: one segment that is a location, not a name."""
    return len(table) == 1 and ("/" in table[0] or table[0].startswith("@") or table[0].endswith(_FILES))


@cache
def naming_of(dialect: str) -> Naming:
    """The rules of ``dialect``; a dialect without a platform compares names without regard to case."""
    name = dialect.lower()
    parser = _PARSERS.get(name, name)
    return Naming(parser, _BY_DIALECT.get(_FAMILIES.get(parser, parser), _GENERIC))
