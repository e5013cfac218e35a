"""Documents grown at random over the schema and a seeded graph: real urns, ids and cursors, and now and then nonsense."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import get_named_type, is_leaf_type, is_non_null_type

from cypher.session import GraphSession
from graph_api.limits import Limits
from graph_api.roots import product_schema
from schema.domain.identity import EVERYTHING, Principal, Role, Scope
from schema.ids import encode_cursor

LIMITS = Limits(cost=10**9, depth=40)
PLAIN = product_schema(compile_after=None, limits=LIMITS)
READERS = [
    Principal("token:all", "All", Role.ADMIN, EVERYTHING),
    Principal("token:some", "Some", Role.READER, Scope(2, ("",))),
    Principal("token:hr", "Hr", Role.READER, Scope(3, ("hr",))),
]
ANCHORED = ("asset", "assetByUrn", "assets", "node", "nodes")
FOUND = (
    "impact",
    "impactCount",
    "impactGroups",
    "lineage",
    "lineageExport",
    "lineagePath",
    "lineagePaths",
    "changeImpact",
    "search",
    "suggest",
)
READ = (
    "sources",
    "source",
    "runs",
    "run",
    "tags",
    "classifications",
    "incidents",
    "schemaDiff",
    "tokens",
    "auditEvents",
    "viewer",
)
ROOTS = ANCHORED + FOUND + READ
QUERY: Any = PLAIN._schema.query_type
ASSET: Any = PLAIN._schema.type_map["Asset"]
VARIABLES = (("yes", "Boolean = true"), ("no", "Boolean!"), ("few", "Int = 2"), ("many", "Int! = 3"))
_UNKNOWN = ("assetCount", "lastRun", "plan", "history", "dataTests", "dataTest")  # inside of assets
_NEVER = ("forecast",)  # says something else a moment later
_FILTERS = {
    "AssetFilter": (
        "{}",
        "{kinds: [DATASET]}",
        "{kinds: [COLUMN, JOB], includeStale: true}",
        '{source: "east"}',
        '{tag: "gold"}',
        '{classification: "EMAIL"}',
        '{namePrefix: "cust"}',
    ),
    "ImpactFilter": (
        "{}",
        "{kinds: [DATASET]}",
        '{domain: "hr"}',
        '{tag: "gold"}',
        '{owner: "ada@example.com"}',
        "{sensitivityAtLeast: SENSITIVE, kinds: [COLUMN]}",
    ),
    "RunFilter": ("{}", '{source: "west"}', "{states: [QUEUED, RUNNING]}", "{states: []}"),
    "IncidentFilter": ("{}", "{states: [OPEN]}", '{dataset: "nobody"}'),
    "AuditFilter": ("{}", '{actor: "token:all"}', '{action: "tag.apply"}', '{subject: "source:west"}'),
}
_WORDS = (
    "customer",
    "ssn",
    "emial country",
    "shop layer1",
    "load",
    "Column 3",
    "s",
    "",
    "+-(",
    "no such thing",
)


@dataclass(frozen=True)
class Known:
    """What the seeded graph holds, to ask for."""

    graph: GraphSession
    urns: list[str]
    keys: dict[str, int]
    ids: list[str]
    others: list[str]
    runs: tuple[str, ...]


class Growing:
    """Grows one document, with aliases, fragments, directives and variables."""

    def __init__(self, seed: int, known: Known) -> None:
        self.chance, self.known = random.Random(seed), known
        self.fragments: list[str] = []
        self.aliases = 0
        self.read = False
        self.left = self.chance.choice((6, 20, 45))

    def document(self) -> str:
        roots = [self.root(self.chance.choice(ROOTS)) for _ in range(self.chance.choice((1, 1, 2)))]
        closing = " ".join(self.fragments)
        body = f"{' '.join(roots)} {closing}"
        used = [f"${name}: {kind}" for name, kind in VARIABLES if f"${name}" in body]
        return f"query Q{'(' + ', '.join(used) + ')' if used else ''} {{ {' '.join(roots)} }} {closing}"

    def root(self, name: str) -> str:
        definition = QUERY.fields[name]
        kind = get_named_type(definition.type)
        self.read = name in READ
        asked = f"{self.alias()} {name}{self.arguments(name, definition)}"
        if kind.name == "Node":
            more = self.chance.choice(("", "id", "__typename id"))
            return f"{asked} {{ ... on Asset {self.selection(ASSET, 0)} {more} }}"
        return f"{asked} {self.selection(kind, 0)}"

    def alias(self) -> str:
        self.aliases += 1
        return f"x{self.aliases}:"

    def selection(self, kind: Any, depth: int) -> str:
        chance, parts = self.chance, []
        names = [
            name for name in kind.fields if depth < 7 or is_leaf_type(get_named_type(kind.fields[name].type))
        ]
        chosen = chance.sample(names, min(len(names), chance.randint(1, 6)))
        # A connection without its edges, an edge without its asset, would leave little to compare.
        chosen += [
            name for name in ("edges", "node", "nodes") if name in names and name not in chosen and depth < 7
        ]
        for name in chosen:
            if name in _NEVER or (name in _UNKNOWN and not self.read and chance.random() < 0.97):
                continue
            definition = kind.fields[name]
            inner = get_named_type(definition.type)
            if not is_leaf_type(inner):
                if self.left <= 0:
                    continue
                self.left -= 1
            again = chance.random() < 0.1
            alias = self.alias() if definition.args or again or chance.random() < 0.2 else ""
            text = f"{alias} {name}{self.arguments(name, definition)}{self.directive()}"
            if not is_leaf_type(inner):
                text += " " + self.selection(inner, depth + 1)
            parts.append(text)
        if not parts or chance.random() < 0.15:
            parts.insert(chance.randrange(len(parts) + 1), "__typename")
        if chance.random() < 0.12:
            parts.append(f"... on {kind.name}{self.directive()} {{ {parts.pop(0)} }}")
        if chance.random() < 0.12:
            name = f"F{len(self.fragments)}"
            self.fragments.append("")
            self.fragments[int(name[1:])] = f"fragment {name} on {kind.name} {{ {chance.choice(parts)} }}"
            parts.insert(0, f"...{name}{self.directive()}")
        return "{ " + " ".join(parts) + " }"

    def directive(self) -> str:
        if self.chance.random() > 0.08:
            return ""
        condition = self.chance.choice(("$yes", "$yes", "$no", "true", "false"))
        return f" @{self.chance.choice(('skip', 'include', 'include'))}(if: {condition})"

    def arguments(self, field: str, definition: Any) -> str:
        chance, names = self.chance, definition.args
        given = {name: make(self) for name, make in _ALWAYS.items() if name in names}
        if field == "run":
            given["id"] = _text(chance.choice((*self.known.runs, "nobody")))
        if field == "schemaDiff":  # of versions by number
            given["from"] = chance.choice(("null", "1", "7"))
        for name, (likely, make) in _SOMETIMES.items():
            if name in names and chance.random() < likely:
                given[name] = make(self)
        if "first" in names:
            given |= self.page(field, names)
        if "filter" in names and chance.random() < 0.5:
            given["filter"] = chance.choice(_FILTERS[get_named_type(names["filter"].type).name])
        return f"({', '.join(f'{name}: {value}' for name, value in given.items())})" if given else ""

    def page(self, field: str, names: Any) -> dict[str, str]:
        chance = self.chance
        if is_non_null_type(names["first"].type):
            return (
                {"first": chance.choice(("1", "2", "3", "7", "20", "$many"))} if chance.random() < 0.7 else {}
            )
        given = {}
        size, cursor = ("first", "after") if chance.random() < 0.6 else ("last", "before")
        if chance.random() < 0.7:
            given[size] = chance.choice(("0", "1", "2", "3", "7", "100", "null", "$few"))
            if chance.random() < 0.01:
                given[size] = "101"
        if chance.random() < 0.3:
            given[cursor] = f'"{self.cursor(field)}"'
        return given

    def cursor(self, field: str) -> str:
        chance = self.chance
        urn, place = chance.choice(self.known.urns), chance.randrange(12)
        keys: dict[str, tuple[Any, ...]] = {
            "children": (place, urn),
            "columns": (place, urn),
            "references": (urn, ""),
            "referencedBy": (urn, ""),
            "impact": (place, urn),
            "runs": ("2026-11-26T00:00:00+00:00", "r"),
            "incidents": ("2026-11-26T00:00:00+00:00", "i"),
            "auditEvents": ("2026-11-26T00:00:00+00:00", "e"),
            "problems": (place,),
        }
        if chance.random() < 0.01:
            return "nonsense"
        if field == "search":
            return encode_cursor("search:HYBRID", (chance.random(), self.known.keys[urn]))
        return encode_cursor(field, keys.get(field, (urn,)))

    def urn(self) -> str:
        return _text(self.chance.choice(self.known.urns if self.chance.random() < 0.95 else ("nobody", "")))

    def ident(self) -> str:
        return _text(self.chance.choice(self.known.ids if self.chance.random() < 0.9 else self.known.others))

    def one_of(self, *values: str) -> str:
        return self.chance.choice(values)

    def changes(self) -> str:
        kinds = ("DROP_COLUMN", "RETYPE_COLUMN", "DROP_DATASET", "CHANGE_CLASSIFICATION")
        start = {"DROP_DATASET": "dataset:"}
        found = []
        for _ in range(self.chance.choice((1, 1, 2))):
            kind = self.chance.choice(kinds)
            fitting = [urn for urn in self.known.urns if urn.startswith(start.get(kind, "column:"))]
            found.append(f"{{kind: {kind}, urn: {_text(self.chance.choice(fitting))}}}")
        return f"[{', '.join(found)}]"


def _text(value: str) -> str:
    return orjson.dumps(value).decode()


Make = Callable[[Growing], str]
_ALWAYS: dict[str, Make] = {
    "urn": Growing.urn,
    "dataset": Growing.urn,
    "name": lambda doc: _text(doc.one_of("east", "west", "nobody", "")),
    "aspect": lambda doc: doc.one_of("ASSET", "EDGE", "VERDICT"),
    "from": Growing.urn,
    "to": Growing.urn,
    "id": Growing.ident,
    "ids": lambda doc: "[" + ", ".join(doc.ident() for _ in range(doc.chance.randrange(5))) + "]",
    "query": lambda doc: _text(doc.one_of(*_WORDS)),
    "prefix": lambda doc: _text(doc.one_of(*_WORDS)),
    "by": lambda doc: doc.one_of("DATASET", "SCHEMA", "SOURCE", "DOMAIN"),
    "changes": Growing.changes,
    "format": lambda doc: doc.one_of("SVG", "CSV", "MERMAID"),
}
_SOMETIMES: dict[str, tuple[float, Make]] = {
    "registered": (0.4, lambda doc: doc.one_of("true", "false", "$yes")),
    "states": (0.5, lambda doc: doc.one_of("[FAILED]", "[READY, SUCCEEDED]", "null")),
    "kind": (0.4, lambda doc: doc.one_of("COLUMN", "DATASET", "SCHEMA", "null")),
    "columns": (0.3, lambda doc: "true"),
    "includeStale": (0.5, lambda doc: doc.one_of("true", "false", "$yes")),
    "includeIndirect": (0.5, lambda doc: doc.one_of("true", "false", "$yes")),
    "mode": (0.7, lambda doc: doc.one_of("HYBRID", "FULLTEXT", "SEMANTIC", "EXACT")),
    "direction": (0.6, lambda doc: doc.one_of("UPSTREAM", "DOWNSTREAM", "BOTH")),
    "maxHops": (0.5, lambda doc: doc.one_of("1", "2", "3", "$many", "50", "51")),
    "edges": (0.2, lambda doc: doc.one_of("{}", "{origins: [DBT]}", "{transformations: [IDENTITY, CAST]}")),
    "asOf": (0.1, lambda doc: doc.one_of("{}", '{validAt: "2999-01-01T00:00:00"}')),
}
