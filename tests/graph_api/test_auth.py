"""Bearer tokens on their way to a principal."""

from __future__ import annotations

import asyncio

import pytest

from graph_api.auth import CachedVerifier, authenticate, bearer, bearer_of
from schema.domain.identity import EVERYTHING, Principal, Role
from schema.errors import GraphUnavailable, Unauthenticated

ANNA = Principal("anna", "Anna", Role.READER, EVERYTHING)


class Store:
    """Counts how often it is asked."""

    def __init__(self) -> None:
        self.holders: dict[str, Principal] = {"good": ANNA}
        self.asked = 0
        self.is_down = False

    async def verify(self, token: str) -> Principal | None:
        self.asked += 1
        await asyncio.sleep(0)
        if self.is_down:
            raise GraphUnavailable("down")
        return self.holders.get(token)


@pytest.mark.parametrize(
    ("header", "token"),
    [
        ("Bearer abc", "abc"), ("bearer  abc ", "abc"), (None, None), ("", None), ("Bearer", None), ("Bearer ", None),
        ("Basic abc", None), ("abc", None), ("Bearer " + "x" * 4_096, "x" * 4_096), ("Bearer " + "x" * 4_097, None),
    ],
)  # fmt: skip
def test_a_token_is_read_from_its_header(header: str | None, token: str | None) -> None:
    assert bearer(header) == token
    assert bearer_of({"Authorization": header}) == token


async def test_many_requests_at_once_ask_the_store_once() -> None:
    store = Store()
    verifier = CachedVerifier(store)

    assert await asyncio.gather(*(verifier.verify("good") for _ in range(50))) == [ANNA] * 50
    assert store.asked == 1


async def test_a_revoked_token_is_refused_as_soon_as_its_time_in_the_cache_is_over() -> None:
    store, now = Store(), [0.0]
    verifier = CachedVerifier(store, ttl_s=2.0, monotonic=lambda: now[0])
    await verifier.verify("good")
    store.holders.clear()
    now[0] = 1.9
    still = await verifier.verify("good")
    now[0] = 2.1

    assert still == ANNA
    assert await verifier.verify("good") is None


async def test_a_store_that_is_down_is_reported_and_asked_again() -> None:
    store = Store()
    verifier = CachedVerifier(store)
    store.is_down = True
    with pytest.raises(GraphUnavailable):
        await verifier.verify("good")
    store.is_down = False

    assert await verifier.verify("good") == ANNA


async def test_unknown_tokens_do_not_fill_the_memory() -> None:
    store = Store()
    verifier = CachedVerifier(store)
    for i in range(3_000):
        await verifier.verify(f"guess-{i}")

    assert len(verifier._known) <= 1_024
    assert b"guess" not in repr(verifier.__dict__).encode()


@pytest.mark.parametrize("token", [None, "", "wrong", "\ud800"])
async def test_without_a_known_token_nobody_is_authenticated(token: str | None) -> None:
    with pytest.raises(Unauthenticated):
        await authenticate(Store(), token)
    with pytest.raises(Unauthenticated):
        await authenticate(CachedVerifier(Store()), token)
