"""Migrations make exactly what the declarations promise, and can be run again."""

from __future__ import annotations

import pytest
from neomodel import UniqueIdProperty
from neomodel.properties import Property

from cypher.catalogue import Query
from cypher.migrate import migrate, pending, steps
from cypher.session import GraphSession
from schema.errors import Conflict
from schema.graph import declarations, vocabulary

SHOW = Query(
    "test.indexes",
    "SHOW INDEXES YIELD type, labelsOrTypes, properties, state, owningConstraint "
    "RETURN type, labelsOrTypes, properties, state, owningConstraint IS NOT NULL AS unique",
    "read",
    frozenset(),
    (),
    1000,
)
LABELS = Query("test.labels", "CALL db.labels() YIELD label RETURN label", "read", frozenset(), (), 1000)


def declared() -> set[tuple[str, str, tuple[str, ...], bool]]:
    found = {(i.kind, i.owner, i.properties, False) for i in declarations.COMPOSITE_INDEXES}
    for name, node in vars(declarations).items():
        if (
            isinstance(node, type)
            and issubclass(node, declarations.StructuredNode)
            and node is not declarations.StructuredNode
        ):
            for prop, spec in node.__all_properties__:
                assert isinstance(spec, Property)
                assert not isinstance(spec, UniqueIdProperty)
                if spec.unique_index or spec.index:
                    found.add(("RANGE", name, (spec.db_property or prop,), bool(spec.unique_index)))
    return found


async def test_the_server_has_the_declared_indexes_and_no_others(graph: GraphSession) -> None:
    rows = await graph.rows(SHOW)
    real = {
        (row["type"], row["labelsOrTypes"][0], tuple(row["properties"]), row["unique"])
        for row in rows
        if row["type"] != "LOOKUP"
    }

    assert real == declared()
    assert {row["state"] for row in rows} == {"ONLINE"}


async def test_migrating_again_applies_nothing(graph: GraphSession) -> None:
    assert await pending(graph) == []
    assert await migrate(graph) == []


async def test_every_statement_of_a_migration_can_be_run_twice(graph: GraphSession) -> None:
    before = await graph.rows(SHOW)
    for step in steps():
        for statement in step.statements:
            await graph.schema_statement(f"CYPHER 25 {statement}")

    key = lambda row: str(row)  # noqa: E731
    assert sorted(await graph.rows(SHOW), key=key) == sorted(before, key=key)


async def test_a_migration_edited_after_its_release_is_refused(
    graph: GraphSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cypher import migrate as module

    edited = [*steps()]
    edited[1] = module.Step(edited[1].version, edited[1].name, edited[1].statements, "0" * 64)
    monkeypatch.setattr(module, "steps", lambda: edited)

    with pytest.raises(Conflict, match="another wording"):
        await pending(graph)


def test_every_declared_label_is_in_the_vocabulary_with_a_description() -> None:
    nodes = {
        name
        for name, node in vars(declarations).items()
        if isinstance(node, type)
        and issubclass(node, declarations.StructuredNode)
        and name != "StructuredNode"
    }
    assert nodes <= vocabulary.LABELS.keys()
    assert all(
        text.endswith(".") for text in (*vocabulary.LABELS.values(), *vocabulary.RELATIONSHIPS.values())
    )
