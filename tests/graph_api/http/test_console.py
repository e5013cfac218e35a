"""What the server sends for the console: types, headers, nothing of other hosts, examples that the schema takes."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from importlib.resources import files

import httpx
import pytest
from graphql import OperationDefinitionNode

from graph_api.demo.examples import EXAMPLES, PRINTED
from graph_api.http.console import Example, page
from graph_api.roots import product_schema

TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
ASSETS = sorted(
    entry.name for entry in files("graph_api.web").iterdir() if entry.name.endswith((".js", ".css", ".svg"))
)
IMPORT = re.compile(r"""(?:from|import\()\s*["']([^"']+)["']""")


class Page(HTMLParser):
    """What a page loads, its inline scripts, and the ids of its elements."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.ids: list[str] = []
        self.references: list[str] = []
        self.inline: list[str | None] = []
        self.styled = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.loads += [found[name] or "" for name in ("src", "href") if name in found]
        self.ids += [found["id"] or ""] if "id" in found else []
        for name in ("for", "aria-controls", "aria-labelledby", "aria-describedby"):
            self.references += (found.get(name) or "").split()
        self.styled |= "style" in found or tag == "style" or any(name.startswith("on") for name in found)
        if tag == "script" and "src" not in found:
            self.inline.append(found.get("type"))


@pytest.fixture
async def browser(address: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client without a token."""
    async with httpx.AsyncClient(base_url=f"http://{address}", headers={"accept": "text/html"}) as found:
        yield found


async def test_the_page_loads_nothing_that_its_policy_forbids(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/graphql")

    policy = dict(part.split(" ", 1) for part in answer.headers["content-security-policy"].split("; "))
    assert policy.pop("default-src") == policy.pop("frame-ancestors") == policy.pop("base-uri") == "'none'"
    assert policy.pop("form-action") == "'none'"
    assert set(policy.values()) == {"'self'"}
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["vary"] == "accept"
    found = Page(answer.text)
    assert found.inline == ["application/json"]
    assert not found.styled
    assert {load.removeprefix("graphql/") for load in found.loads} <= set(ASSETS)
    assert len(found.ids) == len(set(found.ids))
    assert set(found.references) <= set(found.ids)


@pytest.mark.parametrize("name", ASSETS)
async def test_a_file_of_the_page_has_its_type_and_is_sent_once(
    browser: httpx.AsyncClient, name: str
) -> None:
    answer = await browser.get(f"/graphql/{name}")

    assert answer.status_code == 200
    assert answer.headers["content-type"].partition(";")[0] == TYPES[name[name.rindex(".") :]]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-cache"
    again = await browser.get(f"/graphql/{name}", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    changed = await browser.get(f"/graphql/{name}", headers={"if-none-match": '"of-another-version"'})
    assert changed.status_code == 200


@pytest.mark.parametrize("name", [*ASSETS, "console.html"])
def test_a_file_of_the_page_names_no_other_host(name: str) -> None:
    text = files("graph_api.web").joinpath(name).read_text("utf-8")

    without_namespace = text.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert not re.search(r"\b(?:https?|wss?)://|[\"'(]//", without_namespace)
    assert "eval(" not in text
    assert "innerHTML" not in text
    assert {module.removeprefix("./") for module in IMPORT.findall(text)} <= set(ASSETS)


async def test_other_files_of_the_package_are_not_served(browser: httpx.AsyncClient) -> None:
    for name in ("__init__.py", "console.html", "../asgi.py", "nothing.js"):
        assert (await browser.get(f"/graphql/{name}")).status_code == 404


def test_an_example_cannot_leave_the_element_that_carries_it() -> None:
    example = Example("</script><script>alert(1)</script>", "{ __typename }", {"a": "<!--"})

    text = bytes(page([example]).body).decode()

    found = Page(text)
    assert found.inline == ["application/json"]
    carried = text.partition('id="example-data">')[2].partition("</script>")[0]
    assert json.loads(carried) == [
        {"title": example.title, "query": example.query, "variables": {"a": "<!--"}, "lookups": {}}
    ]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.title)
def test_an_example_is_valid_and_within_the_limits(example: Example) -> None:
    schema = product_schema()
    document = schema.documents.parse(example.query)

    operations = [each for each in document.node.definitions if isinstance(each, OperationDefinitionNode)]
    needed = {
        variable.variable.name.value for each in operations for variable in each.variable_definitions or ()
    }
    assert needed == example.variables.keys() | example.lookups.keys()
    for operation in operations:
        assert operation.name is not None
        variables = example.variables | dict.fromkeys(example.lookups, "")
        _, errors = schema.documents.check(document, example.query, variables, operation.name.value)
        assert errors == []
    for lookup in example.lookups.values():
        _, errors = schema.documents.check(schema.documents.parse(lookup), lookup, None, None)
        assert errors == []


def test_the_demonstration_prints_queries_that_run_by_a_copied_command() -> None:
    for example in PRINTED:
        assert example.query.startswith("query ")
        assert not example.lookups
        assert '"' not in example.query
