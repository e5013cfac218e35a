"""The order in which people are asked, and many answers at once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from cypher.review import reads
from cypher.session import GraphSession
from ingest.commands import review
from schema.domain.identity import Principal, Role, Scope
from tests.graph_api.asking import Api, api, nodes
from tests.graph_api.review.conftest import column, publish

QUEUE = "query ($f: ReviewFilter, $n: Int, $a: String) { reviewQueue(filter: $f, first: $n, after: $a) { edges { cursor node { urn score downstream sensitivityIfConfirmed sensitivityIfRejected asset { name } verdict { confidence reason status classification { name } } } } pageInfo { hasNextPage endCursor } } }"
DECIDE = 'mutation ($i: [DecisionInput!]!, $d: Boolean!, $o: Boolean!) { classificationsDecide(items: $i, dryRun: $d, overrule: $o, reason: "spring") { __typename ... on ClassificationsDecideSuccess { dryRun counts { outcome count } answers { urn outcome before message } } ... on UserError { path message } } }'
SWEEP = 'mutation ($f: ReviewFilter!, $v: VerdictStatus!, $t: String) { suggestionsDecide(filter: $f, verdict: $v, reason: "known", token: $t) { __typename ... on SuggestionsDecideSuccess { decided count token some { urn } } ... on UserError { path message } } }'
VERDICTS = "query ($u: String!) { assetByUrn(urn: $u) { sensitivity classifications { status origin decidedBy decidedReason } } }"


async def queue(who: Api, **filter: Any) -> list[Any]:
    return nodes((await who.ask(QUEUE, f=filter or None, n=50))["reviewQueue"])


def named(rows: list[Any]) -> list[tuple[str, str]]:
    return [(row["urn"], row["verdict"]["classification"]["name"]) for row in rows]


async def test_the_most_doubtful_that_reaches_farthest_is_asked_about_first(
    shop: GraphSession, admin: Principal
) -> None:
    by_doubt = [
        (column(0, "email"), "EMAIL"),
        (column(2, "note"), "SSN"),
        (column(1, "email"), "EMAIL"),
        (column(3, "country"), "COUNTRY"),
    ]
    assert named(await queue(api(shop))) == by_doubt
    assert await review.refresh_reach(shop, admin, source="shop") == 3
    found = await queue(api(shop))
    # note has no lineage: what flows on is asked about before it, though the machine was surer.
    assert named(found) == [by_doubt[0], by_doubt[2], by_doubt[1], by_doubt[3]]
    assert found[0]["score"] == pytest.approx(1 + 1.7918, abs=1e-3)  # five columns downstream: 1 + ln 6
    assert [row["downstream"] for row in found] == [5, 4, 0, 2]
    assert (found[2]["sensitivityIfConfirmed"], found[2]["sensitivityIfRejected"]) == ("RESTRICTED", "PUBLIC")
    assert found[2]["verdict"]["reason"] == "the name is note"
    assert await review.refresh_reach(shop, admin, source="shop") == 0


async def test_the_queue_is_paged_and_narrowed(shop: GraphSession, monkeypatch: pytest.MonkeyPatch) -> None:
    who, seen, after = api(shop), [], None
    while True:
        page = (await who.ask(QUEUE, n=1, a=after))["reviewQueue"]
        seen += named(nodes(page))
        after = page["pageInfo"]["endCursor"]
        if not page["pageInfo"]["hasNextPage"]:
            break
    whole = named(await queue(who))
    assert seen == whole
    assert len(whole) == 4
    backward = await who.ask(
        "{ reviewQueue(last: 2) { edges { node { urn verdict { classification { name } } } } } }"
    )
    assert named(nodes(backward["reviewQueue"])) == whole[2:]
    emails = [whole[0], whole[2]]
    parent = (
        await who.ask("query ($u: String!) { assetByUrn(urn: $u) { parent { urn } } }", u=column(1, "email"))
    )["assetByUrn"]["parent"]["urn"]
    filters: tuple[tuple[dict[str, Any], list[tuple[str, str]]], ...] = (
        ({"classification": "EMAIL"}, emails),
        ({"classification": "EMAIL", "source": "shop"}, emails),
        ({"category": "contact"}, emails),
        ({"category": "contact", "source": "elsewhere"}, []),
        ({"category": "nothing"}, []),
        ({"source": "shop"}, whole),
        ({"minConfidence": 0.6}, whole[1:]),
        ({"minConfidence": 0.6, "source": "shop"}, whole[1:]),
        ({"minConfidence": 0.6, "classification": "EMAIL"}, emails[1:]),
        ({"minConfidence": 0.6, "category": "contact", "source": "shop"}, emails[1:]),
        ({"minConfidence": 0.6, "under": "source:shop"}, whole[1:]),
        ({"minConfidence": 0}, whole),
        ({"minConfidence": 1}, []),
        ({"minConfidence": 1.1}, []),
        ({"under": "source:shop"}, whole),
        ({"under": "source:nothing"}, []),
        ({"under": parent, "classification": "EMAIL"}, [whole[2]]),
        ({"owner": "ada@example.com"}, [whole[0]]),
        ({"owner": "ada@example.com", "under": "source:shop"}, [whole[0]]),
        ({"owner": "ada@example.com", "under": parent}, []),
        ({"owner": "nobody@example.com"}, []),
    )
    for most in (10_000, 0):  # what holds little is read whole, what holds much in the order of the queue
        monkeypatch.setattr(reads, "_FEW", most)
        for filter, expected in filters:
            assert named(await queue(who, **filter)) == expected, filter


async def test_a_reader_is_not_asked_about_what_he_may_not_see(shop: GraphSession) -> None:
    low = api(shop, Role.STEWARD, Scope(2))
    assert named(await queue(low)) == [(column(3, "country"), "COUNTRY")]
    assert await queue(low, category="contact") == await queue(low, classification="EMAIL") == []
    assert await reads.depth(shop, Scope(2), bound=10) == 1


async def test_many_decisions_are_one_transaction_and_tell_what_became_of_each(shop: GraphSession) -> None:
    ada, bob = api(shop, Role.STEWARD), api(shop, Role.ADMIN)
    items = [
        {"asset": column(0, "email"), "classification": "EMAIL", "verdict": "CONFIRMED", "reason": "seen"},
        {"asset": column(0, "name"), "classification": "EMAIL", "verdict": "CONFIRMED"},
        {"asset": column(0, "name"), "classification": "EMAIL", "verdict": "REJECTED"},
        {"asset": "column:postgres://x~y", "classification": "EMAIL", "verdict": "CONFIRMED"},
        {"asset": column(1, "email"), "classification": "NOTHING", "verdict": "CONFIRMED"},
    ]
    outcomes = ["CHANGED", "ADDED", "CONFLICT", "UNKNOWN_ASSET", "UNKNOWN_CLASSIFICATION"]
    tried = (await ada.ask(DECIDE, i=items, d=True, o=False))["classificationsDecide"]
    assert [each["outcome"] for each in tried["answers"]] == outcomes
    assert (await ada.ask(VERDICTS, u=column(0, "email")))["assetByUrn"]["classifications"][0][
        "status"
    ] == "SUGGESTED"

    done = (await ada.ask(DECIDE, i=items, d=False, o=False))["classificationsDecide"]
    assert [each["outcome"] for each in done["answers"]] == outcomes
    (verdict,) = (await ada.ask(VERDICTS, u=column(0, "email")))["assetByUrn"]["classifications"]
    assert verdict == {
        "status": "CONFIRMED",
        "origin": "RULE",
        "decidedBy": "token:steward",
        "decidedReason": "seen",
    }
    named_now = (await ada.ask(VERDICTS, u=column(0, "name")))["assetByUrn"]
    assert (named_now["sensitivity"], named_now["classifications"][0]["origin"]) == ("SENSITIVE", "MANUAL")
    assert (column(0, "email"), "EMAIL") not in named(await queue(ada))
    events = nodes(
        (
            await bob.ask(
                '{ auditEvents(filter: {action: "classification.decide"}) { edges { node { subjects reason } } } }'
            )
        )["auditEvents"]
    )
    assert [(sorted(each["subjects"]), each["reason"]) for each in events] == [
        (sorted([column(0, "email"), column(0, "name")]), "spring")
    ]

    other = [{"asset": column(0, "email"), "classification": "EMAIL", "verdict": "REJECTED"}]
    (refused,) = (await bob.ask(DECIDE, i=other, d=False, o=False))["classificationsDecide"]["answers"]
    assert refused["outcome"] == "CONFLICT"
    assert "token:steward confirmed it" in refused["message"]
    assert refused["message"].endswith(": seen")
    (overruled,) = (await bob.ask(DECIDE, i=other, d=False, o=True))["classificationsDecide"]["answers"]
    assert (overruled["outcome"], overruled["before"]) == ("CHANGED", "CONFIRMED")
    assert (await ada.ask(VERDICTS, u=column(0, "email")))["assetByUrn"]["sensitivity"] == "PUBLIC"


async def test_decisions_need_the_permission_and_are_bounded(shop: GraphSession) -> None:
    one = {"asset": column(0, "email"), "classification": "EMAIL", "verdict": "CONFIRMED"}
    editor = (await api(shop, Role.EDITOR).ask(DECIDE, i=[one], d=True, o=False))["classificationsDecide"]
    assert editor["__typename"] == "ForbiddenError"
    many = (await api(shop).ask(DECIDE, i=[one] * 1_001, d=True, o=False))["classificationsDecide"]
    assert (many["__typename"], many["path"]) == ("InvalidInputError", ["items"])
    undecided = (await api(shop).ask(DECIDE, i=[one | {"verdict": "SUGGESTED"}], d=True, o=False))[
        "classificationsDecide"
    ]
    assert (undecided["__typename"], undecided["path"]) == ("InvalidInputError", ["items"])


async def test_all_suggestions_of_a_filter_are_decided_after_their_preview_alone(
    shop: GraphSession, admin: Principal
) -> None:
    steward, filter = (
        api(shop, Role.STEWARD),
        {"classification": "EMAIL", "source": "shop", "minConfidence": 0.5},
    )
    preview = (await steward.ask(SWEEP, f=filter, v="CONFIRMED"))["suggestionsDecide"]
    assert (preview["decided"], preview["count"], len(preview["some"])) == (False, 2, 2)
    # A scan between the two finds one more.
    await publish(
        shop, admin, "r3", (0, "email", "EMAIL", 0.5), (1, "email", "EMAIL", 0.9), (4, "email", "EMAIL", 0.8)
    )
    late = (await steward.ask(SWEEP, f=filter, v="CONFIRMED", t=preview["token"]))["suggestionsDecide"]
    assert (late["__typename"], late["path"]) == ("ConflictError", ["token"])
    preview = (await steward.ask(SWEEP, f=filter, v="CONFIRMED"))["suggestionsDecide"]
    other = (await steward.ask(SWEEP, f=filter, v="REJECTED", t=preview["token"]))["suggestionsDecide"]
    assert other["__typename"] == "ConflictError"
    done = (await steward.ask(SWEEP, f=filter, v="CONFIRMED", t=preview["token"]))["suggestionsDecide"]
    assert (done["decided"], done["count"]) == (True, 3)
    assert await queue(steward, classification="EMAIL") == []
    assert (await steward.ask(VERDICTS, u=column(4, "email")))["assetByUrn"]["classifications"][0][
        "decidedReason"
    ] == "known"
    anything = (await steward.ask(SWEEP, f={"source": "shop"}, v="CONFIRMED"))["suggestionsDecide"]
    assert (anything["__typename"], anything["path"]) == ("InvalidInputError", ["filter", "classification"])


async def test_whoever_watches_the_queue_hears_of_a_decision(shop: GraphSession) -> None:
    steward = api(shop, Role.STEWARD)
    document = "subscription { reviewQueueChanged { waiting waitingIsBounded top { urn } appeared { urn } } }"
    stream = await steward.schema.subscribe(document, context_value=steward.context())
    try:
        first = (await asyncio.wait_for(anext(stream), 10)).data["reviewQueueChanged"]
        assert (first["waiting"], first["waitingIsBounded"], len(first["appeared"])) == (4, False, 4)
        one = {"asset": column(0, "email"), "classification": "EMAIL", "verdict": "REJECTED"}
        await steward.ask(DECIDE, i=[one], d=False, o=False)
        second = (await asyncio.wait_for(anext(stream), 10)).data["reviewQueueChanged"]
        assert (second["waiting"], next(each["urn"] for each in second["top"]), second["appeared"]) == (
            3,
            column(2, "note"),
            [],
        )
    finally:
        await stream.aclose()
