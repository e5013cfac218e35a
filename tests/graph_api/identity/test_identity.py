"""Who asks, tokens, and the audit trail, through the API."""

from __future__ import annotations

import pytest

from cypher.session import GraphSession
from graph_api.services import GraphTokens
from schema.domain.identity import Role, Scope
from tests.graph_api.asking import api, nodes

CREATE = "mutation ($i: TokenInput!) { tokenCreate(input: $i) { __typename ... on TokenCreateSuccess { tokenId secret } ... on UserError { path } } }"


async def test_the_viewer_learns_what_he_may(graph: GraphSession) -> None:
    found = (
        await api(graph, Role.STEWARD, Scope(2, ("hr", ""))).ask(
            "{ viewer { name role permissions clearance domains } }"
        )
    )["viewer"]
    assert found == {
        "name": "Steward",
        "role": "STEWARD",
        "permissions": ["READ", "EDIT", "CLASSIFY", "APPROVE", "SAMPLE"],
        "clearance": "CONFIDENTIAL",
        "domains": ["hr", ""],
    }


async def test_a_token_is_made_works_and_is_revoked(graph: GraphSession) -> None:
    made = (
        await api(graph).ask(
            CREATE, i={"name": "ci", "role": "READER", "clearance": "INTERNAL", "domains": ["hr"]}
        )
    )["tokenCreate"]
    holder = await GraphTokens(graph).verify(made["secret"])
    assert holder is not None
    assert (holder.role, holder.scope) == (Role.READER, Scope(1, ("hr",)))

    listed = await api(graph).ask(
        "{ tokens { edges { node { tokenId name role clearance domains revokedAt } } } }"
    )
    (token,) = nodes(listed["tokens"])
    assert token == {
        "tokenId": made["tokenId"],
        "name": "ci",
        "role": "READER",
        "clearance": "INTERNAL",
        "domains": ["hr"],
        "revokedAt": None,
    }
    assert made["secret"] not in str(listed)
    revoked = await api(graph).ask(
        "mutation ($i: String!) { tokenRevoke(id: $i) { __typename } }", i=made["tokenId"]
    )
    assert revoked == {"tokenRevoke": {"__typename": "TokenRevokeSuccess"}}
    assert await GraphTokens(graph).verify(made["secret"]) is None


@pytest.mark.parametrize(
    ("given", "path"),
    [({"clearance": "SENSITIVE"}, ["clearance"]), ({"domains": ["hr"]}, ["domains"]), ({"domains": None}, ["domains"]),
     ({"name": ""}, ["name"]), ({"expiresAt": "2030-01-01T00:00:00"}, ["expiresAt"])],
    ids=str,
)  # fmt: skip
async def test_nobody_hands_out_more_than_he_has(
    graph: GraphSession, given: dict[str, object], path: list[str]
) -> None:
    limited = api(graph, Role.ADMIN, Scope(2, ("sales",)))
    found = (await limited.ask(CREATE, i={"name": "x", "role": "READER", "domains": ["sales"], **given}))[
        "tokenCreate"
    ]
    assert (found["__typename"], found["path"]) == ("InvalidInputError", path)


async def test_tokens_and_the_audit_trail_are_for_administrators(graph: GraphSession) -> None:
    steward = api(graph, Role.STEWARD)
    assert await steward.refused("{ tokens { edges { cursor } } }") == "FORBIDDEN"
    assert await steward.refused("{ auditEvents { edges { cursor } } }") == "FORBIDDEN"
    assert (await steward.ask(CREATE, i={"name": "x", "role": "READER"}))["tokenCreate"][
        "__typename"
    ] == "ForbiddenError"


async def test_the_audit_trail_is_paged_from_both_ends_and_filtered(graph: GraphSession) -> None:
    for number in range(5):
        await api(graph).ask(CREATE, i={"name": f"t{number}", "role": "READER"})
    document = "query ($n: Int, $a: String, $l: Int, $f: AuditFilter) { auditEvents(first: $n, after: $a, last: $l, filter: $f) { edges { node { action actor details hash previous } } pageInfo { endCursor hasNextPage } } }"
    first = (await api(graph).ask(document, n=3))["auditEvents"]
    rest = (await api(graph).ask(document, n=3, a=first["pageInfo"]["endCursor"]))["auditEvents"]
    oldest = (await api(graph).ask(document, l=1))["auditEvents"]

    assert [event["details"]["name"] for event in nodes(first) + nodes(rest)] == [
        "t4",
        "t3",
        "t2",
        "t1",
        "t0",
    ]
    assert nodes(oldest)[0]["details"]["name"] == "t0"
    assert all(len(event["hash"]) == 64 for event in nodes(first))
    assert nodes((await api(graph).ask(document, f={"action": "asset.describe"}))["auditEvents"]) == []
    assert (
        len(
            nodes(
                (await api(graph).ask(document, f={"actor": "token:admin", "action": "token.create"}))[
                    "auditEvents"
                ]
            )
        )
        == 5
    )
