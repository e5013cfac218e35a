"""Writing data tests and their results. Only ``ingest.commands`` may import this module."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cypher.catalogue import load
from cypher.session import Transaction

_RECORD_TESTS = load(__package__, "record_tests")


async def record_tests(tx: Transaction, rows: Sequence[Mapping[str, Any]], *, kept: int) -> int:
    """Maps of ``urn``, ``check``, ``tool``, ``subjects`` and ``results``; of each the newest ``kept`` results stay."""
    row = await tx.one(_RECORD_TESTS, rows=list(rows), kept=kept)
    return int(row["tests"]) if row else 0
