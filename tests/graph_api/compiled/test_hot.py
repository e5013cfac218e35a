"""A hot operation is answered by its plan; whatever is not as usual is answered like any other request."""

from __future__ import annotations

import hashlib
from typing import Any

import httpx
import pytest

from graph_api.http.documents import PersistedDocuments
from graph_api.limits import Limits
from graph_api.roots import product_schema
from schema.errors import GraphUnavailable, QueryTimeout
from tests.graph_api.asking import Counting
from tests.graph_api.compiled.growing import PLAIN, READERS, Known
from tests.graph_api.compiled.serving import Served, root_fields

ALL = READERS[0]
PAGE = "query ($n: Int) { assets(first: $n) { edges { node { name tags { name } } } } }"
IMPACT = "query ($urn: String!) { impact(urn: $urn) { edges { hops node { name } path { name } } completeness { reason } } }"
FACETS = '{ search(query: "customer") { facets { kind } edges { node { name } } } }'


class Failing(Counting):
    """A graph on which the questions that begin with ``name`` fail, or find nothing."""

    name, error = "", None

    def fail(self, name: str, error: Exception | None) -> None:
        self.name, self.error = name, error
        self.asked.clear()

    async def rows(self, query: Any, /, **params: Any) -> list[dict[str, Any]]:
        found = await super().rows(query, **params)
        return found if self._passes(query.name) else []

    async def one(self, query: Any, /, **params: Any) -> dict[str, Any] | None:
        found = await super().one(query, **params)
        return found if self._passes(query.name) else None

    def _passes(self, name: str) -> bool:
        hit = bool(self.name) and name.startswith(self.name)
        if hit and self.error is not None:
            raise self.error
        return not hit


async def hot(served: Served, **body: Any) -> httpx.Response:
    """The third answer, which is that of the plan where there is one."""
    for _ in range(2):
        await served.ask(ALL, **body)
    return await served.ask(ALL, **body)


async def test_the_second_answer_of_a_document_comes_from_its_plan(known: Known) -> None:
    served, counts = Served(product_schema(), known.graph), []
    answers = []
    for _ in range(3):
        before = root_fields("hot"), root_fields("compiled")
        answers.append((await served.ask(ALL, query=PAGE, variables={"n": 3})).content)
        counts.append((root_fields("hot") - before[0], root_fields("compiled") - before[1]))

    assert counts == [(0, 0), (1, 0), (1, 0)]
    assert len(set(answers)) == 1


UI = (
    "{ viewer { name permissions } assets(first: 2) { edges { node { name } } } "
    "tags { edges { node { name assetCount } } } classifications(first: 2) { edges { node { name assetCount } } } "
    "sources { edges { node { name plan { band } lastRun { state } } } } "
    "runs(first: 2) { edges { node { runId stages { name state } problems(first: 1) { edges { node { code } } } source { name } } } } }"
)


async def test_a_document_of_many_domains_is_hot_and_reads_each_thing_once(known: Known) -> None:
    counting = Counting(known.graph)
    plain, planned = Served(PLAIN, counting), Served(product_schema(limits=PLAIN.limits), counting)
    expected = await plain.ask(ALL, query=UI)
    by_resolvers = len(counting.asked)
    for _ in range(2):
        await planned.ask(ALL, query=UI)
    counting.asked.clear()
    before = root_fields("hot")

    found = await planned.ask(ALL, query=UI)

    assert found.content == expected.content
    assert root_fields("hot") - before == 6
    assert len(counting.asked) <= by_resolvers


async def test_of_two_fields_that_are_refused_each_error_is_told_once(known: Known) -> None:
    refused = '{ one: assets(first: 101) { totalCount } other: suggest(prefix: "a", first: 101) { name } }'
    plain, planned = Served(PLAIN, known.graph), Served(product_schema(limits=PLAIN.limits), known.graph)
    expected = await plain.answer(ALL, refused)
    await hot(planned, query=refused)
    before = root_fields("unusual")

    assert await planned.answer(ALL, refused) == expected
    assert root_fields("unusual") == before


@pytest.mark.parametrize(
    "variables",
    [{"n": 101}, {"n": "three"}, {"n": 2**40}, {"n": 100, "more": [[[[1]]]]}, {"n": -1}, {}, {"n": None}],
)
async def test_a_plan_does_not_outlive_the_rules_for_each_request(
    variables: dict[str, Any], known: Known
) -> None:
    limits = Limits(cost=1_500, nesting=3)
    plain, planned = [
        Served(product_schema(compile_after=after, limits=limits), known.graph) for after in (None, 0)
    ]
    await hot(planned, query=PAGE, variables={"n": 3})

    expected = await plain.ask(ALL, query=PAGE, variables=variables)
    found = await planned.ask(ALL, query=PAGE, variables=variables)

    assert (found.status_code, found.content) == (expected.status_code, expected.content)


