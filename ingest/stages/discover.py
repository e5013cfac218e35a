"""First stage: the structure of a source as it is now."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ingest.connectors.base import Connector, Inferring
from ingest.formats.extract import Extract
from ingest.stages.stop import Stop
from schema.domain.catalog import DiscoveredDataset
from schema.domain.scans import Problem, Severity
from schema.domain.sources import ScanOptions


@dataclass(slots=True)
class Discovery:
    """What a source holds. ``extract`` is what it says besides: jobs, edges and SQL, from sources that are documents."""

    datasets: list[DiscoveredDataset] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    extract: Extract | None = None

    @property
    def complete(self) -> bool:
        """Whether absence means that an object is gone: nothing failed as a whole."""
        return not any(problem.severity is Severity.ERROR for problem in self.problems)


def discover(
    connector: Connector, options: ScanOptions, stop: Stop, seen: Callable[[int], None]
) -> Discovery:
    """Read everything that ``options`` select; ``seen`` is told how many objects so far.

    Where values may be sampled, a dataset without a schema gets the columns that some of them show.
    """
    found = Discovery()
    inferring = connector if options.sample_rows and isinstance(connector, Inferring) else None
    for item in connector.discover(options.include, options.exclude):
        stop.check()
        if inferring is not None and isinstance(item, DiscoveredDataset):
            inferred = inferring.infer(item, options.sample_rows)
            if isinstance(inferred, Problem):
                found.problems.append(inferred)
            else:
                item = inferred
        if isinstance(item, Problem):
            found.problems.append(item)
        else:
            found.datasets.append(item)
            seen(len(found.datasets))
    extract = getattr(connector, "extract", None)
    if extract is not None:
        found.extract = extract()
        found.problems += found.extract.problems
    return found
