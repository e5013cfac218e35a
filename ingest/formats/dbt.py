"""dbt artifacts in: what a project builds, from what, by which SQL, and how its tests went.

Source: dbt's manifest v1 to v12, catalog v1, run-results v1 to v6; identities by OpenLineage "Naming Conventions".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ingest.formats import dbt_tests
from ingest.formats.dbt_artifacts import (
    Artifacts,
    Node,
    completed,
    config,
    member,
    parse_artifacts,
    strings,
    text,
)
from ingest.formats.dbt_relations import columns, owners, relation_path, statistics, subtype
from ingest.formats.extract import EdgeSet, Extract, Namespaces, Statement
from schema.domain.catalog import DiscoveredDataset, DiscoveredJob, Subtype
from schema.domain.lineage import EdgeOrigin
from schema.domain.platforms import PLATFORMS, platform_of
from schema.domain.scans import Problem, ScanStage, Severity
from schema.errors import InvalidInput
from schema.ids import Urn

__all__ = ["Artifacts", "extract", "parse_artifacts"]

_BUILT = frozenset({"model", "seed", "snapshot"})
_TESTS = frozenset({"test", "unit_test"})
# Adapters whose name is not the name of a platform; values are sqlglot's names.
_DIALECTS = {
    "athena": "athena",
    "clickhouse": "clickhouse",
    "dremio": "dremio",
    "exasol": "exasol",
    "fabric": "fabric",
    "glue": "spark",
    "greenplum": "postgres",
    "impala": "hive",
    "materialize": "materialize",
    "risingwave": "risingwave",
    "singlestore": "singlestore",
    "starrocks": "starrocks",
    "synapse": "tsql",
    "teradata": "teradata",
}


def extract(
    artifacts: Artifacts,
    *,
    namespace: str,
    project_namespace: str | None = None,
    namespace_aliases: Mapping[str, str] | None = None,
) -> Extract:
    """Everything the artifacts state about the warehouse ``namespace``.

    Jobs, exposures and ephemeral models live in ``project_namespace``, ``dbt://<project>`` unless given.
    """
    names = Namespaces(namespace_aliases)
    return _Reading(
        artifacts, names, names(namespace), names(project_namespace or f"dbt://{artifacts.project}")
    ).result()


class _Reading:
    """The state of one extraction."""

    def __init__(self, artifacts: Artifacts, names: Namespaces, warehouse: str, project: str) -> None:
        self._artifacts, self._names = artifacts, names
        self._warehouse, self._project = warehouse, project
        self._problems: dict[Problem, None] = dict.fromkeys(artifacts.problems)
        self._edges = EdgeSet()
        self._statements: list[Statement] = []
        self._unread: list[Urn] = []
        self._urns: dict[str, Urn] = {}

    def result(self) -> Extract:
        nodes = self._artifacts.nodes
        relations = {key: node for key, node in nodes.items() if _kind(node) in (*_BUILT, "source")}
        datasets = {d.urn: d for key, node in relations.items() if (d := self._dataset(key, node))}
        jobs = [
            self._build(key, node)
            for key, node in nodes.items()
            if key in self._urns and _kind(node) in _BUILT
        ]
        checks = {key: node for key, node in nodes.items() if _kind(node) in _TESTS}
        jobs += [self._test(key, node) for key, node in checks.items()]
        jobs += [self._exposure(key, node) for key, node in self._artifacts.exposures.items()]
        return Extract(
            tuple(datasets.values()),
            tuple(jobs),
            self._edges.edges(),
            tuple(self._problems),
            tuple(self._statements),
            unread=tuple(self._unread),
            origin=EdgeOrigin.DBT,
            made_at=self._artifacts.generated_at,
            tests=tuple(
                dbt_tests.data_test(Urn("job", self._project, key), key, node, self._artifacts, self._urns)
                for key, node in checks.items()
            ),
        )

    def _dataset(self, key: str, node: Node) -> DiscoveredDataset | None:
        entry = self._artifacts.catalog.get(key, {})
        kind = subtype(node, entry)
        ephemeral = kind is Subtype.EPHEMERAL
        path = (key,) if ephemeral else relation_path(node, platform_of(self._warehouse))
        try:
            urn = self._names.dataset(self._project if ephemeral else self._warehouse, path)
        except InvalidInput as error:
            self._note("BAD_NAME", key, error.message)
            return None
        self._urns[key] = urn
        rows, size = statistics(entry)
        return DiscoveredDataset(
            urn,
            path if not ephemeral else (_alias(node),),
            kind,
            columns(node, entry),
            text(node, "description") or text(member(entry, "metadata"), "comment") or None,
            row_count=rows,
            size_bytes=size,
            tags=_tags(node),
            owners=owners(node, self._artifacts.groups),
            properties=_properties(key, node),
        )

    # Jobs

    def _build(self, key: str, node: Node) -> DiscoveredJob:
        job, target = Urn("job", self._project, key), self._urns[key]
        inputs = self._inputs(key, node)
        for upstream in inputs:
            self._edges.add(upstream, target, job=job)
        sql = self._sql(key, node)
        # dbt writes an ephemeral model's SQL into the models that use it: it is analysed there.
        if _kind(node) != "seed" and target.namespace == self._warehouse:
            self._statement(key, node, sql, job)
        return self._job(key, node, job, Subtype.DBT_MODEL, inputs, (target,), sql)

    def _test(self, key: str, node: Node) -> DiscoveredJob:
        job = Urn("job", self._project, key)
        return self._job(key, node, job, Subtype.DBT_TEST, self._inputs(key, node), (), "")

    def _exposure(self, key: str, node: Node) -> DiscoveredJob:
        dashboard = text(node, "type") == "dashboard"
        urn = Urn("dashboard" if dashboard else "job", self._project, key)
        inputs = self._inputs(key, node)
        if dashboard:
            for upstream in inputs:
                self._edges.add(upstream, urn)
        return self._job(key, node, urn, Subtype.TASK, inputs, (), "")

    def _job(
        self,
        key: str,
        node: Node,
        urn: Urn,
        kind: Subtype,
        inputs: tuple[Urn, ...],
        outputs: tuple[Urn, ...],
        sql: str,
    ) -> DiscoveredJob:
        facts = _job_facts(node)
        return DiscoveredJob(
            urn,
            text(node, "label") or text(node, "name") or key,
            kind,
            text(node, "description") or None,
            sql or None,
            inputs,
            outputs,
            _tags(node),
            {**_properties(key, node), **facts, **_result(self._artifacts.results.get(key, {}))},
            (facts["owner"],) if "owner" in facts else (),
        )

    # Lineage

    def _inputs(self, key: str, node: Node) -> tuple[Urn, ...]:
        return tuple(dict.fromkeys(self._upstream(key, node, {key})))

    def _upstream(self, key: str, node: Node, seen: set[str]) -> Iterator[Urn]:
        """Datasets that a node depends on, through whatever is no dataset itself (metrics, semantic models)."""
        for other in strings(member(node, "depends_on"), "nodes"):
            if other in self._urns:
                yield self._urns[other]
            elif other not in self._artifacts.nodes:
                self._note("MISSING_NODE", other, f"{key} depends on a node that the manifest does not hold.")
            elif other not in seen and _kind(self._artifacts.nodes[other]) not in (*_BUILT, "source"):
                seen.add(other)
                yield from self._upstream(other, self._artifacts.nodes[other], seen)

    def _sql(self, key: str, node: Node) -> str:
        if text(node, "language") == "python":
            return ""
        result = self._artifacts.results.get(key, {})
        written = (text(node, member) for member in ("compiled_code", "compiled_sql", "injected_sql"))
        return next(filter(None, written), "") or text(result, "compiled_code")

    def _statement(self, key: str, node: Node, sql: str, job: Urn) -> None:
        if sql:
            database, schema = (text(node, level) or None for level in ("database", "schema"))
            dialect = _dialect(self._artifacts.adapter, self._warehouse)
            self._statements.append(
                Statement(sql, dialect, self._urns[key], job, self._warehouse, database, schema)
            )
        elif text(node, "language") == "python":
            message = "A Python model has no SQL: its lineage is known by table, not by column."
            self._note("PYTHON_MODEL", key, message, Severity.INFO)
        else:
            message = (
                "No compiled SQL, so its lineage is known by table only, or as it was last read: "
                "run `dbt compile` and read again."
            )
            self._note("NO_COMPILED_SQL", key, message)
            self._unread.append(self._urns[key])

    def _note(self, code: str, subject: str, message: str, severity: Severity = Severity.WARNING) -> None:
        self._problems[Problem(ScanStage.LINEAGE, code, subject, message, severity)] = None


def _kind(node: Node) -> str:
    return text(node, "resource_type") or text(node, "unique_id").partition(".")[0]


def _alias(node: Node) -> str:
    return text(node, "alias") or text(node, "name")


def _tags(node: Node) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*strings(node, "tags"), *strings(config(node), "tags"))))


def _properties(key: str, node: Node) -> dict[str, str]:
    found = {
        "dbt_unique_id": key,
        "dbt_package": text(node, "package_name"),
        "dbt_file": text(node, "original_file_path"),
        "materialized": text(config(node), "materialized") if _kind(node) == "model" else "",
        "access": text(node, "access") or text(config(node), "access"),
        "group": text(node, "group") or text(config(node), "group"),
        "loader": text(node, "loader"),
    }
    return {name: value for name, value in found.items() if value}


def _job_facts(node: Node) -> dict[str, str]:
    """What only tests and exposures have; a test's other arguments may list data values and are left out."""
    found = {
        "test": text(member(node, "test_metadata"), "name"),
        "column": text(node, "column_name"),
        "severity": text(config(node), "severity") if _kind(node) == "test" else "",
        "exposure_type": text(node, "type") if "owner" in node else "",
        "maturity": text(node, "maturity"),
        "url": re.sub(r"//[^/@]*@", "//", text(node, "url")),
        "owner": text(member(node, "owner"), "name") or text(member(node, "owner"), "email"),
    }
    return {name: value for name, value in found.items() if value}


def _result(result: Node) -> dict[str, str]:
    """How the last run went; its message may quote data and is left out."""
    found = {
        "status": text(result, "status"),
        "execution_time_s": result.get("execution_time"),
        "failures": result.get("failures"),
        "rows_affected": member(result, "adapter_response").get("rows_affected"),
        "completed_at": completed(result),
    }
    return {
        name: str(value)
        for name, value in found.items()
        if isinstance(value, str | int | float) and value != ""
    }


def _dialect(adapter: str, namespace: str) -> str:
    platform = PLATFORMS.get(adapter)
    return platform.dialect if platform else _DIALECTS.get(adapter, platform_of(namespace).dialect)
