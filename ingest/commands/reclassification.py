"""Commands on judging anew: what datasets were judged by, and runs that judge them."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cypher.classifiers import reads as vocabulary
from cypher.governance import writes as governance
from cypher.reclassification import reads, writes
from cypher.session import GraphSession, Transaction
from ingest.commands import runs
from ingest.commands.rows import without_values
from ingest.commands.unit import Unit, execute
from ingest.workflows.library import RECLASSIFY
from schema.domain.classifications import Verdict
from schema.domain.dispatch import Band
from schema.domain.identity import SYSTEM, Permission, Principal
from schema.domain.profiles import SHOWN_UNTIL
from schema.domain.scans import RunState
from schema.domain.sources import source_urn
from schema.errors import Conflict, InvalidInput, NotFound
from schema.ports import Clock, SystemClock

if TYPE_CHECKING:
    from ml.classify.versions import VocabularyVersion

_BATCH = 2_000
_CLOCK = SystemClock()


@dataclass(frozen=True, slots=True)
class Judged:
    """(column urn, verdict) pairs of the columns of one dataset that were judged anew, and those of which the verdicts are held against thresholds."""

    urn: str
    judged_by: str
    fingerprint: str | None
    verdicts: tuple[tuple[str, Verdict], ...]
    judged: tuple[str, ...]
    restated: tuple[str, ...]


async def request(
    graph: GraphSession,
    actor: Principal,
    *,
    source: str,
    dry_run: bool = False,
    preview: str = "",
    draft: str = "",
    version: str | None = None,
    band: Band | None = None,
    trigger: str = "MANUAL",
    reason: str = "",
    clock: Clock = _CLOCK,
) -> str:
    """Queue a run that judges anew what waits in a source; returns its id. ``dry_run`` only tells; ``preview`` is the run whose preview is written.

    ``draft`` is what is told of as if it were saved, ``version`` is noted as what was asked for last. Raises as ``runs.request``, ``NotFound`` where the
    preview is of another source or not kept any more, ``Conflict`` where it is not complete or of classifiers that are not saved.
    """
    # Of a draft nothing but what it would change is told: who may save it may try it.
    needs = Permission.CLASSIFY if draft and dry_run else Permission.SCAN
    actor.require(needs)
    if preview and dry_run:
        raise InvalidInput(
            "A preview of a preview.", path=("preview",), remedy="Give one of preview and dryRun."
        )
    if preview:
        await _applicable(graph, actor, preview, source, clock)
    ident = await runs.request(
        graph,
        actor,
        source=source,
        workflow=RECLASSIFY,
        inputs={"dry_run": dry_run, "preview": preview, "draft": draft},
        band=band,
        trigger=trigger,
        reason=reason,
        needs=needs,
    )
    if version is not None:

        async def note(tx: Transaction) -> None:
            await writes.asked(tx, str(source_urn(source)), version)

        await graph.write("reclassification.asked", note)
    return ident


async def _applicable(graph: GraphSession, actor: Principal, preview: str, source: str, clock: Clock) -> None:
    now_ms = round(clock.now().timestamp() * 1_000)
    found = (await reads.previews(graph, [preview], actor.scope, now_ms=now_ms)).get(preview)
    if found is None or found["source"] != source:
        raise NotFound("preview", preview, path=("preview",))
    if found["state"] != RunState.SUCCEEDED:
        raise Conflict(
            f"The run of the preview is {found['state']}.",
            path=("preview",),
            remedy="Wait until it has succeeded, or make another one.",
        )
    if found.get("draft") and not await _is_saved(graph, found["draft"]):
        raise Conflict(
            f"{', '.join(found['drafted'])}: not saved as it was tried.",
            path=("preview",),
            remedy="Save that text first, or preview what is saved.",
        )


async def _is_saved(graph: GraphSession, draft: str) -> bool:
    """Whether the classifiers of a draft are in the vocabulary as they were tried."""
    texts = await vocabulary.draft(graph, draft)
    own = {row["name"]: row["text"] for row in (await vocabulary.vocabulary(graph))["definitions"]}
    return texts is not None and all(own.get(name) == text for name, text in texts.items())


async def keep_version(graph: GraphSession, version: VocabularyVersion) -> None:
    """Keep what datasets are judged by, unless it is."""
    from ml.classify.versions import packed

    if await reads.is_kept(graph, version.ident):
        return
    data = await asyncio.to_thread(packed, version)

    async def work(unit: Unit) -> None:
        await writes.keep_version(unit.tx, version.ident, data, at=unit.at)
        unit.details["version"] = version.ident

    await execute(graph, SYSTEM, "classification.keep_version", work)


async def forget_versions(graph: GraphSession, version: str) -> None:
    """Forget versions that nothing was judged by, but ``version``."""

    async def work(tx: Transaction) -> int:
        return await writes.forget_versions(tx, version)

    await graph.write("reclassification.forget_versions", work)


async def mark_judged(
    graph: GraphSession, urns: Sequence[str], *, version: str | None, run: str | None = None
) -> None:
    """Note that datasets are as ``version`` judges them: it did, or what changed up to it does not concern them. None judges them no more."""

    async def work(unit: Unit) -> None:
        for start in range(0, len(urns), _BATCH):
            await writes.mark_judged(unit.tx, urns[start : start + _BATCH], version, at=unit.at)
        unit.subjects += urns
        unit.details |= {"datasets": len(urns), "version": version, "run": run}

    await execute(graph, SYSTEM, "classification.judged", work)


async def settle(graph: GraphSession, datasets: Sequence[Judged], *, version: str, run: str) -> int:
    """After the verdicts: hold those on record against thresholds and levels, drop values from profiles of what became too sensitive, and mark
    the datasets as judged; returns how many verdicts were withdrawn.
    """
    restated = {urn for each in datasets for urn in each.restated}
    touched = sorted({urn for each in datasets for urn in (*each.judged, *each.restated)})
    withdrawn = 0
    for start in range(0, len(touched), _BATCH):
        some = touched[start : start + _BATCH]
        again = [urn for urn in some if urn in restated]

        async def work(unit: Unit, some: Sequence[str] = some, again: Sequence[str] = again) -> int:
            changed = gone = 0
            if again:
                changed, gone = await writes.restate(unit.tx, again, at=unit.at, run=run)
                await governance.refresh_sensitivity(unit.tx, again)
            loud = await reads.profiles(unit.tx, some, shown=SHOWN_UNTIL)
            silent = {urn: without_values(profile) for urn, profile in loud.items()}
            changing = {urn: text for urn, text in silent.items() if text != loud[urn]}
            if changing:
                await writes.silence(unit.tx, changing)
            unit.details |= {
                "accepted_otherwise": changed,
                "withdrawn": gone,
                "silenced": len(changing),
                "run": run,
            }
            return gone

        withdrawn += await execute(graph, SYSTEM, "classification.restate", work)

    if datasets:
        await mark_judged(graph, [each.urn for each in datasets], version=version, run=run)
    return withdrawn
