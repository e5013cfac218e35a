"""Pictures of lineage by their addresses, on a real server and a real graph."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from cypher.session import GraphSession
from graph_api.app import create_app
from graph_api.http.lineage_export import PATH
from graph_api.roots import product_schema
from graph_api.services import GraphTokens, Services
from ingest.commands.identity import create_token
from schema.domain.identity import EVERYTHING, Principal, Role, Scope
from schema.settings import Settings
from tests.graph_api.http.demo_server import serving
from tests.seed import fill, warehouse

SHOP = warehouse("shop", "", datasets=5, columns=4)


@dataclass(frozen=True)
class Endpoint:
    client: httpx.AsyncClient
    token: str

    async def get(
        self, token: str | None = None, headers: dict[str, str] | None = None, **given: Any
    ) -> httpx.Response:
        sent = {"authorization": f"Bearer {token or self.token}"} | (headers or {})
        return await self.client.get(PATH, params=given, headers=sent)


@pytest.fixture
async def endpoint(graph: GraphSession, admin: Principal, config: Settings) -> AsyncIterator[Endpoint]:
    await fill(graph, admin, SHOP, embedded=False)
    _, token = await create_token(graph, admin, name="t", role=Role.READER, scope=EVERYTHING)

    @asynccontextmanager
    async def open_services(_: Settings) -> AsyncIterator[Services]:
        yield Services(graph, GraphTokens(graph))

    app = create_app(config, schema=product_schema(), open_services=open_services)
    async with serving(app) as address, httpx.AsyncClient(base_url=f"http://{address}", timeout=60) as client:
        yield Endpoint(client, token)


@pytest.mark.parametrize(
    ("form", "media_type", "begins", "shown"),
    [
        ("svg", "image/svg+xml", "<svg ", "inline"),
        ("mermaid", "text/vnd.mermaid; charset=utf-8", "%% Lineage of", "inline"),
        ("graphml", "application/graphml+xml", "<?xml ", "attachment"),
        ("csv", "text/csv; charset=utf-8; header=present", "upstream_urn,", "attachment"),
        ("openlineage", "application/json", "[{", "attachment"),
        ("prov", "application/ld+json", '{"@context":', "attachment"),
    ],
)
async def test_each_format_comes_with_its_type_and_a_name(
    endpoint: Endpoint, form: str, media_type: str, begins: str, shown: str
) -> None:
    answer = await endpoint.get(urn=SHOP.urn(2), format=form, columns="true")

    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == media_type
    assert answer.text.startswith(begins)
    assert answer.headers["content-disposition"].startswith(f'{shown}; filename="lineage-shop.layer2.')
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["content-security-policy"]


async def test_a_drawing_may_use_its_own_style_and_nothing_else(endpoint: Endpoint) -> None:
    policy = (await endpoint.get(urn=SHOP.urn(2))).headers["content-security-policy"]
    assert "style-src 'sha256-" in policy
    assert "unsafe" not in policy


async def test_who_has_it_already_is_told_so_until_it_changes(
    endpoint: Endpoint, graph: GraphSession
) -> None:
    first = await endpoint.get(urn=SHOP.urn(2))
    again = await endpoint.get(urn=SHOP.urn(2), headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert first.headers["cache-control"] == "private, no-cache"

    await graph.schema_statement(f"MATCH (a:Asset) WHERE a.urn = '{SHOP.urn(3)}' SET a.sensitivity = 3")
    changed = await endpoint.get(urn=SHOP.urn(2), headers={"if-none-match": first.headers["etag"]})
    assert changed.status_code == 200
    assert changed.headers["etag"] != first.headers["etag"]


async def test_parameters_narrow_what_is_told(endpoint: Endpoint) -> None:
    async def ends(**given: Any) -> set[str]:
        rows = (await endpoint.get(urn=SHOP.urn(2), format="csv", **given)).text.splitlines()[1:-1]
        return {part for row in rows for part in row.split(",") if part.startswith("dataset:")}

    assert await ends(direction="downstream", maxHops=1) == {SHOP.urn(n) for n in (2, 3, 4)}
    assert await ends(direction="UPSTREAM") == {SHOP.urn(n) for n in (0, 1, 2)}
    assert await ends(maxHops="all") == {SHOP.urn(n) for n in range(5)}
    assert await ends(origins="dbt,manual") == set()
    assert await ends(transformations="identity", origins="sql", maxHops=1) == {SHOP.urn(n) for n in range(5)}
    assert await ends(asOf="1999-01-01T00:00:00Z") == set()
    assert await ends(knownAt="2999-01-01T00:00:00Z", maxHops=1) == {SHOP.urn(n) for n in range(5)}


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"format": "svg"}, "urn"),
        ({"urn": "", "format": "svg"}, "urn"),
        ({"urn": "x", "format": "pdf"}, "format"),
        ({"urn": "x", "direction": "sideways"}, "direction"),
        ({"urn": "x", "maxHops": "far"}, "maxHops"),
        ({"urn": "x", "maxHops": "0"}, "maxHops"),
        ({"urn": "x", "columns": "maybe"}, "columns"),
        ({"urn": "x", "includeIndirect": "1"}, "includeIndirect"),
        ({"urn": "x", "asOf": "yesterday"}, "asOf"),
        ({"urn": "x", "knownAt": "2026-13-01"}, "knownAt"),
        ({"urn": "x", "origins": "SQL,GOSSIP"}, "origins"),
        ({"urn": "x", "transformations": ","}, "transformations"),
        ({"urn": "x", "maxhops": "2"}, "maxhops"),
    ],
)
async def test_a_parameter_at_fault_is_named(endpoint: Endpoint, given: dict[str, str], name: str) -> None:
    answer = await endpoint.get(**given)

    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["extensions"]["path"] == [name]
    assert error["extensions"]["code"] == "INVALID_INPUT"
    assert error["extensions"]["remedy"]


async def test_an_asset_that_is_hidden_is_like_one_that_is_not_there(
    endpoint: Endpoint, graph: GraphSession, admin: Principal
) -> None:
    await graph.schema_statement(f"MATCH (a:Asset) WHERE a.urn = '{SHOP.urn(3)}' SET a.sensitivity = 4")
    _, token = await create_token(graph, admin, name="low", role=Role.READER, scope=Scope(2))

    hidden, unknown = [await endpoint.get(token, urn=urn) for urn in (SHOP.urn(3), "dataset:nowhere~x")]
    assert (hidden.status_code, unknown.status_code) == (404, 404)
    assert hidden.json() == unknown.json()
    assert SHOP.datasets[3].name not in (await endpoint.get(token, urn=SHOP.urn(2), format="csv")).text


async def test_who_may_not_read_is_turned_away(
    endpoint: Endpoint, graph: GraphSession, admin: Principal
) -> None:
    _, ingester = await create_token(graph, admin, name="i", role=Role.INGESTER, scope=EVERYTHING)
    assert (await endpoint.get("pst_wrong", urn=SHOP.urn(2))).status_code == 401
    assert (await endpoint.get(ingester, urn=SHOP.urn(2))).status_code == 403
    posted = await endpoint.client.post(PATH, headers={"authorization": f"Bearer {endpoint.token}"})
    assert posted.status_code == 405
