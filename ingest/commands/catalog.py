"""Commands on assets: what scans publish, and what people write about them."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import Any, Protocol

from cypher.catalog import writes
from cypher.scanning import reads as scanning
from cypher.session import GraphSession, Transaction
from ingest.commands import rows as shape
from ingest.commands import schemas
from ingest.commands.unit import Unit, execute
from schema.domain.catalog import DiscoveredDataset, DiscoveredJob
from schema.domain.identity import Permission, Principal
from schema.domain.platforms import column_urn, containers
from schema.domain.profiles import SHOWN_UNTIL, TableProfile
from schema.domain.sources import Holding, Registered
from schema.errors import Conflict, InvalidInput, NotFound
from schema.ids import Urn

_BATCH = 200
_BATCH_COLUMNS = 5_000
_MOST_HELD = 500  # datasets, with their columns or keys
_TAG = re.compile(r"[^\s\x00-\x1f](?:[^\x00-\x1f]{0,98}[^\s\x00-\x1f])?")
_MAX_DESCRIPTION = 20_000
_MAX_URNS = 100


def batches(datasets: Iterable[DiscoveredDataset]) -> Iterable[list[DiscoveredDataset]]:
    """Bounded by datasets and by columns, so that a table of ten thousand columns does not make a transaction of millions."""
    batch: list[DiscoveredDataset] = []
    columns = 0
    for dataset in datasets:
        batch.append(dataset)
        columns += len(dataset.columns)
        if len(batch) >= _BATCH or columns >= _BATCH_COLUMNS:
            yield batch
            batch, columns = [], 0
    if batch:
        yield batch


async def publish_datasets(
    graph: GraphSession,
    actor: Principal,
    datasets: Sequence[DiscoveredDataset],
    *,
    run: str,
    by: str,
    fingerprints: Mapping[Urn, str] = MappingProxyType({}),
    valid_at: datetime | None = None,
    on_batch: Callable[[int], Awaitable[None]] | None = None,
) -> int:
    """Write datasets with their containers, columns and foreign keys, a batch a command; returns how many.

    ``by`` is the source or producer that describes them. Datasets that belong to another source are only enriched: gaps
    are filled, and nothing is overwritten but what ``by`` itself said before. ``fingerprints`` are what the next scan
    compares with. What is said holds from ``valid_at`` on, or from when a dataset was observed; None is now.
    """
    registered = await scanning.namespaces(graph)
    written = 0
    for batch in batches(datasets):
        written += await execute(
            graph, actor, "catalog.publish", _publisher(batch, registered, by, run, fingerprints, valid_at)
        )
        if on_batch is not None:
            await on_batch(written)
    await publish_references(graph, actor, datasets, run=run, by=by)
    return written


async def publish_references(
    graph: GraphSession, actor: Principal, datasets: Sequence[DiscoveredDataset], *, run: str, by: str
) -> None:
    """Foreign keys between columns that are there; asked again when both ends are written it adds what lacked.

    Keys that are not told any more of datasets that belong to ``by`` are closed.
    """
    told = {
        (str(dataset.column_urn(mine)), str(column_urn(key.to, theirs)))
        for dataset in datasets
        for key in dataset.foreign_keys
        for mine, theirs in zip(key.columns, key.to_columns, strict=False)
    }
    gone = await _lost_references(graph, datasets, told, by)
    if told or gone:

        async def refer(unit: Unit) -> None:
            unit.details["references"] = await writes.upsert_references(
                unit.tx, _pairs(told), at=unit.at, run=run
            )
            if gone:
                unit.details["closed_references"] = await writes.close_references(
                    unit.tx, _pairs(gone), at=unit.at, run=run
                )
            unit.details["run"] = run

        await execute(graph, actor, "catalog.publish_references", refer)


async def _lost_references(
    graph: GraphSession, datasets: Sequence[DiscoveredDataset], told: set[tuple[str, str]], by: str
) -> set[tuple[str, str]]:
    """Who describes what belongs to another knows nothing of its keys, nor does who could not read them or saw it long ago."""
    registered = await scanning.namespaces(graph)
    urns = [
        str(dataset.urn)
        for dataset in datasets
        if dataset.keys_known and dataset.observed_at is None and registered.owner(dataset.urn).name == by
    ]
    held: set[tuple[str, str]] = set()
    for start in range(0, len(urns), _MOST_HELD):
        found = await scanning.held_references(graph, urns[start : start + _MOST_HELD])
        held.update(pair for pairs in found.values() for pair in pairs)
    return held - told


def _pairs(references: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"from": mine, "to": theirs} for mine, theirs in sorted(references)]


def _publisher(
    batch: list[DiscoveredDataset],
    registered: Registered,
    by: str,
    run: str,
    fingerprints: Mapping[Urn, str],
    valid_at: datetime | None,
) -> Callable[[Unit], Awaitable[int]]:
    async def work(unit: Unit) -> int:
        by_owner: dict[Holding, list[DiscoveredDataset]] = {}
        versions = 0
        for dataset in batch:
            by_owner.setdefault(registered.owner(dataset.urn), []).append(dataset)
        for owner, datasets in by_owner.items():
            write = writes.upsert_datasets if owner.name == by else writes.enrich_datasets
            rows = [
                shape.dataset_row(d, owner, by, fingerprints.get(d.urn))
                | _times(unit, d.observed_at, valid_at)
                for d in datasets
            ]
            above = [shape.source_row(owner, registered)]
            above += shape.container_rows([d.urn for d in datasets], owner, _spelling(datasets))
            earliest = min(row["valid"] for row in rows)
            containing = [row | {"valid": earliest} for row in above]
            await writes.upsert_containers(unit.tx, containing, at=unit.at, by=unit.by, run=run)
            await _write_in_time(unit, rows, write, run)
            await _label(unit, datasets, owner.name, run)
            versions += await schemas.keep_versions(
                unit,
                [
                    schemas.Told(d.urn, row["valid"], by, d, owner.name == by)
                    for d, row in zip(datasets, rows, strict=True)
                ],
                run=run,
            )
        if versions:
            unit.details["schema_versions"] = versions
        unit.subjects += [str(d.urn) for d in batch]
        unit.details |= {"datasets": len(batch), "columns": sum(len(d.columns) for d in batch), "run": run}
        return len(batch)

    return work


def _times(unit: Unit, observed: datetime | None, valid_at: datetime | None) -> shape.Row:
    """From when on a row holds; ``observed`` where its source may have seen it long ago."""
    return {
        "valid": unit.since(observed or valid_at),
        "observed": None if observed is None else unit.since(observed),
        "late": False,
    }


class _Write(Protocol):
    async def __call__(
        self, tx: Transaction, rows: Sequence[writes.Row], *, at: str, by: str, run: str
    ) -> int: ...


async def _write_in_time(unit: Unit, rows: Sequence[shape.Row], write: _Write, run: str) -> None:
    """Write what is new, and keep what its source saw a while ago as what was then."""
    late, earlier = await writes.late(unit.tx, [row for row in rows if row["observed"]])
    timed = [row | {"late": row["urn"] in late} for row in rows]
    await write(unit.tx, timed, at=unit.at, by=unit.by, run=run)
    behind = [row for row in timed if row["urn"] in late | earlier]
    await writes.remember_late(unit.tx, behind, at=unit.at, by=unit.by, run=run)


def _spelling(datasets: Iterable[DiscoveredDataset]) -> dict[Urn, str]:
    return {
        urn: segment
        for dataset in datasets
        for urn, segment in zip(containers(dataset.urn), dataset.path[:-1], strict=False)
        if len(dataset.path) - 1 == len(containers(dataset.urn))
    }


async def _label(unit: Unit, assets: Sequence[DiscoveredDataset | DiscoveredJob], by: str, run: str) -> None:
    tags = [(str(asset.urn), tag) for asset in assets for tag in asset.tags]
    owners = [(str(asset.urn), person) for asset in assets for person in asset.owners]
    if tags or owners:
        await writes.label_assets(unit.tx, tags=tags, owners=owners, by=f"source:{by}", at=unit.at, run=run)


async def touch_datasets(graph: GraphSession, actor: Principal, urns: Sequence[str], *, run: str) -> int:
    """Unchanged datasets were seen again."""

    def part(some: Sequence[str]) -> Awaitable[int]:
        async def work(unit: Unit) -> int:
            unit.details |= {"unchanged": len(some), "run": run}
            return await writes.touch_datasets(unit.tx, some, at=unit.at, run=run)

        return execute(graph, actor, "catalog.touch", work)

    return await _in_parts(urns, part)


async def _in_parts(urns: Sequence[str], part: Callable[[Sequence[str]], Awaitable[int]]) -> int:
    """A command for each five hundred datasets: all of a large source with their columns would not fit into the memory of one transaction."""
    return sum([await part(urns[start : start + _MOST_HELD]) for start in range(0, len(urns), _MOST_HELD)])


async def publish_jobs(
    graph: GraphSession,
    actor: Principal,
    jobs: Sequence[DiscoveredJob],
    *,
    run: str,
    valid_at: datetime | None = None,
) -> int:
    """Write jobs and dashboards; datasets they mention and nobody described become stubs. ``valid_at`` as for datasets."""
    registered = await scanning.namespaces(graph)

    async def work(unit: Unit) -> int:
        ends = {urn for job in jobs for urn in (*job.inputs, *job.outputs)}
        anchors = {job.urn for job in jobs}
        stubs = shape.stub_rows(sorted(ends | anchors), registered)
        rows = [
            shape.job_row(job, registered.owner(job.urn)) | _times(unit, job.observed_at, valid_at)
            for job in jobs
        ]
        earliest = min(row["valid"] for row in rows)
        await writes.ensure_assets(
            unit.tx, [row | {"valid": earliest} for row in stubs], at=unit.at, by=unit.by, run=run
        )
        await _write_in_time(unit, rows, writes.upsert_jobs, run)
        await _label(unit, jobs, "jobs", run)
        unit.subjects += [str(job.urn) for job in jobs]
        unit.details |= {"jobs": len(jobs), "run": run}
        return len(jobs)

    return await execute(graph, actor, "catalog.publish_jobs", work) if jobs else 0


async def retire_missing(
    graph: GraphSession,
    actor: Principal,
    urns: Sequence[str],
    *,
    source: str,
    run: str,
    valid_at: datetime | None = None,
) -> int:
    """Datasets that a scan looked for and did not find are kept and marked stale; returns how many assets that were."""

    def part(some: Sequence[str]) -> Awaitable[int]:
        async def work(unit: Unit) -> int:
            valid = unit.since(valid_at)
            retired = await writes.retire(
                unit.tx, some, source=source, at=unit.at, valid=valid, by=unit.by, run=run
            )
            gone = [schemas.Told(Urn.parse(urn), valid, source) for urn in some]
            await schemas.keep_versions(unit, gone, run=run)
            unit.subjects += some
            unit.details |= {"retired": retired, "run": run}
            return retired

        return execute(graph, actor, "catalog.retire", work)

    return await _in_parts(urns, part)


async def publish_embeddings(
    graph: GraphSession, actor: Principal, vectors: Sequence[tuple[str, list[float], str]], *, run: str
) -> int:
    """Store (urn, vector, hash of its text) triples."""

    async def work(unit: Unit) -> int:
        written = await writes.set_embeddings(unit.tx, vectors)
        unit.details |= {"embeddings": written, "run": run}
        return written

    return await execute(graph, actor, "catalog.embed", work)


async def publish_profiles(
    graph: GraphSession,
    actor: Principal,
    profiles: Sequence[Mapping[str, Any]],
    *,
    run: str,
    tables: Sequence[TableProfile] = (),
) -> int:
    """Store what is known of columns, maps of the fields of ``ColumnProfile``, and of ``tables`` with theirs; returns how many.

    The smallest and largest values of a column whose level in the graph is too high are left out.
    """
    rows = [shape.profile_row(profile) for profile in profiles]
    rows += [row for table in tables for row in shape.table_profile_rows(table)]

    async def work(unit: Unit) -> int:
        written = 0
        for start in range(0, len(rows), _BATCH_COLUMNS):
            some = rows[start : start + _BATCH_COLUMNS]
            written += await writes.set_profiles(unit.tx, some, at=unit.at, shown=SHOWN_UNTIL)
        unit.details |= {"profiles": written, "run": run}
        return written

    return await execute(graph, actor, "catalog.profile", work) if rows else 0


async def describe(
    graph: GraphSession, actor: Principal, *, urn: str, description: str | None, version: int | None = None
) -> None:
    """Set a person's description; raise ``NotFound``, or ``Conflict`` where ``version`` is not the present one."""
    actor.require(Permission.EDIT)
    if description is not None and len(description) > _MAX_DESCRIPTION:
        raise InvalidInput(
            f"The description has {len(description)} characters.",
            path=("description",),
            remedy=f"Keep it under {_MAX_DESCRIPTION:,}.",
        )

    async def work(unit: Unit) -> None:
        row = await writes.describe(
            unit.tx,
            urn=urn,
            description=description,
            version=version,
            at=unit.at,
            by=unit.by,
            scope=actor.scope,
        )
        if row is None:
            raise NotFound("asset", urn)
        if not row["applied"]:
            raise Conflict(
                f"The asset is at version {row['version']}, not {version}.",
                path=("version",),
                remedy="Read it again and repeat the change.",
            )
        unit.subjects.append(urn)

    await execute(graph, actor, "asset.describe", work)


