"""Applies the numbered migrations, forward only; each statement can be run again without harm."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from importlib.resources import files

from cypher.catalogue import load
from cypher.session import GraphSession
from schema.errors import Conflict
from schema.ports import Clock, SystemClock

_FILE = re.compile(r"V(\d{4})__(\w+)\.cypher")
_APPLIED = load("cypher.migrations", "applied")
_RECORD = load("cypher.migrations", "record")


@dataclass(frozen=True, slots=True)
class Step:
    """One migration file."""

    version: int
    name: str
    statements: tuple[str, ...]
    checksum: str


def steps() -> list[Step]:
    """All migrations in order."""
    found = []
    for path in files("cypher.migrations").iterdir():
        if match := _FILE.fullmatch(path.name):
            text = path.read_text("utf-8")
            body = "\n".join(line for line in text.splitlines() if not line.startswith("//"))
            statements = tuple(s.strip() for s in re.split(r";\s*(?:\n|$)", body) if s.strip())
            found.append(Step(int(match[1]), match[2], statements, hashlib.sha256(text.encode()).hexdigest()))
    return sorted(found, key=lambda step: step.version)


async def pending(graph: GraphSession) -> list[Step]:
    """Migrations the database has not seen; raise ``Conflict`` where an applied file was edited since."""
    applied = {row["version"]: row["checksum"] for row in await graph.rows(_APPLIED)}
    for step in steps():
        if step.version in applied and applied[step.version] != step.checksum:
            raise Conflict(
                f"Migration V{step.version:04} was applied in another wording.",
                remedy="Restore the released file; put changes into a new migration.",
            )
    return [step for step in steps() if step.version not in applied]


async def migrate(graph: GraphSession, clock: Clock | None = None) -> list[str]:
    """Apply what is pending and wait until all indexes are online; return the names of what was applied."""
    done = []
    for step in await pending(graph):
        for statement in step.statements:
            await graph.schema_statement(f"CYPHER 25 {statement}")
        at = (clock or SystemClock()).now().isoformat()

        async def record(tx: object, step: Step = step, at: str = at) -> None:
            await tx.rows(_RECORD, version=step.version, name=step.name, checksum=step.checksum, at=at)  # type: ignore[attr-defined]

        await graph.write("migrations.record", record)
        done.append(f"V{step.version:04}__{step.name}")
    if done:
        await graph.schema_statement("CALL db.awaitIndexes(300)")
    return done
