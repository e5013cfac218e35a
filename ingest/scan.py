"""One scan, from claim to end: runs the stages, keeps the lease, publishes what was found, and says what could not be done.

Everything is read before anything is written, so that a source which fails half way changes nothing; what is written is
idempotent by natural key, so that a run taken over by another worker ends in the same graph.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Sequence
from dataclasses import asdict
from typing import TypeVar

import structlog

from cypher.lineage import reads as lineage_reads
from cypher.scanning import reads
from cypher.session import GraphSession
from ingest.commands import catalog, classifications, lineage, scans
from ingest.commands.rows import fingerprint
from ingest.commands.sources import open_source
from ingest.commands.unit import fenced
from ingest.connectors.base import Capability, Connector, selected
from ingest.progress import Progressor
from ingest.stages import embed as embedding
from ingest.stages import lineage as sql
from ingest.stages.classify import classify
from ingest.stages.discover import Discovery, discover
from ingest.stages.sample import ColumnProfile, profile, sample
from ingest.stages.stop import Stop, Stopped
from ml.classify.engine import ClassificationEngine
from schema.domain.catalog import DiscoveredDataset
from schema.domain.classifications import Verdict
from schema.domain.identity import EVERYTHING, SYSTEM
from schema.domain.lineage import Direction, EdgeOrigin
from schema.domain.platforms import platform_of, split_name
from schema.domain.scans import Problem, Progress, RunState, ScanStage
from schema.domain.sources import ScanOptions
from schema.errors import Conflict, LeaseLost, PursightError, StackError
from schema.ids import Urn
from schema.ports import Embedder, SystemClock
from schema.settings import Settings

_log = structlog.get_logger("pursight.scan")
_HEARTBEAT_S = 2.0
_MOST_GONE = 0.75
_FEW = 10
_MOST_FEEDING = 1_000
_T = TypeVar("_T")


class Scan:
    """One claimed run in this process."""

    def __init__(
        self,
        graph: GraphSession,
        claimed: scans.Claim,
        *,
        config: Settings,
        embedder: Embedder | None,
        progressor: Progressor,
    ) -> None:
        self._graph, self._claim, self._config = graph, claimed, config
        self._embedder, self._progressor = embedder, progressor
        self._source = str(claimed.source["name"])
        self._options = ScanOptions(
            **json.loads(claimed.options.get("options") or "{}") or json.loads(claimed.source["options"])
        )
        self._stop = Stop()
        self._lost = False
        self._progress = Progress(ScanStage.DISCOVER, 0)
        self._counts: Counter[str] = Counter()
        self._problems: list[Problem] = []
        self._seen_at = SystemClock().now()

    async def run(self) -> RunState | None:
        """Scan to the end; the final state, or None where another worker holds the run now."""
        heartbeat = asyncio.create_task(self._keep_lease())
        state, error = RunState.FAILED, ""
        try:
            with fenced(self._claim.run, self._claim.attempt):
                await self._stages()
            state = RunState.SUCCEEDED
        except Stopped:
            state = RunState.CANCELLED
        except LeaseLost:
            self._lost = True
        except PursightError as failure:
            state, error = RunState.FAILED, f"{failure.code}: {failure.message} {failure.remedy}".strip()
        except Exception as failure:
            # The text of an unexpected error may quote data, so only its type is stored; the log has the place.
            _log.exception("scan failed", run=self._claim.run, source=self._source)
            state, error = RunState.FAILED, f"INTERNAL: {type(failure).__name__}. The worker's log has more."
        finally:
            heartbeat.cancel()
        if self._lost:
            return None
        held = await scans.finish(
            self._graph, self._claim, state, counts=self._counts, problems=self._problems, error=error or None
        )
        await self._progressor.moved(self._claim.run)
        return state if held else None

    async def _keep_lease(self) -> None:
        last: Progress | None = None
        while True:
            try:
                state = await scans.advance(self._graph, self._claim, self._progress)
            except PursightError as error:
                # The lease may still hold when the graph is back; if not, the next heartbeat says so.
                _log.warning("heartbeat failed", run=self._claim.run, code=error.code)
            else:
                self._lost = state is None
                if state is None or state is RunState.CANCELLING:
                    self._stop.set()
                if self._progress != last:
                    last = self._progress
                    await self._progressor.moved(self._claim.run)
            await asyncio.sleep(_HEARTBEAT_S)

    def _at(self, stage: ScanStage, done: int = 0, total: int | None = None) -> None:
        self._progress = Progress(stage, done, total)

    async def _stages(self) -> None:
        connector = await asyncio.to_thread(
            open_source,
            self._claim.source["connector"],
            json.loads(self._claim.source["config"]),
            self._config,
        )
        try:
            await self._read_and_publish(connector)
        finally:
            await asyncio.to_thread(connector.close)

    async def _read_and_publish(self, connector: Connector) -> None:
        self._at(ScanStage.DISCOVER)
        found = await asyncio.to_thread(
            discover, connector, self._options, self._stop, lambda n: self._at(ScanStage.DISCOVER, n)
        )
        self._problems += found.problems
        if found.extract is not None and found.extract.made_at is not None:
            self._seen_at = found.extract.made_at  # a document tells of when it was made
        engine = ClassificationEngine()
        marks = {
            d.urn: f"{fingerprint(d)}:{engine.version}:{self._options.sample_rows}" for d in found.datasets
        }
        known = await reads.fingerprints(self._graph, self._source)
        gone = self._gone(found, known)
        changed = [d for d in found.datasets if known.get(str(d.urn)) != (marks[d.urn], "ACTIVE")]
        same = [str(d.urn) for d in found.datasets if known.get(str(d.urn)) == (marks[d.urn], "ACTIVE")]

        mine = await self._mine(changed)
        verdicts, profiles, judged = await asyncio.to_thread(self._judge, connector, engine, mine)
        anything = changed or gone or found.extract is not None
        outcome = await self._lineage(found) if self._options.lineage and anything else sql.Outcome()
        vectors = await self._embed(found, mine, verdicts) if self._options.embed else []

        await self._publish_structure(found, changed, same, gone, marks)
        await self._publish_meaning(engine, verdicts, profiles, judged, vectors)
        await self._publish_lineage(found, outcome)

    def _gone(self, found: Discovery, known: dict[str, tuple[str, str]]) -> list[str]:
        """Datasets the scan looked for and did not find; raises ``Conflict`` where they are most of the source."""
        active = {urn for urn, (_, status) in known.items() if status == "ACTIVE" and self._looked_for(urn)}
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

    def _looked_for(self, urn: str) -> bool:
        parsed = Urn.parse(urn)
        path = split_name(platform_of(parsed.namespace), parsed.name)
        return selected(path, self._options.include, self._options.exclude)

    async def _mine(self, datasets: Sequence[DiscoveredDataset]) -> list[DiscoveredDataset]:
        """All but those of another registered source, which judges them by their values; a document has names alone."""
        registered = await reads.namespaces(self._graph)
        owners = [(dataset, registered.owner(dataset.urn)) for dataset in datasets]
        return [
            dataset
            for dataset, owner in owners
            if owner.name == self._source or not registered.is_registered(owner)
        ]

    def _judge(
        self, connector: Connector, engine: ClassificationEngine, changed: Sequence[DiscoveredDataset]
    ) -> tuple[list[tuple[str, Verdict]], list[ColumnProfile], list[str]]:
        """Sample and classify one dataset after the other; values live no longer than their dataset's turn."""
        verdicts: list[tuple[str, Verdict]] = []
        profiles: list[ColumnProfile] = []
        judged: list[str] = []
        values_wanted = self._options.sample_rows > 0 and Capability.SAMPLE in connector.capabilities
        for done, dataset in enumerate(changed):
            self._stop.check()
            self._at(ScanStage.SAMPLE if values_wanted else ScanStage.CLASSIFY, done, len(changed))
            values: dict[str, list[object]] = {}
            if values_wanted:
                taken = sample(connector, dataset, self._options.sample_rows)
                if isinstance(taken, Problem):
                    self._problems.append(taken)
                else:
                    values = taken.values
                    profiles += profile(dataset, taken)
            if self._options.classify:
                verdicts += classify(engine, dataset, values)
                judged += [str(dataset.column_urn(c.name)) for c in dataset.columns]
        return verdicts, profiles, judged

    async def _lineage(self, found: Discovery) -> sql.Outcome:
        tasks = sql.tasks(found.datasets, found.extract)
        self._at(ScanStage.LINEAGE, 0, len(tasks))
        schemas = sql.schemas(found.datasets)
        for namespace in {task.namespace for task in tasks}:
            if namespace not in schemas or found.extract is not None:
                # Documents list some columns, in any order; whoever read the tables themselves knows better.
                schemas[namespace] = schemas.get(namespace, {}) | await self._foreign_schema(namespace)
        outcome = await sql.analyse(tasks, schemas, lambda n: self._at(ScanStage.LINEAGE, n, len(tasks)))
        self._stop.check()
        self._problems += outcome.problems
        for urn in found.extract.unread if found.extract is not None else ():
            outcome.unread[str(urn)] = "NO_COMPILED_SQL"
        return outcome

    async def _foreign_schema(self, namespace: str) -> sql.Schema:
        """Columns of the tables that another source read; a name that nobody read has none."""
        registered = await reads.namespaces(self._graph)
        known = {
            urn: columns
            for name in registered.names(namespace)
            for urn, columns in (await reads.known_columns(self._graph, name)).items()
        }
        return sql.schema_of((Urn.parse(urn), columns) for urn, columns in known.items())

    async def _embed(
        self, found: Discovery, changed: Sequence[DiscoveredDataset], verdicts: Sequence[tuple[str, Verdict]]
    ) -> list[tuple[str, list[float], str]]:
        if self._embedder is None:
            return []
        labels: dict[str, list[str]] = {}
        for urn, verdict in verdicts:
            labels.setdefault(urn, []).append(verdict.classification)
        jobs = found.extract.jobs if found.extract else ()
        texts = embedding.texts(changed, jobs, labels)
        stored = await reads.embedding_hashes(self._graph, list(texts))
        model = self._embedder.model
        stale = [
            (urn, text) for urn, text in texts.items() if stored.get(urn) != embedding.text_hash(model, text)
        ]
        vectors: list[tuple[str, list[float], str]] = []
        for start in range(0, len(stale), embedding.BATCH):
            self._stop.check()
            self._at(ScanStage.EMBED, start, len(stale))
            try:
                vectors += await asyncio.to_thread(
                    embedding.embed, self._embedder, stale[start : start + embedding.BATCH]
                )
            except StackError as error:
                self._problems.append(
                    Problem(ScanStage.EMBED, "NO_MODEL", self._source, f"{error.message} {error.remedy}")
                )
                break
        return vectors

    async def _published(self, work: Awaitable[_T]) -> _T:
        self._stop.check()
        return await work

    async def _publish_structure(
        self,
        found: Discovery,
        changed: Sequence[DiscoveredDataset],
        same: Sequence[str],
        gone: Sequence[str],
        marks: dict[Urn, str],
    ) -> None:
        graph, run, total = self._graph, self._claim.run, len(changed)

        async def on_batch(done: int) -> None:
            self._at(ScanStage.PUBLISH, done, total)
            self._stop.check()

        self._at(ScanStage.PUBLISH, 0, total)
        self._counts["datasets"] = len(found.datasets)
        self._counts["columns"] = sum(len(d.columns) for d in found.datasets)
        self._counts["changed"], self._counts["unchanged"] = len(changed), len(same)
        await self._published(
            catalog.publish_datasets(
                graph,
                SYSTEM,
                changed,
                run=run,
                by=self._source,
                fingerprints=marks,
                valid_at=self._seen_at,
                on_batch=on_batch,
            )
        )
        if same:
            await self._published(catalog.touch_datasets(graph, SYSTEM, same, run=run))
        if gone:
            self._counts["retired"] = await self._published(
                catalog.retire_missing(
                    graph, SYSTEM, gone, source=self._source, run=run, valid_at=self._seen_at
                )
            )
        if found.extract is not None:
            self._counts["jobs"] = await self._published(
                catalog.publish_jobs(graph, SYSTEM, found.extract.jobs, run=run, valid_at=self._seen_at)
            )

    async def _publish_meaning(
        self,
        engine: ClassificationEngine,
        verdicts: Sequence[tuple[str, Verdict]],
        profiles: Sequence[ColumnProfile],
        judged: Sequence[str],
        vectors: Sequence[tuple[str, list[float], str]],
    ) -> None:
        graph, run = self._graph, self._claim.run
        await self._published(catalog.publish_profiles(graph, SYSTEM, [asdict(p) for p in profiles], run=run))
        if judged:
            await self._published(classifications.sync_classifications(graph, SYSTEM, engine.classifiers))
            self._counts["verdicts"], _ = await self._published(
                classifications.publish_verdicts(
                    graph, SYSTEM, verdicts, judged, run=run, valid_at=self._seen_at
                )
            )
        for start in range(0, len(vectors), 1_000):
            self._counts["embeddings"] += await self._published(
                catalog.publish_embeddings(graph, SYSTEM, vectors[start : start + 1_000], run=run)
            )

    async def _stated_before(self, targets: Sequence[Urn], assertion: str) -> set[tuple[str, str]]:
        """Ends of the edges into ``targets`` that this source has stated; its SQL knew more of them than the document does."""
        fed = await lineage_reads.neighbours(
            self._graph,
            [str(urn) for urn in targets],
            Direction.UPSTREAM,
            EVERYTHING,
            indirect=False,
            key=None,
            backward=False,
            first=_MOST_FEEDING,
        )
        return {
            (other["urn"], target)
            for target, found in fed.items()
            for other in found
            if any(edge["assertion"] == assertion for edge in other["edges"])
        }

    async def _publish_lineage(self, found: Discovery, outcome: sql.Outcome) -> None:
        assertion = f"source:{self._source}"
        edges = [(EdgeOrigin.SQL, outcome.edges, outcome.spoken_of)]
        if found.extract is not None:
            known = await self._stated_before(found.extract.unread, assertion)
            kept = [e for e in found.extract.edges if (str(e.upstream), str(e.downstream)) not in known]
            stated = [*kept, *outcome.edges]
            spoken_of = [
                urn
                for urn in (*outcome.spoken_of, *sql.filled_by(found.extract.edges))
                if outcome.unread.get(str(urn)) is None
            ]
            edges = [(found.extract.origin, sql.merged(stated), spoken_of)]
        for origin, each, closes in edges:
            written, closed = await self._published(
                lineage.publish_edges(
                    self._graph,
                    SYSTEM,
                    each,
                    origin=origin,
                    assertion=assertion,
                    run=self._claim.run,
                    closes=closes,
                    valid_at=self._seen_at,
                )
            )
            self._counts["edges"] += written
            self._counts["closed_edges"] += closed
        await self._published(
            lineage.publish_problems(self._graph, SYSTEM, outcome.unread, run=self._claim.run)
        )
