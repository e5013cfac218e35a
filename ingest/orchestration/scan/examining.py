"""``examine`` and ``embed``: what the columns of a batch hold, and vectors of what is said of them."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ingest.commands import reclassification
from ingest.connectors.base import Capability, Connector
from ingest.language_model.asking import suggest
from ingest.language_model.prompt import OpenTable
from ingest.orchestration.outcomes import Done
from ingest.orchestration.scan.handed import (
    EXAMINED,
    VECTORS,
    Examined,
    batch_of,
    examined_before,
)
from ingest.orchestration.task import Task, action
from ingest.orchestration.vectors import vectors_of
from ingest.reclassification import current_basis
from ingest.stages import embed as embedding
from ingest.stages.classify import classify
from ingest.stages.profile import look_ahead, profile
from ingest.stages.sample import counts_of, sample
from ingest.vocabulary import current_vocabulary
from ml.classify.decision import TieredClassifier
from schema.domain.catalog import DiscoveredDataset
from schema.domain.classifications import Verdict
from schema.domain.profiles import ColumnProfile, TableProfile
from schema.domain.scans import Problem

_AHEAD = 50


@action("examine")
async def examine(task: Task) -> Done:
    """Sample and classify one dataset of the batch after the other; values live no longer than their dataset's turn."""
    batch = await batch_of(task)
    datasets = [d for d in batch.datasets if str(d.urn) in batch.mine]
    # Before the rules: where they change in between, what they judge counts as judged by those that are gone.
    basis = await current_basis(task.graph, task.config.classify_tiers)
    if task.options.classify:
        await reclassification.keep_version(task.graph, basis.version)
    vocabulary = await current_vocabulary(task.graph)
    connector = await asyncio.to_thread(task.open)
    work = _Examination(task, connector, vocabulary.tiered(task.config.classify_tiers, task.embedder))
    try:
        await asyncio.to_thread(work.go_through, datasets)
    finally:
        await asyncio.to_thread(connector.close)
    task.stop.check()
    suggested = await suggest(
        task.graph,
        task.config,
        work.left,
        vocabulary.classifiers,
        run=task.run,
        source=task.source,
        stop=task.stop,
    )
    examined = work.examined(suggested.verdicts)
    if task.options.classify:
        examined = replace(examined, version=basis.ident, datasets=tuple(str(d.urn) for d in datasets))
    await task.chunks.keep("examined", task.claim.n, examined, EXAMINED)
    return Done(problems=[*work.problems, *suggested.problems], rows=work.rows, rules=work.spent)


class _Examination:
    """What is found in the datasets of a batch, one after the other; ``left`` is what all tiers leave open."""

    def __init__(self, task: Task, connector: Connector, classifier: TieredClassifier) -> None:
        self._task, self._connector, self._classifier, self._options = (
            task,
            connector,
            classifier,
            task.options,
        )
        self._samples = self._options.sample_rows > 0 and Capability.SAMPLE in connector.capabilities
        self._verdicts: list[tuple[str, Verdict]] = []
        self._judged: list[str] = []
        self._notes: dict[str, str] = {}
        self._counted: list[ColumnProfile] = []
        self._tables: list[TableProfile] = []
        self.left: list[OpenTable] = []
        self.problems: list[Problem] = []
        self.rows = 0
        self.spent: defaultdict[str, float] = defaultdict(float)

    def go_through(self, datasets: Sequence[DiscoveredDataset]) -> None:
        for done, dataset in enumerate(datasets):
            self._task.stop.check()
            self._task.at(done, len(datasets))
            if self._options.profile and done % _AHEAD == 0:
                look_ahead(self._connector, datasets[done : done + _AHEAD])
            values = self._sampled(dataset)
            verdicts = self._classified(dataset, values) if self._options.classify else []
            if not (self._options.profile and self._profiled(dataset, verdicts)) and values:
                self._counted += counts_of(dataset, values)

    def examined(self, suggested: Sequence[tuple[str, Verdict]]) -> Examined:
        return Examined(
            (*self._verdicts, *suggested),
            tuple(self._counted),
            tuple(self._tables),
            tuple(self._judged),
            self._notes,
        )

    def _sampled(self, dataset: DiscoveredDataset) -> dict[str, list[object]]:
        taken = sample(self._connector, dataset, self._options.sample_rows) if self._samples else None
        if isinstance(taken, Problem):
            self.problems.append(taken)
        if taken is None or isinstance(taken, Problem):
            return {}
        self.rows += max(map(len, taken.values.values()), default=0)
        return taken.values

    def _classified(
        self, dataset: DiscoveredDataset, values: Mapping[str, list[object]]
    ) -> list[tuple[str, Verdict]]:
        told = classify(self._classifier, dataset, values, self.spent)
        self._notes |= told.notes
        self.left += told.left
        self._verdicts += told.verdicts
        self._judged += [str(dataset.column_urn(c.name)) for c in dataset.columns]
        return told.verdicts

    def _profiled(self, dataset: DiscoveredDataset, verdicts: Sequence[tuple[str, Verdict]]) -> bool:
        """Whether the table's figures say all that its sample would, or why they could not be had."""
        # Without classification nothing says that values may be kept: figures go without them.
        table = profile(self._connector, dataset, verdicts, silent=not self._options.classify)
        if isinstance(table, Problem):
            self.problems.append(table)
        elif table is not None:
            self.rows += table.sampled
            self._tables.append(replace(table, problems=()))
            self.problems += table.problems
        return table is not None


@action("embed")
async def embed(task: Task) -> Done:
    """Vectors of the assets of a batch whose text changed."""
    batch, examined = await batch_of(task), await examined_before(task)
    labels: dict[str, list[str]] = {}
    for urn, verdict in examined.verdicts:
        labels.setdefault(urn, []).append(verdict.classification)
    mine = [d for d in batch.datasets if str(d.urn) in batch.mine]
    vectors, problems = await vectors_of(task, embedding.texts(mine, (), labels))
    await task.chunks.keep("vectors", task.claim.n, vectors, VECTORS)
    return Done(problems=problems)
