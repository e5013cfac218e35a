"""JSON documents as columns hold them: their fields are judged as columns are, their leaves masked one by one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

DEEPEST = 12
Path = tuple[str, ...]


def document(value: object) -> Any:
    """The object or list that a value is or spells; None where it is neither."""
    if isinstance(value, Mapping | list | tuple):
        return value
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            found = json.loads(value)
        except (ValueError, RecursionError):
            return None
        return found if isinstance(found, Mapping | list) else None
    return None


def leaves(documents: Sequence[Any]) -> dict[Path, list[object]]:
    """The values of each field, by the names that lead to it; elements of a list belong to the field of the list."""
    found: dict[Path, list[object]] = {}

    def walk(value: Any, path: Path, depth: int) -> None:
        if isinstance(value, Mapping) and depth < DEEPEST:
            for name, each in value.items():
                walk(each, (*path, str(name)), depth + 1)
        elif isinstance(value, list | tuple) and depth < DEEPEST:
            for each in value:
                walk(each, path, depth + 1)
        else:
            found.setdefault(path, []).append(value)

    for each in documents:
        walk(each, (), 0)
    return found


def rewritten(value: Any, leaf: Callable[[Path, object], object], key: Callable[[str], str]) -> str:
    """The document as JSON text with its leaves and the names of its fields replaced; what is too deep is null."""

    def walk(value: Any, path: Path, depth: int) -> Any:
        if isinstance(value, Mapping | list | tuple) and depth >= DEEPEST:
            return None
        if isinstance(value, Mapping):
            return {key(str(name)): walk(each, (*path, str(name)), depth + 1) for name, each in value.items()}
        if isinstance(value, list | tuple):
            return [walk(each, path, depth + 1) for each in value]
        return leaf(path, value)

    return json.dumps(walk(value, (), 0), ensure_ascii=False, default=str)
