"""Decisions through a spreadsheet."""

from __future__ import annotations

import csv
import io
from typing import Any

from cypher.session import GraphSession
from ingest.commands.identity import create_token
from ingest.commands.verdicts_csv import verdicts_csv
from schema.domain.identity import EVERYTHING, Principal, Role
from tests.graph_api.asking import Api, api, nodes
from tests.graph_api.review.conftest import column

EXPORT = "query ($f: ReviewFilter, $n: Int!, $a: String) { verdictsCsv(filter: $f, rows: $n, after: $a) { text rowCount endCursor } }"
IMPORT = "mutation ($c: String!, $d: Boolean!) { verdictsImport(csv: $c, dryRun: $d) { __typename ... on VerdictsImportSuccess { dryRun open counts { outcome count } answers { line urn outcome before message } } ... on UserError { path message } } }"


def filled(text: str, verdicts: dict[tuple[str, str], str], delimiter: str = ",") -> str:
    rows = list(csv.DictReader(io.StringIO(text)))
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0].keys(), delimiter=delimiter)
    writer.writeheader()
    for row in rows:
        row["verdict"] = verdicts.get((row["urn"], row["classification"]), "")
        row["comment"] = "two\nlines" if row["verdict"] else ""
        writer.writerow(row)
    return out.getvalue()


async def test_suggestions_go_into_a_spreadsheet_and_come_back_as_decisions(shop: GraphSession) -> None:
    steward = api(shop, Role.STEWARD)
    whole = (await steward.ask(EXPORT, n=1_000))["verdictsCsv"]
    assert (whole["rowCount"], whole["endCursor"]) == (4, None)
    first = (await steward.ask(EXPORT, n=3))["verdictsCsv"]
    rest = (await steward.ask(EXPORT, n=3, a=first["endCursor"]))["verdictsCsv"]
    assert first["text"] + rest["text"].partition("\n")[2] == whole["text"]

    said = {(column(0, "email"), "EMAIL"): "confirmed", (column(2, "note"), "SSN"): "REJECTED", (column(3, "country"), "COUNTRY"): "perhaps"}  # fmt: skip
    text = (
        filled(whole["text"], said, ";")
        + f"column:nowhere;EMAIL;;;;;;CONFIRMED;\n{column(0, 'email')};EMAIL;;;;;;REJECTED;\n"
    )
    tried = (await steward.ask(IMPORT, c=text, d=True))["verdictsImport"]
    assert (tried["dryRun"], tried["open"]) == (True, 1)
    # Comments of two lines move what follows down: rows are told by the line on which they begin.
    assert [(each["line"], each["outcome"]) for each in tried["answers"]] == [
        (2, "CHANGED"), (4, "CHANGED"), (7, "INVALID"), (9, "UNKNOWN_ASSET"), (10, "CONFLICT"),
    ]  # fmt: skip
    queue = "{ reviewQueue { edges { node { urn } } } }"
    assert len(nodes((await steward.ask(queue))["reviewQueue"])) == 4

    done = (await steward.ask(IMPORT, c=text, d=False))["verdictsImport"]
    assert done["answers"] == tried["answers"]
    assert {each["urn"] for each in nodes((await steward.ask(queue))["reviewQueue"])} == {
        column(1, "email"),
        column(3, "country"),
    }
    again = (await steward.ask(IMPORT, c=filled(whole["text"], said), d=False))["verdictsImport"]
    assert {each["outcome"] for each in again["answers"]} == {"UNCHANGED", "INVALID"}


async def test_a_file_that_is_none_is_refused_whole(shop: GraphSession) -> None:
    steward = api(shop, Role.STEWARD)
    for text in ("", "urn,classification\nx,y\n", 'urn,classification,verdict\n"a'):
        answer = (await steward.ask(IMPORT, c=text, d=False))["verdictsImport"]
        assert (answer["__typename"], answer["path"]) == ("InvalidInputError", ["csv"]), text
    assert (await api(shop, Role.EDITOR).ask(IMPORT, c="urn,classification,verdict\n", d=True))[
        "verdictsImport"
    ]["__typename"] == "ForbiddenError"


def test_a_cell_that_a_spreadsheet_would_calculate_is_text() -> None:
    evil = '=HYPERLINK("http://evil";"open")'
    row: dict[str, Any] = {
        "review": "00010000:1:EMAIL",
        "urn": "@column",
        "classification": {"name": "+EMAIL"},
        "verdict": {"status": "SUGGESTED", "confidence": 0.5, "origin": "RULE", "reason": evil},
    }
    (cells,) = list(csv.DictReader(io.StringIO(verdicts_csv([row]))))
    assert (cells["urn"], cells["classification"], cells["reason"]) == ("'@column", "'+EMAIL", "'" + evil)
    assert cells["score"] == "1.0"


async def test_an_apostrophe_of_the_export_is_taken_off_again(shop: GraphSession, admin: Principal) -> None:
    text = "urn,classification,verdict\n'=column,'-EMAIL,CONFIRMED\n"
    (answer,) = (await api(shop).ask(IMPORT, c=text, d=True))["verdictsImport"]["answers"]
    assert answer["urn"] == "=column"


async def test_blank_rows_are_not_open_and_one_cell_a_row_is_told_as_such(shop: GraphSession) -> None:
    steward = api(shop, Role.STEWARD)
    head, urn = "urn,classification,verdict,comment", column(0, "email")
    text = f"{head}\n{urn},EMAIL,,\n,,,\n\n{urn},EMAIL,CONFIRMED,{'x' * 3_000}\n,,,\n"
    found = (await steward.ask(IMPORT, c=text, d=False))["verdictsImport"]
    assert found["open"] == 1
    assert [(each["line"], each["outcome"]) for each in found["answers"]] == [(5, "INVALID")]
    assert "longer than 2,000" in found["answers"][0]["message"]

    folded = "\n".join(f'"{line}"' for line in text.splitlines())
    refused = (await steward.ask(IMPORT, c=folded, d=False))["verdictsImport"]
    assert "one cell" in refused["message"]


async def test_who_said_otherwise_was_told_by_an_identifier_that_nobody_knows(
    shop: GraphSession, admin: Principal
) -> None:
    ident, _ = await create_token(shop, admin, name="Ada of Sales", role=Role.STEWARD, scope=EVERYTHING)
    ada = Principal(ident, "Ada of Sales", Role.STEWARD, EVERYTHING)
    row = f"urn,classification,verdict\n{column(0, 'email')},EMAIL,"
    await Api(shop, ada).ask(IMPORT, c=f"{row}CONFIRMED", d=False)
    (answer,) = (await api(shop, Role.STEWARD).ask(IMPORT, c=f"{row}REJECTED", d=False))["verdictsImport"]["answers"]  # fmt: skip
    assert answer["outcome"] == "CONFLICT"
    assert answer["message"].startswith("Ada of Sales confirmed it at ")
