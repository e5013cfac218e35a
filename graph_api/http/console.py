"""The query page at /graphql for browsers: static files of this package, no other host, no data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from importlib.resources import files
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_ASSETS = {"console.js": "text/javascript", "console.css": "text/css"}


@dataclass(frozen=True, slots=True)
class Example:
    """A query the page offers."""

    title: str
    query: str
    variables: dict[str, Any] = field(default_factory=dict)


def page(examples: Sequence[Example] = ()) -> Response:
    """The page with its examples in it."""
    # "<" would let a text end the script element that carries it.
    data = orjson.dumps([asdict(example) for example in examples]).replace(b"<", b"\\u003c")
    html = _asset("console.html").replace(b"__EXAMPLES__", data)
    return Response(html, headers={"content-security-policy": _POLICY}, media_type="text/html")


def console_routes() -> list[Route]:
    """Routes of the page's script and style."""
    return [Route(f"/graphql/{name}", _serve(name, media_type)) for name, media_type in _ASSETS.items()]


def _serve(name: str, media_type: str) -> Any:
    response = Response(_asset(name), headers={"cache-control": "max-age=300"}, media_type=media_type)

    async def serve(request: Request) -> Response:
        return response

    return serve


def _asset(name: str) -> bytes:
    return files("graph_api.web").joinpath(name).read_bytes()
