"""Commands on runs. A run is a row in the graph before anything signals a worker, so that no signal can lose it.

Heartbeats and progress renew a lease and change nothing that is governed: they are the one write without an audit event.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any

from cypher.scanning import writes
from cypher.session import GraphSession, Transaction
from ingest.commands.unit import Unit, execute
from schema.domain.identity import SYSTEM, Permission, Principal
from schema.domain.scans import FINAL, Problem, Progress, RunState
from schema.domain.sources import source_urn
from schema.errors import Conflict, NotFound
from schema.ports import Clock, SystemClock

LEASE = timedelta(seconds=10)
_MAX_PROBLEMS = 1_000
_CLOCK = SystemClock()


@dataclass(frozen=True, slots=True)
class Claim:
    """A run that this worker holds; later writes name ``attempt``, so that a worker that was taken for dead cannot write."""

    run: str
    attempt: int
    requested_by: str
    source: Mapping[str, Any]
    options: Mapping[str, Any]


async def request(
    graph: GraphSession, actor: Principal, *, source: str, options: str = "{}", reason: str = ""
) -> str:
    """Queue a scan of the source called ``source``; returns the run's id.

    Raises ``NotFound`` where there is no such source, ``Conflict`` where a run of it is not finished.
    """
    actor.require(Permission.SCAN)
    urn, ident = str(source_urn(source)), str(uuid.uuid4())

    async def work(unit: Unit) -> str:
        props = {"requested_by": actor.id, "options": options, "stage": "", "done": 0, "source": source}
        row = await writes.create_run(unit.tx, ident=ident, source=urn, props=props, at=unit.at)
        if row is None:
            raise NotFound("source", source, path=("source",))
        if row["busy"]:
            raise Conflict(
                "A scan of this source is not finished.",
                path=("source",),
                remedy=f"Wait for run {row['busy']}, or cancel it.",
            )
        unit.subjects += [urn, ident]
        unit.outbox.append(("run.queued", {"run": ident, "source": source}))
        return ident

    return await execute(graph, actor, "scan.request", work, reason=reason)


async def claim(graph: GraphSession, *, run: str, worker: str, clock: Clock = _CLOCK) -> Claim | None:
    """Take a waiting run, or one whose worker let its lease end; None where another holds it or it is over."""

    async def work(unit: Unit) -> Claim | None:
        now = clock.now()
        row = await writes.claim_run(
            unit.tx, ident=run, worker=worker, now=now.isoformat(), until=(now + LEASE).isoformat()
        )
        if row is None:
            return None
        unit.subjects += [run, row["source"]["urn"]]
        unit.details |= {"attempt": row["run"]["attempt"], "worker": worker}
        return Claim(run, row["run"]["attempt"], row["run"]["requested_by"], row["source"], row["run"])

    return await execute(graph, SYSTEM, "scan.claim", work)


async def advance(
    graph: GraphSession, claimed: Claim, progress: Progress | None, *, clock: Clock = _CLOCK
) -> RunState | None:
    """Renew the lease and note progress; the run's state, or None where another attempt holds it now."""
    until = (clock.now() + LEASE).isoformat()
    fields = (
        {}
        if progress is None
        else {"stage": progress.stage.value, "done": progress.done, "total": progress.total}
    )

    async def work(tx: Transaction) -> str | None:
        return await writes.advance_run(
            tx, ident=claimed.run, attempt=claimed.attempt, until=until, progress=fields
        )

    state = await graph.write("scan.advance", work)
    return RunState(state) if state else None


async def finish(
    graph: GraphSession,
    claimed: Claim,
    state: RunState,
    *,
    counts: Mapping[str, int],
    problems: Sequence[Problem] = (),
    error: str | None = None,
) -> bool:
    """End a run in a final state; False where another attempt holds it now, and then nothing is written."""
    assert state in FINAL
    kept = [
        {
            "id": f"{claimed.run}:{claimed.attempt}:{seq}",
            "seq": seq,
            **{k: str(v) for k, v in asdict(p).items()},
        }
        for seq, p in enumerate(problems[:_MAX_PROBLEMS])
    ]
    counted = {f"count_{name}": number for name, number in counts.items()} | {"problem_count": len(problems)}

    async def work(unit: Unit) -> bool:
        held = await writes.finish_run(
            unit.tx,
            ident=claimed.run,
            attempt=claimed.attempt,
            state=state.value,
            at=unit.at,
            counts=counted,
            error=error,
            problems=kept,
        )
        unit.subjects += [claimed.run, claimed.source["urn"]]
        unit.details |= {"state": state.value if held else "LOST", "problems": len(problems), **counts}
        unit.outbox.append(
            (f"run.{state.value.lower()}", {"run": claimed.run, "source": claimed.source["name"]})
        )
        return held

    return await execute(graph, SYSTEM, "scan.finish", work)


async def cancel(graph: GraphSession, actor: Principal, *, run: str, reason: str = "") -> RunState:
    """Ask a run to stop; returns the state it is in now. Raise ``NotFound``, or ``Conflict`` where it is over."""
    actor.require(Permission.SCAN)

    async def work(unit: Unit) -> RunState:
        row = await writes.cancel_run(unit.tx, ident=run, at=unit.at)
        if row is None:
            raise NotFound("run", run, path=("run",))
        if RunState(row["was"]) in FINAL:
            raise Conflict(
                f"The run is over: {row['was']}.", path=("run",), remedy="Start a new scan if you need one."
            )
        unit.subjects.append(run)
        unit.details["was"] = row["was"]
        return RunState(row["state"])

    return await execute(graph, actor, "scan.cancel", work, reason=reason)
