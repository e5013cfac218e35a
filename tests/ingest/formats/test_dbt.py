"""dbt artifacts of seven real projects: versions 2 to 12, four adapters."""

import json

import pytest

from ingest.formats import openlineage
from ingest.formats.dbt import extract, parse_artifacts
from ingest.formats.dbt_relations import relation_parts
from ingest.formats.extract import Extract
from schema.domain.catalog import Subtype
from schema.domain.lineage import EdgeOrigin
from schema.domain.platforms import PLATFORMS
from schema.domain.scans import Severity
from schema.errors import BadDocument
from schema.ids import Urn

from .documents import DATA, load, whole

PG = "postgres://warehouse:5432"
WAREHOUSES = {
    "bigquery": "bigquery",
    "build": "bigquery",
    "duckdb": "duckdb:///database/jaffle_shop.duckdb",
    "postgres": "postgres://POSTGRES_HOST:1234",
    "snapshot": "postgres://POSTGRES_HOST:1234",
    "spark": "spark://localhost:10000",
    "test": "bigquery",
}


def recorded(project: str, **options) -> Extract:
    folder = DATA / "dbt" / project
    catalog = folder / "catalog.json"
    artifacts = parse_artifacts(
        (folder / "manifest.json").read_bytes(),
        catalog.read_bytes() if catalog.exists() else None,
        (folder / "run_results.json").read_bytes(),
    )
    return extract(artifacts, **({"namespace": WAREHOUSES[project]} | options))


def made(
    *nodes: dict, adapter: str = "postgres", namespace: str = PG, catalog: dict | None = None, **parts
) -> Extract:
    manifest = {
        "metadata": {
            "dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json",
            "adapter_type": adapter,
            "project_name": "shop",
        },
        "nodes": {node["unique_id"]: node for node in nodes if not node["unique_id"].startswith("source")},
        "sources": {node["unique_id"]: node for node in nodes if node["unique_id"].startswith("source")},
    } | parts
    body = None if catalog is None else json.dumps({"nodes": catalog}).encode()
    return extract(parse_artifacts(json.dumps(manifest).encode(), body), namespace=namespace)


def node(unique_id: str, *upstream: str, sql: str = "select 1", **fields) -> dict:
    kind, _, name = unique_id.partition(".shop.")
    return {
        "unique_id": unique_id,
        "resource_type": kind,
        "package_name": "shop",
        "name": name,
        "alias": name,
        "database": "db",
        "schema": "public",
        "depends_on": {"nodes": list(upstream)},
        "config": {"materialized": "table"},
        "compiled_code": sql,
    } | fields


def names(found: Extract) -> set[tuple[str, str]]:
    return {(e.upstream.name, e.downstream.name) for e in found.edges}


# Parsing


@pytest.mark.parametrize(
    ("project", "version"),
    [
        ("test", 2),
        ("build", 3),
        ("snapshot", 4),
        ("spark", 4),
        ("bigquery", 5),
        ("postgres", 7),
        ("duckdb", 12),
    ],
)
def test_each_version_is_read_without_a_remark(project, version):
    artifacts = parse_artifacts((DATA / "dbt" / project / "manifest.json").read_bytes())
    assert (artifacts.version, artifacts.problems) == (version, ())


def test_a_version_nobody_knows_yet_is_read_by_its_structure_and_noted():
    metadata = {
        "dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v99.json",
        "adapter_type": "postgres",
    }
    found = made(node("model.shop.a"), metadata=metadata)
    assert [d.urn.name for d in found.datasets] == ["db.public.a"]
    assert [(p.code, p.severity) for p in found.problems] == [("UNKNOWN_VERSION", Severity.INFO)]


@pytest.mark.parametrize("artifact", ["manifest", "catalog", "run_results"])
@pytest.mark.parametrize(
    "spoil", [lambda b: b[:-40], lambda b: b"<html>", lambda b: b"", lambda b: b"\xff" + b]
)
def test_a_truncated_or_foreign_file_is_refused_by_the_name_of_its_artifact(artifact, spoil):
    files = {
        name: (DATA / "dbt" / "bigquery" / f"{name}.json").read_bytes()
        for name in ("manifest", "catalog", "run_results")
    }
    files[artifact] = spoil(files[artifact])
    with pytest.raises(BadDocument) as caught:
        parse_artifacts(**files)
    assert caught.value.path == (artifact,)
    assert caught.value.remedy
    assert "offset" in caught.value.message or "byte" in caught.value.message


