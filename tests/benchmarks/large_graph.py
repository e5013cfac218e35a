"""A large catalogue in a real Neo4j, written by the product's own commands: the same assets and edges for the same seed.

``python tests/benchmarks/large_graph.py --folder DIR [--scale 0.1]`` fills an embedded server's store in DIR once, ``--serve``
starts a server on it. With ``NEO4J_URI`` (and ``NEO4J_USER``, ``NEO4J_PASSWORD``) it fills that server, which must hold no assets.
DIR/large_graph.json says what there is and names the assets that benchmarks start from.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))  # for the run as a file

from cypher.catalogue import Query
from cypher.migrate import migrate
from cypher.session import GraphSession, open_graph
from graph_api.logs import configure
from graph_api.stack.neo4j import EmbeddedNeo4j
from ingest.commands import catalog, classifications, lineage
from schema.domain.identity import SYSTEM
from schema.domain.lineage import EdgeOrigin, LineageEdge, Transformation
from schema.settings import Settings
from tests.benchmarks.large_catalogue import CLASSIFIERS, Catalogue
from tests.benchmarks.large_lineage import WIDTH, graph_of, reached
from tests.benchmarks.large_lineage import lineage as shape_of
from tests.seed import Warehouse, know, register

DATASETS, SEED, RUN = 100_000, 20_260, "large"
MANIFEST = "large_graph.json"


class LargeNeo4j(EmbeddedNeo4j):
    """The product's embedded server with room for this graph."""

    def memory_sizes(self) -> tuple[int, int]:
        return 4096, 4096


@dataclass(frozen=True, slots=True)
class Start:
    """An asset to start a walk from, and how many it reaches downstream over FEEDS within any number of hops."""

    urn: str
    reaches: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a filled store holds; ``starts`` by name: steady reaches as many at every scale."""

    datasets: int
    seed: int
    counts: dict[str, int]
    seconds: float
    starts: dict[str, Start]

    @classmethod
    def read(cls, folder: Path) -> Manifest | None:
        try:
            found = json.loads((folder / MANIFEST).read_text("utf-8"))
        except FileNotFoundError:
            return None
        return cls(**found | {"starts": {name: Start(**start) for name, start in found["starts"].items()}})


async def fill(graph: GraphSession, of: Catalogue) -> None:
    """Publish all of it, source by source, edges last."""
    at, shape = time.monotonic(), of.shape
    numbers: dict[str, list[int]] = {source: [] for source in of.sources()}
    for number in range(shape.datasets):
        numbers[of.source(number)].append(number)
    await know(graph, CLASSIFIERS)
    for source, held in numbers.items():
        await register(graph, Warehouse(source, of.domains[source], ()))
        found = [of.discovered(number) for number in held]
        await catalog.publish_datasets(graph, SYSTEM, found, run=RUN, by=source)
        verdicts = [verdict for number in held for verdict in of.verdicts(number)]
        judged = list(dict.fromkeys(urn for urn, _ in verdicts))
        await classifications.publish_verdicts(graph, SYSTEM, verdicts, judged, run=RUN)
        unread = {str(of.dataset(n)): "PARSE_ERROR" for n in held if n % 500 == 499}
        await lineage.publish_problems(graph, SYSTEM, unread, run=RUN)
        print(f"{time.monotonic() - at:6.0f} s  {source}: {len(held):,} datasets", flush=True)
    layer_of = np.searchsorted(shape.layers, np.arange(int(shape.layers[-1]) + 2))
    for layer, (start, end) in enumerate(itertools.pairwise(layer_of.tolist())):
        origin = EdgeOrigin.SQL if layer < 7 else EdgeOrigin.DBT
        written = 0
        for first in range(start, end, 2_000):
            last = min(first + 2_000, end)
            edges = list(of.edges(first, last))
            written += len(edges)
            by = f"{'source' if origin is EdgeOrigin.SQL else 'dbt'}:l{layer:02}"
            await lineage.publish_edges(graph, SYSTEM, edges, origin=origin, assertion=by, run=RUN)
            jobs = [job for number in range(first, last) for job in of.jobs(number)]
            await catalog.publish_jobs(graph, SYSTEM, jobs, run=RUN)
        print(f"{time.monotonic() - at:6.0f} s  edges into layer {layer}: {written:,}", flush=True)
    again = [
        LineageEdge(of.column(up), of.column(down), (Transformation.UNKNOWN,), 0.8)
        for up, down in shape.second.tolist()
    ]
    await lineage.publish_edges(
        graph, SYSTEM, again, origin=EdgeOrigin.OPENLINEAGE, assertion="openlineage:runs", run=RUN
    )


def targets(datasets: int) -> dict[str, int]:
    """How many columns the named starts reach: what the issue asks at full size and above, less of a smaller graph."""
    share = min(1.0, datasets / DATASETS)
    columns = datasets * WIDTH
    return {
        "steady": min(10_000, columns // 5),
        "medium": int(85_000 * share),
        "large": int(350_000 * share),
    }


def starts(of: Catalogue, wanted: dict[str, int]) -> dict[str, Start]:
    """The columns that reach what was wanted, the dataset that reaches most of some, and one with a few dozen neighbours."""
    shape = of.shape
    columns = graph_of(shape.column_pairs, shape.datasets * WIDTH)
    found = {
        name: Start(str(of.column(shape.hubs[target])), reached(columns, shape.hubs[target]))
        for name, target in wanted.items()
    }
    datasets = graph_of(shape.dataset_pairs, shape.datasets)
    fans = np.diff(datasets.indptr)
    most = max(np.argsort(-fans, kind="stable")[:20].tolist(), key=lambda number: reached(datasets, number))
    near = int(np.argmin(np.abs(fans - 40)))
    for name, number in (("dataset", most), ("neighbours", near)):
        found[name] = Start(str(of.dataset(number)), reached(datasets, number))
    return found


_COUNTS = {
    "assets": "MATCH (n:Asset) RETURN n.kind AS kind, count(*) AS n",
    "edges": "MATCH ()-[e]->() RETURN type(e) AS kind, count(*) AS n",
}


async def counts(graph: GraphSession) -> dict[str, int]:
    found: dict[str, int] = {}
    for name, text in _COUNTS.items():
        query = Query(f"bench.{name}", f"CYPHER 25 {text}", "read", frozenset(), ("kind", "n"), 0)
        found |= {row["kind"]: row["n"] for row in await graph.rows(query)}
    return found


@contextmanager
def store(folder: Path) -> Iterator[tuple[str, str, str]]:
    """Address, user and password of the server that ``NEO4J_URI`` names, else of the folder's own, started for this long."""
    if uri := os.environ.get("NEO4J_URI"):
        yield uri, os.environ.get("NEO4J_USER", "neo4j"), os.environ.get("NEO4J_PASSWORD", "")
        return
    with LargeNeo4j(folder, cache_dir=Settings().cache_dir) as server:
        yield server.uri, server.user, server.password


