"""``pursight classify``: what somebody without a server sees."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest


def run(*arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "graph_api.cli", "classify", *arguments]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "customers.csv"
    rows = [f"{i};Ada{'abcdefghijklmnopqrst'[i % 20]};kanari{i}@vogel.example;{i * 3},50" for i in range(30)]
    path.write_text("\ufeffid;first_name;contact;amount\n" + "\n".join(rows) + "\n", "utf-8")
    return path


def test_each_column_of_a_csv_file_gets_a_verdict_or_none(file: Path) -> None:
    done = run(str(file))
    assert done.returncode == 0, done.stderr
    rows = {line.split("\t")[0]: line.split("\t")[1:] for line in done.stdout.splitlines()}
    assert [rows[name][0] for name in ("id", "first_name", "contact", "amount")] == [
        "-",
        "PERSON",
        "EMAIL",
        "-",
    ]
    assert rows["contact"][2] == "sensitive"
    assert "30 distinct values" in rows["contact"][3]
    assert "kanari" not in done.stdout + done.stderr


def test_json_carries_the_confidence_as_a_number(file: Path) -> None:
    rows = json.loads(run(str(file), "--json").stdout)
    email = next(row for row in rows if row["column"] == "contact")
    assert 0.9 <= email["confidence"] <= 1


def test_lines_are_answered_one_by_one() -> None:
    question = json.dumps({"column": "iban", "values": ["DE89370400440532013000"]})
    done = run("--jsonl", stdin=question + "\n" + json.dumps({"entity": "IBAN_CODE", "text": "DE0"}) + "\n")
    column, value = (json.loads(line) for line in done.stdout.splitlines())
    assert [v["classification"] for v in column["verdicts"]] == ["IBAN"]
    assert value == {"valid": False}


@pytest.mark.parametrize(("line", "place"), [("no json", "line.1"), ("{}", "column"), ("[1]", "line.1")])
def test_a_wrong_line_is_named_without_its_text(line: str, place: str) -> None:
    done = run("--jsonl", stdin=line + "\n")
    assert done.returncode == 1
    assert f"where: {place}" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_that_is_not_there_or_no_text_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_bytes(b"\xff\xfe\x00")
    (tmp_path / "empty.csv").write_text("", "utf-8")
    for name in ("x.csv", "empty.csv", "none.csv"):
        done = run(str(tmp_path / name))
        assert (done.returncode, "remedy:" in done.stderr) == (1, True), name


def test_neither_file_nor_lines_is_wrong_usage(file: Path) -> None:
    assert run().returncode == 2
    assert run("--jsonl", str(file)).returncode == 2


HELMET = """name: HELMET
title: Helmet
description: A helmet by its number.
category: TECHNICAL
sensitivity: 3
names: {strong: [helmet]}
values:
  - {pattern: 'H-[0-9]{6}'}
min_match: 0.9
examples: {values: [H-123456]}
counter_examples: {values: [X-123456]}
"""


def test_columns_and_lines_are_judged_by_classifiers_of_ones_own_as_well(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "helmet.yaml").write_text(HELMET)
    (tmp_path / "staff.csv").write_text(
        "helmet,mail\n" + "".join(f"H-{n:06d},ada{n}@example.org\n" for n in range(20))
    )
    table = run(str(tmp_path / "staff.csv"), "--classifiers", str(tmp_path / "own"), "--json")
    questions = [
        {"column": "helmet", "values": ["H-000001", "H-000002"]},
        {"entity": "HELMET", "text": "H-123456"},
    ]
    lines = run(
        "--jsonl",
        "--classifiers",
        str(tmp_path / "own" / "helmet.yaml"),
        stdin="".join(json.dumps(each) + "\n" for each in questions),
    )
    column, value = (json.loads(line) for line in lines.stdout.splitlines())

    assert {row["column"]: row["classification"] for row in json.loads(table.stdout)} == {
        "helmet": "HELMET",
        "mail": "EMAIL",
    }
    assert (column["labels"], value) == (["HELMET"], {"valid": True})


def test_a_classifier_that_fails_its_own_examples_is_told_with_file_and_line(
    file: Path, tmp_path: Path
) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "a.yaml").write_text(HELMET)
    wrong = HELMET.replace("HELMET", "VISOR").replace("values: [H-123456]", "values: [V-1]")
    (tmp_path / "own" / "b.yaml").write_text(wrong)
    done = run(str(file), "--classifiers", str(tmp_path / "own"))
    empty = run(str(file), "--classifiers", str(tmp_path))

    assert (done.returncode, "b.yaml, line 10: " in done.stderr) == (1, True), done.stderr
    assert (empty.returncode, "holds no classifier" in empty.stderr) == (1, True)
