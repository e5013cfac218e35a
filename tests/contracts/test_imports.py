"""The layers hold, and starting the API loads nothing heavy."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("graph_api", "ingest", "ml", "cypher", "schema")
HEAVY = (
    "torch",
    "spacy",
    "sentence_transformers",
    "transformers",
    "sqlalchemy",
    "duckdb",
    "sqlglot",
    "onnxruntime",
    "neomodel",
)


def test_the_import_contracts_are_kept() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("module", ["graph_api.asgi", "graph_api.cli"])
def test_starting_the_api_or_the_command_line_loads_nothing_heavy(module: str) -> None:
    code = f"import sys, {module}; print(*[m for m in {HEAVY!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert done.stdout.split() == []


def test_no_installed_distribution_claims_a_package_name_of_ours() -> None:
    claims = importlib.metadata.packages_distributions()

    assert {name: claims[name] for name in PACKAGES if set(claims.get(name, ())) - {"pursight"}} == {}


def test_the_lock_file_names_no_address_and_every_requirement_has_a_hash() -> None:
    lines = (ROOT / "requirements.lock").read_text().splitlines()

    assert not [line for line in lines if "://" in line]
    pins = [line for line in lines if line and not line.startswith((" ", "#"))]
    assert len(pins) > 50
    assert all(line.endswith("\\") for line in pins)
