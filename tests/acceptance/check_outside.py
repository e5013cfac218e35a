"""The checks that outsiders would run, against the product with authentication on, on a real graph.

``make acceptance ACCEPTANCE=../shared/acceptance``. They need node, npm and the folder with the checks; nothing of them is kept here.
Each prints its own last line, and fails unless it reaches its aim.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from cypher.session import GraphSession
from ingest.commands.catalog import apply_tag
from ingest.commands.identity import create_token
from ingest.sql_lineage.jsonl import answer
from ml.classify.engine import ClassificationEngine
from schema.domain.identity import EVERYTHING, Principal, Role
from tests.benchmarks.bench_api import served
from tests.conftest import Neo4jAddress, empty
from tests.seed import fill, know, scan, warehouse

FOLDER = Path(os.environ.get("ACCEPTANCE", "../shared/acceptance"))
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="ACCEPTANCE names no folder")
SHIM = """const plain = globalThis.fetch;
globalThis.fetch = (url, init = {}) => plain(url, { ...init, headers: { authorization: process.env.AUTH, ...(init.headers ?? {}) } });
"""
LISTS = ("assets", "sources", "classifications", "tags", "runs", "tokens", "auditEvents")


@dataclass(frozen=True)
class Target:
    """The product, filled, and two servers of it: one per profile."""

    draft: int
    audit: int
    closed: int
    token: str
    urn: str
    node: str

    @property
    def bearer(self) -> str:
        return f"Bearer {self.token}"


@pytest.fixture(scope="module")
async def target(
    migrated: GraphSession, neo4j_server: Neo4jAddress, redis_server: str
) -> AsyncIterator[Target]:
    await empty(migrated)
    admin = Principal("person:ada", "Ada", Role.ADMIN, EVERYTHING)
    house = warehouse("shop", "", datasets=120, columns=6)
    await fill(migrated, admin, house)
    await know(migrated, ClassificationEngine().classifiers)
    for number in range(8):
        other = warehouse(f"other{number}", "", datasets=1, columns=1)
        await fill(migrated, admin, other)
        await scan(migrated, admin, other.source)
        urns = [house.urn(number)]
        await apply_tag(migrated, admin, urns=urns, tag=f"tag {number}")
    for number in range(45):
        await create_token(migrated, admin, name=f"t{number}", role=Role.READER, scope=EVERYTHING)
    _, token = await create_token(migrated, admin, name="acceptance", role=Role.ADMIN, scope=EVERYTHING)
    with (
        served(neo4j_server, redis_server) as draft,
        served(neo4j_server, redis_server, PURSIGHT_HTTP_PROFILE="audit") as audit,
        served(neo4j_server, redis_server, PURSIGHT_INTROSPECTION="false") as closed,
    ):
        yield Target(draft, audit, closed, token, house.urn(0), "")


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("graphql_http")
    shutil.copytree(FOLDER / "graphql_http", folder, dirs_exist_ok=True)
    subprocess.run(["npm", "install", "--silent", "--no-audit", "--no-fund"], cwd=folder, check=True)
    (folder / "shim.mjs").write_text(SHIM)
    return folder


def run(command: list[str], folder: Path, **environment: str) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    failed = [
        line for line in done.stdout.splitlines() if line.startswith(("FAIL", "error", "warn", "notice"))
    ]
    print(
        "\n".join(
            [
                f"\n{Path(command[-1]).name}: {done.stdout.strip().splitlines()[-1] if done.stdout else done.stderr[-500:]}",
                *failed,
            ]
        )
    )
    return done.stdout


def last_json(text: str) -> dict[str, int]:
    return json.loads(text.strip().splitlines()[-1])  # type: ignore[no-any-return]


async def test_audit_suite_of_graphql_over_http(target: Target, node: Path) -> None:
    url = f"http://127.0.0.1:{target.audit}/graphql"
    counts = last_json(
        run(["node", "audit.mjs", url], node, AUDIT_HEADERS=json.dumps({"authorization": target.bearer}))
    )
    assert (counts["ok"], counts["total"]) == (61, 61)


async def test_draft_of_graphql_over_http(target: Target, node: Path) -> None:
    url = f"http://127.0.0.1:{target.draft}/graphql"
    partial = '{ __typename impact(urn: "dataset:x~y", first: -1) { __typename } }'
    mutation = 'mutation { tagApply(urns: ["dataset:x~y"], tag: "t") { __typename } }'
    coerce = "query($n: Int!) { assets(first: $n) { edges { cursor } } }"
    command = [
        "node",
        "audit2026.mjs",
        url,
        "--ok",
        "{ viewer { name } }",
        "--partial",
        partial,
        "--mutation",
        mutation,
    ]
    text = run(
        [*command, "--coerce", coerce], node, AUDIT_HEADERS=json.dumps({"authorization": target.bearer})
    )
    counts = last_json(text)
    assert (counts["ok"], counts["total"]) == (35, 35)


@pytest.mark.parametrize("connection", LISTS)
async def test_relay_on_every_connection(target: Target, node: Path, connection: str) -> None:
    url = f"http://127.0.0.1:{target.draft}/graphql"
    counts = last_json(run(["node", "relay_check.mjs", url, connection], node, AUTH=target.bearer))
    assert counts["failed"] == 0


async def test_automatic_persisted_queries(target: Target, node: Path) -> None:
    url = f"http://127.0.0.1:{target.draft}/graphql"
    command = ["node", "--import", "./shim.mjs", "apq_check.mjs", url, "{ viewer { name } }"]
    assert last_json(run(command, node, AUTH=target.bearer))["failed"] == 0


async def test_hostile_requests(target: Target, tmp_path: Path) -> None:
    spec = {
        "leaf": "viewer { name }",
        "obj": f"assetByUrn(urn: {json.dumps(target.urn)})",
        "obj_type": "Asset",
        "obj_leaf": "name",
        "rec": "parent",
        "lst": "children(first:10) { edges { node",
        "big": "assets(first:1000000000) { edges { node",
        "err": f"node(id: {json.dumps('x')}) {{ id }}",
        "secret": "hunter2",
        "mutation": f'mutation{{tagApply(urns: [{json.dumps(target.urn)}], tag: "x"){{__typename}}}}',
    }
    spec |= {"lst": "children(first:10)", "big": "assets(first:1000000000)"}
    (tmp_path / "spec.json").write_text(json.dumps(spec))
    url = f"http://127.0.0.1:{target.closed}/graphql"
    headers = json.dumps({"authorization": target.bearer})
    script = (FOLDER / "security" / "attacks.py").resolve()
    text = run([sys.executable, str(script), url, headers, "--spec", str(tmp_path / "spec.json")], tmp_path)
    assert re.search(r"\b43(/| of )43\b|passed\D+43", text), text[-3000:]


def score(script: str, *arguments: str) -> str:
    path = (FOLDER / script).resolve()
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, str(path), *arguments],
        capture_output=True,
        text=True,
        check=True,
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        timeout=280,
    )
    print(f"\n{done.stdout[-3000:]}")
    return done.stdout


def test_values_by_entity() -> None:
    text = score(
        "pii/score_pii.py",
        "values",
        "--name",
        "pursight",
        "--engine",
        f"{sys.executable} -m ml.classify.jsonl",
    )
    found = re.search(r"'accuracy_all': ([\d.]+)", text)
    assert found
    assert float(found[1]) >= 0.97


def test_lineage_of_sql(tmp_path: Path) -> None:
    out = tmp_path / "lineage.json"
    engine = f"{sys.executable} -m graph_api.cli sql-lineage --jsonl"
    score("sql_lineage/score.py", "--name", "pursight", "--engine", engine, "--out", str(out))
    found = json.loads(out.read_text())

    exact = {group: each["exact"] for group, each in found["groups"].items()}
    assert exact["columns/core/all"] >= 0.96
    assert exact["tables/core/all"] >= 0.96
    assert found["columns_core_macro_exact"] >= 0.95
    assert found["tables_core_macro_exact"] >= 0.95
    assert min(exact[f"columns/core/{origin}"] for origin in ("sqllineage", "datahub", "openlineage")) >= 0.93


def test_no_case_is_right_about_its_tables_and_silent_about_its_columns() -> None:
    lines = (FOLDER / "sql_lineage" / "cases.jsonl").read_text().splitlines()
    for case in map(json.loads, lines):
        found = answer(case)
        assert found["columns"] or found["reasons"] or not any(up for up, _ in found["tables"]), case["id"]
