"""Incidents: something that happened to a dataset and that somebody has to see to."""

from __future__ import annotations

import hashlib
from enum import StrEnum


class IncidentKind(StrEnum):
    """What happened."""

    BREAKING_SCHEMA_CHANGE = "BREAKING_SCHEMA_CHANGE"


class IncidentState(StrEnum):
    """How far somebody saw to it; RESOLVED is final."""

    OPEN = "OPEN"
    ACKNOWLEDGED = "ACKNOWLEDGED"
    RESOLVED = "RESOLVED"


def schema_incident_id(dataset: str, version: int) -> str:
    """The same for the same version of the same dataset, so that it is opened once; 32 hex digits."""
    body = f"{IncidentKind.BREAKING_SCHEMA_CHANGE} {dataset} {version}"
    return hashlib.blake2b(body.encode(), digest_size=16).hexdigest()
