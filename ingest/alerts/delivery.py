"""What a worker does for alerts every few seconds: events become deliveries, deliveries are sent, old messages go.

Each step is safe beside other workers that do the same: a channel is moved by whoever finds it where he read it, a delivery is sent by whoever
holds its lease. A worker that dies between sending and saying so leaves a delivery that is sent again, with the same key.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import structlog

from cypher.alerts import reads
from cypher.session import GraphSession
from ingest.alerts.channels import send
from ingest.alerts.messages import messages
from ingest.commands import alerts
from ingest.connectors.base import ConnectorConfig
from ingest.network import NetworkPolicy
from schema.domain.alerts import RETRY, DeliveryState, Message, heard, subject_of
from schema.domain.retries import wait_before
from schema.domain.scans import Severity
from schema.domain.time import stored
from schema.errors import ConnectionFailed, InvalidInput, PursightError
from schema.ports import Clock, SystemClock
from schema.settings import Settings

_CLOCK = SystemClock()
_STRETCH = 200  # places of each lane that are looked at in one go
_MOST_STRETCHES = 20
_PRUNED_AT_ONCE = 500
_log = structlog.get_logger("pursight.alerts")


async def tend(graph: GraphSession, config: Settings, *, clock: Clock = _CLOCK) -> None:
    """Spread, send and prune; never fails, since the next sweep does what this one could not."""
    try:
        await spread(graph, config)
        await deliver(graph, config)
        await prune(graph, config, clock=clock)
    except PursightError as error:
        _log.warning("alerts were not tended", code=error.code)


async def spread(graph: GraphSession, config: Settings) -> int:
    """Make a delivery of each event for each channel that is to be told of it; returns how many."""
    heads, channels = await reads.standing(graph)
    made = 0
    for channel in channels:
        cursor = channel["cursor"]
        for _ in range(_MOST_STRETCHES):
            if cursor == heads:
                break
            after = [min(head, at + _STRETCH) for at, head in zip(cursor, heads, strict=True)]
            found = await _events(graph, channel, cursor, after, config)
            if not await alerts.spread(
                graph, channel=channel["id"], before=cursor, after=after, deliveries=found
            ):
                break
            made, cursor = made + len(found), after
    return made


async def _events(
    graph: GraphSession,
    channel: Mapping[str, Any],
    before: Sequence[int],
    after: Sequence[int],
    config: Settings,
) -> list[dict[str, Any]]:
    stretches = [
        (lane, old, new) for lane, (old, new) in enumerate(zip(before, after, strict=True)) if old < new
    ]
    topics = heard(channel["topics"], Severity(channel["at_least"]))
    rows = [_delivery(channel["id"], row) for row in await reads.events(graph, stretches, topics)]
    if not rows:
        return []
    told = await messages(graph, rows, alerts.scope_of(channel), public_url=config.public_url)
    return [row for row in rows if row["event"] in told]


def _delivery(channel: str, row: Mapping[str, Any]) -> dict[str, Any]:
    payload = json.loads(row["payload"])
    return {
        "id": f"{channel}:{row['id']}",
        "event": row["id"],
        "topic": row["topic"],
        "at": row["at"],
        "subject": subject_of(row["topic"], payload),
        "until": payload.get("until"),
        "text": payload.get("text"),
    }


async def deliver(graph: GraphSession, config: Settings) -> None:
    """Send what is due, some of each channel side by side; a slow server of one holds up no other."""
    _, channels = await reads.standing(graph)
    due = [channel["id"] for channel in channels if channel["due"]]
    await asyncio.gather(*(_deliver(graph, channel, config) for channel in due))


async def _deliver(graph: GraphSession, channel: str, config: Settings) -> None:
    taken = await alerts.claim(graph, channel=channel)
    if taken is None or not taken.deliveries:
        return
    # Once more: what was within the channel's scope when it happened may not be any longer.
    told = await messages(
        graph, taken.deliveries, alerts.scope_of(taken.channel), public_url=config.public_url
    )
    try:
        opened = await asyncio.to_thread(alerts.opened_channel, taken.channel, config)
    except InvalidInput as error:
        for each in taken.deliveries:
            await _failed(graph, taken.channel, each, error.code)
        return
    await asyncio.gather(
        *(
            _try(graph, taken.channel, each, told.get(each["event"]), opened, config)
            for each in taken.deliveries
        )
    )


async def _try(
    graph: GraphSession,
    channel: Mapping[str, Any],
    delivery: Mapping[str, Any],
    message: Message | None,
    opened: ConnectorConfig,
    config: Settings,
) -> None:
    if message is None:
        await alerts.settle(graph, delivery, DeliveryState.WITHHELD)
        return
    if delivery["tries"] > RETRY.tries:  # the worker of the last try died
        await alerts.give_up(graph, channel, delivery, delivery.get("error") or "INTERRUPTED")
        return
    try:
        async with asyncio.timeout(alerts.SEND_S):
            await send(opened, message, key=delivery["id"], policy=NetworkPolicy.of(config))
    except TimeoutError:
        await _failed(graph, channel, delivery, alerts.late().cause)
    except ConnectionFailed as error:
        await _failed(graph, channel, delivery, error.cause)
    else:
        await alerts.settle(graph, delivery, DeliveryState.SENT)


async def _failed(
    graph: GraphSession, channel: Mapping[str, Any], delivery: Mapping[str, Any], error: str
) -> None:
    if delivery["tries"] >= RETRY.tries:
        _log.warning("a delivery was given up", channel=channel["name"], delivery=delivery["id"], cause=error)
        await alerts.give_up(graph, channel, delivery, error)
        return
    wait_s = wait_before(RETRY, delivery["tries"] + 1, seed=delivery["id"])
    await alerts.settle(graph, delivery, DeliveryState.PENDING, error=error, wait_s=wait_s)


async def prune(graph: GraphSession, config: Settings, *, clock: Clock = _CLOCK) -> int:
    """Remove some of what is older than the settings say; returns how much."""
    before = stored(clock.now() - timedelta(days=config.outbox_retention_days))
    return await alerts.prune(graph, before=before, first=_PRUNED_AT_ONCE)
