"""Versions of the schemas of datasets: a part of the commands that write datasets, inside their transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cypher.schemas import reads, writes
from ingest.commands.unit import Unit
from schema.domain.catalog import DiscoveredDataset
from schema.domain.identity import EVERYTHING
from schema.domain.schema_history import SchemaHistory, schema_of, told_schema
from schema.domain.schemas import DatasetSchema, diff, digest
from schema.ids import Urn

_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Told:
    """A dataset that was just written: from when on that holds and who said it.

    ``dataset`` is what was said, ``ordered`` whether its columns stand in an order that means something; without it the
    dataset went.
    """

    urn: Urn
    valid: str
    source: str
    dataset: DiscoveredDataset | None = None
    ordered: bool = True


async def keep_versions(unit: Unit, written: Sequence[Told], *, run: str) -> int:
    """Make a version of each schema that differs from the one before; returns how many.

    Of datasets that this transaction made, what was told is what there is; of others, what was told may not be all.
    """
    made = 0
    latest = {str(each.urn): each for each in written}
    for start in range(0, len(latest), _AT_ONCE):
        some = dict([*latest.items()][start : start + _AT_ONCE])
        held = {row["urn"]: row for row in await reads.held(unit.tx, list(some), at=unit.at)}
        rows = [
            _first(each)
            for urn, each in some.items()
            if urn not in held and each.dataset and each.dataset.columns
        ]
        rows += await _changed(unit, some, held)
        made += await writes.keep(unit.tx, rows, at=unit.at, by=unit.by, run=run)
    return made


async def _changed(unit: Unit, some: Mapping[str, Told], held: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Rows of those whose digest is another; with a version where that is more than another spelling."""
    now = {
        urn: schema_of(some[urn].urn, row["columns"], ordered=row["ordered"], gone=row["gone"])
        for urn, row in held.items()
    }
    others = [urn for urn, schema in now.items() if held[urn]["digest"] != digest(schema)]
    first = [urn for urn in others if held[urn]["version"] is None]
    rows = [_row(some[urn], now[urn], held[urn]["source"], 1) for urn in first if now[urn].columns]
    again = [urn for urn in others if held[urn]["version"] is not None]
    # What the columns of a dataset were that went does not matter.
    there = [urn for urn in again if not now[urn].gone]
    before = await reads.histories(unit.tx, there, EVERYTHING, versions=1) if there else {}
    for urn in again:
        schema, source, last = now[urn], held[urn]["source"], held[urn]["last"]
        old = _as_it_was(before[urn], unit.at) if urn in before else DatasetSchema(gone=last["gone"])
        changes = diff(old, schema)
        if not changes:
            rows.append({"urn": urn, "digest": digest(schema), "version": None})
            continue
        # Where somebody else describes the dataset now, nothing shows that the dataset itself is another.
        breaking = any(change.breaking for change in changes) and last["source"] == source
        row = _row(some[urn], schema, source, held[urn]["version"] + 1)
        rows.append(row | {"breaking": breaking, "after": last["valid_from"]})
    return rows


def _as_it_was(history: SchemaHistory, at: str) -> DatasetSchema:
    """The schema before the transaction of ``at``: one character less is a moment less."""
    last = history.versions[-1]
    return history.known_at(at[:-1], ordered=last.ordered, gone=last.gone)


def _first(each: Told) -> dict[str, Any]:
    assert each.dataset is not None
    return _row(each, told_schema(each.dataset, ordered=each.ordered), each.source, 1)


def _row(each: Told, schema: DatasetSchema, source: str, version: int) -> dict[str, Any]:
    return {
        "urn": str(each.urn),
        "digest": digest(schema),
        "version": version,
        "valid": each.valid,
        "after": None,
        "source": source,
        "ordered": schema.ordered,
        "gone": schema.gone,
        "breaking": False,
    }
