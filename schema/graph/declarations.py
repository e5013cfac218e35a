"""neomodel declarations: the nodes, their properties, and the constraints and indexes that migrations must have made.

They declare and are never queried through; ``tests/cypher/test_migrations.py`` compares them with what the server has.
"""

from __future__ import annotations

from dataclasses import dataclass

from neomodel import (
    ArrayProperty,
    BooleanProperty,
    FloatProperty,
    IntegerProperty,
    JSONProperty,
    StringProperty,
    StructuredNode,
)

EMBEDDING_DIMENSIONS = 384


class Asset(StructuredNode):
    """Anything the catalogue describes."""

    urn = StringProperty(unique_index=True, required=True)
    key = IntegerProperty(unique_index=True, required=True)
    kind = StringProperty(required=True)
    subtype = StringProperty()
    name = StringProperty(required=True)
    name_lower = StringProperty(index=True)
    namespace = StringProperty()
    path = StringProperty()
    platform = StringProperty()
    source = StringProperty()
    root = StringProperty()
    comment = StringProperty()
    description = StringProperty()
    definition = StringProperty()
    data_type = StringProperty()
    nullable = BooleanProperty()
    ordinal = IntegerProperty()
    primary_key = BooleanProperty()
    row_count = IntegerProperty()
    size_bytes = IntegerProperty()
    properties = JSONProperty()
    sensitivity = IntegerProperty(default=0)
    own_sensitivity = IntegerProperty(default=0)
    says = ArrayProperty(StringProperty())
    says_sure = ArrayProperty(FloatProperty())
    refuses = ArrayProperty(StringProperty())
    value_notes = StringProperty()
    domain = StringProperty(default="")
    status = StringProperty(default="ACTIVE")
    status_reason = StringProperty()
    stale_since = StringProperty()
    stub = BooleanProperty(default=False)
    fingerprint = StringProperty()
    judged_by = StringProperty()
    judged_at = StringProperty()
    described_by = StringProperty()
    described_at = StringProperty()
    lineage_problem = StringProperty()
    sampled_rows = IntegerProperty()
    sampled_nulls = IntegerProperty()
    sampled_distinct = IntegerProperty()
    sampled_at = StringProperty()
    profile = JSONProperty()
    table_profile = JSONProperty()
    search_text = StringProperty()
    embedding = ArrayProperty(FloatProperty())
    embedding_hash = StringProperty()
    sql_hash = StringProperty()
    sql_at = StringProperty()
    job_run_id = StringProperty()
    job_run_state = StringProperty()
    job_run_at = StringProperty()
    job_run_error = StringProperty()
    test_check = StringProperty()
    test_tool = StringProperty()
    test_status = StringProperty()
    test_at = StringProperty()
    test_figures = JSONProperty()
    first_seen = StringProperty()
    last_seen = StringProperty()
    run = StringProperty()
    version = IntegerProperty(default=0)
    valid_from = StringProperty()
    recorded_at = StringProperty()
    recorded_by = StringProperty()
    recorded_run = StringProperty()
    schema_version = IntegerProperty()
    schema_digest = StringProperty()


class AssetState(StructuredNode):
    """What an asset was before it changed, or before that was known. Its present state is the asset itself."""

    name = StringProperty()
    path = StringProperty()
    subtype = StringProperty()
    data_type = StringProperty()
    nullable = BooleanProperty()
    ordinal = IntegerProperty()
    primary_key = BooleanProperty()
    comment = StringProperty()
    description = StringProperty()
    definition = StringProperty()
    domain = StringProperty()
    status = StringProperty()
    stub = BooleanProperty()
    valid_from = StringProperty(required=True)
    recorded_at = StringProperty(required=True)
    recorded_by = StringProperty()
    recorded_run = StringProperty(index=True)


class SchemaVersion(StructuredNode):
    """A version of a dataset's schema. What its columns were is told by their states at ``recorded_at``."""

    number = IntegerProperty(required=True)
    digest = StringProperty()
    valid_from = StringProperty(required=True)
    recorded_at = StringProperty(required=True)
    actor = StringProperty()
    run = StringProperty(index=True)
    source = StringProperty()
    ordered = BooleanProperty()
    gone = BooleanProperty()
    breaking = BooleanProperty()


class Incident(StructuredNode):
    """Something that happened to a dataset and that somebody has to see to."""

    uid = StringProperty(db_property="id", unique_index=True, required=True)
    key = IntegerProperty(unique_index=True, required=True)
    kind = StringProperty(required=True)
    state = StringProperty(required=True)
    opened_at = StringProperty(index=True, required=True)
    run = StringProperty(index=True)


