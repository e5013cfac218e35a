"""One tree of the errors a caller can act on. Each carries a code, the input field it concerns and the remedy; never a secret.

Anything that is not a ``PursightError`` is a defect: the API masks it and logs it under a trace id.
"""

from __future__ import annotations

from typing import ClassVar


class PursightError(Exception):
    """Base of all errors that may be shown to the caller as they are."""

    code: ClassVar[str] = "ERROR"

    def __init__(self, message: str, *, path: tuple[str, ...] = (), remedy: str = "") -> None:
        super().__init__(message)
        self.message, self.path, self.remedy = message, path, remedy


class InvalidInput(PursightError):
    """The value of one input field is not acceptable; ``path`` names it."""

    code = "INVALID_INPUT"


class BadUrn(InvalidInput):
    code = "BAD_URN"

    def __init__(self, urn: str, why: str) -> None:
        super().__init__(
            f"Not a urn: {urn!r}: {why}.", path=("urn",), remedy="Copy the urn from an answer of the API."
        )
        self.urn = urn


class BadCursor(InvalidInput):
    code = "BAD_CURSOR"

    def __init__(self, why: str) -> None:
        super().__init__(
            f"The cursor cannot be used: {why}.",
            path=("after",),
            remedy="Pass an endCursor of the same list.",
        )


class BadPage(InvalidInput):
    code = "BAD_PAGE"


class NotFound(PursightError):
    """Nothing has this identifier, or the reader may not know that something has."""

    code = "NOT_FOUND"

    def __init__(self, what: str, ident: str, *, path: tuple[str, ...] = ("urn",)) -> None:
        super().__init__(
            f"No {what} with this identifier.", path=path, remedy="Check the identifier and your access."
        )
        self.what, self.ident = what, ident


class Conflict(PursightError):
    """The thing changed since the caller read it, or exists already."""

    code = "CONFLICT"


class LeaseLost(Conflict):
    """The worker was taken for dead and another one holds its task; nothing it had in hand was written."""

    code = "LEASE_LOST"

    def __init__(self, task: str) -> None:
        super().__init__("Another worker holds this task.", path=("task",))
        self.task = task


class Forbidden(PursightError):
    """The principal lacks a permission; ``permission`` names it."""

    code = "FORBIDDEN"

    def __init__(self, permission: str) -> None:
        super().__init__(
            f"This needs the permission {permission}.",
            remedy="Ask an administrator for a token with that permission.",
        )
        self.permission = permission


class ApprovalRequired(PursightError):
    """Somebody else has to approve it first; ``level`` is the sensitivity from which on that is so, ``waiting`` a request that waits."""

    code = "APPROVAL_REQUIRED"

    def __init__(self, message: str, remedy: str, *, level: int, waiting: str | None = None) -> None:
        super().__init__(message, path=("urn",), remedy=remedy)
        self.level, self.waiting = level, waiting


class Unauthenticated(PursightError):
    code = "UNAUTHENTICATED"

    def __init__(self, why: str = "No valid token was sent.") -> None:
        super().__init__(
            why, remedy="Send `Authorization: Bearer <token>`; `pursight token create` makes one."
        )


class ConnectionFailed(PursightError):
    """A source could not be reached or refused us; ``cause`` is one of ``CAUSES``."""

    code = "CONNECTION_FAILED"
    CAUSES = (
        "BAD_URL",
        "UNREACHABLE",
        "TIMEOUT",
        "CREDENTIALS",
        "PERMISSION",
        "NOT_FOUND",
        "MISSING_DRIVER",
        "BLOCKED_ADDRESS",
        "UNKNOWN",
    )

    def __init__(self, cause: str, message: str, remedy: str, *, path: tuple[str, ...] = ("config",)) -> None:
        super().__init__(message, path=path, remedy=remedy)
        self.cause = cause


class BadRecipe(InvalidInput):
    code = "BAD_RECIPE"


class BadText(InvalidInput):
    """A text that people write is not acceptable at ``line`` and ``column``, which count from 1; ``others`` are its further mistakes."""

    code = "BAD_TEXT"

    def __init__(
        self, message: str, *, path: tuple[str, ...] = (), remedy: str = "", line: int = 1, column: int = 1
    ) -> None:
        super().__init__(message, path=path, remedy=remedy)
        self.line, self.column = line, column
        self.others: tuple[BadText, ...] = ()


class BadWorkflow(BadText):
    """A workflow's text is not acceptable."""

    code = "BAD_WORKFLOW"


class BadClassifier(BadText):
    """A classifier's text is not acceptable, or it fails its own examples."""

    code = "BAD_CLASSIFIER"


class NoPattern(InvalidInput):
    """No pattern that the examples make tells them from these counter-examples, whose places count from 0."""

    code = "NO_PATTERN"

    def __init__(self, matched: tuple[int, ...]) -> None:
        shown = ", ".join(map(str, matched[:10]))
        super().__init__(
            f"Counter-examples {shown} look like the examples: every pattern of those matches them.",
            path=("counterExamples",),
            remedy="Tell them apart by a check digit or a dictionary, or take them out.",
        )
        self.matched = matched


class TooFewVerdicts(PursightError):
    """People decided too little for a model to learn from; ``count`` verdicts of ``needed``."""

    code = "TOO_FEW_VERDICTS"

    def __init__(self, count: int, needed: int, learnt: int, held_out: int) -> None:
        super().__init__(
            f"People decided about {count} columns that the rules leave open, and {needed} are needed: at least {learnt} to learn from, and "
            f"at least {held_out} of other sources or datasets to be tried on, where copies of a table count once.",
            remedy="Confirm and reject more of the review queue, in more than one dataset.",
        )
        self.count, self.needed = count, needed


class ConditionFailed(PursightError):
    """A condition of a workflow cannot be answered by the facts of its run; ``expression`` is its text."""

    code = "CONDITION_FAILED"

    def __init__(self, expression: str, why: str) -> None:
        super().__init__(
            f"The condition {expression!r} cannot be answered: {why}.",
            path=("workflow",),
            remedy="Compare it with the facts of the run; has(stages.name.fact) asks whether a fact is there.",
        )
        self.expression = expression


class BadDocument(InvalidInput):
    """A file or event that should follow a standard does not (manifest, catalog, OpenLineage event)."""

    code = "BAD_DOCUMENT"


class GraphUnavailable(PursightError):
    """Neo4j cannot be reached or did not answer in time."""

    code = "GRAPH_UNAVAILABLE"


class CommitUnknown(GraphUnavailable):
    """The connection broke while a commit was under way: it may or may not have happened."""


class QueryTimeout(PursightError):
    """A read ran into its time limit."""

    code = "QUERY_TIMEOUT"


class StackError(PursightError):
    """The embedded stack could not be started or found."""

    code = "STACK"
