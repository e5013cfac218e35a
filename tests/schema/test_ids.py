"""Identities survive printing: what one process writes, another reads as the same thing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.domain.platforms import (
    PLATFORMS,
    canonical_namespace,
    column_urn,
    containers,
    dataset_urn,
    join_name,
    split_name,
)
from schema.errors import BadCursor, BadUrn
from schema.ids import URN_KINDS, Urn, decode_cursor, encode_cursor, node_id, parse_node_id

texts = st.text(min_size=1, max_size=40)


@given(st.sampled_from(sorted(URN_KINDS - {"column"})), texts, st.text(max_size=40))
def test_a_urn_is_read_back_as_it_was_printed(kind: str, namespace: str, name: str) -> None:
    urn = Urn(kind, namespace, name)
    assert Urn.parse(str(urn)) == urn


@given(texts, st.text(max_size=40), st.text(max_size=40))
def test_a_column_urn_is_read_back_and_knows_its_dataset(namespace: str, name: str, column: str) -> None:
    urn = Urn("column", namespace, name, column)
    assert Urn.parse(str(urn)) == urn
    assert urn.dataset() == Urn("dataset", namespace, name)


@given(st.lists(st.tuples(texts, st.text(max_size=20)), min_size=2, max_size=6, unique=True))
def test_different_assets_never_share_a_urn(parts: list[tuple[str, str]]) -> None:
    assert len({str(Urn("dataset", *part)) for part in parts}) == len(parts)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "dataset:",
        "dataset:ns~",
        "nonsense:ns~n",
        "dataset:a~b~c",
        "column:a~b",
        "a~b~c~d",
        "x" * 3000,
    ],
)
def test_what_is_no_urn_is_refused_with_the_form_it_should_have(text: str) -> None:
    with pytest.raises(BadUrn) as error:
        Urn.parse(text)
    assert error.value.path == ("urn",)
    assert len(error.value.message) < 400


@given(
    st.lists(
        st.one_of(st.text(), st.integers(), st.floats(allow_nan=False, allow_infinity=False)), max_size=4
    )
)
def test_a_cursor_gives_back_its_sort_key(key: list[object]) -> None:
    cursor = encode_cursor("assets", key)
    assert decode_cursor("assets", cursor, [type(k) for k in key]) == tuple(key)


@given(st.text())
def test_garbage_is_refused_as_a_cursor(text: str) -> None:
    with pytest.raises(BadCursor):
        decode_cursor("assets", text, [str])


def test_a_cursor_of_another_list_is_refused() -> None:
    with pytest.raises(BadCursor, match="another list"):
        decode_cursor("assets", encode_cursor("impact", [1, "u"]), [int, str])


def test_an_opaque_id_carries_type_and_key() -> None:
    assert parse_node_id(node_id("Asset", 42)) == ("Asset", "42")
    assert parse_node_id("not base64 :: ") is None


@pytest.mark.parametrize(
    ("spelling", "canonical"),
    [
        ("postgresql://ada:secret@DB.Example.org/shop?sslmode=require", "postgres://db.example.org:5432"),
        ("postgres://127.0.0.1:5432", "postgres://localhost:5432"),
        ("mariadb://db", "mysql://db:3306"),
        ("s3a://bucket/key", "s3://bucket"),
        ("abfss://box@account.dfs.core.windows.net/key", "abfss://box@account.dfs.core.windows.net"),
        ("file:///data", "file:///data"),
        ("file", "file"),
        ("bigquery", "bigquery"),
        ("duckdb:///data/A.duckdb", "duckdb:///data/A.duckdb"),
        ("weird://u:p@host/x", "weird://host/x"),
    ],
)
def test_one_instance_has_one_namespace_and_no_password(spelling: str, canonical: str) -> None:
    assert canonical_namespace(spelling) == canonical
    assert canonical_namespace(canonical) == canonical


def test_scan_and_event_meet_in_one_dataset() -> None:
    scanned = dataset_urn("postgres://db:5432", ("shop", "public", "my.table"))
    reported = dataset_urn("postgresql://DB", "shop.public.my.table")

    assert scanned == reported
    assert [str(c) for c in containers(scanned)] == [
        "database:postgres://db:5432~shop",
        "schema:postgres://db:5432~shop.public",
    ]


def test_letter_case_follows_the_platform() -> None:
    assert dataset_urn("sqlite:///x", "Main.Customer") == dataset_urn("sqlite:///x", "main.customer")
    assert dataset_urn("postgres://db", "s.p.Customer") != dataset_urn("postgres://db", "s.p.customer")
    orders = dataset_urn("bigquery", "p.d.Orders")
    assert orders != dataset_urn("bigquery", "p.d.orders")
    assert column_urn(orders, "ID") == column_urn(orders, "id")


@given(
    st.sampled_from([p for p in PLATFORMS.values() if p.levels]),
    st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=3),
)
def test_a_name_splits_into_the_segments_it_was_joined_from(platform, segments) -> None:  # type: ignore[no-untyped-def]
    segments = segments[-(len(platform.levels) + 1) :]
    folded = tuple(s.lower() if platform.fold == "lower" else s for s in segments)
    assert split_name(platform, join_name(platform, segments)) == folded
