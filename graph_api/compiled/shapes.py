"""What each field of the catalogue's types is in the graph: properties of its node, or a pattern that starts there.

A field of theirs that is not here is answered by its resolver, and with it the whole root field.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from graph_api.paging import Types

NODE, EDGE = "node", "edge"


@dataclass(frozen=True, slots=True)
class Leaf:
    """An expression over properties, ``{0}`` being the first of them; ``type()`` is the type of a relationship."""

    properties: tuple[str, ...]
    value: str = "{0}"
    on: str = NODE


@dataclass(frozen=True, slots=True)
class Part:
    """An object made of the same node's properties; null where ``present`` is."""

    type: str
    present: str


@dataclass(frozen=True, slots=True)
class Inner:
    """The object at one end of the pattern that led here."""

    type: str
    on: str = NODE


@dataclass(frozen=True, slots=True)
class One:
    """The object that a pattern finds; null where it finds none."""

    type: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Many:
    """All objects that a pattern finds, in its order; or sorted by properties, null counting as empty."""

    type: str
    pattern: str
    sort: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Level:
    """One value that a pattern finds, together with properties of the node."""

    pattern: str
    properties: tuple[str, ...]
    value: str


@dataclass(frozen=True, slots=True)
class Paged:
    """A connection over a pattern. ``parameters`` are arguments of the field; ``key`` are Cypher over {node} and {edge}."""

    type: str
    pattern: str
    scope: str
    key: tuple[str, ...]
    key_types: Types
    parameters: dict[str, str] = field(default_factory=dict)
    constants: dict[str, Any] = field(default_factory=dict)


Field = Leaf | Part | Inner | One | Many | Level | Paged


def _leaf(*properties: str, value: str = "{0}") -> Leaf:
    return Leaf(properties, value)


def _edge(*properties: str, value: str = "{0}") -> Leaf:
    return Leaf(properties, value, EDGE)


def _text(name: str, otherwise: str = "") -> Leaf:
    return Leaf((name,), f"({{0}} or {otherwise!r})")


def _moment(name: str, on: str = NODE) -> Leaf:
    return Leaf((name,), "moment({0})", on)


def _figure(name: str, otherwise: str = "{0}") -> Leaf:
    return Leaf(("profile",), otherwise.format(f"figure({{0}}, {name!r})"))


def _value(name: str, otherwise: str = "{0}") -> Leaf:
    return Leaf(("profile", "sensitivity"), otherwise.format(f"value({{0}}, {{1}}, {name!r})"))


_LEVEL = "SENSITIVITY[{0} or 0]"
_BY_POSITION = ("coalesce({node}.ordinal, 0)", "{node}.urn")
_BY_URN = ("{node}.urn",)

