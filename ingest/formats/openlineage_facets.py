"""OpenLineage facets read one by one, whatever their version; what is malformed is left out.

Source: OpenLineage facet schemas at spec 2-0-2: columnLineage 1-2-0, lineage 1-0-0, schema 1-2-0.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from schema.domain.catalog import DiscoveredColumn, Subtype
from schema.domain.lineage import INDIRECT, Transformation

Facets = Mapping[str, Any]
_DIRECT = {
    "IDENTITY": Transformation.IDENTITY,
    "TRANSFORMATION": Transformation.EXPRESSION,
    "AGGREGATION": Transformation.AGGREGATE,
}
_INDIRECT = {kind.value: kind for kind in INDIRECT}
_OLDER = {"IDENTITY": Transformation.IDENTITY, "MASKED": Transformation.MASK}
_SUBTYPES = {
    "TABLE": Subtype.TABLE,
    "VIEW": Subtype.VIEW,
    "FILE": Subtype.FILE,
    "TOPIC": Subtype.TOPIC,
    "STREAM": Subtype.TOPIC,
}
_JOB_SUBTYPES = {"MODEL": Subtype.DBT_MODEL, "SNAPSHOT": Subtype.DBT_MODEL, "TEST": Subtype.DBT_TEST}
_ERROR = re.compile(
    r"^(?:Caused by: |Exception in thread \"[^\"]*\" )?((?:[A-Za-z_]\w*\.)*\w+(?:Error|Exception))\b",
    re.MULTILINE,
)
_CONDITION = re.compile(r"\[([A-Z][A-Z0-9_]+(?:\.[A-Z0-9_]+)*)\]")
MAX_NESTING = 32


@dataclass(frozen=True, slots=True)
class Name:
    """A namespace and a name as a document writes them."""

    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class FieldUse:
    """A field of ``source`` and what happens on its way: by value (``direct``) or not (``indirect``)."""

    source: Name
    field: str
    direct: tuple[Transformation, ...]
    indirect: tuple[Transformation, ...]


def facet(facets: Facets, key: str) -> Mapping[str, Any]:
    """The facet ``key``; empty where it is missing, deleted or not an object."""
    found = facets.get(key)
    return found if isinstance(found, dict) and found.get("_deleted") is not True else {}


def text(holder: Mapping[str, Any], key: str) -> str | None:
    """A text that is there and not empty."""
    found = holder.get(key)
    return found if isinstance(found, str) and found.strip() else None


def items(holder: Mapping[str, Any], key: str) -> Iterator[Mapping[str, Any]]:
    """The objects in the list ``key``."""
    found = holder.get(key)
    yield from (item for item in (found if isinstance(found, list) else ()) if isinstance(item, dict))


def integer(holder: Mapping[str, Any], key: str) -> int | None:
    """A count: a number that is not negative."""
    found = holder.get(key)
    whole = isinstance(found, int | float) and not isinstance(found, bool) and 0 <= found < float("inf")
    return int(found) if whole else None  # type: ignore[arg-type]


def name_in(holder: Mapping[str, Any]) -> Name | None:
    """The ``namespace`` and ``name`` of an object, where it has both."""
    namespace, name = text(holder, "namespace"), text(holder, "name")
    return Name(namespace, name) if namespace and name else None


def columns(facets: Facets) -> tuple[DiscoveredColumn, ...]:
    """Columns of the schema facet; a nested field is ``outer.inner``."""
    fields = _fields(facet(facets, "schema"), "", 0)
    return tuple(
        DiscoveredColumn(name, text(f, "type") or "", ordinal=i, comment=text(f, "description"))
        for i, (name, f) in enumerate(fields, 1)
    )


def _fields(holder: Mapping[str, Any], prefix: str, depth: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for field in items(holder, "fields"):
        name = text(field, "name")
        if name and depth < MAX_NESTING:
            yield prefix + name, field
            yield from _fields(field, f"{prefix}{name}.", depth + 1)


def owners(facets: Facets) -> tuple[str, ...]:
    return tuple(
        name for owner in items(facet(facets, "ownership"), "owners") if (name := text(owner, "name"))
    )


def tags(facets: Facets) -> tuple[str, ...]:
    """Tags of the whole asset: ``key``, or ``key:value`` where the value says more than true."""
    return tuple(
        key if value is None or value.lower() == "true" else f"{key}:{value}"
        for tag in items(facet(facets, "tags"), "tags")
        if (key := text(tag, "key")) and not tag.get("field")
        for value in (text(tag, "value"),)
    )


def subtype(facets: Facets) -> Subtype:
    """What the dataset is, where its producer says so."""
    found = facet(facets, "datasetType")
    kind = _SUBTYPES.get((text(found, "datasetType") or "").upper(), Subtype.UNKNOWN)
    if kind is Subtype.VIEW and (text(found, "subType") or "").upper().startswith("MATERIALIZED"):
        return Subtype.MATERIALIZED_VIEW
    return kind


def job_subtype(facets: Facets) -> Subtype:
    found = facet(facets, "jobType")
    kind = (text(found, "jobType") or "").upper()
    if (text(found, "integration") or "").upper() == "DBT" and kind in _JOB_SUBTYPES:
        return _JOB_SUBTYPES[kind]
    return Subtype.QUERY if kind == "QUERY" else Subtype.TASK


def symlinks(facets: Facets) -> tuple[tuple[Name, bool], ...]:
    """Other names of the dataset, each with whether it names a table."""
    return tuple(
        (name, (text(link, "type") or "").upper() == "TABLE")
        for link in items(facet(facets, "symlinks"), "identifiers")
        if (name := name_in(link))
    )


def previous_name(facets: Facets) -> Name | None:
    """The name a dataset had before a RENAME."""
    change = facet(facets, "lifecycleStateChange")
    before = change.get("previousIdentifier")
    return (
        name_in(before)
        if change.get("lifecycleStateChange") == "RENAME" and isinstance(before, dict)
        else None
    )


def properties(facets: Facets) -> dict[str, str]:
    """Facts about a dataset that have no field of their own."""
    wanted = (
        ("lifecycle", "lifecycleStateChange", "lifecycleStateChange"),
        ("storage_layer", "storage", "storageLayer"),
        ("file_format", "storage", "fileFormat"),
        ("version", "version", "datasetVersion"),
    )
    return {key: value for key, name, member in wanted if (value := text(facet(facets, name), member))}


def field_uses(facets: Facets) -> Iterator[tuple[str | None, FieldUse]]:
    """Column lineage of a dataset's facets: output column (None: the whole dataset) and what it uses."""
    older = facet(facets, "columnLineage")
    for column, entry in _objects(older, "fields"):
        kind = _OLDER.get((text(entry, "transformationType") or "").upper(), Transformation.UNKNOWN)
        yield from ((column, use) for use in _uses(entry, "inputFields", kind))
    yield from ((None, use) for use in _uses(older, "dataset", Transformation.UNKNOWN))
    yield from entry_uses(facet(facets, "lineage"))


