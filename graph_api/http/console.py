"""The GraphQL console, the page at /graphql for browsers: static files of this package, no other host, no data."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from importlib.resources import files
from pathlib import PurePath
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Example:
    """A document the console offers.

    ``lookups`` names variables whose value differs between installations: the first leaf that the query given answers.
    """

    title: str
    query: str
    variables: dict[str, Any] = field(default_factory=dict)
    lookups: dict[str, str] = field(default_factory=dict)


def page(examples: Sequence[Example] = ()) -> Response:
    """The page with its examples in it."""
    # "<" would let a text end the script element that carries it.
    data = orjson.dumps([asdict(example) for example in examples]).replace(b"<", b"\\u003c")
    html = _asset("console.html").replace(b"__EXAMPLES__", data)
    headers = {"content-security-policy": _POLICY, "vary": "accept"}
    return Response(html, headers=headers, media_type="text/html")


def console_routes() -> list[Route]:
    """Routes of the page's scripts, style and icon."""
    names = sorted(entry.name for entry in files("graph_api.web").iterdir())
    return [
        Route(f"/graphql/{name}", _serve(name, _TYPES[suffix]))
        for name in names
        if (suffix := PurePath(name).suffix) in _TYPES
    ]


def _serve(name: str, media_type: str) -> Any:
    content = _asset(name)
    tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
    # The files belong together: a browser asks each time, so that it never mixes those of two versions.
    headers = {"cache-control": "no-cache", "etag": tag, "cross-origin-resource-policy": "same-origin"}

    async def serve(request: Request) -> Response:
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(content, headers=headers, media_type=media_type)

    return serve


def _asset(name: str) -> bytes:
    return files("graph_api.web").joinpath(name).read_bytes()
