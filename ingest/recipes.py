"""Recipes: a source, its scan options and its plan as a YAML text, for repositories and the command line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from ingest.connectors.base import ALIASES, connector_class, kinds, parse_config
from ingest.recipe_plan import PlanPart, place_of, tree_of
from ingest.secrets import is_reference
from ingest.yaml_text import Mark, YamlMistake, YamlText, read_yaml
from schema.domain.plans import ScanPlan
from schema.domain.sources import ScanOptions, SourceSpec
from schema.errors import BadRecipe, ConnectionFailed, InvalidInput

LARGEST = 256 * 1024  # characters of a recipe
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
    profile: bool = Field(_DEFAULTS.profile, description="Let the source compute figures of its columns.")
    usage: bool = Field(
        _DEFAULTS.usage,
        description="Count the queries that its server has counted, read the lineage that a warehouse records.",
    )


class Recipe(_Strict):
    """A PurSight recipe."""

    source: SourcePart
    scan: ScanPart = Field(default_factory=ScanPart)
    plan: PlanPart | None = Field(None, description="When and how it is scanned; without it, as it is now.")
    workflow: str = Field("", description="Workflow that its scans follow, instead of the usual one.")


def parse_recipe(text: str) -> SourceSpec:
    """The source that a recipe describes; ``config`` still holds its references. Raises ``BadRecipe`` with line and field."""
    document = _load(text)
    try:
        recipe = Recipe.model_validate(document.tree)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        why = (
            "is not a key of a recipe"
            if first["type"] == "extra_forbidden"
            else f"is not acceptable: {first['msg']}"
        )
        raise _bad(tuple(map(str, first["loc"])), why, document) from None
    source, scan = recipe.source, recipe.scan
    plan: ScanPlan | None = None
    if recipe.plan is not None or recipe.workflow:
        try:
            plan = (recipe.plan or PlanPart()).plan(source.name, recipe.workflow)
        except InvalidInput as error:
            why = f"is not acceptable: {error.message}"
            raise _bad(place_of(error.path), why, document, error.remedy) from None
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
                scan.profile,
                scan.usage,
            ),
            plan=plan,
        )
    except (InvalidInput, ConnectionFailed) as error:
        place = ("source", *(("type",) if error.path == ("connector",) else error.path))
        raise _bad(place, f"is not acceptable: {error.message}", document, error.remedy) from None


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
        "profile": options.profile,
        "usage": options.usage,
    }
    tree = {
        "source": {key: value for key, value in source.items() if value} | {"config": _without_secrets(spec)},
        "scan": {key: value for key, value in scan.items() if value != []},
    }
    if spec.plan is not None:
        tree |= {"plan": tree_of(spec.plan)} | (
            {"workflow": spec.plan.workflow} if spec.plan.workflow else {}
        )
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


def _load(text: str) -> YamlText:
    try:
        return read_yaml(text, largest=LARGEST)
    except YamlMistake as mistake:
        raise _told(mistake.place, mistake.why, mistake.mark) from None


def _bad(place: Sequence[str], why: str, document: YamlText, remedy: str = "") -> BadRecipe:
    return _told(place, why, document.mark(place), remedy)


def _told(place: Sequence[str], why: str, mark: Mark, remedy: str = "") -> BadRecipe:
    field = ".".join(place) or "The recipe"
    return BadRecipe(
        f"Line {mark.line}: {field[:120]} {why.rstrip('.')}.",
        path=("recipe", *place),
        remedy=remedy
        or "Compare with the recipes in the documentation; editors can check against the JSON Schema.",
    )
