"""OpenLineage events of the spec, of Spark, of dbt and of the official Python client."""

import json
from datetime import UTC, datetime

import pytest

from ingest.formats.extract import AliasKind, Extract
from ingest.formats.openlineage import DatasetEvent, JobEvent, RunEvent, extract, parse_events
from schema.domain.catalog import Subtype
from schema.domain.lineage import EdgeOrigin, Transformation
from schema.errors import BadDocument
from schema.ids import Urn

from .documents import DATA, dataset, event, load, whole

PG = "postgres://db:5432"
SPARK = sorted((DATA / "openlineage" / "spark").glob("*.json"))
FACETS = sorted(
    path for path in (DATA / "openlineage" / "spec_tests").glob("*/*.json") if path.parent.name != "tests"
)


def read(*events: object, **aliases: str) -> Extract:
    return extract(parse_events(json.dumps(events).encode()), namespace_aliases=aliases)


def edges(found: Extract) -> dict[tuple[str, str], set[str]]:
    return {(str(e.upstream), str(e.downstream)): {t.value for t in e.transformations} for e in found.edges}


def table(name: str, namespace: str = PG) -> Urn:
    return Urn("dataset", namespace, name)


# Parsing


def test_the_full_event_of_the_spec_is_a_run_event_although_it_has_a_field_of_another_kind():
    (found,) = parse_events((DATA / "openlineage/spec_tests/tests/example_full_event.json").read_bytes())
    assert isinstance(found, RunEvent)
    assert found.event_time == datetime(2023, 7, 17, 10, 54, 22, 355067, UTC)


def test_a_batch_may_hold_events_of_all_three_kinds():
    job_event, dataset_event = event(), event(dataset=dataset("db.public.t"))
    del job_event["run"], dataset_event["run"], dataset_event["job"]
    kinds = [type(e) for e in parse_events([event(), job_event, dataset_event])]
    assert kinds == [RunEvent, JobEvent, DatasetEvent]


