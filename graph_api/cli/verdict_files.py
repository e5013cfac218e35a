"""Files of verdicts as spreadsheets read and write them."""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import TYPE_CHECKING

from schema.domain.identity import EVERYTHING
from schema.errors import InvalidInput

if TYPE_CHECKING:
    from cypher.review.reads import ReviewFilter, Row
    from cypher.session import GraphSession

_AT_ONCE = 1_000
_LARGEST = 64 << 20  # bytes of a file with 10,000 verdicts among many that are open


async def exported(graph: GraphSession, wanted: ReviewFilter, delimiter: str) -> tuple[list[str], int]:
    """All suggestions as pieces of a CSV file, and how many there are."""
    from cypher.review.reads import queue
    from ingest.commands.verdicts_csv import verdicts_csv

    texts, key, count = [verdicts_csv((), delimiter=delimiter)], None, 0
    while True:
        rows: list[Row] = await queue(graph, EVERYTHING, wanted, key=key, first=_AT_ONCE)
        texts.append(verdicts_csv(rows, header=False, delimiter=delimiter))
        count += len(rows)
        if len(rows) < _AT_ONCE:
            return texts, count
        key = rows[-1]["review"]


def read_text(file: Path) -> str:
    """A file of a spreadsheet: UTF-8, or UTF-16 with its mark. Raises ``InvalidInput``."""
    try:
        if file.stat().st_size > _LARGEST:
            raise InvalidInput(
                f"{file.name} is larger than {_LARGEST >> 20} MiB.",
                path=("FILE",),
                remedy="Split it; the columns urn, classification and verdict are enough.",
            )
        data = file.read_bytes()
        utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        return data.decode("utf-16" if utf16 else "utf-8-sig")
    except OSError as cause:
        raise InvalidInput(
            f"{file.name} cannot be read: {cause.strerror}.", path=("FILE",), remedy="Check its path."
        ) from None
    except UnicodeDecodeError as cause:
        line = data.count(b"\n", 0, cause.start) + 1
        raise InvalidInput(
            f"{file.name} is not UTF-8: line {line} has letters of another encoding.",
            path=("FILE",),
            remedy='Save it as "CSV UTF-8", as Excel calls it.',
        ) from None
