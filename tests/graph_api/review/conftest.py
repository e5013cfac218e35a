"""A shop with suggestions of different confidence on columns that reach differently far."""

from __future__ import annotations

import pytest

from cypher.session import GraphSession
from ingest.commands import classifications
from schema.domain.classifications import Sensitivity, Verdict
from schema.domain.identity import Principal
from tests.seed import fill, warehouse

SHOP = warehouse("shop", "", datasets=6, columns=10)
LEVELS = {"EMAIL": Sensitivity.SENSITIVE, "SSN": Sensitivity.RESTRICTED, "COUNTRY": Sensitivity.INTERNAL}


def column(dataset: int, name: str) -> str:
    return str(SHOP.datasets[dataset].column_urn(name))


async def publish(
    graph: GraphSession, actor: Principal, run: str, *found: tuple[int, str, str, float]
) -> object:
    """Verdicts as (dataset, column, classification, confidence) of a run that judged all columns of the shop."""
    verdicts = [
        (column(n, name), Verdict(kind, LEVELS[kind], sure, f"the name is {name}", classifier=kind.lower()))
        for n, name, kind, sure in found
    ]
    judged = [str(d.column_urn(c.name)) for d in SHOP.datasets for c in d.columns]
    return await classifications.publish_verdicts(graph, actor, verdicts, judged, run=run)


@pytest.fixture
async def shop(graph: GraphSession, admin: Principal) -> GraphSession:
    """email of 0 (0.5), of 1 (0.9); note of 2 as SSN (0.6), country of 3 (0.99)."""
    await fill(graph, admin, SHOP, embedded=False)
    await publish(
        graph, admin, "r2", (0, "email", "EMAIL", 0.5), (1, "email", "EMAIL", 0.9), (2, "note", "SSN", 0.6), (3, "country", "COUNTRY", 0.99)
    )  # fmt: skip
    return graph
