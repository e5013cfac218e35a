"""Where the two servers of this installation are: as the settings say, else as the embedded stack runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from graph_api.stack.process import LOOPBACK, ProcessRecord, password, record_path
from schema.errors import StackError
from schema.settings import Settings

if TYPE_CHECKING:
    from cypher.session import GraphSession


@dataclass(frozen=True, slots=True)
class Addresses:
    """What a process needs to reach Neo4j and Redis; secrets stay out of its repr."""

    neo4j_uri: str
    neo4j_user: str
    neo4j_password: str = field(repr=False)
    neo4j_database: str
    redis_url: str = field(repr=False)


def addresses(settings: Settings) -> Addresses:
    """Raises StackError when a server is neither given by the settings nor running in the data folder."""
    uri, user, secret = settings.neo4j_uri, settings.neo4j_user, settings.neo4j_password.get_secret_value()
    database, redis_url = settings.neo4j_database, settings.redis_url.get_secret_value()
    if not uri:
        uri, user, database = f"bolt://{LOOPBACK}:{_port(settings, 'neo4j')}", "neo4j", "neo4j"
        secret = password(settings.data_dir, "neo4j")
    if not redis_url:
        redis_url = f"redis://:{password(settings.data_dir, 'redis')}@{LOOPBACK}:{_port(settings, 'redis')}/0"
    return Addresses(uri, user, secret, database, redis_url)


def connect(settings: Settings, *, yields_s: float = 0.0) -> GraphSession:
    """The graph of this installation; connects at first use. Raises StackError as ``addresses`` does.

    ``yields_s`` as for ``open_graph``.
    """
    from cypher.session import open_graph

    where = addresses(settings)
    return open_graph(
        where.neo4j_uri,
        where.neo4j_user,
        where.neo4j_password,
        database=where.neo4j_database,
        settings=settings,
        yields_s=yields_s,
    )


def _port(settings: Settings, name: str) -> int:
    record = ProcessRecord.read(record_path(settings.data_dir, name))
    if record is None or record.process() is None:
        given = {"neo4j": "NEO4J_URI", "redis": "REDIS_URL"}[name]
        raise StackError(
            f"No {name} runs in {settings.data_dir}.",
            remedy=f"`pursight up` starts one; or set {given} to a server of your own.",
        )
    return record.port
