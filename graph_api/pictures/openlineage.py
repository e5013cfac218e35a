"""A picture as OpenLineage events that state its edges: one JobEvent per job and dataset that it fills, one DatasetEvent per
dataset with edges of no known job. Whoever ingests them gets the same edges.

Source: OpenLineage spec 2-0-2, facets columnLineage 1-2-0 and lineage 1-0-0.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

import orjson

from graph_api.pictures.model import Assertion, Job, Picture
from schema.domain.lineage import INDIRECT, Transformation
from schema.ids import Urn

PRODUCER = "urn:pursight:lineage-export"
_SPEC = "https://openlineage.io/spec"
_EVENT = f"{_SPEC}/2-0-2/OpenLineage.json#/$defs/"
_COLUMNS = f"{_SPEC}/facets/1-2-0/ColumnLineageDatasetFacet.json#/$defs/ColumnLineageDatasetFacet"
_DATASETS = f"{_SPEC}/facets/1-0-0/LineageFacet.json#/$defs/LineageDatasetFacet"
_EARLIEST = datetime(1970, 1, 1, tzinfo=UTC).isoformat()
_KINDS = ("dataset", "column")

Said = tuple[Urn, Urn, Assertion]


def write(picture: Picture) -> bytes:
    """The events as a JSON list in UTF-8, as ``POST /api/v1/lineage`` takes it."""
    return orjson.dumps(events(picture))


def events(picture: Picture) -> list[dict[str, Any]]:
    """The events by job and dataset. Left out is what OpenLineage has no words for: dashboards, models, ways over hidden assets."""
    stated: dict[tuple[Job | None, Urn], list[Said]] = defaultdict(list)
    left_out = 0
    for edge in picture.edges:
        up, down = Urn.parse(edge.upstream), Urn.parse(edge.downstream)
        if up.kind in _KINDS and down.kind in _KINDS and not edge.past_hidden:
            for said in edge.assertions:
                stated[said.job, down.dataset()].append((up, down, said))
        else:
            left_out += 1
    about = _about(picture, left_out)
    ordered = sorted(stated.items(), key=lambda pair: (pair[0][0].urn if pair[0][0] else "", pair[0][1]))
    found = [_event(job, dataset, said, about) for (job, dataset), said in ordered]
    start = Urn.parse(picture.start)
    if not found and start.kind in _KINDS:  # so that even a picture without edges says whether it is complete
        found.append(_event(None, start.dataset(), [], about))
    return found


def _about(picture: Picture, left_out: int) -> dict[str, Any]:
    """A facet of our own: what the events were made for, and whether they state all of it."""
    return {
        **_base("urn:pursight:facet:export:1"),
        "start": picture.start,
        "question": picture.question,
        "completeness": picture.completeness,
        "edgesLeftOut": left_out,
    }


def _base(schema: str) -> dict[str, Any]:
    return {"_producer": PRODUCER, "_schemaURL": schema}


def _event(job: Job | None, dataset: Urn, said: list[Said], about: dict[str, Any]) -> dict[str, Any]:
    at = max((each.last_seen for _, _, each in said), default="") or _EARLIEST
    head = {
        "eventTime": at,
        "producer": PRODUCER,
        "schemaURL": _EVENT + ("JobEvent" if job else "DatasetEvent"),
    }
    facets = dict(_facets(said))
    if job is None:
        return {**head, "dataset": {**_named(dataset), "facets": {**facets, "pursight_export": about}}}
    inputs = dict.fromkeys(up for up, down, _ in said if up.kind == down.kind == "dataset")
    urn = Urn.parse(job.urn)
    return {
        **head,
        "job": {"namespace": urn.namespace, "name": urn.name, "facets": {"pursight_export": about}},
        "inputs": [_named(up) for up in inputs],
        "outputs": [{**_named(dataset), "facets": facets}],
    }


def _named(urn: Urn) -> dict[str, str]:
    return {"namespace": urn.namespace, "name": urn.name}


def _facets(said: Iterable[Said]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Lineage between columns, and between datasets."""
    fields: dict[str, dict[str, Any]] = {}
    whole: list[dict[str, Any]] = []
    datasets: list[dict[str, Any]] = []
    for up, down, each in said:
        if down.column is not None:
            field = fields.setdefault(down.column, {"inputFields": []})
            field["inputFields"].append(_input(up, each))
        elif up.kind == "column":
            whole.append(_input(up, each))
        else:
            datasets.append({**_named(up), "type": "DATASET", "transformations": _transformations(each)})
    if fields or whole:
        yield "columnLineage", {**_base(_COLUMNS), "fields": fields, **({"dataset": whole} if whole else {})}
    if datasets:
        yield "lineage", {**_base(_DATASETS), "inputs": datasets}


def _input(column: Urn, said: Assertion) -> dict[str, Any]:
    return {**_named(column), "field": column.column, "transformations": _transformations(said)}


_SUBTYPES = {
    Transformation.IDENTITY: "IDENTITY",
    Transformation.AGGREGATE: "AGGREGATION",
    Transformation.SELECTION: "AGGREGATION",
}
_DESCRIBED = frozenset(
    {Transformation.CAST, Transformation.SELECTION}
)  # OpenLineage has no subtypes for them


def _transformations(said: Assertion) -> list[dict[str, Any]]:
    return [_transformation(Transformation(name)) for name in said.transformations]


def _transformation(kind: Transformation) -> dict[str, Any]:
    if kind in INDIRECT:
        return {"type": "INDIRECT", "subtype": kind.value}
    if kind is Transformation.UNKNOWN:
        return {"type": "DIRECT"}
    subtype = _SUBTYPES.get(kind, "TRANSFORMATION")
    found: dict[str, Any] = {"type": "DIRECT", "subtype": subtype, "masking": kind is Transformation.MASK}
    return found | ({"description": kind.value} if kind in _DESCRIBED else {})
