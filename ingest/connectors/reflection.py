"""What SQLAlchemy's inspector says of one schema, in as few queries as its dialect allows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ingest.connectors.failures import failure
from ingest.connectors.structure import Catalog, Reference, Relation, problem
from schema.domain.catalog import DiscoveredColumn, Subtype
from schema.domain.scans import Severity

if TYPE_CHECKING:
    from sqlalchemy import Connection, Inspector


def relations(connection: Connection, schema: str) -> dict[str, Relation]:
    """Tables, views and materialized views with comments and definitions; an empty schema is the connection's own."""
    from sqlalchemy import inspect

    inspector = inspect(connection)
    found = {name: Relation() for name in inspector.get_table_names(schema or None)}
    views = dict.fromkeys(_optional(inspector.get_view_names, schema), Subtype.VIEW)
    views |= dict.fromkeys(
        _optional(inspector.get_materialized_view_names, schema), Subtype.MATERIALIZED_VIEW
    )
    for name, subtype in views.items():
        found[name] = Relation(subtype, definition=_definition(inspector, name, schema))
    for name, comment in _multiple(inspector, "table_comment", schema, found).items():
        if isinstance(comment, Mapping):
            found[name] = replace(found[name], comment=comment["text"])
    return found


def columns(connection: Connection, schema: str, found: Catalog) -> dict[str, list[DiscoveredColumn]]:
    """Columns of the relations of ``found``; one that cannot be read leaves it, and becomes a problem of it."""
    from sqlalchemy import inspect

    inspector = inspect(connection)
    known = found.relations
    described = _multiple(inspector, "columns", schema, known)
    for name, told in described.items():
        if isinstance(told, Exception):
            del known[name]
            where = (schema, name) if schema else (name,)
            why = failure(told)
            severity = Severity.WARNING if why.cause in ("NOT_FOUND", "PERMISSION") else Severity.ERROR
            found.problems.append(problem("UNREADABLE", where, why.message, severity))
    keys = _multiple(inspector, "pk_constraint", schema, known)
    result: dict[str, list[DiscoveredColumn]] = {}
    for name in known:
        primary = _primary(keys.get(name))
        result[name] = [
            _column(each, ordinal, each["name"] in primary, connection)
            for ordinal, each in enumerate(described.get(name, ()), start=1)
        ]
    return result


def references(connection: Connection, schema: str, found: Catalog) -> dict[str, list[Reference]]:
    """Foreign keys of the relations of ``found``, which is told where they cannot be read."""
    from sqlalchemy import inspect

    result: dict[str, list[Reference]] = {}
    for name, told in _multiple(inspect(connection), "foreign_keys", schema, found.relations).items():
        if isinstance(told, Exception):
            found.without_keys.add(name)
        else:
            result[name] = [_reference(key, schema) for key in told]
    return result


def _optional(read: Callable[[str | None], list[str]], schema: str) -> list[str]:
    try:
        return read(schema or None)
    except NotImplementedError:  # a dialect without such objects
        return []


def _definition(inspector: Inspector, name: str, schema: str) -> str | None:
    from sqlalchemy.exc import SQLAlchemyError

    try:
        return inspector.get_view_definition(name, schema or None)
    except (NotImplementedError, SQLAlchemyError):
        return None


def _multiple(inspector: Inspector, what: str, schema: str, known: Mapping[str, Relation]) -> dict[str, Any]:
    """One property of all relations of a schema at once; where that fails, one by one.

    A value is what the dialect says, or the error it raised.
    """
    from sqlalchemy.engine.reflection import ObjectKind
    from sqlalchemy.exc import SQLAlchemyError

    try:
        found = getattr(inspector, f"get_multi_{what}")(schema=schema or None, kind=ObjectKind.ANY)
        return {name: value for (_, name), value in found.items() if name in known}
    except NotImplementedError:
        return {}
    except SQLAlchemyError:
        one = getattr(inspector, f"get_{what}")
    single: dict[str, Any] = {}
    for name in known:
        try:
            single[name] = one(name, schema or None)
        except SQLAlchemyError as error:
            single[name] = error
    return single


def _primary(key: Any) -> set[str]:
    return set(key.get("constrained_columns") or ()) if isinstance(key, Mapping) else set()


def _reference(key: Mapping[str, Any], schema: str) -> Reference:
    return Reference(
        tuple(key["constrained_columns"]),
        key["referred_schema"] or schema,
        key["referred_table"],
        tuple(key["referred_columns"]),
    )


def _column(
    described: Mapping[str, Any], ordinal: int, primary: bool, connection: Connection
) -> DiscoveredColumn:
    from sqlalchemy.exc import CompileError

    try:
        data_type = described["type"].compile(dialect=connection.dialect)
    except (CompileError, NotImplementedError):  # a type the dialect does not know
        data_type = ""
    return DiscoveredColumn(
        str(described["name"]),
        data_type,
        described.get("nullable"),
        ordinal,
        described.get("comment") or None,
        primary,
    )
