"""The formats that a picture can be written in, by name."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from graph_api.pictures import edge_list, graphml, mermaid, openlineage, prov, svg
from graph_api.pictures.model import Picture


class Format(StrEnum):
    SVG = "SVG"
    MERMAID = "MERMAID"
    GRAPHML = "GRAPHML"
    CSV = "CSV"
    OPENLINEAGE = "OPENLINEAGE"
    PROV = "PROV"


@dataclass(frozen=True, slots=True)
class _Writing:
    write: Callable[[Picture], bytes]
    media_type: str
    suffix: str


_WRITINGS = {
    Format.SVG: _Writing(svg.draw, "image/svg+xml", "svg"),
    Format.MERMAID: _Writing(mermaid.write, "text/vnd.mermaid; charset=utf-8", "mmd"),
    Format.GRAPHML: _Writing(graphml.write, "application/graphml+xml", "graphml"),
    Format.CSV: _Writing(edge_list.write, "text/csv; charset=utf-8; header=present", "csv"),
    Format.OPENLINEAGE: _Writing(openlineage.write, "application/json", "openlineage.json"),
    Format.PROV: _Writing(prov.write, "application/ld+json", "prov.jsonld"),
}


@dataclass(frozen=True, slots=True)
class Document:
    """A picture in one format, with the name of the file to keep it in."""

    format: Format
    media_type: str
    file_name: str
    content: bytes


def write(picture: Picture, form: Format) -> Document:
    """The picture in that format."""
    writing = _WRITINGS[form]
    name = (
        re.sub(r"[^0-9A-Za-z._-]+", "_", picture.root.path or picture.root.name)[:100].strip("._") or "asset"
    )
    return Document(form, writing.media_type, f"lineage-{name}.{writing.suffix}", writing.write(picture))