class DataTestResult(StructuredNode):
    uid = StringProperty(db_property="id", unique_index=True, required=True)
    status = StringProperty(required=True)
    at = StringProperty(required=True)
    run = StringProperty()
    figures = JSONProperty()


class Tag(StructuredNode):
    name = StringProperty(unique_index=True, required=True)
    key = IntegerProperty(unique_index=True, required=True)
    description = StringProperty()


class Person(StructuredNode):
    name = StringProperty(unique_index=True, required=True)
    key = IntegerProperty(unique_index=True, required=True)


class Classification(StructuredNode):
    name = StringProperty(unique_index=True, required=True)
    key = IntegerProperty(unique_index=True, required=True)
    title = StringProperty()
    description = StringProperty()
    category = StringProperty()
    sensitivity = IntegerProperty()
    version = StringProperty()
    wider = ArrayProperty(StringProperty())
    regulations = ArrayProperty(StringProperty())
    group = StringProperty()
    priority = IntegerProperty()
    accept_at = FloatProperty()
    reject_at = FloatProperty()
    thresholds_by = StringProperty()
    thresholds_at = StringProperty()
    built_in = BooleanProperty()
    enabled = BooleanProperty()


class ClassifierDefinition(StructuredNode):
    """A classifier of one's own as it is now; what it finds is the classification of the same name."""

    name = StringProperty(unique_index=True, required=True)
    version = IntegerProperty(required=True)
    text = StringProperty()


class ClassifierVersion(StructuredNode):
    uid = StringProperty(db_property="id", unique_index=True, required=True)
    number = IntegerProperty(required=True)
    text = StringProperty(required=True)


class ClassifierDraft(StructuredNode):
    """Classifiers that are tried before they are saved, by the digest of their texts, until they expire."""

    uid = StringProperty(db_property="id", unique_index=True, required=True)
    names = ArrayProperty(StringProperty(), required=True)
    texts = ArrayProperty(StringProperty(), required=True)
    created_at = StringProperty(required=True)
    created_by = StringProperty(required=True)
    expires_ms = IntegerProperty(index=True, required=True)


class ClassifierVocabulary(StructuredNode):
    """Which vocabulary is in force; ``product`` is the digest of the part of it that the product brings, ``model`` that of the trained
    model, empty for the one that the product brings."""

    uid = StringProperty(db_property="id", unique_index=True, required=True)
    digest = StringProperty()
    product = StringProperty()
    model = StringProperty()
    model_number = IntegerProperty()


class ClassificationModel(StructuredNode):
    """A version of the trained model: how its training stands, how it did, whether it judges."""

    number = IntegerProperty(unique_index=True, required=True)
    status = StringProperty(required=True)
    promote = BooleanProperty()
    reason = StringProperty()
    requested_at = StringProperty()
    requested_by = StringProperty()
    started_at = StringProperty()
    finished_at = StringProperty()
    promoted_at = StringProperty()
    promoted_by = StringProperty()
    retired_at = StringProperty()
    tries = IntegerProperty()
    holder = StringProperty()
    until_ms = IntegerProperty()
    cancelled = BooleanProperty()
    digest = StringProperty()
    size = IntegerProperty()
    labels = ArrayProperty(StringProperty())
    divided_by = StringProperty()
    held_out_groups = ArrayProperty(StringProperty())
    held_out_verdicts = IntegerProperty()
    learnt_verdicts = IntegerProperty()
    figures = JSONProperty()
    classes = JSONProperty()
    gate_reasons = ArrayProperty(StringProperty())
    compared_with = StringProperty()
    replaced = IntegerProperty()
    seconds = FloatProperty()
    memory_mb = IntegerProperty()
    fault = StringProperty()


class ClassificationModelArtefact(StructuredNode):
    """A trained model as bytes, in its property ``data``."""

    digest = StringProperty(unique_index=True, required=True)


class LanguageModelBudget(StructuredNode):
    """Questions that were put to the language model on ``day`` (UTC, ISO 8601)."""

    uid = StringProperty(db_property="id", unique_index=True, required=True)
    day = StringProperty()
    used = IntegerProperty()


class VocabularyVersion(StructuredNode):
    """By what datasets were judged: rules, thresholds and models, as ``judged_by`` of a dataset names it."""

    uid = StringProperty(db_property="id", unique_index=True, required=True)
    data = StringProperty(required=True)
    created_at = StringProperty(required=True)