ASSET: dict[str, Field] = {
    "id": _leaf("key", value="node_id('Asset', {0})"),
    "urn": _leaf("urn"),
    "name": _text("name"),
    "path": _leaf("path", "name", value="({0} or {1} or '')"),
    "platform": _text("platform", "other"),
    "namespace": _text("namespace"),
    "description": _leaf("description", "comment", value="({0} or {1})"),
    "sourceDescription": _leaf("comment"),
    "dataType": _leaf("data_type"),
    "nullable": _leaf("nullable"),
    "ordinal": _leaf("ordinal", value="int32({0})"),
    "primaryKey": _leaf("primary_key"),
    "domain": _text("domain"),
    "stub": _leaf("stub", value="bool({0})"),
    "version": _leaf("version", value="int32({0} or 0)"),
    "lineageProblem": _leaf("lineage_problem"),
    "kind": _leaf("kind", value="ASSET_KIND[{0}]"),
    "subtype": _leaf("subtype", value="(ASSET_SUBTYPE[{0}] if {0} else None)"),
    "status": _leaf("status", value="ASSET_STATUS[{0} or 'ACTIVE']"),
    "statusReason": _leaf("status", "status_reason", value="(None if {0} == 'ACTIVE' else {1})"),
    "sensitivity": _leaf("sensitivity", value=_LEVEL),
    "contentSensitivity": Level(
        "content_sensitivity",
        ("kind", "sensitivity"),
        "SENSITIVITY[({1} if {0} == 'COLUMN' else {found}) or 0]",
    ),
    "rowCount": _leaf("row_count"),
    "sizeBytes": _leaf("size_bytes"),
    "properties": _leaf("properties", value="stored_json({0})"),
    "firstSeen": _moment("first_seen"),
    "lastSeen": _moment("last_seen"),
    "profile": Part("ColumnProfile", "sampled_rows"),
    "tableProfile": Part("TableProfile", "table_profile"),
    "lastJobRun": Part("JobRun", "job_run_id"),
    "definition": _leaf(
        "definition", "kind", value="({0} if {1} in ('DATASET', 'JOB', 'DASHBOARD') else None)"
    ),
    "source": One("Source", "source"),
    "parent": One("Asset", "parent"),
    "ancestors": Many("Asset", "ancestors"),
    "tags": Many("Tag", "tags"),
    "owners": Many("Person", "owners"),
    "classifications": Many("ClassificationVerdict", "verdicts"),
    "children": Paged(
        "Asset",
        "children",
        "children",
        _BY_POSITION,
        (int, str),
        {"kind": "kind", "stale": "includeStale"},
    ),
    "columns": Paged(
        "Asset",
        "children",
        "columns",
        _BY_POSITION,
        (int, str),
        {"stale": "includeStale"},
        {"kind": "COLUMN"},
    ),
    "references": Paged("ForeignKey", "references", "references", ("{edge}.urn", "{node}.urn"), (str, str)),
    "referencedBy": Paged(
        "ForeignKey", "referenced_by", "referencedBy", ("{node}.urn", "{edge}.urn"), (str, str)
    ),
    "feeds": Paged("Neighbour", "feeds", "feeds", _BY_URN, (str,), {"indirect": "includeIndirect"}),
    "fedBy": Paged("Neighbour", "fed_by", "fedBy", _BY_URN, (str,), {"indirect": "includeIndirect"}),
}

