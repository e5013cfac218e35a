"""Recipes: a source and its scan options as a YAML text, for repositories and the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from ingest.connectors.base import ALIASES, connector_class, kinds, parse_config
from ingest.secrets import is_reference
from schema.domain.sources import ScanOptions, SourceSpec
from schema.errors import BadRecipe, ConnectionFailed, InvalidInput

LARGEST = 256 * 1024  # characters of a recipe
_DEEPEST = 20
_DEFAULTS = ScanOptions()


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class SourcePart(_Strict):
    """Where the source is."""

    name: str = Field(
        description="Name of the source: lower-case letters, digits, dots, dashes and underscores."
    )
    type: str = Field(description="Kind of connector.")
    description: str = Field("", description="What the source holds, for people.")
    domain: str = Field("", description="Name of the domain its assets belong to.")
    config: dict[str, Any] = Field(default_factory=dict, description="Connection settings of that kind.")


class ScanPart(_Strict):
    """What a scan of it does."""

    include: list[str] = Field([], description="Globs over dotted names; nothing else is read.")
    exclude: list[str] = Field([], description="Globs over dotted names that are left out.")
    sample_rows: int = Field(
        _DEFAULTS.sample_rows, ge=0, le=100_000, description="Rows sampled per dataset; 0 reads no values."
    )
    classify: bool = Field(_DEFAULTS.classify, description="Look for classified data.")
    lineage: bool = Field(_DEFAULTS.lineage, description="Read lineage from view definitions.")
    embed: bool = Field(_DEFAULTS.embed, description="Make vectors for semantic search.")


class Recipe(_Strict):
    """A PurSight recipe."""

    source: SourcePart
    scan: ScanPart = Field(default_factory=ScanPart)


def parse_recipe(text: str) -> SourceSpec:
    """The source that a recipe describes; ``config`` still holds its references. Raises ``BadRecipe`` with line and field."""
    tree, lines = _load(text)
    try:
        recipe = Recipe.model_validate(tree)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        why = (
            "is not a key of a recipe"
            if first["type"] == "extra_forbidden"
            else f"is not acceptable: {first['msg']}"
        )
        raise _bad(tuple(map(str, first["loc"])), why, lines) from None
    source, scan = recipe.source, recipe.scan
    try:
        parse_config(source.type, source.config)
        return SourceSpec(
            name=source.name,
            connector=ALIASES.get(source.type, source.type),
            config=source.config,
            description=source.description,
            domain=source.domain,
            options=ScanOptions(
                tuple(scan.include),
                tuple(scan.exclude),
                scan.sample_rows,
                scan.classify,
                scan.lineage,
                scan.embed,
            ),
        )
    except (InvalidInput, ConnectionFailed) as error:
        place = ("source", *(("type",) if error.path == ("connector",) else error.path))
        raise _bad(place, f"is not acceptable: {error.message}", lines, error.remedy) from None


def dump_recipe(spec: SourceSpec) -> str:
    """The recipe of a source; secrets become references to environment variables named after the source."""
    options = spec.options
    source = {
        "name": spec.name,
        "type": spec.connector,
        "description": spec.description,
        "domain": spec.domain,
    }
    scan = {
        "include": list(options.include),
        "exclude": list(options.exclude),
        "sample_rows": options.sample_rows,
        "classify": options.classify,
        "lineage": options.lineage,
        "embed": options.embed,
    }
    tree = {
        "source": {key: value for key, value in source.items() if value} | {"config": _without_secrets(spec)},
        "scan": {key: value for key, value in scan.items() if value != []},
    }
    return str(yaml.safe_dump(tree, sort_keys=False, allow_unicode=True))


def recipe_schema() -> dict[str, Any]:
    """JSON Schema of a recipe, with the settings of every kind of connector."""
    schema = Recipe.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    part = schema["$defs"]["SourcePart"]
    part["properties"]["type"]["enum"] = [*kinds(), *sorted(ALIASES)]
    part["allOf"] = []
    for kind in kinds():
        config = connector_class(kind).Config.model_json_schema(ref_template=f"#/$defs/{kind}.{{model}}")
        schema["$defs"] |= {f"{kind}.{name}": each for name, each in config.pop("$defs", {}).items()}
        schema["$defs"][kind] = config
        names = [kind, *(alias for alias, of in ALIASES.items() if of == kind)]
        part["allOf"].append(
            {
                "if": {"properties": {"type": {"enum": names}}},
                "then": {"properties": {"config": {"$ref": f"#/$defs/{kind}"}}},
            }
        )
    return schema


def _without_secrets(spec: SourceSpec) -> dict[str, Any]:
    secret = {
        name
        for name, each in connector_class(spec.connector).Config.model_fields.items()
        if "SecretStr" in str(each.annotation)
    }
    shown: dict[str, Any] = {}
    for name, value in spec.config.items():
        plain = value.get_secret_value() if isinstance(value, SecretStr) else value
        hidden = name in secret and not (isinstance(plain, str) and is_reference(plain))
        variable = "".join(c if c.isalnum() else "_" for c in f"{spec.name}_{name}").upper()
        shown[name] = f"${{env:{variable}}}" if hidden else list(plain) if isinstance(plain, tuple) else plain
    return shown


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    """JSON's types only, so a date stays the text that it is; and nothing that could grow beyond the text."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in rules if tag != "tag:yaml.org,2002:timestamp"]
        for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.peek_event()
        here: dict[tuple[str, ...], int] = {(): event.start_mark.line + 1}
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            raise _bad((), "uses an anchor or alias, which recipes do without", here)
        if self.depth == _DEEPEST:
            raise _bad((), "is nested too deep", here)
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


_Lines = Mapping[tuple[str, ...], int]


def _load(text: str) -> tuple[Any, _Lines]:
    if len(text) > LARGEST:
        raise _bad((), f"is longer than {LARGEST} characters", {})
    lines: dict[tuple[str, ...], int] = {}
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        _note_lines(node, (), lines)
        return (None if node is None else loader.construct_document(node)), lines
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise _bad((), f"is not YAML: {error.problem or 'it ends too early'}", {(): line}) from None
    except (yaml.YAMLError, ValueError):  # a character that YAML forbids, a number or tag that no type takes
        raise _bad((), "is not YAML", {}) from None


def _note_lines(node: yaml.Node | None, path: tuple[str, ...], lines: dict[tuple[str, ...], int]) -> None:
    if node is None:
        return
    lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        for index, each in enumerate(node.value):
            _note_lines(each, (*path, str(index)), lines)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            place = (*path, str(key.value))
            if place in lines:
                raise _bad(place, "stands here twice", {place: key.start_mark.line + 1})
            lines[place] = key.start_mark.line + 1
            _note_lines(value, place, lines)


def _bad(place: Sequence[str], why: str, lines: _Lines, remedy: str = "") -> BadRecipe:
    nearest = next(
        (lines[tuple(place[:end])] for end in range(len(place), -1, -1) if tuple(place[:end]) in lines), 1
    )
    field = ".".join(place) or "The recipe"
    return BadRecipe(
        f"Line {nearest}: {field[:120]} {why.rstrip('.')}.",
        path=("recipe", *place),
        remedy=remedy
        or "Compare with the recipes in the documentation; editors can check against the JSON Schema.",
    )
