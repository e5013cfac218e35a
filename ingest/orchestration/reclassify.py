"""The actions of judging anew: what a change of the vocabulary can concern, as ``find_affected`` cut it into batches, is judged, then written or told.

``judge_affected`` samples and judges one, ``judge_affected_by_names`` does so where no values are read;
``settle_affected`` writes one, or keeps what it would change. What changed in between is left as it is, and waits.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import TypeAdapter

from cypher.classifiers import reads as vocabulary
from cypher.reclassification import reads
from ingest.commands import classifications, classifiers
from ingest.commands import reclassification as commands
from ingest.commands import reclassification_previews as previews
from ingest.commands.reclassification import Judged
from ingest.connectors.base import Capability, Connector
from ingest.orchestration.chunks import packed
from ingest.orchestration.outcomes import Done
from ingest.orchestration.task import Task, action
from ingest.reclassification import Concerned, current_basis
from ingest.stages.classify import classify
from ingest.stages.sample import sample
from ingest.vocabulary import current_vocabulary
from ml.classify.decision import TieredClassifier
from schema.domain.identity import SYSTEM
from schema.domain.scans import Problem, ScanStage, Severity
from schema.errors import Conflict


@dataclass(frozen=True, slots=True)
class Target:
    """By which version is judged, whether that is only told, and how many batches have columns to judge; those without follow.

    ``drafted`` is of classifiers that are tried before they are saved the confidence below which they would not be given.
    """

    version: str
    dry_run: bool
    judging: int
    drafted: Mapping[str, float | None] = field(default_factory=dict)


TARGET = TypeAdapter(Target)
PART: TypeAdapter[tuple[Concerned, ...]] = TypeAdapter(tuple[Concerned, ...])
JUDGED: TypeAdapter[tuple[Judged, ...]] = TypeAdapter(tuple[Judged, ...])


def draft_of(task: Task) -> str:
    """Under what the classifiers are kept that are tried before they are saved; empty for none."""
    # Runs that were asked for before there were drafts have no such input.
    return str(task.claim.facts["inputs"].get("draft") or "")


async def drafts_of(task: Task) -> Mapping[str, str]:
    """Name to text of the classifiers that are tried before they are saved; raises ``Conflict`` where they are gone."""
    ident, inputs = draft_of(task), task.claim.facts["inputs"]
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
    part = (await task.chunks.take("judging", [n], PART))[n]
    basis = await current_basis(task.graph, task.config.classify_tiers, await drafts_of(task))
    if basis.ident != target.version:
        raise Conflict(
            "The vocabulary changed while it was judged.", path=("run",), remedy="Ask for another run."
        )
    classifier = basis.vocabulary.tiered(task.config.classify_tiers, task.embedder)
    spent: defaultdict[str, float] = defaultdict(float)
    judged, problems, rows = await asyncio.to_thread(_judged, task, connector, classifier, part, spent)
    task.stop.check()
    await task.chunks.keep("judged", n, judged, JUDGED)
    return Done(problems=problems, rows=rows, rules=spent)


async def _target(task: Task) -> Target:
    return (await task.chunks.take("target", [0], TARGET))[0]


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
        return (await task.chunks.take("judged", [n], JUDGED)).get(n, ())
    part = (await task.chunks.take("restating", [n - judging], PART))[n - judging]
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
        data = await asyncio.to_thread(packed, still, JUDGED)
        await previews.keep_part(
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
