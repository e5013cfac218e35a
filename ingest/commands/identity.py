"""Commands on API tokens. A token is shown once, when it is made; the graph keeps its hash."""

from __future__ import annotations

import hashlib
import re
import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime

from cypher.identity import writes
from cypher.session import GraphSession
from ingest.commands.unit import Unit, execute
from schema.domain.identity import EVERYTHING, SYSTEM, Permission, Principal, Role, Scope
from schema.domain.masking import checked_purposes
from schema.errors import Conflict, InvalidInput, NotFound
from schema.ids import new_key

BOOTSTRAP = "bootstrap"
_PREFIX = "pst_"
_NAME = re.compile(r"[^\x00-\x1f]{1,100}")


def token_hash(token: str) -> str:
    """SHA-256 of a token, as hex. The token carries 256 random bits, so a slow hash would protect nothing."""
    return hashlib.sha256(token.encode()).hexdigest()


async def create_token(
    graph: GraphSession,
    actor: Principal,
    *,
    name: str,
    role: Role,
    scope: Scope,
    purposes: Sequence[str] = (),
    expires_at: datetime | None = None,
    ident: str | None = None,
) -> tuple[str, str]:
    """Make a token and return its id and its text; the text cannot be read again. Raises ``Conflict`` where ``ident`` is taken."""
    actor.require(Permission.ADMIN)
    if not _NAME.fullmatch(name):
        raise InvalidInput(
            "The name is empty or too long.", path=("name",), remedy="Use 1 to 100 printable characters."
        )
    if not 0 <= scope.clearance <= 4:
        raise InvalidInput("The clearance is out of range.", path=("clearance",), remedy="Use 0 to 4.")
    wanted = checked_purposes(purposes)
    ident, token = ident or str(uuid.uuid4()), _PREFIX + secrets.token_urlsafe(32)

    async def work(unit: Unit) -> None:
        made = await writes.create_token(
            unit.tx,
            {
                "id": ident,
                "key": new_key(),
                "hash": token_hash(token),
                "name": name,
                "role": role.value,
                "clearance": scope.clearance,
                "domains": None if scope.domains is None else list(scope.domains),
                "purposes": list(wanted),
                "created_at": unit.at,
                "created_by": actor.id,
                "expires_at": expires_at.isoformat() if expires_at else None,
            },
        )
        if not made:
            raise Conflict("There is a token with this id.", path=("id",), remedy="Choose another id.")
        unit.subjects.append(ident)
        unit.details |= {"name": name, "role": role.value, "clearance": scope.clearance}
        unit.details["purposes"] = list(wanted)

    await execute(graph, actor, "token.create", work)
    return ident, token


async def create_bootstrap_token(graph: GraphSession) -> str | None:
    """An installation's first administrator's token; None ever after, also when that one was revoked."""
    try:
        _, token = await create_token(
            graph, SYSTEM, name=BOOTSTRAP, role=Role.ADMIN, scope=EVERYTHING, ident=BOOTSTRAP
        )
    except Conflict:
        return None
    return token


async def revoke_token(graph: GraphSession, actor: Principal, *, ident: str) -> None:
    """Revoke a token at once; raise ``NotFound`` where there is no such one."""
    actor.require(Permission.ADMIN)

    async def work(unit: Unit) -> None:
        if not await writes.revoke_token(unit.tx, ident=ident, at=unit.at):
            raise NotFound("token", ident, path=("id",))
        unit.subjects.append(ident)

    await execute(graph, actor, "token.revoke", work)
