"""Metabase by recorded answers of its API: what is read of questions and dashboards, and what is said of the rest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ingest.connectors.base import open_connector
from ingest.formats.extract import Extract
from ingest.network import NetworkPolicy
from ingest.stages import lineage
from schema.domain.catalog import Subtype
from schema.errors import ConnectionFailed, InvalidInput

DATA = Path(__file__).parents[2] / "data" / "bi" / "metabase"
DVDS = {"DVD Rental": {"namespace": "postgres://db", "database": "dvdrental"}}
FILM = "postgres://db:5432~dvdrental.public.film"


def read(folder: Path, **config: Any) -> Extract:
    settings = {"path": str(folder), "namespace": "metabase://bi", "databases": DVDS} | config
    return open_connector("metabase", settings, access=NetworkPolicy(local_files=(folder,))).extract()  # type: ignore[attr-defined, no-any-return]


def written(folder: Path, **answers: object) -> Extract:
    for name, answer in answers.items():
        (folder / f"{name}.json").write_text(json.dumps(answer))
    return read(folder)


def edges(found: Extract) -> set[tuple[str, str]]:
    return {(str(e.upstream), str(e.downstream).partition("~")[2]) for e in found.edges}


def test_questions_and_dashboards_have_owners_links_and_collections() -> None:
    found = read(DATA, url="https://ada:secret@bi.example.com/")
    by_urn = {job.urn.name: job for job in found.jobs}
    question, dashboard = by_urn["question/3"], by_urn["dashboard/10"]
    assert (question.subtype, dashboard.subtype) == (Subtype.CHART, Subtype.DASHBOARD)
    assert (question.owners, dashboard.owners) == (("john.doe@example.com",), ("admin@metabase.com",))
    assert question.properties["url"] == "https://bi.example.com/question/3"
    assert dashboard.properties["collection"] == "Active Redacted"


def test_a_question_without_sql_is_fed_by_the_columns_it_shows_and_a_dashboard_by_its_questions() -> None:
    found = edges(read(DATA))
    assert (f"dataset:{FILM}", "question/2") in found
    assert (f"column:{FILM}~rating", "question/2") in found
    assert ("dashboard:metabase://bi~question/1", "question/3") in found
    assert {up.rpartition("/")[2] for up, down in found if down == "dashboard/10"} == {"1", "2", "3"}


def test_the_sql_of_a_question_tells_which_columns_it_shows_and_which_only_join() -> None:
    (task,) = lineage.tasks([], read(DATA))
    lineage._prepare({})
    kinds = {str(e.upstream).rpartition("public.")[2]: e.indirect for e in lineage.read(task).edges}
    assert kinds["customer~customer_id"] is False
    assert kinds["payment~customer_id"] is True


def test_metabases_own_parts_of_sql_do_not_hide_the_rest(tmp_path: Path) -> None:
    sql = "SELECT sum(amount) FROM payment WHERE {{day}} [[AND staff_id = {{who}}]] AND id IN (SELECT id FROM {{#2}} x)"
    found = written(
        tmp_path,
        db={"id": 2, "name": "DVD Rental", "engine": "postgres"},
        cards=[
            {
                "id": 1,
                "name": "Sum",
                "dataset_query": {
                    "database": 2,
                    "native": {"query": sql, "template-tags": {"day": {"type": "dimension"}}},
                },
            },
            {
                "id": 2,
                "name": "Ids",
                "dataset_query": {"database": 2, "native": {"query": "SELECT id FROM rental;"}},
            },
        ],
    )
    lineage._prepare({})
    tables = {
        str(e.upstream).rpartition("public.")[2]
        for task in lineage.tasks([], found)
        for e in lineage.read(task).edges
        if str(e.downstream).endswith("question/1")
    }
    assert {"payment~amount", "payment~staff_id", "rental"} <= tables
    assert ("dashboard:metabase://bi~question/2", "question/1") in edges(found)


def test_fields_by_number_are_found_in_the_tables_they_belong_to(tmp_path: Path) -> None:
    query = {
        "source-table": 1,
        "joins": [
            {
                "source-table": 2,
                "alias": "c",
                "condition": ["=", ["field", 10, None], ["field", 20, {"join-alias": "c"}]],
            }
        ],
        "breakout": [["field", 21, {"join-alias": "c"}]],
        "aggregation": [["sum", ["field", 11, None]]],
    }
    tables = {"id": 2, "name": "DVD Rental", "engine": "postgres", "tables": [
        {"id": 1, "db_id": 2, "name": "payment", "schema": "public", "fields": [{"id": 10, "name": "customer_id"}, {"id": 11, "name": "amount"}]},
        {"id": 2, "db_id": 2, "name": "customer", "schema": "public", "fields": [{"id": 20, "name": "customer_id"}, {"id": 21, "name": "email"}]},
    ]}  # fmt: skip
    found = written(
        tmp_path, db=tables, card={"id": 1, "name": "q", "dataset_query": {"database": 2, "query": query}}
    )
    direct = {str(e.upstream).rpartition("public.")[2] for e in found.edges if not e.indirect}
    indirect = {str(e.upstream).rpartition("public.")[2] for e in found.edges if e.indirect}
    assert direct == {"payment", "customer", "payment~amount", "customer~email"}
    assert indirect == {"payment~customer_id", "customer~customer_id"}


def test_a_database_that_nobody_mapped_is_said_once_and_its_questions_are_kept() -> None:
    found = read(DATA, databases={})
    assert [p.subject for p in found.problems if p.code == "UNMAPPED_DATABASE"] == ["DVD Rental"]
    assert len(found.jobs) == 4
    assert not found.statements


def test_what_is_no_answer_of_metabase_is_a_problem_and_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text('{"id": 1,')
    found = written(
        tmp_path,
        odd=["text", 4, {"what": "ever"}],
        card={"id": 7, "name": "q", "dataset_query": {"query": {"source-table": 9}, "database": 2}},
    )
    assert {p.code for p in found.problems} == {
        "BAD_DOCUMENT",
        "UNKNOWN_DOCUMENT",
        "MISSING_TABLE",
        "UNMAPPED_DATABASE",
    }
    assert [job.name for job in found.jobs] == ["q"]


@pytest.mark.parametrize("value", [None, 3, "x", [], {}, [None], {"field": 1}, [["field"]]])
def test_no_shape_of_a_query_ends_the_reading(tmp_path: Path, value: object) -> None:
    shapes = [
        {"source-table": value},
        {"source-query": value},
        {"joins": value},
        {"filter": value},
        {"breakout": [value]},
    ]
    cards = [
        {"id": n, "name": value, "dataset_query": {"database": value, "query": shape}}
        for n, shape in enumerate(shapes)
    ]
    odd = {"id": 9, "dashcards": [value], "creator": value, "creator_id": value, "collection": value}
    found = written(
        tmp_path,
        cards=[*cards, {"id": 8, "dataset_query": {"query": value, "native": value, "stages": value}}],
        board=odd,
    )
    assert len(found.jobs) == 7


def test_values_that_the_answers_hold_are_not_kept(tmp_path: Path) -> None:
    metadata = [{"name": "a", "id": 1, "fingerprint": {"type": {"type/Number": {"min": "canary-4711"}}}}]
    found = written(
        tmp_path,
        card={
            "id": 1,
            "name": "q",
            "result_metadata": metadata,
            "dataset_query": {"query": {"source-table": 1}},
            "details": {"password": "canary-4712"},
        },
    )
    assert "canary" not in repr(found)


def test_a_folder_without_an_export_and_a_wrong_setting_are_told(tmp_path: Path) -> None:
    with pytest.raises(ConnectionFailed) as missing:
        read(tmp_path)
    assert missing.value.path == ("config", "path")
    with pytest.raises(InvalidInput) as wrong:
        read(DATA, databases={"DVD Rental": {"database": "dvdrental"}})
    assert wrong.value.path == ("config", "databases", "DVD Rental", "namespace")
