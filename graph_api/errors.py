"""What a caller learns of a failure: members of result unions for mutations, extensions for queries, nothing for defects.

Every ``PursightError`` is mapped here and nowhere else; anything else is masked and logged under the request's trace id.
"""

from __future__ import annotations

import re
import traceback
from dataclasses import dataclass
from enum import Enum
from typing import Any, Self

import strawberry
import structlog
from graphql import GraphQLError, GraphQLSyntaxError
from strawberry.exceptions import MissingQueryError
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types.field import StrawberryField

from schema.errors import (
    ApprovalRequired,
    BadClassifier,
    BadRecipe,
    BadText,
    BadWorkflow,
    ConditionFailed,
    Conflict,
    ConnectionFailed,
    Forbidden,
    GraphUnavailable,
    InvalidInput,
    NotFound,
    PursightError,
    TooFewVerdicts,
)

_log = structlog.get_logger("pursight.graphql")

PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
OPERATION_NOT_FOUND = "OPERATION_RESOLUTION_FAILURE"
TOO_COMPLEX = "QUERY_TOO_COMPLEX"
BAD_INPUT = "BAD_USER_INPUT"
INTERNAL = "INTERNAL"

_CREDENTIALS = re.compile(r"://[^/\s@]+@")


def _cause_value(name: str, description: str) -> Any:
    return strawberry.enum_value(name, description=description)


@strawberry.enum(description="Why a source could not be connected.")
class ConnectionFailureCause(Enum):
    BAD_URL = _cause_value("BAD_URL", "The address cannot be read.")
    UNREACHABLE = _cause_value("UNREACHABLE", "Nothing answers at the address.")
    TIMEOUT = _cause_value("TIMEOUT", "No answer came in time.")
    CREDENTIALS = _cause_value("CREDENTIALS", "The user or the secret was refused.")
    PERMISSION = _cause_value("PERMISSION", "The user may not read what is asked for.")
    NOT_FOUND = _cause_value("NOT_FOUND", "The database, bucket or file does not exist.")
    MISSING_DRIVER = _cause_value("MISSING_DRIVER", "The driver for this kind of source is not installed.")
    BLOCKED_ADDRESS = _cause_value("BLOCKED_ADDRESS", "Connections to this address are not allowed here.")
    UNKNOWN = _cause_value("UNKNOWN", "The source failed in a way that is not known.")


@strawberry.interface(description="A failure the caller can act on.")
class UserError:
    message: str = strawberry.field(description="One sentence, safe to show to a person.")
    code: str = strawberry.field(description="Stable name of the failure, for programs.")
    path: list[str] = strawberry.field(
        description="The input field that caused it, outermost name first; empty if none."
    )
    remedy: str = strawberry.field(description="What to do about it; empty if nothing is known.")

    @classmethod
    def of(cls, error: PursightError) -> Self:
        """The same failure as a GraphQL value."""
        return cls(
            message=error.message,
            code=error.code,
            path=list(error.path),
            remedy=error.remedy,
            **cls._besides(error),
        )

    @staticmethod
    def _besides(error: PursightError) -> dict[str, Any]:
        """The fields that a member has of its own."""
        return {}


@strawberry.type(description="The value of an input field is not acceptable.")
class InvalidInputError(UserError): ...


@strawberry.type(
    description="The time was up before everything was read; what was found until then is given."
)
class QueryTimeoutError(UserError): ...


@strawberry.type(description="Nothing has this identifier, or the caller may not know that something has.")
class NotFoundError(UserError): ...


@strawberry.type(description="The thing changed since the caller read it, or exists already.")
class ConflictError(UserError): ...


@strawberry.type(description="The caller lacks a permission.")
class ForbiddenError(UserError):
    permission: str = strawberry.field(description="The permission that is needed.")

    @staticmethod
    def _besides(error: PursightError) -> dict[str, Any]:
        return {"permission": error.permission if isinstance(error, Forbidden) else ""}


