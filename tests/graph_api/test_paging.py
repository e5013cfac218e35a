"""Pages by cursor: every row once, in both directions, whatever happens to the list meanwhile."""

from __future__ import annotations

import pytest
import strawberry
from hypothesis import given
from hypothesis import strategies as st

from graph_api.paging import MAX_PAGE, Connection, Page
from schema.errors import BadCursor, BadPage
from schema.ids import encode_cursor


@strawberry.type
class IntConnection(Connection[int]): ...


def read(rows: list[int], **arguments: int | str | None) -> IntConnection:
    """What a query with a keyset would fetch, made into a page."""
    page = Page.of("ints", (int,), **arguments)  # type: ignore[arg-type]
    ordered = sorted(rows, reverse=page.backward)
    if page.key is not None:
        ordered = [row for row in ordered if (row < page.key[0] if page.backward else row > page.key[0])]  # type: ignore[operator]
    return IntConnection.of(page, ordered[: page.limit], key=lambda row: (row,), node=lambda row: row)


@given(st.sets(st.integers(0, 10_000), max_size=60), st.integers(1, 20))
def test_both_directions_visit_every_row_once_in_the_same_order(rows: set[int], size: int) -> None:
    forward: list[int] = []
    backward: list[int] = []
    page = read(list(rows), first=size)
    forward += [edge.node for edge in page.edges]
    while page.page_info.has_next_page:
        page = read(list(rows), first=size, after=page.page_info.end_cursor)
        assert page.page_info.has_previous_page
        forward += [edge.node for edge in page.edges]
    page = read(list(rows), last=size)
    backward = [edge.node for edge in page.edges]
    while page.page_info.has_previous_page:
        page = read(list(rows), last=size, before=page.page_info.start_cursor)
        assert page.page_info.has_next_page
        backward = [edge.node for edge in page.edges] + backward

    assert forward == backward == sorted(rows)


def test_a_row_that_comes_or_goes_shifts_no_page() -> None:
    first = read([10, 20, 30, 40], first=2)
    after = first.page_info.end_cursor

    assert [edge.node for edge in read([5, 10, 30, 40], first=2, after=after).edges] == [30, 40]


def test_an_empty_page_has_no_cursors_and_still_knows_whether_rows_follow() -> None:
    info = read([1, 2], first=0).page_info

    assert (info.has_next_page, info.start_cursor, info.end_cursor) == (True, None, None)


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        ({"first": -1}, ("first",)),
        ({"first": MAX_PAGE + 1}, ("first",)),
        ({"last": MAX_PAGE + 1}, ("last",)),
        ({"first": 1, "last": 1}, ("last",)),
        ({"first": 1, "before": "x"}, ("before",)),
    ],
)
def test_a_page_that_makes_no_sense_is_refused_by_the_name_of_its_argument(
    arguments: dict[str, int], path: tuple[str, ...]
) -> None:
    with pytest.raises(BadPage) as refused:
        read([1], **arguments)

    assert refused.value.path == path
    assert refused.value.remedy


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "!!!",
        "é",
        "bm90IGpzb24=",
        encode_cursor("other", (1,)),
        encode_cursor("ints", ("1",)),
        encode_cursor("ints", (1, 2)),
    ],
)
@pytest.mark.parametrize("argument", ["after", "before"])
def test_a_cursor_of_another_list_or_none_at_all_is_refused(cursor: str, argument: str) -> None:
    with pytest.raises(BadCursor) as refused:
        read([1], **{argument: cursor})

    assert refused.value.path == (argument,)