def test_artifacts_in_each_others_place_are_told_apart():
    folder = DATA / "dbt" / "bigquery"
    with pytest.raises(BadDocument, match="is a catalog instead"):
        parse_artifacts((folder / "catalog.json").read_bytes())
    with pytest.raises(BadDocument, match="is a manifest instead") as caught:
        parse_artifacts((folder / "manifest.json").read_bytes(), (folder / "manifest.json").read_bytes())
    assert caught.value.path == ("catalog",)


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"nodes": []}', b"1"])
def test_json_that_is_no_manifest_is_refused(body):
    with pytest.raises(BadDocument):
        parse_artifacts(body)


def test_nodes_full_of_nonsense_do_no_harm():
    bad = {
        "unique_id": "model.shop.a",
        "resource_type": "model",
        "columns": [],
        "tags": 3,
        "config": None,
        "depends_on": [1],
    }
    found = made(node("model.shop.b"), bad, exposures=[], groups={"g": 1})
    assert "db.public.b" in {d.urn.name for d in found.datasets}
    assert [p.subject for p in found.problems if p.code == "BAD_NAME"] == ["model.shop.a"]


# Meeting OpenLineage


@pytest.mark.parametrize("project", ["build", "duckdb", "postgres", "snapshot", "spark", "test"])
def test_the_manifest_and_the_events_of_its_run_name_the_same_datasets(project):
    events = [whole(e) for e in load("dbt", project, "result.json") if e["eventType"] == "COMPLETE"]
    heard, read = openlineage.extract(openlineage.parse_events(events)), recorded(project)
    assert heard.datasets
    assert {d.urn for d in heard.datasets} <= {d.urn for d in read.datasets}
    assert {(e.upstream, e.downstream) for e in heard.edges} <= {
        (e.upstream, e.downstream) for e in read.edges
    }
    columns = {d.urn: {d.column_urn(c.name) for c in d.columns} for d in read.datasets}
    assert all(d.column_urn(c.name) in columns[d.urn] for d in heard.datasets for c in d.columns)


def test_another_name_of_the_warehouse_leads_to_the_same_datasets():
    events = [whole(e) for e in load("dbt", "postgres", "result.json")]
    aliases = {"postgres://postgres_host:1234": PG}
    heard = openlineage.extract(openlineage.parse_events(events), namespace_aliases=aliases)
    read = recorded("postgres", namespace_aliases=aliases)
    assert {d.urn.namespace for d in (*heard.datasets, *read.datasets)} == {PG}
    assert {d.urn for d in heard.datasets} <= {d.urn for d in read.datasets}


def test_the_events_and_the_manifest_of_dbt_1_11_meet_in_their_columns():
    events = [whole(e) for e in load("openlineage", "common", "results_successful_run_ol_events.json")]
    heard = openlineage.extract(openlineage.parse_events(events))
    manifest = (DATA / "openlineage" / "common" / "target_manifest.json").read_bytes()
    read = extract(parse_artifacts(manifest), namespace="bigquery")
    assert {d.urn for d in heard.datasets} == {d.urn for d in read.datasets}
    assert len([e for e in heard.edges if e.upstream.kind == "column"]) == 3


# Relations


def test_a_project_with_a_catalog_has_typed_columns_and_sizes():
    found = {d.name: d for d in recorded("bigquery").datasets}
    customers = found["customers"]
    assert str(customers.urn) == "dataset:bigquery~calm-pagoda-323403.jaffle_shop.customers"
    assert customers.path == ("calm-pagoda-323403", "jaffle_shop", "customers")
    first = customers.columns[0]
    assert (first.name, first.data_type, first.ordinal) == ("customer_id", "INT64", 1)
    assert first.comment == "This is a unique identifier for a customer"
    assert customers.comment.startswith("This table has basic information")
    assert (found["raw_orders"].row_count, found["raw_orders"].size_bytes) == (99, 3406)
    assert {name: d.subtype for name, d in found.items()} == {
        "customers": Subtype.TABLE,
        "orders": Subtype.TABLE,
        "raw_customers": Subtype.SEED,
        "raw_orders": Subtype.SEED,
        "raw_payments": Subtype.SEED,
        "stg_customers": Subtype.VIEW,
        "stg_orders": Subtype.VIEW,
        "stg_payments": Subtype.VIEW,
    }


def test_ordinals_start_at_one_where_the_catalog_counts_from_zero():
    found = {d.name: d for d in recorded("spark").datasets}
    assert [c.ordinal for c in found["orders"].columns] == list(range(1, 10))
    assert found["orders"].urn == Urn("dataset", "spark://localhost:10000", "default.orders")


