"""The workflows that come with the product."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cache
from importlib.resources import files

from ingest.orchestration.actions import ACTIONS
from ingest.workflows.checks import checks
from ingest.workflows.definition import parse_workflow
from schema.domain.workflows import Workflow

SCAN, RECLASSIFY = "scan", "reclassify"
BUILT_IN = (SCAN, RECLASSIFY)


@cache
def text_of(name: str) -> str:
    """The YAML of one of them; raises ``FileNotFoundError``."""
    return (files("ingest.workflows") / f"{name}.yaml").read_text("utf-8")


@cache
def standard(name: str = SCAN) -> Workflow:
    """One of them; raises ``FileNotFoundError``."""
    return _read(text_of(name), {}, ())


def standards() -> Mapping[str, Workflow]:
    """All of them by name."""
    return {name: standard(name) for name in BUILT_IN}


def read_workflow(text: str, others: Mapping[str, Workflow]) -> Workflow:
    """The workflow of one's own in ``text``, which may run ``others``; raises ``BadWorkflow`` with all mistakes."""
    return _read(text, others, BUILT_IN)


def _read(text: str, others: Mapping[str, Workflow], taken: Collection[str]) -> Workflow:
    also = checks(others, taken)
    return parse_workflow(text, actions=ACTIONS.keys(), workflows=others.keys(), also=also)
