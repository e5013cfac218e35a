"""Finds, parses and types every ``.cypher`` file once, when the module that uses it is imported."""

from __future__ import annotations

import re
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal, cast

_HEADER = re.compile(r"^// (mode|params|returns|budget):[ \t]*(.*)$", re.MULTILINE)
_NAME = re.compile(r"(\w+):")
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


def load(package: str, name: str) -> Query:
    """Read ``<package>/<name>.cypher``; raise ``ValueError`` where its header is incomplete."""
    text = (files(package) / f"{name}.cypher").read_text("utf-8")
    head = dict(_HEADER.findall(text))
    if missing := {"mode", "params", "returns", "budget"} - head.keys():
        raise ValueError(f"{package}/{name}.cypher lacks {sorted(missing)}")
    body = "\n".join(line for line in _included(text).splitlines() if not line.startswith("//"))
    return Query(
        name=f"{package.removeprefix('cypher.')}.{name}",
        text=f"CYPHER 25 {body.strip()}",
        mode=cast(Literal["read", "write"], head["mode"].strip()),
        params=frozenset(_NAME.findall(head["params"])),
        returns=tuple(_NAME.findall(head["returns"])),
        budget_ms=int(head["budget"].split()[0]),
    )


def _included(text: str) -> str:
    """``text`` with each ``// include: <package>/<name>`` line replaced by the fragment ``<name>.cypher``, whose name begins with _."""
    return _INCLUDE.sub(
        lambda found: (files(found[1]) / f"{found[2]}.cypher").read_text("utf-8").rstrip(), text
    )