def patient(address: tuple[str, str, str]) -> GraphSession:
    """A session that waits as long as filling and counting take."""
    settings = Settings(query_timeout_s=600, write_timeout_s=900, retry_time_s=60)
    return open_graph(*address, database=settings.neo4j_database, settings=settings)


async def filled(address: tuple[str, str, str], folder: Path, datasets: int, seed: int) -> Manifest:
    """What the folder's manifest says, after filling an empty server if there is none yet."""
    known = Manifest.read(folder)
    if known is not None and (known.datasets, known.seed) != (datasets, seed):
        raise SystemExit(
            f"{folder} holds {known.datasets:,} datasets of seed {known.seed}: name another folder."
        )
    graph = patient(address)
    try:
        await migrate(graph)
        if known is not None:
            return known
        if there := await counts(graph):
            raise SystemExit(f"The server holds {there} already: only an empty one is filled.")
        at = time.monotonic()
        wanted = targets(datasets)
        of = Catalogue(shape_of(datasets, tuple(wanted.values()), seed=seed), seed)
        print(f"{time.monotonic() - at:6.0f} s  the shape of it")
        await fill(graph, of)
        seconds = time.monotonic() - at
        manifest = Manifest(datasets, seed, await counts(graph), round(seconds, 1), starts(of, wanted))
    finally:
        await graph.close()
    (folder / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1) + "\n", "utf-8")
    return manifest


def main(arguments: Sequence[str]) -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument(
        "--folder", type=Path, required=True, help="of the store, or of the manifest alone with NEO4J_URI"
    )
    options.add_argument("--datasets", type=int, default=DATASETS, help="at scale 1; each has ten columns")
    options.add_argument("--scale", type=float, default=1.0, help="of the graph: 0.1, 1 and 3 show growth")
    options.add_argument("--seed", type=int, default=SEED)
    options.add_argument("--serve", action="store_true", help="run a server on the store until Ctrl-C")
    given = options.parse_args(arguments)
    configure(Settings(log_level="ERROR"))
    given.folder.mkdir(parents=True, exist_ok=True)
    with store(given.folder) as address:
        manifest = asyncio.run(filled(address, given.folder, round(given.datasets * given.scale), given.seed))
        print(json.dumps(asdict(manifest), indent=1))
        if given.serve:
            print(
                f"export NEO4J_URI={address[0]} NEO4J_USER={address[1]} NEO4J_PASSWORD={address[2]}",
                flush=True,
            )
            ends = {signal.SIGINT, signal.SIGTERM}
            signal.pthread_sigmask(signal.SIG_BLOCK, ends)  # after the start: the server must not inherit it
            signal.sigwait(ends)


if __name__ == "__main__":
    main(sys.argv[1:])
