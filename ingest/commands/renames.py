"""The command by which a person says that a column is another one under a new name."""

from __future__ import annotations

from cypher.catalog import writes as catalog
from cypher.schemas import reads, writes
from cypher.session import GraphSession
from ingest.commands.review import write_decisions
from ingest.commands.unit import Unit, execute
from schema.domain.classifications import VerdictStatus
from schema.domain.identity import EVERYTHING, Permission, Principal
from schema.domain.review import Decision
from schema.errors import Conflict, InvalidInput, NotFound


async def confirm(graph: GraphSession, actor: Principal, *, old: str, new: str, reason: str = "") -> None:
    """Link the column ``old``, which went, to ``new``, and say of that what people said of the other.

    A description and verdicts of people are carried over where people said nothing of ``new`` itself; tags and owners are
    added. What sources and machines said is not: they speak of ``new`` themselves. Raises ``NotFound``, ``InvalidInput``
    where the two cannot be one column, ``Conflict`` where ``old`` is said to be another one.
    """
    actor.require(Permission.EDIT)
    actor.require(Permission.CLASSIFY)

    async def work(unit: Unit) -> None:
        row = await reads.rename(unit.tx, old, new, actor.scope)
        if row is None:
            raise NotFound("column", old, path=("from",))
        _check(row, old, new)
        carried = await _carry(unit, row, new)
        await writes.link_rename(
            unit.tx, old=old, new=new, owners=row["before"]["owners"], by=unit.by, at=unit.at
        )
        unit.subjects += [old, new]
        unit.details |= carried

    await execute(graph, actor, "column.rename", work, reason=reason)


def _check(row: reads.Row, old: str, new: str) -> None:
    if old == new or not row["same_dataset"]:
        raise InvalidInput(
            "These are not two columns of one dataset.", path=("to",), remedy="Name two columns of a dataset."
        )
    if row["before"]["status"] == "ACTIVE" or row["after"]["status"] != "ACTIVE":
        raise InvalidInput(
            "A column that was renamed is gone, and the other is there.",
            path=("from",),
            remedy="Name the column that went first.",
        )
    if row["renamed_to"] not in (None, new):
        raise Conflict(
            "The column is said to be another one.", path=("from",), remedy="See renamedTo of the column."
        )


async def _carry(unit: Unit, row: reads.Row, new: str) -> dict[str, int]:
    """What people said of the old column, said of the new one; how much of each.

    The first verdict may lift it above the actor's clearance, who saw it when he asked.
    """
    before, after, tx = row["before"], row["after"], unit.tx
    described = before["description"] is not None and after["description"] is None
    if described:
        await catalog.describe(
            tx,
            urn=new,
            description=before["description"],
            version=None,
            at=unit.at,
            by=unit.by,
            scope=EVERYTHING,
        )
    for tag in before["tags"]:
        await catalog.apply_tag(tx, urns=[new], tag=tag, by=unit.by, at=unit.at, scope=EVERYTHING)
    verdicts = [each for each in before["verdicts"] if each["name"] not in after["verdicts"]]
    decisions = [
        Decision(
            new,
            each["name"],
            VerdictStatus(each["status"]),
            f"Carried over from {before['name']}, where {each['by']} decided. {each['reason'] or ''}".strip(),
        )
        for each in verdicts
    ]
    if decisions:
        await write_decisions(unit, decisions)
    return {
        "descriptions": int(described),
        "tags": len(before["tags"]),
        "owners": len(before["owners"]),
        "verdicts": len(verdicts),
    }
