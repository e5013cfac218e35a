"""What workflows may use: the names of actions, what each takes and needs, for whoever checks or plans workflows without doing the work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from ingest.workflows.conditions import Condition
from ingest.workflows.templates import Template
from schema.domain.scans import Severity
from schema.errors import InvalidInput


class Arguments(BaseModel):
    """Base of what actions take in ``with``."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    def conditions(self) -> Sequence[Condition]:
        """All CEL in them."""
        return ()


def _sentence(text: str) -> str:
    try:
        return Template(text).text
    except InvalidInput as error:
        raise ValueError(error.message) from None


class NotifyArguments(Arguments):
    """What people are told."""

    text: str = Field(description="A sentence, with facts in braces.")
    severity: Severity = Field(Severity.WARNING, description="INFO, WARNING or ERROR.")

    @field_validator("text")
    @classmethod
    def _text(cls, text: str) -> str:
        return _sentence(text)

    def conditions(self) -> Sequence[Condition]:
        return Template(self.text).conditions


class CheckArguments(Arguments):
    """What must hold for the run to go on."""

    that: str = Field(description="CEL that must be true.")
    text: str = Field("", description="What is said where it is not, with facts in braces.")

    @field_validator("that")
    @classmethod
    def _that(cls, that: str) -> str:
        try:
            return Condition(that).text
        except InvalidInput as error:
            raise ValueError(error.message) from None

    @field_validator("text")
    @classmethod
    def _text(cls, text: str) -> str:
        return _sentence(text) if text else text

    def conditions(self) -> Sequence[Condition]:
        return [Condition(self.that), *(Template(self.text).conditions if self.text else ())]


@dataclass(frozen=True, slots=True)
class Action:
    """``module`` is imported when a worker first needs the action; ``arguments`` is what it takes.

    One that ``reads`` the source is held back by blackouts, budgets and a broken circuit. One ``of_batch`` works on a batch that
    ``discover`` or ``find_affected`` cut, one ``after_discovery`` on what that found. ``in_stages`` and ``in_compensate`` say where it may be used.
    """

    module: str
    arguments: type[Arguments] = Arguments
    reads: bool = False
    of_batch: bool = False
    after_discovery: bool = True
    in_stages: bool = True
    in_compensate: bool = False


_SCAN, _STEPS = "ingest.orchestration.scan", "ingest.orchestration.steps"
_RECLASSIFY = "ingest.orchestration.reclassify"
DISCOVER = "discover"
ACTIONS: Mapping[str, Action] = {
    DISCOVER: Action(f"{_SCAN}.discovering", reads=True, after_discovery=False),
    "examine": Action(f"{_SCAN}.examining", reads=True, of_batch=True),
    "lineage": Action(f"{_SCAN}.reading"),
    "embed": Action(f"{_SCAN}.examining", of_batch=True),
    "publish": Action(f"{_SCAN}.publishing", of_batch=True),
    "conclude": Action(f"{_SCAN}.concluding"),
    "usage": Action(f"{_SCAN}.reading", reads=True, after_discovery=False),
    "find_affected": Action("ingest.orchestration.find_affected", after_discovery=False),
    "judge_affected": Action(_RECLASSIFY, reads=True, of_batch=True, after_discovery=False),
    "judge_affected_by_names": Action(_RECLASSIFY, of_batch=True, after_discovery=False),
    "settle_affected": Action(_RECLASSIFY, of_batch=True, after_discovery=False),
    "embed_affected": Action("ingest.orchestration.embed_affected", of_batch=True, after_discovery=False),
    "check": Action(_STEPS, CheckArguments, after_discovery=False),
    "notify": Action(_STEPS, NotifyArguments, after_discovery=False, in_compensate=True),
    "undo": Action(_STEPS, after_discovery=False, in_stages=False, in_compensate=True),
}
READING = frozenset(name for name, each in ACTIONS.items() if each.reads)


def arguments_of(action: str, given: Mapping[str, Any]) -> Any:
    """What a stage gives to its action, typed; raises pydantic's ``ValidationError``."""
    return ACTIONS[action].arguments.model_validate(dict(given))
