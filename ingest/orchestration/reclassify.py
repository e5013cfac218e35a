"""The actions of judging anew: only what a change of the vocabulary can concern, first found in the graph, then judged, then written or told.

``find_affected`` cuts it into batches; ``judge_affected`` samples and judges one, ``judge_affected_by_names`` does so where no values are read;
``settle_affected`` writes one, or keeps what it would change. What changed in between is left as it is, and waits.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter

from cypher.classifiers import reads as vocabulary
from cypher.reclassification import reads
from ingest.commands import classifications, classifiers
from ingest.commands import reclassification as commands
from ingest.commands.reclassification import Judged
from ingest.connectors.base import Capability, Connector
from ingest.orchestration.chunks import packed, unpacked
from ingest.orchestration.outcomes import Done
from ingest.orchestration.task import Task, action
from ingest.reclassification import Basis, Concerned, current_basis, look_through
from ingest.stages.classify import classify
from ingest.stages.sample import sample
from ingest.vocabulary import current_vocabulary
from ml.classify.decision import TieredClassifier
from schema.domain.identity import EVERYTHING, SYSTEM
from schema.domain.scans import Problem, ScanStage, Severity
from schema.errors import Conflict

_DATASETS, _COLUMNS = 50, 5_000  # two batches are judged at a time


@dataclass(frozen=True, slots=True)
class Target:
    """By which version is judged, whether that is only told, and how many batches have columns to judge; those without follow.

    ``drafted`` is of classifiers that are tried before they are saved the confidence below which they would not be given.
    """

    version: str
    dry_run: bool
    judging: int
    drafted: Mapping[str, float | None] = field(default_factory=dict)


_TARGET = TypeAdapter(Target)
_PART: TypeAdapter[tuple[Concerned, ...]] = TypeAdapter(tuple[Concerned, ...])
_JUDGED: TypeAdapter[tuple[Judged, ...]] = TypeAdapter(tuple[Judged, ...])


@action("find_affected")
async def find_affected(task: Task) -> Done:
    """Find what was judged by something else than is in force, and what of it has to be judged anew. Raises ``Conflict`` where a preview is out of date."""
    inputs, drafts = task.claim.facts["inputs"], await _drafts(task)
    basis = await current_basis(task.graph, task.config.classify_tiers, drafts)
    dry_run = bool(inputs["dry_run"])
    if not drafts:
        await commands.keep_version(task.graph, basis.version)
    if inputs["preview"]:
        return await _as_previewed(task, str(inputs["preview"]), basis)
    if dry_run:
        await commands.begin_preview(
            task.graph, run=task.run, version=basis.ident, draft=_draft(task), drafted=sorted(drafts)
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
    await task.chunks.keep("target", 0, Target(basis.ident, dry_run, judging, drafted), _TARGET)
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


def _draft(task: Task) -> str:
    # Runs that were asked for before there were drafts have no such input.
    return str(task.claim.facts["inputs"].get("draft") or "")


async def _drafts(task: Task) -> Mapping[str, str]:
    """Name to text of the classifiers that are tried before they are saved; raises ``Conflict`` where they are gone."""
    ident, inputs = _draft(task), task.claim.facts["inputs"]
    if not ident:
        return {}
    if inputs["preview"] or not inputs["dry_run"]:
        raise Conflict(
            "What is not saved can only be previewed.", path=("draft",), remedy="Save it, then judge anew."
        )
    texts = await vocabulary.draft(task.graph, ident)
    if texts is None:
        raise Conflict(
            "The classifiers to be tried are not kept any more.", path=("draft",), remedy="Try them again."
        )
    return texts


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
            await self._task.chunks.keep(name, self._kept[name], tuple(self._open[name]), _PART)
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
        await task.chunks.keep("judged", batches, found, _JUDGED)
        datasets += len(found)
        columns += sum(len(each.judged) for each in found)
        batches += 1
    await task.chunks.keep("target", 0, Target(basis.ident, False, batches), _TARGET)
    nothing = {"batches": 0}
    return Done(
        {"batches": batches, "sampled": nothing, "named": nothing}, {"datasets": datasets, "columns": columns}
    )


async def _part_of(task: Task, preview: str, n: int) -> tuple[Judged, ...] | None:
    data = await task.chunks.texts([commands.preview_chunk(preview, n)])
    return await asyncio.to_thread(unpacked, data[0], _JUDGED) if data else None


@action("judge_affected")
async def judge_affected(task: Task) -> Done:
    """Sample and judge a batch; values live no longer than their dataset's turn."""
    connector = await asyncio.to_thread(task.open)
    try:
        return await _judge(task, connector)
    finally:
        await asyncio.to_thread(connector.close)


@action("judge_affected_by_names")
async def judge_affected_by_names(task: Task) -> Done:
    """Judge a batch by what the graph knows of it."""
    return await _judge(task, None)


