"""Enumerations of the API, each value with its meaning; the values are those of ``schema.domain``."""

from __future__ import annotations

from enum import Enum
from typing import Any

import strawberry


def _value(value: Any, description: str) -> Any:
    return strawberry.enum_value(value, description=description)


@strawberry.enum(description="Kind of an asset.")
class AssetKind(Enum):
    SOURCE = _value("SOURCE", "A registered source, or an instance that lineage mentions.")
    DATABASE = _value("DATABASE", "A database inside an instance.")
    SCHEMA = _value("SCHEMA", "A schema inside a database.")
    DATASET = _value("DATASET", "A table, view, file, folder or topic.")
    COLUMN = _value("COLUMN", "A column of a dataset.")
    JOB = _value("JOB", "A process that reads and writes datasets.")
    DASHBOARD = _value("DASHBOARD", "A report or dashboard.")
    MODEL = _value("MODEL", "A trained model.")
    DATA_PRODUCT = _value("DATA_PRODUCT", "Datasets published together.")


@strawberry.enum(description="What a dataset, job or report is on its own platform.")
class AssetSubtype(Enum):
    TABLE = _value("TABLE", "A table.")
    VIEW = _value("VIEW", "A view.")
    MATERIALIZED_VIEW = _value("MATERIALIZED_VIEW", "A view whose rows are stored.")
    FOREIGN_TABLE = _value("FOREIGN_TABLE", "A table that another server holds.")
    FILE = _value("FILE", "A file.")
    FOLDER = _value("FOLDER", "A folder of files that are one dataset.")
    TOPIC = _value("TOPIC", "A topic of a message broker.")
    SEED = _value("SEED", "A dbt seed.")
    SNAPSHOT = _value("SNAPSHOT", "A dbt snapshot.")
    EPHEMERAL = _value("EPHEMERAL", "A dbt model that is no relation of its own.")
    DBT_MODEL = _value("DBT_MODEL", "A run of a dbt model.")
    DBT_TEST = _value("DBT_TEST", "A dbt test.")
    DATA_TEST = _value("DATA_TEST", "A test of data by a tool of its own, such as an expectation or a check.")
    QUERY = _value("QUERY", "A query.")
    TASK = _value("TASK", "A task or job of any other kind.")
    BI_DATASET = _value(
        "BI_DATASET", "What a tool for reports defines over tables: a virtual dataset, a view of LookML."
    )
    CHART = _value("CHART", "A chart, question or other single report.")
    DASHBOARD = _value("DASHBOARD", "A dashboard: several reports on one page.")
    EXPLORE = _value("EXPLORE", "A place of Looker from which views are queried together.")
    UNKNOWN = _value("UNKNOWN", "Not known yet.")


@strawberry.enum(description="How a data test went.")
class DataTestStatus(Enum):
    PASS = _value("PASS", "The data is as it should be.")
    WARN = _value("WARN", "It is not, which is to be looked at.")
    FAIL = _value("FAIL", "It is not.")
    ERROR = _value("ERROR", "The test could not be run to its end.")
    SKIPPED = _value("SKIPPED", "The test was not run.")


@strawberry.enum(description="What a figure of a data test counts; a share runs from 0 to 1.")
class DataTestMeasure(Enum):
    ROWS = _value("ROWS", "Rows that were looked at.")
    FAILURES = _value("FAILURES", "Failures as the tool counts them, mostly rows.")
    UNEXPECTED = _value("UNEXPECTED", "Values that are not as expected.")
    UNEXPECTED_SHARE = _value("UNEXPECTED_SHARE", "Their share of the values that are not null.")
    MISSING = _value("MISSING", "Values that are null.")
    MISSING_SHARE = _value("MISSING_SHARE", "Their share of all rows.")
    OBSERVED_COUNT = _value("OBSERVED_COUNT", "The count that the test is about, such as that of rows.")
    OBSERVED_SHARE = _value(
        "OBSERVED_SHARE", "The share that the test is about, such as that of unique values."
    )


@strawberry.enum(description="Whether the object was there when its source was last read.")
class AssetStatus(Enum):
    ACTIVE = _value("ACTIVE", "It was there.")
    STALE = _value("STALE", "It was not there any more.")
    DEPRECATED = _value("DEPRECATED", "It was not there for longer than the plan of its source allows.")
    DELETED = _value("DELETED", "It was deleted by the plan of its source; its history alone is left.")