def test_owners_come_from_meta_and_groups():
    found = {d.name: d for d in recorded("duckdb").datasets}
    assert found["customers"].owners == ("data-team",)
    groups = {"group.shop.fin": {"name": "fin", "owner": {"email": ["fin@example.com"]}}}
    model = node(
        "model.shop.a",
        meta={"owner": {"name": "Ann"}},
        group="fin",
        tags=["nightly"],
        config={"materialized": "view", "tags": "pii", "meta": {"owners": ["Bob"]}},
    )
    (only,) = made(model, groups=groups).datasets
    assert only.owners == ("Bob", "Ann", "fin@example.com")
    assert only.tags == ("nightly", "pii")


def test_constraints_tell_keys_and_required_columns():
    columns = {
        "id": {"name": "id", "data_type": "int", "constraints": [{"type": "primary_key"}]},
        "note": {"name": "note", "data_type": "text", "constraints": []},
    }
    (only,) = made(node("model.shop.a", columns=columns)).datasets
    assert [(c.name, c.data_type, c.primary_key, c.nullable) for c in only.columns] == [
        ("id", "int", True, False),
        ("note", "text", False, None),
    ]


@pytest.mark.parametrize(
    ("name", "platform", "parts"),
    [
        ('"db"."public"."t"', "postgres", ("db", "public", "t")),
        ('"db"."public"."my.ta""ble"', "postgres", ("db", "public", 'my.ta"ble')),
        ("`my-project`.`set`.`t`", "bigquery", ("my-project", "set", "t")),
        ("default.orders", "spark", ("default", "orders")),
        ("[db].[dbo].[My Table]", "sqlserver", ("db", "dbo", "My Table")),
        ("DB.Public.T", "postgres", ("db", "public", "t")),
        ("read_parquet('s3://lake/x.parquet')", "duckdb", ()),
        ("'data/x.csv'", "duckdb", ()),
        ("db.", "postgres", ()),
        ("", "postgres", ()),
    ],
)
def test_a_relation_name_is_split_by_its_quotes_and_an_expression_is_none(name, platform, parts):
    assert relation_parts(name, PLATFORMS[platform]) == parts


@pytest.mark.parametrize(
    ("namespace", "database", "name"),
    [
        ("spark://host", None, "public.a"),
        ("mysql://host", None, "public.a"),
        ("sqlite:///x.db", "x", "public.a"),
        ("snowflake://acct", "DB", "db.public.a"),
        ("trino://host", "hive", "hive.public.a"),
        ("clickhouse://host", None, "public.a"),
    ],
)
def test_a_name_has_as_many_levels_as_its_platform(namespace, database, name):
    (only,) = made(node("model.shop.a", database=database), namespace=namespace).datasets
    assert only.urn.name == name


def test_sources_go_by_their_identifier_and_are_what_the_catalog_found():
    source = {
        "unique_id": "source.shop.raw.events",
        "resource_type": "source",
        "name": "events",
        "identifier": "events_v2",
        "database": "db",
        "schema": "raw",
    }
    for found, subtype in (
        ("BASE TABLE", Subtype.TABLE),
        ("VIEW", Subtype.VIEW),
        ("external", Subtype.FOREIGN_TABLE),
    ):
        catalog = {"source.shop.raw.events": {"metadata": {"type": found}, "columns": {}}}
        (only,) = made(source, catalog=catalog).datasets
        assert (only.urn.name, only.subtype) == ("db.raw.events_v2", subtype)
    assert made(source).datasets[0].subtype is Subtype.UNKNOWN


# Lineage and SQL


def test_models_feed_each_other_as_the_project_says():
    found = recorded("postgres")
    assert names(found) == {
        ("postgres.public.raw_customers", "postgres.public.stg_customers"),
        ("postgres.public.raw_orders", "postgres.public.stg_orders"),
        ("postgres.public.raw_payments", "postgres.public.stg_payments"),
        ("postgres.public.stg_customers", "postgres.public.customers"),
        ("postgres.public.stg_orders", "postgres.public.customers"),
        ("postgres.public.stg_payments", "postgres.public.customers"),
        ("postgres.public.stg_orders", "postgres.public.orders"),
        ("postgres.public.stg_payments", "postgres.public.orders"),
    }
    assert found.origin is EdgeOrigin.DBT
    jobs = {e.downstream.name: str(e.job) for e in found.edges}
    assert jobs["postgres.public.orders"] == "job:dbt://jaffle_shop~model.jaffle_shop.orders"


