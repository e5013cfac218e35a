"""Object stores that speak the real protocols: moto's S3, Azurite, fake-gcs-server."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest

from ingest.connectors.base import open_connector
from ingest.network import NetworkPolicy
from schema.domain.catalog import DiscoveredDataset, Subtype
from schema.domain.scans import Problem
from schema.errors import ConnectionFailed
from tests.servers import Store

CANARY = "canary-secret-5f1e77"


@dataclass(frozen=True, slots=True)
class Lake:
    """An empty bucket: how to fill it, and the settings of a source of it; ``url`` ends in a slash."""

    put: Callable[[str, bytes], Any]
    url: str
    namespace: str
    prefix: str
    settings: dict[str, Any]


@pytest.fixture
def s3_lake(s3: Store) -> Lake:
    import boto3

    keys = {"aws_access_key_id": "AKIATEST", "aws_secret_access_key": "s", "region_name": "us-east-1"}
    client = boto3.client("s3", endpoint_url=s3.endpoint, **keys)
    urllib.request.urlopen(urllib.request.Request(f"{s3.endpoint}/moto-api/reset", method="POST")).close()
    client.create_bucket(Bucket="lake")

    def put(key: str, content: bytes) -> None:
        client.put_object(Bucket="lake", Key=key, Body=content)

    return Lake(put, "s3://lake/", "s3://lake", "", {"endpoint": s3.endpoint, **s3.credentials})


@pytest.fixture
def azure_lake(azure: Store, request: pytest.FixtureRequest) -> Lake:
    from azure.storage.blob import ContainerClient

    name = f"c{abs(hash(request.node.name)):x}"[:20]
    client = ContainerClient(azure.endpoint, name, credential=azure.credentials["account_key"])
    client.create_container()
    return Lake(
        lambda key, content: client.upload_blob(key, content),
        f"abfss://{name}@lakeaccount.dfs.core.windows.net/",
        f"abfss://{name}@lakeaccount.dfs.core.windows.net",
        "",
        {"endpoint": azure.endpoint, **azure.credentials},
    )


@pytest.fixture
def gcs_lake(gcs: Store, request: pytest.FixtureRequest) -> Lake:
    name = f"b{abs(hash(request.node.name)):x}"[:20]

    def post(url: str, content: bytes) -> None:
        urllib.request.urlopen(urllib.request.Request(url, content, method="POST")).close()

    post(f"{gcs.endpoint}/storage/v1/b?project=p", json.dumps({"name": name}).encode())

    def put(key: str, content: bytes) -> None:
        quoted = urllib.request.quote(key, safe="")
        post(f"{gcs.endpoint}/upload/storage/v1/b/{name}/o?uploadType=media&name={quoted}", content)

    return Lake(put, f"gs://{name}/", f"gs://{name}", "", {"endpoint": gcs.endpoint, "anonymous": True})


@pytest.fixture(params=["s3_lake", "azure_lake", "gcs_lake"])
def lake(request: pytest.FixtureRequest) -> Lake:
    found: Lake = request.getfixturevalue(request.param)
    return found


def source_of(lake: Lake, access: NetworkPolicy, folder: str = "", **settings: Any) -> Any:
    return open_connector("files", {"path": lake.url + folder, **lake.settings, **settings}, access=access)


def read(source: Any) -> tuple[dict[str, DiscoveredDataset], dict[str, str]]:
    items = list(source.discover())
    return {i.name: i for i in items if isinstance(i, DiscoveredDataset)}, {
        i.subject: i.code for i in items if isinstance(i, Problem)
    }


def parquet(tmp_path: Path, query: str) -> bytes:
    duckdb.sql(f"COPY ({query}) TO '{tmp_path / 'x.parquet'}' (FORMAT parquet)")
    return (tmp_path / "x.parquet").read_bytes()


def avro(rows: list[dict[str, Any]]) -> bytes:
    import io

    import fastavro

    fields = [
        {"name": "id", "type": "long"},
        {"name": "mail", "type": ["null", "string"], "doc": "of a person"},
    ]
    content = io.BytesIO()
    fastavro.writer(content, {"type": "record", "name": "r", "fields": fields}, rows)
    return content.getvalue()


def test_files_of_every_format_in_a_store_are_datasets_under_their_openlineage_names(
    lake: Lake, access: NetworkPolicy, tmp_path: Path
) -> None:
    lake.put("in/people.csv", b"id,name\n1,Ada\n2,Bob\n")
    lake.put("in/log.jsonl", b'{"a": 1, "b": {"c": "x"}}\n')
    lake.put("in/sub/t.parquet", parquet(tmp_path, "SELECT range AS n FROM range(1234)"))
    lake.put("in/mail.avro", avro([{"id": 1, "mail": "a@x"}, {"id": 2, "mail": None}]))
    for year in (2023, 2024):
        lake.put(f"in/sales/year={year}/p.parquet", parquet(tmp_path, f"SELECT {year} AS amount"))
    lake.put("other/x.csv", b"a\n1\n")
    source = source_of(lake, access, "in")
    found, problems = read(source)
    head = f"{lake.prefix}in/"
    assert problems == {}
    assert sorted(found) == [
        head + n for n in ("log.jsonl", "mail.avro", "people.csv", "sales", "sub/t.parquet")
    ]
    assert found[head + "people.csv"].urn.namespace == source.namespace == lake.namespace
    assert [c.name for c in found[head + "people.csv"].columns] == ["id", "name"]
    assert (found[head + "sub/t.parquet"].row_count, found[head + "sales"].row_count) == (1234, 2)
    assert found[head + "sales"].properties["partition_keys"] == "year"
    mail = found[head + "mail.avro"]
    assert [(c.name, c.data_type, c.nullable) for c in mail.columns] == [
        ("id", "long", False),
        ("mail", "string", True),
    ]
    assert source.sample(mail, 5).values == {"id": [1, 2], "mail": ["a@x", None]}
    assert source.sample(found[head + "people.csv"], 1).values == {"id": [1], "name": ["Ada"]}
    assert set(source.sample(found[head + "sales"], 9).values["year"]) == {2023, 2024}
    assert source.check().findings[0].ok
    assert [d.name for d in source.discover(include=("*.csv",))] == [head + "people.csv"]
    source.close()


def test_a_delta_table_is_one_dataset_by_its_log(lake: Lake, access: NetworkPolicy, tmp_path: Path) -> None:
    deltalake = pytest.importorskip("deltalake")
    pa = pytest.importorskip("arro3.core")
    for number in (1, 2):
        data = pa.Table.from_pydict(
            {
                "id": pa.Array([number, 7], pa.DataType.int64()),
                "day": pa.Array(["mo", "tu"], pa.DataType.string()),
            }
        )
        deltalake.write_deltalake(str(tmp_path / "t"), data, partition_by=["day"], mode="append")
    for file in sorted(f for f in (tmp_path / "t").rglob("*") if f.is_file()):
        lake.put(f"sales/{file.relative_to(tmp_path / 't')}", file.read_bytes())
    lake.put("broken/_delta_log/00000000000000000000.json", b"no json")
    source = source_of(lake, access)
    found, problems = read(source)
    (table,) = found.values()
    assert table.name == f"{lake.prefix}sales"
    assert problems == {f"{lake.prefix}broken": "UNREADABLE"}
    assert (table.subtype, table.row_count) == (Subtype.TABLE, 4)
    assert [(c.name, c.data_type) for c in table.columns] == [("id", "long"), ("day", "string")]
    assert table.properties == {"format": "delta", "files": "4", "version": "1", "partition_keys": "day"}
    assert len(source.sample(table, 3).values["id"]) == 3
    source.close()


def iceberg_table(folder: Path) -> None:
    """A warehouse's table as another engine would leave it: metadata, manifests and one Parquet file."""
    import fastavro

    (folder / "metadata").mkdir(parents=True)
    (folder / "data").mkdir()
    duckdb.sql(f"COPY (SELECT 1 AS id, 'x' AS name) TO '{folder}/data/a.parquet' (FORMAT parquet)")
    place = "s3://elsewhere/warehouse/t"

    def write(name: str, fields: list[dict[str, Any]], row: dict[str, Any]) -> None:
        with (folder / "metadata" / name).open("wb") as file:
            fastavro.writer(file, {"type": "record", "name": "r", "fields": fields}, [row])

    text, number = {"type": "string"}, {"type": "int"}
    entry = {
        "type": "record",
        "name": "d",
        "fields": [{"name": "file_path", **text}, {"name": "file_format", **text}],
    }
    data = {"file_path": f"{place}/data/a.parquet", "file_format": "PARQUET"}
    write(
        "m.avro",
        [{"name": "status", **number}, {"name": "data_file", "type": entry}],
        {"status": 1, "data_file": data},
    )
    write("snap.avro", [{"name": "manifest_path", **text}], {"manifest_path": f"{place}/metadata/m.avro"})
    fields = [
        {"id": 1, "name": "id", "required": True, "type": "int", "doc": "key"},
        {"id": 2, "name": "name", "required": False, "type": "string"},
    ]
    summary = {
        "operation": "append",
        "total-records": "41",
        "total-files-size": "999",
        "total-data-files": "1",
    }
    snapshot = {"snapshot-id": 77, "timestamp-ms": 1, "manifest-list": f"{place}/metadata/snap.avro", "summary": summary,
                "sequence-number": 1, "schema-id": 0}  # fmt: skip
    spec = {
        "spec-id": 0,
        "fields": [{"source-id": 2, "field-id": 1000, "name": "n", "transform": "identity"}],
    }
    metadata = {
        "format-version": 2, "table-uuid": "9c12d441-03fe-4693-9a96-a0705ddf69c1", "location": place,
        "last-sequence-number": 1, "last-updated-ms": 1, "last-column-id": 2, "current-schema-id": 0,
        "schemas": [{"type": "struct", "schema-id": 0, "fields": fields}], "default-spec-id": 0, "partition-specs": [spec],
        "last-partition-id": 1000, "default-sort-order-id": 0, "sort-orders": [{"order-id": 0, "fields": []}],
        "current-snapshot-id": 77, "snapshots": [snapshot],
    }  # fmt: skip
    (folder / "metadata/00001-9c12d441-03fe-4693-9a96-a0705ddf69c1.metadata.json").write_text(
        json.dumps(metadata)
    )
    (folder / "metadata/00000-9c12d441-03fe-4693-9a96-a0705ddf69c1.metadata.json").write_text("{}")