def _checked_tag(tag: str) -> str:
    if not _TAG.fullmatch(tag):
        raise InvalidInput(
            "The tag is empty, too long or has control characters.",
            path=("tag",),
            remedy="Use 1 to 100 printable characters.",
        )
    return tag


def _checked_urns(urns: Sequence[str]) -> list[str]:
    if not 1 <= len(urns) <= _MAX_URNS:
        raise InvalidInput(
            f"{len(urns)} assets were named.", path=("urns",), remedy=f"Name 1 to {_MAX_URNS}."
        )
    return list(dict.fromkeys(urns))


def _all_found(asked: Sequence[str], found: Sequence[str]) -> None:
    for position, urn in enumerate(asked):
        if urn not in found:
            raise NotFound("asset", urn, path=("urns", str(position)))


async def apply_tag(graph: GraphSession, actor: Principal, *, urns: Sequence[str], tag: str) -> list[str]:
    """Tag all of ``urns`` or none; raise ``NotFound`` with the position of the first unknown one."""
    actor.require(Permission.EDIT)
    asked, tag = _checked_urns(urns), _checked_tag(tag)

    async def work(unit: Unit) -> list[str]:
        found = await writes.apply_tag(
            unit.tx, urns=asked, tag=tag, by=actor.id, at=unit.at, scope=actor.scope
        )
        _all_found(asked, found)
        unit.subjects += found
        unit.details["tag"] = tag
        return found

    return await execute(graph, actor, "tag.apply", work)


async def remove_tag(graph: GraphSession, actor: Principal, *, urns: Sequence[str], tag: str) -> list[str]:
    """Take ``tag`` off all of ``urns`` or none; an asset that did not carry it is no error."""
    actor.require(Permission.EDIT)
    asked, tag = _checked_urns(urns), _checked_tag(tag)

    async def work(unit: Unit) -> list[str]:
        found = await writes.remove_tag(
            unit.tx, urns=asked, tag=tag, by=unit.by, at=unit.at, scope=actor.scope
        )
        _all_found(asked, found)
        unit.subjects += found
        unit.details["tag"] = tag
        return found

    return await execute(graph, actor, "tag.remove", work)