def test_lineage_runs_through_ephemeral_models():
    ephemeral = node("model.shop.mid", "model.shop.a", config={"materialized": "ephemeral"})
    found = made(node("model.shop.a"), ephemeral, node("model.shop.b", "model.shop.mid"))
    assert names(found) == {("db.public.a", "model.shop.mid"), ("model.shop.mid", "db.public.b")}
    middle = next(d for d in found.datasets if d.subtype is Subtype.EPHEMERAL)
    assert (middle.urn.namespace, middle.name) == ("dbt://shop", "mid")
    assert {s.target.name for s in found.statements} == {"db.public.a", "db.public.b"}
    assert found.problems == ()


def test_each_compiled_model_is_a_statement_with_its_place_and_dialect():
    found = recorded("bigquery")
    by_target = {s.target.name.rpartition(".")[2]: s for s in found.statements}
    assert set(by_target) == {"customers", "orders", "stg_customers", "stg_orders", "stg_payments"}
    statement = by_target["customers"]
    assert "calm-pagoda-323403" in statement.sql
    assert (statement.dialect, statement.namespace) == ("bigquery", "bigquery")
    assert (statement.default_db, statement.default_schema) == ("calm-pagoda-323403", "jaffle_shop")
    assert {job.urn: job.definition for job in found.jobs}[statement.job] == statement.sql


def test_the_sql_of_a_manifest_gives_the_columns_that_the_events_of_its_run_name():
    from ingest.sql_lineage import Catalog, edges, view_lineage

    events = [whole(e) for e in load("openlineage", "common", "results_successful_run_ol_events.json")]
    heard = openlineage.extract(openlineage.parse_events(events))
    manifest = (DATA / "openlineage" / "common" / "target_manifest.json").read_bytes()
    (statement,) = extract(parse_artifacts(manifest), namespace="bigquery").statements
    script = view_lineage(
        statement.sql,
        tuple(statement.target.name.split(".")),
        dialect=statement.dialect,
        catalog=Catalog({}, dialect=statement.dialect),
        default_db=statement.default_db,
        default_schema=statement.default_schema,
    )

    def columns(found):
        return {(e.upstream, e.downstream) for e in found if e.downstream.kind == "column"}

    assert columns(edges(script, namespace=statement.namespace)) == columns(heard.edges)


def test_a_model_without_compiled_sql_keeps_its_tables_and_says_what_to_do():
    found = recorded("test")
    assert found.statements == ()
    assert len(found.edges) == 4
    missing = [p for p in found.problems if p.code == "NO_COMPILED_SQL"]
    assert len(missing) == 4
    assert "dbt compile" in missing[0].message


def test_compiled_sql_may_come_from_the_run_results():
    manifest = {
        "metadata": {"adapter_type": "postgres"},
        "nodes": {"model.shop.a": node("model.shop.a", sql="")},
    }
    results = {"results": [{"unique_id": "model.shop.a", "status": "success", "compiled_code": "select 2"}]}
    artifacts = parse_artifacts(json.dumps(manifest).encode(), None, json.dumps(results).encode())
    assert [s.sql for s in extract(artifacts, namespace=PG).statements] == ["select 2"]


def test_a_python_model_has_no_sql_to_analyse():
    found = made(node("model.shop.a", language="python", sql="def model(dbt, session): ..."))
    assert found.statements == ()
    assert [p.code for p in found.problems] == ["PYTHON_MODEL"]


@pytest.mark.parametrize(
    ("adapter", "namespace", "dialect"),
    [
        ("sqlserver", "sqlserver://h", "tsql"),
        ("synapse", "sqlserver://h", "tsql"),
        ("athena", "awsathena://athena.eu-west-1.amazonaws.com", "athena"),
        ("clickhouse", "clickhouse://h:9000", "clickhouse"),
        ("databricks", "databricks://h", "databricks"),
        ("unheard-of", "trino://h", "trino"),
    ],
)
def test_the_adapter_decides_the_dialect(adapter, namespace, dialect):
    assert made(node("model.shop.a"), adapter=adapter, namespace=namespace).statements[0].dialect == dialect


def test_every_dialect_is_one_that_sqlglot_speaks():
    from sqlglot import Dialect

    from ingest.formats.dbt import _DIALECTS

    for name in (*_DIALECTS.values(), *(p.dialect for p in PLATFORMS.values())):
        Dialect.get_or_raise(name)


