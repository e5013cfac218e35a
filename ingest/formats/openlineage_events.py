"""OpenLineage events as values: which fields they need, and where one is wrong.

Source: OpenLineage spec 2-0-2 (RunEvent, JobEvent, DatasetEvent).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError

from ingest.formats.extract import load_json
from schema.errors import BadDocument

Text = Annotated[str, StringConstraints(min_length=1)]
Facets = Annotated[dict[str, Any], BeforeValidator(lambda value: {} if value is None else value)]


def _utc(value: object) -> object:
    try:
        found = datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise ValueError("expected a date and time by ISO 8601") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


Moment = Annotated[datetime, BeforeValidator(_utc)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class Dataset(_Model):
    """A dataset as an event names it."""

    namespace: Text
    name: Text
    facets: Facets = Field(default_factory=dict)
    input_facets: Facets = Field(default_factory=dict, alias="inputFacets")


Datasets = Annotated[tuple[Dataset, ...], BeforeValidator(lambda value: () if value is None else value)]


class Job(_Model):
    namespace: Text
    name: Text
    facets: Facets = Field(default_factory=dict)


class Run(_Model):
    run_id: Text = Field(alias="runId")
    facets: Facets = Field(default_factory=dict)


class _Event(_Model):
    # The schemaURL is required by the spec, yet older clients leave it out and nothing here depends on it.
    event_time: Moment = Field(alias="eventTime")
    producer: Text


class DatasetEvent(_Event):
    """A statement about one dataset, outside any run."""

    dataset: Dataset


class JobEvent(_Event):
    """A statement about one job, outside any run."""

    job: Job
    inputs: Datasets = ()
    outputs: Datasets = ()


class RunEvent(JobEvent):
    """A change of state of one run."""

    run: Run
    event_type: Literal["START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"] = Field(
        "OTHER", alias="eventType"
    )


Event = RunEvent | JobEvent | DatasetEvent


def parse_events(body: bytes | object) -> list[Event]:
    """The events in ``body``: one or a list of them, as JSON, as one JSON object a line, or as the value itself.

    Raises ``BadDocument``; its path, such as ``("[3]", "job", "name")``, leads to the first field at fault.
    """
    found = _values(body) if isinstance(body, bytes) else body
    if isinstance(found, list):
        return [parse_event(event, (f"[{i}]",)) for i, event in enumerate(found)]
    return [parse_event(found)]


def _values(body: bytes) -> object:
    lines = [line for line in body.splitlines() if line.strip()]
    if len(lines) > 1 and all(line.startswith(b"{") and line.endswith(b"}") for line in lines):
        # The file transport of OpenLineage's clients appends one event a line.
        return [load_json(line, "The event", (f"[{i}]",)) for i, line in enumerate(lines)]
    return load_json(body, "The event")


def parse_event(value: object, path: tuple[str, ...] = ()) -> Event:
    """One event; ``path`` is where it stands in its document. Raises ``BadDocument``."""
    remedy = "Send a RunEvent, JobEvent or DatasetEvent of OpenLineage 2-0-2."
    if not isinstance(value, dict):
        raise BadDocument("An event is an object.", path=path, remedy=remedy)
    model: type[Event]
    if "run" in value:
        model = RunEvent
    elif "job" in value:
        model = JobEvent
    elif "dataset" in value:
        model = DatasetEvent
    else:
        raise BadDocument("An event has a run, a job or a dataset; this has none.", path=path, remedy=remedy)
    try:
        return model.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = tuple(f"[{part}]" if isinstance(part, int) else part for part in first["loc"])
        what = (
            "is missing"
            if first["type"] == "missing"
            else f"is not acceptable: {first['msg'].removeprefix('Value error, ')}"
        )
        raise BadDocument(f"{'.'.join(where)} {what}.", path=path + where, remedy=remedy) from None