def test_an_iceberg_table_is_one_dataset_by_its_newest_metadata(
    lake: Lake, access: NetworkPolicy, tmp_path: Path
) -> None:
    pytest.importorskip("pyiceberg")
    iceberg_table(tmp_path / "t")
    for file in (f for f in (tmp_path / "t").rglob("*") if f.is_file()):
        lake.put(f"wh/t/{file.relative_to(tmp_path / 't')}", file.read_bytes())
    source = source_of(lake, access)
    found, problems = read(source)
    (table,) = found.values()
    assert problems == {}
    assert (table.subtype, table.row_count, table.size_bytes) == (Subtype.TABLE, 41, 999)
    assert [(c.name, c.data_type, c.nullable, c.comment) for c in table.columns] == [
        ("id", "int", False, "key"),
        ("name", "string", True, None),
    ]
    assert table.properties == {"format": "iceberg", "files": "1", "version": "77", "partition_keys": "name"}
    assert source.sample(table, 9).values == {"id": [1], "name": ["x"]}
    source.close()


def test_a_huge_object_costs_less_than_a_megabyte(
    s3_lake: Lake, access: NetworkPolicy, tmp_path: Path
) -> None:
    big = tmp_path / "big.parquet"
    duckdb.sql(
        f"COPY (SELECT range AS id, random() AS a, random() AS b FROM range(12_500_000)) TO '{big}' (FORMAT parquet)"
    )
    assert big.stat().st_size > 200 * 1024**2
    s3_lake.put("p/big.parquet", big.read_bytes())
    s3_lake.put("c/big.csv", b"id,name\n" + b"12345,somebody\n" * 3_000_000)
    s3_lake.put("j/big.jsonl", b'{"id": 12345, "name": "somebody"}\n' * 1_000_000)
    for folder in ("p", "c", "j"):
        source = source_of(s3_lake, access, folder)
        (table,) = source.discover()
        assert table.size_bytes > 30 * 1024**2

        source.sample(table, 100) if folder != "p" else None

        assert source._storage.system.bytes_read < 1024**2
        source.close()


