"""Classifiers from the command line."""

from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from cypher.session import GraphSession
from graph_api.cli.classifiers import classifier
from tests.graph_api.classifications.test_vocabulary import HELMET
from tests.graph_api.cli.installation import Installation
from tests.graph_api.cli.test_scans import installation

__all__ = ["installation"]  # fixture


async def test_classifiers_are_saved_tried_exported_and_imported_again(
    graph: GraphSession, installation: Installation, tmp_path: Path
) -> None:
    file, data = tmp_path / "helmet.yaml", tmp_path / "staff.csv"
    file.write_text(HELMET)
    data.write_text("name,code\n" + "".join(f"Ada,H-{n:06d}\n" for n in range(20)) + "Bob,none\n")

    tried = await installation.run(
        "classifier", "test", str(file), "--file", str(data), "--column", "code", "--json"
    )
    (first, *_) = json.loads(tried.stdout)["considered"]
    assert (first["classification"], first["given"], first["matched"]) == ("HELMET", True, 20)
    saved = await installation.run("classifier", "save", str(file), "--expected-version", "0")
    assert saved.stdout == "HELMET is at version 1.\n", saved.stderr

    folder = tmp_path / "out"
    await installation.run("classifier", "export", "--folder", str(folder))
    assert [each.name for each in folder.iterdir()] == ["helmet.yaml"]
    (folder / "a.yaml").write_text(
        HELMET.replace("HELMET", "VISOR").replace("helmet", "visor").replace("H-", "V-")
    )
    (folder / "helmet.yaml").write_text(HELMET.replace("sensitivity: 3", "sensitivity: 2"))
    preview = await installation.run("classifier", "import", str(folder), "--dry-run")
    assert preview.stdout == "added\tVISOR\nchanged\tHELMET\n"
    (folder / "helmet.yaml").write_text(HELMET.replace("sensitivity: 3", "sensitivity: 9"))
    wrong = await installation.run("classifier", "import", str(folder))
    assert (wrong.returncode, "helmet.yaml, line 5: " in wrong.stderr) == (1, True)


def test_a_pattern_is_printed_without_a_server() -> None:
    made = CliRunner().invoke(classifier, ["pattern", "H-12", "H-34", "--not", "x"])
    assert made.stdout == "[A-Z]\\-[0-9]{2}\n"
