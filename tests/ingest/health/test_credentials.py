"""Secrets are rotated on a real PostgreSQL: the old one stays until the source took the new one, and none is ever shown.

References to Vault are read from a stand-in that speaks its HTTP shapes (``tests.vaults``).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg import sql
from pydantic import SecretStr

from cypher.catalogue import Query
from cypher.runs import reads as runs
from cypher.session import GraphSession
from ingest.commands import credentials, scans, sources
from ingest.health.checking import Checker
from ingest.progress import Progressor
from ingest.secrets import LocalSecretStore
from ingest.worker import worker
from schema.domain.identity import EVERYTHING, Principal, Role, Scope
from schema.domain.sources import ScanOptions, SourceSpec
from schema.errors import Conflict, ConnectionFailed, Forbidden, InvalidInput, NotFound
from schema.settings import Settings
from tests.conftest import Neo4jAddress
from tests.graph_api.cli.installation import Installation
from tests.servers import Server, postgres_server, server_folder
from tests.vaults import vault_server

OLD, NEW, THIRD = "canary-old-1", "canary-new-2", "canary-third-3"
EVERYTHING_KEPT = Query(
    "test.all",
    "CYPHER 25 MATCH (n) WHERE n:Source OR n:AuditEvent OR n:OutboxEvent OR n:HealthCheck RETURN properties(n) AS n",
    "read",
    frozenset(),
    (),
    1000,
)
SOURCE = Query(
    "test.source", "CYPHER 25 MATCH (s:Source {name: 'shop'}) RETURN properties(s) AS s", "read", frozenset(), (), 1000
)  # fmt: skip
HELD = Query(
    "test.held", "CYPHER 25 MATCH (t:RunTask) RETURN t.held AS held, t.state AS state", "read", frozenset(), (), 1000
)  # fmt: skip


@pytest.fixture(scope="module")
def postgres() -> Iterator[Server]:
    with server_folder() as folder, postgres_server(folder) as server:
        statement(server, sql.SQL("CREATE ROLE reader LOGIN"))
        yield server


def statement(server: Server, text: sql.Composable) -> None:
    with psycopg.connect(
        host=server.host, port=server.port, user=server.user, password=server.password, dbname="postgres", autocommit=True
    ) as connection:  # fmt: skip
        connection.execute(text)


def password(server: Server, secret: str) -> None:
    statement(server, sql.SQL("ALTER ROLE reader PASSWORD {}").format(sql.Literal(secret)))


@pytest.fixture
async def shop(graph: GraphSession, admin: Principal, config: Settings, postgres: Server) -> GraphSession:
    password(postgres, OLD)
    given = {
        "host": postgres.host,
        "port": postgres.port,
        "user": "reader",
        "password": OLD,
        "database": "postgres",
    }
    spec = SourceSpec("shop", "postgres", given, options=ScanOptions(embed=False, usage=False, sample_rows=0))
    await sources.register(graph, admin, spec, config=config)
    return graph


async def source(graph: GraphSession) -> dict[str, Any]:
    row = await graph.one(SOURCE)
    assert row is not None
    return row["s"]  # type: ignore[no-any-return]


def sealed(row: dict[str, Any], config: Settings) -> str:
    return LocalSecretStore(config.data_dir).open(json.loads(row["config"])["password"]["sealed"])


async def test_a_secret_that_the_source_refuses_leaves_the_old_one_in_place(
    shop: GraphSession, admin: Principal, config: Settings
) -> None:
    before = await source(shop)
    with pytest.raises(ConnectionFailed) as refused:
        await credentials.rotate(shop, admin, source="shop", secrets={"password": NEW}, config=config)

    assert refused.value.cause == "CREDENTIALS"
    assert (await source(shop))["config"] == before["config"]
    assert sealed(before, config) == OLD


async def test_a_secret_that_works_takes_its_place_with_one_audit_event_and_is_kept_sealed_alone(
    shop: GraphSession, admin: Principal, config: Settings, postgres: Server
) -> None:
    password(postgres, NEW)
    until = datetime.now(UTC) + timedelta(days=90)
    await credentials.rotate(
        shop, admin, source="shop", secrets={"password": NEW}, expires_at=until, reason="quarterly", config=config
    )  # fmt: skip

    row = await source(shop)
    assert sealed(row, config) == NEW
    assert datetime.fromisoformat(row["credential_expires_at"]) == until
    assert row["credential_rotated_by"] == admin.id
    kept = [each["n"] for each in await shop.rows(EVERYTHING_KEPT)]
    events = [each for each in kept if each.get("action") == "source.credential_rotate"]
    assert [(each["reason"], each["actor"]) for each in events] == [("quarterly", admin.id)]
    assert json.loads(events[0]["details"])["secrets"] == {"password": "SEALED"}
    assert not [each for each in kept if OLD in str(each) or NEW in str(each)]
    await sources.check(shop, admin, "shop", config=config)


async def test_a_secret_whose_key_was_lost_can_be_replaced(
    shop: GraphSession, admin: Principal, config: Settings
) -> None:
    (config.data_dir / "secrets.key").unlink()
    with pytest.raises(InvalidInput):
        await sources.check(shop, admin, "shop", config=config)
    assert (await source(shop))["check_cause"] == "CREDENTIALS"
    await credentials.rotate(shop, admin, source="shop", secrets={"password": OLD}, config=config)
    assert (await source(shop))["check_ok"] is True


async def test_who_changed_the_source_meanwhile_is_not_overwritten(
    shop: GraphSession, admin: Principal, config: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = credentials.execute

    async def overtaken(*given: Any, **named: Any) -> Any:
        await shop.schema_statement("MATCH (s:Source) SET s.config = '{}'")
        return await original(*given, **named)

    monkeypatch.setattr(credentials, "execute", overtaken)
    with pytest.raises(Conflict):
        await credentials.rotate(shop, admin, source="shop", secrets={"password": OLD}, config=config)

    assert (await source(shop))["config"] == "{}"


@pytest.mark.parametrize(
    ("secrets", "says"),
    [
        ({"url": f"postgres://reader:{NEW}@127.0.0.1/postgres"}, "one by one"),
        ({}, "password"),
        ({"host": "elsewhere"}, "password"),
        ({"password": ""}, "1 to"),
    ],
)
async def test_what_is_no_secret_of_the_source_cannot_be_rotated(
    shop: GraphSession, admin: Principal, config: Settings, secrets: dict[str, str], says: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await credentials.rotate(shop, admin, source="shop", secrets=secrets, config=config)
    assert says in refused.value.remedy


async def test_not_everybody_rotates_and_not_what_is_not_there_or_into_the_past(
    shop: GraphSession, admin: Principal, config: Settings
) -> None:
    reader = Principal("r", "R", Role.READER, Scope(4))
    with pytest.raises(Forbidden):
        await credentials.rotate(shop, reader, source="shop", secrets={"password": NEW}, config=config)
    with pytest.raises(Forbidden):
        await credentials.set_expiry(shop, reader, source="shop", expires_at=None, config=config)
    with pytest.raises(NotFound):
        await credentials.rotate(shop, admin, source="none", secrets={"password": NEW}, config=config)
    with pytest.raises(NotFound):
        await credentials.set_expiry(shop, admin, source="none", expires_at=None, config=config)
    past = datetime.now(UTC) - timedelta(days=1)
    with pytest.raises(InvalidInput):
        await credentials.rotate(
            shop, admin, source="shop", secrets={"password": OLD}, expires_at=past, config=config
        )


async def test_a_secret_in_vault_is_referred_to_and_rotated_there(
    shop: GraphSession, admin: Principal, config: Settings, postgres: Server, redis_url: str
) -> None:
    with vault_server() as vault:
        own = config.model_copy(
            update={"vault_addr": vault.address, "vault_role_id": "the-role", "vault_secret_id": SecretStr("the-secret-id")}
        )  # fmt: skip
        vault.secrets["secret/pursight/shop"] = {"password": OLD}
        reference = "${vault:secret/pursight/shop#password}"
        await credentials.rotate(shop, admin, source="shop", secrets={"password": reference}, config=own)
        (field,) = credentials.secret_fields("postgres", json.loads((await source(shop))["config"]))
        assert (field.name, field.kind.value, field.reference) == ("password", "VAULT", reference)
        password(postgres, THIRD)
        vault.secrets["secret/pursight/shop"] = {"password": THIRD}
        await sources.check(shop, admin, "shop", config=own)
        vault.sealed = True
        with pytest.raises(ConnectionFailed) as away:
            await sources.check(shop, admin, "shop", config=own)

    assert (away.value.cause, away.value.path) == ("UNREACHABLE", ("config", "password"))
    assert THIRD not in str([each["n"] for each in await shop.rows(EVERYTHING_KEPT)])


async def test_a_refused_credential_lowers_health_holds_scans_and_after_repair_they_go_on(
    shop: GraphSession, admin: Principal, config: Settings, postgres: Server, redis_url: str
) -> None:
    password(postgres, NEW)
    progressor = Progressor(redis_url)
    checker = Checker(shop, config, progressor)
    await shop.schema_statement("MATCH (s:Source) SET s.next_check_ms = 0")
    await checker.tend()
    checker.close()
    await progressor.close()
    row = await source(shop)
    assert (row["check_cause"], row["health_grade"]) == ("CREDENTIALS", "UNHEALTHY")

    run = await scans.request(shop, admin, source="shop")

    async def work() -> None:
        working = worker(shop, redis_url=redis_url, config=config, embedder=None, burst=True)
        await working.main()
        await working.close()

    await work()
    assert await shop.rows(HELD) == [{"held": "CIRCUIT", "state": "PARKED"}]
    await credentials.rotate(shop, admin, source="shop", secrets={"password": NEW}, config=config)
    await work()

    assert (await runs.by_ids(shop, [run], EVERYTHING))[run]["state"] == "SUCCEEDED"
    row = await source(shop)
    assert (row.get("breaker"), row["check_ok"]) == (None, True)


async def test_the_command_line_takes_a_secret_from_standard_input_and_shows_none(
    shop: GraphSession, config: Settings, postgres: Server, neo4j_server: Neo4jAddress, redis_url: str
) -> None:
    installation = Installation.of(
        neo4j_server, redis_url, config.data_dir, PURSIGHT_ALLOW_PRIVATE_SOURCES="true"
    )
    rotate = ("credential", "rotate", "shop", "--expires", "90d")
    password(postgres, NEW)
    rotated = await installation.run(*rotate, given=f"{NEW}\n")
    shown = await installation.run("credential", "show", "shop")

    assert (rotated.returncode, shown.returncode) == (0, 0), rotated.stderr
    assert rotated.stdout.startswith("shop: PostgreSQL")
    assert "SEALED" in shown.stdout
    assert sealed(await source(shop), config) == NEW
    told = "".join(each.stdout + each.stderr for each in (rotated, shown))
    assert not [secret for secret in (OLD, NEW) if secret in told]
