"""The dbt connector on recorded projects."""

import shutil
from pathlib import Path

import pytest

from ingest.connectors.base import Capability, connector_class, open_connector
from ingest.network import NetworkPolicy
from schema.errors import BadDocument, ConnectionFailed, InvalidInput

DATA = Path(__file__).parents[2] / "data" / "dbt"
ACCESS = NetworkPolicy(local_files=(DATA,))


def opened(project: str, *, access: NetworkPolicy = ACCESS, folder: Path = DATA, **config: str):
    files = {name: folder / project / f"{name}.json" for name in ("manifest", "catalog", "run_results")}
    found = {name: str(path) for name, path in files.items() if path.exists()}
    return open_connector("dbt", found | {"namespace": "bigquery"} | config, access=access)


def test_a_project_is_checked_discovered_and_extracted():
    source = opened("bigquery")
    report = source.check()
    assert (report.namespace, report.version) == ("dbt://jaffle_shop", "dbt manifest v5")
    assert {f.capability: (f.ok, f.message) for f in report.findings} == {
        Capability.SCHEMA: (True, ""),
        Capability.LINEAGE: (True, ""),
    }
    assert len(list(source.discover())) == 8
    extract = source.extract()
    assert len(extract.edges) == 8
    assert len(extract.statements) == 5
    source.close()


def test_it_offers_lineage_and_no_samples():
    kind = connector_class("dbt")
    assert kind.capabilities == {Capability.SCHEMA, Capability.LINEAGE}
    source = opened("bigquery")
    dataset = next(iter(source.discover()))
    assert source.sample(dataset, 10).columns == ()


def test_only_the_datasets_asked_for_are_discovered_and_problems_are_told_once():
    source = opened("test")
    assert [d.name for d in source.discover(include=["*first*"])] == ["test_first_dbt_model"]
    assert {p.code for p in source.extract().problems} == {"NO_COMPILED_SQL"}


def test_the_check_says_what_is_missing_for_columns_and_their_lineage():
    messages = {f.capability: (f.ok, f.message) for f in opened("test").check().findings}
    assert "catalog" in messages[Capability.SCHEMA][1]
    assert messages[Capability.LINEAGE][0] is False
    assert "dbt compile" in messages[Capability.LINEAGE][1]


def test_another_identity_of_the_warehouse_can_be_declared():
    source = opened(
        "postgres", namespace="postgres://replica", namespace_aliases={"postgres://replica": "postgres://db"}
    )
    assert {d.urn.namespace for d in source.extract().datasets} == {"postgres://db:5432"}


def test_a_project_is_a_source_beside_its_warehouse():
    assert opened("postgres", namespace="postgres://db").namespace == "dbt://jaffle_shop"


def test_a_file_outside_the_allowed_folders_is_not_read(tmp_path):
    shutil.copytree(DATA / "duckdb", tmp_path / "duckdb")
    with pytest.raises(ConnectionFailed) as caught:
        opened("duckdb", folder=tmp_path).check()
    assert (caught.value.cause, caught.value.path) == ("BLOCKED_ADDRESS", ("config", "manifest"))


def test_a_link_out_of_the_allowed_folders_is_not_followed(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "manifest.json").symlink_to(DATA / "duckdb" / "manifest.json")
    access = NetworkPolicy(local_files=(tmp_path / "in",))
    with pytest.raises(ConnectionFailed, match="outside"):
        opened("in", folder=tmp_path, access=access).check()


@pytest.mark.parametrize("field", ["manifest", "catalog", "run_results"])
def test_a_missing_file_is_named_by_its_setting(field):
    with pytest.raises(ConnectionFailed) as caught:
        opened("bigquery", **{field: str(DATA / "none.json")}).check()
    assert (caught.value.cause, caught.value.path) == ("NOT_FOUND", ("config", field))
    with pytest.raises(ConnectionFailed):
        opened("bigquery", **{field: str(DATA)}).check()


def test_a_broken_artifact_is_named_by_its_setting(tmp_path):
    (tmp_path / "manifest.json").write_text('{"nodes": {')
    access = NetworkPolicy(local_files=(tmp_path,))
    with pytest.raises(BadDocument) as caught:
        opened("", folder=tmp_path, access=access).check()
    assert caught.value.path == ("config", "manifest")


def test_a_source_without_its_warehouse_is_refused():
    with pytest.raises(InvalidInput) as caught:
        open_connector("dbt", {"manifest": "m.json"}, access=ACCESS)
    assert caught.value.path == ("config", "namespace")
