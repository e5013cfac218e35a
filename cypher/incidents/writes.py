"""Writing incidents. Only ``ingest.commands`` may import this module."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cypher.catalogue import load
from cypher.session import Transaction
from schema.domain.identity import Scope
from schema.domain.incidents import IncidentState
from schema.ids import new_key

_OPEN = load(__package__, "open")
_MOVE = load(__package__, "move")


async def open_incident(
    tx: Transaction,
    *,
    ident: str,
    dataset: str,
    props: Mapping[str, Any],
    touched: Sequence[str],
    affected: Sequence[Mapping[str, Any]],
    at: str,
) -> bool:
    """Whether it was opened now; it is not where it was before."""
    row = {
        "id": ident,
        "key": new_key(),
        "dataset": dataset,
        "props": dict(props),
        "touched": list(touched),
        "affected": [dict(each) for each in affected],
    }
    found = await tx.one(_OPEN, row=row, at=at)
    return bool(found and found["opened"])


async def move(
    tx: Transaction,
    *,
    key: int,
    states: Sequence[IncidentState],
    state: IncidentState,
    props: Mapping[str, Any],
    scope: Scope,
) -> dict[str, Any] | None:
    """Move an incident that is in one of ``states`` to ``state``: ``id``, ``dataset``, the state it ``was`` in, ``applied``.

    None where there is none for this reader.
    """
    return await tx.one(
        _MOVE,
        key=key,
        states=[each.value for each in states],
        state=state.value,
        props=dict(props),
        **scope.parameters(),
    )
