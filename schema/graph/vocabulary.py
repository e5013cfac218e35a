"""Every label and relationship type of the graph, with what it means. The reference page of the graph is made from this file."""

from __future__ import annotations

LABELS: dict[str, str] = {
    "Asset": "Anything the catalogue describes; it carries one of the kind labels besides.",
    "Source": "A registered source, or an instance that somebody's lineage mentioned.",
    "Database": "A database inside an instance.",
    "Schema": "A schema inside a database.",
    "Dataset": "A table, view, file, folder of partitions or topic.",
    "Column": "A column of a dataset.",
    "Job": "A process that reads and writes datasets.",
    "Dashboard": "A report or dashboard fed by datasets.",
    "Model": "A trained model fed by datasets.",
    "DataProduct": "Datasets published together for others to use.",
    "AssetState": "What an asset was, from a time on and by what was recorded at a time; the present state is the asset itself.",
    "Tag": "A free label people or sources put on assets.",
    "Person": "Somebody who owns assets.",
    "Classification": "A kind of data, such as an e-mail address, with its sensitivity.",
    "Run": "One scan of one source: its state, progress and counts.",
    "Problem": "Something a run could not do.",
    "SqlTask": "SQL that a job ran and that a worker has yet to read.",
    "Token": "An API token: its hash, role and scope.",
    "AuditEvent": "One change, chained by hash to the one before it in its lane.",
    "AuditHead": "The end of one lane of the audit trail.",
    "OutboxEvent": "A change that consumers outside the graph have yet to hear of.",
    "Migration": "A schema migration that was applied.",
}

RELATIONSHIPS: dict[str, str] = {
    "CONTAINS": "Parent to child: source, database, schema, dataset, column.",
    "FEEDS": "Upstream to downstream, believed now: between datasets or between columns.",
    "FED": "A FEEDS or INFLUENCES that closed, with the interval in which it held.",
    "INFLUENCES": "A column that filters, joins, groups or orders a dataset without its value flowing there.",
    "REFERENCES": "Foreign key: referring column to referred column.",
    "READS": "Job to a dataset it reads.",
    "WRITES": "Job to a dataset it writes.",
    "CLASSIFIED_AS": "Asset to classification: origin, tier, confidence, status, reason.",
    "TAGGED": "Asset to tag.",
    "OWNS": "Person to asset.",
    "WAS": "Asset to a state it was in, or was in before that was known.",
    "WAS_CLASSIFIED_AS": "A CLASSIFIED_AS before it was decided or withdrawn.",
    "WAS_TAGGED": "A TAGGED that was taken off.",
    "SCANS": "Run to the source it scans.",
    "REPORTED": "Run to a problem it met.",
    "PREVIOUS": "Audit event to the one before it in its lane.",
}
