"""The first visitor does not wait for plans and pages that could have been there."""

from __future__ import annotations

from dataclasses import replace

from cypher.session import GraphSession
from graph_api.services import GraphTokens, Services
from graph_api.warmup import warm
from schema.domain.identity import Principal
from tests.graph_api.asking import SCHEMA, Counting, Vectors
from tests.seed import fill, warehouse


async def test_the_questions_of_a_first_visitor_are_asked_before_he_comes(
    graph: GraphSession, admin: Principal
) -> None:
    await fill(graph, admin, warehouse("shop", "", datasets=4, columns=3))
    counting = Counting(graph)
    services = Services(graph, GraphTokens(graph), extra={"embedder": Vectors()})

    assert await warm(SCHEMA, replace(services, graph=counting))  # type: ignore[arg-type]
    assert {"search.text", "search.vector", "lineage.page_down", "lineage.counts_down"} <= set(counting.asked)


async def test_an_empty_catalogue_is_warm_at_once(graph: GraphSession) -> None:
    assert await warm(SCHEMA, Services(graph, GraphTokens(graph), extra={"embedder": Vectors()}))
