"""Delta and Iceberg tables by their own metadata, and Avro files by their header; no data file is read to describe a table."""

from __future__ import annotations

import gzip
import io
import json
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from ingest.connectors.avro import avro_fields
from ingest.connectors.base import load
from ingest.connectors.failures import missing_driver
from ingest.connectors.listing import Group, Storage
from schema.domain.catalog import DiscoveredColumn

MOST_METADATA = 64 * 1024 * 1024  # bytes of one table's log or metadata
_VERSION = re.compile(r"(\d{20})\.(json|checkpoint.*\.parquet)")
_METADATA = re.compile(r"v?(\d+)(?:-.*)?\.(?:gz\.)?metadata\.json(?:\.gz)?")


class Unreadable(ValueError):
    """What a file says is not what its format means."""


@dataclass(frozen=True, slots=True)
class Table:
    """What the metadata say; ``files`` hold the rows of the version, ``size`` is theirs, bytes."""

    columns: tuple[DiscoveredColumn, ...]
    rows: int | None = None
    size: int | None = None
    properties: dict[str, str] = field(default_factory=dict)
    files: tuple[str, ...] = ()


def table(storage: Storage, group: Group, *, with_files: bool = False) -> Table:
    """The table of a group; raises ``Unreadable``, or ``ConnectionFailed`` MISSING_DRIVER. ``files`` of Iceberg only if asked for."""
    reader, package = (_delta, "deltalake") if group.format == "delta" else (_iceberg, "pyiceberg")
    try:
        return reader(storage, group, with_files)
    except ImportError:
        raise missing_driver(group.format, package) from None
    except (ValueError, KeyError, TypeError, IndexError, OSError, EOFError) as error:
        raise Unreadable(group.format) from error
    except Exception as error:
        if type(error).__module__.partition(".")[0] in (
            "deltalake",
            "_internal",
            "pyiceberg",
            "pydantic_core",
        ):
            raise Unreadable(group.format) from error
        raise


def avro_columns(storage: Storage, file: str) -> tuple[DiscoveredColumn, ...]:
    """The fields of the writer's schema; raises ``Unreadable``."""
    with _avro(storage, file) as reader:
        schema = reader.writer_schema
    try:
        return avro_fields(schema)
    except (ValueError, KeyError, TypeError) as error:
        raise Unreadable("avro") from error


def avro_rows(storage: Storage, file: str, most: int) -> list[dict[str, Any]]:
    """At most so many records from the front of a file; raises ``Unreadable``."""
    with _avro(storage, file) as reader:
        return list(islice(reader, most))


class _avro:  # noqa: N801 - reads as the statement it is
    def __init__(self, storage: Storage, file: str) -> None:
        self._handle = storage.open(file)

    def __enter__(self) -> Any:
        try:
            from fastavro import reader

            return reader(self._handle)
        except ImportError:
            self._handle.close()
            raise missing_driver("Avro", "fastavro") from None
        except (ValueError, KeyError, TypeError, EOFError, IndexError) as error:
            self._handle.close()
            raise Unreadable("avro") from error

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        self._handle.close()
        if isinstance(error, ValueError | KeyError | TypeError | EOFError | IndexError):
            raise Unreadable("avro") from error


def _delta(storage: Storage, group: Group, with_files: bool) -> Table:
    load("deltalake")
    from deltalake import DeltaTable

    with tempfile.TemporaryDirectory(prefix="pursight-") as folder:
        log = Path(folder) / "_delta_log"
        log.mkdir()
        for file in _since_checkpoint(group):
            # The log alone is enough, and so the library needs neither network nor credentials.
            (log / PurePosixPath(file).name).write_bytes(storage.read(file, MOST_METADATA))
        opened = DeltaTable(folder)
        metadata, version = opened.metadata(), opened.version()
        schema = json.loads(opened.schema().to_json())
        adds = [
            dict(zip(batch, row, strict=True)) for batch, row in _rows(opened.get_add_actions(flatten=True))
        ]
    columns = tuple(
        DiscoveredColumn(
            each["name"], _delta_type(each["type"]), each["nullable"], n, each["metadata"].get("comment")
        )
        for n, each in enumerate(schema["fields"], start=1)
    )
    counts = [each.get("num_records") for each in adds]
    properties = {"version": str(version), "partition_keys": ",".join(metadata.partition_columns)}
    files = tuple(_inside(group.name, unquote(each["path"])) for each in adds)
    return Table(
        columns,
        None if None in counts else sum(int(c) for c in counts if c is not None),
        sum(int(each["size_bytes"]) for each in adds),
        {**properties, "files": str(len(adds))},
        files,
    )