@strawberry.enum(
    description="What becomes of assets that complete scans of their source do not find any more."
)
class StalePolicy(Enum):
    RETAIN = _value("RETAIN", "They stay, marked stale.")
    DEPRECATE = _value("DEPRECATE", "They are deprecated after the days of grace.")
    DELETE = _value(
        "DELETE", "They are deleted after the days of grace, but for what people or other sources need."
    )


@strawberry.enum(description="What the next complete scan does about an asset that it does not find.")
class StaleOutcome(Enum):
    RETAIN = _value("RETAIN", "It stays, marked stale.")
    WAIT = _value("WAIT", "It stays stale until its days of grace are over.")
    DEPRECATE = _value("DEPRECATE", "It is deprecated.")
    DELETE = _value("DELETE", "It is deleted with all that it contains.")
    KEEP = _value("KEEP", "It would be deleted, and is kept for a reason.")


@strawberry.enum(description="Why an asset is not deleted.")
class StaleReason(Enum):
    PERSON = _value(
        "PERSON", "A person described, tagged, owns, judged, linked or renamed it or a part of it."
    )
    NEEDED = _value("NEEDED", "Others than its source say that lineage passes it.")
    HOLDS_OTHERS = _value("HOLDS_OTHERS", "Something in it stays.")


@strawberry.enum(description="How sensitive data is; a reader sees what is not above his clearance.")
class Sensitivity(Enum):
    PUBLIC = _value(0, "For everybody.")
    INTERNAL = _value(1, "For everybody inside.")
    CONFIDENTIAL = _value(2, "For those who need it.")
    SENSITIVE = _value(3, "Personal or otherwise protected data.")
    RESTRICTED = _value(4, "Data whose loss does grave harm.")


@strawberry.enum(description="What people made of a classification.")
class VerdictStatus(Enum):
    SUGGESTED = _value("SUGGESTED", "Nobody decided yet.")
    CONFIRMED = _value("CONFIRMED", "A person confirmed it.")
    REJECTED = _value("REJECTED", "A person rejected it.")


@strawberry.enum(description="Where a version of the trained model stands.")
class ModelStatus(Enum):
    QUEUED = _value("QUEUED", "It waits for a worker that trains it.")
    TRAINING = _value("TRAINING", "A worker trains it.")
    CANDIDATE = _value("CANDIDATE", "It passed the gate and can be promoted.")
    PRESENT = _value("PRESENT", "It judges.")
    RETIRED = _value("RETIRED", "It judged; it can be returned to.")
    REFUSED = _value("REFUSED", "It did not pass the gate, or there were too few verdicts.")
    FAILED = _value("FAILED", "Its training failed.")
    CANCELLED = _value("CANCELLED", "Somebody ended its training.")


@strawberry.enum(description="What became of one value that a classifier was tried on.")
class ValueOutcome(Enum):
    MATCHED = _value("MATCHED", "It has a form and passes its check, or is a known word.")
    FAILED_CHECK = _value(
        "FAILED_CHECK", "It has a form and fails its check: a check digit or an inner date."
    )
    NO_MATCH = _value("NO_MATCH", "It has none of the forms.")


@strawberry.enum(description="Who or what found a classification.")
class VerdictOrigin(Enum):
    MANUAL = _value("MANUAL", "A person.")
    RULE = _value("RULE", "A rule.")
    ML = _value("ML", "A model trained on columns, after the rules left it open.")
    AI = _value(
        "AI",
        "A model of language: by the nearness of the column's text to the meaning of the classification (tier 3), or a language model that was asked to choose (tier 4), which only suggests.",
    )
    PROPAGATED = _value("PROPAGATED", "It came along lineage, or from what holds the asset.")


@strawberry.enum(description="How an asset comes to inherit a classification.")
class PropagationWay(Enum):
    LINEAGE = _value("LINEAGE", "A column that feeds it, over others or not, holds such data.")
    CONTAINMENT = _value("CONTAINMENT", "A person said it of what holds the asset.")


