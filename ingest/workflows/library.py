"""The workflows that come with the product, and the actions they may use."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from ingest.orchestration.actions import ACTIONS
from ingest.workflows.definition import parse_workflow
from schema.domain.workflows import Workflow

SCAN = "scan"


@cache
def standard(name: str = SCAN) -> Workflow:
    """One of the product's own workflows; raises ``FileNotFoundError``."""
    text = (files("ingest.workflows") / f"{name}.yaml").read_text("utf-8")
    return parse_workflow(text, actions=ACTIONS.keys(), workflows=())
