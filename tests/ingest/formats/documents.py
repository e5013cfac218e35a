"""Recorded documents, and what they lack to be whole events."""

import json
from pathlib import Path
from typing import Any

DATA = Path(__file__).parents[2] / "data"


def load(*path: str) -> Any:
    return json.loads(DATA.joinpath(*path).read_bytes())


def event(**fields: Any) -> dict[str, Any]:
    """A whole RunEvent with ``fields`` in place of its own."""
    return {
        "eventType": "COMPLETE",
        "eventTime": "2024-05-01T10:00:00Z",
        "producer": "https://example.com/producer",
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {"runId": "f69a6e9b-9bac-4c9a-9cf6-eacb70ecc9a9"},
        "job": {"namespace": "airflow", "name": "daily.load"},
        "inputs": [],
        "outputs": [],
    } | fields


def whole(found: dict[str, Any], namespace: str = "postgres://db:5432") -> dict[str, Any]:
    """A recorded event, of which the recording kept only what matters to it, made whole; what is there stays."""
    template = event()
    made = template | found
    made["run"] = template["run"] | found.get("run", {})
    made["job"] = template["job"] | found.get("job", {})
    if "datetime" in made["eventTime"] or "any" in made["eventTime"]:
        made["eventTime"] = template["eventTime"]
    for side in ("inputs", "outputs"):
        made[side] = [{"namespace": namespace, "name": "unnamed"} | dataset for dataset in made[side]]
    return made


def dataset(name: str, namespace: str = "postgres://db:5432", **facets: Any) -> dict[str, Any]:
    return {"namespace": namespace, "name": name, "facets": facets}
