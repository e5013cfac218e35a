"""Puts a statement together: an anchor (a ``.cypher`` file), committed fragments, generated identifiers. Nothing else.

In a fragment, ``<this>`` and ``<from>`` are the node and the edge it starts at, ``<node>`` and ``<edge>`` those it
binds, ``<page>`` the beginning of its parameters' names, ``<row>`` what it returns; ``<behind>`` and ``<order>`` depend
on the direction a page is read in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files

from cypher.catalogue import Query

_NAME = re.compile(r"<([a-z]+\d*)>")
_PROJECTION = re.compile(r"RETURN a \{[^{}]*\} AS asset$")
_IDENTIFIER = re.compile(r"[a-z]+\d*")

ANCHOR = "a"
"""What the anchors call the asset they find."""


@cache
def _fragment(name: str) -> str:
    text = (files(__package__) / f"_{name}.cypher").read_text("utf-8")
    return "\n".join(line for line in text.splitlines() if not line.startswith("//"))


def pattern(name: str, row: str, *, number: int, this: str, edge: str) -> str:
    """The fragment ``name`` as the inside of a subquery; it binds ``n<number>`` and ``e<number>``.

    Pages still hold ``<behind…>`` and ``<order…>``, which ``directed`` fills in.
    """
    for identifier in (this, edge):
        if identifier and not _IDENTIFIER.fullmatch(identifier):
            raise ValueError(f"not an identifier: {identifier!r}")
    names = {
        "this": this,
        "from": edge,
        "node": f"n{number}",
        "edge": f"e{number}",
        "page": f"p{number}",
        "behind": f"<behind{number}>",
        "order": f"<order{number}>",
        "row": row,
    }
    return _NAME.sub(lambda found: names[found[1]], _fragment(name))


def directed(text: str, backward: Iterable[tuple[int, bool]]) -> str:
    """``text`` with its pages, by number, read forward or backward."""
    names = {}
    for number, is_backward in backward:
        names[f"behind{number}"] = "<" if is_backward else ">"
        names[f"order{number}"] = "DESC" if is_backward else "ASC"
    return _NAME.sub(lambda found: names[found[1]], text)


def anchored(query: Query, row: str, params: Sequence[str]) -> Query:
    """``query``, which returns ``asset``, made to return ``rows``: one list of ``row``, which also needs ``params``."""
    text, found = _PROJECTION.subn(lambda _: f"RETURN collect({row}) AS rows", query.text)
    if found != 1:
        raise ValueError(f"{query.name} returns no asset")
    return replace(
        query, name=f"selection.{query.name}", text=text, params=query.params | {*params}, returns=("rows",)
    )
