"""The command that shows a few rows of a dataset: read at its source, masked for who asks, and on record before they are handed out."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cypher.masking import reads
from cypher.sample_requests import reads as requests
from cypher.scanning import reads as scanning
from cypher.session import GraphSession
from ingest.commands import masking
from ingest.commands.health import Checked, note
from ingest.commands.run_tasks import limiter_of
from ingest.commands.sources import open_source
from ingest.commands.unit import Unit, execute
from ingest.known import known_dataset
from ingest.masking.reading import MOST_ROWS, may_be_read, read
from ingest.orchestration.rules import plan_of
from ingest.vocabulary import current_vocabulary, finder_of
from schema.domain.identity import Permission, Principal
from schema.domain.masking import DataKind, MaskedColumn, MaskingRules, Reading, SampledColumn
from schema.domain.sample_requests import covering
from schema.domain.sources import source_urn
from schema.domain.time import stored
from schema.errors import ConnectionFailed, InvalidInput, NotFound
from schema.ids import dataset_of
from schema.ports import Clock, SystemClock
from schema.settings import Settings, settings

if TYPE_CHECKING:
    from ingest.masking.masker import Masker
    from ml.classify.composition import Vocabulary

_CLOCK = SystemClock()
MOST_COLUMNS = 200
# What says that the source itself does not answer; all else may be about this dataset alone.
_OF_THE_SOURCE = ("UNREACHABLE", "CREDENTIALS")


@dataclass(frozen=True, slots=True)
class MaskedSample:
    """``rows`` is how many there are; each column holds one value, or None, of each."""

    urn: str
    source: str
    purpose: str
    rows: int
    columns: tuple[MaskedColumn, ...] = field(repr=False)


async def sample(
    graph: GraphSession,
    actor: Principal,
    *,
    urn: str,
    columns: Sequence[str] = (),
    rows: int = 10,
    purpose: str = "",
    reason: str = "",
    config: Settings | None = None,
    clock: Clock = _CLOCK,
) -> MaskedSample:
    """At most ``rows`` rows of a dataset, or of one column of it, as ``actor`` may see them; ``columns`` are all of his if empty.

    Nothing is stored of them but how many there were, of which columns, how those were masked, and by which approval they were read.
    Raises ``InvalidInput``, ``NotFound``, ``ApprovalRequired`` and ``ConnectionFailed``.
    """
    actor.require(Permission.SAMPLE)
    config = config or settings()
    if not 1 <= rows <= MOST_ROWS:
        raise InvalidInput(f"{rows} rows cannot be shown.", path=("first",), remedy=f"Use 1 to {MOST_ROWS}.")
    stated(actor, purpose)
    found, chosen = await asked_for(graph, actor, urn, columns)
    dataset_urn = found["urn"]
    source = await scanning.source(graph, str(source_urn(found["source"])))
    if source is None:
        raise InvalidInput(
            "No registered source holds this dataset.",
            path=("urn",),
            remedy="Register the source; what lineage alone mentions cannot be read.",
        )
    level = plan_of(source.get("plan")).sample_approval_from
    asked = (
        []
        if level is None
        else await requests.of_dataset(graph, dataset_urn, actor.scope, by=actor.id, now=stored(clock.now()))
    )
    approval = covering(asked, chosen, level=level, purpose=purpose)
    reading = Reading(
        actor.scope.clearance,
        actor.may(Permission.UNMASK) and approval is None,  # what is approved is a masked sample
        purpose,
        unapproved_from=None if approval else level,
    )
    may_be_read(source, clock.now())
    key = await masking.mark_key(graph, config=config)
    kinds = await masking.kinds(graph)
    rules = await masking.rules(graph)
    limiter = limiter_of(graph, source)

    masked: list[MaskedColumn] = []
    failure: ConnectionFailed | None = None
    try:
        taken = await read(
            lambda: open_source(source["connector"], json.loads(source["config"]), config, limiter),
            known_dataset(found, chosen),
            rows,
            limiter=limiter,
        )
        judged = [_judged(column, kinds) for column in chosen]
        masker = await asyncio.to_thread(_masker, await current_vocabulary(graph), kinds, rules, reading, key)
        masked = await asyncio.to_thread(_masked, masker, found["name"], judged, taken.values)
    except ConnectionFailed as error:
        failure = error
    count = len(masked[0].values) if masked else 0

    async def work(unit: Unit) -> None:
        unit.subjects.append(dataset_urn)
        if approval is not None:  # before the columns, of which the trail names the first hundred
            unit.subjects.append(approval["id"])
            unit.details["approval"] = approval["id"]
        unit.subjects += [column["urn"] for column in chosen]
        unit.details |= {
            "purpose": reading.purpose,
            "rows": count,
            "masks": {column.name: column.masking.mask.value for column in masked},
        }
        if failure is not None:
            unit.details["cause"] = failure.cause
            if failure.cause in _OF_THE_SOURCE:
                await note(unit, source["urn"], Checked(None, failure), config=config, schedule=False)

    await execute(graph, actor, "asset.sample", work, reason=reason, clock=clock)
    if failure is not None:
        raise failure
    return MaskedSample(dataset_urn, source["name"], reading.purpose, count, tuple(masked))


def _masker(
    vocabulary: Vocabulary,
    kinds: Mapping[str, DataKind],
    rules: MaskingRules,
    reading: Reading,
    key: bytes,
) -> Masker:
    # The rules of classification are imported when rows are asked for: the API starts without them.
    from ingest.masking.masker import Masker

    return Masker(vocabulary.engine, finder_of(vocabulary.engine), kinds, rules, reading, key)


def _masked(
    masker: Masker, name: str, columns: Sequence[SampledColumn], values: Mapping[str, Sequence[object]]
) -> list[MaskedColumn]:
    try:
        return masker.table(name, columns, values)
    except Exception as failure:  # its text may quote values
        raise ConnectionFailed(
            "UNKNOWN",
            f"The rows could not be masked, so none are shown: {type(failure).__name__}.",
            "Ask for fewer columns to find the one at fault.",
            path=("columns",),
        ) from None


def stated(actor: Principal, purpose: str) -> None:
    """Raise ``InvalidInput`` where ``actor`` may not act for ``purpose``."""
    if purpose and purpose not in actor.purposes:
        raise InvalidInput(
            "You may not act for this purpose.",
            path=("purpose",),
            remedy=f"Name one of {', '.join(actor.purposes)}, or none."
            if actor.purposes
            else "Name none, or ask an administrator for a token with purposes.",
        )


async def asked_for(
    graph: GraphSession, actor: Principal, urn: str, columns: Sequence[str]
) -> tuple[Mapping[str, Any], list[Mapping[str, Any]]]:
    """The dataset and those of its columns that ``urn`` and ``columns`` mean and ``actor`` may see; raises ``InvalidInput`` and ``NotFound``."""
    found = await reads.target(graph, dataset_of(urn), actor.scope)
    if found is None:
        raise NotFound("dataset", urn)
    return found, _chosen(found["columns"], urn, columns)


def _chosen(known: Sequence[Mapping[str, Any]], urn: str, names: Sequence[str]) -> list[Mapping[str, Any]]:
    """The columns to read; one that is hidden from the reader is as one that does not exist."""
    if urn.startswith("column:"):
        if names:
            raise InvalidInput(
                "A column has no columns.", path=("columns",), remedy="Give the urn of its dataset."
            )
        chosen = [column for column in known if column["urn"] == urn]
        if not chosen:
            raise NotFound("column", urn)
        return chosen
    by_name = {column["name"]: column for column in known}
    if unknown := [name for name in names if name not in by_name]:
        raise NotFound("column", unknown[0], path=("columns",))
    chosen = [by_name[name] for name in dict.fromkeys(names)] if names else list(known)
    if not chosen:
        raise NotFound("column", urn)
    if len(chosen) > MOST_COLUMNS:
        raise InvalidInput(
            f"{len(chosen)} columns are too many at once.",
            path=("columns",),
            remedy=f"Name at most {MOST_COLUMNS}.",
        )
    return chosen


def _judged(column: Mapping[str, Any], kinds: Mapping[str, DataKind]) -> SampledColumn:
    said = [(v["classification"], v["status"]) for v in column["verdicts"]]
    rejected = frozenset(name for name, status in said if status == "REJECTED")
    return SampledColumn(
        name=column["name"],
        data_type=column["data_type"] or "",
        comment=column["comment"],
        level=column["sensitivity"] or 0,
        # What is inherited counts as what is said there, and what people rejected there or deleted does not.
        kinds=tuple(kinds[name] for name in sorted({name for name, _ in said} - rejected) if name in kinds),
        rejected=rejected,
    )