@pytest.mark.parametrize(
    ("spoil", "path"),
    [
        (lambda e: e.pop("eventTime"), ("eventTime",)),
        (lambda e: e.pop("producer"), ("producer",)),
        (lambda e: e.pop("job"), ("job",)),
        (lambda e: e["job"].pop("namespace"), ("job", "namespace")),
        (lambda e: e["job"].update(name=""), ("job", "name")),
        (lambda e: e["run"].pop("runId"), ("run", "runId")),
        (lambda e: e.update(eventType="DONE"), ("eventType",)),
        (lambda e: e.update(eventTime="secret-value"), ("eventTime",)),
        (lambda e: e.update(eventTime=1714557600), ("eventTime",)),
        (lambda e: e.update(inputs={}), ("inputs",)),
        (lambda e: e.update(inputs=[{"name": "t"}]), ("inputs", "[0]", "namespace")),
        (lambda e: e.update(outputs=[{"namespace": PG, "name": 5}]), ("outputs", "[0]", "name")),
        (lambda e: e["job"].update(facets=[1]), ("job", "facets")),
    ],
)
def test_a_wrong_event_in_a_batch_is_refused_by_the_path_of_its_field(spoil, path):
    bad = event()
    spoil(bad)
    with pytest.raises(BadDocument) as caught:
        parse_events(json.dumps([event(), event(), event(), bad]).encode())
    assert caught.value.path == ("[3]", *path)
    assert caught.value.remedy
    assert "secret-value" not in str(caught.value)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[{]", b"\xff\xfe", b"7", b"null", b'"text"', b"[[]]", b"{}", b"[" * 100_000]
)
def test_what_is_no_event_is_a_bad_document(body):
    with pytest.raises(BadDocument):
        parse_events(body)


def test_a_truncated_body_is_refused_with_the_place_where_it_ends():
    body = json.dumps(event()).encode()[:-5]
    with pytest.raises(BadDocument, match=f"of {len(body)}"):
        parse_events(body)


def test_a_file_with_one_event_a_line_is_read_as_the_clients_write_it(tmp_path):
    from openlineage.client import event_v2 as ol
    from openlineage.client.transport.file import FileConfig, FileTransport

    log = tmp_path / "events.json"
    transport = FileTransport(FileConfig(str(log), append=True))
    for name in ("a", "b"):
        transport.emit(
            ol.RunEvent(
                eventType=ol.RunState.COMPLETE,
                eventTime="2024-05-01T10:00:00+00:00",
                run=ol.Run("0190a0f5-5b0f-7c3e-9a44-1f2e3d4c5b6a"),
                job=ol.Job("airflow", name),
                producer="https://p",
            )
        )
    found = parse_events(log.read_bytes())
    assert [e.job.name for e in found] == ["a", "b"]
    with pytest.raises(BadDocument) as caught:
        parse_events(log.read_bytes() + b'{"run": 1}\n')
    assert caught.value.path[0] == "[2]"


def test_null_stands_for_an_empty_list_or_object():
    (found,) = parse_events(event(inputs=None, outputs=None, run={"runId": "r", "facets": None}))
    assert extract([found]).datasets == ()


def test_a_time_without_zone_is_taken_as_utc_and_nanoseconds_are_cut():
    (found,) = parse_events(event(eventTime="2024-05-01T10:00:00.123456789"))
    assert found.event_time == datetime(2024, 5, 1, 10, 0, 0, 123456, UTC)


# Every recorded document


@pytest.mark.parametrize("path", FACETS, ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_every_facet_of_the_spec_can_stand_anywhere_in_an_event(path):
    facets = json.loads(path.read_bytes())
    everywhere = dataset("db.public.t", **facets) | {"inputFacets": facets, "outputFacets": facets}
    found = read(
        event(
            run={"runId": "r", "facets": facets},
            job={"namespace": "airflow", "name": "j", "facets": facets},
            inputs=[dataset("db.public.source")],
            outputs=[everywhere],
        )
    )
    assert Urn("job", "airflow", "j") in {job.urn for job in found.jobs}
    known = {d.urn for d in found.datasets}
    ends = {end.dataset() for edge in found.edges for end in (edge.upstream, edge.downstream)}
    assert ends <= known, "an edge ends at a dataset that is not reported"


@pytest.mark.parametrize("path", SPARK, ids=lambda p: p.stem)
def test_every_spark_event_is_read_placeholders_included(path):
    found = read(whole(json.loads(path.read_bytes())))
    assert len(found.jobs) == 1
    assert found.problems == ()
    assert {e.job for e in found.edges} <= {found.jobs[0].urn}


def test_a_malformed_facet_costs_its_own_facts_and_no_others():
    junk = {
        "schema": {"fields": [3, {"type": "int"}, {"name": "id"}]},
        "ownership": "me",
        "symlinks": {"identifiers": 1},
    }
    junk |= {
        "columnLineage": {"fields": {"id": {"inputFields": [{"name": "t"}, None]}, "x": []}, "dataset": {}}
    }
    (found,) = read(event(outputs=[dataset("db.public.t", **junk)])).datasets
    assert [c.name for c in found.columns] == ["id"]


# Datasets and jobs


def test_nested_fields_become_dotted_columns_in_order():
    facets = load("openlineage", "spec_tests", "SchemaDatasetFacet", "1.json")
    (found,) = read(event(outputs=[dataset("db.public.t", **facets)])).datasets
    names = [c.name for c in found.columns]
    assert names[4:8] == ["phones", "phones._element", "addresses", "addresses.type"]
    assert "custom_properties.value._1" in names
    assert [c.ordinal for c in found.columns] == list(range(1, len(names) + 1))
    assert found.columns[5].comment == "Phone number"


def test_a_dataset_keeps_what_any_of_its_events_said():
    start = dataset(
        "db.public.t",
        schema={"fields": [{"name": "id", "type": "int"}]},
        documentation={"description": "Orders"},
        ownership={"owners": [{"name": "team:data", "type": "OWNER"}]},
        datasetType={"datasetType": "VIEW", "subType": "MATERIALIZED"},
        dataQualityMetrics={"rowCount": 10, "bytes": 2048, "columnMetrics": {"id": {"max": 99}}},
        tags={
            "tags": [
                {"key": "gold", "value": "true"},
                {"key": "tier", "value": "1"},
                {"key": "pii", "value": "x", "field": "id"},
            ]
        },
        storage={"storageLayer": "iceberg", "fileFormat": "parquet"},
    )
    found = read(
        event(eventTime="2024-05-01T11:00:00Z", outputs=[dataset("db.public.t")]),
        event(eventType="START", outputs=[start]),
    )
    (only,) = found.datasets
    assert only.path == ("db", "public", "t")
    assert [c.data_type for c in only.columns] == ["int"]
    assert (only.comment, only.owners, only.subtype) == ("Orders", ("team:data",), Subtype.MATERIALIZED_VIEW)
    assert (only.row_count, only.size_bytes) == (10, 2048)
    assert only.tags == ("gold", "tier:1")
    assert only.properties == {"storage_layer": "iceberg", "file_format": "parquet"}
    assert "99" not in repr(only)
    assert [run.state for run in found.runs] == ["START", "COMPLETE"]


def test_a_deleted_facet_says_nothing():
    gone = {"schema": {"_deleted": True, "fields": [{"name": "id"}]}}
    (found,) = read(event(outputs=[dataset("db.public.t", **gone)])).datasets
    assert found.columns == ()


@pytest.mark.parametrize(
    ("namespace", "name", "subtype"),
    [
        ("kafka://broker:9092", "orders", Subtype.TOPIC),
        ("s3://lake", "raw/orders.parquet", Subtype.FILE),
        (PG, "db.public.orders", Subtype.UNKNOWN),
    ],
)
def test_what_a_dataset_is_follows_from_where_it_lives_unless_it_is_a_database(namespace, name, subtype):
    (found,) = read(event(outputs=[dataset(name, namespace)])).datasets
    assert found.subtype is subtype


def test_a_name_with_an_empty_part_becomes_a_problem_and_the_rest_is_read():
    bad = dataset("db..t", "postgres://me:hunter2@db:5432")
    long = {"namespace": PG, "name": "db.public.a", "field": "x" * 3000}
    good = dataset("db.public.t", columnLineage={"fields": {"y": {"inputFields": [long]}}})
    found = read(event(inputs=[bad], outputs=[good]))
    assert "hunter2" not in repr(found)
    assert [d.urn for d in found.datasets] == [table("db.public.t"), table("db.public.a")]
    assert [p.code for p in found.problems] == ["BAD_NAME", "BAD_NAME"]


def test_sql_of_a_job_is_kept_to_be_analysed_where_its_bare_names_resolve():
    job = {"namespace": "airflow", "name": "j", "facets": {"sql": {"query": "select * from a"}}}
    found = read(
        event(eventType="START", job=job, outputs=[dataset("db.sales.t")]),
        event(job=job, outputs=[dataset("db.sales.t")]),
    )
    (statement,) = found.statements
    assert (statement.sql, statement.dialect, statement.namespace) == ("select * from a", "postgres", PG)
    assert (statement.target, statement.default_db, statement.default_schema) == (
        table("db.sales.t"),
        "db",
        "sales",
    )
    assert statement.job == found.jobs[0].urn
    assert found.jobs[0].definition == "select * from a"


def test_constants_of_executed_sql_are_not_kept_with_the_job():
    sql = "insert into t -- for jane@example.com\nvalues ('jane@example.com', 4111111111111111, $$secret$$, \"Name\")"
    job = {"namespace": "airflow", "name": "j", "facets": {"sql": {"query": sql}}}
    found = read(event(job=job, outputs=[dataset("db.sales.t")]))
    assert found.jobs[0].definition == 'insert into t\nvalues (?, ?, ?, "Name")'
    assert found.statements[0].sql == sql
    assert "jane" not in repr(found)


@pytest.mark.parametrize(
    ("query", "fills"),
    [
        ("select * from a", True),
        ("with x as (select 1) select * from x;", True),
        ("(select 1) union (select 2)", True),
        ("insert into t (b, a) select x, y from s", False),
        ("with x as (select 1) insert into t select * from x", False),
        ("create table t as select 1", False),
        ("select 1 into t", False),
        ("select 1; select 2", False),
        ("{{ any(result) }}", False),
    ],
)
def test_only_a_bare_query_fills_the_output_of_its_job(query, fills):
    job = {"namespace": "airflow", "name": "j", "facets": {"sql": {"query": query}}}
    (statement,) = read(event(job=job, outputs=[dataset("db.sales.t")])).statements
    assert statement.target == (table("db.sales.t") if fills else None)


@pytest.mark.parametrize(
    "sides",
    [
        {"outputs": [dataset("/tmp/out", "file")]},
        {"inputs": [dataset("db.public.a")], "outputs": [dataset("raw/a", "s3://lake")]},
        {"inputs": [dataset("db.public.a")], "outputs": [dataset("db.public.a", "postgres://other:5432")]},
        {},
    ],
)
def test_sql_that_crosses_systems_is_not_resolved_in_one_of_them(sides):
    job = {"namespace": "airflow", "name": "j", "facets": {"sql": {"query": "select * from a"}}}
    assert read(event(job=job, **sides)).statements == ()


@pytest.mark.parametrize(
    ("query", "kept"), [("select 'jane", None), ('select "jane" from t', "select ? from t")]
)
def test_sql_of_an_unknown_dialect_keeps_nothing_that_may_be_a_constant(query, kept):
    job = {"namespace": "airflow", "name": "j", "facets": {"sql": {"query": query}}}
    assert read(event(job=job)).jobs[0].definition == kept


def test_the_kind_of_job_is_told_by_its_facet():
    for facet, subtype in (
        ({"integration": "DBT", "jobType": "MODEL"}, Subtype.DBT_MODEL),
        ({"integration": "DBT", "jobType": "TEST"}, Subtype.DBT_TEST),
        ({"integration": "SPARK", "jobType": "QUERY"}, Subtype.QUERY),
        ({"integration": "AIRFLOW", "jobType": "TASK"}, Subtype.TASK),
    ):
        job = {"namespace": "n", "name": "j", "facets": {"jobType": facet | {"processingType": "BATCH"}}}
        assert read(event(job=job)).jobs[0].subtype is subtype


# Runs


def test_a_failed_run_feeds_nothing_and_its_error_is_named_without_its_text():
    message = (
        'org.apache.spark.sql.AnalysisException: [DIVIDE_BY_ZERO] value "4111 1111 1111 1111" is bad\n at Foo'
    )
    run = {
        "runId": "r1",
        "facets": {
            "errorMessage": {"message": message, "programmingLanguage": "JAVA", "stackTrace": message},
            "parent": {"run": {"runId": "r0"}, "job": {"namespace": "airflow", "name": "daily"}},
        },
    }
    found = read(
        event(eventType="FAIL", run=run, inputs=[dataset("db.public.a")], outputs=[dataset("db.public.b")])
    )
    assert found.edges == ()
    assert len(found.datasets) == 2
    (info,) = found.runs
    assert (info.run_id, info.state, info.parent_run_id) == ("r1", "FAIL", "r0")
    assert info.parent_job == Urn("job", "airflow", "daily")
    assert info.error == "org.apache.spark.sql.AnalysisException [DIVIDE_BY_ZERO]"
    assert "4111" not in repr(found)


def test_an_error_without_a_kind_is_kept_as_unspecified():
    run = {"runId": "r", "facets": {"errorMessage": {"message": "Bad value jane@example.com"}}}
    assert read(event(eventType="FAIL", run=run)).runs[0].error == "unspecified error"


@pytest.mark.parametrize("state", ["START", "RUNNING", "COMPLETE"])
def test_a_run_links_every_input_to_every_output(state):
    found = read(
        event(
            eventType=state,
            inputs=[dataset("db.public.a"), dataset("db.public.b")],
            outputs=[dataset("db.public.b"), dataset("db.public.c")],
        )
    )
    ends = {(e.upstream.name[-1], e.downstream.name[-1]) for e in found.edges}
    assert ends == {("a", "b"), ("a", "c"), ("b", "c")}
    assert {e.job for e in found.edges} == {Urn("job", "airflow", "daily.load")}
    assert found.origin is EdgeOrigin.OPENLINEAGE
    assert found.runs[0].state == state


# Column lineage


def test_column_lineage_of_the_spec_separates_values_from_mere_use():
    facets = load("openlineage", "spec_tests", "ColumnLineageDatasetFacet", "1.json")
    found = edges(read(event(outputs=[dataset("db.public.out", **facets)])))
    source, target = "SnowflakeOpenLineage", f"column:{PG}~db.public.out"
    assert found[f"column:{source}~CUSTOMERS~NAME", f"{target}~NAME"] == {"IDENTITY"}
    assert found[f"column:{source}~CUSTOMERS~ID", f"dataset:{PG}~db.public.out"] == {"JOIN"}
    assert (f"column:{source}~CUSTOMERS~ID", f"{target}~NAME") not in found
    assert len(found) == 6


def test_the_dataset_list_of_column_lineage_reaches_the_whole_dataset():
    facets = load("openlineage", "spec_tests", "ColumnLineageDatasetFacet", "2.json")
    found = edges(read(event(outputs=[dataset("db.public.out", **facets)])))
    people = "column:s3://test-bucket~/iceberg_warehouse/some-database/people"
    assert found[f"{people}~age", f"dataset:{PG}~db.public.out"] == {"FILTER"}
    assert found[f"{people}~last_name", f"dataset:{PG}~db.public.out"] == {"SORT"}
    assert found[f"{people}~age", f"column:{PG}~db.public.out~ageNextYear"] == {"EXPRESSION"}


@pytest.mark.parametrize(
    ("transformation", "kinds", "indirect"),
    [
        ({"type": "DIRECT", "subtype": "IDENTITY"}, {"IDENTITY"}, False),
        ({"type": "DIRECT", "subtype": "TRANSFORMATION"}, {"EXPRESSION"}, False),
        ({"type": "DIRECT", "subtype": "AGGREGATION"}, {"AGGREGATE"}, False),
        ({"type": "DIRECT", "subtype": "TRANSFORMATION", "masking": True}, {"MASK"}, False),
        ({"type": "DIRECT"}, {"UNKNOWN"}, False),
        *(
            ({"type": "INDIRECT", "subtype": kind}, {kind}, True)
            for kind in ("JOIN", "GROUP_BY", "FILTER", "SORT", "WINDOW", "CONDITIONAL")
        ),
        ({"type": "INDIRECT", "subtype": "FILTER", "masking": True}, {"FILTER"}, True),
    ],
)
def test_each_transformation_of_the_standard_has_its_kind(transformation, kinds, indirect):
    use = {"namespace": PG, "name": "db.public.a", "field": "x", "transformations": [transformation]}
    facet = {"fields": {"y": {"inputFields": [use]}}}
    (edge,) = read(event(outputs=[dataset("db.public.b", columnLineage=facet)])).edges
    assert {t.value for t in edge.transformations} == kinds
    assert edge.indirect is indirect


@pytest.mark.parametrize(
    ("older", "kind"), [("IDENTITY", "IDENTITY"), ("MASKED", "MASK"), ("other", "UNKNOWN"), (None, "UNKNOWN")]
)
def test_the_older_transformation_type_still_counts(older, kind):
    entry = {"inputFields": [{"namespace": PG, "name": "db.public.a", "field": "x"}]}
    entry |= {"transformationType": older, "transformationDescription": "sha2(x)"}
    (edge,) = read(event(outputs=[dataset("db.public.b", columnLineage={"fields": {"y": entry}})])).edges
    assert edge.transformations == (Transformation[kind],)


def test_edges_that_events_repeat_are_one_edge_with_all_transformations():
    def output(subtype):
        use = {
            "namespace": PG,
            "name": "db.public.a",
            "field": "x",
            "transformations": [{"type": "DIRECT", "subtype": subtype}],
        }
        return [dataset("db.public.b", columnLineage={"fields": {"y": {"inputFields": [use]}}})]

    found = read(event(eventType="START", outputs=output("IDENTITY")), event(outputs=output("AGGREGATION")))
    (edge,) = found.edges
    assert set(edge.transformations) == {Transformation.IDENTITY, Transformation.AGGREGATE}


def test_the_lineage_facets_state_edges_of_datasets_columns_and_jobs():
    facets = load("openlineage", "spec_tests", "LineageFacet", "dataset-to-dataset.json")
    static = event(dataset=dataset("db.public.t", **facets))
    del static["run"], static["job"]
    source, target = "postgres://warehouse:5432~public.customers", f"{PG}~db.public.t"
    assert edges(read(static)) == {
        (f"dataset:{source}", f"dataset:{target}"): {"UNKNOWN"},
        (f"column:{source}~id", f"column:{target}~customer_id"): {"IDENTITY"},
    }
    facets = load("openlineage", "spec_tests", "LineageFacet", "implicit-job.json")
    found = read(event(job={"namespace": "airflow", "name": "j", "facets": facets}))
    assert [str(urn) for urn in found.jobs[0].inputs] == [
        "dataset:postgres://production:5432~public.transactions"
    ]


def test_a_job_that_writes_by_its_lineage_facet_has_that_output():
    facets = load("openlineage", "spec_tests", "LineageFacet", "job-to-dataset.json")
    found = read(event(job={"namespace": "airflow", "name": "j", "facets": facets}))
    jobs = {str(job.urn): [str(urn) for urn in job.outputs] for job in found.jobs}
    assert jobs == {
        "job:airflow~j": [],
        "job:airflow://production~daily.extract": ["dataset:postgres://warehouse:5432~public.daily_summary"],
    }


# Names


def test_a_path_with_a_table_symlink_goes_by_the_table_in_the_whole_batch():
    found = read(
        event(
            outputs=[
                dataset(
                    "/warehouse/orders",
                    "s3://lake",
                    symlinks={
                        "identifiers": [
                            {"namespace": "hive://meta:9083", "name": "Sales.Orders", "type": "TABLE"}
                        ]
                    },
                )
            ]
        ),
        event(
            eventTime="2024-05-01T09:00:00Z",
            inputs=[dataset("/warehouse/orders", "s3://lake")],
            outputs=[dataset("db.public.t")],
        ),
    )
    orders = table("sales.orders", "hive://meta:9083")
    assert {d.urn for d in found.datasets} == {orders, table("db.public.t")}
    assert [(e.upstream, e.downstream) for e in found.edges] == [(orders, table("db.public.t"))]
    (alias,) = found.aliases
    assert (alias.alias, alias.canonical) == (table("/warehouse/orders", "s3://lake"), orders)
    known = {d.urn: d for d in found.datasets}[orders]
    assert (known.path, known.subtype) == (("Sales", "Orders"), Subtype.TABLE)


def test_a_table_with_a_location_keeps_its_own_name_and_shares_no_identity_with_its_neighbour():
    def at(name):
        return dataset(
            name, symlinks={"identifiers": [{"namespace": "s3://lake", "name": "shared", "type": "LOCATION"}]}
        )

    found = read(event(inputs=[at("db.public.a")], outputs=[at("db.public.b")]))
    assert [(e.upstream.name, e.downstream.name) for e in found.edges] == [("db.public.a", "db.public.b")]
    assert [(a.alias.name, a.canonical.name) for a in found.aliases] == [("shared", "db.public.a")]


def test_symlinks_in_a_circle_end():
    def linked(name, to):
        return dataset(
            name, "file", symlinks={"identifiers": [{"namespace": "file", "name": to, "type": "TABLE"}]}
        )

    found = read(event(inputs=[linked("/a", "/b")]), event(inputs=[linked("/b", "/a")]))
    assert len(found.datasets) == 1


def test_a_rename_reports_the_name_before():
    found = read(whole(load("openlineage", "spark", "pysparkAlterTableRenameEnd.json")))
    renamed = [a for a in found.aliases if a.kind is AliasKind.RENAME]
    assert [(a.alias.name, a.canonical.name) for a in renamed] == [
        ("/tmp/alter_test/alter_table_test", "default.alter_table_test_new")
    ]
    assert found.edges == ()


def test_a_merge_into_its_own_input_is_no_loop():
    found = edges(read(whole(load("openlineage", "spark", "deltaMergeCommandVerificationStart.json"))))
    events, updates = "file:/tmp/delta~default.events", "file:/tmp/delta~default.updates"
    assert found == {
        (f"dataset:{updates}", f"dataset:{events}"): {"UNKNOWN"},
        (f"column:{updates}~event_id", f"column:{events}~event_id"): {"IDENTITY"},
        (f"column:{updates}~updated_at", f"column:{events}~last_updated_at"): {"EXPRESSION"},
        (f"column:{updates}~updated_at", f"dataset:{events}"): {"CONDITIONAL"},
    }


def test_namespaces_that_name_one_instance_meet_in_one_urn():
    aliases = {
        "postgres://replica.internal": "postgres://db",
        "postgresql://10.0.0.1:5432": "postgres://db:5432",
    }
    found = read(
        event(
            inputs=[
                dataset("db.public.t", "postgres://replica.internal:5432"),
                dataset("db.public.t", "postgres://10.0.0.1"),
            ],
            outputs=[dataset("db.public.u", "postgres://DB")],
        ),
        **aliases,
    )
    assert [d.urn for d in found.datasets] == [table("db.public.t"), table("db.public.u")]


# The official client


def test_what_the_official_client_sends_is_understood():
    from openlineage.client import event_v2 as ol
    from openlineage.client import facet_v2 as fx
    from openlineage.client.serde import Serde

    lineage = fx.column_lineage_dataset
    direct = lineage.Transformation("DIRECT", "AGGREGATION", "sum(amount)", False)
    indirect = lineage.Transformation("INDIRECT", "GROUP_BY", "", False)
    masked = lineage.Transformation("DIRECT", "TRANSFORMATION", "sha2(email)", True)
    orders = "shop.public.orders"
    out = ol.OutputDataset(
        PG,
        "shop.public.customers",
        facets={
            "schema": fx.schema_dataset.SchemaDatasetFacet(
                fields=[
                    fx.schema_dataset.SchemaDatasetFacetFields("email_hash", "text"),
                    fx.schema_dataset.SchemaDatasetFacetFields(
                        "total",
                        "struct",
                        fields=[fx.schema_dataset.SchemaDatasetFacetFields("eur", "numeric")],
                    ),
                ]
            ),
            "columnLineage": lineage.ColumnLineageDatasetFacet(
                fields={
                    "email_hash": lineage.Fields([lineage.InputField(PG, orders, "email", [masked])]),
                    "total.eur": lineage.Fields(
                        [
                            lineage.InputField(PG, orders, "amount", [direct]),
                            lineage.InputField(PG, orders, "customer_id", [indirect]),
                        ]
                    ),
                },
                dataset=[
                    lineage.InputField(PG, orders, "status", [lineage.Transformation("INDIRECT", "FILTER")])
                ],
            ),
        },
    )
    sent = ol.RunEvent(
        eventType=ol.RunState.COMPLETE,
        eventTime="2024-05-01T10:00:00+00:00",
        run=ol.Run("0190a0f5-5b0f-7c3e-9a44-1f2e3d4c5b6a"),
        job=ol.Job(
            "airflow", "daily.load", facets={"sql": fx.sql_job.SQLJobFacet("select 1", dialect="POSTGRES")}
        ),
        inputs=[ol.InputDataset(PG, orders)],
        outputs=[out],
        producer="https://example.com",
    )
    found = extract(parse_events(Serde.to_json(sent).encode()))
    target = f"{PG}~shop.public.customers"
    assert edges(found) == {
        (f"dataset:{PG}~{orders}", f"dataset:{target}"): {"UNKNOWN"},
        (f"column:{PG}~{orders}~email", f"column:{target}~email_hash"): {"MASK"},
        (f"column:{PG}~{orders}~amount", f"column:{target}~total.eur"): {"AGGREGATE"},
        (f"column:{PG}~{orders}~customer_id", f"dataset:{target}"): {"GROUP_BY"},
        (f"column:{PG}~{orders}~status", f"dataset:{target}"): {"FILTER"},
    }
    assert found.statements[0].dialect == "postgres"
    assert [c.name for d in found.datasets for c in d.columns] == ["email_hash", "total", "total.eur"]


def test_the_clients_job_and_dataset_events_are_understood():
    from openlineage.client import event_v2 as ol
    from openlineage.client.serde import Serde

    when = "2024-05-01T10:00:00+00:00"
    job = ol.JobEvent(
        eventTime=when, producer="https://p", job=ol.Job("n", "j"), inputs=[ol.InputDataset(PG, "a.b.c")]
    )
    static = ol.DatasetEvent(eventTime=when, producer="https://p", dataset=ol.StaticDataset(PG, "a.b.d"))
    kinds = [parse_events(Serde.to_json(sent).encode())[0] for sent in (job, static)]
    assert [type(kind) for kind in kinds] == [JobEvent, DatasetEvent]
    assert {d.urn.name for d in extract(kinds).datasets} == {"a.b.c", "a.b.d"}


def test_what_events_say_is_of_the_time_at_which_it_became_so():
    def ran(hour: int, kind: str) -> dict:
        fields = {"schema": {"fields": [{"name": "id", "type": kind}]}}
        return event(
            eventTime=f"2026-05-01T{hour}:00:00Z",
            inputs=[dataset("db.public.a")],
            outputs=[dataset("db.public.b", **fields)],
        )

    found = read(ran(12, "bigint"), ran(10, "int"), ran(11, "bigint"))
    hours = {each.urn.name: each.observed_at.hour for each in found.datasets}
    assert hours == {"db.public.a": 10, "db.public.b": 11}
    assert [edge.observed_at.hour for edge in found.edges] == [10]
