"""A picture as a flowchart of Mermaid, for wikis and pull requests: datasets are subgraphs of their columns, others of what holds them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set

from graph_api.pictures.model import Edge, Node, Picture, printable
from schema.domain.lineage import Transformation

# Any other character is written by its number: in Mermaid a label is Markdown and HTML, and a line end ends a statement.
_HARMLESS = re.compile(r"[^0-9A-Za-z_ .,:/()À-ɏͰ-῿぀-ヿ一-鿿가-힯-]")
_ARROWS = {Transformation.AGGREGATE: "==>", Transformation.MASK: "-.->"}


def write(picture: Picture) -> bytes:
    """The flowchart as text in UTF-8."""
    return "\n".join(_lines(picture)).encode() + b"\n"


def _label(text: str) -> str:
    return _HARMLESS.sub(lambda found: f"#{ord(found[0])};", printable(text))


def _lines(picture: Picture) -> Iterator[str]:
    yield f"%% {_label(picture.title)}: {picture.size}, {picture.question}"
    yield f"%% {picture.completeness}"
    yield "flowchart LR"
    names = {node.urn: f"n{number}" for number, node in enumerate(picture.nodes)}
    with_columns = {node.dataset.urn for node in picture.nodes if node.dataset}
    ends = {end for edge in picture.lines for end in (edge.upstream, edge.downstream)}
    groups: dict[str, list[Node]] = {}
    for node in picture.nodes:
        groups.setdefault(_group(node, with_columns), []).append(node)
    for number, (key, nodes) in enumerate(groups.items()):
        if key:
            yield f'  subgraph g{number}["{_label(_title(picture, key))}"]'
        for node in nodes:
            if node.urn in ends or node.urn not in with_columns:
                yield f'    {names[node.urn]}["{_label(node.name)}"]'
            elif node.urn == picture.start:
                names[node.urn] = f"g{number}"
        if key:
            yield "  end"
    for edge in picture.lines:
        yield f"  {names[edge.upstream]} {_arrow(edge)} {names[edge.downstream]}"
    yield "  classDef start stroke-width:3px"
    yield f"  class {names[picture.start]} start"


def _group(node: Node, with_columns: Set[str]) -> str:
    """The dataset of a column, which a dataset with its columns in the picture is in as well; what holds anything else."""
    if node.dataset:
        return node.dataset.urn
    if node.urn in with_columns:
        return node.urn
    return node.holders[0].urn if node.holders else ""


def _title(picture: Picture, urn: str) -> str:
    known = picture.by_urn.get(urn) or picture.holders[urn]
    return known.path or known.name


def _arrow(edge: Edge) -> str:
    if edge.past_hidden:
        return "-. over hidden assets .->"
    if edge.indirect:
        return f"-. {edge.main} .->"
    arrow = _ARROWS.get(edge.main, "-->")
    return arrow if edge.main is Transformation.UNKNOWN else f"{arrow}|{edge.main}|"
