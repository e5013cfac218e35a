"""Objects by their opaque id."""

from __future__ import annotations

import httpx
import pytest

from graph_api.node import global_id, key_of
from schema.errors import InvalidInput
from schema.ids import node_id
from tests.graph_api.http.conftest import BEARER
from tests.graph_api.http.demo_server import demo_app, serving

NODES = "query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Asset { name } } }"


async def nodes(ids: list[str]) -> httpx.Response:
    async with (
        serving(demo_app()) as address,
        httpx.AsyncClient(base_url=f"http://{address}", headers=BEARER) as client,
    ):
        return await client.post("/graphql", json={"query": NODES, "variables": {"ids": ids}})


async def test_objects_come_in_the_order_of_their_ids_and_null_for_what_is_not_there() -> None:
    unknown = [
        node_id("Asset", 99_999_999), node_id("Nothing", 1), node_id("Asset", "1; DROP"), node_id("Asset", "-1"),
        node_id("Asset", "²"), node_id("Asset", "9" * 40), "not base64 ::", "",
    ]  # fmt: skip
    response = await nodes([global_id("Asset", 2), *unknown, global_id("Asset", 1), global_id("Asset", 2)])
    found = response.json()["data"]["nodes"]

    assert [node and node["name"] for node in found] == [
        "asset 2",
        *[None] * len(unknown),
        "asset 1",
        "asset 2",
    ]
    assert found[0]["id"] == global_id("Asset", 2)


async def test_more_than_a_hundred_ids_are_refused() -> None:
    response = await nodes([global_id("Asset", 1)] * 101)

    assert response.json()["errors"][0]["extensions"]["code"] == "QUERY_TOO_COMPLEX"


def test_an_id_of_another_type_is_refused_where_one_type_is_meant() -> None:
    assert key_of("Asset", global_id("Asset", 7)) == 7
    for wrong in (global_id("Term", 7), "x"):
        with pytest.raises(InvalidInput) as refused:
            key_of("Asset", wrong, path=("assetId",))
        assert refused.value.path == ("assetId",)
