"""Which files a place holds, and which of them belong together."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from ingest.connectors.failures import failure, missing_driver
from ingest.connectors.structure import problem
from ingest.network import NetworkPolicy
from schema.domain.scans import Problem, Severity
from schema.errors import ConnectionFailed

FORMATS = {"csv": "CSV", "json": "JSON", "parquet": "Parquet"}
MOST_FILES = 100_000
_ENDINGS = {
    ".csv": "csv", ".tsv": "csv", ".json": "json", ".jsonl": "json", ".ndjson": "json", ".parquet": "parquet",
}  # fmt: skip
_COMPRESSED = (".gz", ".zst")
_STORES = {
    "s3": "s3fs",
    "s3a": "s3fs",
    "gs": "gcsfs",
    "gcs": "gcsfs",
    "abfss": "adlfs",
    "abfs": "adlfs",
    "az": "adlfs",
}
_PARTITION = re.compile(r"([^=/]+)=([^/]*)")
_NUMBER = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d+", re.IGNORECASE)
_GLOB = str.maketrans({"[": "[[]", "*": "[*]", "?": "[?]"})


@dataclass(frozen=True, slots=True)
class Group:
    """Files that are one dataset; ``size`` in bytes, ``partitions`` the keys in their paths."""

    name: str
    format: str
    files: tuple[str, ...]
    sizes: tuple[int, ...]
    folder: bool = False
    partitions: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        return sum(self.sizes)

    def some(self, most: int) -> list[str]:
        """At most so many of the files, spread evenly, the first and the last among them."""
        if len(self.files) <= most:
            return list(self.files)
        return [self.files[i * (len(self.files) - 1) // (most - 1)] for i in range(most)]

    def apart(self) -> list[Group]:
        """Each file as a dataset of its own."""
        return [Group(f, self.format, (f,), (s,)) for f, s in zip(self.files, self.sizes, strict=True)]


@dataclass(slots=True)
class Storage:
    """A place with files; ``folders`` are what DuckDB may open."""

    protocol: str
    root: str
    namespace: str
    system: Any
    access: NetworkPolicy
    folders: tuple[str, ...] = ()
    problems: list[Problem] = field(default_factory=list)

    def exists(self) -> bool:
        return os.path.exists(self.root) if self.protocol == "file" else bool(self.system.exists(self.root))

    def relative(self, name: str) -> str:
        """A name as seen from the root; the root itself by its last part."""
        inside = name.removeprefix(self.root).strip("/")
        return inside or PurePosixPath(name).name

    def literal(self, file: str) -> str:
        """The file as DuckDB takes it, with nothing left that means a pattern."""
        return (file if self.protocol == "file" else f"{self.protocol}://{file}").translate(_GLOB)

    def files(self) -> Iterator[tuple[str, int]]:
        """Paths and sizes; of local files the real ones, each once."""
        return self._local() if self.protocol == "file" else self._remote()

    def _local(self) -> Iterator[tuple[str, int]]:
        if os.path.isfile(self.root):
            yield self.root, os.path.getsize(self.root)
        for folder, below, names in os.walk(self.root):
            below[:] = sorted(name for name in below if name[0] not in "._")
            for name in sorted(names):
                file = os.path.join(folder, name)
                try:
                    if os.path.islink(file):
                        self.access.local_path(file)
                    if os.path.isfile(file):
                        yield file, os.path.getsize(file)
                except ConnectionFailed:
                    self.problems.append(
                        problem("BLOCKED", (file,), "A link that leads out of the allowed folders.")
                    )
                except OSError:
                    self.problems.append(problem("UNREADABLE", (file,), "The file cannot be opened."))

    def _remote(self) -> Iterator[tuple[str, int]]:
        for path, info in sorted(self.system.find(self.root, detail=True).items()):
            yield path, int(info.get("size") or 0)


def open_storage(path: str, access: NetworkPolicy) -> Storage:
    """The place behind a path or URL; raises ``ConnectionFailed`` BLOCKED_ADDRESS, BAD_URL or MISSING_DRIVER."""
    protocol, found, rest = path.partition("://")
    if not found or protocol == "file":
        real = str(access.local_path(rest if found else path))
        return Storage(
            "file", real, "file", None, access, (real if Path(real).is_dir() else str(Path(real).parent),)
        )
    if protocol not in _STORES and not (protocol == "memory" and access.allow_private):
        known = ", ".join(sorted(_STORES))
        raise ConnectionFailed(
            "BAD_URL",
            "Files of this kind of address are not read.",
            f"Give a path, or a URL of {known}.",
            path=("config", "path"),
        )
    import fsspec

    try:
        system, root = fsspec.core.url_to_fs(path)
    except ImportError:
        raise missing_driver(protocol, _STORES[protocol]) from None
    except (ValueError, OSError) as error:
        raise failure(error) from None
    bucket = rest.partition("/")[0] if protocol != "memory" else ""
    return Storage(
        protocol,
        str(root),
        f"{protocol}://{bucket}",
        system,
        access,
        (f"{protocol}:///", f"{protocol}://{bucket}"),
    )


def grouped(storage: Storage) -> tuple[list[Group], list[Problem]]:
    """The datasets of a place, sorted by name, and what could not be one."""
    storage.problems.clear()
    heaps: dict[tuple[str, str, str], list[tuple[str, int]]] = {}
    keys: dict[tuple[str, str, str], tuple[str, ...]] = {}
    for count, (file, size) in enumerate(storage.files()):
        if count >= MOST_FILES:
            storage.problems.append(
                problem(
                    "TOO_MANY_FILES",
                    (storage.root,),
                    f"Only {MOST_FILES} files were looked at.",
                    Severity.ERROR,
                )
            )
            break
        kind = format_of(file)
        if kind is None:
            continue
        base, partitions = _base(str(PurePosixPath(file).parent), storage.root)
        shape = "" if partitions else _NUMBER.sub("*", PurePosixPath(file).name)
        heaps.setdefault((base, kind, shape), []).append((file, size))
        keys.setdefault((base, kind, shape), partitions)
    shared = _shared_folders(heaps)
    groups = [_group(place, heap, keys[place], place[0] in shared) for place, heap in heaps.items()]
    return sorted(groups, key=lambda group: group.name), list(storage.problems)


def format_of(file: str) -> str | None:
    """csv, json or parquet by the file's ending; None for anything else and for hidden files."""
    name = PurePosixPath(file).name.lower()
    if name[0] in "._":
        return None
    for ending in _COMPRESSED:
        name = name.removesuffix(ending)
    return _ENDINGS.get(PurePosixPath(name).suffix)


def _base(folder: str, root: str) -> tuple[str, tuple[str, ...]]:
    """The folder above the partitions, and their keys from the top."""
    keys: list[str] = []
    while len(folder) >= len(root) and (found := _PARTITION.fullmatch(PurePosixPath(folder).name)):
        keys.insert(0, found[1])
        folder = str(PurePosixPath(folder).parent)
    return folder, tuple(keys)


def _shared_folders(heaps: dict[tuple[str, str, str], list[tuple[str, int]]]) -> set[str]:
    """Folders that hold more than one dataset, and so cannot lend one of them their name."""
    seen: set[str] = set()
    twice: set[str] = set()
    for folder, _, _ in heaps:
        (twice if folder in seen else seen).add(folder)
    return twice


def _group(
    place: tuple[str, str, str], heap: list[tuple[str, int]], partitions: tuple[str, ...], shared: bool
) -> Group:
    folder, kind, shape = place
    files, sizes = tuple(f for f, _ in heap), tuple(s for _, s in heap)
    if not partitions and len(files) == 1:
        return Group(files[0], kind, files, sizes)
    name = f"{folder}/{shape or '*.' + kind}" if shared else folder
    return Group(name, kind, files, sizes, True, partitions)
