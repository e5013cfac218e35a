"""Second stage, where the engine can: figures of one dataset, computed by its source, with what its verdicts allow."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import cast

from ingest.connectors.base import Capability, Connector, LookingAhead, Profiling
from schema.domain.catalog import DiscoveredDataset
from schema.domain.classifications import Verdict
from schema.domain.profiles import SHOWN_UNTIL, ProfileBudget, ProfiledColumn, TableProfile
from schema.domain.scans import Problem, ScanStage
from schema.errors import PursightError

_BUDGET = ProfileBudget()


def look_ahead(connector: Connector, datasets: Sequence[DiscoveredDataset]) -> None:
    """Let the source say of ``datasets`` at once what it can; call it for a few dozen that are profiled next."""
    if isinstance(connector, LookingAhead):
        with suppress(PursightError):  # one that cannot be read must not spoil the others
            connector.look_ahead(datasets)


def profile(
    connector: Connector,
    dataset: DiscoveredDataset,
    verdicts: Iterable[tuple[str, Verdict]],
    budget: ProfileBudget = _BUDGET,
    *,
    silent: bool = False,
) -> TableProfile | Problem | None:
    """Figures of ``dataset``; None where the connector computes none, a problem where they could not be had.

    ``verdicts`` are (column urn, verdict) pairs. A column above INTERNAL by any of them is profiled without its values, and
    all columns where ``silent``.
    """
    if Capability.PROFILE not in connector.capabilities or not dataset.columns:
        return None
    hidden = {urn for urn, verdict in verdicts if verdict.sensitivity > SHOWN_UNTIL}
    columns = [
        ProfiledColumn(column.name, not silent and str(dataset.column_urn(column.name)) not in hidden)
        for column in dataset.columns
    ]
    try:
        return cast(Profiling, connector).profile(dataset, columns, budget)
    except PursightError as error:
        return Problem(ScanStage.SAMPLE, f"PROFILE_{error.code}", str(dataset.urn), error.message)
