"""Commands on sources: test a connection, register it. Nothing is stored before it worked, and no secret unsealed."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from cypher.scanning import reads, writes
from cypher.session import GraphSession
from ingest.commands.health import Checked, note
from ingest.commands.plans import plan_props, wake_held
from ingest.commands.unit import Unit, execute
from ingest.connectors.base import CheckReport, Connector, connector_class, open_connector, parse_config
from ingest.network import NetworkPolicy
from ingest.orchestration.rules import plan_of, plan_text
from ingest.rate_limit import RateLimiter
from ingest.secrets import LocalSecretStore, open_config, seal_config, unsealed
from ingest.vault import vault_of
from ml.text import name_tokens
from schema.domain.identity import Permission, Principal
from schema.domain.platforms import canonical_namespace, platform_of
from schema.domain.sources import SourceSpec, source_urn
from schema.errors import Conflict, ConnectionFailed, InvalidInput, NotFound, PursightError
from schema.settings import Settings, settings


def _store(config: Settings) -> LocalSecretStore:
    return LocalSecretStore(config.data_dir)


def open_source(
    connector: str,
    stored: Mapping[str, Any],
    config: Settings | None = None,
    limiter: RateLimiter | None = None,
) -> Connector:
    """A connector on a stored configuration: secrets opened, references resolved, now and not before."""
    config = config or settings()
    opened = open_config(stored, _store(config), folders=config.local_files, vault=vault_of(config))
    access = dataclasses.replace(NetworkPolicy.of(config), limiter=limiter)
    return open_connector(connector, opened, access=access)


def _checked(spec: SourceSpec, sealed: Mapping[str, Any], config: Settings) -> tuple[CheckReport, str, str]:
    connector = open_source(spec.connector, sealed, config)
    try:
        return connector.check(), connector.namespace, connector.root
    finally:
        connector.close()


def _sealed(spec: SourceSpec, config: Settings) -> dict[str, Any]:
    return seal_config(parse_config(spec.connector, spec.config), _store(config))


async def try_connection(
    actor: Principal, spec: SourceSpec, *, config: Settings | None = None
) -> CheckReport:
    """Try the connection of an unsaved source; raise ``ConnectionFailed`` with cause and remedy."""
    actor.require(Permission.SCAN)
    config = config or settings()
    report, _, _ = await asyncio.to_thread(_checked, spec, _sealed(spec, config), config)
    return report


async def register(
    graph: GraphSession,
    actor: Principal,
    spec: SourceSpec,
    *,
    replace: bool = False,
    config: Settings | None = None,
) -> CheckReport:
    """Test the connection, then save the source and its plan; what lineage mentioned of its namespace before moves under it.

    Raises ``ConnectionFailed``, ``InvalidInput``, or ``Conflict`` where the name or the namespace is taken.
    """
    actor.require(Permission.SCAN)
    config = config or settings()
    sealed = _sealed(spec, config)
    report, found, root = await asyncio.to_thread(_checked, spec, sealed, config)
    namespace = canonical_namespace(found)
    holder = (await reads.namespaces(graph)).at(namespace, root)
    if holder is not None and holder.name != spec.name:
        raise Conflict(
            f"The source {holder.name} already reads {namespace} {root}".strip() + ".",
            path=("config", "namespace"),
            remedy="Scan that source, or give this one a namespace of its own.",
        )
    props = {
        "name": spec.name,
        "name_lower": spec.name,
        "path": spec.name,
        "search_text": " ".join(name_tokens(spec.name)),
        "source": spec.name,
        "namespace": namespace,
        "root": root,
        "platform": platform_of(namespace).name,
        "connector": connector_class(spec.connector).kind,
        "config": json.dumps(sealed),
        "options": json.dumps(asdict(spec.options)),
        "comment": spec.description,
        "domain": spec.domain,
    }

    before = await reads.source(graph, str(spec.urn))
    planned = spec.plan if spec.plan != plan_of(before.get("plan") if before else None) else None

    async def work(unit: Unit) -> None:
        urn = str(spec.urn)
        at: dict[str, Any] = {}
        if planned is not None:
            now = datetime.fromisoformat(unit.at)
            at |= await plan_props(unit.tx, spec.name, planned, now)
            at |= {"plan": plan_text(planned), "plan_at": unit.at}
            unit.details["planned"] = True
        if not await writes.save_source(
            unit.tx, urn=urn, props=props | at, at=unit.at, by=unit.by, replace=replace
        ):
            raise Conflict(
                f"There is a source called {spec.name}.",
                path=("name",),
                remedy="Choose another name, or say that it should be replaced.",
            )
        if planned is not None:
            await wake_held(unit, urn)
        stub = str(source_urn(namespace))
        moved = (
            await writes.adopt_namespace(unit.tx, urn=urn, stub=stub, source=spec.name) if stub != urn else 0
        )
        unit.subjects.append(urn)
        await note(unit, urn, Checked(report.latency_ms), config=config)
        unit.details |= {"connector": spec.connector, "namespace": namespace, "adopted": moved}

    await execute(graph, actor, "source.register", work)
    return report


async def is_registered(graph: GraphSession, spec: SourceSpec, *, config: Settings | None = None) -> bool:
    """Whether the source is registered exactly as ``spec`` says, secrets included."""
    config = config or settings()
    stored = await reads.source(graph, str(spec.urn))
    if stored is None:
        return False
    store = _store(config)
    given = json.loads(json.dumps(_sealed(spec, config)))
    return (
        stored["connector"] == connector_class(spec.connector).kind
        and (stored["comment"], stored["domain"]) == (spec.description, spec.domain)
        and (spec.plan is None or plan_of(stored.get("plan")) == spec.plan)
        and json.loads(stored["options"]) == json.loads(json.dumps(asdict(spec.options)))
        and unsealed(json.loads(stored["config"]), store) == unsealed(given, store)
    )


async def check(
    graph: GraphSession, actor: Principal, name: str, *, config: Settings | None = None
) -> CheckReport:
    """Connect to a registered source again and record what was found; raise ``NotFound`` or ``ConnectionFailed``."""
    actor.require(Permission.SCAN)
    config = config or settings()
    urn = str(source_urn(name))
    stored = await reads.source(graph, urn)
    if stored is None:
        raise NotFound("source", name, path=("name",))

    def attempt() -> CheckReport:
        connector = open_source(stored["connector"], json.loads(stored["config"]), config)
        try:
            return connector.check()
        finally:
            connector.close()

    failure: PursightError | None = None
    report: CheckReport | None = None
    try:
        report = await asyncio.to_thread(attempt)
    except (ConnectionFailed, InvalidInput) as error:
        failure = error
    found = Checked(report.latency_ms if report else None, failure)

    async def work(unit: Unit) -> None:
        unit.subjects.append(urn)
        await note(unit, urn, found, config=config)
        unit.details["cause"] = found.cause or "OK"

    await execute(graph, actor, "source.check", work)
    if failure is not None:
        raise failure
    assert report is not None
    return report
