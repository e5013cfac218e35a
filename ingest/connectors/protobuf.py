"""Protobuf schemas as a registry keeps them, ``.proto`` text: their descriptors, without running ``protoc``."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor, FieldDescriptor

LONGEST = 200_000  # characters of a text that is read
_WELL_KNOWN = "google/protobuf/"
_SCALARS = ("", "double", "float", "int64", "uint64", "int32", "fixed64", "fixed32", "bool", "string", "", "", "bytes", "uint32",
            "enum", "sfixed32", "sfixed64", "sint32", "sint64")  # fmt: skip
_TYPES = {
    "google.protobuf.Timestamp": "timestamp", "google.protobuf.Duration": "duration", "google.protobuf.Struct": "struct",
    "google.protobuf.StringValue": "string", "google.protobuf.BoolValue": "bool", "google.protobuf.Int32Value": "int32",
    "google.protobuf.Int64Value": "int64", "google.protobuf.DoubleValue": "double", "google.protobuf.BytesValue": "bytes",
    "google.protobuf.FloatValue": "float", "google.protobuf.UInt32Value": "uint32", "google.protobuf.UInt64Value": "uint64",
}  # fmt: skip


def messages(text: str, imported: Mapping[str, str]) -> list[Descriptor]:
    """Descriptors of the messages of a file, in its order; ``imported`` are texts by the name of their file.

    Raises ``ValueError`` for a text that is no schema, or imports what nobody has.
    """
    from google.protobuf import descriptor_pool

    pool = descriptor_pool.DescriptorPool()
    added: set[str] = set()

    def add(name: str, text: str) -> Any:
        file = _file(name, text)
        added.add(name)
        for other in file.dependency:
            if other in added:
                continue
            if other in imported:
                add(other, imported[other])
            elif other.startswith(_WELL_KNOWN):
                module = other.removesuffix(".proto").replace("/", ".") + "_pb2"
                pool.AddSerializedFile(importlib.import_module(module).DESCRIPTOR.serialized_pb)
                added.add(other)
            else:
                raise ValueError("imports what the registry does not hold")
        pool.AddSerializedFile(file.SerializeToString())
        return file

    try:
        whole = add("schema.proto", text)
        found = pool.FindFileByName("schema.proto")
    except (
        TypeError,
        KeyError,
        ImportError,
    ) as error:  # TypeError is what the pool raises for a name it does not know
        raise ValueError("not a schema") from error
    return [found.message_types_by_name[each.name] for each in whole.message_type]


def proto_type(field: FieldDescriptor, *, deep: bool = True) -> str:
    """The type of a field as a text; messages inside of messages are told by their names."""
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        key, value = field.message_type.fields_by_number[1], field.message_type.fields_by_number[2]
        return f"map<{proto_type(key)}, {proto_type(value, deep=deep)}>"
    kind = _SCALARS[field.type]
    if field.enum_type is not None:
        kind = "string"
    elif field.message_type is not None:
        kind = _TYPES.get(field.message_type.full_name, field.message_type.name)
        if deep and kind == field.message_type.name:
            inner = (f"{each.name}: {proto_type(each, deep=False)}" for each in field.message_type.fields)
            kind = f"struct<{', '.join(inner)}>"
    return f"array<{kind}>" if field.is_repeated else kind


def _file(name: str, text: str) -> Any:
    from google.protobuf.descriptor_pb2 import FileDescriptorProto
    from proto_schema_parser import ast

    parsed = _parsed(text)
    package = next((each.name for each in parsed.file_elements if isinstance(each, ast.Package)), "")
    file = FileDescriptorProto(name=name, package=package, syntax=parsed.syntax or "proto2")
    for each in parsed.file_elements:
        if isinstance(each, ast.Import):
            file.dependency.append(each.name)
        elif isinstance(each, ast.Message):
            _message(file.message_type.add(), each)
        elif isinstance(each, ast.Enum):
            _enum(file.enum_type.add(), each)
    return file


def _parsed(text: str) -> Any:
    from proto_schema_parser.parser import Parser

    if len(text) > LONGEST:
        raise ValueError("too long")
    try:
        return Parser().parse(text)
    except Exception as error:  # whatever the parser stumbles over
        raise ValueError("not a schema") from error


def _message(target: Any, source: Any) -> None:
    from proto_schema_parser import ast

    target.name = source.name
    for each in source.elements:
        if isinstance(each, ast.Field):
            _field(target.field.add(), each)
        elif isinstance(each, ast.MapField):
            _map(target, each)
        elif isinstance(each, ast.OneOf):
            target.oneof_decl.add(name=each.name)
            for one in each.elements:
                if isinstance(one, ast.Field):
                    _field(target.field.add(oneof_index=len(target.oneof_decl) - 1), one)
        elif isinstance(each, ast.Message):
            _message(target.nested_type.add(), each)
        elif isinstance(each, ast.Enum):
            _enum(target.enum_type.add(), each)
        elif isinstance(each, ast.Group):
            raise ValueError("groups are not read")


def _field(target: Any, source: Any) -> None:
    target.name, target.number = source.name, source.number
    cardinality = source.cardinality.value if source.cardinality else "OPTIONAL"
    target.label = {"OPTIONAL": 1, "REQUIRED": 2, "REPEATED": 3}[cardinality]
    _type(target, source.type)


def _type(target: Any, name: str) -> None:
    if name in _SCALARS:
        target.type = _SCALARS.index(name)
    else:  # the pool finds out what it is
        target.type_name = name


def _map(target: Any, source: Any) -> None:
    entry = "".join(part[:1].upper() + part[1:] for part in source.name.split("_")) + "Entry"
    target.field.add(name=source.name, number=source.number, label=3, type_name=entry)
    nested = target.nested_type.add(name=entry)
    nested.options.map_entry = True
    _type(nested.field.add(name="key", number=1, label=1), source.key_type)
    _type(nested.field.add(name="value", number=2, label=1), source.value_type)


def _enum(target: Any, source: Any) -> None:
    from proto_schema_parser import ast

    target.name = source.name
    values: Iterable[Any] = (each for each in source.elements if isinstance(each, ast.EnumValue))
    for value in values:
        target.value.add(name=value.name, number=value.number)
    if len({value.number for value in target.value}) < len(target.value):
        target.options.allow_alias = True
