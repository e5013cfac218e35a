"""What became of verdicts, when, by whom and why."""

from __future__ import annotations

from typing import Any

from cypher.session import GraphSession
from schema.domain.identity import Principal, Role, Scope
from tests.graph_api.asking import Api, api, nodes
from tests.graph_api.review.conftest import SHOP, column, publish

CHANGES = "query ($s: DateTime!, $e: DateTime, $o: String, $u: String, $c: String, $n: Int, $a: String) { classificationChanges(since: $s, until: $e, source: $o, under: $u, classification: $c, first: $n, after: $a) { edges { node { at kind urn before by reason verdict { classification { name } } } } pageInfo { hasNextPage endCursor } } }"
HISTORY = "query ($u: String!) { assetByUrn(urn: $u) { classificationHistory { edges { node { run closedBy validTo recordedAt verdict { status decidedBy decidedReason } } } } } }"
ALWAYS = "2000-01-01T00:00:00Z"


async def changes(who: Api, **given: Any) -> list[Any]:
    return nodes((await who.ask(CHANGES, s=given.pop("s", ALWAYS), n=100, **given))["classificationChanges"])


async def decide(who: Api, name: str, urn: str, reason: str) -> None:
    done = await who.ask(
        f'mutation ($u: String!, $r: String!) {{ {name}(urn: $u, classification: "EMAIL", reason: $r) {{ __typename }} }}',
        u=urn,
        r=reason,
    )
    assert done[name]["__typename"].endswith("Success")


async def test_every_verdict_on_an_asset_is_told_with_its_time(shop: GraphSession, admin: Principal) -> None:
    steward, email = api(shop, Role.STEWARD), column(0, "email")
    await decide(steward, "classificationReject", email, "a test mailbox")
    await decide(steward, "classificationConfirm", email, "no, real")
    found = nodes((await steward.ask(HISTORY, u=email))["assetByUrn"]["classificationHistory"])
    assert [(each["verdict"]["status"], each["verdict"]["decidedReason"], each["run"], each["closedBy"]) for each in found] == [
        ("CONFIRMED", "no, real", None, None),
        ("REJECTED", "a test mailbox", None, "token:steward"),
        ("SUGGESTED", None, "r1", "token:steward"),
    ]  # fmt: skip
    assert [each["validTo"] for each in found] == [None, found[0]["recordedAt"], found[1]["recordedAt"]]
    # What is withdrawn by a scan is ended by its run.
    await publish(shop, admin, "r3")
    (gone,) = nodes((await steward.ask(HISTORY, u=column(1, "email")))["assetByUrn"]["classificationHistory"])
    assert (gone["closedBy"], gone["run"]) == ("r3", "r1")
    assert (
        nodes((await steward.ask(HISTORY, u=email))["assetByUrn"]["classificationHistory"])[0]["verdict"][
            "status"
        ]
        == "CONFIRMED"
    )


async def test_what_changed_between_two_dates_is_told_with_who_and_why(
    shop: GraphSession, admin: Principal
) -> None:
    steward = api(shop, Role.STEWARD)
    before = await changes(steward)
    # The second scan took some of the first away again.
    assert {each["kind"] for each in before} == {"SUGGESTED", "WITHDRAWN"}
    last = max(each["at"] for each in before)
    await decide(steward, "classificationConfirm", column(0, "email"), "seen")
    await publish(
        shop,
        admin,
        "r3",
        (0, "email", "EMAIL", 0.5),
        (2, "note", "SSN", 0.6),
        (3, "country", "COUNTRY", 0.99),
    )
    since = await changes(steward, s=last, classification="EMAIL")
    told = [
        (each["kind"], each["urn"], each["before"], each["by"], each["reason"])
        for each in since
        if each["at"] > last
    ]
    assert told == [
        ("WITHDRAWN", column(1, "email"), "SUGGESTED", "r3", "It was not found again."),
        ("CONFIRMED", column(0, "email"), "SUGGESTED", "token:steward", "seen"),
    ]
    assert [each for each in await changes(steward, e=since[0]["at"]) if each["at"] > last] == [since[1]]
    assert await changes(steward, o="elsewhere") == []
    inside = await changes(steward, u=SHOP.urn(2))
    assert {each["urn"].rpartition("~")[0] for each in inside} == {column(2, "note").rpartition("~")[0]}
    assert await changes(api(shop, Role.READER, Scope(0))) == [
        each
        for each in await changes(steward)
        if each["urn"] not in {column(2, "note"), column(0, "email"), column(3, "country")}
    ]


async def test_changes_of_one_instant_are_paged_without_a_gap(shop: GraphSession) -> None:
    steward, found, after = api(shop, Role.STEWARD), [], None
    while True:
        page = (await steward.ask(CHANGES, s=ALWAYS, n=2, a=after))["classificationChanges"]
        found += nodes(page)
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    assert found == await changes(steward)
    assert len({str(each) for each in found}) == len(found) > 10
    backward = f'{{ classificationChanges(since: "{ALWAYS}", last: 3) {{ edges {{ node {{ urn at }} }} }} }}'
    assert [each["urn"] for each in nodes((await steward.ask(backward))["classificationChanges"])] == [
        each["urn"] for each in found[-3:]
    ]


async def test_a_period_that_ends_before_it_begins_is_refused(shop: GraphSession) -> None:
    assert (
        await api(shop).refused(CHANGES, s="2026-01-02T00:00:00Z", e="2026-01-01T00:00:00Z")
        == "INVALID_INPUT"
    )
