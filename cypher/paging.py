"""Pages of what has a time and an id, newest first: one statement for each direction, and where each begins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cypher.catalogue import Query, load
from cypher.session import GraphSession

_FIRST, _LAST = ("", ""), ("\uffff", "\uffff")  # before and behind every key


@dataclass(frozen=True, slots=True)
class TimePages:
    """The statements ``page_after`` and ``page_before`` of a package, which take ``at``, ``id``, ``states`` and ``first``."""

    after: Query
    before: Query

    @classmethod
    def of(cls, package: str) -> TimePages:
        return cls(load(package, "page_after"), load(package, "page_before"))

    async def rows(
        self,
        graph: GraphSession,
        *,
        key: tuple[str, str] | None,
        backward: bool,
        first: int,
        states: Sequence[str] | None,
        **params: Any,
    ) -> list[dict[str, Any]]:
        """``first`` rows behind ``key``; in ascending order where ``backward``."""
        at, ident = key or (_FIRST if backward else _LAST)
        wanted: Mapping[str, Any] = {"at": at, "id": ident, "first": first}
        given = None if states is None else list(states)
        return await graph.rows(self.before if backward else self.after, states=given, **wanted, **params)
