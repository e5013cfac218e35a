"""Classifiers tried before they are saved, and columns explained: nothing is written but that a source was read for it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from glob import escape
from typing import TYPE_CHECKING, Any

from cypher.catalog import reads as catalog
from cypher.classifiers import reads
from cypher.scanning import reads as scanning
from cypher.session import GraphSession
from ingest.classifier_text import ClassifierText, read_classifier
from ingest.commands.run_tasks import limiter_of
from ingest.commands.sources import open_source
from ingest.commands.unit import Unit, execute
from ingest.connectors.base import Capability, Connector, selected
from ingest.masking.reading import may_be_read
from ingest.stages.discover import discover
from ingest.stages.stop import Stop
from ingest.vocabulary import current_vocabulary
from ingest.vocabulary_changes import Before
from schema.domain.catalog import AssetKind, DiscoveredDataset
from schema.domain.identity import Permission, Principal, Scope
from schema.domain.platforms import platform_of, split_name
from schema.domain.sources import ScanOptions, source_urn
from schema.errors import Conflict, InvalidInput, NotFound
from schema.ids import Urn
from schema.ports import SystemClock
from schema.settings import Settings, settings

if TYPE_CHECKING:
    from ml.classify.composition import Vocabulary
    from ml.classify.engine import ColumnEvidence
    from ml.classify.explain import Considered
    from ml.classify.spec import ClassifierSpec
    from ml.classify.synthesis import Synthesis
    from ml.classify.trial import Trial
    from ml.classify.zero_shot import Near
    from schema.ports import Embedder

MOST_VALUES = 1_000
LONGEST_VALUE = 4_096  # characters
MOST_ROWS = 1_000
_MOST_COLUMNS = 500  # of a table that are each other's context


@dataclass(frozen=True, slots=True)
class Subject:
    """What is tried: a text that need not be saved, or a classification by its name; neither is all of them."""

    text: str | None = None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Explained:
    """What was considered for a column, and by what: its name, its type, its comment, figures of its profile.

    ``nearest`` are the meanings nearest to its text, whatever other tiers say; empty where there is no embedding model.
    """

    considered: tuple[Considered, ...]
    basis: tuple[str, ...]
    nearest: tuple[tuple[ClassifierSpec, Near], ...] = ()


async def try_values(
    graph: GraphSession,
    actor: Principal,
    subject: Subject,
    *,
    values: Sequence[str],
    column: str = "",
    table: str = "",
    data_type: str = "",
    comment: str | None = None,
) -> Trial:
    """Judge values as those of one column. Raises ``BadClassifier``, ``NotFound``, and ``InvalidInput`` where they are too many."""
    from ml.classify.engine import ColumnEvidence

    actor.require(Permission.CLASSIFY)
    if len(values) > MOST_VALUES or any(len(value) > LONGEST_VALUE for value in values):
        raise InvalidInput(
            f"At most {MOST_VALUES} values of {LONGEST_VALUE} characters each.",
            path=("values",),
            remedy="Send a part of them: a few hundred tell as much.",
        )
    evidence = [ColumnEvidence(table, column, data_type, comment, list(values))]
    return await try_columns(graph, subject, evidence, 0)


async def try_columns(
    graph: GraphSession, subject: Subject, columns: Sequence[ColumnEvidence], index: int
) -> Trial:
    """Judge one of the columns of a table that is at hand. Raises ``BadClassifier`` and ``NotFound``."""
    vocabulary, name = await _vocabulary(graph, subject)
    return await asyncio.to_thread(_attempt, vocabulary, columns, index, name)


async def try_asset(
    graph: GraphSession,
    actor: Principal,
    subject: Subject,
    *,
    urn: str,
    rows: int = 500,
    config: Settings | None = None,
) -> Trial:
    """Judge a column by values that are read from its source now, at most as many rows as its scans sample.

    It is asked as by a scan, within its requests a minute, and not while its plan or its circuit breaker keeps it from being read. Raises
    ``BadClassifier``, ``NotFound``, ``InvalidInput``, ``Conflict`` where the source is not sampled, ``ConnectionFailed``.
    """
    actor.require(Permission.CLASSIFY)
    if not 1 <= rows <= MOST_ROWS:
        raise InvalidInput(f"From 1 to {MOST_ROWS} rows.", path=("rows",), remedy="Ask for fewer rows.")
    asset = await _column(graph, urn, actor.scope)
    vocabulary, name = await _vocabulary(graph, subject)
    source = await scanning.source(graph, str(source_urn(asset["source"] or "")))
    if source is None or not source.get("connector"):
        raise Conflict("The column is of no registered source.", path=("urn",), remedy="Register its source.")
    options = ScanOptions(**json.loads(source["options"] or "{}"))
    dataset = Urn.parse(urn).dataset()
    path = split_name(platform_of(dataset.namespace), dataset.name)
    if not options.sample_rows or not selected(path, options.include, options.exclude):
        raise Conflict(
            "The options of its source say that no values of it are read.",
            path=("urn",),
            remedy="Try values of your own, or change the options.",
        )
    kept = ScanOptions(include=(escape(dataset.name),), sample_rows=min(rows, options.sample_rows))

    may_be_read(source, SystemClock().now())
    limiter = limiter_of(graph, source)

    def read() -> tuple[DiscoveredDataset, dict[str, list[object]]]:
        config_ = json.loads(source["config"])
        connector = open_source(source["connector"], config_, config or settings(), limiter)
        try:
            return _sampled(connector, kept, dataset)
        finally:
            connector.close()

    try:
        found, values = await asyncio.to_thread(read)
    finally:
        if limiter is not None:
            limiter.end()  # whoever hung up waits for no request any more
    urns = {str(found.column_urn(each.name)): each for each in found.columns}
    hidden = await catalog.hidden(graph, list(urns), actor.scope)
    columns = [_evidence(found, each, values) for urn_, each in urns.items() if urn_ not in hidden]
    index = next((n for n, u in enumerate(u for u in urns if u not in hidden) if u == urn), None)
    if index is None:
        raise Conflict("The source has no such column any more.", path=("urn",), remedy="Scan the source.")
    trial = await asyncio.to_thread(_attempt, vocabulary, columns, index, name)

    async def work(unit: Unit) -> None:
        unit.subjects.append(urn)
        unit.details |= {
            "classifier": name,
            "draft": subject.text is not None,
            "rows": len(columns[index].values),
        }

    await execute(graph, actor, "classifier.test", work)
    return trial


async def explain_column(
    graph: GraphSession, scope: Scope, urn: str, embedder: Embedder | None = None
) -> Explained | None:
    """Why a column is what it is by its name, type and comment; its source is not asked. None where there is no such column."""
    from ml.classify.engine import ColumnEvidence
    from ml.classify.explain import explain, nearest_meanings

    asset = (await catalog.by_urns(graph, [urn], scope)).get(urn)
    if asset is None or asset["kind"] != AssetKind.COLUMN.value:
        return None
    dataset = str(Urn.parse(urn).dataset())
    pages = await catalog.children(
        graph,
        [dataset],
        scope,
        kind=AssetKind.COLUMN.value,
        stale=False,
        key=None,
        backward=False,
        first=_MOST_COLUMNS,
    )
    others = [each for each in pages.get(dataset, []) if each["urn"] != urn]
    table = split_name(platform_of(Urn.parse(dataset).namespace), Urn.parse(dataset).name)[-1]
    columns = [
        ColumnEvidence(table, each["name"], each["data_type"] or "", each["comment"])
        for each in (asset, *others)
    ]
    vocabulary = await current_vocabulary(graph)
    considered = await asyncio.to_thread(explain, vocabulary.engine, columns, 0)
    near = await asyncio.to_thread(nearest_meanings, vocabulary, columns[0], embedder)
    return Explained(tuple(considered), tuple(_basis(dict(asset))), tuple(near))


async def pattern_of(examples: Sequence[str], counter_examples: Sequence[str]) -> Synthesis:
    """A pattern from examples; raises ``InvalidInput`` and ``NoPattern``."""
    from ml.classify.synthesis import synthesize

    return await asyncio.to_thread(synthesize, examples, counter_examples)


def _basis(asset: dict[str, Any]) -> list[str]:
    found = [f"name {asset['name']!r}"]
    if asset["data_type"]:
        found.append(f"type {asset['data_type']}")
    if asset["comment"]:
        found.append("comment")
    if asset["sampled_rows"] is not None:
        shapes = (json.loads(asset["profile"]).get("shapes") if asset["profile"] else None) or ()
        text = f"profile: {asset['sampled_distinct']} distinct in {asset['sampled_rows']} rows"
        found.append(text + "".join(f", {count} like {shape}" for shape, count in shapes[:3]))
    return found


async def _column(graph: GraphSession, urn: str, scope: Scope) -> dict[str, Any]:
    asset = (await catalog.by_urns(graph, [urn], scope)).get(urn)
    if asset is None:
        raise NotFound("asset", urn)
    if asset["kind"] != AssetKind.COLUMN.value:
        raise InvalidInput("Not a column.", path=("urn",), remedy="Name one of its columns.")
    return dict(asset)


async def _vocabulary(graph: GraphSession, subject: Subject) -> tuple[Vocabulary, str | None]:
    """What judges, and the name of what it is about; None where it is about all."""
    if subject.text is not None and subject.name is not None:
        raise InvalidInput("Both a text and a name.", path=("name",), remedy="Give one of them.")
    if subject.text is not None:
        given = await asyncio.to_thread(read_classifier, subject.text)
        before = Before.of(await reads.vocabulary(graph))
        return await asyncio.to_thread(drafted, before, given), given.spec.name
    vocabulary = await current_vocabulary(graph)
    if subject.name is not None and vocabulary.named(subject.name) is None:
        raise NotFound("classification", subject.name, path=("name",))
    return vocabulary, subject.name


def drafted(before: Before, given: ClassifierText) -> Vocabulary:
    """The vocabulary in force as if a text were saved, in the place of what has its name. Raises ``BadClassifier``."""
    vocabulary, _ = before.joined([given], (), {given.spec.name: 0})
    return vocabulary


def _attempt(
    vocabulary: Vocabulary, columns: Sequence[ColumnEvidence], index: int, subject: str | None
) -> Trial:
    from ml.classify.trial import attempt

    return attempt(vocabulary, columns, index, subject=subject)


def _evidence(dataset: DiscoveredDataset, column: Any, values: dict[str, list[object]]) -> ColumnEvidence:
    from ml.classify.engine import ColumnEvidence

    return ColumnEvidence(
        dataset.name, column.name, column.data_type, column.comment, values.get(column.name, [])
    )


def _sampled(
    connector: Connector, options: ScanOptions, urn: Urn
) -> tuple[DiscoveredDataset, dict[str, list[object]]]:
    if Capability.SAMPLE not in connector.capabilities:
        raise Conflict("Its source has no values to read.", path=("urn",), remedy="Try values of your own.")
    found = discover(connector, options, Stop(), lambda _: None)
    dataset = next((each for each in found.datasets if each.urn == urn), None)
    if dataset is None:
        raise Conflict(
            "The source does not show the table any more, or not to this account.",
            path=("urn",),
            remedy="Scan the source and look at the problems of the run.",
        )
    return dataset, connector.sample(dataset, options.sample_rows).values
