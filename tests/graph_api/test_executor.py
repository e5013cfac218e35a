"""The executor answers exactly as graphql-core does, only sooner."""

from __future__ import annotations

import asyncio
import enum
import gc
from collections.abc import AsyncGenerator, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, cast

import orjson
import pytest
import strawberry
from graphql import parse
from hypothesis import HealthCheck, given, settings
from hypothesis_graphql import queries
from strawberry.permission import BasePermission
from strawberry.scalars import JSON

from graph_api.executor import Executor, Shaped
from graph_api.limits import measure


@strawberry.interface
class Thing:
    id: strawberry.ID


class Never(BasePermission):
    message = "never"

    def has_permission(self, source: Any, info: Any, **kwargs: Any) -> bool:
        return False


@strawberry.enum
class Color(enum.Enum):
    RED = "red"
    BLUE = "blue"


@strawberry.type
class Leaf(Thing):
    n: int
    f: float
    s: str | None
    b: bool
    big: int | None
    tags: list[str]
    color: Color
    at: datetime | None
    amount: Decimal
    payload: JSON
    hidden: str = strawberry.field(default="secret", permission_classes=[Never])


@strawberry.type
class Plain:
    name: str
    size: int | None


@strawberry.type
class Box(Thing):
    name: str

    @strawberry.field
    def leaves(self) -> list[Leaf]:
        return LEAVES

    @strawberry.field
    async def later(self) -> Leaf | None:
        return LEAVES[1]

    @strawberry.field
    async def plains(self, first: int = 2) -> list[Plain]:
        return PLAINS[:first]

    @strawberry.field
    def bad(self) -> list[Leaf] | None:
        return [LEAVES[0], None, LEAVES[1]]  # type: ignore[list-item]

    @strawberry.field
    def wrong(self) -> Leaf | None:
        return WRONG


class Breaking:
    """Looks like a Plain, and breaks when read."""

    name = "x"

    @property
    def size(self) -> int:
        raise RuntimeError("no size")


MOMENT = datetime(2026, 8, 6, tzinfo=UTC)
LEAVES = [
    Leaf(
        id=strawberry.ID(str(i)),
        n=i,
        f=i / 3,
        s=None if i % 2 else "é\u2028",
        b=bool(i % 2),
        big=None,
        tags=["a"] * i,
        color=Color.RED if i % 2 else Color.BLUE,
        at=MOMENT if i % 3 else None,
        amount=Decimal(i),
        payload=cast(Any, {"i": [i]}),
    )
    for i in range(4)
]
WRONG = Leaf(
    **cast(
        Any,
        {
            "id": 9, "n": "seven", "f": float("nan"), "s": 5, "b": "x", "big": 2**40, "tags": [], "color": "green",
            "at": "soon", "amount": None, "payload": None,
        },
    )
)  # fmt: skip
BOXES = [Box(id=strawberry.ID(str(i)), name=f"b{i}") for i in range(3)]
PLAINS = [Plain(name=f"p{i}", size=None if i % 2 else i) for i in range(4)]


@strawberry.type
class Query:
    number: int = 3

    @strawberry.field
    def boxes(self) -> list[Box]:
        return BOXES

    @strawberry.field
    def things(self) -> list[Thing]:
        return [*BOXES, *LEAVES, WRONG]

    @strawberry.field
    def wrongs(self) -> list[Leaf | None]:
        return [WRONG, LEAVES[2]]

    @strawberry.field
    def plains(self) -> list[Plain]:
        return PLAINS

    @strawberry.field
    def mixed(self) -> list[Plain | None]:
        return [PLAINS[0], None, Plain(name=3, size=2**31), RuntimeError("one"), Breaking(), later()]  # type: ignore[list-item,arg-type]

    @strawberry.field
    def generated(self) -> list[Plain]:
        def rows() -> Iterator[Plain]:
            yield from PLAINS

        return rows()  # type: ignore[return-value]


async def later() -> Plain:
    return PLAINS[0]


STOCK = strawberry.Schema(Query, types=[Leaf, Box])
FAST = strawberry.Schema(Query, types=[Leaf, Box], execution_context_class=Executor)
STOCK.process_errors = FAST.process_errors = lambda *_: None  # type: ignore[method-assign]