def entry_uses(entry: Mapping[str, Any]) -> Iterator[tuple[str | None, FieldUse]]:
    """Column lineage that one object of the ``lineage`` facets states about its target."""
    for column, found in _objects(entry, "fields"):
        yield from ((column, use) for use in _uses(found, "inputs", Transformation.UNKNOWN))
    yield from ((None, use) for use in _uses(entry, "inputs", Transformation.UNKNOWN))


def _objects(holder: Mapping[str, Any], key: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    found = holder.get(key)
    for name, value in found.items() if isinstance(found, dict) else ():
        if name and isinstance(value, dict):
            yield name, value


def _uses(holder: Mapping[str, Any], key: str, default: Transformation) -> Iterator[FieldUse]:
    for item in items(holder, key):
        name, field = name_in(item), text(item, "field")
        if name and field:
            kinds = _transformations(item)
            direct = tuple(kind for indirect, kind in kinds if not indirect)
            indirect = tuple(kind for indirect, kind in kinds if indirect)
            yield FieldUse(name, field, direct if kinds else (default,), indirect)


def kinds_of(item: Mapping[str, Any]) -> tuple[Transformation, ...]:
    """All that an input says happens on its way, by value or not."""
    return tuple(kind for _, kind in _transformations(item))


def _transformations(item: Mapping[str, Any]) -> list[tuple[bool, Transformation]]:
    return [_transformation(found) for found in items(item, "transformations")]


def _transformation(found: Mapping[str, Any]) -> tuple[bool, Transformation]:
    kind = (text(found, "subtype") or "").upper()
    if (text(found, "type") or "").upper() == "INDIRECT":
        return True, _INDIRECT.get(kind, Transformation.UNKNOWN)
    if found.get("masking") is True:
        return False, Transformation.MASK
    if kind == "TRANSFORMATION" and text(found, "description") == Transformation.CAST.value:
        return False, Transformation.CAST  # OpenLineage has no subtype for it; our own export says it so
    if kind == "AGGREGATION" and text(found, "description") == Transformation.SELECTION.value:
        return False, Transformation.SELECTION
    return False, _DIRECT.get(kind, Transformation.UNKNOWN)


def error_kind(facets: Facets) -> str | None:
    """The kind of error a run ended with: exception class and condition; the text may quote data."""
    found = text(facet(facets, "errorMessage"), "message")
    if found is None:
        return None
    named, condition = _ERROR.search(found[:10_000]), _CONDITION.search(found[:10_000])
    parts = [named[1] if named else "", f"[{condition[1]}]" if condition else ""]
    return " ".join(filter(None, parts)) or "unspecified error"
