"""The labelled public tables: what is taken of a clone, and that the page tells of the labels that are here."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from pathlib import Path

import pytest

from tests.ml.classify import evaluation, first_sight, real_tables

PEOPLE = [(f"Person {n}", f"{n}@example.org", str(1940 + n), f"Town {n}") for n in range(60)]


@pytest.fixture
def clones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A clone with a table of people, one of the same columns, one without header, one in UTF-16, a pointer, and a list in YAML."""
    clone = tmp_path / "city" / "data"
    (clone / "tables").mkdir(parents=True)
    text = io.StringIO()
    csv.writer(text).writerows([("name", "mail", "born", "town"), *PEOPLE])
    people = text.getvalue()
    for name, content in (
        ("people.csv", people.encode()),
        ("again.csv", people.encode()),
        ("headless.csv", ("1,2,3,4\n" * 400).encode()),
        ("other.csv", people.encode("utf-16")),
        ("pointer.csv", ("version https://git-lfs.github.com/spec/v1\n" + "x,y,z,w\n" * 200).encode()),
    ):
        (clone / "tables" / name).write_bytes(content)
    entries = [
        f"- id: {{code: c{n}}}\n  when: 2020-01-{n % 28 + 1:02}\n  terms: [{{state: A{n}}}, {{state: B{n}}}]\n  note:\n"
        f"  kind: k{n}\n  tags: [{', '.join(['long'] * 10)}]\n"
        for n in range(30)
    ]
    (clone / "terms.yaml").write_text("".join(entries), "utf-8")
    for arguments in (
        ["init", "--quiet"],
        ["add", "."],
        ["-c", "user.name=n", "-c", "user.email=n@example.org", "commit", "--quiet", "-m", "x"],
    ):
        subprocess.run(["git", "-C", clone, *arguments], check=True)
    sources = (
        real_tables.Source("city/data", 9, "CC0-1.0"),
        real_tables.Source("city/data", 1, "CC0-1.0", r"\.yaml$"),
    )
    monkeypatch.setattr(real_tables, "SOURCES", sources)
    return tmp_path


def test_a_clone_gives_its_tables_once_and_nothing_that_is_no_table(clones: Path) -> None:
    first, second = real_tables.chosen(clones)
    assert first[2] in ("tables/people.csv", "tables/again.csv")
    assert list(first[3]) == ["name", "mail", "born", "town"]
    assert first[3]["name"] == [name for name, *_ in PEOPLE]
    assert second[2] == "terms.yaml"
    # Nested names are joined, of several terms the last counts, and what is empty everywhere is no column.
    assert list(second[3]) == ["id_code", "when", "terms_state", "kind"]
    assert second[3]["terms_state"] == [f"B{n}" for n in range(30)]


def test_no_row_of_a_person_can_be_put_together_again(
    clones: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = tmp_path / "labels.psv"
    _, commit, path, _ = next(real_tables.chosen(clones))
    labels.write_text(
        f"## city/data | {commit} | CC0-1.0 | {path}\nname|object|PERSON\nmail|object|EMAIL\nborn|int64|BIRTH_DATE\ntown|object|?\n",
        "utf-8",
    )
    monkeypatch.setattr(real_tables, "LABELS", labels)
    monkeypatch.setattr(real_tables, "BUILT", tmp_path / "built.xz")
    real_tables.build(clones)
    built = real_tables.columns()
    real_tables.build(clones)
    assert built == real_tables.columns()
    assert [(row["label"], row["ignore"]) for row in built] == [
        ("PERSON", False), ("EMAIL", False), ("BIRTH_DATE", False), (None, True),
    ]  # fmt: skip
    columns = [row["values"] for row in built]
    assert [len(set(values)) for values in columns] == [real_tables.VALUES] * 4
    together = sum(row in PEOPLE for row in zip(*columns, strict=True))
    assert together == 0
    pairs = {(name, mail) for name, mail, *_ in PEOPLE}
    assert sum(pair in pairs for pair in zip(*columns[:2], strict=True)) <= 5


def test_a_repository_is_of_one_half_by_its_name_alone() -> None:
    repositories = {row["source"] for row in real_tables.labels()}
    halves = [real_tables.half(repository) for repository in sorted(repositories)]
    assert set(halves) == {"development", "held-out"}
    assert real_tables.half("city/data") == "held-out"


def test_the_figures_are_of_the_labels_that_are_here_and_no_value_is() -> None:
    rows = list(real_tables.labels())
    level = {spec.name: spec.sensitivity for spec in evaluation.built_in()}
    assert {row["label"] for row in rows if row["label"]} <= set(level)
    due = sum(level[row["label"]] >= evaluation.DETECTED for row in rows if row["label"])
    for measured in json.loads(first_sight.FIGURES.read_text("utf-8")):
        assert measured["labels"] == first_sight.labels_digest()
        assert measured["columns"] == sum(not row["ignore"] for row in rows) >= 500
        assert sum(half["columns"] for half in measured["halves"].values()) == measured["columns"]
        for counts in measured["tiers"].values():
            assert counts["found"] + counts["missed"] == due >= 120
    assert not any("values" in row for row in rows)
    of_other_parts = {row["source"] for row in evaluation.rows()}
    assert not of_other_parts & {row["source"] for row in rows}