class ReclassificationPreview(StructuredNode):
    """What a run that judges anew would change, until it expires; the id is that of the run. ``draft`` is what was tried before it was saved."""

    uid = StringProperty(db_property="id", unique_index=True, required=True)
    version = StringProperty(required=True)
    draft = StringProperty()
    drafted = ArrayProperty(StringProperty())
    created_at = StringProperty(required=True)
    expires_ms = IntegerProperty(index=True, required=True)


class ReclassificationChange(StructuredNode):
    """One classification of one column that would be another; the ids of a preview's changes begin with its own, in order."""

    uid = StringProperty(db_property="id", unique_index=True, required=True)
    urn = StringProperty(required=True)
    classification = StringProperty(required=True)
    kind = StringProperty(required=True)
    before = FloatProperty()
    after = FloatProperty()
    reason_before = StringProperty()
    reason_after = StringProperty()
    decided = StringProperty()


class ClassificationException(StructuredNode):
    uid = StringProperty(db_property="id", unique_index=True, required=True)
    classification = StringProperty(required=True)
    pattern = StringProperty()
    under = StringProperty()
    source = StringProperty()
    reason = StringProperty(required=True)
    expires_at = StringProperty()
    created_by = StringProperty(required=True)
    created_at = StringProperty(required=True)


class Run(StructuredNode):
    uid = StringProperty(db_property="id", unique_index=True, required=True)
    key = IntegerProperty(unique_index=True, required=True)
    state = StringProperty(index=True)
    created_at = StringProperty(index=True)


class RunStage(StructuredNode):
    uid = StringProperty(db_property="id", unique_index=True, required=True)
    name = StringProperty(required=True)
    state = StringProperty(required=True)


class RunTask(StructuredNode):
    """``queue`` is set while it waits for a worker, ``retry_at`` while it waits for a time, ``lease_until`` while one has it."""

    uid = StringProperty(db_property="id", unique_index=True, required=True)
    state = StringProperty(index=True, required=True)
    queue = StringProperty(index=True)
    retry_at = IntegerProperty(index=True)
    lease_until = IntegerProperty(index=True)


class RunAttempt(StructuredNode):
    uid = StringProperty(db_property="id", unique_index=True, required=True)


class RunChunk(StructuredNode):
    uid = StringProperty(db_property="id", unique_index=True, required=True)
    data = StringProperty(required=True)


class Workflow(StructuredNode):
    digest = StringProperty(unique_index=True, required=True)
    name = StringProperty(required=True)


class WorkflowDefinition(StructuredNode):
    """A workflow of one's own as it is now; ``calls`` are the workflows that it runs."""

    name = StringProperty(unique_index=True, required=True)
    version = IntegerProperty(required=True)
    text = StringProperty()
    calls = ArrayProperty(StringProperty())


class WorkflowVersion(StructuredNode):
    uid = StringProperty(db_property="id", unique_index=True, required=True)
    number = IntegerProperty(required=True)
    text = StringProperty(required=True)


class Worker(StructuredNode):
    uid = StringProperty(db_property="id", unique_index=True, required=True)
    seen_ms = IntegerProperty()
    lost_ms = IntegerProperty()
    process = StringProperty()


class Dispatcher(StructuredNode):
    """``room`` is the worker that takes nothing new until ``room_until``, milliseconds, and the suspected task for which it does so."""

    uid = StringProperty(db_property="id", unique_index=True, required=True)
    passes = ArrayProperty(FloatProperty())
    limits = JSONProperty()
    room = ArrayProperty(StringProperty())
    room_until = IntegerProperty()


class Problem(StructuredNode):
    uid = StringProperty(db_property="id", unique_index=True, required=True)


class SqlTask(StructuredNode):
    uid = StringProperty(db_property="id", unique_index=True, required=True)
    at = StringProperty()


class Token(StructuredNode):
    uid = StringProperty(db_property="id", unique_index=True, required=True)
    key = IntegerProperty(unique_index=True, required=True)
    hash = StringProperty(unique_index=True, required=True)


class MaskingRule(StructuredNode):
    uid = StringProperty(db_property="id", unique_index=True, required=True)
    subject = StringProperty(required=True)
    name = StringProperty(required=True)
    mask = StringProperty(required=True)
    set_by = StringProperty()
    set_at = StringProperty()


class MaskingKey(StructuredNode):
    uid = StringProperty(db_property="id", unique_index=True, required=True)
    sealed = StringProperty(required=True)
    created_at = StringProperty()


