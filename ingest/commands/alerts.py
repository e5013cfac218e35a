"""Commands on channels of alerts, and what workers do for them: spreading events, taking and settling deliveries, emptying the outbox.

Like those on tasks of runs, the moves of a delivery have no audit events; that one is given up has.
"""

from __future__ import annotations

import asyncio
import json
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cypher.alerts import reads, writes
from cypher.session import GraphSession, Transaction
from ingest.alerts.channels import WebhookConfig, check, parse_channel, send
from ingest.alerts.messages import test_message
from ingest.commands.unit import Unit, execute
from ingest.connectors.base import ConnectorConfig
from ingest.network import NetworkPolicy
from ingest.secrets import LocalSecretStore, open_config, seal_config
from ingest.vault import vault_of
from schema.domain.alerts import TOPICS, ChannelKind, ChannelSpec, DeliveryState, heard
from schema.domain.identity import SYSTEM, Permission, Principal, Scope
from schema.domain.time import stored
from schema.errors import ConnectionFailed, InvalidInput, NotFound
from schema.ids import new_key
from schema.ports import Clock, SystemClock
from schema.settings import Settings, settings

LEASE_MS = 60_000
SEND_S = 30.0
"""How long one try may take; less than the lease, so that nobody else begins one meanwhile."""

_NAME = re.compile(r"[^\x00-\x1f]{1,100}")
_AT_ONCE = 10
_MOST_GLOBS = 50
_CLOCK = SystemClock()


@dataclass(frozen=True, slots=True)
class Taken:
    """A channel and deliveries of it that this worker has until their lease ends."""

    channel: Mapping[str, Any]
    deliveries: Sequence[Mapping[str, Any]]


async def set_channel(
    graph: GraphSession, actor: Principal, spec: ChannelSpec, *, config: Settings | None = None
) -> tuple[dict[str, Any], str | None]:
    """Make a channel, or set the one of this name anew, all of it; returns it, and the signing secret that was made for it.

    A new channel, and one that was paused, begins with what happens from now on. The secret cannot be read again. Raises
    ``InvalidInput``, and ``ConnectionFailed`` where the channel may not reach its server.
    """
    actor.require(Permission.ADMIN)
    config = config or settings()
    _accept(spec, actor.scope)
    parsed = parse_channel(spec.kind, spec.config)
    store = LocalSecretStore(config.data_dir)
    made = None
    if isinstance(parsed, WebhookConfig) and "secret" not in parsed.model_fields_set:
        made = parsed.secret.get_secret_value()
        parsed = parse_channel(spec.kind, {**spec.config, "secret": made})
    sealed = json.dumps(seal_config(parsed, store))
    await asyncio.to_thread(lambda: check(_opened(spec.kind, sealed, config), NetworkPolicy.of(config)))
    props = {
        "kind": spec.kind.value,
        "config": sealed,
        "topics": list(spec.topics),
        "at_least": spec.at_least.value,
        "clearance": spec.scope.clearance,
        "domains": None if spec.scope.domains is None else list(spec.scope.domains),
        "paused": spec.paused,
    }
    ident, key = str(uuid.uuid4()), new_key()

    async def work(unit: Unit) -> dict[str, Any]:
        row = await writes.save_channel(
            unit.tx, name=spec.name, ident=ident, key=key, props=props, at=unit.at, by=unit.by
        )
        unit.subjects.append(row["id"])
        unit.details |= {name: value for name, value in props.items() if name != "config"}
        unit.details["name"] = spec.name
        return row

    return await execute(graph, actor, "alert.channel_set", work), made


async def remove_channel(graph: GraphSession, actor: Principal, *, name: str, reason: str = "") -> None:
    """Forget a channel and what it has yet to be told of; raises ``NotFound``."""
    actor.require(Permission.ADMIN)

    async def work(unit: Unit) -> None:
        ident = await writes.remove_channel(unit.tx, name=name)
        if ident is None:
            raise NotFound("channel", name, path=("name",))
        unit.subjects.append(ident)
        unit.details["name"] = name

    await execute(graph, actor, "alert.channel_remove", work, reason=reason)


async def try_channel(
    graph: GraphSession,
    actor: Principal,
    *,
    name: str,
    config: Settings | None = None,
    clock: Clock = _CLOCK,
) -> None:
    """Tell a channel at once that this is a test, also while it is paused; raises ``NotFound`` or ``ConnectionFailed``."""
    actor.require(Permission.ADMIN)
    config = config or settings()
    row = next((each for each in await reads.channels(graph) if each["name"] == name), None)
    if row is None:
        raise NotFound("channel", name, path=("name",))
    failure: ConnectionFailed | None = None
    ident = str(uuid.uuid4())
    opened = _opened(ChannelKind(row["kind"]), row["config"], config)
    try:
        async with asyncio.timeout(SEND_S):
            message = test_message(stored(clock.now()), ident)
            await send(opened, message, key=f"{row['id']}:{ident}", policy=NetworkPolicy.of(config))
    except TimeoutError:
        failure = late()
    except ConnectionFailed as error:
        failure = error

    async def work(unit: Unit) -> None:
        unit.subjects.append(row["id"])
        unit.details |= {"name": name, "cause": failure.cause if failure else "OK"}

    await execute(graph, actor, "alert.channel_test", work)
    if failure is not None:
        raise failure


