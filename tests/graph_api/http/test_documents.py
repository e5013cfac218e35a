"""Persisted documents over HTTP, and the cache of parsed ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from graph_api.http.documents import Bounded, PersistedDocuments, persisted_documents, sha256
from schema.errors import InvalidInput
from schema.settings import Settings
from tests.graph_api.http.conftest import BEARER
from tests.graph_api.http.demo_server import demo_app, serving

TRUSTED = "query Trusted { hello }"


def persisted(text: str) -> dict[str, Any]:
    return {"persistedQuery": {"version": 1, "sha256Hash": sha256(text)}}


def code(response: httpx.Response) -> str:
    return str(response.json()["errors"][0]["extensions"]["code"])


async def test_a_document_sent_once_runs_by_its_hash_afterwards(client: httpx.AsyncClient) -> None:
    text = "{ hello } # once"
    unknown = await client.post("/graphql", json={"extensions": persisted(text)})
    first = await client.post("/graphql", json={"query": text, "extensions": persisted(text)})
    again = await client.post("/graphql", json={"extensions": persisted(text)})
    by_get = await client.get("/graphql", params={"extensions": json.dumps(persisted(text))})
    by_id = await client.post("/graphql", json={"documentId": f"sha256:{sha256(text)}"})

    assert code(unknown) == "PERSISTED_QUERY_NOT_FOUND"
    assert unknown.json()["errors"][0]["message"] == "PersistedQueryNotFound"
    for response in (first, again, by_get, by_id):
        assert response.json()["data"] == {"hello": "world"}


async def test_a_wrong_hash_is_refused_and_remembers_nothing(client: httpx.AsyncClient) -> None:
    poisoned = await client.post(
        "/graphql", json={"query": "{ hello } # a", "extensions": persisted("{ hello } # b")}
    )
    later = await client.post("/graphql", json={"extensions": persisted("{ hello } # b")})

    assert code(poisoned) == "PERSISTED_QUERY_HASH_MISMATCH"
    assert code(later) == "PERSISTED_QUERY_NOT_FOUND"


async def test_a_stored_hash_gives_another_user_what_the_text_would_give_him(
    client: httpx.AsyncClient,
) -> None:
    text = 'mutation { rename(id: "1", name: "x") { __typename } } # shared'
    await client.post("/graphql", json={"query": text, "extensions": persisted(text)})
    reader = {"authorization": "Bearer reader-token"}
    by_hash = await client.post("/graphql", json={"extensions": persisted(text)}, headers=reader)
    by_text = await client.post("/graphql", json={"query": text}, headers=reader)
    nobody = await client.post(
        "/graphql", json={"extensions": persisted(text)}, headers={"authorization": ""}
    )

    assert by_hash.content == by_text.content
    assert by_hash.json()["data"]["rename"]["__typename"] == "ForbiddenError"
    assert nobody.status_code == 401


async def test_a_hash_does_not_bring_a_mutation_through_a_get(client: httpx.AsyncClient) -> None:
    text = 'mutation { rename(id: "1", name: "x") { __typename } } # get'
    await client.post("/graphql", json={"query": text, "extensions": persisted(text)})

    assert (
        await client.get("/graphql", params={"extensions": json.dumps(persisted(text))})
    ).status_code == 405


async def test_trusted_mode_runs_the_listed_documents_and_no_others() -> None:
    async with (
        serving(demo_app(persisted=PersistedDocuments("trusted", [TRUSTED]))) as address,
        httpx.AsyncClient(base_url=f"http://{address}", headers=BEARER) as client,
    ):
        by_id = await client.post("/graphql", json={"documentId": f"sha256:{sha256(TRUSTED)}"})
        by_text = await client.post("/graphql", json={"query": TRUSTED})
        other = await client.post("/graphql", json={"query": "{ hello }"})
        registering = await client.post(
            "/graphql", json={"query": "{ who }", "extensions": persisted("{ who }")}
        )
        streamed = await client.post(
            "/graphql", json={"query": "{ hello }"}, headers={"accept": "text/event-stream"}
        )

    assert by_id.json()["data"] == by_text.json()["data"] == {"hello": "world"}
    assert code(other) == code(registering) == "DOCUMENT_NOT_TRUSTED"
    assert "DOCUMENT_NOT_TRUSTED" in streamed.text


async def test_switched_off_it_says_so_in_the_words_of_the_protocol() -> None:
    async with (
        serving(demo_app(persisted="off")) as address,
        httpx.AsyncClient(base_url=f"http://{address}", headers=BEARER) as client,
    ):
        by_hash = await client.post("/graphql", json={"extensions": persisted("{ hello }")})
        by_id = await client.post("/graphql", json={"documentId": "sha256:00"})

    assert by_hash.json()["errors"][0]["message"] == "PersistedQueryNotSupported"
    assert code(by_hash) == "PERSISTED_QUERY_NOT_SUPPORTED"
    assert code(by_id) == "PERSISTED_DOCUMENT_NOT_SUPPORTED"


@pytest.mark.parametrize(
    "broken", [7, "x", [], {"version": 1}, {"version": 2, "sha256Hash": "0"}, {"version": 1, "sha256Hash": 7}]
)
async def test_a_malformed_persisted_query_is_refused(client: httpx.AsyncClient, broken: Any) -> None:
    response = await client.post("/graphql", json={"extensions": {"persistedQuery": broken}})

    assert response.status_code == 422
    assert code(response) == "BAD_REQUEST"


def test_trusted_documents_come_from_the_file_the_settings_name(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text(json.dumps({"any key": TRUSTED}))
    bad.write_text("[]")
    read = persisted_documents(Settings(persisted_documents="trusted", trusted_documents=good))

    assert read.resolve(None, f"sha256:{sha256(TRUSTED)}", None) == TRUSTED
    for wrong in (bad, tmp_path / "missing.json", None):
        with pytest.raises(InvalidInput) as refused:
            persisted_documents(Settings(persisted_documents="trusted", trusted_documents=wrong))
        assert refused.value.path == ("trusted_documents",)


def test_what_was_not_used_longest_leaves_first_and_the_total_stays_bounded() -> None:
    kept: Bounded[int] = Bounded(max_entries=3, max_characters=10)
    for i, key in enumerate("abc"):
        kept.put(key, i, 2)
    kept.get("a")
    kept.put("d", 3, 2)

    assert [kept.get(key) for key in "abcd"] == [0, None, 2, 3]

    kept.put("e", 4, 9)

    assert [kept.get(key) for key in "acde"] == [None, None, None, 4]