class UsageDay(StructuredNode):
    """How many queries of one source's log read one asset on one day."""

    uid = StringProperty(db_property="id", unique_index=True, required=True)
    source = StringProperty(required=True)
    day = StringProperty(required=True)
    queries = IntegerProperty()
    accounts = ArrayProperty(StringProperty())
    last_used = StringProperty()


class UsageReader(StructuredNode):
    """Up to where one log of a source has been counted."""

    uid = StringProperty(db_property="id", unique_index=True, required=True)
    source = StringProperty(required=True)
    reader = StringProperty(required=True)
    position = StringProperty()
    read_at = StringProperty()


class Account(StructuredNode):
    """A database account that queries were run by; its name is for administrators alone."""

    uid = StringProperty(db_property="id", unique_index=True, required=True)
    name = StringProperty()
    source = StringProperty()


class SampleRequest(StructuredNode):
    """That somebody asked to read columns of a dataset; ``approved`` is null until somebody else decided."""

    uid = StringProperty(db_property="id", unique_index=True, required=True)
    dataset = StringProperty(index=True, required=True)
    source = StringProperty()
    columns = ArrayProperty(StringProperty())
    level = IntegerProperty(required=True)
    purpose = StringProperty()
    reason = StringProperty(required=True)
    requested_by = StringProperty(required=True)
    requested_at = StringProperty(required=True)
    until = StringProperty(required=True)
    approved = BooleanProperty()
    expires_at = StringProperty()
    decided_by = StringProperty()
    decided_for = StringProperty()
    decided_at = StringProperty()
    decided_reason = StringProperty()


class ApprovalDelegation(StructuredNode):
    """That ``holder`` may decide about runs and samples in the place of ``giver`` for a time; both are ids of tokens."""

    uid = StringProperty(db_property="id", unique_index=True, required=True)
    giver = StringProperty(required=True)
    holder = StringProperty(index=True, required=True)
    starts_at = StringProperty(required=True)
    ends_at = StringProperty(required=True)
    reason = StringProperty()
    created_at = StringProperty()
    revoked_at = StringProperty()
    revoked_by = StringProperty()


class AuditEvent(StructuredNode):
    uid = StringProperty(db_property="id", unique_index=True, required=True)
    at = StringProperty(index=True)


class AuditHead(StructuredNode):
    lane = IntegerProperty(unique_index=True, required=True)


class OutboxEvent(StructuredNode):
    uid = StringProperty(db_property="id", unique_index=True, required=True)
    at = StringProperty(index=True)


class AlertChannel(StructuredNode):
    """Where events are told; ``cursor`` says per lane of the outbox how far it was told of."""

    uid = StringProperty(db_property="id", unique_index=True, required=True)
    key = IntegerProperty(unique_index=True, required=True)
    name = StringProperty(unique_index=True, required=True)
    kind = StringProperty(required=True)
    config = JSONProperty()
    cursor = ArrayProperty(IntegerProperty())


class AlertDelivery(StructuredNode):
    """One event for one channel; ``next_ms`` is set until it is settled, and is the end of the lease while somebody sends it."""

    uid = StringProperty(db_property="id", unique_index=True, required=True)
    channel = StringProperty(required=True)
    state = StringProperty(required=True)
    at = StringProperty(index=True, required=True)
    next_ms = IntegerProperty()


class HealthHour(StructuredNode):
    """Checks of a source in one hour; ``latencies`` are those of the ones that succeeded, milliseconds, up to a number."""

    uid = StringProperty(db_property="id", unique_index=True, required=True)
    source = StringProperty(required=True)
    hour = StringProperty(index=True, required=True)
    checks = IntegerProperty()
    ok = IntegerProperty()
    latencies = ArrayProperty(FloatProperty())


class HealthCheck(StructuredNode):
    """One of the latest checks of a source."""

    uid = StringProperty(db_property="id", unique_index=True, required=True)
    source = StringProperty(required=True)
    at = StringProperty(required=True)
    ok = BooleanProperty()
    cause = StringProperty()
    latency_ms = FloatProperty()


class Propagation(StructuredNode):
    """Where the job stands that keeps what columns inherit."""

    uid = StringProperty(db_property="id", unique_index=True, required=True)
    rules = StringProperty()
    whole = BooleanProperty()
    holder = StringProperty()
    until_ms = IntegerProperty()
    ended_at = StringProperty()
    looked_at = IntegerProperty()
    changed = IntegerProperty()


class PropagationMark(StructuredNode):
    """What the job has yet to look at."""

    uid = StringProperty(db_property="id", unique_index=True, required=True)
    at = StringProperty(required=True)
    keys = ArrayProperty(IntegerProperty())
    whole = BooleanProperty()


