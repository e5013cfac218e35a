"""The command that does with stale assets what the plan of their source says, and the same as a preview that writes nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cypher.session import GraphSession
from cypher.stale import reads, writes
from ingest.commands.unit import Unit, execute
from schema.domain.catalog import AssetStatus
from schema.domain.identity import EVERYTHING, Principal, Scope
from schema.domain.stale import Judged, StaleOutcome, StalePolicy, StaleRule, judge
from schema.domain.time import stored

_BATCH = 500
_AT_ONCE = 1_000
# What is in others goes first, so that these are empty when it is their turn.
_ORDER = ("COLUMN", "DATASET", "SCHEMA", "DATABASE")


@dataclass(frozen=True, slots=True)
class StaleAsset:
    """One asset that is not found any more, with its columns where it is a dataset, and what is to become of it."""

    row: Mapping[str, Any]
    judged: Judged

    @property
    def urn(self) -> str:
        return str(self.row["urn"])


async def page(
    graph: GraphSession,
    scope: Scope,
    *,
    source: str,
    rule: StaleRule,
    now: datetime,
    key: str | None,
    first: int,
    backward: bool = False,
) -> list[StaleAsset]:
    """What the next complete scan of ``source`` would do about what ``scope`` may see, by urn behind ``key``."""
    rows = await reads.units(
        graph,
        source,
        scope,
        until=stored(rule.until(now)),
        key=key,
        first=first,
        backward=backward,
    )
    return [StaleAsset(row, judge(rule, row, now)) for row in rows]


async def preview(
    graph: GraphSession, scope: Scope, *, source: str, rule: StaleRule, now: datetime
) -> AsyncIterator[StaleAsset]:
    """All pages of ``page``, one after the other."""
    key: str | None = None
    while True:
        found = await page(graph, scope, source=source, rule=rule, now=now, key=key, first=_AT_ONCE)
        for each in found:
            yield each
        if len(found) < _AT_ONCE:
            return
        key = found[-1].urn


async def settle_stale(
    graph: GraphSession,
    actor: Principal,
    *,
    source: str,
    rule: StaleRule,
    run: str,
    now: datetime,
    missed: Callable[[str], bool],
) -> dict[str, int]:
    """Deprecate or delete what has been stale for long enough; returns how many assets were ``deprecated`` and ``deleted``.

    ``missed`` tells of the urn of a dataset whether the scan looked for it and did not find it; all else is left alone. What people or
    others than the source need stays, with the reason noted. Each batch is a command; what is done is not found again.
    """
    counts: dict[str, int] = {}
    if rule.policy is StalePolicy.RETAIN:
        return counts
    due: list[StaleAsset] = []
    async for each in preview(graph, EVERYTHING, source=source, rule=rule, now=now):
        if each.judged.outcome is not StaleOutcome.WAIT and missed(each.urn):
            due.append(each)
    for kind in _ORDER:
        some = [each for each in due if each.row["kind"] == kind]
        for start in range(0, len(some), _BATCH):
            done = await _settle(graph, actor, some[start : start + _BATCH], source, rule, run)
            for name, count in done.items():
                counts[name] = counts.get(name, 0) + count
    return counts


async def _settle(
    graph: GraphSession,
    actor: Principal,
    batch: list[StaleAsset],
    source: str,
    rule: StaleRule,
    run: str,
) -> dict[str, int]:
    deleted, noted = [], []
    for each in batch:
        row = {
            "urn": each.urn,
            "version": each.row["version"],
            "why": each.judged.why(source, rule),
        }
        if each.judged.outcome is StaleOutcome.DELETE:
            deleted.append(row)
            continue
        deprecates = each.judged.outcome is StaleOutcome.DEPRECATE
        status = AssetStatus.DEPRECATED if deprecates else AssetStatus.STALE
        if (each.row["status"], each.row["why"]) != (status.value, row["why"]):
            noted.append(row | {"status": status.value})
    if not deleted and not noted:
        return {}

    async def work(unit: Unit) -> dict[str, int]:
        told = {"at": unit.at, "by": unit.by, "run": run}
        counts = {
            "deleted": await writes.delete(unit.tx, deleted, **told),
            "deprecated": await writes.note(unit.tx, noted, **told),
        }
        if rule.policy is StalePolicy.DELETE:
            unit.details["kept"] = counts.pop("deprecated")
        unit.subjects += [row["urn"] for row in (*deleted, *noted)]
        unit.details |= counts | {"source": source, "run": run, "policy": rule.policy.value}
        return {name: count for name, count in counts.items() if count}

    return await execute(graph, actor, "catalog.settle_stale", work)