def late() -> ConnectionFailed:
    """What a try that took too long failed by."""
    return ConnectionFailed(
        "TIMEOUT", f"Sending took longer than {SEND_S:g} s.", "Look at the server that receives it."
    )


def opened_channel(channel: Mapping[str, Any], config: Settings) -> ConnectorConfig:
    """The settings of a stored channel with its secrets open; raises ``InvalidInput`` where they cannot be had."""
    return _opened(ChannelKind(channel["kind"]), channel["config"], config)


def scope_of(channel: Mapping[str, Any]) -> Scope:
    """What the readers of a channel may know of."""
    domains = channel.get("domains")
    return Scope(channel["clearance"], None if domains is None else tuple(domains))


async def spread(
    graph: GraphSession,
    *,
    channel: str,
    before: Sequence[int],
    after: Sequence[int],
    deliveries: Sequence[Mapping[str, Any]],
) -> bool:
    """Move a channel from one place in the outbox to another with what it is to be told; False where another worker did."""

    async def work(tx: Transaction) -> bool:
        return await writes.spread(tx, ident=channel, before=before, after=after, deliveries=deliveries)

    return await graph.write("alert.spread", work)


async def claim(graph: GraphSession, *, channel: str) -> Taken | None:
    """Take deliveries of a channel that are due."""

    async def work(tx: Transaction) -> tuple[dict[str, Any], list[dict[str, Any]]] | None:
        return await writes.claim(tx, ident=channel, lease_ms=LEASE_MS, first=_AT_ONCE)

    found = await graph.write("alert.claim", work)
    return Taken(*found) if found else None


async def settle(
    graph: GraphSession,
    delivery: Mapping[str, Any],
    state: DeliveryState,
    *,
    error: str | None = None,
    wait_s: float | None = None,
    clock: Clock = _CLOCK,
) -> bool:
    """Say how a try ended; PENDING with the time until the next one. False where another worker took it meanwhile."""
    wait_ms = None if wait_s is None else int(wait_s * 1_000)

    async def work(tx: Transaction) -> bool:
        return await writes.settle(
            tx,
            ident=delivery["id"],
            tries=delivery["tries"],
            state=state,
            error=error,
            wait_ms=wait_ms,
            at=stored(clock.now()),
        )

    return await graph.write("alert.settle", work)


async def give_up(
    graph: GraphSession, channel: Mapping[str, Any], delivery: Mapping[str, Any], error: str
) -> None:
    """Try a delivery no more, on record."""

    async def work(unit: Unit) -> None:
        applied = await writes.settle(
            unit.tx,
            ident=delivery["id"],
            tries=delivery["tries"],
            state=DeliveryState.FAILED,
            error=error,
            wait_ms=None,
            at=unit.at,
        )
        unit.subjects += [channel["id"], delivery["id"]]
        unit.details |= {"name": channel["name"], "topic": delivery["topic"], "tries": delivery["tries"]}
        unit.details |= {"cause": error, "applied": applied}

    await execute(graph, SYSTEM, "alert.give_up", work)


async def prune(graph: GraphSession, *, before: str, first: int) -> int:
    """Remove some of the messages and deliveries that are older than a time and that nobody waits for; returns how many."""
    stretches = await reads.stale(graph, before=before, first=first)

    async def work(tx: Transaction) -> int:
        return await writes.prune(tx, stretches)

    async def forget(tx: Transaction) -> int:
        return await writes.forget_deliveries(tx, before=before, first=first)

    removed = await graph.write("alert.prune", work) if stretches else 0
    oldest = await reads.deliveries(graph, channel=None, states=None, key=None, backward=True, first=1)
    if oldest and oldest[0]["at"] < before:
        removed += await graph.write("alert.forget", forget)
    return removed


def _opened(kind: ChannelKind, sealed: str, config: Settings) -> ConnectorConfig:
    opened = open_config(
        json.loads(sealed),
        LocalSecretStore(config.data_dir),
        folders=config.local_files,
        vault=vault_of(config),
    )
    return parse_channel(kind, opened)


def _accept(spec: ChannelSpec, mine: Scope) -> None:
    """Raise ``InvalidInput`` on what no channel may be, or not one that this actor makes."""
    if not _NAME.fullmatch(spec.name):
        raise InvalidInput(
            "The name is empty or too long.", path=("name",), remedy="Use 1 to 100 printable characters."
        )
    if len(spec.topics) > _MOST_GLOBS or not heard(spec.topics, spec.at_least):
        raise InvalidInput(
            "No event is told to such a channel.",
            path=("topics",),
            remedy=f"Name topics or globs such as run.*, and a lower severity: {', '.join(TOPICS)}.",
        )
    if not 0 <= spec.scope.clearance <= mine.clearance:
        raise InvalidInput(
            "The clearance is above your own.", path=("clearance",), remedy="Give your own clearance or less."
        )
    wanted = spec.scope.domains
    if mine.domains is not None and (wanted is None or not set(wanted) <= set(mine.domains)):
        raise InvalidInput(
            "Some domains are not yours.", path=("domains",), remedy="Name domains of your own token."
        )
