"""How two schemas of a dataset differ: what came, went, was renamed, retyped, moved, and whom that breaks."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schema.domain.column_types import Retyping, retyping
from schema.domain.renames import Evidence, Profile, SchemaColumn, name_similarity
from schema.domain.schemas import Change, ChangeKind, DatasetSchema, diff, digest
from tests.schema.rename_evaluation import score, sets

NAMES = ("id", "customer_id", "email", "created_at", "amount", "note", "city", "country", "status", "name")
TYPES = ("integer", "bigint", "text", "varchar(20)", "numeric(10,2)", "timestamp", "date", "boolean")


def column(name: str, data_type: str = "text", nullable: bool | None = True) -> SchemaColumn:
    return SchemaColumn(name, name.lower(), data_type, nullable)


def schema(*columns: SchemaColumn, platform: str = "postgres", ordered: bool = True) -> DatasetSchema:
    return DatasetSchema(columns, platform, ordered)


def kinds(changes: tuple[Change, ...]) -> list[tuple[str, str]]:
    return [(c.kind.value, (c.after or c.before or column("")).name) for c in changes]


SCHEMAS = st.lists(
    st.builds(column, st.sampled_from(NAMES), st.sampled_from(TYPES), st.booleans()),
    unique_by=lambda each: each.identity,
).map(lambda columns: schema(*columns))


def applied(before: DatasetSchema, changes: tuple[Change, ...]) -> tuple[SchemaColumn, ...]:
    """``before`` with the changes made to it: an oracle that shares nothing with ``diff``."""
    columns = list(before.columns)
    placed: dict[int, SchemaColumn] = {}
    for change in changes:
        old, new = change.before, change.after
        if change.kind is ChangeKind.REMOVED:
            columns = [c for c in columns if c != old and old and c.identity != old.identity]
        elif change.kind is ChangeKind.ADDED and new and change.position:
            placed[change.position] = new
        elif old and new:
            columns = [new if c.identity in (old.identity, new.identity) else c for c in columns]
    for change in changes:
        if change.kind is ChangeKind.MOVED and change.after and change.position:
            columns = [c for c in columns if c.identity != change.after.identity]
            placed[change.position] = change.after
    for position in sorted(placed):
        columns.insert(position - 1, placed[position])
    return tuple(columns)


@given(SCHEMAS)
def test_a_schema_does_not_differ_from_itself(one: DatasetSchema) -> None:
    assert diff(one, one) == ()


@given(SCHEMAS, SCHEMAS)
def test_the_changes_lead_from_one_schema_to_the_other(one: DatasetSchema, other: DatasetSchema) -> None:
    assert applied(one, diff(one, other)) == other.columns


@given(SCHEMAS, SCHEMAS)
def test_equal_digests_mean_no_change(one: DatasetSchema, other: DatasetSchema) -> None:
    if digest(one) == digest(other):
        assert diff(one, other) == ()
    else:
        assert diff(one, other) != ()


@given(SCHEMAS, st.randoms(use_true_random=False))
def test_the_order_of_a_document_is_no_change(one: DatasetSchema, rng: random.Random) -> None:
    shuffled = tuple(rng.sample(one.columns, len(one.columns)))
    document, other = replace(one, ordered=False), replace(one, columns=shuffled, ordered=False)
    assert digest(document) == digest(other)
    assert diff(document, other) == ()


@given(SCHEMAS, SCHEMAS)
def test_a_column_is_renamed_once_and_neither_added_nor_removed_besides(
    one: DatasetSchema, other: DatasetSchema
) -> None:
    changes = diff(one, other)
    renamed = [c for c in changes if c.kind is ChangeKind.RENAMED]
    before = [c.before.identity for c in renamed if c.before]
    after = [c.after.identity for c in renamed if c.after]
    assert len(set(before)) == len(before) == len(set(after)) == len(after)
    assert not set(before) & {c.before.identity for c in changes if c.kind is ChangeKind.REMOVED and c.before}
    assert not set(after) & {c.after.identity for c in changes if c.kind is ChangeKind.ADDED and c.after}
    assert all((c.confidence or 0) > 0.6 and c.evidence for c in renamed)


def test_columns_that_change_places_are_not_renamed() -> None:
    one = schema(column("id", "integer"), column("first_name"), column("last_name"))
    other = schema(column("id", "integer"), column("last_name"), column("first_name"))
    assert {kind for kind, _ in kinds(diff(one, other))} == {"MOVED"}
    assert len(diff(one, other)) == 1
    assert not diff(one, other)[0].breaking


def test_a_file_that_is_read_by_position_breaks_where_columns_move_or_come_between() -> None:
    one = replace(schema(column("a"), column("b"), column("c"), platform="file"), by_position=True)
    moved = replace(one, columns=(one.columns[1], one.columns[0], one.columns[2]))
    between = replace(one, columns=(one.columns[0], column("new"), *one.columns[1:]))
    behind = replace(one, columns=(*one.columns, column("new")))
    assert [c.breaking for c in diff(one, moved)] == [True]
    assert [c.breaking for c in diff(one, between)] == [True]
    assert [c.breaking for c in diff(one, behind)] == [False]


def test_a_rename_says_how_sure_it_is_and_why() -> None:
    mail = replace(column("e_mail"), description="Where we write to.", profile=Profile(500, 10, 480))
    new = replace(column("EmailAddress"), description="Where we write to.", profile=Profile(500, 12, 470))
    one = schema(column("id", "integer"), mail, column("note"))
    other = schema(column("id", "integer"), new, column("note"))
    (change,) = diff(one, other)
    assert change.kind is ChangeKind.RENAMED
    assert change.breaking
    assert change.confidence
    assert change.confidence > 0.8
    assert set(change.evidence) >= {
        Evidence.TYPE, Evidence.PLACE, Evidence.DESCRIPTION, Evidence.PROFILE,
    }  # fmt: skip


def test_a_dropped_column_and_an_unrelated_new_one_are_no_rename() -> None:
    one = schema(column("id", "integer"), column("fax", "varchar(20)"), column("note"))
    other = schema(column("id", "integer"), column("note"), column("is_active", "boolean"))
    assert kinds(diff(one, other)) == [("ADDED", "is_active"), ("REMOVED", "fax")]
    assert [c.breaking for c in diff(one, other)] == [False, True]


def test_letter_case_that_the_platform_ignores_is_no_change() -> None:
    one = schema(SchemaColumn("ID", "id", "NUMBER(38,0)", False), platform="snowflake")
    other = schema(SchemaColumn("id", "id", "number(38, 0)", False), platform="snowflake")
    assert diff(one, other) == ()


def test_what_a_describer_does_not_know_is_no_change() -> None:
    known, unknown = schema(column("a", "text", False)), schema(column("a", "", None))
    assert diff(known, unknown) == diff(unknown, known) == ()


def test_a_dataset_that_goes_breaks_and_one_that_returns_does_not() -> None:
    there, gone = schema(column("a")), DatasetSchema(platform="postgres", gone=True)
    assert [(c.kind.value, c.breaking) for c in diff(there, gone)] == [("DROPPED", True)]
    assert [(c.kind.value, c.breaking) for c in diff(gone, there)] == [("RETURNED", False), ("ADDED", False)]


def test_a_column_that_may_hold_nulls_now_breaks_who_counts_on_values() -> None:
    strict, loose = schema(column("a", "text", False)), schema(column("a", "text", True))
    assert [c.breaking for c in diff(strict, loose)] == [True]
    assert [c.breaking for c in diff(loose, strict)] == [False]


@pytest.mark.parametrize(
    ("platform", "before", "after", "found"),
    [
        ("postgres", "integer", "int4", Retyping.SAME),
        ("postgres", "character varying(20)", "varchar(20)", Retyping.SAME),
        ("postgres", "integer", "bigint", Retyping.WIDENED),
        ("postgres", "bigint", "integer", Retyping.NARROWED),
        ("postgres", "varchar(20)", "text", Retyping.WIDENED),
        ("postgres", "varchar(20)", "varchar(10)", Retyping.NARROWED),
        ("postgres", "numeric(10,2)", "numeric(12,2)", Retyping.WIDENED),
        ("postgres", "numeric(10,2)", "numeric(10,4)", Retyping.CONVERTED),
        ("postgres", "integer", "numeric", Retyping.WIDENED),
        ("postgres", "integer", "real", Retyping.CONVERTED),
        ("postgres", "integer", "double precision", Retyping.WIDENED),
        ("postgres", "date", "timestamp without time zone", Retyping.WIDENED),
        ("postgres", "timestamp", "timestamp with time zone", Retyping.CONVERTED),
        ("postgres", "integer", "text", Retyping.CONVERTED),
        ("postgres", "integer[]", "integer", Retyping.CONVERTED),
        ("mysql", "int(11)", "int", Retyping.SAME),
        ("mysql", "int unsigned", "bigint", Retyping.WIDENED),
        ("mysql", "int", "int unsigned", Retyping.CONVERTED),
        ("mysql", "text", "mediumtext", Retyping.WIDENED),
        ("sqlite", "varchar(20)", "text", Retyping.SAME),
        ("sqlite", "int", "bigint", Retyping.SAME),
        ("bigquery", "INT64", "NUMERIC", Retyping.WIDENED),
        ("bigquery", "DATETIME", "TIMESTAMP", Retyping.CONVERTED),
        ("snowflake", "NUMBER(10,0)", "NUMBER", Retyping.WIDENED),
        ("oracle", "DATE", "TIMESTAMP(6)", Retyping.SAME),
        ("file", "date", "timestamp", Retyping.CONVERTED),
        ("duckdb", "STRUCT(a INTEGER)", "STRUCT(a INTEGER, b VARCHAR)", Retyping.CONVERTED),
    ],
)
def test_a_type_is_wider_where_all_values_of_the_other_fit(
    platform: str, before: str, after: str, found: Retyping
) -> None:
    assert retyping(platform, before, after) is found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("customerId", "customer_id"), ("qty", "quantity"), ("dob", "date_of_birth"), ("email", "email_address"),
        ("src_order_id", "order_id"), ("cust_nm", "customer_name"),
    ],
)  # fmt: skip
def test_names_that_people_make_of_one_another_are_alike(one: str, other: str) -> None:
    assert name_similarity(one, other) == name_similarity(other, one) >= 0.6
    assert name_similarity(one, "is_active") < 0.5


def test_a_table_that_was_remade_is_compared_quickly() -> None:
    one = schema(*(column(f"old_column_{n}") for n in range(1_000)))
    other = schema(*(column(f"neu_{n * 7}_spalte") for n in range(1_000)))
    assert len(diff(one, other)) >= 1_000


def test_renames_are_found_on_schemas_that_set_no_threshold() -> None:
    found = score(sets()["Pagila"], ordered=True)
    assert found.precision > 0.95
    assert found.recall > 0.65
