"""Reads one GraphQL request out of an HTTP request, and says precisely what is wrong with it otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import GraphQLError
from starlette.requests import Request

from graph_api.errors import refusal
from graph_api.http.negotiation import JSON, Failure

BAD_REQUEST = "BAD_REQUEST"


class Refused(Exception):
    """The request cannot be answered with ``data``; ``status`` overrules what ``failure`` would give."""

    def __init__(
        self,
        error: GraphQLError,
        failure: Failure = Failure.MALFORMED,
        *,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(error.message)
        self.error, self.failure, self.status, self.headers = error, failure, status, dict(headers or {})


@dataclass(frozen=True, slots=True)
class Parameters:
    """The parameters of a GraphQL request, of the right types; ``query`` is not resolved yet."""

    query: str | None
    variables: dict[str, Any] | None
    operation_name: str | None
    extensions: dict[str, Any] | None
    document_id: str | None


async def read(request: Request) -> Parameters:
    """The parameters in the body of a POST or the URL of a GET; raises ``Refused``."""
    if request.method == "GET":
        found: dict[str, Any] = dict(request.query_params)
        for name in ("variables", "extensions"):
            if found.get(name):
                found[name] = decode(found[name], f"The parameter {name} is not JSON.")
        return _parameters(found)
    media_type, _, parameters = request.headers.get("content-type", "").partition(";")
    charset = parameters.lower().replace(" ", "").replace('"', "")
    if media_type.strip().lower() != JSON or ("charset=" in charset and "charset=utf-8" not in charset):
        raise Refused(refusal(f"The body must be {JSON} in UTF-8.", "UNSUPPORTED_MEDIA_TYPE"), status=415)
    return _parameters(decode(await request.body(), "The body is not JSON."))


def decode(text: str | bytes, message: str) -> Any:
    """The JSON value of ``text``; raises ``Refused`` with ``message``, and never quotes the text."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise Refused(refusal(message, BAD_REQUEST), Failure.UNREADABLE) from None


def _parameters(found: Any) -> Parameters:
    if isinstance(found, list):
        raise Refused(refusal("Batches are not supported; send one request per operation.", BAD_REQUEST))
    if not isinstance(found, dict):
        raise Refused(refusal("The request must be a JSON object.", BAD_REQUEST))
    for name, kind, word in (
        ("query", str, "a string"),
        ("operationName", str, "a string"),
        ("documentId", str, "a string"),
        ("variables", dict, "an object"),
        ("extensions", dict, "an object"),
    ):
        if found.get(name) is not None and not isinstance(found[name], kind) and found[name] != "":
            raise Refused(refusal(f"The parameter {name} must be {word}.", BAD_REQUEST))
    return Parameters(
        query=found.get("query") or None,
        variables=found.get("variables") or None,
        operation_name=found.get("operationName") or None,
        extensions=found.get("extensions") or None,
        document_id=found.get("documentId") or None,
    )
