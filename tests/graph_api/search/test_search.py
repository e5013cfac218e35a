"""Search: what is found, in which order and why; hostile text; pages; what is said when meaning cannot be looked for."""

from __future__ import annotations

import time

import pytest

from cypher.search.lucene import lucene, words
from cypher.session import GraphSession
from ingest.commands import catalog
from schema.domain.catalog import DiscoveredColumn, DiscoveredDataset
from schema.domain.identity import Principal
from schema.domain.platforms import dataset_urn
from tests.graph_api.asking import Api, Vectors, api, nodes
from tests.seed import register, vectors, warehouse

SHOP = warehouse("shop", "", datasets=0, columns=0)
TABLES = {
    "customer": "People who bought something.",
    "customer_address": "Where they live.",
    "kunden_straße": "Street, in German.",
    "顧客_住所": "Address, in Japanese.",
    "orders": "One row per order of a customer.",
    "InvoiceLine": "Lines of invoices.",
    "to": "A stop word as a name.",
}
SEARCH = """query ($q: String!, $m: SearchMode!, $f: AssetFilter, $n: Int, $a: String, $l: Int, $b: String) {
  search(query: $q, mode: $m, filter: $f, first: $n, after: $a, last: $l, before: $b) {
    totalCount totalCountIsBounded vectorsReady note timedOut
    edges { score reasons { kind field snippet rank } node { name kind urn } }
    facets { kind values { value count } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""
HOSTILE = [
    "*", "*a", "a~", "/.*/", "a AND (", '"', "classification:PII", "name:[* TO *]", "name:customer", "' OR 1=1 //", "\\", "\\u0027",
    "}) RETURN 1 UNION MATCH (n) DETACH DELETE n //", "customer` DETACH DELETE n", "CALL apoc.load.json('x')", "LOAD CSV FROM 'http://x' AS l",
    "a" * 32_768, "w " * 10_000, "(" * 500, "customer\x00name", "", "   ", "AND OR NOT", "-customer", "+customer", "customer^1000", "\ud800".encode("utf-8", "replace").decode(), "𝕔ustomer", "مرحبا", "顧客", "!@#$%^&*()[]{}", "customer OR 1",
]  # fmt: skip


@pytest.fixture
async def tables(graph: GraphSession, admin: Principal) -> GraphSession:
    await register(graph, SHOP)
    found = [
        DiscoveredDataset(
            dataset_urn("postgres://shop:5432", ("db", "public", name)),
            ("db", "public", name),
            columns=(DiscoveredColumn("id", "int"), DiscoveredColumn("customer_id", "int")),
            comment=comment,
        )
        for name, comment in TABLES.items()
    ]
    await catalog.publish_datasets(graph, admin, found, run="r", by="shop")
    await catalog.publish_embeddings(graph, admin, vectors([str(d.urn) for d in found]), run="r")
    await graph.schema_statement("CALL db.awaitIndexes(60)")
    return graph


async def search(asked: Api, query: str, mode: str = "HYBRID", **more: object) -> dict[str, object]:
    variables = {
        "q": query,
        "m": mode,
        "f": {"kinds": ["DATASET"]},
        "n": None,
        "a": None,
        "l": None,
        "b": None,
    } | more
    return (await asked.ask(SEARCH, **variables))["search"]  # type: ignore[no-any-return]


def names(found: dict[str, object]) -> list[str]:
    return [hit["name"] for hit in nodes(found)]  # type: ignore[arg-type]


@pytest.mark.parametrize("mode", ["HYBRID", "FULLTEXT", "EXACT"])
async def test_the_exact_name_comes_first(tables: GraphSession, mode: str) -> None:
    for name in ("customer", "orders", "CUSTOMER"):
        found = await search(api(tables), name, mode)
        assert names(found)[0] == name.lower()


async def test_a_dotted_path_and_a_urn_are_exact_names(tables: GraphSession) -> None:
    assert names(await search(api(tables), "public.orders", "EXACT")) == ["orders"]
    assert names(await search(api(tables), "db.public.orders", "EXACT")) == ["orders"]
    assert names(await search(api(tables), "other.orders", "EXACT")) == []
    assert names(
        await search(api(tables), str(dataset_urn("postgres://shop:5432", "db.public.orders")), "EXACT")
    ) == ["orders"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("custmer", "customer"), ("cutsomer", "customer"), ("custoomer", "customer"), ("customar", "customer"), ("odrers", "orders"),
        ("addr", "customer_address"), ("invoice line", "InvoiceLine"), ("straße", "kunden_straße"), ("住所", "顧客_住所"), ("to", "to"),
    ],
)  # fmt: skip
async def test_one_wrong_letter_a_beginning_and_words_of_any_script_are_found(
    tables: GraphSession, typed: str, meant: str
) -> None:
    assert names(await search(api(tables), typed, "FULLTEXT"))[0] == meant


async def test_hits_say_why_they_are_hits(tables: GraphSession) -> None:
    hits = {
        hit["node"]["name"]: hit["reasons"]
        for hit in (await search(api(tables), "customer"))["edges"]  # type: ignore[attr-defined]
    }

    assert [reason["kind"] for reason in hits["customer"]][:2] == ["EXACT_NAME", "NAME"]
    (text,) = [reason for reason in hits["orders"] if reason["kind"] == "TEXT"]
    assert text["field"] == "sourceDescription"
    assert "customer" in text["snippet"]
    assert any(
        reason["kind"] == "MEANING" and reason["rank"] >= 1 for reasons in hits.values() for reason in reasons
    )


async def test_facets_and_total_count_the_whole_answer_not_the_page(tables: GraphSession) -> None:
    found = await search(api(tables), "customer", "FULLTEXT", f=None, n=2)
    facets = {facet["kind"]: {v["value"]: v["count"] for v in facet["values"]} for facet in found["facets"]}  # type: ignore[attr-defined]

    assert found["totalCount"] == 3 + 7
    assert facets["KIND"] == {"COLUMN": 7, "DATASET": 3}
    assert sum(facets["SENSITIVITY"].values()) == found["totalCount"]
    assert found["totalCountIsBounded"] is False


@pytest.mark.parametrize("mode", ["HYBRID", "FULLTEXT", "SEMANTIC"])
async def test_pages_from_both_ends_are_the_whole_order(tables: GraphSession, mode: str) -> None:
    asked = api(tables)
    whole = [hit["urn"] for hit in nodes(await search(asked, "customer id", mode, f=None, n=100))]  # type: ignore[arg-type]
    forward: list[str] = []
    after = None
    while True:
        page = await search(asked, "customer id", mode, f=None, n=4, a=after)
        forward += [hit["urn"] for hit in nodes(page)]  # type: ignore[arg-type]
        if not page["pageInfo"]["hasNextPage"]:  # type: ignore[index]
            break
        after = page["pageInfo"]["endCursor"]  # type: ignore[index]
    back: list[str] = []
    before = None
    while True:
        page = await search(asked, "customer id", mode, f=None, l=3, b=before)
        back = [hit["urn"] for hit in nodes(page)] + back  # type: ignore[arg-type]
        if not page["pageInfo"]["hasPreviousPage"]:  # type: ignore[index]
            break
        before = page["pageInfo"]["startCursor"]  # type: ignore[index]

    assert len(whole) == len(set(whole)) > 4
    assert forward == whole
    assert back == whole


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text)[:30])
async def test_any_text_is_a_query_and_none_has_a_syntax(tables: GraphSession, text: str) -> None:
    for mode in ("HYBRID", "FULLTEXT", "EXACT"):
        start = time.perf_counter()
        found = await search(api(tables), text, mode)
        assert time.perf_counter() - start < 2
        assert found["timedOut"] is False
    names_left = await search(api(tables), "customer", "EXACT")
    assert names(names_left) == ["customer"]


async def test_syntax_around_a_word_changes_nothing(tables: GraphSession) -> None:
    plain = await search(api(tables), "customer", "FULLTEXT")
    for text in (
        "+customer",
        "customer*",
        '"customer"',
        "(customer)",
        "customer^9",
        "/customer/",
        "customer~",
    ):
        found = await search(api(tables), text, "FULLTEXT")
        assert (names(found), found["totalCount"]) == (names(plain), plain["totalCount"])


async def test_without_a_model_the_words_still_answer_and_it_is_said(tables: GraphSession) -> None:
    without = Api(tables, api(tables).principal, services={})
    found = await search(without, "customer")
    assert names(found)[0] == "customer"
    assert found["vectorsReady"] is False
    assert "not ready" in str(found["note"])
    assert names(await search(without, "customer", "SEMANTIC")) == []


async def test_without_vectors_it_is_said(tables: GraphSession) -> None:
    await tables.schema_statement("MATCH (a:Asset {kind: 'DATASET'}) REMOVE a.embedding")
    found = await search(api(tables), "customer", "SEMANTIC")
    assert (names(found), found["vectorsReady"]) == ([], False)


async def test_meaning_brings_the_nearest_vector_first(tables: GraphSession) -> None:
    class Nearest(Vectors):
        async def embed_query(self, text: str) -> list[float]:
            return await super().embed_query(str(dataset_urn("postgres://shop:5432", "db.public.orders")))

    asked = Api(tables, api(tables).principal, services={"embedder": Nearest()})
    assert names(await search(asked, "purchases", "SEMANTIC"))[0] == "orders"


async def test_names_are_suggested_by_their_beginning(tables: GraphSession) -> None:
    document = "query ($p: String!) { suggest(prefix: $p) { name kinds assetCount } }"
    found = (await api(tables).ask(document, p="Cust"))["suggest"]
    assert [each["name"] for each in found] == ["customer", "customer_id", "customer_address"]
    assert found[1] == {"name": "customer_id", "kinds": ["COLUMN"], "assetCount": 7}
    assert (await api(tables).ask(document, p="  "))["suggest"] == []


def test_the_text_for_the_index_holds_words_and_our_own_syntax_alone() -> None:
    assert words(["a:b", "C*", '"x"']) == ["b", "c", "x"]
    assert words(["to", "of"]) == ["to", "of"]
    assert len(words(f"w{n}" for n in range(100))) == 12
    text = lucene(words(["x) OR name:secret"]))
    assert 'name:["secret" TO "secret"]' in text
    assert text.count("(") == 0
