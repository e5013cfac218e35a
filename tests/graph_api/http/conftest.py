"""Real servers over the demonstration schema, one per profile, for the whole run."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.graph_api.http.demo_server import Tokens, demo_app, serving

BEARER = {"authorization": "Bearer admin-token"}


@pytest.fixture(scope="session")
def tokens() -> Tokens:
    return Tokens()


@pytest.fixture(scope="session")
async def address(tokens: Tokens) -> AsyncIterator[str]:
    """``host:port`` of a server in the default profile."""
    async with serving(demo_app(tokens, allowed_origins=("https://ui.example",))) as found:
        yield found


@pytest.fixture
async def client(address: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client with an administrator's token."""
    async with httpx.AsyncClient(base_url=f"http://{address}", headers=BEARER, timeout=10) as found:
        yield found


@pytest.fixture(scope="session")
async def audit_address() -> AsyncIterator[str]:
    async with serving(demo_app(http_profile="audit")) as found:
        yield found


@pytest.fixture(scope="session")
async def closed_address() -> AsyncIterator[str]:
    """A server that hides its schema."""
    async with serving(demo_app(introspection=False)) as found:
        yield found
