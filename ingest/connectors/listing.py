"""Which files a place holds, and which of them belong together."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from ingest.connectors.stores import SCHEMES, StoreConfig, open_store, place_of
from ingest.connectors.structure import problem
from ingest.network import NetworkPolicy
from schema.domain.platforms import canonical_namespace
from schema.domain.scans import Problem, Severity
from schema.errors import ConnectionFailed

FORMATS = {
    "csv": "CSV", "json": "JSON", "parquet": "Parquet", "avro": "Avro", "delta": "Delta", "iceberg": "Iceberg",
}  # fmt: skip
TABLES = ("delta", "iceberg")  # formats whose folder tells what belongs to it
MOST_FILES = 100_000
_ENDINGS = {
    ".csv": "csv", ".tsv": "csv", ".json": "json", ".jsonl": "json", ".ndjson": "json", ".parquet": "parquet",
    ".avro": "avro",
}  # fmt: skip
_COMPRESSED = (".gz", ".zst")
_LOGS = {
    "_delta_log": ("delta", re.compile(r"\d{20}\..*(json|parquet)")),
    "metadata": ("iceberg", re.compile(r"v?\d+.*\.metadata\.json(\.gz)?")),
}
_PARTITION = re.compile(r"([^=/]+)=([^/]*)")
_NOTHING = re.compile(r"(?!)")
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
    container: str = ""  # leads the names of a store whose canonical namespace does not hold it

    def named(self, name: str) -> str:
        """The name of a dataset in the namespace."""
        return f"{self.container}/{name.lstrip('/')}".rstrip("/") if self.container else name

    def exists(self) -> bool:
        return os.path.exists(self.root) if self.protocol == "file" else bool(self.system.exists(self.root))

    def open(self, file: str) -> BinaryIO:
        """The content of one of its files."""
        if self.protocol == "file":
            return Path(file).open("rb")
        opened: BinaryIO = self.system.open(file)
        return opened

    def read(self, file: str, most: int) -> bytes:
        """The whole content; raises ``ValueError`` for a file of more bytes."""
        with self.open(file) as handle:
            content = handle.read(most + 1)
        if len(content) > most:
            raise ValueError("too large")
        return content

    def relative(self, name: str) -> str:
        """A name as seen from the root; the root itself by its last part."""
        inside = name.removeprefix(self.root).strip("/")
        return inside or PurePosixPath(name).name

    def literal(self, file: str) -> str:
        """The file as DuckDB takes it, with nothing left that means a pattern."""
        return (file if self.protocol == "file" else f"objects:///{file}").translate(_GLOB)

    def files(self) -> Iterator[tuple[str, int]]:
        """Paths and sizes; of local files the real ones, each once."""
        return self._local() if self.protocol == "file" else self._remote()

    def _local(self) -> Iterator[tuple[str, int]]:
        if os.path.isfile(self.root):
            yield self.root, os.path.getsize(self.root)
        for folder, below, names in os.walk(self.root):
            below[:] = sorted(name for name in below if name in _LOGS or name[0] not in "._")
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
        found = self.system.find(self.root)
        if not found and not self.exists():
            raise not_there()
        for path, info in sorted(found.items()):
            folders = self.relative(path).split("/")[:-1]
            if all(name in _LOGS or name[:1] not in (".", "_") for name in folders):
                yield path, int(info["size"])


def not_there() -> ConnectionFailed:
    """``ConnectionFailed`` NOT_FOUND at the field ``path``."""
    return ConnectionFailed(
        "NOT_FOUND", "There is no such file or folder.", "Check the path.", path=("config", "path")
    )


def open_storage(path: str, config: StoreConfig, access: NetworkPolicy) -> Storage:
    """The place behind a path or URL; raises ``ConnectionFailed`` BLOCKED_ADDRESS, BAD_URL, MISSING_DRIVER or CREDENTIALS."""
    protocol, found, rest = path.partition("://")
    if not found or protocol == "file":
        real = str(access.local_path(rest if found else path))
        return Storage(
            "file", real, "file", None, access, (real if Path(real).is_dir() else str(Path(real).parent),)
        )
    if protocol not in SCHEMES or (protocol == "memory" and not access.allow_private):
        known = ", ".join(sorted(SCHEMES.keys() - {"memory"}))
        raise ConnectionFailed(
            "BAD_URL",
            "Files of this kind of address are not read.",
            f"Give a path, or a URL of {known}.",
            path=("config", "path"),
        )
    place = place_of(path, config)
    inner = open_store(place, config, access)
    from ingest.connectors.objects import Objects

    system = Objects(inner, place.bucket)
    container = "" if canonical_namespace(place.namespace) == place.namespace else place.bucket
    return Storage(
        place.kind, place.key, place.namespace, system, access, ("objects:///",), container=container
    )


def grouped(storage: Storage) -> tuple[list[Group], list[Problem]]:
    """The datasets of a place, sorted by name, and what could not be one."""
    storage.problems.clear()
    heaps: dict[tuple[str, str, str], list[tuple[str, int]]] = {}
    keys: dict[tuple[str, str, str], tuple[str, ...]] = {}
    listed: list[tuple[str, int]] = []
    for count, each in enumerate(storage.files()):
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
        listed.append(each)
    tables, listed = _tables(listed)
    for file, size in listed:
        kind = format_of(file)
        if kind is None:
            continue
        base, partitions = _base(PurePosixPath(file).parent, storage.root)
        shape = "" if partitions else _NUMBER.sub("*", PurePosixPath(file).name)
        heaps.setdefault((base, kind, shape), []).append((file, size))
        keys.setdefault((base, kind, shape), partitions)
    shared = _shared_folders(heaps)
    groups = [_group(place, heap, keys[place], place[0] in shared) for place, heap in heaps.items()]
    groups += tables
    return sorted(groups, key=lambda group: group.name), list(storage.problems)


def _tables(listed: list[tuple[str, int]]) -> tuple[list[Group], list[tuple[str, int]]]:
    """Folders that are a Delta or Iceberg table, with the files of their log; and the files of no table."""
    logs: dict[tuple[str, str], list[tuple[str, int]]] = {}
    for file, size in listed:
        path = PurePosixPath(file)
        kind, names = _LOGS.get(path.parent.name, ("", _NOTHING))
        if names.fullmatch(path.name):
            logs.setdefault((_folder(path.parent.parent), kind), []).append((file, size))
    roots = {root for root, _ in logs}
    groups = [
        Group(root, kind, tuple(f for f, _ in heap), tuple(s for _, s in heap), True)
        for (root, kind), heap in logs.items()
    ]
    if not roots:
        return [], listed
    rest = [each for each in listed if not any(_folder(up) in roots for up in PurePosixPath(each[0]).parents)]
    return groups, rest


def _folder(path: PurePosixPath) -> str:
    """A folder's name; that of a bucket itself is a slash, as in OpenLineage."""
    return "/" if str(path) == "." else str(path)


def format_of(file: str) -> str | None:
    """The key of ``FORMATS`` by the file's ending; None for anything else and for hidden files."""
    name = PurePosixPath(file).name.lower()
    if name[0] in "._":
        return None
    for ending in _COMPRESSED:
        name = name.removesuffix(ending)
    return _ENDINGS.get(PurePosixPath(name).suffix)


def _base(folder: PurePosixPath, root: str) -> tuple[str, tuple[str, ...]]:
    """The folder above the partitions, and their keys from the top."""
    keys: list[str] = []
    while len(str(folder)) >= len(root) and (found := _PARTITION.fullmatch(folder.name)):
        keys.insert(0, found[1])
        folder = folder.parent
    return _folder(folder), tuple(keys)


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
    name = f"{folder.rstrip('/')}/{shape or '*.' + kind}".lstrip("/" * (folder == "/")) if shared else folder
    return Group(name, kind, files, sizes, True, partitions)