TYPES: dict[str, dict[str, Field]] = {
    "Asset": ASSET,
    "ColumnProfile": {
        "rows": _leaf("sampled_rows"),
        "nulls": _leaf("sampled_nulls", value="({0} or 0)"),
        "distinct": _leaf("sampled_distinct"),
        "distinctEstimate": _figure("distinct_estimate"),
        "minimum": _value("minimum"),
        "maximum": _value("maximum"),
        "quantiles": _value("quantiles", "({0} or [])"),
        "shortest": _figure("shortest"),
        "longest": _figure("longest"),
        "lengthQuantiles": _figure("length_quantiles", "({0} or [])"),
        "at": _moment("sampled_at"),
    },
    "TableProfile": {
        "rows": _leaf("table_profile", value="figure({0}, 'rows')"),
        "rowsAreExact": _leaf("table_profile", value="bool(figure({0}, 'exact'))"),
        "sampledRows": _leaf("table_profile", value="(figure({0}, 'sampled') or 0)"),
        "at": _moment("sampled_at"),
    },
    "JobRun": {
        "runId": _leaf("job_run_id"),
        "state": _text("job_run_state"),
        "at": _moment("job_run_at"),
        "error": _leaf("job_run_error"),
    },
    "Tag": {
        "id": _leaf("key", value="node_id('Tag', {0})"),
        "name": _leaf("name"),
        "description": _text("description"),
    },
    "Person": {"name": _leaf("name")},
    "ClassificationVerdict": {
        "classification": Inner("Classification"),
        "status": _edge("status", value="VERDICT_STATUS[{0}]"),
        "autoAccepted": _edge("auto_accepted", "decided_by", value="(bool({0}) and {1} is None)"),
        "origin": _edge("origin", value="VERDICT_ORIGIN[{0} or 'RULE']"),
        "tier": _edge("tier", value="int32({0} or 1)"),
        "confidence": _edge("confidence", value="number({0})"),
        "reason": _edge("reason", value="({0} or '')"),
        "classifier": _edge("classifier", value="({0} or '')"),
        "classifierVersion": _edge("classifier_version", value="({0} or '')"),
        "decidedBy": _edge("decided_by"),
        "decidedAt": _moment("decided_at", EDGE),
        "decidedReason": _edge("decided_reason"),
        "validFrom": _moment("valid_from", EDGE),
        "lastSeen": _moment("last_seen", EDGE),
    },
    "Classification": {
        "id": _leaf("key", value="node_id('Classification', {0})"),
        "name": _leaf("name"),
        "title": _leaf("title", "name", value="({0} or {1})"),
        "description": _text("description"),
        "category": _text("category"),
        "sensitivity": _leaf("sensitivity", value=_LEVEL),
        "version": _text("version"),
        "regulations": _leaf("regulations", value="list({0} or ())"),
        "group": _text("group"),
        "priority": _leaf("priority", value="int32({0} or 0)"),
        "acceptAt": _leaf("accept_at", value="(None if {0} is None else number({0}))"),
        "rejectAt": _leaf("reject_at", value="(None if {0} is None else number({0}))"),
        "builtIn": _leaf("built_in", value="({0} is not False)"),
        "enabled": _leaf("enabled", value="({0} is not False)"),
        "purposes": _leaf("purposes", value="({0} or [])"),
    },
    "ForeignKey": {"from": Inner("Asset", EDGE), "to": Inner("Asset")},
    "Neighbour": {
        "asset": Inner("Asset"),
        "assertions": Many("LineageAssertion", "assertions", ("type()", "assertion", "job")),
    },
    "LineageAssertion": {
        "transformation": _leaf("transformation", value="TRANSFORMATION[{0} or 'UNKNOWN']"),
        "transformations": _leaf("transformations", value="[TRANSFORMATION[x] for x in {0} or ()]"),
        "indirect": _leaf("type()", value="({0} == 'INFLUENCES')"),
        "origin": _leaf("origin", value="EDGE_ORIGIN[{0} or 'FOREIGN']"),
        "author": _text("author"),
        "confidence": _leaf("confidence", value="number({0})"),
        "firstSeen": _moment("first_seen"),
        "lastSeen": _moment("last_seen"),
        "job": One("Asset", "job"),
    },
    "Source": {
        "id": _leaf("key", value="node_id('Source', {0})"),
        "urn": _leaf("urn"),
        "name": _text("name"),
        "connector": _leaf("connector"),
        "platform": _text("platform", "other"),
        "namespace": _text("namespace"),
        "description": _leaf("description", "comment", value="({0} or {1} or '')"),
        "domain": _text("domain"),
        "registered": _leaf("registered", value="bool({0})"),
        "firstSeen": _moment("first_seen"),
        "lastSeen": _moment("last_seen"),
        "lastRunAt": _moment("last_run_at"),
        "lastRunState": _leaf("last_run_state", value="(RUN_STATE[{0}] if {0} else None)"),
        "options": Part("SourceOptions", "options"),
        "config": _leaf("config", value="config({0})"),
        "check": Part("SourceCheck", "check_ok"),
    },
    "SourceOptions": {
        name: _leaf("options", value=f"option({{0}}, {python!r})")
        for name, python in (
            ("include", "include"),
            ("exclude", "exclude"),
            ("sampleRows", "sample_rows"),
            ("classify", "classify"),
            ("lineage", "lineage"),
            ("embed", "embed"),
            ("profile", "profile"),
            ("usage", "usage"),
        )
    },
    "SourceCheck": {
        "ok": _leaf("check_ok"),
        "cause": _text("check_cause"),
        "at": _moment("checked_at"),
        "latencyMs": _leaf("check_latency_ms"),
    },
}

NAMED: dict[str, dict[str, str]] = {
    "ImpactEdge": {"node": "urn", "path": "path_urns"},
    "ImpactGroup": {"asset": "asset_urn"},
    "ChangeEffect": {"asset": "found.urn", "path": "found.path"},
    "ChangeReader": {"asset": "found.urn", "path": "found.path"},
    "LineageNode": {"asset": "urn"},
    "LineagePath": {"assets": "urns"},
    "LineageAssertion": {"job": "job_urn"},
}
"""Fields of objects that a resolver finds which name assets: by an attribute that holds urns, or an async method of the
context that returns them. Those that the reader may not see are left out."""
