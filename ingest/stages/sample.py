"""Second stage: a bounded sample of one dataset, and the counts that are kept of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ingest.connectors.base import Connector, Sample
from schema.domain.catalog import DiscoveredDataset
from schema.domain.profiles import ColumnProfile
from schema.domain.scans import Problem, ScanStage
from schema.errors import PursightError


def sample(connector: Connector, dataset: DiscoveredDataset, rows: int) -> Sample | Problem:
    """At most ``rows`` rows of ``dataset``; a dataset that cannot be read is a problem of its own and stops no other."""
    try:
        return connector.sample(dataset, rows)
    except PursightError as error:
        return Problem(ScanStage.SAMPLE, error.code, str(dataset.urn), error.message)


def counts_of(dataset: DiscoveredDataset, taken: Mapping[str, Sequence[object]]) -> list[ColumnProfile]:
    """Counts per column of sampled values, for sources that compute no figures themselves; no value is kept."""
    profiles = []
    for name, values in taken.items():
        present = [value for value in values if value is not None]
        distinct = len({value if isinstance(value, str | int | float) else repr(value) for value in present})
        profiles.append(
            ColumnProfile(str(dataset.column_urn(name)), len(values), len(values) - len(present), distinct)
        )
    return profiles
