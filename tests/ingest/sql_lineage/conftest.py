"""Lineage as short text, so that a test reads like the sentence it checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pytest

from ingest.sql_lineage import OUTPUT, Catalog, Conventions, ReasonCode, ScriptLineage, analyse_script


@dataclass
class Seen:
    """``columns``: ``"up.col > down.col"``; ``kinds`` the same with what happened; ``tables``: ``"up > down"``."""

    script: ScriptLineage

    @property
    def columns(self) -> set[str]:
        return {
            f"{_name(u.table)}.{u.column} > {_name(d.table)}.{d.column}"
            for s in self.script.visible()
            for u, d, _ in s.columns
        }

    @property
    def kinds(self) -> dict[str, str]:
        return {
            f"{_name(u.table)}.{u.column} > {d.column}": "+".join(kinds)
            for s in self.script.visible()
            for u, d, kinds in s.columns
        }

    @property
    def tables(self) -> set[str]:
        return {
            f"{_name(up) if up else '-'} > {_name(down)}"
            for s in self.script.visible()
            for up, down in s.tables
            if up or down != OUTPUT
        }

    @property
    def uses(self) -> dict[str, str]:
        return {
            f"{_name(u.table)}.{u.column}": "+".join(kinds)
            for s in self.script.visible()
            for u, _, kinds in s.dependencies
        }

    @property
    def reasons(self) -> set[ReasonCode]:
        found = [*self.script.reasons, *(r for s in self.script.statements for r in s.reasons)]
        return {reason.code for reason in found}


def _name(table: tuple[str, ...]) -> str:
    return ".".join(part for part in table if part)


Lineage = Callable[..., Seen]


@pytest.fixture
def lineage() -> Lineage:
    def read(
        sql: str,
        dialect: str = "postgres",
        schemas: Mapping[str, Sequence[str]] | None = None,
        default_db: str | None = None,
        default_schema: str | None = None,
        settings: Conventions | None = None,
    ) -> Seen:
        catalog = Catalog({tuple(n.split(".")): c for n, c in (schemas or {}).items()}, dialect=dialect)
        return Seen(
            analyse_script(
                sql,
                dialect=dialect,
                catalog=catalog,
                default_db=default_db,
                default_schema=default_schema,
                settings=settings or Conventions(),
            )
        )

    return read
