"""What a resolver gets with each operation: who asks, what he may see, the graph, loaders that live as long as the answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import strawberry
from strawberry.dataloader import DataLoader

from schema.domain.identity import Permission, Principal, Scope
from schema.ports import Clock, SystemClock

if TYPE_CHECKING:
    from cypher.session import GraphSession

K = TypeVar("K")
V = TypeVar("V")
T = TypeVar("T")
P = ParamSpec("P")
Load = Callable[["Context", list[K]], Awaitable[Sequence[V]]]
NodeLoader = Callable[["Context", list[int]], Awaitable[Sequence[Any]]]
"""Nodes by key, in the order of the keys; None where there is none or the reader may not see it."""


@dataclass(slots=True)
class Context:
    """One operation's context; ``info.context`` in resolvers. ``compiled`` says whether selections may be."""

    principal: Principal
    graph: GraphSession
    clock: Clock = field(default_factory=SystemClock)
    trace_id: str = ""
    node_loaders: Mapping[str, NodeLoader] = field(default_factory=dict)
    services: Mapping[str, Any] = field(default_factory=dict)
    past_hidden: bool = True
    loaders: dict[Any, DataLoader[Any, Any]] = field(default_factory=dict)
    compiled: bool = True

    @property
    def walks_past_hidden(self) -> bool:
        """Whether the caller's walks over lineage pass assets that are hidden from him."""
        return self.past_hidden and not self.scope.is_everything

    @property
    def scope(self) -> Scope:
        """What the caller may see; every reading query takes it."""
        return self.principal.scope

    def require(self, permission: Permission) -> None:
        """Raise ``Forbidden`` unless the caller has ``permission``."""
        self.principal.require(permission)

    async def command(
        self,
        work: Callable[Concatenate[GraphSession, Principal, P], Awaitable[T]],
        /,
        *args: P.args,
        **given: P.kwargs,
    ) -> T:
        """What ``work`` by the caller gives; what was loaded before it is forgotten, since it may be out of date. Raises as ``work``."""
        found = await work(self.graph, self.principal, *args, **given)
        self.loaders.clear()
        return found

    def loader(self, load: Load[K, V]) -> DataLoader[K, V]:
        """The batching loader over ``load`` of this operation; the same one for the same function."""
        found = self.loaders.get(load)
        if found is None:

            async def batch(keys: list[K]) -> Sequence[V]:
                return await load(self, keys)

            found = self.loaders[load] = DataLoader(load_fn=batch)
        return found


Info = strawberry.Info[Context, None]
