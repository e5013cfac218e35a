"""Workflows from the command line, with a worker as a process of its own."""

from __future__ import annotations

import json
from pathlib import Path

from cypher.session import GraphSession
from ingest.commands import sources
from ingest.recipes import parse_recipe
from schema.domain.identity import Principal
from schema.settings import Settings
from tests.graph_api.cli.installation import Installation
from tests.graph_api.cli.test_scans import installation, recipe

__all__ = ["installation", "recipe"]  # fixtures
TEXT = """\
workflow: told
inputs: {team: null, most: 3}
stages:
  few: {uses: check, with: {that: inputs.most < 5, text: "{inputs.most} are too many."}}
  scan: {workflow: scan, after: [few]}
  tell:
    uses: notify
    after: [scan]
    with: {text: "{inputs.team}: {stages.scan.discover.changed} changed"}
"""


async def test_a_workflow_is_checked_saved_listed_and_run(
    graph: GraphSession,
    admin: Principal,
    config: Settings,
    installation: Installation,
    recipe: Path,
    tmp_path: Path,
) -> None:
    await sources.register(graph, admin, parse_recipe(recipe.read_text()), config=config)
    file, wrong = tmp_path / "told.yaml", tmp_path / "wrong.yaml"
    file.write_text(TEXT)
    wrong.write_text(TEXT.replace("uses: check", "uses: chek").replace("changed}", "changed"))

    told = await installation.run("workflow", "check", str(wrong))
    assert told.returncode == 1
    assert "Line 4, column 9: stages.few.uses" in told.stderr
    assert "Did you mean check?" in told.stderr
    assert "stages.tell.with.text" in told.stderr
    saved = await installation.run("workflow", "save", str(file), "--expected-version", "0")
    assert saved.stdout == "told is at version 1.\n"
    listed = json.loads((await installation.run("workflow", "list", "--json")).stdout)
    assert [(each["name"], each["version"], each["built_in"]) for each in listed] == [
        ("reclassify", None, True),
        ("scan", None, True),
        ("told", 1, False),
    ]
    async with installation.worker():
        given = ("--set", "team=sales", "--set", "most=7")
        failed = await installation.run("workflow", "start", "told", "--source", "shop", *given)
    assert failed.returncode == 1
    assert "7 are too many." in failed.stdout
