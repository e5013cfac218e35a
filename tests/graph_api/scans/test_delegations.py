"""Somebody stands in for who may approve runs: for a time, never for himself, and for everybody to see."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cypher.audit import reads as audit
from cypher.session import GraphSession
from ingest.commands import delegations, plans, runs, scans
from ingest.commands.identity import create_token, revoke_token
from schema.domain.identity import EVERYTHING, Principal, Role, Scope
from schema.domain.plans import ApprovalRule, ScanPlan
from schema.errors import Conflict, Forbidden, InvalidInput, NotFound
from tests.conftest import Neo4jAddress
from tests.graph_api.asking import Api, api, nodes
from tests.graph_api.cli.installation import Installation
from tests.seed import register, warehouse

APPROVE = """mutation ($r: String!) { scanApprove(run: $r, approved: true, reason: "fine") { __typename
  ... on ScanApproveSuccess { run { state approval { decidedBy onBehalfOf reason } } } ... on UserError { message } } }"""
DELEGATE = """mutation ($to: String!, $end: DateTime!, $why: String!) { approvalDelegate(to: $to, endsAt: $end, reason: $why) { __typename
  ... on ApprovalDelegateSuccess { delegationId } ... on UserError { message path remedy } } }"""
LIST = """query ($ended: Boolean = false, $n: Int, $after: String) { approvalDelegations(ended: $ended, first: $n, after: $after) {
  edges { cursor node { delegationId giver holder reason revokedBy } } pageInfo { hasNextPage } } }"""


def soon(days: float = 7) -> datetime:
    return datetime.now(UTC) + timedelta(days=days)


async def person(
    graph: GraphSession, admin: Principal, name: str, role: Role, scope: Scope = EVERYTHING
) -> Principal:
    ident, _ = await create_token(graph, admin, name=name, role=role, scope=scope, ident=name)
    return Principal(ident, name, role, scope)


@pytest.fixture
async def waiting(graph: GraphSession, admin: Principal) -> GraphSession:
    """A source each scan of which needs approval."""
    await register(graph, warehouse("shop", "", datasets=0, columns=0))
    await plans.set_plan(graph, admin, source="shop", plan=ScanPlan(approval=ApprovalRule.ALWAYS))
    return graph


async def asked(graph: GraphSession, who: Principal) -> str:
    return await scans.request(graph, who, source="shop")


async def give(graph: GraphSession, giver: Principal, to: Principal, days: float = 7) -> str:
    return await delegations.delegate(
        graph, giver, holder=to.id, starts_at=None, ends_at=soon(days), reason="holidays"
    )


async def test_a_deputy_without_the_role_approves_and_the_run_and_the_audit_trail_name_both(
    waiting: GraphSession, admin: Principal
) -> None:
    steward = await person(waiting, admin, "stella", Role.STEWARD)
    deputy = await person(waiting, admin, "dan", Role.OPERATOR)
    run = await asked(waiting, admin)
    mine = Api(waiting, deputy)
    assert (await mine.ask(APPROVE, r=run))["scanApprove"]["__typename"] == "ForbiddenError"

    args: dict[str, Any] = {"to": "dan", "end": soon().isoformat(), "why": "holidays"}
    given = (await Api(waiting, steward).ask(DELEGATE, **args))["approvalDelegate"]
    assert given["__typename"] == "ApprovalDelegateSuccess", given
    done = (await mine.ask(APPROVE, r=run))["scanApprove"]

    assert done["run"]["approval"] == {"decidedBy": "dan", "onBehalfOf": "stella", "reason": "fine"}
    assert done["run"]["state"] == "QUEUED"
    (event,) = await audit.events(waiting, first=5, action="scan.approve")
    details = json.loads(event["details"]) if isinstance(event["details"], str) else event["details"]
    assert (event["actor"], details["on_behalf_of"]) == ("dan", "stella")
    (told,) = await audit.events(waiting, first=5, action="approval.delegate")
    assert (told["actor"], told["reason"]) == ("stella", "holidays")
    for who in (steward, deputy):
        assert [
            each["holder"] for each in nodes((await Api(waiting, who).ask(LIST))["approvalDelegations"])
        ] == ["dan"]
    stranger = await person(waiting, admin, "eve", Role.READER)
    assert nodes((await Api(waiting, stranger).ask(LIST))["approvalDelegations"]) == []


async def test_nobody_s_own_run_is_approved_through_a_delegate(
    waiting: GraphSession, admin: Principal
) -> None:
    boss = await person(waiting, admin, "bo", Role.ADMIN)
    steward = await person(waiting, admin, "stella", Role.STEWARD)
    deputy = await person(waiting, admin, "dan", Role.OPERATOR)
    await give(waiting, boss, deputy)
    run = await asked(waiting, boss)
    with pytest.raises(Conflict, match="stands in for him"):
        await runs.approve(waiting, deputy, run=run, approved=True, reason="as told")
    await give(waiting, steward, deputy)  # who did not ask for it
    await runs.approve(waiting, deputy, run=run, approved=True, reason="she agrees")
    await runs.cancel(waiting, boss, run=run)

    own = await asked(waiting, deputy)
    with pytest.raises(Conflict, match="may not decide about it"):
        await runs.approve(waiting, deputy, run=own, approved=True, reason="mine")
    reader = await person(waiting, admin, "rita", Role.READER)
    with pytest.raises(Forbidden):
        await give(waiting, deputy, reader)  # the right cannot be handed on


async def test_a_delegation_ends_with_its_time_its_revocation_and_the_right_of_its_giver(
    waiting: GraphSession, admin: Principal
) -> None:
    steward = await person(waiting, admin, "stella", Role.STEWARD)
    deputy = await person(waiting, admin, "dan", Role.OPERATOR)
    run = await asked(waiting, admin)

    async def may() -> bool:
        try:
            await delegations.require_approver(waiting, deputy)
        except Forbidden:
            with pytest.raises(Forbidden):
                await runs.approve(waiting, deputy, run=run, approved=True, reason="why not")
            return False
        return True

    later = datetime.now(UTC) + timedelta(days=1)
    await delegations.delegate(
        waiting, steward, holder="dan", starts_at=later, ends_at=soon(), reason="from tomorrow on"
    )
    assert not await may()
    first = await give(waiting, steward, deputy)
    assert await may()
    other = await person(waiting, admin, "sam", Role.STEWARD)
    with pytest.raises(NotFound):
        await delegations.revoke(waiting, other, ident=first)
    await delegations.revoke(waiting, steward, ident=first)
    assert not await may()
    await give(waiting, steward, deputy)
    assert await may()
    await revoke_token(waiting, admin, ident="stella")
    assert not await may()


async def test_a_deputy_decides_only_about_sources_that_the_giver_may_see(
    graph: GraphSession, admin: Principal
) -> None:
    await register(graph, warehouse("shop", "hr", datasets=0, columns=0))
    await plans.set_plan(graph, admin, source="shop", plan=ScanPlan(approval=ApprovalRule.ALWAYS))
    sales = await person(graph, admin, "stella", Role.STEWARD, Scope(4, ("sales",)))
    deputy = await person(graph, admin, "dan", Role.OPERATOR)
    await give(graph, sales, deputy)
    run = await asked(graph, admin)
    with pytest.raises(Forbidden):
        await runs.approve(graph, deputy, run=run, approved=True, reason="all clear")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"ends_at": soon(-1)}, "endsAt"),
        ({"ends_at": soon(200)}, "endsAt"),
        ({"ends_at": soon().replace(tzinfo=None)}, "endsAt"),
        ({"holder": "person:ada"}, "to"),
        ({"reason": " "}, "reason"),
    ],
)
async def test_a_delegation_without_sense_is_refused_with_its_field(
    graph: GraphSession, admin: Principal, change: dict[str, Any], field: str
) -> None:
    await person(graph, admin, "dan", Role.OPERATOR)
    given: dict[str, Any] = {"holder": "dan", "starts_at": None, "ends_at": soon(), "reason": "why"}
    with pytest.raises(InvalidInput) as refused:
        await delegations.delegate(graph, admin, **given | change)
    assert refused.value.path == (field,)


async def test_the_command_line_delegates_lists_and_revokes(
    graph: GraphSession, admin: Principal, neo4j_server: Neo4jAddress, tmp_path: Any
) -> None:
    await person(graph, admin, "dan", Role.OPERATOR)
    installation = Installation.of(neo4j_server, "redis://127.0.0.1:1/0", tmp_path / "cli")
    given = await installation.run("approvals", "delegate", "--to", "dan", "--until", "7d", "--reason", "ill")
    ident = given.stdout.strip()
    (row,) = json.loads((await installation.run("approvals", "list", "--json")).stdout)
    assert (row["id"], row["holder"], row["giver"].partition(":")[0]) == (ident, "dan", "cli")
    await delegations.require_approver(graph, Principal("dan", "dan", Role.OPERATOR, EVERYTHING))

    await installation.run("approvals", "revoke", ident)

    assert nodes((await api(graph).ask(LIST))["approvalDelegations"]) == []
    assert [
        each["revokedBy"] for each in nodes((await api(graph).ask(LIST, ended=True))["approvalDelegations"])
    ] == [row["giver"]]


async def test_delegations_are_paged_from_the_newest(graph: GraphSession, admin: Principal) -> None:
    deputy = await person(graph, admin, "dan", Role.OPERATOR)
    idents = [await give(graph, admin, deputy) for _ in range(3)]
    found: list[str] = []
    after, more = None, True
    while more:
        page = (await api(graph).ask(LIST, n=2, after=after))["approvalDelegations"]
        found += [each["delegationId"] for each in nodes(page)]
        after, more = page["edges"][-1]["cursor"], page["pageInfo"]["hasNextPage"]
    assert found == idents[::-1]
