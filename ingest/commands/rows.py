"""Domain values as the fat rows that the writing queries take."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from ml.text import name_tokens
from schema.domain.catalog import LABELS, AssetKind, DiscoveredDataset, DiscoveredJob
from schema.domain.platforms import containers, platform_of, split_name
from schema.domain.profiles import TableProfile
from schema.domain.sources import Holding, Registered
from schema.ids import Urn, new_key

Row = dict[str, Any]


def _naming(urn: Urn, name: str, path: str, owner: Holding) -> Row:
    return {
        "name": name,
        "name_lower": name.lower(),
        "path": path,
        "namespace": urn.namespace,
        "platform": platform_of(urn.namespace).name,
        "source": owner.name,
        "search_text": " ".join(name_tokens(name)),
    }


_FIGURES = ("distinct_estimate", "shortest", "longest", "length_quantiles", "shapes")
_VALUES = ("minimum", "maximum", "quantiles")


def profile_row(profile: Mapping[str, Any]) -> Row:
    """The fields of a ``ColumnProfile``: counts as they are, figures as JSON, once with values and once without."""
    figures = {name: profile[name] for name in _FIGURES if profile.get(name) not in (None, ())}
    values = {name: profile[name] for name in _VALUES if profile.get(name) not in (None, ())}
    row = {name: profile[name] for name in ("urn", "rows", "nulls", "distinct")}
    return row | {"profile": json.dumps(figures | values), "silent": json.dumps(figures), "table": None}


def without_values(profile: str) -> str:
    """A profile as it is kept of a column that is too sensitive for its values."""
    return json.dumps({name: found for name, found in json.loads(profile).items() if name not in _VALUES})


def table_profile_rows(table: TableProfile) -> list[Row]:
    """The table's own row and those of its columns."""
    counted = {"rows": table.rows, "exact": table.exact, "sampled": table.sampled}
    nothing: Row = dict.fromkeys(("rows", "nulls", "distinct", "profile", "silent"))
    own = nothing | {"urn": table.urn, "table": json.dumps(counted)}
    return [own, *(profile_row(asdict(column)) for column in table.columns)]


def fingerprint(dataset: DiscoveredDataset) -> str:
    """Equal for two readings of a dataset that differ in nothing the catalogue stores, counts and sizes apart."""
    body = [
        dataset.path,
        dataset.subtype,
        [(c.name, c.data_type, c.nullable, c.ordinal, c.comment, c.primary_key) for c in dataset.columns],
        dataset.comment,
        dataset.definition,
        dataset.row_count,
        [(k.columns, str(k.to), k.to_columns) for k in dataset.foreign_keys],
        dataset.tags,
        dataset.owners,
        sorted(dataset.properties.items()),
    ]
    return hashlib.blake2b(json.dumps(body, default=str).encode(), digest_size=16).hexdigest()


def source_row(owner: Holding, registered: Registered) -> Row:
    """The source above what ``owner`` holds."""
    known = registered.is_registered(owner)
    props: Row = {"kind": AssetKind.SOURCE.value}
    if not known:
        props |= _naming(Urn.parse(owner.urn), owner.name, owner.name, owner)
        props |= {"namespace": owner.namespace, "platform": platform_of(owner.namespace).name}
    return {
        "urn": owner.urn,
        "key": new_key(),
        "label": LABELS[AssetKind.SOURCE],
        "parent": None,
        "domain": owner.domain,
        "stub": not known,
        "props": props,
    }


def container_rows(urns: Iterable[Urn], owner: Holding, spelling: Mapping[Urn, str]) -> list[Row]:
    """Databases and schemas above ``urns``, parents first; ``spelling`` gives the source's own letter case."""
    rows: dict[Urn, Row] = {}
    for dataset in urns:
        parent = owner.urn
        for urn in containers(dataset):
            if urn not in rows:
                kind = AssetKind(urn.kind.upper())
                segments = split_name(platform_of(urn.namespace), urn.name)
                name = spelling.get(urn, segments[-1])
                rows[urn] = {
                    "urn": str(urn),
                    "key": new_key(),
                    "label": LABELS[kind],
                    "parent": parent,
                    "domain": owner.domain,
                    "stub": False,
                    "depth": len(segments),
                    "props": {"kind": kind.value, **_naming(urn, name, urn.name, owner)},
                }
            parent = str(urn)
    return sorted(rows.values(), key=lambda row: row["depth"])