class PropagationBlock(StructuredNode):
    """That a classification is not inherited somewhere."""

    uid = StringProperty(db_property="id", unique_index=True, required=True)
    classification = StringProperty(required=True)
    under = StringProperty()
    reason = StringProperty()
    by = StringProperty()
    at = StringProperty()


class Migration(StructuredNode):
    version = IntegerProperty(unique_index=True, required=True)


@dataclass(frozen=True, slots=True)
class Index:
    """An index that neomodel cannot declare: composite, on relationships, full-text over several properties, filtered vectors."""

    kind: str
    owner: str
    properties: tuple[str, ...]


COMPOSITE_INDEXES = (
    Index("RANGE", "Asset", ("kind", "urn")),
    Index("RANGE", "Asset", ("source", "kind", "urn")),
    Index("RANGE", "Asset", ("source", "stale_since")),
    Index("FULLTEXT", "Asset", ("name", "search_text", "description", "comment")),
    Index("VECTOR", "Asset", ("embedding", "sensitivity", "domain", "kind")),
    Index("RANGE", "Dataset", ("judged_by",)),
    Index("RANGE", "Source", ("next_due_ms",)),
    Index("RANGE", "Source", ("used_day",)),
    Index("RANGE", "Source", ("scan_workflow",)),
    Index("RANGE", "Source", ("next_check_ms",)),
    Index("RANGE", "Source", ("health_ms",)),
    Index("RANGE", "HealthHour", ("source", "hour")),
    Index("RANGE", "HealthCheck", ("source", "at")),
    Index("RANGE", "RunTask", ("source", "held")),
    Index("RANGE", "AuditEvent", ("lane", "seq")),
    Index("RANGE", "OutboxEvent", ("lane", "seq")),
    Index("RANGE", "AlertDelivery", ("channel", "next_ms")),
    Index("RANGE", "AlertDelivery", ("channel", "at")),
    Index("RANGE", "UsageDay", ("source", "day")),
    Index("RANGE", "JOINED_WITH", ("source", "day")),
    Index("RANGE", "Asset", ("recorded_run", "urn")),
    Index("RANGE", "FEEDS", ("recorded_run",)),
    Index("RANGE", "INFLUENCES", ("recorded_run",)),
    Index("RANGE", "FED", ("recorded_run",)),
    Index("RANGE", "FED", ("closed_run",)),
    Index("RANGE", "CLASSIFIED_AS", ("recorded_run",)),
    Index("RANGE", "CLASSIFIED_AS", ("evidence_run",)),
    Index("RANGE", "CLASSIFIED_AS", ("review",)),
    Index("RANGE", "CLASSIFIED_AS", ("review_source", "review")),
    Index("RANGE", "CLASSIFIED_AS", ("review_classification", "review")),
    Index("RANGE", "CLASSIFIED_AS", ("review_source", "review_classification", "review")),
    Index("RANGE", "CLASSIFIED_AS", ("review_sure", "review")),
    Index("RANGE", "CLASSIFIED_AS", ("review_source", "review_sure", "review")),
    Index("RANGE", "CLASSIFIED_AS", ("review_classification", "review_sure", "review")),
    Index("RANGE", "CLASSIFIED_AS", ("review_source", "review_classification", "review_sure", "review")),
    Index("RANGE", "CLASSIFIED_AS", ("decided_at",)),
    Index("RANGE", "CLASSIFIED_AS", ("recorded_at",)),
    Index("RANGE", "WAS_CLASSIFIED_AS", ("recorded_at",)),
    Index("RANGE", "WAS_CLASSIFIED_AS", ("closed_at",)),
    Index("RANGE", "INHERITS", ("recorded_at",)),
    Index("RANGE", "WAS_INHERITS", ("recorded_at",)),
    Index("RANGE", "WAS_INHERITS", ("closed_at",)),
    Index("RANGE", "WAS_CLASSIFIED_AS", ("recorded_run",)),
    Index("RANGE", "WAS_CLASSIFIED_AS", ("closed_run",)),
    Index("RANGE", "REFERENCES", ("recorded_run",)),
    Index("RANGE", "WAS_REFERENCES", ("closed_run",)),
    Index("RANGE", "FEEDS", ("used_at",)),
    Index("RANGE", "INFLUENCES", ("used_at",)),
    Index("RANGE", "TAGGED", ("recorded_run",)),
    Index("RANGE", "OWNS", ("recorded_run",)),
)
