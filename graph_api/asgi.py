"""The API process of the product, composed: what ``pursight serve`` runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

from starlette.applications import Starlette

from graph_api.app import create_app
from graph_api.demo.examples import EXAMPLES
from graph_api.http.documents import persisted_documents
from graph_api.roots import NODE_LOADERS, product_schema
from graph_api.services import Services, open_services
from graph_api.warmup import warm
from schema.settings import Settings, settings


def application() -> Starlette:
    """By the settings of the process; uvicorn calls it as a factory."""
    own = settings()
    schema = product_schema(introspection=own.introspection, persisted=persisted_documents(own))

    @asynccontextmanager
    async def warmed(given: Settings) -> AsyncIterator[Services]:
        async with with_workers(given) as services:
            warming = asyncio.create_task(warm(schema, services))
            try:
                yield services
            finally:
                warming.cancel()

    return create_app(
        own,
        schema=schema,
        open_services=warmed,
        node_loaders=NODE_LOADERS,
        examples=EXAMPLES,
    )


@asynccontextmanager
async def with_workers(own: Settings) -> AsyncIterator[Services]:
    """The services of this installation, and what resolvers need to reach workers and to search by meaning."""
    from cypher.adjacency.live import Live
    from graph_api.http.metrics import ADJACENCY
    from graph_api.stack.addresses import addresses
    from ingest.worker import ArqQueue
    from ml.embedding import OnnxEmbedder

    redis_url = addresses(own).redis_url
    queue = ArqQueue(redis_url)
    more = {"queue": queue, "redis_url": redis_url, "settings": own, "embedder": OnnxEmbedder(own.cache_dir)}
    try:
        async with open_services(own) as services:
            live = Live(services.graph, loaded=ADJACENCY.set)
            held = {"adjacency": live} if own.adjacency == "auto" else {}
            keeping = asyncio.create_task(live.run()) if held else None
            try:
                yield replace(services, extra={**services.extra, **more, **held})
            finally:
                if keeping is not None:
                    keeping.cancel()
    finally:
        await queue.close()