@strawberry.type(description="Somebody else has to approve it first.")
class ApprovalRequiredError(UserError):
    level: int = strawberry.field(description="The sensitivity from which on that is so, 0 to 4.")
    waiting: str | None = strawberry.field(
        description="The requestId of a request of the caller's that waits for a decision; null where none does."
    )

    @staticmethod
    def _besides(error: PursightError) -> dict[str, Any]:
        level, waiting = (error.level, error.waiting) if isinstance(error, ApprovalRequired) else (0, None)
        return {"level": level, "waiting": waiting}


@strawberry.type(description="A source could not be reached, or refused the connection.")
class ConnectionFailedError(UserError):
    cause: ConnectionFailureCause = strawberry.field(description="Why the connection failed.")

    @staticmethod
    def _besides(error: PursightError) -> dict[str, Any]:
        cause = error.cause if isinstance(error, ConnectionFailed) else "UNKNOWN"
        return {"cause": ConnectionFailureCause[cause]}


@strawberry.type(description="A recipe cannot be read or names something that does not exist.")
class BadRecipeError(UserError): ...


class _Mistake:
    """What is wrong in a text, told by the fields of a subclass."""

    @classmethod
    def all_of(cls, error: BadText) -> list[Self]:
        """Every mistake, in the order of the text."""
        return [
            cls(  # type: ignore[call-arg]  # a subclass has the fields
                message=each.message,
                path=list(each.path[1:]),
                line=each.line,
                column=each.column,
                remedy=each.remedy,
            )
            for each in (error, *error.others)
        ]


@strawberry.type(description="One thing that is wrong in the text of a workflow.")
class WorkflowMistake(_Mistake):
    message: str = strawberry.field(description="One sentence with line, column and field.")
    path: list[str] = strawberry.field(description="The key in the text, outermost first.")
    line: int = strawberry.field(description="Line, from 1.")
    column: int = strawberry.field(description="Column, from 1.")
    remedy: str = strawberry.field(description="What to do about it.")


@strawberry.type(
    description="The text of a workflow is not acceptable, or it cannot be run as it and those it runs are now."
)
class BadWorkflowError(UserError):
    mistakes: list[WorkflowMistake] = strawberry.field(
        description="All that is wrong; the first is told by the error itself."
    )

    @staticmethod
    def _besides(error: PursightError) -> dict[str, Any]:
        return {"mistakes": WorkflowMistake.all_of(error) if isinstance(error, BadWorkflow) else []}


@strawberry.type(
    description="One thing that is wrong in the text of a classifier, or an example that it fails."
)
class ClassifierMistake(_Mistake):
    message: str = strawberry.field(description="One sentence with line, column and field.")
    path: list[str] = strawberry.field(description="The field in the text, outermost first.")
    line: int = strawberry.field(description="Line, from 1.")
    column: int = strawberry.field(description="Column, from 1.")
    remedy: str = strawberry.field(description="What to do about it.")


@strawberry.type(
    description="The text of a classifier is not acceptable, or its own examples and counter-examples fail."
)
class BadClassifierError(UserError):
    mistakes: list[ClassifierMistake] = strawberry.field(
        description="All that is wrong; the first is told by the error itself."
    )

    @staticmethod
    def _besides(error: PursightError) -> dict[str, Any]:
        return {"mistakes": ClassifierMistake.all_of(error) if isinstance(error, BadClassifier) else []}


@strawberry.type(description="A condition of a workflow cannot be answered by the facts of its run.")
class ConditionFailedError(UserError):
    expression: str = strawberry.field(description="The condition.")

    @staticmethod
    def _besides(error: PursightError) -> dict[str, Any]:
        return {"expression": error.expression if isinstance(error, ConditionFailed) else ""}


@strawberry.type(description="People decided too little for a model to learn from.")
class TooFewVerdictsError(UserError):
    verdicts: int = strawberry.field(
        description="How many verdicts there are about columns that the rules leave open."
    )
    needed: int = strawberry.field(description="How many are needed.")

    @staticmethod
    def _besides(error: PursightError) -> dict[str, Any]:
        count, needed = (error.count, error.needed) if isinstance(error, TooFewVerdicts) else (0, 0)
        return {"verdicts": count, "needed": needed}