async def answers(
    query: str, variables: dict[str, Any] | None = None
) -> list[tuple[bytes, list[tuple[str, str]]]]:
    found = []
    for schema in (STOCK, FAST):
        result = await schema.execute(query, variables, root_value=Query())
        errors = sorted((str(error.path), error.message) for error in result.errors or [])
        found.append((orjson.dumps(result.data), errors))
    return found


LOOP = asyncio.new_event_loop()


@settings(
    max_examples=300, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
)
@given(queries(str(STOCK)))
def test_any_query_gets_the_answer_of_graphql_core(query: str) -> None:
    if measure(parse(query), None, STOCK._schema).fields > 150:
        return
    stock, fast = LOOP.run_until_complete(answers(query))

    assert fast == stock


@pytest.mark.parametrize(
    "query",
    [
        "{ mixed { name size } }",
        "{ mixed { size name __typename } }",
        "{ boxes { name id plains(first: 3) { name size } later { n } leaves { n f s b big id } } }",
        "{ wrongs { id n } w2: wrongs { f } w3: wrongs { s b big } w4: wrongs { color } }",
        "{ things { id ... on Leaf { hidden n } ... on Box { name wrong { f n } } } }",
        "{ boxes { leaves { id color at amount payload tags } } wrongs { color id } w2: wrongs { at id } w3: wrongs { amount payload } }",
        "{ boxes { leaves { id color at amount payload } } plains { name } one: plains { size } generated { size name } number }",
        "query($yes: Boolean = true) { plains { name @skip(if: $yes) size @include(if: $yes) again: name } }",
        "{ plains { name ...P } } fragment P on Plain { size name }",
    ],
)
async def test_unusual_values_get_the_answer_of_graphql_core(query: str) -> None:
    stock, fast = await answers(query)

    assert fast == stock


async def test_a_guarded_field_stays_guarded() -> None:
    result = await FAST.execute("{ boxes { leaves { id hidden } } }")

    assert "secret" not in str(result.data)
    assert result.errors


async def test_shaped_data_is_passed_through_as_it_is() -> None:
    @strawberry.type
    class Root:
        @strawberry.field
        def plain(self) -> Plain:
            return Shaped({"alias": 1})  # type: ignore[return-value]

        @strawberry.field
        def plains(self) -> list[Plain]:
            return Shaped([{"x": 1}, None])  # type: ignore[return-value]

        @strawberry.field
        async def thing(self) -> Thing | None:
            return Shaped({"y": 2})  # type: ignore[return-value]

        @strawberry.field
        def inside(self) -> list[Plain]:
            return [Shaped({"z": 3}), PLAINS[0]]  # type: ignore[list-item]

        @strawberry.field
        def nothing(self) -> Plain | None:
            return Shaped(None)  # type: ignore[return-value]

    schema = strawberry.Schema(Root, types=[Leaf], execution_context_class=Executor)
    result = await schema.execute(
        "{ plain { alias: name } plains { name } thing { id } inside { name size } nothing { name } }"
    )

    assert result.errors is None
    assert result.data == {
        "plain": {"alias": 1},
        "plains": [{"x": 1}, None],
        "thing": {"y": 2},
        "inside": [{"z": 3}, {"name": "p0", "size": 0}],
        "nothing": None,
    }


async def test_a_subscription_keeps_nothing_of_the_events_that_went_by() -> None:
    @strawberry.type
    class Events:
        @strawberry.subscription
        async def boxes(self) -> AsyncGenerator[Box, None]:
            while True:
                yield BOXES[0]

    schema = strawberry.Schema(Query, subscription=Events, types=[Leaf], execution_context_class=Executor)
    events = await schema.subscribe("subscription { boxes { id name leaves { id n } } }")

    async def objects_after(count: int) -> int:
        for _ in range(count):
            assert (await anext(events)).errors is None
        gc.collect()
        return len(gc.get_objects())

    before = await objects_after(100)
    after = await objects_after(500)
    await events.aclose()

    assert after - before < 500
