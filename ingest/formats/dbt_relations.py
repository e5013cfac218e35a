"""Relations in dbt artifacts: their names, kinds, columns, owners and statistics."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ingest.formats.dbt_artifacts import Node, config, member, members, strings, text
from schema.domain.catalog import DiscoveredColumn, Subtype
from schema.domain.platforms import Platform

_PART = re.compile(r'"((?:[^"]|"")+)"|`([^`]+)`|\[([^\]]+)\]|([^\s."`\[\]()\',;]+)')
_MATERIALIZED = {
    "table": Subtype.TABLE,
    "incremental": Subtype.TABLE,
    "streaming_table": Subtype.TABLE,
    "view": Subtype.VIEW,
    "materialized_view": Subtype.MATERIALIZED_VIEW,
    "dynamic_table": Subtype.MATERIALIZED_VIEW,
    "ephemeral": Subtype.EPHEMERAL,
}
_KINDS = {"seed": Subtype.SEED, "snapshot": Subtype.SNAPSHOT}
_ROWS = ("row_count", "num_rows", "rows")
_BYTES = ("num_bytes", "bytes")


def relation_path(node: Node, platform: Platform) -> tuple[str, ...]:
    """Segments of the relation's name, as many as its platform has levels; joined to one where it has none."""
    named = (text(node, "database"), text(node, "schema"), _identifier(node))
    parts = relation_parts(text(node, "relation_name"), platform) or tuple(filter(None, named))
    if not platform.levels:
        return (".".join(parts),)
    return parts[-(len(platform.levels) + 1) :]


def _identifier(node: Node) -> str:
    return text(node, "identifier") or text(node, "alias") or text(node, "name")


def relation_parts(name: str, platform: Platform) -> tuple[str, ...]:
    """Parts of a quoted name such as ``"db"."schema"."table"``; none where the text is no name but an expression."""
    parts, at = [], 0
    while match := _PART.match(name, at):
        quoted = match[1] or match[2] or match[3]
        if quoted:
            parts.append(quoted.replace('""', '"') if match[1] else quoted)
        else:
            parts.append(_unquoted(match[4], platform))
        at = match.end()
        if at == len(name):
            return tuple(parts)
        if name[at] != ".":
            break
        at += 1
    return ()


def _unquoted(part: str, platform: Platform) -> str:
    return {"lower": part.lower(), "upper": part.upper()}.get(platform.unquoted, part)


def subtype(node: Node, entry: Node) -> Subtype:
    """What a node is: by its materialization, else by what the catalog found in the warehouse."""
    kind = text(node, "resource_type")
    if kind in _KINDS:
        return _KINDS[kind]
    if known := _MATERIALIZED.get(text(config(node), "materialized")):
        return known
    found = text(member(entry, "metadata"), "type").lower().replace(" ", "_")
    if "view" in found:
        return Subtype.MATERIALIZED_VIEW if "materialized" in found else Subtype.VIEW
    if found in ("external", "external_table", "foreign", "foreign_table"):
        return Subtype.FOREIGN_TABLE
    return Subtype.TABLE if "table" in found else Subtype.UNKNOWN


def columns(node: Node, entry: Node) -> tuple[DiscoveredColumn, ...]:
    """Columns as the catalog found them, else as the project documents them; descriptions of the project in both."""
    documented = {
        text(column, "name").lower() or key.lower(): column for key, column in members(node, "columns")
    }
    found = [(text(column, "name") or key, column) for key, column in members(entry, "columns")]
    found.sort(key=lambda pair: _number(pair[1].get("index")) or 0)
    pairs = found or [(text(column, "name") or key, {}) for key, column in members(node, "columns")]
    return tuple(
        _column(ordinal, name, column, documented.get(name.lower(), {}))
        for ordinal, (name, column) in enumerate(pairs, 1)
    )


def _column(ordinal: int, name: str, found: Node, documented: Node) -> DiscoveredColumn:
    constraints = {text(item, "type") for item in _objects(documented.get("constraints"))}
    return DiscoveredColumn(
        name,
        text(found, "type") or text(documented, "data_type"),
        False if constraints & {"not_null", "primary_key"} else None,
        ordinal,
        text(documented, "description") or text(found, "comment") or None,
        "primary_key" in constraints,
    )


def owners(node: Node, groups: Mapping[str, Node]) -> tuple[str, ...]:
    """Owners by ``meta.owner`` or ``meta.owners``, and the owner of the node's group."""
    found: list[str] = []
    for meta in (member(config(node), "meta"), member(node, "meta")):
        for key in ("owner", "owners"):
            found += strings(meta, key)
            found += _people(_objects(meta.get(key)))
    group = text(node, "group") or text(config(node), "group")
    mine = (member(g, "owner") for g in groups.values() if group and text(g, "name") == group)
    return tuple(dict.fromkeys((*found, *_people(mine))))


def _people(objects: Iterable[Mapping[str, Any]]) -> list[str]:
    """Their names, else their addresses; dbt lets an owner have several."""
    return [who for person in objects for who in (strings(person, "name") or strings(person, "email"))]


def _objects(value: object) -> Iterator[Mapping[str, Any]]:
    several = value if isinstance(value, list) else [value]
    yield from (item for item in several if isinstance(item, dict))


def statistics(entry: Node) -> tuple[int | None, int | None]:
    """Row count and size in bytes as the catalog states them, both the engine's estimates."""
    stats = {key.lower(): _number(stat.get("value")) for key, stat in members(entry, "stats")}
    rows, size = (
        next((stats[key] for key in keys if stats.get(key) is not None), None) for keys in (_ROWS, _BYTES)
    )
    return rows, size


def _number(value: object) -> int | None:
    try:
        found = float(value) if isinstance(value, int | float | str) else -1.0
    except ValueError:
        return None
    return int(found) if 0 <= found < float("inf") else None
