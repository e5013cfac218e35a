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
