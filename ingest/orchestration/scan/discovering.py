"""``discover``: reads the structure of a source and cuts what changed into batches."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from cypher.reclassification import reads as judged_reads
from cypher.scanning import reads
from ingest.commands import (
    catalog,
    reclassification,
)
from ingest.commands.rows import fingerprint
from ingest.orchestration.outcomes import Done
from ingest.orchestration.scan.handed import (
    BATCH,
    OUTLINE,
    TEXTS,
    Batch,
    Outline,
    Texts,
    looked_for,
)
from ingest.orchestration.task import Task, action
from ingest.reclassification import PAGE, Look, current_basis
from ingest.stages import lineage as sql
from ingest.stages.discover import Discovery, discover
from schema.domain.catalog import DiscoveredDataset
from schema.errors import Conflict
from schema.ids import Urn

_MOST_GONE = 0.75
_FEW = 10


@action("discover")
async def discover_source(task: Task) -> Done:
    """Read the structure of the source; raises ``ConnectionFailed``, and ``Conflict`` where most of it is gone."""
    options = task.options
    connector = await asyncio.to_thread(task.open)
    try:
        found = await asyncio.to_thread(discover, connector, options, task.stop, task.at)
    finally:
        await asyncio.to_thread(connector.close)
    marks = await asyncio.to_thread(_marks, found, options.sample_rows)
    known = await reads.fingerprints(task.graph, task.source)
    gone = _gone(task, found, known)
    unchanged = [str(d.urn) for d in found.datasets if known.get(str(d.urn)) == (marks[str(d.urn)], "ACTIVE")]
    version, again, passed = await _to_be_judged(task, unchanged)
    same = [urn for urn in unchanged if urn not in again]
    keeps = set(same)
    changed = [d for d in found.datasets if str(d.urn) not in keeps]
    mine = await _mine(task, changed)

    task.stop.check()
    extract = found.extract
    # A document tells of when it was made.
    seen_at = extract.made_at if extract is not None and extract.made_at is not None else task.now
    unread = tuple(problem.subject for problem in found.problems)
    outline = Outline(
        seen_at, tuple(same), tuple(gone), extract, unread, found.complete, tuple(passed), version
    )
    await task.chunks.keep("outline", 0, outline, OUTLINE)
    batches = list(catalog.batches(changed))
    for n, datasets in enumerate(batches):
        task.stop.check()
        urns = [str(d.urn) for d in datasets]
        batch = Batch(tuple(datasets), {u: marks[u] for u in urns}, frozenset(mine.intersection(urns)))
        await task.chunks.keep("batch", n, batch, BATCH)
    wanted = options.lineage and (changed or gone or extract)
    texts = await asyncio.to_thread(sql.tasks, found.datasets, extract) if wanted else []
    if texts:
        await task.chunks.keep("texts", 0, Texts(tuple(texts), _tables(found.datasets)), TEXTS)
    columns = sum(len(d.columns) for d in found.datasets)
    counts = {
        "datasets": len(found.datasets),
        "columns": columns,
        "changed": len(changed),
        "unchanged": len(same),
    }
    facts = counts | {
        "gone": len(gone),
        "batches": len(batches),
        "texts": len(texts),
        "complete": found.complete,
    }
    return Done(facts | {"document": extract is not None}, counts, found.problems)


def _marks(found: Discovery, sample_rows: int) -> dict[str, str]:
    """What a dataset looked like, and how much of it is read; by what it was judged is noted apart."""
    return {str(d.urn): f"{fingerprint(d)}:{sample_rows}" for d in found.datasets}


async def _to_be_judged(task: Task, unchanged: Sequence[str]) -> tuple[str, set[str], list[str]]:
    """What is in force, and of datasets that look the same those that it may judge otherwise or that were not judged, and those it cannot."""
    if not task.options.classify:
        return "", set(), []
    basis = await current_basis(task.graph, task.config.classify_tiers)
    await reclassification.keep_version(task.graph, basis.version)
    judged = await judged_reads.judged_by(task.graph, task.source)
    again = {urn for urn in unchanged if urn not in judged}
    passed: list[str] = []
    look, others = (
        Look(task.graph, basis),
        [u for u in unchanged if judged.get(u, basis.ident) != basis.ident],
    )
    for start in range(0, len(others), PAGE):
        task.stop.check()
        rows = await judged_reads.tables(task.graph, others[start : start + PAGE])
        concerned, not_concerned = await look.concerned(rows)
        again.update(str(each.dataset.urn) for each in concerned)
        passed += not_concerned
    return basis.ident, again, passed


def _gone(task: Task, found: Discovery, known: dict[str, tuple[str, str]]) -> list[str]:
    """Datasets the scan looked for and did not find; raises ``Conflict`` where they are most of the source."""
    active = {urn for urn, (_, status) in known.items() if status == "ACTIVE" and looked_for(task, urn)}
    # What is there and could not be read is not gone.
    unread = {problem.subject for problem in found.problems}
    gone = sorted(active - {str(d.urn) for d in found.datasets})
    gone = [urn for urn in gone if not unread & {Urn.parse(urn).name, urn}]
    if not found.complete:
        return []
    if len(active) >= _FEW and len(gone) > _MOST_GONE * len(active):
        raise Conflict(
            f"{len(gone)} of {len(active)} datasets are missing; nothing was changed.",
            remedy="Check the connection's database and rights; remove the source if its data is gone.",
        )
    return gone


async def _mine(task: Task, datasets: Sequence[DiscoveredDataset]) -> set[str]:
    """All but those of another registered source, which judges them by their values; a document has names alone."""
    registered = await reads.namespaces(task.graph)
    owners = [(str(dataset.urn), registered.owner(dataset.urn)) for dataset in datasets]
    return {u for u, owner in owners if owner.name == task.source or not registered.is_registered(owner)}


def _tables(
    datasets: Sequence[DiscoveredDataset],
) -> tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...]:
    known = sql.schemas(datasets)
    return tuple(
        (space, name, columns) for space, tables in known.items() for name, columns in tables.items()
    )
