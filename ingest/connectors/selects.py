"""Selects over tables in the spelling of a connection's engine, built without SQLAlchemy's compiler going through each column."""

# ruff: noqa: S608 - names of columns and tables are quoted by the connection's dialect; all else is this module's words and numbers

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy import Connection, Dialect, FromClause

_MARK = "pursight_columns"


def spelled(name: str, dialect: Dialect | None) -> str:
    """A name to be quoted, unless its dialect tells by lower case that an upper-case name needs no quotes."""
    from sqlalchemy import quoted_name

    return name if dialect is not None and dialect.requires_name_normalize else quoted_name(name, True)


def selecting(
    connection: Connection,
    source: FromClause,
    names: Sequence[str],
    rows: int,
    shapes: Sequence[str] | None = None,
) -> str:
    """``SELECT ... AS c0, ... AS c1 ...`` of at most ``rows`` rows, to be run without parameters.

    ``shapes`` are what is selected of each column, ``{0}`` being its name; the columns themselves where there are none.
    """
    from sqlalchemy import column, literal_column, select

    text = _compiled(connection, select(literal_column(_MARK)).select_from(source).limit(rows))
    if text.count(_MARK) == 1:
        quote = connection.dialect.identifier_preparer.quote
        quoted = [quote(spelled(name, connection.dialect)) for name in names]
        if shapes is not None:
            quoted = [shape.replace("{0}", name) for shape, name in zip(shapes, quoted, strict=True)]
        columns = [f"{each} AS c{n}" for n, each in enumerate(quoted)]
        return text.replace(_MARK, _once(connection, ", ".join(columns)))
    # An engine without a word for the limit has the columns in several places.
    chosen: list[Any] = [
        column(spelled(name, connection.dialect)).label(f"c{n}") for n, name in enumerate(names)
    ]
    return _compiled(connection, select(*chosen).select_from(source).limit(rows))


def counting(connection: Connection, sources: Sequence[FromClause], most: int) -> str:
    """(position in ``sources``, count of its rows up to ``most``), to be run without parameters."""
    from sqlalchemy import literal_column, select

    some = [
        _compiled(connection, select(literal_column("1").label("n")).select_from(s).limit(most))
        for s in sources
    ]
    return " UNION ALL ".join(f"SELECT {n}, count(*) FROM ({text}) s" for n, text in enumerate(some))


def _compiled(connection: Connection, query: Any) -> str:
    text = str(query.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True}))
    return _once(connection, text)


def _once(connection: Connection, text: str) -> str:
    # Drivers that mark parameters by % get each % of a name twice, and would here get it so without parameters.
    return text.replace("%%", "%") if connection.dialect.paramstyle in ("format", "pyformat") else text