@strawberry.enum(description="What happens to a value on its way.")
class Transformation(Enum):
    IDENTITY = _value("IDENTITY", "It is copied.")
    CAST = _value("CAST", "It changes its type.")
    EXPRESSION = _value("EXPRESSION", "It is computed from one row.")
    AGGREGATE = _value("AGGREGATE", "It is computed from many rows.")
    SELECTION = _value("SELECTION", "Of many rows one value is taken, or all are listed.")
    MASK = _value("MASK", "It is masked, hashed or only counted.")
    UNKNOWN = _value("UNKNOWN", "Not known.")
    FILTER = _value("FILTER", "It decides which rows there are.")
    JOIN = _value("JOIN", "It decides which rows meet.")
    GROUP_BY = _value("GROUP_BY", "It decides which rows are put together.")
    SORT = _value("SORT", "It decides the order of rows.")
    WINDOW = _value("WINDOW", "It partitions or orders a window.")
    CONDITIONAL = _value("CONDITIONAL", "It decides which value is taken.")


@strawberry.enum(description="Who says that an edge of lineage exists.")
class EdgeOrigin(Enum):
    SQL = _value("SQL", "The SQL of a view or query.")
    DBT = _value("DBT", "A dbt manifest.")
    OPENLINEAGE = _value("OPENLINEAGE", "An OpenLineage event.")
    MANUAL = _value("MANUAL", "A person.")
    QUERY_LOG = _value("QUERY_LOG", "A statement that a log of queries holds.")
    FOREIGN = _value("FOREIGN", "Another tool.")


@strawberry.enum(description="Which way a walk over lineage goes.")
class Direction(Enum):
    UPSTREAM = _value("UPSTREAM", "Towards what an asset is made from.")
    DOWNSTREAM = _value("DOWNSTREAM", "Towards what is made from it.")
    BOTH = _value("BOTH", "Both ways, never to and fro.")


@strawberry.enum(description="A format that a picture of lineage can be written in.")
class LineageExportFormat(Enum):
    SVG = _value("SVG", "A drawing for browsers and documents.")
    MERMAID = _value("MERMAID", "A flowchart of Mermaid, for wikis.")
    GRAPHML = _value("GRAPHML", "A graph for graph tools.")
    CSV = _value("CSV", "A list of edges for spreadsheets.")
    OPENLINEAGE = _value("OPENLINEAGE", "Events of OpenLineage that state the same edges.")
    PROV = _value("PROV", "W3C PROV-O in JSON-LD.")


@strawberry.enum(description="Why an answer may lack something.")
class Incompleteness(Enum):
    LIMIT = _value("LIMIT", "The page is full; the cursor leads on.")
    HOPS = _value("HOPS", "There is more beyond the hops that were allowed.")
    TIMEOUT = _value("TIMEOUT", "The time was up; what was found until then is given.")
    UNPARSED_SQL = _value("UNPARSED_SQL", "SQL of a dataset on the way could not be read.")
    ACCESS = _value("ACCESS", "Assets are hidden from the caller, who may know that; others are not told.")


@strawberry.enum(description="What walks over lineage do at assets that the caller may not see.")
class HiddenAssets(Enum):
    PASSED = _value("PASSED", "They are passed without being named, so that nothing behind them is missed.")
    STOP = _value("STOP", "The walk ends there, as if they did not exist.")


@strawberry.enum(description="By what the assets that a walk reaches are put together.")
class ImpactGrouping(Enum):
    DATASET = _value("DATASET", "The dataset that they are, or that holds them.")
    SCHEMA = _value("SCHEMA", "The schema that holds them.")
    SOURCE = _value("SOURCE", "Their source.")
    DOMAIN = _value("DOMAIN", "Their domain.")


@strawberry.enum(description="Where a run stands.")
class RunState(Enum):
    AWAITING_APPROVAL = _value("AWAITING_APPROVAL", "It waits for somebody to approve it.")
    QUEUED = _value("QUEUED", "It waits for a worker.")
    RUNNING = _value("RUNNING", "Workers are at it, or it waits for its next try.")
    PAUSED = _value("PAUSED", "It begins nothing more until it is resumed.")
    CANCELLING = _value("CANCELLING", "It was asked to stop.")
    SUCCEEDED = _value("SUCCEEDED", "It reached its end.")
    FAILED = _value("FAILED", "It could not go on.")
    CANCELLED = _value("CANCELLED", "It was stopped.")


