"""Finds, parses and types every ``.cypher`` file once, when the module that uses it is imported."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal, cast

_HEADER = re.compile(r"^// (mode|ways|params|returns|budget):[ \t]*(.*)$", re.MULTILINE)
_NAME = re.compile(r"(\w+):")
_WAY = re.compile(r"\w+")
_INCLUDE = re.compile(r"^[ \t]*// include: ([\w.]+)/(\w+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Query:
    """One statement and the contract written in its header; ``budget_ms`` is for the contract test's seeded graph."""

    name: str
    text: str
    mode: Literal["read", "write"]
    params: frozenset[str]
    returns: tuple[str, ...]
    budget_ms: int


def load(package: str, name: str, way: str = "") -> Query:
    """Read ``<package>/<name>.cypher``, where it has ``ways`` the one of this name, which fills in ``<way>``.

    Raises ``ValueError`` where its header is incomplete or has no such way.
    """
    text = _text(package, name)
    head = dict(_HEADER.findall(text))
    if missing := {"mode", "params", "returns", "budget"} - head.keys():
        raise ValueError(f"{package}/{name}.cypher lacks {sorted(missing)}")
    if way not in _WAY.findall(head.get("ways", "")) and (way or "ways" in head):
        raise ValueError(f"{package}/{name}.cypher has no way {way!r}")
    whole = _included(text, way)
    body = "\n".join(line for line in whole.splitlines() if not line.startswith("//"))
    return Query(
        name=f"{package.removeprefix('cypher.')}.{name}" + (f"_{way}" if way else ""),
        text=f"CYPHER 25 {body.strip()}",
        mode=cast(Literal["read", "write"], head["mode"].strip()),
        params=frozenset(
            name
            for part, listed in _HEADER.findall(whole)
            if part == "params"
            for name in _NAME.findall(listed)
        ),
        returns=tuple(_NAME.findall(head["returns"])),
        budget_ms=int(head["budget"].split()[0]),
    )


def load_ways(package: str, name: str) -> dict[str, Query]:
    """All of a file's ways by name; that of a file without ways is ``""``."""
    listed = dict(_HEADER.findall(_text(package, name))).get("ways", "")
    return {way: load(package, name, way) for way in _WAY.findall(listed) or [""]}


def _text(package: str, name: str) -> str:
    return (files(package) / f"{name}.cypher").read_text("utf-8")


def _included(text: str, way: str) -> str:
    """``text`` with ``way`` filled in and each ``// include: <package>/<name>`` line replaced by that fragment, whose name begins with _.

    What a fragment's own header lists as params is added to those of the file.
    """
    whole = _INCLUDE.sub(lambda found: _text(found[1], found[2]).rstrip(), text.replace("<way>", way))
    return _included(whole, way) if _INCLUDE.search(whole) else whole.replace("<way>", way)
