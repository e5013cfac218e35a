"""The SQL of a profile: what can be asked of a type, how an engine says it, and the parts of a statement that ask it."""

# ruff: noqa: S608 - names of columns and tables are quoted by their connector; all else is this module's words and numbers

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from schema.domain.profiles import QUANTILES, SHAPED

_SHAPES = 5


class Family(Enum):
    """What can be asked of the values of a type."""

    NUMBER = auto()
    TIME = auto()
    TEXT = auto()
    COMPARED = (
        auto()
    )  # equal or not, no more: booleans, uuids, and numbers whose values must not be looked at
    OPAQUE = auto()  # null or not


_WORDS = (
    (Family.OPAQUE, ("[]", "struct", "map(", "union", "json", "xml", "array", "range", "interval", "vector")),
    (Family.TEXT, ("char", "text", "string", "clob", "enum", "citext")),
    (Family.COMPARED, ("bool", "uuid", "uniqueidentifier")),
    (Family.TIME, ("date", "time")),
    (Family.NUMBER, ("int", "decimal", "numeric", "number", "float", "double", "real", "serial", "year")),
)


def family_of(data_type: str) -> Family:
    """The family of a type by its name in any engine; OPAQUE where the name tells nothing."""
    lower = data_type.lower()
    return next((family for family, words in _WORDS if any(word in lower for word in words)), Family.OPAQUE)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How an engine says it; ``{0}`` stands for the value. ``shape`` is None where it has no regular expressions.

    ``shared`` engines read the sample once for all columns of a statement.
    """

    text: str = "CAST({0} AS CHAR)"
    length: str = "length({0})"
    number: str = "{0}"
    time: str = "{0}"
    shape: str | None = None
    shared: bool = True


def shape(text: str) -> str:
    """The rule of ``shape_of`` for engines with ``translate`` and POSIX expressions."""
    digits, small = "0123456789", "abcdefghijklmnopqrstuvwxyz"
    letters, kinds = digits + small + small.upper(), "9" * 10 + "a" * 26 + "A" * 26
    found = f"translate(left({text}, {SHAPED}), '{letters}', '{kinds}')"
    # Doubled braces: a dialect's text is a format.
    for pattern, kind in (("[^ -~]", "~"), ("a{{4,}}", "a+"), ("A{{4,}}", "A+")):
        found = f"regexp_replace({found}, '{pattern}', '{kind}', 'g')"
    return found


def branches(k: int, family: Family, values: str, dialect: Dialect) -> Iterator[str]:
    """The parts of a statement that tell of its column number ``k``, whose ``values`` are a query of one column ``c``.

    Rows of figures are (k, 1, rows, nulls, distinct or -1, once, least, most, quantiles ...), rows of shapes (k, 2, count, 0, 0, 0, shape, ...).
    """
    nothing = dialect.text.format("NULL")
    if family is Family.OPAQUE:
        blank = ", ".join([nothing] * (2 + len(QUANTILES)))
        yield f"SELECT {k}, 1, count(*), count(*) - count(c), -1, 0, {blank} FROM ({values}) r"
        return
    measure = {
        Family.NUMBER: dialect.number,
        Family.TIME: dialect.time,
        Family.TEXT: dialect.length,
    }.get(family)
    yield _grouped(k, values, measure, dialect.text)
    if family is Family.TEXT and dialect.shape is not None:
        blank = ", ".join(f"{nothing} AS t{n}" for n in range(1 + len(QUANTILES)))
        yield (
            f"SELECT * FROM (SELECT {k} AS k, 2 AS part, count(*) AS n, 0 AS n1, 0 AS n2, 0 AS n3, shape, {blank} FROM "
            f"(SELECT {dialect.shape.format('c')} AS shape FROM ({values}) r WHERE c IS NOT NULL) x "
            f"GROUP BY shape ORDER BY n DESC, shape LIMIT {_SHAPES}) y"
        )


def _grouped(k: int, values: str, measure: str | None, text: str) -> str:
    """Figures of one column, by its groups: ``v`` is what is measured of a value, ``below`` the rows up to it."""
    v = "NULL" if measure is None else measure.format("c")
    counts = (
        f"{k}, 1, sum(n), sum(CASE WHEN c IS NULL THEN n ELSE 0 END), count(c), "
        "sum(CASE WHEN c IS NOT NULL AND n = 1 THEN 1 ELSE 0 END)"
    )
    groups = f"SELECT c, {v} AS v, count(*) AS n FROM ({values}) r GROUP BY c"
    if measure is None:
        nothing = ", ".join([text.format("NULL")] * (2 + len(QUANTILES)))
        return f"SELECT {counts}, {nothing} FROM (SELECT c, count(*) AS n FROM ({values}) r GROUP BY c) g"
    shares = [f"min(CASE WHEN v IS NOT NULL AND below >= {q} * total THEN v END)" for q in QUANTILES]
    measured = ", ".join(text.format(each) for each in ("min(v)", "max(v)", *shares))
    return (
        f"SELECT {counts}, {measured} FROM (SELECT c, v, n, "
        "sum(n) OVER (ORDER BY CASE WHEN v IS NULL THEN 1 ELSE 0 END, v) AS below, "
        f"sum(CASE WHEN v IS NULL THEN 0 ELSE n END) OVER () AS total FROM ({groups}) g) w"
    )