@strawberry.enum(
    description="How urgent a run is; each band gets a share of the workers, and none waits for ever."
)
class Band(Enum):
    URGENT = _value("URGENT", "Sixteen shares.")
    HIGH = _value("HIGH", "Eight shares.")
    NORMAL = _value("NORMAL", "Four shares.")
    LOW = _value("LOW", "One share.")


@strawberry.enum(description="By what the time of scans is told apart.")
class ScanTimesBy(Enum):
    STAGE = _value("STAGE", "Stage of the workflow.")
    SOURCE = _value("SOURCE", "Source that is scanned.")
    WORKER = _value("WORKER", "Process that did the work.")
    RULE = _value(
        "RULE",
        "Rule that classifies: of each classification its checks and its search of prose, and what all of them share: names, forms, dictionaries.",
    )


@strawberry.enum(description="How much it matters that the catalogue knows a source as it is.")
class Criticality(Enum):
    LOW = _value("LOW", "Little.")
    NORMAL = _value("NORMAL", "As usual.")
    HIGH = _value("HIGH", "Much.")
    CRITICAL = _value("CRITICAL", "Others depend on it.")


@strawberry.enum(
    description="Which scans of a source wait for approval by somebody who did not ask for them."
)
class ApprovalRule(Enum):
    NEVER = _value("NEVER", "None by this rule.")
    SAMPLING = _value("SAMPLING", "Those that read values.")
    ALWAYS = _value("ALWAYS", "All.")


@strawberry.enum(description="Where a stage of a run stands.")
class StageState(Enum):
    BLOCKED = _value("BLOCKED", "It waits for other stages.")
    RUNNING = _value("RUNNING", "It has tasks that are not over.")
    SUCCEEDED = _value("SUCCEEDED", "All its tasks succeeded.")
    FAILED = _value("FAILED", "A task of it was given up; its workflow says whether the run goes on.")
    SKIPPED = _value("SKIPPED", "Its condition did not hold.")
    CANCELLED = _value("CANCELLED", "The run ended before it.")


@strawberry.enum(description="What kind of thing a run changed.")
class RunAspect(Enum):
    ASSET = _value("ASSET", "A dataset, column, job, schema or database.")
    EDGE = _value("EDGE", "An edge of lineage.")
    VERDICT = _value("VERDICT", "A classification of an asset.")
    REFERENCE = _value("REFERENCE", "A foreign key.")
    LABEL = _value("LABEL", "A tag or an owner that the source declares.")
    SCHEMA = _value("SCHEMA", "A version of a schema.")
    INCIDENT = _value("INCIDENT", "An incident.")


@strawberry.enum(description="What a run did to a thing.")
class RunAction(Enum):
    MADE = _value("MADE", "It was not there before.")
    CHANGED = _value("CHANGED", "It was something else before.")
    RETIRED = _value("RETIRED", "It was not found any more.")
    RETURNED = _value("RETURNED", "It was found again.")
    DELETED = _value("DELETED", "It was deleted, as the plan of its source says.")
    CLOSED = _value("CLOSED", "The edge or foreign key was not said any more.")
    WITHDRAWN = _value("WITHDRAWN", "The verdict was not given any more.")


@strawberry.enum(description="What an undo does about a change.")
class UndoOutcome(Enum):
    UNDO = _value("UNDO", "It takes it back.")
    NOTHING = _value("NOTHING", "Nothing: the change does not hold any more.")
    CONFLICT = _value("CONFLICT", "It leaves it alone, because of something later.")
    NOT_KEPT = _value("NOT_KEPT", "It leaves it alone, because what was before is not known.")
    FOLLOWS = _value("FOLLOWS", "Nothing of itself: it comes of the other changes.")


@strawberry.enum(description="Why an undo leaves a change alone.")
class UndoReason(Enum):
    PERSON = _value("PERSON", "A person changed it, or worked on it, since.")
    LATER_RUN = _value("LATER_RUN", "A later run changed it again.")
    NEEDED = _value("NEEDED", "What others say since needs it.")
    HOLDS_OTHERS = _value("HOLDS_OTHERS", "Something in it stays.")


@strawberry.enum(description="How far the undo of a run is.")
class UndoState(Enum):
    UNDOING = _value("UNDOING", "It was begun; asked for again it goes on.")
    UNDONE = _value("UNDONE", "It is done.")


