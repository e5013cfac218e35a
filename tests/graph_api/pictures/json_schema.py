"""As much of JSON Schema (2020-12) as the schemas of OpenLineage use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

_TYPES = {
    "object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "number": (int, float),
}  # fmt: skip
_FORMATS = {
    "date-time": datetime.fromisoformat,
    "uri": lambda text: urlsplit(text).scheme or _refuse(text),
}
KNOWN = {
    "$schema", "$id", "$defs", "$ref", "type", "properties", "required", "additionalProperties", "items", "allOf", "anyOf",
    "oneOf", "not", "enum", "format", "description", "example", "deprecated", "dependentRequired",
}  # fmt: skip


def _refuse(text: str) -> None:
    raise ValueError(text)


class Schemas:
    """Schemas that refer to one another by their ids; a version in an id counts as any other."""

    def __init__(self, documents: list[dict[str, Any]]) -> None:
        self._documents = {_name(document["$id"]): document for document in documents}

    def problems(self, value: Any, reference: str) -> list[str]:
        """What keeps ``value`` from being what ``reference`` describes."""
        return list(self._check(value, {"$ref": reference}, self._documents[_name(reference)], "$"))

    def _check(self, value: Any, schema: Any, document: dict[str, Any], at: str) -> Iterator[str]:
        if schema is True:
            return
        assert set(schema) <= KNOWN, set(schema) - KNOWN
        if "$ref" in schema:
            address, _, pointer = schema["$ref"].partition("#")
            document = self._documents[_name(address)] if address else document
            target: Any = document
            for step in pointer.split("/")[1:]:
                target = target[step]
            yield from self._check(value, target, document, at)
        if "type" in schema and not isinstance(value, _TYPES[schema["type"]]):
            yield f"{at}: not of type {schema['type']}"
            return
        if "enum" in schema and value not in schema["enum"]:
            yield f"{at}: not one of {schema['enum']}"
        if isinstance(value, str) and schema.get("format") in _FORMATS:
            try:
                _FORMATS[schema["format"]](value)
            except ValueError:
                yield f"{at}: not a {schema['format']}"
        for part in schema.get("allOf", ()):
            yield from self._check(value, part, document, at)
        for name, wanted in (("anyOf", range(1, 99)), ("oneOf", range(1, 2))):
            if name in schema:
                fits = sum(not list(self._check(value, part, document, at)) for part in schema[name])
                if fits not in wanted:
                    yield f"{at}: {fits} of {name} fit"
        if "not" in schema and not list(self._check(value, schema["not"], document, at)):
            yield f"{at}: it is what it must not be"
        if isinstance(value, Mapping):
            yield from self._members(value, schema, document, at)
        if isinstance(value, list):
            for number, item in enumerate(value):
                yield from self._check(item, schema.get("items", True), document, f"{at}[{number}]")

    def _members(
        self, value: Mapping[str, Any], schema: Mapping[str, Any], document: dict[str, Any], at: str
    ) -> Iterator[str]:
        yield from (f"{at}: {name} is missing" for name in schema.get("required", ()) if name not in value)
        known = schema.get("properties", {})
        for name, item in value.items():
            rule = known.get(name, schema.get("additionalProperties", True))
            yield from self._check(item, rule, document, f"{at}.{name}")


def _name(address: str) -> str:
    return address.partition("#")[0].rpartition("/")[2]