async def test_the_cost_of_a_hot_request_is_told_as_that_of_any_other(known: Known) -> None:
    plain, planned = Served(PLAIN, known.graph), Served(product_schema(limits=PLAIN.limits), known.graph)
    expected = await plain.ask(ALL, query=PAGE, variables={"n": 7})
    found = await hot(planned, query=PAGE, variables={"n": 7})

    assert found.json()["extensions"]["cost"] == expected.json()["extensions"]["cost"]


async def test_a_persisted_document_is_hot_by_its_hash_and_an_untrusted_one_never(known: Known) -> None:
    digest = hashlib.sha256(PAGE.encode()).hexdigest()
    persisted = {"persistedQuery": {"version": 1, "sha256Hash": digest}}
    learnt = Served(product_schema(persisted=PersistedDocuments("apq")), known.graph)
    await learnt.ask(ALL, query=PAGE, extensions=persisted)
    before = root_fields("hot")
    by_hash = await learnt.ask(ALL, extensions=persisted)
    trusting = Served(product_schema(persisted=PersistedDocuments("trusted", [PAGE])), known.graph)
    by_id = await hot(trusting, documentId=f"sha256:{digest}")
    other = await hot(trusting, query=PAGE + " ")

    assert by_hash.content == by_id.content
    assert root_fields("hot") - before == 3
    assert other.json()["errors"][0]["extensions"]["code"] == "DOCUMENT_NOT_TRUSTED"


async def test_of_several_operations_the_named_one_is_answered(known: Known) -> None:
    document = "query A { assets(first: 1) { edges { cursor } } } query B { assets(first: 2) { edges { cursor } } } mutation C { __typename }"
    served = Served(product_schema(compile_after=0), known.graph)
    answers = {name: await hot(served, query=document, operationName=name) for name in ("A", "B", "C")}
    unnamed, unknown = (
        await hot(served, query=document),
        await hot(served, query=document, operationName="D"),
    )

    assert [len(answers[name].json()["data"]["assets"]["edges"]) for name in "AB"] == [1, 2]
    assert answers["C"].json()["data"] == {"__typename": "Mutation"}
    for refused in (unnamed, unknown):
        assert refused.json()["errors"][0]["extensions"]["code"] == "OPERATION_RESOLUTION_FAILURE"


@pytest.mark.parametrize(
    ("document", "failing", "questions"),
    [
        (PAGE, "selection.catalog.page", 1),
        ("{ a: assets(first: 1) { edges { cursor } } search(query: \"x\") { note } }", "selection.catalog.page", 5),
    ],
)  # fmt: skip
@pytest.mark.parametrize("error", [QueryTimeout("slow"), GraphUnavailable("away")])
async def test_a_read_that_fails_is_told_of_without_another_try(
    document: str, failing: str, questions: int, error: Exception, known: Known
) -> None:
    plain, graph = Failing(known.graph), Failing(known.graph)
    served = Served(product_schema(), graph)
    await hot(served, query=document)
    graph.fail(failing, error)
    plain.fail("catalog.page", error)

    expected = await Served(product_schema(compile_after=None), plain).answer(ALL, document)
    found = await served.answer(ALL, document)

    assert found == expected
    assert len(graph.asked) <= questions
    assert graph.asked.count("selection.catalog.page_forward") == 1


async def test_a_read_that_fails_inside_of_what_was_found_gets_the_resolvers_error_and_place(
    known: Known,
) -> None:
    plain, graph = Failing(known.graph), Failing(known.graph)
    served = Served(product_schema(), graph)
    await hot(served, query=FACETS)
    for each in (plain, graph):
        each.fail("search.facets", QueryTimeout("slow"))

    expected = await Served(product_schema(compile_after=None), plain).answer(ALL, FACETS)
    found = await served.answer(ALL, FACETS)

    assert found == expected
    assert b'"path":["search","facets"]' in found[2][0]
    assert graph.asked.count("search.facets") == 2


async def test_an_asset_that_goes_between_the_walk_and_the_reading_gets_the_resolvers_error(
    known: Known,
) -> None:
    urn = next(urn for urn in known.urns if urn.startswith("dataset:") and "layer0" in urn)
    graph = Failing(known.graph)
    served = Served(product_schema(), graph)
    whole = await hot(served, query=IMPACT, variables={"urn": urn})
    graph.fail("selection.catalog.by_urns", None)
    again = await served.ask(ALL, query=IMPACT, variables={"urn": urn})

    assert whole.json()["data"]["impact"]["edges"]
    assert again.json() == whole.json()  # found by the resolvers, since the statement found nothing
