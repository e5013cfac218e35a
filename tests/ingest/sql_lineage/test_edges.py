"""Edges between urns, views of the catalogue, and the line protocol."""

from __future__ import annotations

import io
import json
import pickle

from ingest.sql_lineage import Catalog, Conventions, analyse_script, edges, view_lineage
from ingest.sql_lineage.jsonl import serve
from schema.domain.lineage import Transformation
from schema.domain.platforms import column_urn, dataset_urn
from schema.ids import Urn

SPACE = "postgres://db.example:5432"


def script(sql: str, **options):
    catalog = options.pop("catalog", Catalog(dialect="postgres"))
    return analyse_script(sql, dialect="postgres", catalog=catalog, **options)


def test_short_names_are_completed_by_the_defaults():
    found = edges(script("INSERT INTO t (a) SELECT b FROM other.s", default_db="shop"), namespace=SPACE)
    target, source = dataset_urn(SPACE, "shop.public.t"), dataset_urn(SPACE, "shop.other.s")
    assert {(e.upstream, e.downstream) for e in found} == {
        (source, target),
        (column_urn(source, "b"), column_urn(target, "a")),
    }


def test_a_column_that_only_filters_points_to_the_dataset():
    found = edges(script("INSERT INTO p.t (a) SELECT b FROM p.s WHERE c > 0"), namespace=SPACE)
    (indirect,) = [e for e in found if e.indirect]
    assert indirect.upstream.column == "c"
    assert indirect.downstream.kind == "dataset"
    assert indirect.transformations == (Transformation.FILTER,)


def test_one_edge_per_pair_holds_all_kinds_and_the_job():
    job = Urn("job", "airflow", "load")
    sql = "INSERT INTO p.t (a) SELECT b FROM p.s; INSERT INTO p.t (a) SELECT MD5(b) FROM p.s"
    found = edges(script(sql), namespace=SPACE, job=job)
    columns = [e for e in found if e.upstream.kind == "column"]
    assert len(columns) == 1
    assert set(columns[0].transformations) == {Transformation.IDENTITY, Transformation.MASK}
    assert {e.job for e in found} == {job}


def test_every_table_of_a_column_edge_has_a_dataset_edge():
    found = edges(
        script("INSERT INTO p.t (a, n) SELECT x.a, (SELECT MAX(y.b) FROM p.y y) FROM p.x x"), namespace=SPACE
    )
    datasets = {(e.upstream, e.downstream) for e in found if e.upstream.kind == "dataset"}
    columns = {(e.upstream.dataset(), e.downstream.dataset()) for e in found if e.downstream.kind == "column"}
    assert columns
    assert columns <= datasets


def test_bare_queries_temporary_tables_and_self_updates_give_no_edge():
    sql = "SELECT a FROM p.s; CREATE TEMP TABLE step AS SELECT a FROM p.s; UPDATE p.s SET a = a + 1"
    assert edges(script(sql), namespace=SPACE) == []


def test_files_belong_to_their_store():
    catalog = Catalog(dialect="snowflake")
    result = analyse_script(
        "COPY INTO d.p.t FROM 's3://bucket/dir/x.csv'", dialect="snowflake", catalog=catalog
    )
    (edge,) = edges(result, namespace="snowflake://org-account")
    assert edge.upstream == dataset_urn("s3://bucket", "dir/x.csv")
    assert edge.downstream == dataset_urn("snowflake://org-account", "d.p.t")


def test_a_view_is_named_by_the_catalogue_whatever_its_definition_says():
    catalog = Catalog({("p", "s"): ["a", "b"], ("p", "v"): ["first", "second"]}, dialect="postgres")
    for definition in ("SELECT a, b AS c FROM p.s", "CREATE VIEW v AS SELECT a, b AS c FROM p.s;"):
        found = view_lineage(definition, ("p", "v"), dialect="postgres", catalog=catalog)
        (statement,) = found.statements
        assert statement.target == ("p", "v")
        assert {(u.column, d.table, d.column) for u, d, _ in statement.columns} == {
            ("a", ("p", "v"), "first"),
            ("b", ("p", "v"), "second"),
        }


def test_the_analysis_can_be_sent_to_another_process():
    catalog = Catalog({("t",): ["a"]}, dialect="postgres")
    again = pickle.loads(pickle.dumps((analyse_script, catalog, Conventions())))
    result = again[0]("SELECT * FROM t", dialect="postgres", catalog=again[1], settings=again[2])
    assert pickle.loads(pickle.dumps(result)).statements[0].columns == result.statements[0].columns


def test_the_line_protocol_answers_every_line_in_order():
    requests = [
        json.dumps(
            {
                "id": "1",
                "sql": "INSERT INTO t SELECT * FROM s",
                "dialect": "ansi",
                "schemas": {"s": {"a": "int"}},
            }
        ),
        "no json",
        json.dumps(
            {
                "id": "3",
                "sql": "SELECT a FROM t",
                "dialect": "tsql",
                "default_db": "d",
                "default_schema": "dbo",
            }
        ),
    ]
    out = io.StringIO()
    serve(requests, out)
    first, second, third = [json.loads(line) for line in out.getvalue().splitlines()]
    assert first["tables"] == [["s", "t"]]
    assert first["columns"] == [["s.a", "t.a"]]
    assert first["error"] is None
    assert second["error"].startswith("BAD_REQUEST")
    assert third["columns"] == [["d.dbo.t.a", "<output>.a"]]


def test_a_table_with_the_same_columns_in_another_order_keeps_their_names() -> None:
    catalog = Catalog({("public", "t"): ["b", "a"], ("public", "s"): ["a", "b"]}, dialect="postgres")

    script = view_lineage("SELECT a, b FROM public.s", ("public", "t"), dialect="postgres", catalog=catalog)

    assert {(up.column, down.column) for up, down, _ in script.statements[0].columns} == {
        ("a", "a"),
        ("b", "b"),
    }
