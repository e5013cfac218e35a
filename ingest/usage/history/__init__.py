"""Statements by which warehouses tell the queries of the last 30 days in the fields of a query log; one file for each kind of source.

Not run against a server here. Sources are the makers' references of the views that they name.
"""

from __future__ import annotations

from pathlib import Path

from schema.errors import InvalidInput

_FOLDER = Path(__file__).parent


def kinds() -> tuple[str, ...]:
    """The kinds of sources that have one."""
    return tuple(sorted(file.stem for file in _FOLDER.glob("*.sql")))


def statement(kind: str) -> str:
    """The statement for a kind of source; raises ``InvalidInput`` where there is none."""
    if kind not in kinds():
        raise InvalidInput(
            f"There is no such statement for sources of kind {kind[:40]}.",
            path=("source",),
            remedy=f"There is one for {', '.join(kinds())}.",
        )
    return (_FOLDER / f"{kind}.sql").read_text("utf-8")
