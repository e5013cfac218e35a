"""GET /api/v1/lineage/export: a picture of lineage at an address of its own, for browsers, documents and other tools."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime
from enum import Enum
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from graph_api.as_of import AsOf
from graph_api.auth import bearer
from graph_api.context import Context
from graph_api.enums import Direction, EdgeOrigin, Transformation
from graph_api.errors import extensions_of
from graph_api.http.view import error_response
from graph_api.lineage.filters import LineageEdgeFilter
from graph_api.pictures.exporting import export
from graph_api.pictures.formats import Format
from graph_api.pictures.questions import MOST_EXPORTED, question_of
from graph_api.pictures.reading import Question
from graph_api.pictures.svg import POLICY
from schema.errors import InvalidInput, NotFound

PATH = "/api/v1/lineage/export"
T = TypeVar("T")
E = TypeVar("E", bound=Enum)
_SHOWN = (Format.SVG, Format.MERMAID)  # a browser shows these, and keeps the others as files


def export_routes() -> list[BaseRoute]:
    return [Route(PATH, give, methods=["GET"])]


async def give(request: Request) -> Response:
    """200 with the document, 304 where the caller has it already, or what is wrong and where."""
    view = request.app.state.view
    principal = await view.authenticate(bearer(request.headers.get("authorization")))
    state = request.scope.setdefault("state", {})
    state["principal"] = principal.id
    context = view.context(principal, state.get("trace_id", ""))
    try:
        question, form = asked(context, request.query_params)
    except InvalidInput as error:
        return error_response(400, error.message, extensions_of(error))
    found = await export(context, question, form)
    if found is None:
        raise NotFound("asset", question.walk.urn)
    document, _ = found
    tag = f'"{hashlib.blake2b(document.content, digest_size=16).hexdigest()}"'
    headers = {
        "etag": tag,
        "cache-control": "private, no-cache",
        "vary": "authorization",
        "content-disposition": f'{"inline" if form in _SHOWN else "attachment"}; filename="{document.file_name}"',
    }
    if form is Format.SVG:
        headers["content-security-policy"] = POLICY
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(document.content, headers=headers | {"content-type": document.media_type})


def asked(context: Context, given: Mapping[str, str]) -> tuple[Question, Format]:
    """The question in the parameters of an address; raise ``InvalidInput`` that names the one at fault."""
    reading = _Parameters(given)
    origins = reading.values("origins", EdgeOrigin)
    transformations = reading.values("transformations", Transformation)
    valid_at, known_at = reading.moment("asOf"), reading.moment("knownAt")
    columns = reading.flag("columns")
    question = question_of(
        context,
        reading.text("urn"),
        reading.value("direction", Direction) or Direction.BOTH,
        reading.hops("maxHops", 3),
        reading.flag("includeIndirect"),
        LineageEdgeFilter(origins=origins, transformations=transformations),
        AsOf(valid_at=valid_at, known_at=known_at),
        most=MOST_EXPORTED,
        most_columns=MOST_EXPORTED if columns else 0,
    )
    form = reading.value("format", Format) or Format.SVG
    reading.end()
    return question, form


class _Parameters:
    """Reads parameters one by one, and knows at the end which nobody asked for."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self._given, self._known = given, list[str]()

    def text(self, name: str) -> str:
        found = self._read(name, str)
        if not found:
            raise InvalidInput(f"The parameter {name} is missing.", path=(name,), remedy="Give one.")
        return found

    def hops(self, name: str, otherwise: int) -> int | None:
        """A number, None for all of them."""

        def read(text: str) -> int | None:
            return None if text.strip().lower() == "all" else int(text)

        found = self._read(name, read, "Give a whole number, or all.")
        return found if name in self._given else otherwise

    def flag(self, name: str) -> bool:
        return bool(
            self._read(name, {"true": True, "false": False, "": True}.__getitem__, "Give true or false.")
        )

    def moment(self, name: str) -> datetime | None:
        return self._read(
            name, datetime.fromisoformat, "Give a date and time by ISO 8601, a + in it written as %2B."
        )

    def value(self, name: str, of: type[E]) -> E | None:
        return self._read(
            name, lambda text: of[text.strip().upper()], f"Give one of {', '.join(of.__members__)}."
        )

    def values(self, name: str, of: type[E]) -> list[E] | None:
        return self._read(
            name,
            lambda text: [of[each.strip().upper()] for each in text.split(",")],
            f"Give some of {', '.join(of.__members__)}, separated by commas.",
        )

    def _read(self, name: str, read: Callable[[str], T], remedy: str = "") -> T | None:
        self._known.append(name)
        text = self._given.get(name)
        try:
            return None if text is None else read(text)
        except (ValueError, KeyError):
            raise InvalidInput(f"The parameter {name} cannot be read.", path=(name,), remedy=remedy) from None

    def end(self) -> None:
        for name in self._given:
            if name not in self._known:
                raise InvalidInput(
                    "There is no such parameter.",
                    path=(name[:100],),
                    remedy=f"There are {', '.join(self._known)}.",
                )
