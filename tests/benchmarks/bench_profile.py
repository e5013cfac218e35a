"""Profiling by the source's engine against reading the same sample into Python and counting there.

``python -m pytest tests/benchmarks/bench_profile.py -s``: pagila and a table of a million rows in PostgreSQL. What Python counts is
far less: nulls and distinct values, no quantiles and no shapes.
"""

from __future__ import annotations

import time
from typing import Any

import psycopg

from ingest.connectors.base import open_connector
from ingest.network import NetworkPolicy
from ingest.stages import profile as by_engine
from ingest.stages import sample as in_python
from schema.domain.catalog import DiscoveredDataset
from schema.domain.profiles import TableProfile
from tests.ingest.connectors.conftest import postgres  # noqa: F401 - a fixture
from tests.ingest.connectors.test_profiling import KNOWN, config
from tests.servers import Server


def test_profiling_by_the_engine_and_in_python(postgres: Server) -> None:  # noqa: F811
    with psycopg.connect(**config(postgres, dbname="pagila"), autocommit=True) as connection:
        connection.execute(f"CREATE TABLE million AS {KNOWN.format(rows=1_000_000)}")
        connection.execute("ANALYZE")
    source: Any = open_connector("postgres", config(postgres, database="pagila"), access=NetworkPolicy(True))
    tables = [each for each in source.discover() if isinstance(each, DiscoveredDataset)]
    for name, some in (
        ("pagila", [each for each in tables if each.name != "million"]),
        ("a million rows", [each for each in tables if each.name == "million"]),
    ):
        begun = time.perf_counter()
        profiles = [by_engine.profile(source, table, []) for table in some]
        engine = time.perf_counter() - begun
        found = [each for each in profiles if isinstance(each, TableProfile)]
        begun = time.perf_counter()
        for table, profile in zip(some, found, strict=True):
            taken = source.sample(table, profile.sampled)
            in_python.profile(table, taken)
        python = time.perf_counter() - begun
        rows = sum(profile.sampled for profile in found)
        print(
            f"\n{name}: {len(found)} tables and views, {rows:,} rows looked at; "
            f"by the engine {engine:.2f} s, read and counted in Python {python:.2f} s"
        )
        assert len(found) == len(some)
        assert not any(profile.problems for profile in found)
    source.close()
