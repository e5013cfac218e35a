"""Avro schemas as columns: one for each field of the record, whatever it nests is told by its type."""

from __future__ import annotations

from typing import Any

from schema.domain.catalog import DiscoveredColumn


def avro_fields(schema: Any) -> tuple[DiscoveredColumn, ...]:
    """The fields of a record; raises ``ValueError`` for any other schema."""
    if not isinstance(schema, dict) or schema.get("type") not in ("record", "error"):
        raise ValueError("not a record")
    return tuple(
        DiscoveredColumn(
            each["name"], avro_type(each["type"]), "null" in each["type"], ordinal, each.get("doc")
        )
        for ordinal, each in enumerate(schema["fields"], start=1)
    )


def avro_type(given: Any) -> str:
    """The type as a text; a type that was named before is told by its name."""
    if isinstance(given, list):
        kinds = [avro_type(each) for each in given if each != "null"]
        return kinds[0] if len(kinds) == 1 else f"union<{', '.join(kinds)}>"
    if not isinstance(given, dict):
        return str(given)
    if given["type"] == "array":
        return f"array<{avro_type(given['items'])}>"
    if given["type"] == "map":
        return f"map<string, {avro_type(given['values'])}>"
    if given["type"] in ("record", "error"):
        fields = (f"{each['name']}: {avro_type(each['type'])}" for each in given["fields"])
        return f"struct<{', '.join(fields)}>"
    if given.get("logicalType") == "decimal":
        return f"decimal({given['precision']}, {given.get('scale', 0)})"
    return str(given.get("logicalType") or (given["type"] if given["type"] != "enum" else "string"))
