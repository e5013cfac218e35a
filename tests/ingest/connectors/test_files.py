from __future__ import annotations

import os
import sys
from pathlib import Path

import duckdb
import fsspec
import pytest

from ingest.connectors.base import open_connector
from ingest.network import NetworkPolicy
from schema.domain.catalog import DiscoveredDataset, Subtype
from schema.domain.scans import Problem
from schema.errors import ConnectionFailed


def parquet(path: Path, query: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    duckdb.sql(f"COPY ({query}) TO '{path}' (FORMAT parquet)")
    return path


def read(path: Path | str, access: NetworkPolicy) -> tuple[dict[str, DiscoveredDataset], dict[str, str]]:
    source = open_connector("files", {"path": str(path)}, access=access)
    items = list(source.discover())
    source.close()
    datasets = {Path(item.name).name: item for item in items if isinstance(item, DiscoveredDataset)}
    return datasets, {Path(item.subject).name: item.code for item in items if isinstance(item, Problem)}


def test_single_files_of_each_format_are_datasets_with_typed_columns(
    tmp_path: Path, access: NetworkPolicy
) -> None:
    (tmp_path / "people.csv").write_text("id;größe\n1;1,5\n2;x\n", encoding="utf-8")
    (tmp_path / "log.jsonl").write_text('{"at": "2024-01-01", "who": {"id": 1}}\n{"at": "2024-01-02"}\n')
    parquet(tmp_path / "t.parquet", "SELECT range AS n FROM range(1234)")
    (tmp_path / "notes.txt").write_text("not data")
    found, problems = read(tmp_path, access)
    assert problems == {}
    assert sorted(found) == ["log.jsonl", "people.csv", "t.parquet"]
    assert {item.subtype for item in found.values()} == {Subtype.FILE}
    assert [(c.name, c.data_type) for c in found["people.csv"].columns] == [
        ("id", "BIGINT"),
        ("größe", "VARCHAR"),
    ]
    assert [c.data_type for c in found["log.jsonl"].columns] == ["DATE", "STRUCT(id BIGINT)"]
    assert (found["t.parquet"].row_count, found["t.parquet"].columns[0].data_type) == (1234, "BIGINT")
    assert str(found["people.csv"].urn) == f"dataset:file~{tmp_path}/people.csv"


def test_a_folder_of_partitions_is_one_dataset_with_the_keys_as_columns(
    tmp_path: Path, access: NetworkPolicy
) -> None:
    for year in (2023, 2024):
        for month in (1, 2):
            parquet(
                tmp_path / f"lake/sales/year={year}/month={month}/p.parquet",
                f"SELECT {year * month} AS amount",
            )
    source = open_connector("files", {"path": str(tmp_path / "lake")}, access=access)
    (sales,) = [item for item in source.discover() if isinstance(item, DiscoveredDataset)]
    sample = source.sample(sales, 50)
    source.close()
    assert (sales.subtype, sales.path) == (Subtype.FOLDER, (f"{tmp_path}/lake/sales",))
    assert {column.name for column in sales.columns} == {"amount", "year", "month"}
    assert sales.row_count == 4
    assert sales.properties["partition_keys"] == "year,month"
    assert set(sample.values["year"]) == {2023, 2024}


def test_numbered_files_of_one_shape_are_one_dataset_and_of_several_shapes_are_not(
    tmp_path: Path, access: NetworkPolicy
) -> None:
    (tmp_path / "same").mkdir()
    (tmp_path / "mixed").mkdir()
    for number in range(30):
        (tmp_path / f"same/part-{number:04}.csv").write_text(f"id,name\n{number},x\n")
    (tmp_path / "mixed/t1.csv").write_text("a,b\n1,2\n")
    (tmp_path / "mixed/t2.csv").write_text("x,y\n1,2\n")
    found, _ = read(tmp_path, access)
    assert sorted(found) == ["same", "t1.csv", "t2.csv"]
    assert found["same"].properties["files"] == "30"
    assert [c.name for c in found["same"].columns] == ["id", "name"]


def test_damaged_files_are_problems_and_hide_nothing(tmp_path: Path, access: NetworkPolicy) -> None:
    whole = parquet(tmp_path / "whole.parquet", "SELECT 1 AS a")
    (tmp_path / "cut.parquet").write_bytes(whole.read_bytes()[:90])
    (tmp_path / "latin.csv").write_bytes("id,name\n1,Müller\n".encode("latin-1"))
    (tmp_path / "cut.jsonl").write_text('{"a": 1}\n{"a": ')
    (tmp_path / "empty.csv").write_text("")
    found, problems = read(tmp_path, access)
    assert list(found) == ["whole.parquet"]
    assert problems == {
        "cut.parquet": "UNREADABLE",
        "latin.csv": "UNREADABLE",
        "cut.jsonl": "UNREADABLE",
        "empty.csv": "EMPTY_FILE",
    }


def test_file_names_that_look_like_patterns_are_taken_by_the_letter(
    tmp_path: Path, access: NetworkPolicy
) -> None:
    (tmp_path / "a[b]*?.csv").write_text("right\n1\n")
    (tmp_path / "ab.csv").write_text("wrong\n1\n")
    found, _ = read(tmp_path, access)
    assert [c.name for c in found["a[b]*?.csv"].columns] == ["right"]


@pytest.mark.parametrize("path", ["/etc", "{0}/../../../../etc/hosts", "{0}/out", "file:///etc/passwd"])
def test_paths_outside_the_allowed_folders_are_refused(
    tmp_path: Path, access: NetworkPolicy, path: str
) -> None:
    (tmp_path / "out").symlink_to("/etc")
    with pytest.raises(ConnectionFailed) as refused:
        open_connector("files", {"path": path.format(tmp_path)}, access=access)
    assert refused.value.cause == "BLOCKED_ADDRESS"
    assert "PURSIGHT_LOCAL_FILES" in refused.value.remedy


def test_a_link_inside_the_folder_that_leads_out_is_not_read(tmp_path: Path, access: NetworkPolicy) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (tmp_path / "private.csv").write_text("secret\n1\n")
    (inside / "link.csv").symlink_to(tmp_path / "private.csv")
    (inside / "loop").symlink_to(inside)
    found, problems = read(inside, NetworkPolicy(local_files=(inside,)))
    assert (found, problems) == ({}, {"link.csv": "BLOCKED"})


@pytest.mark.parametrize("path", ["http://h/x.csv", "ftp://h/x.csv", "github://a:b@main/x.csv", "memory://x"])
def test_addresses_of_other_kinds_are_refused(path: str) -> None:
    with pytest.raises(ConnectionFailed) as refused:
        open_connector("files", {"path": path}, access=NetworkPolicy())
    assert refused.value.cause == "BAD_URL"


def test_a_store_without_its_driver_names_the_package(
    access: NetworkPolicy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "gcsfs.core", None)
    with pytest.raises(ConnectionFailed) as failed:
        open_connector("files", {"path": "gs://bucket/folder"}, access=access)
    assert (failed.value.cause, failed.value.remedy) == ("MISSING_DRIVER", "pip install gcsfs")


def test_any_fsspec_storage_is_read_like_a_folder(tmp_path: Path, access: NetworkPolicy) -> None:
    memory = fsspec.filesystem("memory")
    memory.pipe("/lake/x.csv", b"a,b\n1,2\n")
    memory.pipe("/lake/y/k=1/p.parquet", parquet(tmp_path / "p.parquet", "SELECT 'v' AS v").read_bytes())
    found, problems = read("memory://lake", access)
    memory.rm("/lake", recursive=True)
    assert problems == {}
    assert {name: item.subtype for name, item in found.items()} == {
        "x.csv": Subtype.FILE,
        "y": Subtype.FOLDER,
    }
    assert [c.name for c in found["y"].columns] == ["v", "k"]


def test_only_the_head_of_a_huge_file_is_read(tmp_path: Path, access: NetworkPolicy) -> None:
    huge = tmp_path / "huge.csv"
    with huge.open("w") as file:
        file.write("id,name\n" + "1,x\n" * 10_000_000)
        file.truncate(10 * 1024**3)  # sparse: 10 GiB of NUL would take minutes to read
    found, _ = read(tmp_path, access)
    assert [c.name for c in found["huge.csv"].columns] == ["id", "name"]
    assert found["huge.csv"].size_bytes == 10 * 1024**3


def test_check_finds_the_folder_or_says_that_it_is_missing(tmp_path: Path, access: NetworkPolicy) -> None:
    (tmp_path / "x.csv").write_text("a\n1\n")
    source = open_connector("files", {"path": str(tmp_path)}, access=access)
    assert "1 datasets" in source.check().findings[0].message
    source.close()
    with pytest.raises(ConnectionFailed) as missing:
        open_connector("files", {"path": os.path.join(tmp_path, "absent")}, access=access).check()
    assert missing.value.cause == "NOT_FOUND"


def test_a_sample_can_be_taken_by_another_connector_than_the_one_that_found_it(
    tmp_path: Path, access: NetworkPolicy
) -> None:
    (tmp_path / "x.csv").write_text("a,b\n" + "1,2\n" * 50)
    found, _ = read(tmp_path, access)
    source = open_connector("files", {"path": str(tmp_path)}, access=access)
    assert source.sample(found["x.csv"], 7).values == {"a": [1] * 7, "b": [2] * 7}
    source.close()
