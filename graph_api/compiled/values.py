"""What turns a stored value into a value of the answer; any exception here sends the field down the normal path."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from enum import Enum
from functools import lru_cache
from typing import Any

from graph_api import enums
from graph_api.catalog.profiles import figure, value
from graph_api.paging import Page
from graph_api.sources.types import SourceOptions, without_secrets
from graph_api.values import stored_json
from schema.ids import encode_cursor, node_id


class Unusual(ValueError):
    """A stored value that the normal path would report."""


def _names(kind: type[Enum]) -> dict[Any, str]:
    return {member.value: member.name for member in kind}


@lru_cache(maxsize=4096)
def _moment(text: str) -> str:
    return datetime.fromisoformat(text).isoformat()


def moment(text: str | None) -> str | None:
    return _moment(text) if text else None


def int32(value: int | None) -> int | None:
    if value is None or (value.__class__ is int and -(2**31) <= value < 2**31):
        return value
    raise Unusual


def number(value: float | None) -> float:
    found = float(value or 0.0)
    if found - found != 0.0:
        raise Unusual
    return found


def config(text: str | None) -> Any:
    stored = stored_json(text)
    return None if stored is None else without_secrets(stored)


def option(text: str | None, name: str) -> Any:
    return getattr(SourceOptions.of(text), name)


def page_info(page: Page, more: bool, rows: Sequence[Any], cursor: Callable[[Any], str]) -> dict[str, Any]:
    """``PageInfo`` by field; ``rows`` are those shown, in their order."""
    resumed = page.key is not None
    return {
        "hasNextPage": resumed if page.backward else more,
        "hasPreviousPage": more if page.backward else resumed,
        "startCursor": cursor(rows[0]) if rows else None,
        "endCursor": cursor(rows[-1]) if rows else None,
    }


NAMES: dict[str, Any] = {
    "ASSET_KIND": _names(enums.AssetKind),
    "ASSET_SUBTYPE": _names(enums.AssetSubtype),
    "ASSET_STATUS": _names(enums.AssetStatus),
    "SENSITIVITY": _names(enums.Sensitivity),
    "VERDICT_STATUS": _names(enums.VerdictStatus),
    "VERDICT_ORIGIN": _names(enums.VerdictOrigin),
    "EDGE_ORIGIN": _names(enums.EdgeOrigin),
    "TRANSFORMATION": _names(enums.Transformation),
    "RUN_STATE": _names(enums.RunState),
    "moment": moment,
    "int32": int32,
    "number": number,
    "config": config,
    "option": option,
    "figure": figure,
    "value": value,
    "stored_json": stored_json,
    "node_id": node_id,
    "encode_cursor": encode_cursor,
    "page_info": page_info,
}
"""What the expressions of ``graph_api.compiled.shapes`` may name."""
