"""The OpenLineage events of the demonstration: recorded ones, and those of the export that built ``analytics``."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from graph_api.demo.data import FILES, RECORD_SHOP, RENTAL_SHOP
from schema.ids import Urn

_PAGILA = ("postgres://pagila.demo:5432", "pagila.public")
_CHINOOK = ("sqlite://chinook.demo", "main")
_ANALYTICS = "duckdb://analytics.demo"
LAST_JOB = str(Urn("job", "demo", f"export.record_shop.{[*RECORD_SHOP][-1].lower()}"))
_RUN = "0193705c-0000-7000-8000-{:012d}"
_AT = "2024-11-28T02:00:{:02d}Z"


def events() -> list[dict[str, Any]]:
    """All events, as a client would send them."""
    recorded = [
        event
        for name in ("events", "spark-events")
        for event in json.loads((FILES / "jaffle_shop" / f"{name}.json").read_bytes())
    ]
    return [*recorded, *_export()]


def _export() -> Iterator[dict[str, Any]]:
    number = 0
    for (namespace, above), schema, tables in (
        (_PAGILA, "rental_shop", RENTAL_SHOP),
        (_CHINOOK, "record_shop", RECORD_SHOP),
    ):
        for table, columns in tables.items():
            number += 1
            source = {"namespace": namespace, "name": f"{above}.{table}"}
            fields = {
                c: {"inputFields": [{**source, "field": c, "transformations": _COPIED}]} for c in columns
            }
            yield {
                "eventType": "COMPLETE",
                "eventTime": _AT.format(number),
                "producer": "urn:pursight:demo",
                "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
                "run": {"runId": _RUN.format(number)},
                "job": {"namespace": "demo", "name": f"export.{schema}.{table.lower()}"},
                "inputs": [source],
                "outputs": [
                    {
                        "namespace": _ANALYTICS,
                        "name": f"analytics.{schema}.{table}",
                        "facets": {"columnLineage": {"fields": fields}},
                    }
                ],
            }


_COPIED = [{"type": "DIRECT", "subtype": "IDENTITY", "masking": False}]
