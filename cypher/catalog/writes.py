"""Writing assets. Only ``ingest.commands`` may import this module.

What changes an asset keeps what it was: ``at`` is when that is recorded, ``by`` is who says it, ``run`` in which run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cypher.catalogue import load, load_ways
from cypher.session import Transaction
from schema.domain.identity import Scope
from schema.ids import new_key

_UPSERT_CONTAINERS = load(__package__, "upsert_containers")
_UPSERT_DATASETS = load_ways(__package__, "upsert_datasets")
_ENRICH_DATASETS = load(__package__, "enrich_datasets")
_LATE = load(__package__, "late")
_REMEMBER_LATE = load(__package__, "remember_late")
_TOUCH_DATASETS = load(__package__, "touch_datasets")
_ENSURE_ASSETS = load(__package__, "ensure_assets")
_MISSING = load(__package__, "missing")
_UPSERT_JOBS = load(__package__, "upsert_jobs")
_UPSERT_REFERENCES = load(__package__, "upsert_references")
_CLOSE_REFERENCES = load(__package__, "close_references")
_RETIRE = load(__package__, "retire")
_DESCRIBE = load(__package__, "describe")
_APPLY_TAG = load(__package__, "apply_tag")
_REMOVE_TAG = load(__package__, "remove_tag")
_LABEL_ASSETS = load(__package__, "label_assets")
_SET_EMBEDDINGS = load(__package__, "set_embeddings")
_RECORD_JOB_RUNS = load(__package__, "record_job_runs")
_SET_PROFILES = load(__package__, "set_profiles")

Row = Mapping[str, Any]


async def upsert_containers(tx: Transaction, rows: Sequence[Row], *, at: str, by: str, run: str) -> int:
    """Sources, databases and schemas as ``ingest.commands.rows`` shapes them, parents first."""
    tx.touch(row["urn"] for row in rows)
    row = await tx.one(_UPSERT_CONTAINERS, rows=list(rows), at=at, by=by, run=run)
    return int(row["written"]) if row else 0


async def upsert_datasets(tx: Transaction, rows: Sequence[Row], *, at: str, by: str, run: str) -> int:
    """Datasets with their columns; columns that a complete row lacks become stale.

    Of those that are new nothing can have changed, so that a first scan does not pay for history.
    """
    tx.touch(row["urn"] for row in rows)
    unknown = await missing(tx, [row["urn"] for row in rows])
    ways: dict[str, list[Row]] = {"new": [], "known": []}
    for row in rows:
        ways["new" if row["urn"] in unknown else "known"].append(row)
    written = 0
    for way, some in ways.items():
        if some:
            found = await tx.one(_UPSERT_DATASETS[way], rows=some, at=at, by=by, run=run)
            written += int(found["datasets"]) if found else 0
    return written


async def enrich_datasets(tx: Transaction, rows: Sequence[Row], *, at: str, by: str, run: str) -> int:
    """What a second describer adds to datasets of another source; what is known stays as it is."""
    tx.touch(row["urn"] for row in rows)
    row = await tx.one(_ENRICH_DATASETS, rows=list(rows), at=at, by=by, run=run)
    return int(row["datasets"]) if row else 0


async def late(tx: Transaction, rows: Sequence[Row]) -> tuple[set[str], set[str]]:
    """Urns of those ``rows`` that their describer saw before what it told already, and of those not known to be there then."""
    row = await tx.one(_LATE, rows=list(rows)) if rows else None
    return (set(row["late"]), set(row["earlier"])) if row else (set(), set())


async def remember_late(tx: Transaction, rows: Sequence[Row], *, at: str, by: str, run: str) -> int:
    """Keep such rows as what their assets and columns were then; returns how many states that are."""
    row = await tx.one(_REMEMBER_LATE, rows=list(rows), at=at, by=by, run=run) if rows else None
    return int(row["states"]) if row else 0


async def touch_datasets(tx: Transaction, urns: Sequence[str], *, at: str, run: str) -> int:
    """Unchanged datasets were seen again."""
    row = await tx.one(_TOUCH_DATASETS, urns=list(urns), at=at, run=run)
    return int(row["datasets"]) if row else 0


async def ensure_assets(tx: Transaction, rows: Sequence[Row], *, at: str, by: str, run: str) -> int:
    """Stubs for what is not there yet, parents first; returns how many were made."""
    tx.touch(row["urn"] for row in rows)
    row = await tx.one(_ENSURE_ASSETS, rows=list(rows), at=at, by=by, run=run)
    return int(row["created"] or 0) if row else 0


async def missing(tx: Transaction, urns: Sequence[str]) -> set[str]:
    """Those of ``urns`` that are not in the graph."""
    row = await tx.one(_MISSING, urns=list(urns))
    return set(row["urns"]) if row else set()


async def unmentioned(tx: Transaction, urns: Sequence[str]) -> set[str]:
    """Those of ``urns`` that are not in the graph or deleted; stubs are made for these alone, since most ends of edges exist."""
    row = await tx.one(_MISSING, urns=list(urns))
    return {*row["urns"], *row["deleted"]} if row else set()


async def upsert_jobs(tx: Transaction, rows: Sequence[Row], *, at: str, by: str, run: str) -> int:
    tx.touch(row["urn"] for row in rows)
    row = await tx.one(_UPSERT_JOBS, rows=list(rows), at=at, by=by, run=run)
    return int(row["jobs"]) if row else 0


async def upsert_references(tx: Transaction, rows: Sequence[Row], *, at: str, run: str) -> int:
    """Rows of ``from`` and ``to``, urns of columns; those that are not both there are left out."""
    row = await tx.one(_UPSERT_REFERENCES, rows=list(rows), at=at, run=run)
    return int(row["written"]) if row else 0


async def close_references(tx: Transaction, rows: Sequence[Row], *, at: str, run: str) -> int:
    """Rows as for ``upsert_references``; returns how many foreign keys there were."""
    row = await tx.one(_CLOSE_REFERENCES, rows=list(rows), at=at, run=run)
    return int(row["closed"]) if row else 0


async def retire(
    tx: Transaction, urns: Sequence[str], *, source: str, at: str, valid: str, by: str, run: str
) -> int:
    """Mark datasets with their columns stale, and containers of ``source`` left empty; returns how many assets."""
    row = await tx.one(_RETIRE, urns=list(urns), source=source, at=at, valid=valid, by=by, run=run)
    return int(row["retired"] or 0) if row else 0


async def describe(
    tx: Transaction, *, urn: str, description: str | None, version: int | None, at: str, by: str, scope: Scope
) -> dict[str, Any] | None:
    """None where the asset is not there for this reader; ``applied`` is False where ``version`` is not the present one."""
    return await tx.one(
        _DESCRIBE,
        urn=urn,
        description=description,
        version=version,
        at=at,
        by=by,
        run=None,
        **scope.parameters(),
    )


async def apply_tag(
    tx: Transaction, *, urns: Sequence[str], tag: str, by: str, at: str, scope: Scope
) -> list[str]:
    """The urns that carry the tag now: those of ``urns`` which the reader may see."""
    rows = await tx.rows(
        _APPLY_TAG, urns=list(urns), tag=tag, key=new_key(), by=by, at=at, **scope.parameters()
    )
    return [row["urn"] for row in rows]


async def remove_tag(
    tx: Transaction, *, urns: Sequence[str], tag: str, by: str, at: str, scope: Scope
) -> list[str]:
    rows = await tx.rows(_REMOVE_TAG, urns=list(urns), tag=tag, by=by, at=at, **scope.parameters())
    return [row["urn"] for row in rows]


async def label_assets(
    tx: Transaction,
    *,
    tags: Sequence[tuple[str, str]],
    owners: Sequence[tuple[str, str]],
    by: str,
    at: str,
    run: str,
) -> int:
    """(urn, tag) and (urn, person) pairs that a source declares."""
    row = await tx.one(
        _LABEL_ASSETS,
        tags=[{"urn": urn, "name": name, "key": new_key()} for urn, name in tags],
        owners=[{"urn": urn, "name": name, "key": new_key()} for urn, name in owners],
        by=by,
        at=at,
        run=run,
    )
    return int(row["written"]) if row else 0


async def set_embeddings(tx: Transaction, rows: Sequence[tuple[str, list[float], str]]) -> int:
    """(urn, vector, hash of the text) triples."""
    shaped = [{"urn": urn, "vector": vector, "hash": text_hash} for urn, vector, text_hash in rows]
    row = await tx.one(_SET_EMBEDDINGS, rows=shaped)
    return int(row["written"]) if row else 0


async def set_profiles(tx: Transaction, rows: Sequence[Row], *, at: str, shown: int) -> int:
    """Rows as ``ingest.commands.rows`` shapes them: counts over a sample, and all else as JSON.

    Assets above the level ``shown`` get the JSON without values.
    """
    row = await tx.one(_SET_PROFILES, rows=list(rows), at=at, shown=shown)
    return int(row["written"]) if row else 0


async def record_job_runs(tx: Transaction, rows: Sequence[Row]) -> int:
    """Maps of ``urn``, ``id``, ``state``, ``at``, ``error``; older events change nothing."""
    row = await tx.one(_RECORD_JOB_RUNS, rows=list(rows))
    return int(row["written"]) if row else 0