def _since_checkpoint(group: Group) -> list[str]:
    """The newest whole checkpoint and the commits after it."""
    versions: dict[str, tuple[int, str]] = {}
    for file in group.files:
        if found := _VERSION.fullmatch(PurePosixPath(file).name):
            versions[file] = (int(found[1]), found[2])
    checkpoints = [version for version, kind in versions.values() if kind == "checkpoint.parquet"]
    newest = max(checkpoints, default=-1)
    chosen = [
        file
        for file, (version, kind) in versions.items()
        if (kind == "json" and version > newest) or (version == newest and kind in ("json", "checkpoint.parquet"))
        or (newest < 0 and kind != "json")
    ]  # fmt: skip
    if (
        sum(size for file, size in zip(group.files, group.sizes, strict=True) if file in chosen)
        > MOST_METADATA
    ):
        raise Unreadable("delta")
    return chosen


def _rows(batch: Any) -> Iterator[tuple[list[str], list[Any]]]:
    names = [each.name for each in batch.schema]
    wanted = [name for name in names if name in ("path", "size_bytes", "num_records")]
    columns = [batch.column(names.index(name)).to_pylist() for name in wanted]
    yield from ((wanted, list(row)) for row in zip(*columns, strict=True))


def _delta_type(given: Any) -> str:
    if not isinstance(given, dict):
        return str(given)
    if given["type"] == "array":
        return f"array<{_delta_type(given['elementType'])}>"
    if given["type"] == "map":
        return f"map<{_delta_type(given['keyType'])}, {_delta_type(given['valueType'])}>"
    fields = (f"{each['name']}: {_delta_type(each['type'])}" for each in given["fields"])
    return f"struct<{', '.join(fields)}>"


def _iceberg(storage: Storage, group: Group, with_files: bool) -> Table:
    load("pyiceberg.table.metadata")
    from pyiceberg.table.metadata import TableMetadataUtil

    content = storage.read(_newest_metadata(group), MOST_METADATA)
    if content[:2] == b"\x1f\x8b":
        content = gzip.GzipFile(fileobj=io.BytesIO(content)).read(MOST_METADATA)
    metadata = TableMetadataUtil.parse_raw(content.decode())
    schema = metadata.schema()
    columns = tuple(
        DiscoveredColumn(each.name, str(each.field_type), not each.required, n, each.doc)
        for n, each in enumerate(schema.fields, start=1)
    )
    keys = [str(schema.find_column_name(each.source_id)) for each in metadata.spec().fields]
    snapshot = metadata.current_snapshot()
    told = dict(snapshot.summary.additional_properties) if snapshot and snapshot.summary else {}
    if snapshot is None:
        told = {"total-records": "0", "total-files-size": "0", "total-data-files": "0"}
    properties = {"version": str(snapshot.snapshot_id) if snapshot else "0", "partition_keys": ",".join(keys)}
    properties["files"] = told.get("total-data-files", "")
    deletes = any(int(told.get(f"total-{kind}-deletes", 0)) for kind in ("position", "equality"))
    rows = None if deletes or "total-records" not in told else int(told["total-records"])
    size = int(told["total-files-size"]) if "total-files-size" in told else None
    files: tuple[str, ...] = ()
    if with_files and snapshot is not None:
        files = tuple(islice(_iceberg_files(storage, group, metadata.location, snapshot.manifest_list), 3))
    return Table(columns, rows, size, properties, files)


def _newest_metadata(group: Group) -> str:
    numbered = [
        (int(found[1]), file)
        for file in group.files
        if (found := _METADATA.fullmatch(PurePosixPath(file).name))
    ]
    return max(numbered)[1]


def _iceberg_files(storage: Storage, group: Group, location: str, manifests: str) -> Iterator[str]:
    def inside(path: str) -> str:
        return _inside(group.name, _relative(path, location))

    for manifest in avro_rows(storage, inside(manifests), 100):
        if manifest.get("content", 0) == 0:
            for entry in avro_rows(storage, inside(manifest["manifest_path"]), 100):
                data = entry["data_file"]
                if entry["status"] != 2 and data["file_format"].lower() == "parquet":
                    yield inside(data["file_path"])


def _relative(path: str, location: str) -> str:
    here, there = urlsplit(path), urlsplit(location)
    if not here.path.startswith(there.path.rstrip("/") + "/"):
        raise Unreadable("iceberg")
    return here.path[len(there.path.rstrip("/")) + 1 :]


def _inside(root: str, path: str) -> str:
    """A file of the table; a log may name any file, and only those below its own folder are opened."""
    if "://" in path or path.startswith("/") or ".." in path.split("/"):
        raise Unreadable(root)
    return f"{root}/{path}" if root != "/" else path
