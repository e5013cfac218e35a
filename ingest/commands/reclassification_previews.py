"""Commands on previews of judging anew: what a run would change is kept for a day, beside what it found, so that it can be written as it was shown."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from cypher.reclassification import reads, writes
from cypher.session import GraphSession, Transaction
from ingest.commands.exceptions import without_exceptions
from ingest.commands.reclassification import Judged
from ingest.commands.unit import Unit, execute
from schema.domain.classifications import LANGUAGE_MODEL, Verdict
from schema.domain.identity import SYSTEM
from schema.domain.reclassification import Change, compare
from schema.errors import NotFound
from schema.ports import Clock, SystemClock

_KEPT_MS = 24 * 3_600_000
_BATCH = 2_000
_CLOCK = SystemClock()


async def begin(
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
        props: dict[str, Any] = {"version": version, "created_at": unit.at, "expires_ms": now + _KEPT_MS}
        if draft:
            props |= {"draft": draft, "drafted": list(drafted)}
        if not await writes.save_preview(unit.tx, run, props):
            raise NotFound("run", run, path=("run",))
        unit.subjects.append(run)

    await execute(graph, SYSTEM, "classification.preview", work)


async def keep_part(
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
        await writes.hold_chunk(unit.tx, preview=run, ident=chunk_id(run, n), name="preview", n=n, data=data)
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


def chunk_id(run: str, n: int) -> str:
    """Under what a part of what a preview found is kept."""
    return f"{run}/preview/{n}"


async def forget(graph: GraphSession, *, now_ms: int) -> int:
    """Forget some of the previews that expired; 0 once there is none."""

    async def work(tx: Transaction) -> int:
        return await writes.forget_previews(tx, now_ms)

    return await graph.write("reclassification.forget_previews", work)
