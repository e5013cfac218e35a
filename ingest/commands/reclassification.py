"""Commands on judging anew: what datasets were judged by, runs that judge them, and previews of what those would change."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cypher.classifiers import reads as vocabulary
from cypher.governance import writes as governance
from cypher.reclassification import reads, writes
from cypher.session import GraphSession, Transaction
from ingest.commands import runs
from ingest.commands.exceptions import without_exceptions
from ingest.commands.rows import without_values
from ingest.commands.unit import Unit, execute
from ingest.workflows.library import RECLASSIFY
from schema.domain.classifications import LANGUAGE_MODEL, Verdict
from schema.domain.dispatch import Band
from schema.domain.identity import SYSTEM, Permission, Principal
from schema.domain.profiles import SHOWN_UNTIL
from schema.domain.reclassification import Change, compare
from schema.domain.scans import RunState
from schema.domain.sources import source_urn
from schema.errors import Conflict, InvalidInput, NotFound
from schema.ports import Clock, SystemClock

if TYPE_CHECKING:
    from ml.classify.versions import VocabularyVersion

PREVIEW_MS = 24 * 3_600_000
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

    ``draft`` is what is told of as if it were saved, ``version`` is noted as asked for. Raises as ``runs.request``, ``NotFound`` where the
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


async def begin_preview(
    graph: GraphSession,
    *,
    run: str,
    version: str,
    draft: str = "",
    drafted: Sequence[str] = (),
    clock: Clock = _CLOCK,
) -> None:
    """Keep a place for what a run finds, for a day; ``drafted`` are the names of the classifiers in ``draft``, which it tries."""
    now = round(clock.now().timestamp() * 1_000)

    async def work(unit: Unit) -> None:
        props: dict[str, Any] = {"version": version, "created_at": unit.at, "expires_ms": now + PREVIEW_MS}
        if draft:
            props |= {"draft": draft, "drafted": list(drafted)}
        if not await writes.save_preview(unit.tx, run, props):
            raise NotFound("run", run, path=("run",))
        unit.subjects.append(run)

    await execute(graph, SYSTEM, "classification.preview", work)


async def preview(
    graph: GraphSession,
    datasets: Sequence[Judged],
    *,
    run: str,
    n: int,
    data: str,
    unasked: Collection[str] = (),
    rejecting: Mapping[str, float | None] | None = None,
) -> None:
    """Keep what a run would change of these datasets, and as ``data`` what it found, its ``n``th part.

    ``unasked`` is as where verdicts are written; ``rejecting`` the confidence below which classifications that are tried would not be given.
    """
    pairs = [pair for each in datasets for pair in each.verdicts]
    judged = dict.fromkeys(urn for each in datasets for urn in each.judged)
    restated = [urn for each in datasets for urn in each.restated if urn not in judged]
    tried = rejecting or {}

    async def work(unit: Unit) -> None:
        allowed = await without_exceptions(unit, pairs)
        given = await _given(unit, allowed, tried)
        standing = await reads.standing(unit.tx, [*judged, *restated])
        known = {urn: [_as_tried(row, tried) for row in rows] for urn, rows in standing.items()}
        changes = [
            change
            for urn in judged
            for change in compare(urn, _asked(known.get(urn, ()), unasked), given.get(urn, ()))
        ]
        changes += [change for urn in restated for change in _unsure(urn, known.get(urn, ()))]
        rows = [_row(run, n, number, change) for number, change in enumerate(changes)]
        written = 0
        for start in range(0, len(rows), _BATCH):
            written += await writes.save_changes(unit.tx, run, rows[start : start + _BATCH])
        await writes.hold_chunk(
            unit.tx, preview=run, ident=preview_chunk(run, n), name="preview", n=n, data=data
        )
        unit.details |= {"changes": written, "columns": len(judged), "run": run}

    await execute(graph, SYSTEM, "classification.preview_part", work)


def _as_tried(row: dict[str, Any], tried: Mapping[str, float | None]) -> dict[str, Any]:
    if row["classification"] not in tried or row["confidence"] is None:
        return row
    return row | {"unsure": row["confidence"] < (tried[row["classification"]] or 0.0)}


def _asked(standing: Sequence[dict[str, Any]], unasked: Collection[str]) -> list[dict[str, Any]]:
    """Without what the language model suggested and is not asked about: that stays."""
    return [
        each
        for each in standing
        if each["tier"] != LANGUAGE_MODEL or not each["enabled"] or each["classification"] not in unasked
    ]


async def _given(
    unit: Unit, pairs: Sequence[tuple[str, Verdict]], tried: Mapping[str, float | None]
) -> dict[str, list[Verdict]]:
    """By column what would be written, as it is where verdicts are."""
    rows = await reads.rejecting(unit.tx, sorted({verdict.classification for _, verdict in pairs}))
    rows |= {name: {"enabled": True, "reject_at": reject_at} for name, reject_at in tried.items()}
    found: dict[str, list[Verdict]] = {}
    for urn, verdict in pairs:
        row = rows.get(verdict.classification)
        if row is not None and row["enabled"] and verdict.confidence >= (row["reject_at"] or 0.0):
            found.setdefault(urn, []).append(verdict)
    return found


def _unsure(urn: str, standing: Sequence[dict[str, Any]]) -> list[Change]:
    kept = [
        each for each in standing if each["unsure"] and not each["decided"] and each["origin"] != "MANUAL"
    ]
    return compare(urn, kept, ())


def _row(run: str, n: int, number: int, change: Change) -> dict[str, Any]:
    return {
        "id": f"{run}:{n:06d}:{number:06d}",
        "urn": change.urn,
        "classification": change.classification,
        "kind": change.kind.value,
        "before": change.before,
        "after": change.after,
        "reason_before": change.reason_before,
        "reason_after": change.reason_after,
        "decided": change.decided,
    }


def preview_chunk(run: str, n: int) -> str:
    """Under what a part of what a preview found is kept."""
    return f"{run}/preview/{n}"


async def forget_previews(graph: GraphSession, *, now_ms: int) -> int:
    """Forget some of the previews that expired; 0 once there is none."""

    async def work(tx: Transaction) -> int:
        return await writes.forget_previews(tx, now_ms)

    return await graph.write("reclassification.forget_previews", work)
