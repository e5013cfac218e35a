"""What has to be judged anew since the vocabulary, a threshold or a model changed, and the job that has it done.

By what a dataset was judged stands on it. Where that is not what is in force, the difference decides: either the dataset cannot be
concerned and is marked as judged by what is in force, or a run judges the columns that can.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import structlog

from cypher.reclassification import reads
from cypher.session import GraphSession, Transaction
from ingest.commands import reclassification as commands
from ingest.commands import reclassification_previews as previews
from ingest.commands.classifier_drafts import forget_drafts
from ingest.commands.exceptions import settle_ended
from ingest.known import known_dataset
from ingest.vocabulary import current_vocabulary, drafted_vocabulary
from schema.domain.catalog import DiscoveredDataset
from schema.domain.dispatch import Band
from schema.domain.identity import SYSTEM
from schema.domain.reclassification import Affected, JudgedColumn, JudgedTable, Said
from schema.domain.sources import ScanOptions
from schema.errors import Conflict, PursightError
from schema.ports import Clock, SystemClock
from schema.settings import Settings

if TYPE_CHECKING:
    from ml.classify.composition import Vocabulary
    from ml.classify.impact import Impact
    from ml.classify.versions import Thresholds, VocabularyVersion

Pair = tuple[float | None, float | None]
PAGE = 200
_CLOCK = SystemClock()
_log = structlog.get_logger("pursight.reclassification")


@dataclass(frozen=True, slots=True)
class Basis:
    """What is in force, or would be: the vocabulary, its version, and classifications that may have won over others without being given."""

    vocabulary: Vocabulary
    version: VocabularyVersion
    hidden: frozenset[str]

    @property
    def ident(self) -> str:
        return self.version.ident


@dataclass(frozen=True, slots=True)
class Concerned:
    """A dataset with columns to be judged anew, or whose verdicts are held against other thresholds and levels.

    ``judged_by`` and ``fingerprint`` are what it was like: what changed since is left to who looks next.
    """

    dataset: DiscoveredDataset
    judged_by: str
    fingerprint: str | None
    judge: tuple[str, ...]
    restate: tuple[str, ...]


async def current_basis(
    reader: GraphSession | Transaction, tiers: str, drafts: Mapping[str, str] | None = None
) -> Basis:
    """By what columns are judged now, or would be if ``drafts``, texts of classifiers by name, were saved."""
    from ml.classify.versions import version_of

    row = await reads.basis(reader)
    thresholds = {name: (accept, reject) for name, accept, reject in row["thresholds"]}
    if drafts:
        vocabulary = await drafted_vocabulary(reader, drafts)
        thresholds = _as_saved(vocabulary, thresholds, drafts.keys() - set(row["set"]))
    else:
        vocabulary = await current_vocabulary(reader)
    version = await asyncio.to_thread(version_of, vocabulary, tiers, thresholds)
    rejecting = {name for name, (_, reject) in thresholds.items() if reject}
    return Basis(vocabulary, version, frozenset({*row["excepted"], *rejecting}))


def _as_saved(vocabulary: Vocabulary, thresholds: Thresholds, names: Collection[str]) -> dict[str, Pair]:
    """The thresholds once those of ``names`` are as their texts have them."""
    found = {name: pair for name, pair in thresholds.items() if name not in names}
    for spec in vocabulary.specs:
        if spec.name in names and (spec.accept_at is not None or spec.reject_at is not None):
            found[spec.name] = (spec.accept_at, spec.reject_at)
    return found


class Look:
    """Tells of datasets, rows of ``cypher.reclassification``, what of them a change since they were judged can concern."""

    def __init__(self, graph: GraphSession, basis: Basis) -> None:
        self._graph, self._basis = graph, basis
        self._impacts: dict[str, Impact] = {}

    async def concerned(self, rows: Sequence[Mapping[str, Any]]) -> tuple[list[Concerned], list[str]]:
        """Those that are, and the urns of those that are not."""
        await self._compare({row["judged_by"] for row in rows})
        return await asyncio.to_thread(self._told, rows)

    async def _compare(self, idents: set[str]) -> None:
        from ml.classify.impact import Impact
        from ml.classify.versions import unpacked

        missing = sorted(idents - self._impacts.keys())
        kept = await reads.versions(self._graph, missing) if missing else {}
        for ident in missing:
            try:
                before = await asyncio.to_thread(unpacked, ident, kept[ident]) if ident in kept else None
            except ValueError:
                before = None
            self._impacts[ident] = await asyncio.to_thread(
                Impact, before, self._basis.version, self._basis.hidden
            )

    def _told(self, rows: Sequence[Mapping[str, Any]]) -> tuple[list[Concerned], list[str]]:
        found, passed = [], []
        for row in rows:
            dataset = known_dataset(row, row["columns"])
            affected = self._impacts[row["judged_by"]].of(_table(row, dataset))
            if affected:
                found.append(_concerned(row, dataset, affected))
            else:
                passed.append(row["urn"])
        return found, passed


def _table(row: Mapping[str, Any], dataset: DiscoveredDataset) -> JudgedTable:
    columns = tuple(
        JudgedColumn(c["urn"], c["name"], c["data_type"] or "", c["comment"], _said(c["said"]))
        for c in row["columns"]
    )
    return JudgedTable(row["urn"], dataset.name, columns, _said(row["said"]))


def _said(rows: Sequence[Sequence[Any]]) -> tuple[Said, ...]:
    return tuple(Said(*row) for row in rows)


def _concerned(row: Mapping[str, Any], dataset: DiscoveredDataset, affected: Affected) -> Concerned:
    order = [row["urn"], *(column["urn"] for column in row["columns"])]
    return Concerned(
        dataset,
        row["judged_by"],
        row["fingerprint"],
        tuple(urn for urn in order if urn in affected.judge),
        tuple(urn for urn in order if urn in affected.restate),
    )


async def look_through(
    graph: GraphSession, source: str, basis: Basis, *, mark: bool
) -> AsyncIterator[tuple[list[Concerned], int]]:
    """Pages of what is concerned of a source, with how many datasets were looked at; ``mark`` notes of the others that they need nothing."""
    look, after = Look(graph, basis), ""
    while rows := await reads.waiting(graph, source, basis.ident, after=after, first=PAGE):
        found, passed = await look.concerned(rows)
        if mark and passed:
            await commands.mark_judged(graph, passed, version=basis.ident)
        yield found, len(rows)
        after = rows[-1]["urn"]


class Reclassifier:
    """One worker's part in the job: has what a change concerns judged anew, some time after the last change."""

    def __init__(self, graph: GraphSession, config: Settings, clock: Clock = _CLOCK) -> None:
        self._graph, self._config, self._clock = graph, config, clock
        self._seen, self._since = "", 0.0

    async def tend(self) -> list[str]:
        """Look at what waits, and ask for runs where something has to be judged; returns their ids."""
        now_ms = round(self._clock.now().timestamp() * 1_000)
        while await previews.forget(self._graph, now_ms=now_ms):
            pass
        while await forget_drafts(self._graph, now_ms=now_ms):
            pass
        await settle_ended(self._graph, clock=self._clock)
        if self._config.reclassify == "on_request":
            return []
        basis = await current_basis(self._graph, self._config.classify_tiers)
        if basis.ident != self._seen:
            self._seen, self._since = basis.ident, time.monotonic()
        if time.monotonic() - self._since < self._config.reclassify_after_s:
            return []
        asked = []
        for row in await reads.due(self._graph, basis.ident):
            if row["asked"] != basis.ident and (run := await self._ask(row, basis)):
                asked.append(run)
        return asked

    async def _ask(self, row: Mapping[str, Any], basis: Basis) -> str | None:
        source, options = row["source"], ScanOptions(**json.loads(row["options"] or "{}"))
        if not options.classify:
            judged = sorted(await reads.judged_by(self._graph, source))
            await commands.mark_judged(self._graph, judged, version=None)
            return None
        await commands.keep_version(self._graph, basis.version)
        concerned = False
        async for some, _ in look_through(self._graph, source, basis, mark=True):
            concerned = concerned or bool(some)
        await commands.forget_versions(self._graph, basis.ident)
        if not concerned:
            return None
        # Who looked at it before he saved it has it written as he saw it, and the source is not asked twice.
        now_ms = round(self._clock.now().timestamp() * 1_000)
        preview = await reads.applicable(self._graph, source, basis.ident, now_ms=now_ms)
        asked = basis.ident if preview is None else f"{basis.ident} as in {preview}"
        if row["asked"] == asked:  # what it does not show, since it came later, is judged by a run of its own
            preview, asked = None, basis.ident
        try:
            return await commands.request(
                self._graph,
                SYSTEM,
                source=source,
                preview=preview or "",
                version=asked,
                band=Band.LOW,
                trigger="VOCABULARY",
                reason="The vocabulary changed.",
            )
        except Conflict as conflict:
            _log.info("not begun", source=source, why=conflict.message)
        except PursightError as error:
            _log.warning("cannot be begun", source=source, code=error.code, why=error.message)
        return None