def test_one_bad_object_stops_none_of_the_others(lake: Lake, access: NetworkPolicy, tmp_path: Path) -> None:
    whole = parquet(tmp_path, "SELECT 1 AS a")
    lake.put("whole.parquet", whole)
    lake.put("cut.parquet", whole[:90])
    lake.put("cut.avro", avro([])[:20])
    lake.put("latin.csv", "id,name\n1,Müller\n".encode("latin-1"))
    lake.put("t/metadata/v1.metadata.json", b"{}")
    lake.put("long.jsonl", b'{"a": "' + b"x" * 400_000 + b'"}\n')
    source = source_of(lake, access)
    found, problems = read(source)
    source.close()
    assert sorted(found) == [f"{lake.prefix}long.jsonl", f"{lake.prefix}whole.parquet"]
    assert problems == {lake.prefix + n: "UNREADABLE" for n in ("cut.avro", "cut.parquet", "latin.csv", "t")}


def test_a_missing_bucket_is_an_error_and_no_empty_lake(lake: Lake, access: NetworkPolicy) -> None:
    scheme, _, rest = lake.url.partition("://")
    _, at, host = rest.partition("@")
    url = f"{scheme}://absent{at}{host}" if at else f"{scheme}://absent/"
    source = open_connector("files", {"path": url, **lake.settings}, access=access)
    for question in (source.check, lambda: list(source.discover())):
        with pytest.raises(ConnectionFailed) as failed:
            question()
        assert failed.value.cause == "NOT_FOUND"
    source.close()


