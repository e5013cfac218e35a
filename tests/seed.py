"""A catalogue of any size made by the product's own commands: warehouses with foreign keys, lineage, verdicts, tags, runs."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from cypher.governance import writes as governance
from cypher.scanning import writes as scanning
from cypher.session import GraphSession, Transaction
from ingest.commands import catalog, classifications, lineage, run_tasks, runs
from ingest.orchestration.outcomes import Done
from schema.domain.catalog import DiscoveredColumn, DiscoveredDataset, DiscoveredJob, ForeignKey, Subtype
from schema.domain.classifications import Classifier, Sensitivity, Verdict
from schema.domain.identity import Principal
from schema.domain.lineage import EdgeOrigin, LineageEdge, Transformation
from schema.domain.platforms import dataset_urn
from schema.domain.scans import Problem, ScanStage
from schema.domain.sources import source_urn
from schema.domain.workflows import Stage, Workflow
from schema.ids import Urn

CLASSIFIERS = (
    Classifier("EMAIL", "E-mail address", "Addresses of mailboxes.", "contact", Sensitivity.SENSITIVE, "1"),
    Classifier("COUNTRY", "Country", "Names and codes of countries.", "place", Sensitivity.INTERNAL, "1"),
    Classifier("SSN", "Social security number", "US numbers.", "identity", Sensitivity.RESTRICTED, "1"),
)
_SUBJECTS = ("customer", "order", "invoice", "payment", "product", "shipment", "employee", "ticket")
_FIELDS = ("id", "parent_id", "email", "country", "amount", "created_at", "status", "note", "ssn", "name")


@dataclass(frozen=True, slots=True)
class Warehouse:
    """One registered source and its datasets, in layers of lineage."""

    source: str
    domain: str
    datasets: tuple[DiscoveredDataset, ...]

    def urn(self, number: int) -> str:
        return str(self.datasets[number].urn)


def warehouse(source: str, domain: str, *, datasets: int, columns: int, schemas: int = 4) -> Warehouse:
    """Tables and views of one database; each table refers to the one before it."""
    namespace = f"postgres://{source}:5432"
    found: list[DiscoveredDataset] = []
    for number in range(datasets):
        path = ("shop", f"layer{number % schemas}", f"{_SUBJECTS[number % len(_SUBJECTS)]}_{number:04}")
        urn = dataset_urn(namespace, path)
        keys = (ForeignKey(("parent_id",), found[-1].urn, ("id",)),) if found else ()
        found.append(
            DiscoveredDataset(
                urn=urn,
                path=path,
                subtype=Subtype.VIEW if number % 3 == 2 else Subtype.TABLE,
                columns=tuple(_column(n) for n in range(columns)),
                comment=f"What we know of each {_SUBJECTS[number % len(_SUBJECTS)]}, number {number}.",
                definition="SELECT 1" if number % 3 == 2 else None,
                row_count=number * 1_000_000_000,
                foreign_keys=keys,
                tags=("gold",) if number % 5 == 0 else (),
                owners=("ada@example.com",) if number % 4 == 0 else (),
            )
        )
    return Warehouse(source, domain, tuple(found))


def _column(number: int) -> DiscoveredColumn:
    name = _FIELDS[number] if number < len(_FIELDS) else f"{_FIELDS[number % len(_FIELDS)]}_{number}"
    return DiscoveredColumn(
        name, "text", ordinal=number + 1, comment=f"Column {number}.", primary_key=number == 0
    )


async def know(graph: GraphSession, classifiers: Sequence[Classifier]) -> None:
    """Make the graph know these classifications, as the product does with those it brings."""

    async def work(tx: Transaction) -> None:
        await governance.upsert_classifications(tx, classifiers)

    await graph.write("test.know", work)


async def register(graph: GraphSession, of: Warehouse, *, at: str = "2026-01-01T00:00:00+00:00") -> None:
    """Save the source without connecting to anything; its configuration holds one sealed secret."""

    async def work(tx: Transaction) -> None:
        props = {
            "name": of.source,
            "name_lower": of.source,
            "path": of.source,
            "search_text": of.source,
            "source": of.source,
            "namespace": f"postgres://{of.source}:5432",
            "platform": "postgres",
            "connector": "postgres",
            "config": '{"host": "db", "password": {"sealed": "gAAAA-canary"}}',
            "options": '{"include": [], "exclude": [], "sample_rows": 500, "classify": true, "lineage": true, "embed": true}',
            "comment": "A warehouse of the tests.",
            "domain": of.domain,
            "check_ok": True,
            "check_cause": "",
            "checked_at": at,
            "check_latency_ms": 1.5,
        }
        await scanning.save_source(
            tx, urn=str(source_urn(of.source)), props=props, at=at, by="test", replace=False
        )

    await graph.write("test.register", work)


def edges(of: Warehouse, *, fan: int = 2) -> list[LineageEdge]:
    """Every dataset feeds the next ``fan`` ones, column by column; its country filters the next one."""
    found: list[LineageEdge] = []
    for number, up in enumerate(of.datasets):
        for down in of.datasets[number + 1 : number + 1 + fan]:
            job = Urn("job", up.urn.namespace, f"load_{number}")
            found.append(LineageEdge(up.urn, down.urn, (Transformation.IDENTITY,), job=job))
            for column in up.columns[:4]:
                ends = up.column_urn(column.name), down.column_urn(column.name)
                found.append(LineageEdge(*ends, (Transformation.IDENTITY,), job=job))
            found.append(LineageEdge(up.column_urn("country"), down.urn, (Transformation.FILTER,), job=job))
    return found


def jobs(of: Warehouse) -> list[DiscoveredJob]:
    return [
        DiscoveredJob(
            Urn("job", up.urn.namespace, f"load_{number}"),
            f"load_{number}",
            inputs=(up.urn,),
            outputs=tuple(down.urn for down in of.datasets[number + 1 : number + 2]),
        )
        for number, up in enumerate(of.datasets)
    ]


def verdicts(of: Warehouse) -> tuple[list[tuple[str, Verdict]], list[str]]:
    """E-mail addresses in every dataset, countries in every second, social security numbers in every fourth."""
    found = []
    for number, dataset in enumerate(of.datasets):
        every = (("email", "EMAIL", 1), ("country", "COUNTRY", 2), ("ssn", "SSN", 4))
        names = {column.name for column in dataset.columns}
        for column, name, step in every:
            if column in names and number % step == 0:
                level = next(c.sensitivity for c in CLASSIFIERS if c.name == name)
                found.append(
                    (str(dataset.column_urn(column)), Verdict(name, level, 0.9, f"the name is {column}"))
                )
    judged = [str(dataset.column_urn(c.name)) for dataset in of.datasets for c in dataset.columns]
    return found, judged


ONE_STAGE = Workflow("look", (Stage("discover", "discover"),))


async def scan(graph: GraphSession, actor: Principal, source: str, *, problems: Sequence[str] = ()) -> str:
    """A finished run of ``source`` that met problems with these subjects; returns its id."""
    ident = await runs.request(graph, actor, source=source, workflow=ONE_STAGE)
    (claimed,) = await run_tasks.claim(graph, worker="w", slots=1)
    met = [
        Problem(ScanStage.DISCOVER, "UNREADABLE", subject, "It could not be read.") for subject in problems
    ]
    await run_tasks.settle(graph, claimed, Done(counts={"datasets": 7}, problems=met))
    return ident


async def fill(
    graph: GraphSession,
    actor: Principal,
    of: Warehouse,
    *,
    run: str = "r1",
    embedded: bool = True,
    fan: int = 2,
) -> None:
    """Register ``of`` and publish all of it."""
    await register(graph, of)
    await catalog.publish_jobs(graph, actor, jobs(of), run=run)
    await catalog.publish_datasets(graph, actor, of.datasets, run=run, by=of.source)
    await know(graph, CLASSIFIERS)
    found, judged = verdicts(of)
    await classifications.publish_verdicts(graph, actor, found, judged, run=run)
    await lineage.publish_edges(
        graph, actor, edges(of, fan=fan), origin=EdgeOrigin.SQL, assertion=f"source:{of.source}", run=run
    )
    if embedded:
        await catalog.publish_embeddings(graph, actor, vectors([str(d.urn) for d in of.datasets]), run=run)


def vectors(urns: Sequence[str]) -> list[tuple[str, list[float], str]]:
    """A vector per urn, the same in every run."""
    return [(urn, vector(urn), "hash") for urn in urns]


def vector(text: str) -> list[float]:
    chance = random.Random(text)
    return [chance.gauss(0, 1) + 1 for _ in range(384)]