@strawberry.enum(description="Where a task stands.")
class TaskState(Enum):
    READY = _value("READY", "It waits for a worker.")
    PARKED = _value("PARKED", "It waits for a time, or for what `held` says.")
    RUNNING = _value("RUNNING", "A worker has it.")
    SUCCEEDED = _value("SUCCEEDED", "It is done.")
    FAILED = _value("FAILED", "It was tried as often as it may be: a dead letter.")
    CANCELLED = _value("CANCELLED", "Its run was cancelled.")


@strawberry.enum(description="The stages of a scan, in order.")
class ScanStage(Enum):
    DISCOVER = _value("DISCOVER", "Reading the structure.")
    EXAMINE = _value("EXAMINE", "Sampling and classifying, a batch of datasets at a time.")
    SAMPLE = _value("SAMPLE", "Sampling rows.")
    CLASSIFY = _value("CLASSIFY", "Classifying columns.")
    LINEAGE = _value("LINEAGE", "Reading lineage.")
    EMBED = _value("EMBED", "Making vectors for search by meaning.")
    PUBLISH = _value("PUBLISH", "Writing a batch of datasets with what was found out about them.")
    CONCLUDE = _value("CONCLUDE", "Writing what concerns the whole: lineage, jobs, what is gone.")
    OTHER = _value("OTHER", "A stage of another workflow.")


@strawberry.enum(description="How bad a problem is.")
class Severity(Enum):
    INFO = _value("INFO", "Good to know.")
    WARNING = _value("WARNING", "Something is missing from the result.")
    ERROR = _value("ERROR", "The run failed by it.")


@strawberry.enum(description="How hits are found.")
class SearchMode(Enum):
    HYBRID = _value("HYBRID", "By exact name, words and meaning, fused into one order.")
    FULLTEXT = _value("FULLTEXT", "By words alone; pages without end.")
    SEMANTIC = _value("SEMANTIC", "By meaning alone.")
    EXACT = _value("EXACT", "By name, dotted path or urn as given.")


@strawberry.enum(description="In which way a hit matches.")
class MatchKind(Enum):
    EXACT_NAME = _value("EXACT_NAME", "Its name, path or urn is the query.")
    NAME = _value("NAME", "Words of its name.")
    TEXT = _value("TEXT", "Words of its description.")
    MEANING = _value("MEANING", "What it is about.")


@strawberry.enum(description="By what hits are counted.")
class FacetKind(Enum):
    KIND = _value("KIND", "Kind of asset.")
    PLATFORM = _value("PLATFORM", "Platform.")
    SOURCE = _value("SOURCE", "Source.")
    SENSITIVITY = _value("SENSITIVITY", "Sensitivity.")
    CLASSIFICATION = _value("CLASSIFICATION", "Classification.")
    TAG = _value("TAG", "Tag.")


@strawberry.enum(description="What a token may do, in one word.")
class Role(Enum):
    READER = _value("READER", "Read.")
    EDITOR = _value("EDITOR", "Read, describe, tag, draw lineage.")
    STEWARD = _value("STEWARD", "What an editor may, decide on classifications, and see masked rows.")
    OPERATOR = _value("OPERATOR", "Read, register and scan sources, send events.")
    INGESTER = _value("INGESTER", "Send events, and nothing else.")
    ANALYST = _value("ANALYST", "Read, and see masked rows of datasets.")
    INVESTIGATOR = _value(
        "INVESTIGATOR", "What an analyst may, with values up to SENSITIVE whole for a purpose of the token."
    )
    ADMIN = _value("ADMIN", "Everything.")


@strawberry.enum(description="One thing that a token may do.")
class Permission(Enum):
    READ = _value("READ", "Read the catalogue.")
    EDIT = _value("EDIT", "Describe, tag, draw lineage.")
    CLASSIFY = _value("CLASSIFY", "Decide on classifications.")
    SCAN = _value("SCAN", "Register and scan sources.")
    APPROVE = _value("APPROVE", "Decide about runs that need approval.")
    INGEST = _value("INGEST", "Send events.")
    SAMPLE = _value("SAMPLE", "See rows of datasets, masked.")
    UNMASK = _value("UNMASK", "See values up to SENSITIVE whole in them, for a purpose of the token.")
    ADMIN = _value("ADMIN", "Manage tokens and read the audit trail.")


