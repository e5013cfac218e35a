"""Workflows and plans as the graph keeps them, and conditions answered by CEL."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from pydantic import TypeAdapter

from ingest.workflows.conditions import Condition
from schema.domain.orchestration import Rules
from schema.domain.plans import ScanPlan
from schema.domain.workflows import Stage, Workflow

_ADAPTER = TypeAdapter(Workflow)
_PLANS = TypeAdapter(ScanPlan)


def spec_of(workflow: Workflow) -> dict[str, str]:
    """The properties of the node that keeps this version of a workflow."""
    text = _ADAPTER.dump_json(replace(workflow, digest="")).decode()
    digest = workflow.digest or hashlib.sha256(text.encode()).hexdigest()
    return {"digest": digest, "name": workflow.name, "spec": text}


@lru_cache(maxsize=256)
def workflow_of(spec: str) -> Workflow:
    """The workflow that ``spec_of`` wrote down."""
    return _ADAPTER.validate_json(spec)


@lru_cache(maxsize=4_096)
def plan_of(text: str | None) -> ScanPlan:
    """The plan of a source as ``plan_text`` wrote it down; the usual one where it has none."""
    return _PLANS.validate_json(text) if text else ScanPlan()


def plan_text(plan: ScanPlan) -> str:
    return _PLANS.dump_json(plan).decode()


@lru_cache(maxsize=1_024)
def _compiled(text: str) -> Condition:
    return Condition(text)


def _holds(stage: Stage, facts: Mapping[str, Any]) -> bool:
    return _compiled(stage.condition).evaluate(facts)


def _count(stage: Stage, facts: Mapping[str, Any]) -> int:
    found = _compiled(stage.for_each).count(facts)
    return found if isinstance(found, int) else len(found)


RULES = Rules(_holds, _count)
