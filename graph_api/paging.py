"""Keyset pages: a cursor is the sort key of its row, so rows that come or go never shift a page.

A resolver makes a ``Page`` of its arguments, reads ``page.limit`` rows behind ``page.key`` (in descending order where
``page.backward``), and hands them to ``Connection.of``. Source of the shapes: Relay "Cursor Connections" specification.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, Self, TypeVar

import strawberry

from schema.errors import BadCursor, BadPage
from schema.ids import decode_cursor, encode_cursor

DEFAULT_PAGE = 50
MAX_PAGE = 100

First = Annotated[
    int | None,
    strawberry.argument(
        description="Rows to return from the front, 0 to 100; 50 where neither end is named."
    ),
]
After = Annotated[
    str | None, strawberry.argument(description="Cursor: return the rows behind it. Goes with `first`.")
]
Last = Annotated[int | None, strawberry.argument(description="Rows to return from the end, 0 to 100.")]
Before = Annotated[
    str | None, strawberry.argument(description="Cursor: return the rows before it. Goes with `last`.")
]

Key = tuple[object, ...]
Types = Sequence[type | tuple[type, ...]]
Row = TypeVar("Row")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page:
    """Which rows of the list ``scope`` are wanted: at most ``size``, behind ``key`` (None: from the end itself)."""

    scope: str
    size: int
    key: Key | None = None
    backward: bool = False

    @property
    def limit(self) -> int:
        """Rows to fetch: the one too many only says whether more follow."""
        return self.size + 1

    @property
    def keyset(self) -> dict[str, Any]:
        """What a read of rows by a key of several parts is given."""
        return {"key": self.key, "backward": self.backward, "first": self.limit}

    @property
    def keyset_of_one(self) -> dict[str, Any]:
        """The same where the key is one value."""
        return self.keyset | {"key": None if self.key is None else self.key[0]}

    @classmethod
    def of(
        cls,
        scope: str,
        types: Types,
        *,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Page:
        """Check the four arguments of a connection; ``types`` are those of the sort key.

        Raises ``BadPage`` on sizes out of 0..100 or mixed directions, ``BadCursor`` on a cursor of another list.
        """
        backward = last is not None or before is not None
        if backward and (first is not None or after is not None):
            raise BadPage(
                "A page is read from one end.",
                path=("last" if last is not None else "before",),
                remedy="Pass first and after, or last and before.",
            )
        name, size, cursor = ("last", last, before) if backward else ("first", first, after)
        if size is None:
            size = DEFAULT_PAGE
        if not 0 <= size <= MAX_PAGE:
            raise BadPage(
                f"A page has 0 to {MAX_PAGE} rows, not {size}.",
                path=(name,),
                remedy="Ask for fewer rows and follow the cursors.",
            )
        return cls(scope, size, _key(scope, cursor, types, "before" if backward else "after"), backward)


def numbered(page: Page, rows: Sequence[Row]) -> list[tuple[int, Row]]:
    """The rows of ``page`` out of a whole list at hand, each with its place in it, which is its sort key."""
    places = list(enumerate(rows))
    if page.backward:
        places.reverse()
    if page.key is not None:
        at = int(str(page.key[0]))
        places = [each for each in places if (each[0] < at if page.backward else each[0] > at)]
    return places[: page.limit]


@strawberry.type(description="Where this page stands in its list.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether rows follow behind this page.")
    has_previous_page: bool = strawberry.field(description="Whether rows stand before this page.")
    start_cursor: str | None = strawberry.field(
        description="Cursor of the first row; null where there is none."
    )
    end_cursor: str | None = strawberry.field(description="Cursor of the last row; null where there is none.")


@strawberry.type(description="One row of a page, and its cursor.")
class Edge(Generic[T]):
    cursor: str = strawberry.field(description="Pass it as `after` or `before` to continue from this row.")
    node: T = strawberry.field(description="The row itself.")


@strawberry.type(description="A page of rows in order.")
class Connection(Generic[T]):
    """Subclass it per list, ``class AssetConnection(Connection[Asset])``, so that each has a description of its own."""

    edges: list[Edge[T]] = strawberry.field(description="The rows with their cursors.")
    page_info: PageInfo = strawberry.field(description="Where this page stands in its list.")

    @classmethod
    def of(
        cls,
        page: Page,
        rows: Sequence[Row],
        *,
        key: Callable[[Row], Sequence[object]],
        node: Callable[[Row], T] | None = None,
        edge: Callable[[str, Row], Any] | None = None,
        **fields: Any,
    ) -> Self:
        """The page made of up to ``page.limit`` rows as they were read; ``fields`` fill what a subclass adds.

        One of two makes the edges: ``node`` plain ones, ``edge`` those of a subclass whose edges carry more, from cursor and row.
        """
        more = len(rows) > page.size
        kept = rows[: page.size]
        if page.backward:
            kept = kept[::-1]
        cursors = [encode_cursor(page.scope, key(row)) for row in kept]
        if edge is not None:
            edges = [edge(cursor, row) for cursor, row in zip(cursors, kept, strict=True)]
        else:
            assert node is not None
            edges = [Edge(cursor=cursor, node=node(row)) for cursor, row in zip(cursors, kept, strict=True)]
        resumed = page.key is not None
        info = PageInfo(
            has_next_page=resumed if page.backward else more,
            has_previous_page=more if page.backward else resumed,
            start_cursor=cursors[0] if cursors else None,
            end_cursor=cursors[-1] if cursors else None,
        )
        return cls(edges=edges, page_info=info, **fields)

    @classmethod
    def cut(
        cls,
        page: Page,
        rows: Iterable[Row],
        *,
        key: Callable[[Row], Key],
        node: Callable[[Row], T],
        descending: bool = False,
    ) -> Self:
        """The page cut out of a whole list at hand, in any order; the connection is in that of ``key``, from the greatest on where ``descending``."""
        falling = page.backward != descending
        ordered = sorted(rows, key=key, reverse=falling)
        if page.key is not None:
            behind = page.key
            ordered = [row for row in ordered if (key(row) < behind if falling else key(row) > behind)]
        return cls.of(page, ordered[: page.limit], key=key, node=node)


def _key(scope: str, cursor: str | None, types: Types, name: str) -> Key | None:
    if cursor is None:
        return None
    try:
        return decode_cursor(scope, cursor, types)
    except BadCursor as error:
        error.path = (name,)
        raise
