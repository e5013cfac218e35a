"""The one form of a workflow: stages in an order that follows from the graph alone, and a digest over all it says."""

from __future__ import annotations

import hashlib
import heapq
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import yaml

from ingest.workflows.shape import duration
from schema.domain.workflows import OnFailure, Retry, Stage, Workflow

_DEFAULT = Stage("default")
# Written as they are, PyYAML reads them back as something else.
_BREAKS = re.compile("[\\x85\\u2028\\u2029\\ufeff]")


def canonical(workflow: Workflow) -> Workflow:
    """The same workflow in order and with its digest; two texts that mean the same give the same. Raises ``ValueError`` on a cycle."""
    if cycle := find_cycle({stage.name: stage.after for stage in workflow.stages}):
        raise ValueError(f"Stages wait for each other: {' -> '.join(cycle)}.")
    stages = (replace(stage, after=tuple(sorted(stage.after))) for stage in workflow.stages)
    ordered = replace(workflow, stages=tuple(in_order(stages)), digest="")
    text = json.dumps(tree(ordered, defaults=True), sort_keys=True, ensure_ascii=False, allow_nan=False)
    return replace(ordered, digest=hashlib.sha256(text.encode()).hexdigest())


def in_order(stages: Iterable[Stage]) -> list[Stage]:
    """Stages after those they wait for, otherwise by name; stages on a cycle are left out."""
    by_name = {stage.name: stage for stage in stages}
    waits = {name: len(set(stage.after) & by_name.keys()) for name, stage in by_name.items()}
    followers: dict[str, list[str]] = {name: [] for name in by_name}
    for name, stage in by_name.items():
        for before in set(stage.after) & by_name.keys():
            followers[before].append(name)
    ready = sorted(name for name, count in waits.items() if not count)
    ordered = []
    while ready:
        name = heapq.heappop(ready)
        ordered.append(by_name[name])
        for follower in followers[name]:
            waits[follower] -= 1
            if not waits[follower]:
                heapq.heappush(ready, follower)
    return ordered


def find_cycle(after: Mapping[str, Sequence[str]]) -> list[str]:
    """Names along one cycle, the first one repeated at the end; empty where there is none."""
    left = {name: {each for each in waits if each in after} for name, waits in after.items()}
    while free := [name for name, waits in left.items() if not waits]:
        for name in free:
            del left[name]
        for waits in left.values():
            waits.difference_update(free)
    path: list[str] = []
    name = min(left, default="")
    while name and name not in path:
        path.append(name)
        name = min(left[name])
    return [*path[path.index(name) :], name] if path else []


def to_yaml(workflow: Workflow) -> str:
    """The YAML of which ``parse_workflow`` makes the same workflow; what is the default is left out."""
    shown = tree(workflow)
    plain = not _BREAKS.search(json.dumps(shown, ensure_ascii=False))
    return str(yaml.safe_dump(shown, sort_keys=False, allow_unicode=plain, width=100))


def tree(workflow: Workflow, *, defaults: bool = False) -> dict[str, Any]:
    """A workflow by the keys of its YAML; with ``defaults`` every key is there."""
    head = {
        "workflow": workflow.name,
        "description": workflow.description,
        "inputs": dict(workflow.inputs),
    }
    stages = {stage.name: _stage(stage, defaults) for stage in workflow.stages}
    return {key: value for key, value in head.items() if value or defaults} | {"stages": stages}


def _stage(stage: Stage, defaults: bool) -> dict[str, Any]:
    values = _keys(stage)
    usual = _keys(_DEFAULT)
    retry, usual_retry = _retry(stage.retry), _retry(Retry())
    if defaults:
        return values | {"retry": retry}
    changed = {key: value for key, value in retry.items() if value != usual_retry[key]}
    return {key: value for key, value in values.items() if value != usual[key]} | (
        {"retry": changed} if changed else {}
    )


def _keys(stage: Stage) -> dict[str, Any]:
    return {
        "uses": stage.uses,
        "workflow": stage.workflow,
        "after": list(stage.after),
        "if": stage.condition,
        "for_each": stage.for_each,
        "parallel": stage.parallel,
        "with": dict(stage.arguments),
        "timeout": duration(stage.timeout_s),
        "on_failure": "continue" if stage.on_failure is OnFailure.CONTINUE else "fail",
        "compensate": {"uses": stage.compensate, "with": dict(stage.compensate_with)}
        if stage.compensate_with
        else stage.compensate,
    }


def _retry(retry: Retry) -> dict[str, Any]:
    return {
        "tries": retry.tries,
        "first": duration(retry.first_s),
        "factor": float(retry.factor),
        "longest": duration(retry.longest_s),
    }
