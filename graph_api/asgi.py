"""The API process of the product, composed: what ``pursight serve`` runs."""

from __future__ import annotations

from starlette.applications import Starlette

from graph_api.app import create_app
from graph_api.http.openlineage import openlineage_routes
from graph_api.roots import NODE_LOADERS, product_schema
from schema.settings import settings


def application() -> Starlette:
    """By the settings of the process; uvicorn calls it as a factory."""
    own = settings()
    return create_app(
        own,
        schema=product_schema(introspection=own.introspection),
        node_loaders=NODE_LOADERS,
        routes=openlineage_routes(),
    )
