"""The action that finds in the graph what has to be judged anew, and cuts it into batches; where a preview is written, it takes over what that found."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from cypher.reclassification import reads
from ingest.commands import reclassification as commands
from ingest.commands import reclassification_previews as previews
from ingest.commands.reclassification import Judged
from ingest.orchestration.chunks import unpacked
from ingest.orchestration.outcomes import Done
from ingest.orchestration.reclassify import JUDGED, PART, TARGET, Target, draft_of, drafts_of
from ingest.orchestration.task import Task, action
from ingest.reclassification import Basis, Concerned, current_basis, look_through
from schema.domain.identity import EVERYTHING
from schema.errors import Conflict

_DATASETS, _COLUMNS = 50, 5_000  # two batches are judged at a time


@action("find_affected")
async def find_affected(task: Task) -> Done:
    """Find what was judged by something else than is in force, and what of it has to be judged anew. Raises ``Conflict`` where a preview is out of date."""
    inputs, drafts = task.claim.facts["inputs"], await drafts_of(task)
    basis = await current_basis(task.graph, task.config.classify_tiers, drafts)
    dry_run = bool(inputs["dry_run"])
    if not drafts:
        await commands.keep_version(task.graph, basis.version)
    if inputs["preview"]:
        return await _as_previewed(task, str(inputs["preview"]), basis)
    if dry_run:
        await previews.begin(
            task.graph, run=task.run, version=basis.ident, draft=draft_of(task), drafted=sorted(drafts)
        )
    elif not task.options.classify:
        judged = sorted(await reads.judged_by(task.graph, task.source))
        await commands.mark_judged(task.graph, judged, version=None, run=task.run)
    cut, looked, affected, columns = _Cut(task), 0, 0, 0
    if task.options.classify:
        async for found, count in look_through(task.graph, task.source, basis, mark=not dry_run):
            task.stop.check()
            looked += count
            affected += len(found)
            columns += sum(len(each.judge) for each in found)
            task.at(looked)
            for each in found:
                await cut.add(each)
    judging, batches = await cut.end()
    drafted = {name: basis.version.thresholds.get(name, (None, None))[1] for name in drafts}
    await task.chunks.keep("target", 0, Target(basis.ident, dry_run, judging, drafted), TARGET)
    by_values = task.options.sample_rows > 0
    return Done(
        {
            "batches": batches,
            "sampled": {"batches": judging if by_values else 0},
            "named": {"batches": 0 if by_values else judging},
        },
        # Whoever may see the run may not see all columns; of what is tried, nobody is to learn how many there are.
        {} if drafts else {"datasets": affected, "columns": columns, "unaffected": looked - affected},
    )


class _Cut:
    """Batches of what has columns to be judged, and of what has none."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._open: dict[str, list[Concerned]] = {"judging": [], "restating": []}
        self._kept = {"judging": 0, "restating": 0}

    async def add(self, each: Concerned) -> None:
        name = "judging" if each.judge else "restating"
        self._open[name].append(each)
        some = self._open[name]
        if len(some) >= _DATASETS or sum(len(one.dataset.columns) for one in some) >= _COLUMNS:
            await self._keep(name)

    async def _keep(self, name: str) -> None:
        if self._open[name]:
            await self._task.chunks.keep(name, self._kept[name], tuple(self._open[name]), PART)
            self._kept[name] += 1
            self._open[name] = []

    async def end(self) -> tuple[int, int]:
        """How many batches have columns to be judged, and how many there are in all."""
        for name in self._open:
            await self._keep(name)
        return self._kept["judging"], sum(self._kept.values())


async def _as_previewed(task: Task, preview: str, basis: Basis) -> Done:
    """Take over what a preview found; raises ``Conflict`` where it is gone, or of another vocabulary."""
    now_ms = round(datetime.now(UTC).timestamp() * 1_000)
    row = (await reads.previews(task.graph, [preview], EVERYTHING, now_ms=now_ms)).get(preview)
    if row is None or row["source"] != task.source:
        raise Conflict("The preview is not kept any more.", path=("preview",), remedy="Make another one.")
    if row["version"] != basis.ident:
        raise Conflict(
            "The vocabulary changed since the preview.", path=("preview",), remedy="Make another preview."
        )
    async for _ in look_through(task.graph, task.source, basis, mark=True):
        task.stop.check()
    batches = columns = datasets = 0
    while (found := await _part_of(task, preview, batches)) is not None:
        await task.chunks.keep("judged", batches, found, JUDGED)
        datasets += len(found)
        columns += sum(len(each.judged) for each in found)
        batches += 1
    await task.chunks.keep("target", 0, Target(basis.ident, False, batches), TARGET)
    nothing = {"batches": 0}
    return Done(
        {"batches": batches, "sampled": nothing, "named": nothing}, {"datasets": datasets, "columns": columns}
    )


async def _part_of(task: Task, preview: str, n: int) -> tuple[Judged, ...] | None:
    data = await task.chunks.texts([previews.chunk_id(preview, n)])
    return await asyncio.to_thread(unpacked, data[0], JUDGED) if data else None
