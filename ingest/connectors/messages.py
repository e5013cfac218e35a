"""What keys and values of messages look like: columns of a registered schema, the decoding by it, and the guess from JSON without one.

A record gives one column for each of its fields; anything else is one column. In a message the registry's wire format is a zero byte, the
id of the schema in four bytes and the content; Protobuf has the index of the message before its content.
Source: https://docs.confluent.io/platform/current/schema-registry/fundamentals/serdes-develop/index.html#wire-format
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ingest.connectors.avro import avro_fields, avro_type
from ingest.connectors.protobuf import messages, proto_type
from ingest.connectors.registry import Registered
from schema.domain.catalog import DiscoveredColumn

Row = Mapping[str, object]
_HEADER = 5  # bytes before the content
_DEEP = 6  # levels of nesting that the type of a column tells
_FORMATS = {"date-time": "timestamp", "date": "date", "time": "time", "uuid": "uuid"}
_JSON_TYPES = {str: "string", bool: "boolean", int: "integer", float: "number"}


@dataclass(frozen=True, slots=True)
class Shape:
    """``decode`` takes a content without its header; where ``scalar``, its only column has no name and what it gives is the value itself."""

    columns: tuple[DiscoveredColumn, ...]
    decode: Callable[[bytes], Any]
    comment: str | None = None
    scalar: bool = False

    def named(self, part: str) -> tuple[DiscoveredColumn, ...]:
        """The columns of a ``key`` or a ``value``: fields of a key are led by ``key.``, fields of a value stand for themselves."""
        if self.scalar:
            return tuple(replace(each, name=part) for each in self.columns)
        lead = "key." if part == "key" else ""
        return tuple(replace(each, name=lead + each.name) for each in self.columns)


def shape_of(schema: Registered, referred: Mapping[str, Registered]) -> Shape:
    """Columns and decoding of a registered schema; raises ``ValueError`` for a text that is none of its kind, or too much of it."""
    try:
        return {"AVRO": _avro, "JSON": _json, "PROTOBUF": _protobuf}[schema.kind](schema, referred)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError("not a schema of its kind") from error
    except Exception as error:
        if type(error).__module__.partition(".")[0] in ("fastavro", "google"):
            raise ValueError("not a schema of its kind") from error
        raise


def header(message: bytes) -> int | None:
    """Id of the schema that a message names; None for one without the wire format."""
    return int.from_bytes(message[1:_HEADER], "big") if len(message) >= _HEADER and not message[0] else None


def decoded(message: bytes, shape: Shape) -> Any:
    """The content of a message in the wire format; None where it is not what its schema says."""
    try:
        return shape.decode(message[_HEADER:])
    except Exception:  # each format has errors of its own, and the bytes are anybody's
        return None


def as_json(message: bytes) -> Any:
    """The value of a message that is JSON text; None for any other."""
    try:
        return json.loads(message)
    except (ValueError, RecursionError):
        return None


def guessed(values: Iterable[Any]) -> tuple[DiscoveredColumn, ...]:
    """Columns of JSON objects by some of them, sorted by name; nothing is said of their nullability, since other messages may differ."""
    types: dict[str, set[str]] = {}
    for value in values:
        if isinstance(value, dict):
            for name, each in value.items():
                types.setdefault(name, set()).update({_guess(each)} - {"null"})
    return tuple(
        DiscoveredColumn(name, _several(sorted(kinds)), None, ordinal)
        for ordinal, (name, kinds) in enumerate(sorted(types.items()), start=1)
        if name
    )


def _several(kinds: list[str]) -> str:
    if kinds == ["integer", "number"]:
        return "number"
    return kinds[0] if len(kinds) == 1 else f"union<{', '.join(kinds)}>" if kinds else ""


def _guess(value: Any, deep: int = _DEEP) -> str:
    if isinstance(value, dict):
        inner = (f"{name}: {_guess(each, deep - 1)}" for name, each in sorted(value.items()))
        return f"struct<{', '.join(inner)}>" if deep else "struct"
    if isinstance(value, list):
        return f"array<{_guess(value[0], deep - 1)}>" if value and deep else "array"
    return _JSON_TYPES.get(type(value), "null")


def _avro(schema: Registered, referred: Mapping[str, Registered]) -> Shape:
    from fastavro import parse_schema, schemaless_reader

    named: dict[str, Any] = {}
    for other in referred.values():
        parse_schema(json.loads(other.text), named_schemas=named)
    parsed: Any = parse_schema(json.loads(schema.text), named_schemas=named)

    def decode(content: bytes) -> Any:
        return schemaless_reader(io.BytesIO(content), parsed, None)

    known = {name: each for name, each in named.items() if isinstance(each, dict)}
    branches = [known.get(each, each) if isinstance(each, str) else each for each in _branches(parsed)]
    records = [each for each in branches if isinstance(each, dict) and each["type"] == "record"]
    if not records or len(records) < len([each for each in branches if each != "null"]):
        nullable = "null" in branches
        return Shape((DiscoveredColumn("", avro_type(parsed), nullable, 1),), decode, scalar=True)
    if len(records) == 1:
        return Shape(avro_fields(records[0]), decode, records[0].get("doc"))
    found: dict[str, DiscoveredColumn] = {}
    for record in records:  # several kinds of event in one topic: what one lacks is empty in it
        for column in avro_fields(record):
            found.setdefault(column.name, replace(column, nullable=True))
    return Shape(tuple(replace(each, ordinal=n) for n, each in enumerate(found.values(), 1)), decode)


def _branches(parsed: Any) -> list[Any]:
    return list(parsed) if isinstance(parsed, list) else [parsed]


def _json(schema: Registered, referred: Mapping[str, Registered]) -> Shape:
    whole = json.loads(schema.text)
    others = {name: json.loads(other.text) for name, other in referred.items()}
    top = _pointed(whole, whole, others)
    comment = top.get("description")
    properties = top.get("properties")
    if not isinstance(properties, dict):
        told, nullable = _json_type(top, whole, others)
        return Shape((DiscoveredColumn("", told, nullable, 1, comment),), json.loads, scalar=True)
    needed = set(top.get("required") or ())
    columns = []
    for ordinal, (name, each) in enumerate(properties.items(), start=1):
        told, nullable = _json_type(each, whole, others)
        described = each.get("description") if isinstance(each, dict) else None
        columns.append(DiscoveredColumn(name, told, nullable or name not in needed, ordinal, described))
    return Shape(tuple(columns), json.loads, comment)


def _json_type(
    given: Any, whole: Any, others: Mapping[str, Any], deep: int = _DEEP, *, follow: bool = True
) -> tuple[str, bool]:
    """Type and whether null is among it; what is referred to inside of what was referred to stays untold, as it may be endless."""
    if not isinstance(given, dict) or not deep:
        return "", False
    if "$ref" in given:
        if not follow:
            return str(given["$ref"]).rpartition("/")[2], False
        return _json_type(_pointed(given, whole, others), whole, others, deep, follow=False)

    def inner(each: Any) -> str:
        return _json_type(each, whole, others, deep - 1, follow=follow)[0]

    choices = given.get("oneOf") or given.get("anyOf")
    if choices:
        told = [_json_type(each, whole, others, deep - 1, follow=follow) for each in choices]
        kinds = sorted({kind for kind, _ in told} - {"null", ""})
        return _several(kinds), any(null or kind == "null" for kind, null in told)
    types = given.get("type", "object" if "properties" in given else "")
    names = [types] if isinstance(types, str) else list(types)
    kinds = []
    for name in (each for each in names if each != "null"):
        if name == "object" and "properties" in given:
            fields = (f"{key}: {inner(each)}" for key, each in given["properties"].items())
            kinds.append(f"struct<{', '.join(fields)}>")
        elif name == "object":
            value = given.get("additionalProperties")
            kinds.append(f"map<string, {inner(value)}>" if isinstance(value, dict) else "struct")
        elif name == "array":
            kinds.append(f"array<{inner(given.get('items'))}>")
        else:
            kinds.append(_FORMATS.get(given.get("format", ""), name) if name == "string" else name)
    if not kinds and "enum" in given:
        kinds = ["string"]
    return _several(sorted(kinds)), "null" in names


def _pointed(given: Any, whole: Any, others: Mapping[str, Any]) -> Any:
    """The schema that ``$ref`` means, a few steps far: a pointer into the whole, or another schema of the registry by its name."""
    for _ in range(_DEEP):
        if "$ref" not in given:
            return given
        name, _, pointer = str(given["$ref"]).partition("#")
        target = others[name] if name else whole
        for part in filter(None, pointer.split("/")):
            target = target[part.replace("~1", "/").replace("~0", "~")]
        given = target
    raise ValueError("endless")


def _protobuf(schema: Registered, referred: Mapping[str, Registered]) -> Shape:
    from google.protobuf import json_format, message_factory

    known = messages(schema.text, {name: other.text for name, other in referred.items()})

    def decode(content: bytes) -> dict[str, object]:
        path, rest = _message_index(content)
        kind = known[path[0]]
        for index in path[1:]:
            kind = kind.nested_types[index]
        message: Any = message_factory.GetMessageClass(kind).FromString(rest)
        nested = json_format.MessageToDict(message, preserving_proto_field_name=True)
        plain = {
            f.name: getattr(message, f.name)
            for f in kind.fields
            if f.message_type is None and f.enum_type is None and not f.is_repeated
            if not f.has_presence or message.HasField(f.name)
        }
        return {**nested, **plain}

    columns = tuple(
        DiscoveredColumn(field.name, proto_type(field), field.has_presence or None, ordinal)
        for ordinal, field in enumerate(known[0].fields, start=1)
    )
    return Shape(columns, decode)


def _message_index(content: bytes) -> tuple[list[int], bytes]:
    """Which message of the file it is, from the outermost in, and what follows; the first one is written as a single zero."""
    stream = io.BytesIO(content)
    count = _zigzag(stream)
    if not 0 <= count <= _DEEP:
        raise ValueError("index")
    return [_zigzag(stream) for _ in range(count)] or [0], stream.read()


def _zigzag(stream: io.BytesIO) -> int:
    value = shift = 0
    while True:
        [byte] = stream.read(1)
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return (value >> 1) ^ -(value & 1)
