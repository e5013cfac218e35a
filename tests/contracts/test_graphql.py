"""The public contract: current, described throughout, paged everywhere, and every mutation answers with typed failures."""

from __future__ import annotations

from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLUnionType,
    get_named_type,
)

from graph_api.enums import (
    AlertChannelKind,
    AlertDeliveryState,
    AlertSeverity,
    AssetKind,
    AssetStatus,
    AssetSubtype,
    CredentialState,
    DataTestMeasure,
    DataTestStatus,
    DecisionOutcome,
    EdgeOrigin,
    HealthCause,
    HealthGrade,
    IncidentKind,
    IncidentState,
    Incompleteness,
    LineageExportFormat,
    Permission,
    RenameEvidence,
    Retyping,
    Role,
    RunEventKind,
    RunState,
    ScanStage,
    SchemaChangeKind,
    SecretKind,
    Sensitivity,
    Severity,
    SourceCapability,
    Transformation,
    VerdictOrigin,
    VerdictStatus,
)
from graph_api.pictures.formats import Format
from graph_api.roots import NODE_LOADERS, product_schema, sdl
from ingest.connectors.base import Capability
from schema.domain import (
    alerts,
    catalog,
    classifications,
    column_types,
    credentials,
    data_tests,
    health,
    identity,
    incidents,
    lineage,
    renames,
    review,
    run_log,
    scans,
    schemas,
)

SCHEMA = product_schema()._schema
TYPES = {name: found for name, found in SCHEMA.type_map.items() if not name.startswith("__")}
OWN = {
    name: found for name, found in TYPES.items() if name not in ("String", "Int", "Float", "Boolean", "ID")
}
ROOTS = ("Query", "Mutation", "Subscription")


def fields() -> list[tuple[str, GraphQLField]]:
    return [
        (f"{name}.{field}", definition)
        for name, found in OWN.items()
        if isinstance(found, GraphQLObjectType | GraphQLInterfaceType)
        for field, definition in found.fields.items()
    ]


def test_the_exported_schema_is_current() -> None:
    path = Path(__file__).parents[2] / "schema" / "schema.graphql"
    assert path.read_text("utf-8") == sdl(), "run: pursight export-schema > schema/schema.graphql"


def test_everything_is_described() -> None:
    missing = [name for name, found in OWN.items() if not found.description]
    missing += [name for name, field in fields() if not field.description]
    for name, field in fields():
        missing += [f"{name}({arg})" for arg, found in field.args.items() if not found.description]
    for name, found in OWN.items():
        if isinstance(found, GraphQLEnumType):
            missing += [f"{name}.{value}" for value, each in found.values.items() if not each.description]
        if isinstance(found, GraphQLInputObjectType):
            missing += [f"{name}.{field}" for field, each in found.fields.items() if not each.description]
    assert missing == []


@pytest.mark.parametrize(
    ("name", "field"),
    [(name, field) for name, field in fields() if get_named_type(field.type).name.endswith("Connection")],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_connection_is_paged_from_both_ends(name: str, field: GraphQLField) -> None:
    assert {"first", "after", "last", "before"} <= field.args.keys()
    assert {"edges", "pageInfo"} <= get_named_type(field.type).fields.keys()  # type: ignore[union-attr]


def test_lists_of_assets_are_connections_unless_they_are_bounded() -> None:
    bounded = {
        "Asset.ancestors", "ImpactEdge.path", "LineagePath.assets", "ChangeEffect.path", "ChangeReader.path", "DataTest.subjects", "ChangeImpact.jobs", "PropagationReason.path", "TagApplySuccess.assets", "TagRemoveSuccess.assets",
    }  # fmt: skip
    lists = {name for name, field in fields() if str(field.type) in ("[Asset!]!", "[Asset]!", "[Asset!]")}
    assert lists == bounded


@pytest.mark.parametrize("name", TYPES["Mutation"].fields)  # type: ignore[union-attr]
def test_a_mutation_answers_with_its_success_or_typed_failures(name: str) -> None:
    field = TYPES["Mutation"].fields[name]  # type: ignore[union-attr]
    union = get_named_type(field.type)
    stem = name[0].upper() + name[1:]

    assert isinstance(union, GraphQLUnionType)
    assert union.name == f"{stem}Result"
    success, *failures = [member.name for member in union.types]
    assert success == f"{stem}Success"
    assert "ForbiddenError" in failures
    for failure in failures:
        assert [each.name for each in TYPES[failure].interfaces] == ["UserError"]  # type: ignore[union-attr]
    assert "Needs " in (field.description or "")


def test_every_node_can_be_loaded_by_its_id() -> None:
    node = TYPES["Node"]
    assert isinstance(node, GraphQLInterfaceType)
    assert {each.name for each in SCHEMA.get_possible_types(node)} == set(NODE_LOADERS)


@pytest.mark.parametrize(
    ("shown", "known"),
    [
        (AssetKind, catalog.AssetKind), (AssetSubtype, catalog.Subtype), (AssetStatus, catalog.AssetStatus),
        (Sensitivity, classifications.Sensitivity), (VerdictOrigin, classifications.VerdictOrigin),
        (VerdictStatus, classifications.VerdictStatus), (Transformation, lineage.Transformation),
        (EdgeOrigin, lineage.EdgeOrigin), (Incompleteness, lineage.Incomplete), (RunState, scans.RunState),
        (ScanStage, scans.ScanStage), (Severity, scans.Severity), (Role, identity.Role),
        (Permission, identity.Permission), (SourceCapability, Capability), (LineageExportFormat, Format),
        (SchemaChangeKind, schemas.ChangeKind), (Retyping, column_types.Retyping), (RenameEvidence, renames.Evidence),
        (IncidentKind, incidents.IncidentKind), (IncidentState, incidents.IncidentState),
        (DataTestStatus, data_tests.DataTestStatus), (DataTestMeasure, data_tests.Measure),
        (AlertChannelKind, alerts.ChannelKind), (AlertDeliveryState, alerts.DeliveryState), (AlertSeverity, scans.Severity),
        (HealthGrade, health.HealthGrade), (HealthCause, health.HealthCause), (RunEventKind, run_log.RunEventKind),
        (SecretKind, credentials.SecretKind), (DecisionOutcome, review.DecisionOutcome), (CredentialState, credentials.CredentialState),
    ],
)  # fmt: skip
def test_an_enumeration_has_the_values_of_the_domain(shown: type, known: type) -> None:
    assert {each.name: each.value for each in shown} == {each.name: each.value for each in known}  # type: ignore[attr-defined]
