"""Where machines may not say something again."""

from __future__ import annotations

from typing import Any

from cypher.session import GraphSession
from schema.domain.identity import Principal, Role, Scope
from schema.domain.review import Published
from tests.graph_api.asking import Api, api, nodes
from tests.graph_api.review.conftest import SHOP, column, publish

SAVE = 'mutation ($c: String!, $p: String, $u: String, $s: String, $e: DateTime, $d: Boolean!) { classificationExceptionSave(classification: $c, reason: "test data", pattern: $p, under: $u, source: $s, expiresAt: $e, dryRun: $d) { __typename ... on ClassificationExceptionSaveSuccess { withdrawn withdrawnUrns exception { exceptionId createdBy pattern expiresAt } } ... on UserError { path } } }'
LIST = "query ($x: Boolean!) { classificationExceptions(includeExpired: $x) { edges { node { exceptionId classification reason under } } } }"
REMOVE = "mutation ($i: String!) { classificationExceptionRemove(id: $i) { __typename } }"
FOUND = ((0, "email", "EMAIL", 0.5), (1, "email", "EMAIL", 0.9), (2, "note", "SSN", 0.6))


async def save(who: Api, classification: str, *, d: bool = False, **given: Any) -> Any:
    return (await who.ask(SAVE, c=classification, d=d, **given))["classificationExceptionSave"]


async def sensitivity(who: Api, urn: str) -> tuple[str, list[str]]:
    found = (
        await who.ask(
            "query ($u: String!) { assetByUrn(urn: $u) { sensitivity classifications { status } } }", u=urn
        )
    )["assetByUrn"]
    return found["sensitivity"], [each["status"] for each in found["classifications"]]


async def test_an_exception_withdraws_what_machines_said_and_keeps_it_from_coming_back(
    shop: GraphSession, admin: Principal
) -> None:
    steward = api(shop, Role.STEWARD)
    preview = await save(steward, "EMAIL", p="E*", u=SHOP.urn(1), d=True)
    assert (preview["withdrawn"], preview["withdrawnUrns"]) == (1, [column(1, "email")])
    assert await sensitivity(steward, column(1, "email")) == ("SENSITIVE", ["SUGGESTED"])
    assert nodes((await steward.ask(LIST, x=True))["classificationExceptions"]) == []

    saved = await save(steward, "EMAIL", p="E*", u=SHOP.urn(1))
    assert (saved["withdrawn"], saved["exception"]["createdBy"]) == (1, "token:steward")
    assert await sensitivity(steward, column(1, "email")) == ("PUBLIC", [])
    assert await sensitivity(steward, column(0, "email")) == ("SENSITIVE", ["SUGGESTED"])
    assert await publish(shop, admin, "r3", *FOUND) == Published(2, 1, 1)
    assert await sensitivity(steward, column(1, "email")) == ("PUBLIC", [])

    history = "query ($u: String!) { assetByUrn(urn: $u) { classificationHistory { edges { node { closedBy closedReason } } } } }"
    (period,) = nodes(
        (await steward.ask(history, u=column(1, "email")))["assetByUrn"]["classificationHistory"]
    )
    assert period == {"closedBy": "token:steward", "closedReason": "test data"}

    assert (await steward.ask(REMOVE, i=saved["exception"]["exceptionId"]))["classificationExceptionRemove"][
        "__typename"
    ] == "ClassificationExceptionRemoveSuccess"
    assert await publish(shop, admin, "r4", *FOUND) == Published(3, 0, 0)
    assert (await steward.ask(REMOVE, i="gone"))["classificationExceptionRemove"][
        "__typename"
    ] == "NotFoundError"


async def test_what_a_person_confirmed_is_no_matter_of_exceptions(
    shop: GraphSession, admin: Principal
) -> None:
    steward = api(shop, Role.STEWARD)
    confirm = (
        'mutation ($u: String!) { classificationConfirm(urn: $u, classification: "EMAIL") { __typename } }'
    )
    await steward.ask(confirm, u=column(1, "email"))
    assert (await save(steward, "EMAIL", s="shop"))["withdrawn"] == 1  # that of dataset 0 alone
    await publish(shop, admin, "r3", *FOUND)
    assert await sensitivity(steward, column(1, "email")) == ("SENSITIVE", ["CONFIRMED"])
    assert await sensitivity(steward, column(0, "email")) == ("PUBLIC", [])


async def test_an_exception_ends_at_its_time(shop: GraphSession, admin: Principal) -> None:
    steward = api(shop, Role.STEWARD)
    saved = await save(steward, "EMAIL", s="shop", e="2999-01-01T00:00:00Z")
    assert saved["exception"]["expiresAt"] == "2999-01-01T00:00:00+00:00"
    await shop.schema_statement(
        "MATCH (e:ClassificationException) SET e.expires_at = '2020-01-01T00:00:00.000000+00:00'"
    )
    assert nodes((await steward.ask(LIST, x=False))["classificationExceptions"]) == []
    assert len(nodes((await steward.ask(LIST, x=True))["classificationExceptions"])) == 1
    assert await publish(shop, admin, "r3", *FOUND) == Published(3, 1, 0)


async def test_an_exception_that_cannot_be_is_told_by_its_field(shop: GraphSession) -> None:
    steward = api(shop, Role.STEWARD)
    for given, classification, path in (
        ({}, "EMAIL", ["pattern"]),
        ({"p": "*"}, "NOTHING", ["classification"]),
        ({"u": "dataset:x~y"}, "EMAIL", ["under"]),
        ({"s": "elsewhere"}, "EMAIL", ["source"]),
        ({"p": "x" * 201}, "EMAIL", ["pattern"]),
        ({"p": "x", "e": "2020-01-01T00:00:00Z"}, "EMAIL", ["expiresAt"]),
    ):
        assert (await save(steward, classification, **given))["path"] == path
    assert (await save(api(shop, Role.EDITOR), "EMAIL", p="x"))["__typename"] == "ForbiddenError"


async def test_an_exception_about_what_is_hidden_is_not_listed(shop: GraphSession) -> None:
    await save(api(shop), "EMAIL", u=column(0, "email"))
    await shop.schema_statement(f"MATCH (a:Asset {{urn: '{column(0, 'email')}'}}) SET a.sensitivity = 4")
    assert nodes((await api(shop, Role.READER, Scope(2)).ask(LIST, x=True))["classificationExceptions"]) == []
    assert len(nodes((await api(shop).ask(LIST, x=True))["classificationExceptions"])) == 1
