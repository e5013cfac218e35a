"""One bucket as a read-only file system of ranges: what DuckDB and the format readers ask for is fetched, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from fsspec.spec import AbstractBufferedFile, AbstractFileSystem

from ingest.connectors.stores import store_failure

_AHEAD = 64 * 1024  # bytes fetched beyond what was asked for
_HEAD = 128 * 1024  # bytes of JSON lines that tell their columns
_T = TypeVar("_T")


class Objects(AbstractFileSystem):  # type: ignore[misc]
    """Keys of one bucket without its name; raises ``ConnectionFailed``. ``bytes_read`` counts what the store sent as content."""

    protocol = "objects"
    cachable = False

    def __init__(self, inner: Any, bucket: str) -> None:
        super().__init__()
        self._inner, self._bucket = inner, bucket
        self._sizes: dict[str, int] = {}
        self._heads: dict[str, int] = {}
        self.bytes_read = 0

    @classmethod
    def _strip_protocol(cls, path: str) -> str:
        return path.removeprefix("objects://").strip("/")

    def exists(self, path: str, **_: Any) -> bool:
        key = self._strip_protocol(path)
        if key in self._sizes:
            return True
        try:
            return bool(self._inner.ls(self._at(key), detail=False)) or not key
        except FileNotFoundError:
            return False
        except Exception as error:
            raise store_failure(error) from None

    def find(self, path: str, **_: Any) -> dict[str, dict[str, Any]]:
        found = self._asked(lambda: self._inner.find(self._at(self._strip_protocol(path)), detail=True))
        skip = len(self._bucket) + 1
        inside = {name.strip("/")[skip:]: info for name, info in found.items() if info["type"] == "file"}
        self._sizes = {key: int(info.get("size") or 0) for key, info in inside.items()}
        return {key: {"name": key, "size": size, "type": "file"} for key, size in self._sizes.items()}

    def info(self, path: str, **_: Any) -> dict[str, Any]:
        key = self._strip_protocol(path)
        if key not in self._sizes:
            self._sizes[key] = int(self._asked(lambda: self._inner.info(self._at(key)))["size"])
        return {"name": key, "size": self._sizes[key], "type": "file"}

    def glob(self, path: str, **_: Any) -> list[str]:
        """The one file of that name: nothing that comes here is meant as a pattern."""
        key = self._strip_protocol(path)
        for character in "*?[":
            key = key.replace(f"[{character}]", character)
        return [f"/{key}"]  # DuckDB puts the protocol before it, and compares with the folders it may open

    def fetch(self, key: str, start: int, end: int) -> bytes:
        """Bytes ``start`` to ``end`` of an object."""
        content = bytes(self._asked(lambda: self._inner.cat_file(self._at(key), start=start, end=end)))
        self.bytes_read += len(content)
        return content

    def _open(self, path: str, mode: str = "rb", **_: Any) -> _Object:
        return _Object(self, path, mode, block_size=_AHEAD, cache_type="readahead", size=self._shown(path))

    def _shown(self, path: str) -> int:
        """Bytes of an object that readers see: of JSON lines whole lines of the head, for DuckDB reads 32 MiB of them at once."""
        key, size = self._strip_protocol(path), int(self.info(path)["size"])
        if size <= _HEAD or not key.lower().endswith((".jsonl", ".ndjson")):
            return size
        if key not in self._heads:
            self._heads[key] = self.fetch(key, 0, _HEAD).rfind(b"\n") + 1 or size
        return self._heads[key]

    def modified(self, path: str) -> Any:
        """A fixed time: one connector sees one state of the bucket."""
        from datetime import UTC, datetime

        return datetime.fromtimestamp(0, UTC)

    def _at(self, key: str) -> str:
        return f"{self._bucket}/{key}".rstrip("/")

    def _asked(self, question: Callable[[], _T]) -> _T:
        try:
            return question()
        except Exception as error:  # each vendor has a hierarchy of its own
            raise store_failure(error) from None


class _Object(AbstractBufferedFile):  # type: ignore[misc]
    def _fetch_range(self, start: int, end: int) -> bytes:
        content: bytes = self.fs.fetch(self.path, start, min(end, self.size))
        return content
