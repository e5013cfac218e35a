"""Reading the vocabulary of classifications, in or outside of a transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cypher.catalogue import load
from cypher.session import GraphSession, Transaction

_DIGEST = load(__package__, "digest")
_VOCABULARY = load(__package__, "vocabulary")
_BY_NAMES = load(__package__, "by_names")
_VERSIONS = load(__package__, "versions")
_VERDICT_COUNT = load(__package__, "verdict_count")
_DRAFT = load(__package__, "draft")
_LAST_VERSIONS = load(__package__, "last_versions")

ID = "vocabulary"
Row = dict[str, Any]
Reader = GraphSession | Transaction


async def digests(reader: Reader) -> tuple[str, str]:
    """The digest of the vocabulary in force, empty while it is the product's own, and that of the product which was synced."""
    row = await reader.one(_DIGEST, id=ID)
    return (row["digest"], row["product"]) if row else ("", "")


async def vocabulary(reader: Reader) -> Row:
    """``digest``, names that are ``disabled``, and ``definitions`` with ``name``, ``version`` and ``text``."""
    row = await reader.one(_VOCABULARY, id=ID)
    assert row is not None
    return row


async def by_names(reader: Reader, names: Sequence[str]) -> dict[str, Row]:
    """Classifiers of one's own by name: ``version``, ``text``, and who saved it when."""
    rows = await reader.rows(_BY_NAMES, names=list(names))
    return {row["definition"]["name"]: row["definition"] for row in rows}


async def versions(
    reader: Reader, names: Sequence[str], *, key: int | None, backward: bool, first: int
) -> dict[str, list[Row]]:
    """Name to a page of its versions, the newest first."""
    rows = await reader.rows(_VERSIONS, names=list(names), key=key, backward=backward, first=first)
    return {row["name"]: row["versions"] for row in rows}


async def verdict_count(reader: Reader, name: str, *, bound: int) -> int:
    """Assets that carry a classification, at most ``bound``; for whoever may see all."""
    row = await reader.one(_VERDICT_COUNT, name=name, bound=bound)
    return int(row["verdicts"]) if row else 0


async def draft(reader: Reader, ident: str) -> dict[str, str] | None:
    """Name to text of classifiers that are tried before they are saved; None where they are not kept any more."""
    row = await reader.one(_DRAFT, id=ident)
    return dict(zip(row["names"], row["texts"], strict=True)) if row else None


async def last_versions(reader: Reader, names: Sequence[str]) -> dict[str, int]:
    """Name to the number of its last version, deleted or not."""
    return {row["name"]: int(row["version"]) for row in await reader.rows(_LAST_VERSIONS, names=list(names))}