@strawberry.enum(
    description="What becomes of a value of a sample, from what shows most to what shows nothing."
)
class Mask(Enum):
    FULL = _value("FULL", "It is shown.")
    REDACT = _value("REDACT", "What is sensitive within it is replaced by the name of its kind.")
    PARTIAL = _value("PARTIAL", "Its shape, with the few characters by which one who knows it tells it.")
    HASH = _value("HASH", "A mark that equal values share in this installation, and from which none follows.")
    NULL = _value("NULL", "It is not shown.")


@strawberry.enum(description="Why values of a column are shown as they are.")
class MaskReason(Enum):
    HARMLESS = _value("HARMLESS", "Nothing says that they are sensitive.")
    RULE = _value("RULE", "A rule of masking says so.")
    UNMASKED = _value("UNMASKED", "The caller may see them whole, for the purpose he stated.")
    PURPOSE = _value("PURPOSE", "They are for purposes of which the caller stated none.")
    CLEARANCE = _value("CLEARANCE", "They look as if they were above the caller's clearance.")
    APPROVAL = _value(
        "APPROVAL", "They look as if somebody else had to approve that they are shown; nobody did."
    )
    UNREADABLE = _value("UNREADABLE", "They are binary, or gone from the source.")


@strawberry.enum(description="How a request for a sample stands.")
class SampleRequestState(Enum):
    WAITING = _value("WAITING", "Nobody decided yet.")
    APPROVED = _value("APPROVED", "Who asked may read the columns until it expires.")
    REJECTED = _value("REJECTED", "Somebody said no, or took the approval back.")
    EXPIRED = _value("EXPIRED", "The approval is over, or nobody decided in time.")


@strawberry.enum(
    description="What a rule of masking is about; of several that fit the first in this order holds."
)
class MaskingSubject(Enum):
    CLASSIFICATION = _value("CLASSIFICATION", "Values of one classification.")
    CATEGORY = _value("CATEGORY", "Values of all classifications of one category.")
    LEVEL = _value("LEVEL", "Values of one level of sensitivity.")
    FREE_TEXT = _value("FREE_TEXT", "Prose in columns that are not sensitive as a whole.")


@strawberry.enum(description="What a connector can read of a source.")
class SourceCapability(Enum):
    SCHEMA = _value("SCHEMA", "The structure.")
    SAMPLE = _value("SAMPLE", "Rows.")
    LINEAGE = _value("LINEAGE", "Lineage.")
    PROFILE = _value("PROFILE", "Figures of tables and columns, computed by the source itself.")
    USAGE = _value("USAGE", "What was asked of it, by its own log of statements.")


@strawberry.enum(description="What happened to an asset.")
class AssetChangeKind(Enum):
    APPEARED = _value("APPEARED", "It became known, or to have been there earlier.")
    CHANGED = _value("CHANGED", "Something of it became another.")
    GONE = _value("GONE", "Its source did not show it any more.")
    DELETED = _value("DELETED", "It was deleted, as the plan of its source says.")
    RETURNED = _value("RETURNED", "Its source showed it again.")


@strawberry.enum(description="What of an asset can change.")
class AssetAttribute(Enum):
    NAME = _value("name", "Its name.")
    PATH = _value("path", "Dotted name from the database down.")
    SUBTYPE = _value("subtype", "What it is on its own platform.")
    DATA_TYPE = _value("data_type", "Type of a column.")
    NULLABLE = _value("nullable", "Whether a column may hold nulls.")
    ORDINAL = _value("ordinal", "Position of a column.")
    PRIMARY_KEY = _value("primary_key", "Whether a column is part of the primary key.")
    SOURCE_DESCRIPTION = _value("comment", "The source's own comment.")
    DESCRIPTION = _value("description", "What a person wrote about it.")
    DEFINITION = _value("definition", "SQL of a view, or code of a job.")
    DOMAIN = _value("domain", "Domain it belongs to.")
    STATUS = _value("status", "Whether its source still showed it.")
    STUB = _value("stub", "Whether lineage alone mentions it.")
    TAG = _value("tag", "A label.")
    OWNER = _value("owner", "Somebody who owns it.")
    CLASSIFICATION = _value("verdict", "The status of a classification.")
    INHERITED = _value("inherited", "The status of a classification that came along lineage.")


