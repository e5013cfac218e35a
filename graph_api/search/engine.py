"""How a search finds, orders and explains its hits; the order is one list that pages are cut from.

Full text alone is paged inside the index and has no end. Fused orders hold the best thousand by words, the nearest two
hundred by meaning and a hundred exact names; they are made anew for each page, and a cursor is (score, key).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cypher.catalog import reads as catalog
from cypher.catalog.filters import AssetFilter
from cypher.search import reads
from cypher.search.lucene import lucene, words
from graph_api.context import Context
from graph_api.paging import Page
from ml.ranking import reciprocal_rank_fusion
from ml.text import name_tokens
from schema.errors import QueryTimeout, StackError

MAX_QUERY = 1_000
BOUND = 10_000
_BY_WORDS, _BY_MEANING, _BY_NAME = 1_000, 200, 100
_LEAST_SIMILARITY = 0.6  # (1 + cosine) / 2: what is further away has nothing to do with the query
_WEIGHTS = {"exact": 100.0, "text": 1.0, "meaning": 1.0}
_NO_MODEL = "Search by meaning is not ready: the model is still being loaded."
_NO_VECTORS = "Search by meaning is not ready: no asset has been embedded yet; a scan does it."

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """One hit before it is shown: its place in the order, and its rank in each list that has it."""

    key: int
    urn: str
    score: float
    ranks: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Query:
    """A query as typed, as words, and as text for the index; ``mode`` is the name of a SearchMode."""

    text: str
    mode: str
    narrowed: AssetFilter
    words: tuple[str, ...] = ()
    lucene: str = ""

    @classmethod
    def of(cls, text: str, mode: str, narrowed: AssetFilter) -> Query:
        """Whatever was typed is a query; of a very long one only the beginning counts."""
        text = text[:MAX_QUERY].replace("\x00", " ").strip()
        found = tuple(words(name_tokens(text)))
        return cls(text, mode, narrowed, found, lucene(found))


@dataclass(slots=True)
class Answer:
    """A page of hits with their assets; ``keys`` are the whole matched set where it is known already."""

    hits: list[Found]
    assets: dict[int, Row]
    keys: list[int] | None
    note: str | None = None
    timed_out: bool = False


async def run(context: Context, query: Query, page: Page) -> Answer:
    """The page ``page`` of the answer, up to ``page.limit`` hits."""
    if query.mode == "FULLTEXT":
        return await _by_words(context, query, page)
    lists, note, timed_out = await _lists(context, query)
    order = [Found(key, "", score, ranks) for key, score, ranks in reciprocal_rank_fusion(lists, _WEIGHTS)]
    hits = _cut(order, page)
    assets = await catalog.by_keys(context.graph, [hit.key for hit in hits], context.scope)
    return Answer(hits, assets, [hit.key for hit in order], note, timed_out)


async def matched(context: Context, query: Query, answer: Answer) -> list[int]:
    """Keys of all that matches, at most ``BOUND`` and one more."""
    if answer.keys is None:
        answer.keys = (
            await reads.text_keys(context.graph, query.lucene, query.narrowed, context.scope, bound=BOUND + 1)
            if query.lucene
            else []
        )
    return answer.keys


def order_key(query: Query) -> tuple[type | tuple[type, ...], ...]:
    """Types of the sort key of such an answer."""
    return ((int, float), str) if query.mode == "FULLTEXT" else ((int, float), int)


async def _by_words(context: Context, query: Query, page: Page) -> Answer:
    if not query.lucene:
        return Answer([], {}, [])
    try:
        rows = await reads.text(
            context.graph,
            query.lucene,
            query.narrowed,
            context.scope,
            **page.keyset,
        )
    except QueryTimeout:
        return Answer([], {}, [], timed_out=True)
    hits = [Found(row["key"], row["urn"], row["score"]) for row in rows]
    assets = await catalog.by_keys(context.graph, [hit.key for hit in hits], context.scope)
    return Answer(hits, assets, None)


async def _lists(context: Context, query: Query) -> tuple[dict[str, Sequence[int]], str | None, bool]:
    """The ranked lists that the mode asks for; a list that takes too long is left out, and that is said."""
    lists: dict[str, Sequence[int]] = {}
    if query.mode in ("EXACT", "HYBRID") and query.text:
        lists["exact"] = await reads.exact(
            context.graph, query.text, query.narrowed, context.scope, limit=_BY_NAME
        )
    if query.mode == "EXACT":
        return lists, None, False
    by_words = _text_list(context, query) if query.mode == "HYBRID" else _nothing()
    text, (meaning, note) = await asyncio.gather(by_words, _meaning_list(context, query))
    lists["text"], lists["meaning"] = text or [], meaning or []
    return lists, note, text is None or meaning is None


async def _nothing() -> list[int] | None:
    return []


async def _text_list(context: Context, query: Query) -> list[int] | None:
    if not query.lucene:
        return []
    try:
        rows = await reads.text(
            context.graph,
            query.lucene,
            query.narrowed,
            context.scope,
            key=None,
            backward=False,
            first=_BY_WORDS,
        )
    except QueryTimeout:
        return None
    return [row["key"] for row in rows]


async def _meaning_list(context: Context, query: Query) -> tuple[list[int] | None, str | None]:
    """Keys by meaning, nearest first, and why there are none where the model or the vectors are not there."""
    embedder = context.services.get("embedder")
    if embedder is None:
        return [], _NO_MODEL
    if not query.words:
        return [], None
    try:
        vector = await embedder.embed_query(query.text)
        rows = await reads.vector(
            context.graph, vector, query.narrowed, context.scope, limit=_BY_MEANING, least=_LEAST_SIMILARITY
        )
    except StackError:
        return [], _NO_MODEL
    except QueryTimeout:
        return None, None
    if not rows and not await reads.embedded(context.graph, context.scope):
        return [], _NO_VECTORS
    return [key for key, _ in rows], None


def _cut(order: list[Found], page: Page) -> list[Found]:
    """The rows of one page; last row first where it is read from the end."""

    def place(hit: Found) -> tuple[float, int]:
        return (-hit.score, hit.key)

    behind = order[::-1] if page.backward else order
    if page.key is not None:
        score, key = page.key
        at = (-float(str(score)), int(str(key)))
        behind = [hit for hit in behind if (place(hit) < at if page.backward else place(hit) > at)]
    return behind[: page.limit]
