"""The keys of a workflow's YAML, their types and bounds; what one field alone can get wrong is found here."""

from __future__ import annotations

import math
import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from schema.domain.workflows import OnFailure, Retry, Stage

MOST_STAGES = 200
MOST_INPUTS = 50
STAGE_NAME = r"^[a-z][a-z0-9_]{0,62}$"  # so that CEL can say stages.name
_NAME = r"^[a-z0-9][a-z0-9_.-]{0,62}$"
_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)")
_UNITS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1, "ms": 0.001}
_DEFAULTS = Stage("default")


def seconds(text: object) -> float:
    """Seconds, to the millisecond, of ``30s``, ``1.5h``, ``250ms``; raises ``ValueError``."""
    found = _DURATION.fullmatch(text) if isinstance(text, str) else None
    if not found:
        raise ValueError("write a duration with its unit: 250ms, 30s, 5m, 1h or 1d")
    return round(float(found[1]) * _UNITS[found[2]], 3)


def duration(value: float) -> str:
    """The shortest text of which ``seconds`` makes ``value`` again."""
    thousandths = round(value * 1000)
    for unit, size in _UNITS.items():
        if thousandths % round(size * 1000) == 0:
            return f"{thousandths // round(size * 1000)}{unit}"
    raise AssertionError("every whole number of milliseconds is one of ms")


def _within(shortest: str, longest: str) -> AfterValidator:
    def check(value: float) -> float:
        if not seconds(shortest) <= value <= seconds(longest):
            raise ValueError(f"may be {shortest} to {longest}")
        return value

    return AfterValidator(check)


def _json(value: Any) -> Any:
    """``value`` where JSON can hold it and give it back the same."""
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise ValueError("a key is not text: put it in quotes")
        for each in value.values():
            _json(each)
    elif isinstance(value, list):
        for each in value:
            _json(each)
    elif isinstance(value, float) and not math.isfinite(value):
        raise ValueError("a number is not finite")
    elif isinstance(value, int) and abs(value) >= 2**63:
        raise ValueError("a whole number has more than 64 bits")
    elif value is not None and not isinstance(value, str | int | float):
        raise ValueError("holds what JSON cannot")
    return value


def _as_text(value: object) -> object:
    """CEL that YAML read as a number or a truth value, as the text that it was."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else value


def _on_failure(value: object) -> OnFailure:
    if value not in ("fail", "continue"):
        raise ValueError("write fail or continue")
    return OnFailure(str(value).upper())


_DURATION_SCHEMA = WithJsonSchema({"type": "string", "pattern": f"^{_DURATION.pattern}$"})
_Duration = Annotated[float, BeforeValidator(seconds), _DURATION_SCHEMA]
_Cel = Annotated[
    str,
    BeforeValidator(_as_text),
    WithJsonSchema({"type": ["string", "integer", "boolean"]}),
]
_OnFailure = Annotated[
    OnFailure, BeforeValidator(_on_failure), WithJsonSchema({"enum": ["fail", "continue"]})
]
_Text = Annotated[str, Field(max_length=2_000)]
_Input = Annotated[bool | int | float | _Text | None, BeforeValidator(_json)]
_Reference = Annotated[str, Field(max_length=200)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class RetryPart(_Strict):
    """How often a stage is tried and how long it waits in between."""

    tries: int = Field(Retry().tries, ge=1, le=20, description="Tries in all, the first one counted.")
    first: Annotated[_Duration, _within("0s", "1d")] = Field(
        Retry().first_s, description="Wait after the first failure."
    )
    factor: Annotated[float, Field(ge=1, le=10, strict=False, allow_inf_nan=False)] = Field(
        Retry().factor, description="Each wait is this many times the one before."
    )
    longest: Annotated[_Duration, _within("0s", "7d")] = Field(
        Retry().longest_s, description="No wait is longer."
    )


class CompensatePart(_Strict):
    """An action that takes a stage back."""

    uses: _Reference = Field(description="The action.")
    arguments: Annotated[dict[str, Any], BeforeValidator(_json)] = Field(
        {}, alias="with", description="Arguments of the action."
    )


def _compensate(value: object) -> object:
    return {"uses": value} if isinstance(value, str) and value else value or None


class StagePart(_Strict):
    """One stage: an action or another workflow, and when, how often and over what it runs."""

    uses: _Reference = Field("", description="Action that the stage does; this or workflow.")
    workflow: _Reference = Field("", description="Workflow that the stage runs; this or uses.")
    after: list[_Reference] = Field([], description="Stages that must be over before this one begins.")
    condition: _Cel = Field("", alias="if", description="CEL: the stage is skipped where it is false.")
    for_each: _Cel = Field(
        "", description="CEL: a number of batches, or a list with one batch for each item."
    )
    parallel: int = Field(_DEFAULTS.parallel, ge=1, le=64, description="Batches at the same time.")
    arguments: Annotated[dict[str, Any], BeforeValidator(_json)] = Field(
        {}, alias="with", description="Arguments of the action or workflow."
    )
    retry: RetryPart = Field(default_factory=RetryPart, description="What follows a failed try.")
    timeout: Annotated[_Duration, _within("1s", "7d")] = Field(
        _DEFAULTS.timeout_s, description="One try is given up after this time."
    )
    on_failure: _OnFailure = Field(_DEFAULTS.on_failure, description="What follows the last failed try.")
    compensate: Annotated[
        CompensatePart | None,
        BeforeValidator(_compensate, json_schema_input_type=str | CompensatePart | None),
    ] = Field(None, description="Action that takes the stage back where the run fails or is cancelled later.")


class WorkflowPart(_Strict):
    """A PurSight workflow."""

    workflow: str = Field(pattern=_NAME, description="Name of the workflow.")
    description: _Text = Field("", description="What it is for, for people.")
    inputs: dict[Annotated[str, Field(pattern=STAGE_NAME)], _Input] = Field(
        {},
        max_length=MOST_INPUTS,
        description="What a run may be given, each with its default; null must be given.",
    )
    stages: dict[Annotated[str, Field(pattern=STAGE_NAME)], StagePart] = Field(
        min_length=1, max_length=MOST_STAGES, description="Stages by name."
    )


def workflow_schema() -> dict[str, Any]:
    """JSON Schema of a workflow's YAML, for editors."""
    schema = WorkflowPart.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    stage, retry = schema["$defs"]["StagePart"], schema["$defs"]["RetryPart"]
    stage["oneOf"] = [{"required": ["uses"]}, {"required": ["workflow"]}]
    stage["properties"]["on_failure"]["default"] = "fail"
    schema["properties"]["stages"]["additionalProperties"] = False
    for field in (
        stage["properties"]["timeout"],
        retry["properties"]["first"],
        retry["properties"]["longest"],
    ):
        field["default"] = duration(field["default"])
    return schema