def parent_of(dataset: Urn, owner: Holding) -> str:
    """The urn of what holds ``dataset`` directly."""
    above = containers(dataset)
    return str(above[-1]) if above else owner.urn


def dataset_row(dataset: DiscoveredDataset, owner: Holding, by: str, fingerprint: str | None) -> Row:
    """One dataset with its columns as ``by`` describes it; ``complete`` where its columns are known, so that others are gone."""
    urn = dataset.urn
    path = ".".join(dataset.path)
    columns = [
        {
            "urn": str(column_urn),
            "key": new_key(),
            "props": {
                **_naming(column_urn, column.name, f"{path}.{column.name}", owner),
                "data_type": column.data_type,
                "nullable": column.nullable,
                "ordinal": column.ordinal or position,
                "comment": column.comment,
                "primary_key": column.primary_key,
            },
        }
        for position, column in enumerate(dataset.columns, start=1)
        for column_urn in [dataset.column_urn(column.name)]
    ]
    return {
        "urn": str(urn),
        "key": new_key(),
        "parent": parent_of(urn, owner),
        "domain": owner.domain,
        "complete": bool(columns),
        "columns": columns,
        "props": {
            **_naming(urn, dataset.name.rpartition("/")[2] or dataset.name, path, owner),
            "subtype": dataset.subtype.value,
            "comment": dataset.comment,
            "definition": dataset.definition,
            "row_count": dataset.row_count,
            "size_bytes": dataset.size_bytes,
            "properties": json.dumps(dict(dataset.properties), sort_keys=True),
            "fingerprint": fingerprint,
            "judged_by": None,  # as it was; whoever judges it as it is now says so
            "described_by": by,
        },
    }


def job_row(job: DiscoveredJob, owner: Holding) -> Row:
    """One job or dashboard with what it reads and writes."""
    kind = AssetKind(job.urn.kind.upper())
    return {
        "urn": str(job.urn),
        "key": new_key(),
        "label": LABELS[kind],
        "parent": owner.urn,
        "domain": owner.domain,
        "columns": [],
        "inputs": [str(urn) for urn in job.inputs],
        "outputs": [str(urn) for urn in job.outputs],
        "props": {
            "kind": kind.value,
            **_naming(job.urn, job.name, job.urn.name, owner),
            "subtype": job.subtype.value,
            "comment": job.comment,
            "definition": job.definition,
            "properties": json.dumps(dict(job.properties), sort_keys=True),
        },
    }


def stub_rows(urns: Iterable[Urn], registered: Registered) -> list[Row]:
    """Rows that make sure ``urns`` exist, with all that holds them, parents first."""
    rows: dict[str, tuple[int, Row]] = {}

    def add(depth: int, urn: Urn, name: str, parent: str | None, owner: Holding, extra: Row) -> None:
        kind = AssetKind(urn.kind.upper())
        if str(urn) not in rows:
            path = f"{urn.name}.{urn.column}" if urn.column else urn.name or urn.namespace
            props = {"kind": kind.value, **_naming(urn, name, path, owner), **extra}
            row = {
                "urn": str(urn),
                "key": new_key(),
                "label": LABELS[kind],
                "parent": parent,
                "domain": owner.domain,
                "props": props,
            }
            rows[str(urn)] = (depth, row)

    for urn in urns:
        owner = registered.owner(urn)
        platform = platform_of(urn.namespace)
        extra = {"namespace": urn.namespace, "platform": platform.name}
        add(0, Urn.parse(owner.urn), owner.name, None, owner, extra)
        if urn.kind not in ("dataset", "column"):
            add(4, urn, urn.name, owner.urn, owner, {})
            continue
        dataset, parent = urn.dataset(), owner.urn
        for depth, container in enumerate(containers(dataset), start=1):
            add(depth, container, split_name(platform, container.name)[-1], parent, owner, {})
            parent = str(container)
        add(4, dataset, split_name(platform, dataset.name)[-1], parent, owner, {"subtype": "UNKNOWN"})
        if urn.column:
            add(5, urn, urn.column, str(dataset), owner, {"ordinal": 0, "data_type": ""})
    return [row for _, row in sorted(rows.values(), key=lambda pair: pair[0])]
