"""Commands on masking: which mask what gets, what purposes values and tokens are bound to, and the key of marks."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import replace

from cypher.masking import reads, writes
from cypher.session import GraphSession
from ingest.commands.unit import Unit, execute
from ingest.secrets import LocalSecretStore
from schema.domain.classifications import Classifier, Sensitivity
from schema.domain.identity import SYSTEM, Permission, Principal
from schema.domain.masking import (
    DataKind,
    Mask,
    MaskingRule,
    MaskingRules,
    MaskingSubject,
    checked_purposes,
    checked_rule,
)
from schema.errors import InvalidInput, NotFound
from schema.settings import Settings, settings


async def set_rule(
    graph: GraphSession,
    actor: Principal,
    *,
    subject: MaskingSubject,
    name: str = "",
    mask: Mask,
    reason: str = "",
) -> MaskingRule:
    """Mask values of a classification, category or level, or free text, otherwise from now on. Raises ``InvalidInput``, ``NotFound``."""
    actor.require(Permission.ADMIN)
    rule = checked_rule(subject, name, mask)
    known = await kinds(graph)
    if subject is MaskingSubject.CLASSIFICATION and name not in known:
        raise NotFound("classification", name, path=("name",))
    if subject is MaskingSubject.CATEGORY and name not in {kind.category for kind in known.values()}:
        raise NotFound("category", name, path=("name",))

    async def work(unit: Unit) -> MaskingRule:
        made = replace(rule, set_by=unit.by, set_at=unit.at)
        before = await writes.set_rule(unit.tx, made)
        unit.subjects.append(rule.id)
        unit.details |= {"before": before, "after": mask.value}
        return made

    return await execute(graph, actor, "masking.rule_set", work, reason=reason)


async def reset_rule(
    graph: GraphSession, actor: Principal, *, subject: MaskingSubject, name: str = "", reason: str = ""
) -> None:
    """Mask as shipped again. Raises ``NotFound`` where no such rule was set."""
    actor.require(Permission.ADMIN)
    ident = MaskingRule(subject, name, Mask.NULL).id

    async def work(unit: Unit) -> None:
        before = await writes.remove_rule(unit.tx, ident)
        if before is None:
            raise NotFound("masking rule", ident, path=("name",))
        unit.subjects.append(ident)
        unit.details["before"] = before

    await execute(graph, actor, "masking.rule_reset", work, reason=reason)


async def bind_classification(
    graph: GraphSession, actor: Principal, *, classification: str, purposes: Sequence[str], reason: str = ""
) -> tuple[str, ...]:
    """Say for which purposes alone values of a classification are shown; none for any. Raises ``InvalidInput``, ``NotFound``.

    Figures of profiles tell values up to INTERNAL, whoever reads them, so what is bound has to be above that.
    """
    actor.require(Permission.ADMIN)
    wanted = checked_purposes(purposes)

    async def work(unit: Unit) -> None:
        row = await writes.bind_classification(unit.tx, name=classification, purposes=wanted)
        if row is None:
            raise NotFound("classification", classification, path=("classification",))
        if wanted and (row["sensitivity"] or 0) < Sensitivity.CONFIDENTIAL:
            raise InvalidInput(
                "Values of this classification are in profiles, which state no purpose.",
                path=("classification",),
                remedy="Bind classifications of CONFIDENTIAL or more.",
            )
        unit.subjects.append(classification)
        unit.details |= {"before": row["before"], "after": list(wanted)}

    await execute(graph, actor, "classification.purposes_set", work, reason=reason)
    return wanted


async def bind_token(
    graph: GraphSession, actor: Principal, *, token: str, purposes: Sequence[str], reason: str = ""
) -> tuple[str, ...]:
    """Say what the holder of a token may act for; none for nothing in particular. Raises ``InvalidInput``, ``NotFound``."""
    actor.require(Permission.ADMIN)
    wanted = checked_purposes(purposes)

    async def work(unit: Unit) -> None:
        row = await writes.bind_token(unit.tx, ident=token, purposes=wanted)
        if row is None:
            raise NotFound("token", token, path=("id",))
        unit.subjects.append(token)
        unit.details |= {"before": row["before"], "after": list(wanted)}

    await execute(graph, actor, "token.purposes_set", work, reason=reason)
    return wanted


async def rules(graph: GraphSession) -> MaskingRules:
    """The rules in force."""
    return MaskingRules(await reads.rules(graph))


async def kinds(graph: GraphSession) -> dict[str, DataKind]:
    """All classifications by name: as the graph has them, else as they ship."""
    shipped = await asyncio.to_thread(_shipped)
    return {c.name: DataKind(c.name, c.category, int(c.sensitivity)) for c in shipped} | await reads.kinds(
        graph
    )


def _shipped() -> tuple[Classifier, ...]:
    from ml.classify.engine import standard_engine  # the API starts without it

    return standard_engine().classifiers


async def mark_key(graph: GraphSession, *, config: Settings | None = None) -> bytes:
    """The key of marks, 32 bytes, made at first use; raises ``InvalidInput`` where this server cannot open it."""
    store = LocalSecretStore((config or settings()).data_dir)
    sealed = await reads.key(graph)
    if sealed is None:
        fresh = store.seal(secrets.token_hex(32))

        async def work(unit: Unit) -> str:
            return await writes.keep_key(unit.tx, sealed=fresh, at=unit.at)

        sealed = await execute(graph, SYSTEM, "masking.key_make", work)
    return bytes.fromhex(store.open(sealed))