@strawberry.enum(description="What happened to a column of a schema, or to the dataset that has it.")
class SchemaChangeKind(Enum):
    ADDED = _value("ADDED", "A column came.")
    REMOVED = _value("REMOVED", "A column went.")
    RENAMED = _value("RENAMED", "A column got another name.")
    RETYPED = _value("RETYPED", "A column got another type.")
    NULLABILITY = _value("NULLABILITY", "A column may hold nulls now, or may not any more.")
    MOVED = _value("MOVED", "A column stands elsewhere among the others.")
    DROPPED = _value("DROPPED", "The dataset is not there any more.")
    RETURNED = _value("RETURNED", "The dataset is there again.")


@strawberry.enum(description="What another type means to the values of a column.")
class Retyping(Enum):
    SAME = _value("SAME", "Another name of the same type.")
    WIDENED = _value("WIDENED", "Every value of the old type is one of the new.")
    NARROWED = _value("NARROWED", "Values of the old type may not fit.")
    CONVERTED = _value("CONVERTED", "Values are of another kind.")


@strawberry.enum(description="Why a column is taken for another one under a new name.")
class RenameEvidence(Enum):
    NAME = _value("NAME", "The names are alike.")
    TYPE = _value("TYPE", "The type is the same.")
    PLACE = _value("PLACE", "It stands where the other stood.")
    DESCRIPTION = _value("DESCRIPTION", "The description is the same.")
    PROFILE = _value("PROFILE", "Samples have alike shares of nulls and of distinct values.")
    CONFIRMED = _value("CONFIRMED", "A person said so.")


@strawberry.enum(description="What an incident is about.")
class IncidentKind(Enum):
    BREAKING_SCHEMA_CHANGE = _value(
        "BREAKING_SCHEMA_CHANGE",
        "The schema of a dataset changed, or the dataset went, so that readers may fail.",
    )


@strawberry.enum(description="How far somebody saw to an incident.")
class IncidentState(Enum):
    OPEN = _value("OPEN", "Nobody yet.")
    ACKNOWLEDGED = _value("ACKNOWLEDGED", "Somebody does.")
    RESOLVED = _value("RESOLVED", "It is seen to.")


@strawberry.enum(description="How a channel tells people of events.")
class AlertChannelKind(Enum):
    LOG = _value("LOG", "A structured line in the log of the worker.")
    WEBHOOK = _value("WEBHOOK", "A signed POST to a web server.")
    EMAIL = _value("EMAIL", "An e-mail by a server of one's own.")


@strawberry.enum(description="Whether an event was told to a channel.")
class AlertDeliveryState(Enum):
    PENDING = _value("PENDING", "It is to be sent, or tried again.")
    SENT = _value("SENT", "The other side took it.")
    FAILED = _value("FAILED", "It was given up after its last try.")
    WITHHELD = _value(
        "WITHHELD", "What it is about was not for the readers of the channel any more when it was to be sent."
    )


@strawberry.enum(description="How severe an event is.")
class AlertSeverity(Enum):
    INFO = _value("INFO", "Good to know.")
    WARNING = _value("WARNING", "Somebody may have to do something.")
    ERROR = _value("ERROR", "Something failed or broke.")


@strawberry.enum(description="How well a source does, by its score.")
class HealthGrade(Enum):
    HEALTHY = _value("HEALTHY", "80 or more: nothing is to be done.")
    DEGRADED = _value("DEGRADED", "50 to 79: somebody should look at it.")
    UNHEALTHY = _value("UNHEALTHY", "Below 50: it cannot be relied on.")


@strawberry.enum(description="What lowers the score of a source.")
class HealthCause(Enum):
    CREDENTIALS_REFUSED = _value(
        "CREDENTIALS_REFUSED", "The last check found that the source refuses the credential."
    )
    CHECK_FAILED = _value("CHECK_FAILED", "The last check failed otherwise.")
    NOT_CHECKED = _value("NOT_CHECKED", "It was not checked for long, as where no worker runs.")
    AVAILABILITY = _value("AVAILABILITY", "Checks of the last 24 hours failed.")
    LATENCY = _value("LATENCY", "It answers more slowly than it used to.")
    SCAN_FAILED = _value("SCAN_FAILED", "The last scan failed.")
    SCAN_OVERDUE = _value("SCAN_OVERDUE", "There was no scan for longer than by plan.")
    DEAD_LETTERS = _value("DEAD_LETTERS", "Tasks of the last scan were given up.")
    CIRCUIT = _value("CIRCUIT", "It failed so often that it is left alone for a while.")
    CREDENTIAL_EXPIRING = _value("CREDENTIAL_EXPIRING", "The credential expires soon.")
    CREDENTIAL_EXPIRED = _value("CREDENTIAL_EXPIRED", "The credential has expired.")


