"""Writing what datasets were judged by, and previews. Only ``ingest.commands`` may import this module."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cypher.catalogue import load
from cypher.session import Transaction

_KEEP_VERSION = load(__package__, "keep_version")
_FORGET_VERSIONS = load(__package__, "forget_versions")
_MARK_JUDGED = load(__package__, "mark_judged")
_ASKED = load(__package__, "asked")
_RESTATE = load(__package__, "restate")
_WITHDRAW_UNSURE = load(__package__, "withdraw_unsure")
_SILENCE = load(__package__, "silence")
_SAVE_PREVIEW = load(__package__, "save_preview")
_SAVE_CHANGES = load(__package__, "save_changes")
_HOLD_CHUNK = load(__package__, "hold_chunk")
_FORGET_PREVIEWS = load(__package__, "forget_previews")
_HELD_AT_ONCE = 5_000


async def keep_version(tx: Transaction, ident: str, data: str, *, at: str) -> None:
    await tx.one(_KEEP_VERSION, id=ident, data=data, at=at)


async def forget_versions(tx: Transaction, version: str) -> int:
    """Forget versions that nothing was judged by, but ``version``; returns how many."""
    row = await tx.one(_FORGET_VERSIONS, version=version)
    return int(row["forgotten"]) if row else 0


async def mark_judged(tx: Transaction, urns: Sequence[str], version: str | None, *, at: str) -> int:
    """Note by what datasets are judged; returns how many there were."""
    row = await tx.one(_MARK_JUDGED, urns=list(urns), version=version, at=at)
    return int(row["datasets"]) if row else 0


async def asked(tx: Transaction, source: str, version: str) -> None:
    await tx.one(_ASKED, source=source, version=version)


async def restate(tx: Transaction, urns: Sequence[str], *, at: str, run: str) -> tuple[int, int]:
    """Hold machines' verdicts against the thresholds in force; how many are accepted otherwise, how many were withdrawn."""
    gone = await tx.one(_WITHDRAW_UNSURE, urns=list(urns), at=at, run=run)
    row = await tx.one(_RESTATE, urns=list(urns))
    return int(row["changed"]) if row else 0, int(gone["withdrawn"]) if gone else 0


async def silence(tx: Transaction, profiles: Mapping[str, str]) -> int:
    """Write profiles by column urn."""
    rows = [{"urn": urn, "profile": profile} for urn, profile in profiles.items()]
    row = await tx.one(_SILENCE, rows=rows)
    return int(row["silenced"]) if row else 0


async def save_preview(tx: Transaction, run: str, props: Mapping[str, Any]) -> bool:
    """Whether there is such a run."""
    return await tx.one(_SAVE_PREVIEW, id=run, props=dict(props)) is not None


async def save_changes(tx: Transaction, run: str, rows: Sequence[Mapping[str, Any]]) -> int:
    row = await tx.one(_SAVE_CHANGES, id=run, rows=[dict(each) for each in rows])
    return int(row["written"]) if row else 0


async def hold_chunk(tx: Transaction, *, preview: str, ident: str, name: str, n: int, data: str) -> None:
    await tx.one(_HOLD_CHUNK, preview=preview, id=ident, name=name, n=n, data=data)


async def forget_previews(tx: Transaction, now_ms: int) -> int:
    """Forget some of what expired; 0 once there is nothing left."""
    row = await tx.one(_FORGET_PREVIEWS, now_ms=now_ms, first=_HELD_AT_ONCE)
    return int(row["forgotten"]) if row else 0
