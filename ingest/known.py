"""Datasets as the graph knows them, for connectors that read values of them: the structure of the source is not read for that."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from schema.domain.catalog import DiscoveredColumn, DiscoveredDataset, Subtype
from schema.domain.platforms import platform_of, split_name
from schema.ids import Urn


def known_dataset(found: Mapping[str, Any], chosen: Sequence[Mapping[str, Any]]) -> DiscoveredDataset:
    """The dataset as its connector described it, with the chosen columns alone: no other is read.

    ``found`` has ``urn``, ``path``, ``subtype``, ``row_count``, ``properties`` and the names ``above``; a column ``name``, ``data_type``,
    ``comment`` and ``ordinal``.
    """
    urn = Urn.parse(found["urn"])
    return DiscoveredDataset(
        urn=urn,
        path=_path(urn, found["path"], found["above"]),
        subtype=Subtype(found["subtype"] or "UNKNOWN"),
        columns=tuple(
            DiscoveredColumn(c["name"], c["data_type"] or "", None, c["ordinal"] or 0, c["comment"])
            for c in chosen
        ),
        row_count=found["row_count"],
        properties=json.loads(found["properties"] or "{}"),
    )


def _path(urn: Urn, path: str, above: Sequence[str]) -> tuple[str, ...]:
    """The segments of a dotted path; the containers' names tell where one ends that has dots itself."""
    lead = "".join(f"{name}." for name in above)
    if above and path.startswith(lead):
        return (*above, path[len(lead) :])
    return split_name(platform_of(urn.namespace), path)