@dataclass(frozen=True, slots=True)
class Member:
    """Turns one kind of error into its member of the result union, where the union has that member."""

    exception_type: type[PursightError]
    error_type: type[UserError]

    def handle(self, exception: PursightError, *, field: StrawberryField, info: strawberry.Info) -> UserError:
        return self.error_type.of(exception)


# Most specific first: the first that fits and is in the union is taken.
MEMBERS = (
    (BadRecipe, BadRecipeError),
    (BadWorkflow, BadWorkflowError),
    (BadClassifier, BadClassifierError),
    (ConditionFailed, ConditionFailedError),
    (TooFewVerdicts, TooFewVerdictsError),
    (InvalidInput, InvalidInputError),
    (NotFound, NotFoundError),
    (Conflict, ConflictError),
    (Forbidden, ForbiddenError),
    (ApprovalRequired, ApprovalRequiredError),
    (ConnectionFailed, ConnectionFailedError),
)


def exception_handlers() -> tuple[Member, ...]:
    """For ``strawberry.Schema(exception_handlers=…)``."""
    return tuple(Member(exception_type, error_type) for exception_type, error_type in MEMBERS)


def extensions_of(error: PursightError) -> dict[str, Any]:
    """``extensions`` of an error that is shown as it is."""
    return {"code": error.code, "path": list(error.path), "remedy": error.remedy}


def refusal(message: str, code: str, **extensions: Any) -> GraphQLError:
    """An error about the request itself."""
    return GraphQLError(message, extensions={"code": code, **extensions})


def present(error: GraphQLError, trace_id: str) -> GraphQLError:
    """What the caller may see of ``error``; a defect is logged here and masked."""
    cause = _cause(error)
    if isinstance(cause, PursightError):
        return _shown(error, cause.message, extensions_of(cause))
    if cause is None or (isinstance(cause, GraphQLError) and (cause.nodes or error.path is None)):
        # graphql-core's own words about the document, its variables or arguments: they quote what the caller sent.
        if (error.extensions or {}).get("code"):
            return error
        return _shown(error, error.message, {"code": _code(error)})
    _log.error("resolver failed", trace_id=trace_id, path=error.path, **described(cause))
    return _shown(error, "Internal error", {"code": INTERNAL, "traceId": trace_id})


def described(cause: BaseException) -> dict[str, str]:
    """For a log line: the exception and its stack as text, as renderers that print local variables would print requests.

    Credentials in addresses are cut out: drivers like to quote the address they could not reach.
    """
    text = "".join(traceback.format_exception(cause))
    return {"error": type(cause).__name__, "exception": _CREDENTIALS.sub("://***@", text)}


def is_unavailable(error: GraphQLError) -> bool:
    """Whether the error says that the graph database does not answer."""
    return (error.extensions or {}).get("code") == GraphUnavailable.code


def _cause(error: GraphQLError) -> Exception | None:
    """The innermost exception behind an error; None where graphql-core itself refused the request."""
    found: Exception | None = error.original_error
    while isinstance(found, GraphQLError) and found.original_error is not None:
        found = found.original_error
    if isinstance(found, CannotGetOperationTypeError | InvalidOperationTypeError | MissingQueryError):
        return None
    return found


def _code(error: GraphQLError) -> str:
    if isinstance(error, GraphQLSyntaxError):
        return PARSE_FAILED
    if error.path is not None or error.message.startswith("Variable "):
        return BAD_INPUT
    return VALIDATION_FAILED if error.original_error is None else OPERATION_NOT_FOUND


def _shown(error: GraphQLError, message: str, extensions: dict[str, Any]) -> GraphQLError:
    return GraphQLError(
        message, error.nodes, error.source, error.positions, error.path, extensions=extensions
    )
