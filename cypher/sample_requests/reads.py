"""Reading who asked to read rows of what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cypher.catalogue import load
from cypher.session import GraphSession
from schema.domain.identity import Scope

_OF_DATASET = load(__package__, "of_dataset")
_PAGE = load(__package__, "page")

Row = dict[str, Any]


async def of_dataset(graph: GraphSession, dataset: str, scope: Scope, *, by: str, now: str) -> list[Row]:
    """Requests of ``by`` that are approved or wait at ``now``, the newest first."""
    rows = await graph.rows(_OF_DATASET, dataset=dataset, by=by, now=now, **scope.parameters())
    return [row["request"] for row in rows]


async def page(
    graph: GraphSession,
    scope: Scope,
    *,
    by: str | None,
    state: str | None,
    now: str,
    key: Sequence[str] | None,
    backward: bool,
    first: int,
) -> list[Row]:
    """Of everybody where ``by`` is None; ``state`` is one of ``SampleRequestState``, None for all."""
    rows = await graph.rows(
        _PAGE,
        by=by,
        state=state,
        now=now,
        key=None if key is None else list(key),
        backward=backward,
        first=first,
        **scope.parameters(),
    )
    return [row["request"] for row in rows]
