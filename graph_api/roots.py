"""The product's schema: the roots that the domains add up to, and who loads which node."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import strawberry

from graph_api.alerts import loaders as alerts
from graph_api.alerts.resolvers import AlertMutations, AlertQueries
from graph_api.alerts.types import AlertChannel
from graph_api.catalog import loaders as catalog
from graph_api.catalog.evolution_queries import SchemaQueries
from graph_api.catalog.renames import RenameMutations
from graph_api.catalog.resolvers import CatalogMutations, CatalogQueries
from graph_api.catalog.types import Asset, Tag
from graph_api.classifications import loaders as classifications
from graph_api.classifications.classifiers import ClassifierMutations, ClassifierQueries
from graph_api.classifications.drafts import ClassifierDraftMutations
from graph_api.classifications.model_changes import ModelMutations
from graph_api.classifications.models import ModelQueries
from graph_api.classifications.propagation import PropagationMutations, PropagationQueries
from graph_api.classifications.reclassification import ReclassificationMutations, ReclassificationQueries
from graph_api.classifications.resolvers import ClassificationMutations, ClassificationQueries
from graph_api.classifications.thresholds import ThresholdMutations
from graph_api.classifications.trying import TrialMutations, TrialQueries
from graph_api.classifications.types import Classification
from graph_api.context import Context, NodeLoader
from graph_api.health.resolvers import CredentialMutations
from graph_api.health.subscriptions import WatchSubscriptions
from graph_api.http.documents import PersistedDocuments
from graph_api.identity import loaders as identity
from graph_api.identity.resolvers import IdentityMutations, IdentityQueries
from graph_api.identity.types import AuditEvent, Token
from graph_api.incidents import loaders as incidents
from graph_api.incidents.resolvers import IncidentMutations, IncidentQueries
from graph_api.incidents.types import Incident
from graph_api.limits import Limits
from graph_api.lineage.resolvers import LineageMutations, LineageQueries
from graph_api.masking.requests import SampleRequestMutations, SampleRequestQueries
from graph_api.masking.resolvers import MaskingMutations, MaskingQueries
from graph_api.node_resolvers import NodeQueries
from graph_api.pictures.resolvers import LineageExportQueries
from graph_api.review.exceptions import ExceptionMutations, ExceptionQueries
from graph_api.review.history import ClassificationChangeQueries
from graph_api.review.quality import QualityQueries
from graph_api.review.resolvers import ReviewMutations, ReviewQueries
from graph_api.review.subscriptions import ReviewSubscriptions
from graph_api.scans import loaders as scans
from graph_api.scans.analytics import ScanAnalyticsQueries
from graph_api.scans.delegations import ApprovalMutations, ApprovalQueries
from graph_api.scans.limits import LimitMutations, LimitQueries
from graph_api.scans.plans import ScanPlanMutations
from graph_api.scans.resolvers import ScanMutations, ScanQueries
from graph_api.scans.subscriptions import ScanSubscriptions
from graph_api.scans.types import Run
from graph_api.schema import Schema
from graph_api.search.resolvers import SearchQueries
from graph_api.sources import loaders as sources
from graph_api.sources.resolvers import SourceMutations, SourceQueries
from graph_api.sources.types import Source
from graph_api.workflows.resolvers import WorkflowMutations, WorkflowQueries


@strawberry.type(description="Everything that can be read.")
class Query(
    NodeQueries,
    CatalogQueries,
    SchemaQueries,
    LineageQueries,
    LineageExportQueries,
    SearchQueries,
    SourceQueries,
    ScanQueries,
    ScanAnalyticsQueries,
    ApprovalQueries,
    LimitQueries,
    WorkflowQueries,
    IncidentQueries,
    AlertQueries,
    ClassificationQueries,
    ClassifierQueries,
    ModelQueries,
    TrialQueries,
    ReviewQueries,
    ExceptionQueries,
    ClassificationChangeQueries,
    QualityQueries,
    PropagationQueries,
    ReclassificationQueries,
    MaskingQueries,
    SampleRequestQueries,
    IdentityQueries,
): ...


@strawberry.type(description="Everything that can be changed.")
class Mutation(
    CatalogMutations,
    RenameMutations,
    LineageMutations,
    SourceMutations,
    CredentialMutations,
    ScanMutations,
    ScanPlanMutations,
    ApprovalMutations,
    LimitMutations,
    WorkflowMutations,
    IncidentMutations,
    AlertMutations,
    ClassificationMutations,
    ClassifierMutations,
    ThresholdMutations,
    ModelMutations,
    TrialMutations,
    ReviewMutations,
    ExceptionMutations,
    PropagationMutations,
    ReclassificationMutations,
    ClassifierDraftMutations,
    MaskingMutations,
    SampleRequestMutations,
    IdentityMutations,
): ...


@strawberry.type(description="Everything that can be watched.")
class Subscription(ScanSubscriptions, WatchSubscriptions, ReviewSubscriptions): ...


def _node(
    load: Callable[[Context, list[int]], Awaitable[Sequence[Any]]], of: Callable[[Any], Any]
) -> NodeLoader:
    async def nodes(context: Context, keys: list[int]) -> Sequence[Any]:
        return [None if row is None else of(row) for row in await load(context, keys)]

    return nodes


NODE_LOADERS: Mapping[str, NodeLoader] = {
    "Asset": _node(catalog.by_keys, Asset.of),
    "Tag": _node(catalog.tags_by_keys, lambda row: Tag.of(row["tag"], row["assets"])),
    "Source": _node(sources.by_keys, Source.of),
    "Run": _node(scans.by_keys, Run.of),
    "Incident": _node(incidents.by_keys, Incident.of),
    "AlertChannel": _node(alerts.by_keys, AlertChannel.of),
    "Token": _node(identity.tokens_by_keys, Token.of),
    "AuditEvent": _node(identity.audit_events_by_keys, AuditEvent.of),
    "Classification": _node(classifications.by_keys, Classification.of),
}


def product_schema(
    *,
    introspection: bool = True,
    limits: Limits | None = None,
    persisted: PersistedDocuments | None = None,
    compile_after: int | None = 1,
    hot: bool = True,
) -> Schema:
    """The schema of the product, ready to execute."""
    return Schema(
        Query,
        Mutation,
        Subscription,
        introspection=introspection,
        limits=limits,
        persisted=persisted,
        compile_after=compile_after,
        hot=hot,
    )


def sdl() -> str:
    """The public contract as text, in the order of the declarations."""
    return product_schema().as_str() + "\n"