@strawberry.enum(description="Where a secret is kept.")
class SecretKind(Enum):
    SEALED = _value("SEALED", "Here, sealed.")
    ENVIRONMENT = _value("ENVIRONMENT", "In a variable of the environment of server and worker.")
    FILE = _value("FILE", "In a file.")
    VAULT = _value("VAULT", "In a Vault.")


@strawberry.enum(description="How long a credential is valid.")
class CredentialState(Enum):
    VALID = _value("VALID", "For long enough, or without an end that is known.")
    EXPIRING = _value("EXPIRING", "Not for much longer.")
    EXPIRED = _value("EXPIRED", "Not any more.")


@strawberry.enum(description="What happened in a run.")
class RunEventKind(Enum):
    RUN_QUEUED = _value("RUN_QUEUED", "It was asked for.")
    TASK_HELD = _value("TASK_HELD", "A task that could run was put aside, for the reason that is told.")
    RUN_STARTED = _value("RUN_STARTED", "Its first task began.")
    STAGE_STARTED = _value("STAGE_STARTED", "The first task of a stage began.")
    TASK_STARTED = _value("TASK_STARTED", "A task began for the first time.")
    ATTEMPT_STARTED = _value("ATTEMPT_STARTED", "A worker took a task.")
    ATTEMPT_ENDED = _value("ATTEMPT_ENDED", "It ended, well or not.")
    TASK_RETRIED = _value("TASK_RETRIED", "The task failed and is tried again.")
    TASK_ENDED = _value("TASK_ENDED", "The task is over.")
    STAGE_ENDED = _value("STAGE_ENDED", "All tasks of a stage are over, or it was skipped.")
    RUN_ENDED = _value("RUN_ENDED", "The run is over.")


@strawberry.enum(description="What becomes of a decision about a classification.")
class DecisionOutcome(Enum):
    ADDED = _value("ADDED", "Nobody and nothing had said anything of it.")
    CHANGED = _value("CHANGED", "A suggestion is decided, or one's own decision another.")
    UNCHANGED = _value("UNCHANGED", "It was decided like that already.")
    CONFLICT = _value("CONFLICT", "Somebody else, or an earlier row, said otherwise; nothing is written.")
    UNKNOWN_ASSET = _value("UNKNOWN_ASSET", "Nothing has this urn, or the caller may not know that.")
    UNKNOWN_CLASSIFICATION = _value("UNKNOWN_CLASSIFICATION", "There is no classification of this name.")
    INVALID = _value("INVALID", "The row of a file says no verdict that can be read.")


@strawberry.enum(description="What happened to a verdict.")
class ClassificationChangeKind(Enum):
    SUGGESTED = _value("SUGGESTED", "A machine suggested it.")
    CONFIRMED = _value("CONFIRMED", "It was confirmed.")
    REJECTED = _value("REJECTED", "It was rejected.")
    WITHDRAWN = _value("WITHDRAWN", "It ended, and no other took its place.")
    INHERITED = _value("INHERITED", "It came along lineage.")
    INHERITED_OTHERWISE = _value("INHERITED_OTHERWISE", "It is inherited for other reasons than before.")
    INHERITANCE_ENDED = _value("INHERITANCE_ENDED", "It is inherited no more.")


@strawberry.enum(description="By what verdicts are counted.")
class VerdictGroup(Enum):
    CLASSIFICATION = _value("CLASSIFICATION", "By the classification.")
    SOURCE = _value("SOURCE", "By the source of the asset.")
    TIER = _value("TIER", "By the tier that found it.")
    ORIGIN = _value("ORIGIN", "By who or what found it.")


@strawberry.enum(description="What judging anew does to one classification of one column.")
class ReclassificationChangeKind(Enum):
    GAINED = _value("GAINED", "It is given, and was not.")
    LOST = _value("LOST", "It is not given any more.")
    SURER = _value("SURER", "It is given with more confidence.")
    LESS_SURE = _value("LESS_SURE", "It is given with less confidence.")
    DISAGREES = _value("DISAGREES", "A person decided otherwise, and that stays.")
