"""Commands on credentials of sources: another secret takes the place of one only after the source took it; when they expire."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import datetime
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr

from cypher.health import writes
from cypher.scanning import reads
from cypher.session import GraphSession
from ingest.commands.health import Checked, note
from ingest.commands.sources import open_source
from ingest.commands.unit import Unit, execute
from ingest.connectors.base import CheckReport, connector_class, parse_config
from ingest.secrets import LocalSecretStore, reference_kind, seal_config, unsealed
from schema.domain.credentials import SecretField, SecretKind
from schema.domain.identity import Permission, Principal
from schema.domain.platforms import canonical_namespace
from schema.domain.sources import source_urn
from schema.domain.time import stored
from schema.errors import Conflict, InvalidInput, NotFound
from schema.ports import Clock, SystemClock
from schema.settings import Settings, settings

_CLOCK = SystemClock()
_KINDS = {"env": SecretKind.ENVIRONMENT, "file": SecretKind.FILE, "vault": SecretKind.VAULT}
_LONGEST = 64 * 1024


def secret_fields(connector: str, stored_config: Mapping[str, Any]) -> list[SecretField]:
    """The secrets of a stored configuration: names, where each is, and references, which are no secrets."""
    found = []
    for name in _secret_names(connector):
        value = stored_config.get(name)
        if isinstance(value, Mapping) and "sealed" in value:
            found.append(SecretField(name, SecretKind.SEALED))
        elif isinstance(value, str) and (kind := reference_kind(value)):
            found.append(SecretField(name, _KINDS[kind], value))
    return found


def _secret_names(connector: str) -> list[str]:
    model: type[BaseModel] = connector_class(connector).Config
    return [name for name, field in model.model_fields.items() if _is_secret(field.annotation)]


def _is_secret(annotation: Any) -> bool:
    if get_origin(annotation) in (Union, UnionType):
        return any(_is_secret(each) for each in get_args(annotation))
    return isinstance(annotation, type) and issubclass(annotation, SecretStr)


async def rotate(
    graph: GraphSession,
    actor: Principal,
    *,
    source: str,
    secrets: Mapping[str, str],
    expires_at: datetime | None = None,
    reason: str = "",
    config: Settings | None = None,
    clock: Clock = _CLOCK,
) -> CheckReport:
    """Put other secrets, by the names of their settings, in the place of those of a source, once a connection with them worked.

    Until then, and where it does not work, the old ones stay. Tasks that waited for the source to answer go on. Raises ``NotFound``,
    ``InvalidInput``, ``ConnectionFailed``, and ``Conflict`` where the secrets lead elsewhere or somebody else changed the source meanwhile.
    """
    actor.require(Permission.SCAN)
    config = config or settings()
    _ahead(expires_at, clock)
    urn = str(source_urn(source))
    row = await reads.source(graph, urn)
    if row is None:
        raise NotFound("source", source, path=("source",))
    store = LocalSecretStore(config.data_dir)
    _accept(row["connector"], secrets)
    kept = {name: value for name, value in json.loads(row["config"]).items() if name not in secrets}
    given = {**unsealed(kept, store), **secrets}  # the old secret may be one that cannot be opened any more
    sealed = seal_config(parse_config(row["connector"], given), store)
    for name, value in secrets.items():
        if (
            unsealed(sealed.get(name), store) != value
        ):  # as of a URL, which is taken apart beside what is known already
            raise InvalidInput(
                f"The secret {name} cannot be rotated as a whole.",
                path=("secrets",),
                remedy="Give the fields one by one, such as the password.",
            )

    def attempt() -> tuple[CheckReport, str, str]:
        connector = open_source(row["connector"], sealed, config)
        try:
            return connector.check(), canonical_namespace(connector.namespace), connector.root
        finally:
            connector.close()

    report, namespace, root = await asyncio.to_thread(attempt)
    if (namespace, root) != (row["namespace"], row.get("root") or ""):
        raise Conflict(
            "The new secrets lead to another instance.",
            path=("secrets",),
            remedy="Rotate what signs in; register another instance as a source of its own.",
        )
    kinds = {field.name: field.kind.value for field in secret_fields(row["connector"], sealed)}

    async def work(unit: Unit) -> None:
        swapped = await writes.swap_config(unit.tx, urn=urn, before=row["config"], config=json.dumps(sealed))
        if not swapped:
            raise Conflict(
                "The source was changed meanwhile.",
                path=("source",),
                remedy="Look at it, and rotate again where that is still needed.",
            )
        props = {
            "credential_expires_at": None if expires_at is None else stored(expires_at),
            "credential_rotated_at": unit.at,
            "credential_rotated_by": unit.by,
        }
        await writes.change(unit.tx, urn=urn, props=props)
        unit.subjects.append(urn)
        await note(unit, urn, Checked(report.latency_ms), config=config)
        unit.details |= {
            "secrets": {name: kinds.get(name, "NONE") for name in sorted(secrets)},
            "expires_at": props["credential_expires_at"],
        }

    await execute(graph, actor, "source.credential_rotate", work, reason=reason, clock=clock)
    return report


async def set_expiry(
    graph: GraphSession,
    actor: Principal,
    *,
    source: str,
    expires_at: datetime | None,
    reason: str = "",
    config: Settings | None = None,
    clock: Clock = _CLOCK,
) -> None:
    """Say until when the credential of a source is valid; None where it does not end. Raises ``NotFound``."""
    actor.require(Permission.SCAN)
    config = config or settings()
    urn = str(source_urn(source))
    until = None if expires_at is None else stored(expires_at)

    async def work(unit: Unit) -> None:
        if await writes.hold(unit.tx, urn=urn) is None:
            raise NotFound("source", source, path=("source",))
        await writes.change(unit.tx, urn=urn, props={"credential_expires_at": until})
        unit.subjects.append(urn)
        unit.details["expires_at"] = until
        await note(unit, urn, None, config=config, schedule=False)

    await execute(graph, actor, "source.credential_expiry", work, reason=reason, clock=clock)


def _accept(connector: str, secrets: Mapping[str, str]) -> None:
    known = _secret_names(connector)
    if not secrets:
        raise InvalidInput(
            "No secret was given.", path=("secrets",), remedy=f"Give one of {', '.join(known)}."
        )
    for name, value in secrets.items():
        if name not in known:
            raise InvalidInput(
                f"{name[:80]} is no secret of this connector.",
                path=("secrets",),
                remedy=f"Use {', '.join(known)}." if known else "Sources of this kind have none.",
            )
        if not value or len(value) > _LONGEST:
            raise InvalidInput(
                f"The secret {name} is empty or too long.",
                path=("secrets",),
                remedy=f"Give 1 to {_LONGEST} characters, or a reference.",
            )


def _ahead(expires_at: datetime | None, clock: Clock) -> None:
    if expires_at is not None and stored(expires_at) <= stored(clock.now()):
        raise InvalidInput(
            "The new credential would have expired already.",
            path=("expiresAt",),
            remedy="Give a time to come, or none.",
        )
