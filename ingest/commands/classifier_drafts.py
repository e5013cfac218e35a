"""Commands on classifiers that are tried on the catalogue before they are saved."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping

from cypher.classifiers import writes
from cypher.session import GraphSession, Transaction
from ingest.classifier_text import read_classifiers
from ingest.commands import classifiers, reclassification
from ingest.commands.unit import Unit, execute
from schema.domain.identity import Principal
from schema.errors import InvalidInput
from schema.ports import Clock, SystemClock

# A run waits up to a week for approval, and needs the texts once it begins.
KEPT_MS = 8 * 24 * 3_600_000
_CLOCK = SystemClock()


async def preview(
    graph: GraphSession,
    actor: Principal,
    *,
    source: str,
    text: str,
    reason: str = "",
    clock: Clock = _CLOCK,
) -> str:
    """Queue a run that tells what saving the classifiers in the documents of ``text`` would change in a source; returns its id.

    Raises ``BadClassifier`` and ``Conflict`` where they could not be saved, ``Forbidden`` unless ``actor`` may save them, since whoever
    chooses patterns can count values by them, and else as ``reclassification.request``.
    """
    await classifiers.compare(graph, actor, text=text)
    texts = {each.spec.name: each.text for each in await asyncio.to_thread(read_classifiers, text)}
    if not texts:
        raise InvalidInput("There is no classifier in it.", path=("yaml",), remedy="Give at least one.")
    ident = await _keep(graph, actor, texts, reason, clock)
    return await reclassification.request(
        graph, actor, source=source, dry_run=True, draft=ident, reason=reason, clock=clock
    )


async def _keep(
    graph: GraphSession, actor: Principal, texts: Mapping[str, str], reason: str, clock: Clock
) -> str:
    """Keep what is tried; what is tried in many sources is kept once. Returns its id."""
    ident = hashlib.sha256(json.dumps(sorted(texts.items())).encode()).hexdigest()[:16]
    expires_ms = round(clock.now().timestamp() * 1_000) + KEPT_MS

    async def work(unit: Unit) -> None:
        await writes.keep_draft(
            unit.tx, ident=ident, texts=texts, at=unit.at, by=unit.by, expires_ms=expires_ms
        )
        unit.subjects += [f"classifier:{name}" for name in sorted(texts)]
        unit.details["draft"] = ident

    await execute(graph, actor, "classifier.draft", work, reason=reason)
    return ident


async def forget_drafts(graph: GraphSession, *, now_ms: int) -> int:
    """Forget some of the drafts that expired; 0 once there is none."""

    async def work(tx: Transaction) -> int:
        return await writes.forget_drafts(tx, now_ms)

    return await graph.write("classifier.forget_drafts", work)
