"""What must hold of a graph after a scenario: the same content as without faults, and every run and task ended once and truly."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

from cypher.audit import reads as audit
from cypher.catalogue import Query
from cypher.session import GraphSession
from schema.domain.scans import FINAL, RunState
from tests.faults.history import History
from tests.faults.world import Scan

RESUMED_S = 15.0  # from the death of a worker to the next attempt at what it held
_SHOWN = 5
HEADING = "## Measured\n"
WHOLE = "audit trail whole"


def _query(text: str, *returns: str) -> Query:
    return Query("faults", f"CYPHER 25 {text}", "read", frozenset(), returns, 30_000)


_ASSETS = _query(
    "MATCH (a:Asset) RETURN a.urn AS urn, labels(a) AS labels, properties(a) AS props",
    "urn",
    "labels",
    "props",
)
_EDGES = _query(
    "MATCH (a:Asset)-[e:!WAS_INHERITS]->(b) WHERE NOT b:Run RETURN a.urn AS start, type(e) AS type, "
    "coalesce(b.urn, b.name, '') AS end, properties(e) AS props, CASE WHEN b:Asset THEN {} ELSE properties(b) END AS target",
    "start",
    "type",
    "end",
    "props",
    "target",
)
_TASKS = _query(
    "MATCH (r:Run)-[:HAS_TASK]->(t:RunTask) RETURN r.id AS run, r.state AS run_state, t.id AS id, t.state AS state, "
    "r.source AS source, t.stage AS stage, t.error AS error, t.tries AS tries, t.held_why AS held_why, t.held_ms AS held_ms, [(t)-[:TRIED]->(a) | properties(a)] AS attempts",
    "run",
    "run_state",
    "id",
    "state",
    "source",
    "stage",
    "error",
    "tries",
    "held_why",
    "held_ms",
    "attempts",
)
_CHUNKS = _query("MATCH (r:Run {state: 'SUCCEEDED'})-[:KEEPS]->(c) RETURN count(c) AS chunks", "chunks")
_RUNS = _query(
    "MATCH (r:Run) RETURN r.id AS id, r.source AS source, r.state AS state, r.error AS error", "id"
)

# What the job of propagation has yet to look at; it follows every command a moment later.
_PENDING = _query("MATCH (m:PropagationMark) RETURN count(m) AS pending", "pending")
_PENDING_S = 60.0

# Times, names of runs, keys drawn at random (a place in the review queue ends with one), and what a source remembers of how it was read.
_VOLATILE = (
    "at", "key", "lock", "run", "last_run", "last_run_state", "last_seen", "first_seen", "valid_from", "valid_to", "used_day",
    "used_ms", "used_rows", "breaker", "config", "seen_run", "recorded_by", "last_run_requested", "review",
)  # fmt: skip


def _stays(name: str) -> bool:
    return not (
        name in _VOLATILE or name.endswith(("_at", "_run", "_ms")) or name.startswith(("check_", "health_"))
    )


def _line(*parts: Any) -> str:
    return json.dumps(parts, sort_keys=True, default=str, ensure_ascii=False)


async def export(graph: GraphSession) -> Sequence[str]:
    """The graph as sorted lines that begin with their source: assets, edges, verdicts, states. Doubled lines stay doubled.

    What columns inherited for a while is left out: it tells when the job came by.
    """
    deadline = time.monotonic() + _PENDING_S
    while (await graph.rows(_PENDING))[0]["pending"] and time.monotonic() < deadline:
        await asyncio.sleep(0.1)
    lines, owners, urns = [], {}, {}
    for row in await graph.rows(_ASSETS):
        urns[row["props"]["key"]] = row["urn"]
        props = {k: v for k, v in row["props"].items() if _stays(k)}
        owner = owners[row["urn"]] = props.get("source") or props.get("name")
        lines.append(_line(owner, "asset", row["urn"], sorted(row["labels"]), props))
    for row in await graph.rows(_EDGES):
        props = {k: v for k, v in row["props"].items() if _stays(k)}
        # What is inherited names columns by their keys.
        props |= {k: [urns[key] for key in props[k]] for k in ("via", "origins") if k in props}
        target = {k: v for k, v in row["target"].items() if _stays(k)}
        lines.append(
            _line(owners[row["start"]], "edge", row["start"], row["type"], row["end"], props, target)
        )
    return sorted(lines)


def of_sources(lines: Sequence[str], names: Collection[str]) -> Sequence[str]:
    return [line for line in lines if json.loads(line)[0] in names]


def difference(expected: Sequence[str], found: Sequence[str]) -> Sequence[str]:
    """Lines that are missing or too many, the first few."""
    wanted, there = Counter(expected), Counter(found)
    missing = [f"missing: {line}" for line in (wanted - there).elements()]
    added = [f"too many: {line}" for line in (there - wanted).elements()]
    return [*missing, *added]


def doubled(lines: Sequence[str]) -> Sequence[str]:
    return [line for line, count in Counter(lines).items() if count > 1]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the report; one that is ``timed`` means something on a quiet machine only."""

    scenario: str
    required: str
    measured: str
    holds: bool
    details: Sequence[str] = ()
    timed: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Resumed:
    """Seconds after the death of a worker until it was noticed, and until the next attempt at what it held began; ``told`` is what it waited for."""

    noticed_s: float
    begun_s: float
    told: str