def test_a_dependency_the_manifest_does_not_hold_is_reported():
    found = recorded("duckdb")
    assert {p.subject for p in found.problems if p.code == "MISSING_NODE"} == {
        "model.jaffle_shop.stg_customers",
        "model.jaffle_shop.stg_orders",
        "model.jaffle_shop.stg_payments",
    }


# Jobs


def test_tests_say_what_they_test_and_how_they_went():
    jobs = {job.urn.name: job for job in recorded("bigquery").jobs}
    test = jobs["test.jaffle_shop.unique_stg_orders_order_id.e3b841c71a"]
    assert test.subtype is Subtype.DBT_TEST
    assert [urn.name for urn in test.inputs] == ["calm-pagoda-323403.jaffle_shop.stg_orders"]
    facts = {key: test.properties[key] for key in ("test", "column", "status", "failures", "severity")}
    assert facts == {
        "test": "unique",
        "column": "order_id",
        "status": "pass",
        "failures": "0",
        "severity": "ERROR",
    }
    assert float(test.properties["execution_time_s"]) > 0


def test_a_failed_tests_message_is_not_kept():
    results = {
        "results": [
            {"unique_id": "test.shop.t", "status": "fail", "failures": 2, "message": "Got 4111111111111111"}
        ]
    }
    manifest = {
        "metadata": {},
        "nodes": {"test.shop.t": node("test.shop.t"), "model.shop.a": node("model.shop.a")},
    }
    found = extract(
        parse_artifacts(json.dumps(manifest).encode(), None, json.dumps(results).encode()), namespace=PG
    )
    (test,) = [job for job in found.jobs if job.subtype is Subtype.DBT_TEST]
    assert (test.properties["status"], test.properties["failures"]) == ("fail", "2")
    assert "4111" not in repr(found)


def test_the_data_of_unit_tests_is_not_kept():
    unit = {
        "unique_id": "unit_test.shop.a.adds_up",
        "resource_type": "unit_test",
        "name": "adds_up",
        "depends_on": {"nodes": ["model.shop.a"]},
        "given": [{"input": "ref('b')", "rows": [{"card": "4111111111111111"}]}],
        "expect": {"rows": [{"card": "4111111111111111"}]},
    }
    found = made(node("model.shop.a"), unit_tests={unit["unique_id"]: unit})
    assert [job.name for job in found.jobs if job.subtype is Subtype.DBT_TEST] == ["adds_up"]
    assert "4111" not in repr(found)


def test_a_dashboard_is_fed_by_what_it_depends_on_even_through_a_metric():
    metric = {
        "unique_id": "metric.shop.m",
        "resource_type": "metric",
        "depends_on": {"nodes": ["model.shop.b", "metric.shop.m"]},
    }
    exposure = {
        "unique_id": "exposure.shop.weekly",
        "name": "weekly",
        "label": "Weekly numbers",
        "type": "dashboard",
        "url": "https://bi.example.com/1",
        "owner": {"name": "Ann", "email": "ann@example.com"},
        "depends_on": {"nodes": ["model.shop.a", "metric.shop.m"]},
    }
    found = made(
        node("model.shop.a"),
        node("model.shop.b"),
        metrics={"metric.shop.m": metric},
        exposures={"exposure.shop.weekly": exposure},
    )
    dashboard = next(job for job in found.jobs if job.urn.kind == "dashboard")
    assert dashboard.name == "Weekly numbers"
    assert dashboard.properties["owner"] == "Ann"
    assert {(e.upstream.name, str(e.downstream)) for e in found.edges} == {
        ("db.public.a", "dashboard:dbt://shop~exposure.shop.weekly"),
        ("db.public.b", "dashboard:dbt://shop~exposure.shop.weekly"),
    }


def test_jobs_live_in_the_projects_namespace_or_the_one_given():
    assert {job.urn.namespace for job in recorded("postgres").jobs} == {"dbt://jaffle_shop"}
    named = recorded("postgres", project_namespace="dbt://analytics/prod")
    assert {job.urn.namespace for job in named.jobs} == {"dbt://analytics/prod"}


@pytest.mark.parametrize("stated", ["2026-05-01T10:00:00.123456Z", "some day", None])
def test_a_project_tells_of_when_its_manifest_was_made(stated: str | None):
    metadata = {"dbt_schema_version": "https://schemas.getdbt.com/dbt/manifest/v12.json"} | (
        {"generated_at": stated} if stated else {}
    )
    found = made(node("model.shop.a"), metadata=metadata)
    assert str(found.made_at) == (
        "2026-05-01 10:00:00.123456+00:00" if stated and stated[0] == "2" else "None"
    )
