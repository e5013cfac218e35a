"""Reading versions of the trained model, what is in force, and what people decided: for workers, and for those who may see everything."""

from __future__ import annotations

from collections.abc import AsyncIterator

from cypher.catalogue import load
from cypher.classifiers.reads import ID, Reader, Row
from cypher.session import GraphSession

_IN_FORCE = load(__package__, "in_force")
_ARTEFACT = load(__package__, "artefact")
_WAITING = load(__package__, "waiting")
_PAGE = load(__package__, "page")
_BY_NUMBER = load(__package__, "by_number")
_COUNTS = load(__package__, "counts")
_VERDICTS = load(__package__, "verdicts")
_STRETCH = 2_000
_END = "~"


async def in_force(reader: Reader) -> Row:
    """Digests of ``vocabulary`` and ``model``, empty where they are the product's own, and the model's ``number``."""
    row = await reader.one(_IN_FORCE, id=ID)
    assert row is not None
    return row


async def artefact(reader: Reader, digest: str) -> bytes | None:
    """The model as bytes; None where they are not kept any more."""
    row = await reader.one(_ARTEFACT, digest=digest)
    return None if row is None else bytes(row["data"])


async def waiting(reader: Reader) -> bool:
    """Whether a training waits for a worker."""
    row = await reader.one(_WAITING)
    return bool(row and row["waiting"])


async def page(graph: GraphSession, *, key: int | None, backward: bool, first: int) -> list[Row]:
    """Versions, the newest first; number 0 has ``number`` and ``status`` alone."""
    rows = await graph.rows(_PAGE, id=ID, key=key, backward=backward, first=first)
    return [row["model"] for row in rows]


async def by_number(reader: Reader, number: int) -> Row | None:
    """One version, as in ``page``."""
    row = await reader.one(_BY_NUMBER, id=ID, number=number)
    return row and row["model"]


async def counts(reader: Reader, *, sure: float, open: int) -> dict[tuple[str, str], int]:
    """How many verdicts of people a model can learn from, by source and dataset; see ``verdicts``."""
    rows = await reader.rows(_COUNTS, before=_END, sure=sure, open=open)
    return {(row["source"], row["dataset"]): int(row["verdicts"]) for row in rows}


async def verdicts(graph: GraphSession, *, sure: float, open: int) -> AsyncIterator[Row]:
    """Maps of the fields of ``PersonsVerdict``, the latest first, of columns for which rules have nothing of sensitivity ``open`` with
    a confidence of ``sure``."""
    before, key, name = _END, None, None
    while True:
        rows = await graph.rows(
            _VERDICTS, before=before, key=key, name=name, sure=sure, open=open, first=_STRETCH
        )
        for row in rows:
            yield row["verdict"]
        if len(rows) < _STRETCH:
            return
        before, key, name = rows[-1]["at"], rows[-1]["key"], rows[-1]["classification"]