@dataclass(frozen=True, slots=True)
class Tasks:
    """The tasks of all runs with their attempts, as the graph has them."""

    rows: Sequence[Mapping[str, Any]]

    @classmethod
    async def of(cls, graph: GraphSession) -> Tasks:
        return cls(await graph.rows(_TASKS))

    def keep(self, file: Path) -> None:
        """Write them beside the history, for whoever asks why one waited."""
        file.write_text("".join(f"{json.dumps(row, default=str)}\n" for row in self.rows), "utf-8")

    def not_once(self) -> Sequence[str]:
        """Tasks of runs that succeeded which did not succeed exactly once, and attempts that never ended."""
        wrong = []
        for task in self.rows:
            ends = Counter(attempt["state"] for attempt in task["attempts"])
            if task["state"] == "SUCCEEDED" and ends["SUCCEEDED"] != 1:
                wrong.append(f"{task['id']}: succeeded {ends['SUCCEEDED']} times")
            if task["run_state"] in FINAL and ends["RUNNING"]:
                wrong.append(f"{task['id']}: {ends['RUNNING']} attempts never ended")
        return wrong

    def dead_letters(self) -> Sequence[Mapping[str, Any]]:
        return [task for task in self.rows if task["state"] == "FAILED"]

    def lost(self) -> int:
        """Attempts whose worker let the lease end."""
        return sum(a.get("kind") == "worker_lost" for task in self.rows for a in task["attempts"])

    def waited_s(self) -> list[float]:
        """How long each attempt waited for a worker since it could begin, by the clock of the graph."""
        return [a["waited_ms"] / 1_000 for task in self.rows for a in task["attempts"]]

    def over_s(self, history: History, names: Collection[str], share: float = 1.0) -> float:
        """Seconds from the first request until this share of the tasks of these sources was done."""
        ends = sorted(t["attempts"][-1]["finished_ms"] for t in self.rows if t["source"] in names)
        return (ends[ceil(share * len(ends)) - 1] - history.of("asked")[0].at_ms) / 1_000

    def resumed_s(self, history: History, kind: str = "kill") -> list[Resumed]:
        """What followed each death of a worker for every task it held."""
        struck = {event.value: event.at_ms for event in history.of(kind)}
        found = []
        for task in self.rows:
            by_number = {attempt["number"]: attempt for attempt in task["attempts"]}
            for number, attempt in by_number.items():
                died = struck.get(int(attempt["worker"].split(":")[1]))
                after = by_number.get(number + 1)
                if died and after and attempt.get("kind") == "worker_lost":
                    noticed = (attempt["finished_ms"] - died) / 1_000
                    begun = (after["started_ms"] - died) / 1_000
                    found.append(Resumed(noticed, begun, _waited_for(task, died, number)))
        return found