async def _judge(task: Task, connector: Connector | None) -> Done:
    target, n = await _target(task), task.claim.n
    part = (await task.chunks.take("judging", [n], _PART))[n]
    basis = await current_basis(task.graph, task.config.classify_tiers, await _drafts(task))
    if basis.ident != target.version:
        raise Conflict(
            "The vocabulary changed while it was judged.", path=("run",), remedy="Ask for another run."
        )
    classifier = basis.vocabulary.tiered(task.config.classify_tiers, task.embedder)
    spent: defaultdict[str, float] = defaultdict(float)
    judged, problems, rows = await asyncio.to_thread(_judged, task, connector, classifier, part, spent)
    task.stop.check()
    await task.chunks.keep("judged", n, judged, _JUDGED)
    return Done(problems=problems, rows=rows, rules=spent)


async def _target(task: Task) -> Target:
    return (await task.chunks.take("target", [0], _TARGET))[0]


def _judged(
    task: Task,
    connector: Connector | None,
    classifier: TieredClassifier,
    part: Sequence[Concerned],
    spent: defaultdict[str, float],
) -> tuple[tuple[Judged, ...], list[Problem], int]:
    """A whole table is judged, since its columns are each other's context; of what that says only what the change concerns is kept."""
    values_wanted = connector is not None and Capability.SAMPLE in connector.capabilities
    found: list[Judged] = []
    problems: list[Problem] = []
    rows = 0
    for done, each in enumerate(part):
        task.stop.check()
        task.at(done, len(part))
        values: dict[str, list[object]] = {}
        if connector is not None and values_wanted:
            taken = sample(connector, each.dataset, task.options.sample_rows)
            if isinstance(taken, Problem):
                problems.append(taken)
                continue
            values = taken.values
            rows += max(map(len, values.values()), default=0)
        concerned = set(each.judge)
        told = classify(classifier, each.dataset, values, spent)
        kept = tuple((urn, verdict) for urn, verdict in told.verdicts if urn in concerned)
        found.append(_as_judged(each, kept))
    return tuple(found), problems, rows


def _as_judged(each: Concerned, verdicts: tuple[Any, ...] = ()) -> Judged:
    urn = str(each.dataset.urn)
    return Judged(urn, each.judged_by, each.fingerprint, verdicts, each.judge, each.restate)


async def judged_of(task: Task) -> tuple[Judged, ...]:
    """What was judged anew in a batch."""
    n, judging = task.claim.n, (await _target(task)).judging
    if n < judging:
        return (await task.chunks.take("judged", [n], _JUDGED)).get(n, ())
    part = (await task.chunks.take("restating", [n - judging], _PART))[n - judging]
    return tuple(_as_judged(each) for each in part)


@action("settle_affected")
async def settle_affected(task: Task) -> Done:
    """Write what was judged anew in a batch, or keep what that would change."""
    target, n, judged = await _target(task), task.claim.n, await judged_of(task)
    task.at(0, len(judged))
    still, problems = await _unchanged(task, judged)
    # The language model is not asked here: what it suggested of classifications that there still are stays.
    known = {spec.name for spec in (await current_vocabulary(task.graph)).specs}
    if target.dry_run:
        data = await asyncio.to_thread(packed, still, _JUDGED)
        await commands.preview(
            task.graph, still, run=task.run, n=n, data=data, unasked=known, rejecting=target.drafted
        )
        return Done(problems=problems)
    counts: dict[str, int] = {}
    if columns := [urn for each in still for urn in each.judged]:
        await classifiers.sync_vocabulary(task.graph)
        pairs = [pair for each in still for pair in each.verdicts]
        task.stop.check()
        published = await classifications.publish_verdicts(
            task.graph, SYSTEM, pairs, columns, run=task.run, unasked=sorted(known)
        )
        counts = {"verdicts": published.written, "withdrawn": published.withdrawn}
        if published.suppressed:
            counts["suppressed_verdicts"] = published.suppressed
    task.stop.check()
    gone = await commands.settle(task.graph, still, version=target.version, run=task.run)
    if gone:
        counts["withdrawn"] = counts.get("withdrawn", 0) + gone
    task.at(len(judged), len(judged))
    return Done(counts=counts, problems=problems)


async def _unchanged(task: Task, judged: Sequence[Judged]) -> tuple[tuple[Judged, ...], list[Problem]]:
    """Those that are as they were when it was decided what to judge; the others are left to who changed them, or to the next run."""
    now = {row["urn"]: row for row in await reads.marks(task.graph, [each.urn for each in judged])}
    still, problems = [], []
    for each in judged:
        row = now.get(each.urn)
        if row is not None and (row["judged_by"], row["fingerprint"]) == (each.judged_by, each.fingerprint):
            still.append(each)
        elif row is None or row["judged_by"] != (await _target(task)).version:
            told = "It changed while it was judged, and was left as it is."
            problems.append(Problem(ScanStage.CLASSIFY, "CHANGED_MEANWHILE", each.urn, told, Severity.INFO))
    return tuple(still), problems
