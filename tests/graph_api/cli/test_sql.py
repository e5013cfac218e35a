"""``pursight sql-lineage`` answers without a server."""

from __future__ import annotations

import json
import subprocess
import sys

PURSIGHT = [sys.executable, "-m", "graph_api.cli", "sql-lineage"]


def ask(*arguments: str, text: str) -> str:
    done = subprocess.run([*PURSIGHT, *arguments], input=text, capture_output=True, text=True, check=True)
    return done.stdout


def test_a_script_is_shown_as_edges_with_their_kinds() -> None:
    found = json.loads(
        ask("--json", "--dialect", "postgres", text="create table t as select md5(email) h from crm.people")
    )

    assert found["columns"] == [["crm.people.email", "t.h"]]
    assert found["tables"] == [["crm.people", "t"]]


def test_requests_are_answered_line_by_line_and_in_order() -> None:
    requests = [
        {"id": i, "sql": f"insert into a(x) select y{i} from b", "dialect": "postgres"} for i in range(3)
    ]
    answers = ask("--jsonl", text="".join(json.dumps(r) + "\n" for r in requests)).splitlines()

    assert [json.loads(line)["id"] for line in answers] == [0, 1, 2]
    assert json.loads(answers[2])["columns"] == [["b.y2", "a.x"]]


def test_a_line_that_crashes_or_hangs_the_parser_costs_itself_alone() -> None:
    crash = "SELECT CAST(a AS " + "ARRAY<" * 40_000 + "INT" + ">" * 40_000 + ") FROM t"
    hang = "SELECT a" + ".a" * 40_000 + " FROM t"
    requests = [
        {"id": i, "sql": sql, "dialect": "snowflake"}
        for i, sql in enumerate(["select a from t", crash, "select b from t", hang, "select c from t"])
    ]
    lines = ask(
        "--jsonl", "--timeout", "3", text="".join(json.dumps(r) + "\n" for r in requests)
    ).splitlines()
    answers = [json.loads(line) for line in lines]

    assert [found["id"] for found in answers] == [0, 1, 2, 3, 4]
    assert [found["error"] for found in answers] == [None, "CRASHED", None, "TIMEOUT", None]
    assert [found["columns"] for found in answers[::2]] == [[[f"t.{c}", f"<output>.{c}"]] for c in "abc"]
    assert [found["reasons"] for found in answers[1::2]] == [
        [["CRASHED", None, None, None]],
        [["TIMEOUT", None, None, None]],
    ]


def test_the_dialect_is_detected_where_none_is_given() -> None:
    found = json.loads(ask("--json", text="SELECT TOP 5 [a] FROM [dbo].[t] WITH (NOLOCK)"))

    assert found["dialect"] == "tsql"
    assert found["columns"] == [["dbo.t.a", "<output>.a"]]


def test_conventions_are_flags_and_a_request_may_have_its_own() -> None:
    sql = "WITH x AS (SELECT a FROM unused) SELECT * FROM t"
    request = json.dumps({"sql": sql, "dialect": "postgres", "settings": {"unused_ctes": True}})

    plain = json.loads(ask("--json", "--dialect", "postgres", text=sql))
    flagged = json.loads(ask("--json", "--dialect", "postgres", "--unused-ctes", "--no-open-stars", text=sql))
    own = json.loads(ask("--jsonl", text=request + "\n"))

    assert (plain["tables"], plain["columns"]) == ([["t", "<output>"]], [["t.*", "<output>.*"]])
    assert sorted(up for up, _ in flagged["tables"]) == ["t", "unused"]
    assert flagged["columns"] == []
    assert sorted(up for up, _ in own["tables"]) == ["t", "unused"]