def _waited_for(task: Mapping[str, Any], died: int, number: int) -> str:
    """What a task of a killed worker was put aside for, and how many seconds after the kill."""
    held = [(ms - died) / 1_000 for ms in task["held_ms"] or ()]
    why = [f"{why} {at:.1f}" for why, at in zip(task["held_why"] or (), held, strict=True) if at > 0]
    return f"{task['source']} {task['stage']}, try {number + 1}: {', '.join(why) or 'not put aside'}"


async def checked(
    scenario: str,
    scan: Scan,
    expected: Sequence[str],
    *,
    whole: bool = True,
    failing: Collection[str] = (),
    may_fail: Collection[str] = (),
) -> list[Row]:
    """What must hold after any scenario, of the sources that were scanned.

    ``failing`` are those that end otherwise, ``may_fail`` those of which some runs may.
    """
    graph = scan.world.graph
    runs = await graph.rows(_RUNS)
    tasks = await Tasks.of(graph)
    tasks.keep(scan.fleet.folder / "tasks.jsonl")
    rows = [Row(scenario, "every run ends", "all" if whole else "some never ended", whole)]
    lost = [run for run in scan.runs if run not in {row["id"] for row in runs}]
    rows.append(Row(scenario, "acknowledged runs lost: 0", str(len(lost)), not lost, lost))
    wrong = [
        f"{r['source']}: {r['state']} {r['error'] or ''}"
        for r in runs
        if r["state"] != RunState.SUCCEEDED and r["source"] not in {*failing, *may_fail}
    ]
    rows.append(Row(scenario, "runs that did not succeed: 0", str(len(wrong)), not wrong, wrong))
    dead = [
        f"{t['id']}: {t['error']}"
        for t in tasks.dead_letters()
        if scan.runs.get(t["run"]) not in {*failing, *may_fail}
    ]
    rows.append(Row(scenario, "tasks given up that need not be: 0", str(len(dead)), not dead, dead))
    twice = tasks.not_once()
    rows.append(
        Row(scenario, "tasks that did not succeed exactly once: 0", str(len(twice)), not twice, twice)
    )
    compared = set(scan.runs.values()).difference(failing)
    found = of_sources(await export(graph), compared)
    differing = difference(of_sources(expected, compared), found)
    told = f"{len(found)} lines, {len(differing)} differ"
    rows.append(Row(scenario, "graph equal to the undisturbed one", told, not differing, differing))
    events, breaks = await audit.verify(graph)
    told = f"{events} events, {len(breaks)} breaks"
    rows.append(Row(scenario, WHOLE, told, not breaks, [str(each) for each in breaks]))
    kept = (await graph.rows(_CHUNKS))[0]["chunks"]
    rows.append(Row(scenario, "chunks left behind: 0", str(kept), not kept))
    return rows


def reported(rows: Sequence[Row], page: Path, told: str) -> None:
    """Replace what ``page`` says under its heading "Measured" by ``told`` and those of these rows that say more than that all is well."""
    before, _, old = page.read_text("utf-8").partition(HEADING)
    after = old[found:] if (found := old.find("\n## ")) >= 0 else ""
    said = [r for r in rows if not r.holds or (r.measured not in ("0", "all") and r.required != WHOLE)]
    lines = [f"| {r.scenario} | {r.required} | {r.measured} | {'yes' if r.holds else 'NO'} |" for r in said]
    table = "\n".join(["| scenario | required | measured | holds |", "| --- | --- | --- | --- |", *lines])
    page.write_text(f"{before}{HEADING}\n{told}\n\n{table}\n{after}", encoding="utf-8")


def printed(rows: Sequence[Row]) -> None:
    """The report as a table; violations with their first details."""
    for row in rows:
        print(
            f"{'ok  ' if row.holds else 'FAIL'} {row.scenario:<14} {row.required:<58} {row.measured}",
            flush=True,
        )
        if not row.holds:
            for detail in list(row.details)[:_SHOWN]:
                print(f"       {detail[:400]}", flush=True)
