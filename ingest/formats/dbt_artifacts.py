"""dbt artifacts as values: manifest, catalog and run results of any version, checked for their kind and shape.

Source: the schemas at schemas.getdbt.com, manifest v1 to v12, catalog v1, run-results v1 to v6.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ingest.formats.extract import load_json
from schema.domain.scans import Problem, ScanStage, Severity
from schema.errors import BadDocument

Node = Mapping[str, Any]
NEWEST = {"manifest": 12, "catalog": 1, "run-results": 6}
_SCHEMA = re.compile(r"/dbt/([a-z-]+)/v(\d+)(?:\.json)?$")
_COMMANDS = {"manifest": "dbt compile", "catalog": "dbt docs generate", "run-results": "dbt build"}


@dataclass(frozen=True, slots=True)
class Artifacts:
    """What ``dbt`` wrote to its target folder; nodes, catalog entries and results by unique id.

    ``invocation`` and ``results_at`` are the identity of the run that gave the results, and when it ended.
    """

    project: str
    adapter: str
    version: int | None
    nodes: Mapping[str, Node]
    exposures: Mapping[str, Node]
    groups: Mapping[str, Node]
    catalog: Mapping[str, Node]
    results: Mapping[str, Node]
    problems: tuple[Problem, ...] = ()
    generated_at: datetime | None = None
    invocation: str = ""
    results_at: datetime | None = None


def parse_artifacts(
    manifest: bytes, catalog: bytes | None = None, run_results: bytes | None = None
) -> Artifacts:
    """Read up to three artifacts; raises ``BadDocument`` naming the artifact and, where it breaks off, the offset.

    A version newer than those known is read by the same structure, and noted as a problem.
    """
    problems: list[Problem] = []
    found, version = _artifact(manifest, "manifest", problems)
    columns, _ = _artifact(catalog, "catalog", problems)
    results, _ = _artifact(run_results, "run-results", problems)
    if not isinstance(found.get("nodes"), dict):
        raise _bad("manifest", "has no nodes")
    metadata, ran = member(found, "metadata"), member(results, "metadata")
    # Metrics and the like are no datasets, yet exposures reach datasets through them.
    kinds = ("nodes", "sources", "unit_tests", "metrics", "semantic_models", "saved_queries")
    nodes = {key: node for kind in kinds for key, node in members(found, kind)}
    return Artifacts(
        _project(metadata, nodes),
        str(metadata.get("adapter_type") or ""),
        version,
        nodes,
        dict(members(found, "exposures")),
        dict(members(found, "groups")),
        {key: node for kind in ("nodes", "sources") for key, node in members(columns, kind)},
        {text(r, "unique_id"): r for r in _list(results, "results") if text(r, "unique_id")},
        tuple(problems),
        moment_of(text(metadata, "generated_at")),
        text(ran, "invocation_id"),
        moment_of(text(ran, "generated_at")),
    )


def moment_of(stated: str) -> datetime | None:
    """The time in ISO 8601, of UTC where it does not say; None where it is none."""
    try:
        found = datetime.fromisoformat(stated) if stated else None
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found is not None and found.tzinfo is None else found


def member(holder: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """The object ``key``; empty where it is missing or something else."""
    found = holder.get(key)
    return found if isinstance(found, dict) else {}


def members(holder: Mapping[str, Any], key: str) -> Iterator[tuple[str, Node]]:
    """The objects inside the object ``key``, by their keys."""
    yield from (
        (name, value) for name, value in member(holder, key).items() if name and isinstance(value, dict)
    )


def text(holder: Mapping[str, Any], key: str) -> str:
    """The text ``key``; empty where it is missing or something else."""
    found = holder.get(key)
    return found.strip() if isinstance(found, str) else ""


def strings(holder: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """The texts of ``key``, which may be one text or a list of them."""
    found = holder.get(key)
    several = found if isinstance(found, list) else [found]
    return tuple(item for item in several if isinstance(item, str) and item)


def completed(result: Node) -> str:
    """When the last step of a result ended, in dbt's words; empty where it does not say."""
    timing = result.get("timing")
    steps = [step for step in timing if isinstance(step, dict)] if isinstance(timing, list) else []
    return max((text(step, "completed_at") for step in steps), default="")


def config(node: Node) -> Mapping[str, Any]:
    """The configuration of a node."""
    return member(node, "config")


def _list(holder: Mapping[str, Any], key: str) -> Iterator[Node]:
    found = holder.get(key)
    yield from (item for item in (found if isinstance(found, list) else ()) if isinstance(item, dict))


def _artifact(body: bytes | None, kind: str, problems: list[Problem]) -> tuple[Mapping[str, Any], int | None]:
    if body is None:
        return {}, None
    found = load_json(body, f"The {kind} of dbt", (kind.replace("-", "_"),))
    if not isinstance(found, dict):
        raise _bad(kind, "is not an object")
    stated = _SCHEMA.search(text(member(found, "metadata"), "dbt_schema_version"))
    if stated and stated[1] != kind:
        raise _bad(kind, f"is a {stated[1]} instead" if stated[1] in NEWEST else "is another artifact")
    version = int(stated[2]) if stated else None
    if version is None or not 1 <= version <= NEWEST[kind]:
        said = "states no version" if version is None else f"has version {version}"
        message = f"The {kind} {said}; versions 1 to {NEWEST[kind]} are known. It was read by its structure."
        problems.append(Problem(ScanStage.DISCOVER, "UNKNOWN_VERSION", kind, message, Severity.INFO))
    return found, version


def _bad(kind: str, why: str) -> BadDocument:
    return BadDocument(
        f"The {kind} of dbt {why}.",
        path=(kind.replace("-", "_"),),
        remedy=f"Pass the file that `{_COMMANDS[kind]}` writes to the target folder.",
    )


def _project(metadata: Mapping[str, Any], nodes: Mapping[str, Node]) -> str:
    """The root project; before v12 only the MD5 of its name is told, so that one of the packages must match it."""
    if name := text(metadata, "project_name"):
        return name
    packages = Counter(package for node in nodes.values() if (package := text(node, "package_name")))
    for package in packages:
        if hashlib.md5(package.encode(), usedforsecurity=False).hexdigest() == metadata.get("project_id"):
            return package
    return packages.most_common(1)[0][0] if packages else "project"