def test_wrong_credentials_are_named_and_not_repeated(azure_lake: Lake, access: NetworkPolicy) -> None:
    import base64

    wrong = base64.b64encode(CANARY.encode()).decode()
    source = source_of(azure_lake, access, account_key=wrong)
    for question in (source.check, lambda: list(source.discover())):
        with pytest.raises(ConnectionFailed) as failed:
            question()
        told = f"{failed.value!r} {failed.value} {failed.value.message} {failed.value.remedy}"
        assert failed.value.cause == "CREDENTIALS"
        assert CANARY not in told
        assert wrong not in told
    source.close()


@pytest.mark.parametrize("url", ["s3://lake", "gs://lake", "abfss://lake@lakeaccount.dfs.core.windows.net"])
@pytest.mark.parametrize(
    ("endpoint", "cause"),
    [
        ("http://127.0.0.1:9", "BLOCKED_ADDRESS"),
        ("http://169.254.169.254", "BLOCKED_ADDRESS"),
        ("https://[::ffff:10.0.0.1]", "BLOCKED_ADDRESS"),
        ("ftp://127.0.0.1", "BAD_URL"),
        (f"http://user:{CANARY}@127.0.0.1", "BAD_URL"),
    ],
)
def test_an_endpoint_that_sources_may_not_reach_is_refused(url: str, endpoint: str, cause: str) -> None:
    with pytest.raises(ConnectionFailed) as refused:
        open_connector(
            "files", {"path": url, "endpoint": endpoint, "anonymous": True}, access=NetworkPolicy()
        )
    assert (refused.value.cause, refused.value.path) == (cause, ("config", "endpoint"))
    assert CANARY not in repr(refused.value) + str(refused.value)


def test_the_keys_of_this_server_are_never_sent_to_an_endpoint_of_the_users_choice(
    s3: Store, access: NetworkPolicy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", CANARY)
    with pytest.raises(ConnectionFailed) as refused:
        open_connector("files", {"path": "s3://lake", "endpoint": s3.endpoint}, access=access)
    assert refused.value.cause == "CREDENTIALS"


def test_a_google_key_that_would_lead_elsewhere_is_refused(access: NetworkPolicy) -> None:
    pytest.importorskip("gcsfs")
    key = {"type": "external_account", "token_url": "http://10.0.0.1", "private_key": CANARY}
    with pytest.raises(ConnectionFailed) as refused:
        open_connector("files", {"path": "gs://lake", "service_account": json.dumps(key)}, access=access)
    assert refused.value.cause == "CREDENTIALS"
    assert CANARY not in repr(refused.value) + str(refused.value)


def test_s3_keys_that_are_refused_are_named_and_not_repeated(s3_lake: Lake, access: NetworkPolicy) -> None:
    def authenticate_after(requests: bytes) -> None:
        address = f"{s3_lake.settings['endpoint']}/moto-api/reset-auth"
        plain = {"Content-Type": "text/plain"}
        urllib.request.urlopen(urllib.request.Request(address, requests, plain, method="POST")).close()

    source = source_of(s3_lake, access, secret_access_key=CANARY)
    authenticate_after(b"0")
    try:
        with pytest.raises(ConnectionFailed) as failed:
            list(source.discover())
    finally:
        authenticate_after(b"1000000000")
        source.close()
    assert failed.value.cause == "CREDENTIALS"
    assert CANARY not in f"{failed.value!r} {failed.value} {failed.value.remedy}"
