"""Commands on the vocabulary of classifications: save, delete and import classifiers, switch them."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cypher.classifiers import reads, writes
from cypher.governance import reads as governance
from cypher.governance import writes as governance_writes
from cypher.masking import reads as masking
from cypher.masking import writes as masking_writes
from cypher.propagation import writes as propagation
from cypher.session import GraphSession
from ingest.classifier_text import ClassifierText, read_classifier, read_classifiers
from ingest.commands.unit import Unit, execute
from ingest.vocabulary_changes import Before, Difference, difference_of
from schema.domain.classifications import Classifier, Sensitivity
from schema.domain.identity import SYSTEM, Permission, Principal
from schema.errors import Conflict, Forbidden, NotFound

if TYPE_CHECKING:
    from ml.classify.composition import Definition

MOST_CLASSIFIERS = 500
MOST_WITHDRAWN = 20_000  # verdicts that one deletion takes back
MOST_REFRESHED = 1_000  # assets whose levels follow in the transaction of the change; more follow by the job of propagation

Row = dict[str, Any]


async def save(
    graph: GraphSession,
    actor: Principal,
    *,
    text: str,
    expected_version: int | None = None,
    reason: str = "",
) -> Row:
    """Save a classifier under the name in its text, as its next version; one that says what it says already stays as it is.

    ``expected_version`` is the one that the text was made from, 0 for none. Raises ``BadClassifier`` with all mistakes, also
    where its own examples fail, and ``Conflict`` where somebody saved another version meanwhile, there are too many, or values that are
    bound to purposes would fall below CONFIDENTIAL. The levels of what it classifies follow its sensitivity.
    """
    require_vocabulary(actor)
    given = await asyncio.to_thread(read_classifier, text)

    async def work(unit: Unit) -> Row:
        before = await _hold(unit)
        there = before.definitions[given.spec.name].version if given.spec.name in before.definitions else 0
        if expected_version is not None and expected_version != there:
            raise Conflict(
                f"The classifier is at version {there}, not {expected_version}.",
                path=("expectedVersion",),
                remedy="Read it again and make your change to that.",
            )
        await _replace(unit, before, [given], removed=())
        return (await reads.by_names(unit.tx, [given.spec.name]))[given.spec.name]

    return await execute(graph, actor, "classifier.save", work, reason=reason)


async def compare(graph: GraphSession, actor: Principal, *, text: str, remove: bool = False) -> Difference:
    """What ``import_all`` would change; nothing is written. Raises as it does."""
    require_vocabulary(actor)
    given = await asyncio.to_thread(read_classifiers, text)
    before = Before.of(await reads.vocabulary(graph))
    difference = difference_of(before, given, remove)
    _bounded(before, difference)
    vocabulary, _ = await before.after(given, difference.removed, {})
    if opened := await _opened(graph, vocabulary.classifiers):
        raise _bound(opened)
    return difference


async def import_all(
    graph: GraphSession, actor: Principal, *, text: str, remove: bool = False, reason: str = ""
) -> Difference:
    """Save all classifiers in the documents of ``text``, or none; ``remove`` deletes those of one's own that are not among them.

    Raises as ``save`` and ``delete`` do.
    """
    require_vocabulary(actor)
    given = await asyncio.to_thread(read_classifiers, text)

    async def work(unit: Unit) -> Difference:
        before = await _hold(unit)
        difference = difference_of(before, given, remove)
        for name in difference.removed:
            await _deletable(unit, name, withdraw=False)
        await _replace(unit, before, given, removed=difference.removed)
        return difference

    return await execute(graph, actor, "classifier.import", work, reason=reason)


async def delete(
    graph: GraphSession, actor: Principal, *, name: str, withdraw: bool = False, reason: str = ""
) -> int:
    """Delete a classifier of one's own; returns how many verdicts went with it. Its versions are kept.

    ``withdraw`` makes its verdicts past ones, people's too. Raises ``NotFound``, and ``Conflict`` where it is built in, where
    others are narrower, or where there are verdicts and ``withdraw`` is not said.
    """
    require_vocabulary(actor)

    async def work(unit: Unit) -> int:
        before = await _hold(unit)
        if name not in before.definitions:
            if await governance.classifications_by_names(unit.tx, [name]):
                raise Conflict(f"{name} is built in.", path=("name",), remedy="Switch it off instead.")
            raise NotFound("classifier", name, path=("name",))
        await _deletable(unit, name, withdraw=withdraw)
        urns = await writes.withdraw(unit.tx, name=name, at=unit.at)
        await _replace(unit, before, [], removed=[name])
        await governance_writes.refresh_sensitivity(unit.tx, urns)
        unit.details["withdrawn"] = len(urns)
        return len(urns)

    return await execute(graph, actor, "classifier.delete", work, reason=reason)


async def set_enabled(
    graph: GraphSession, actor: Principal, *, name: str, enabled: bool, reason: str = ""
) -> None:
    """Whether a classification is given to what is judged from now on; what was given stays until then. Raises ``NotFound``."""
    require_vocabulary(actor)

    async def work(unit: Unit) -> None:
        await ensure_known(unit)
        before = await writes.set_enabled(unit.tx, name=name, enabled=enabled)
        if before is None:
            raise NotFound("classification", name, path=("name",))
        unit.subjects.append(f"classification:{name}")
        unit.details["before"] = before
        if before != enabled:
            now = Before.of(await reads.vocabulary(unit.tx))
            await _settle(unit, now.disabled, now.definitions.values())

    action = "classification.enable" if enabled else "classification.disable"
    await execute(graph, actor, action, work, reason=reason)


async def sync_vocabulary(graph: GraphSession) -> None:
    """Make the graph know the classifications that this version of the product brings, unless it does."""
    if (await reads.digests(graph))[1] == await asyncio.to_thread(_product):
        return

    async def work(unit: Unit) -> None:
        await ensure_known(unit)

    await execute(graph, SYSTEM, "classification.sync", work)


def documents(texts: Mapping[str, str]) -> str:
    """Classifiers by name as one text, as ``import_all`` takes it."""
    return "---\n".join(texts[name].rstrip("\n") + "\n" for name in sorted(texts))


async def shipped() -> dict[str, str]:
    """The texts of the classifiers that the product brings, by name."""
    from ml.classify.spec import texts

    return await asyncio.to_thread(texts)


def _bounded(before: Before, difference: Difference) -> None:
    if len(before.definitions) + len(difference.added) - len(difference.removed) > MOST_CLASSIFIERS:
        raise Conflict(
            f"There are at most {MOST_CLASSIFIERS} classifiers of one's own.",
            path=("yaml",),
            remedy="Delete some that nobody uses.",
        )


async def _hold(unit: Unit) -> Before:
    await writes.hold_vocabulary(unit.tx)
    return Before.of(await reads.vocabulary(unit.tx))


async def _replace(
    unit: Unit, before: Before, given: Sequence[ClassifierText], *, removed: Collection[str]
) -> None:
    """Save what is new in ``given`` and delete ``removed``; what is in force follows."""
    difference = difference_of(before, given, remove=False)
    _bounded(before, difference)
    new = [each for each in given if each.spec.name not in difference.unchanged]
    held = {
        each.spec.name: await writes.hold(unit.tx, name=each.spec.name, at=unit.at, by=unit.by)
        for each in new
    }
    versions = {name: int(row["version"]) + 1 for name, row in held.items()}
    unit.subjects += [f"classifier:{name}" for name in (*versions, *removed)]
    unit.details |= {"saved": versions, "deleted": sorted(removed)}
    if not new and not removed:
        return
    vocabulary, definitions = await before.after(new, removed, versions)
    for name in removed:
        await writes.delete(unit.tx, name=name)
    for each in new:
        name = each.spec.name
        await writes.save(unit.tx, name=name, version=versions[name], text=each.text, at=unit.at, by=unit.by)
    await writes.revive(unit.tx, list(versions))
    _, moved = await governance_writes.upsert_classifications(unit.tx, vocabulary.classifiers)
    if opened := await _opened(unit.tx, vocabulary.classifiers):
        raise _bound(opened)
    await _follow(unit, moved)
    await _settle(unit, before.disabled, definitions.values())


async def _settle(unit: Unit, disabled: Collection[str], definitions: Collection[Definition]) -> None:
    from ml.classify.composition import digest_of

    digest = digest_of(disabled, definitions)
    unit.details["digest"] = digest
    await writes.set_digest(unit.tx, digest, await asyncio.to_thread(_product))


async def ensure_known(unit: Unit) -> None:
    """Make sure that every classification in force has its node; a change of the vocabulary waits until the transaction ends."""
    from ml.classify.composition import composed, usable

    digest, product = await writes.hold_vocabulary(unit.tx)
    if product == (shipped := await asyncio.to_thread(_product)):
        return
    now = Before.of(await reads.vocabulary(unit.tx))
    own = await asyncio.to_thread(usable, list(now.definitions.values()))
    vocabulary = await asyncio.to_thread(composed, now.disabled, own)
    written, moved = await governance_writes.upsert_classifications(unit.tx, vocabulary.classifiers)
    unit.details["classifications"] = written
    # Nobody is asked when the product itself says otherwise: the audit trail has what is not bound any more.
    for name in (opened := await _opened(unit.tx, vocabulary.classifiers)):
        await masking_writes.bind_classification(unit.tx, name=name, purposes=())
    if opened:
        unit.details["unbound"] = opened
    await _follow(unit, moved)
    await writes.set_digest(unit.tx, digest, shipped)


async def _follow(unit: Unit, moved: Sequence[str]) -> None:
    """Let the levels of assets follow classifications that got another one: at once where those are few, else by the job of propagation."""
    if not moved:
        return
    keys = await governance_writes.bearers(unit.tx, moved)
    unit.details |= {"moved": list(moved), "assets": len(keys)}
    if len(keys) <= MOST_REFRESHED:
        await governance_writes.refresh_levels(unit.tx, keys)
    else:
        await propagation.mark_levels(unit.tx, keys, at=unit.at)


async def _opened(reader: reads.Reader, classifiers: Sequence[Classifier]) -> list[str]:
    """Those that are bound to purposes although profiles tell their values to everybody."""
    kinds = await masking.kinds(reader)
    low = {each.name for each in classifiers if each.sensitivity < Sensitivity.CONFIDENTIAL}
    return sorted(name for name in low & kinds.keys() if kinds[name].purposes)


def _bound(names: Sequence[str]) -> Conflict:
    return Conflict(
        f"{', '.join(names)}: bound to purposes, which takes CONFIDENTIAL or more.",
        path=("yaml",),
        remedy="Take the purposes away first (classificationPurposesSet with none, or `pursight masking bind NAME`), or keep the level.",
    )


async def _deletable(unit: Unit, name: str, *, withdraw: bool) -> None:
    count = await reads.verdict_count(unit.tx, name, bound=MOST_WITHDRAWN + 1)
    if count > (MOST_WITHDRAWN if withdraw else 0):
        more = f"more than {MOST_WITHDRAWN}" if count > MOST_WITHDRAWN else str(count)
        raise Conflict(
            f"{name} stands on {more} assets.",
            path=("name",),
            remedy="Switch it off and scan first."
            if withdraw
            else "Say that its verdicts are to be withdrawn, or switch it off instead.",
        )


def _product() -> str:
    from ml.classify.composition import product_digest

    return product_digest()


def require_vocabulary(actor: Principal) -> None:
    """Raise ``Forbidden`` unless ``actor`` may change what columns are called everywhere."""
    actor.require(Permission.CLASSIFY)
    if not actor.scope.is_everything:  # what a column is called decides who sees it, everywhere
        raise Forbidden(f"{Permission.CLASSIFY.value} in all domains and up to RESTRICTED")
