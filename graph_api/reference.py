"""The reference pages, made from what they describe, so that they cannot go stale: settings, commands, connectors, graph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any


def pages() -> dict[str, str]:
    """File name under docs/reference to Markdown text."""
    return {
        "settings.md": _settings(),
        "command-line.md": _commands(),
        "connectors.md": _connectors(),
        "graph.md": _graph(),
        "classifications.md": _classifications(),
    }


def _page(title: str, intro: str, lines: Iterable[str]) -> str:
    return "\n".join([f"# {title}", "", intro, "", *lines]) + "\n"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', '&#124;').replace(chr(10), ' ') for cell in row)} |"


def _settings() -> str:
    from pydantic import AliasChoices

    from schema.settings import Settings

    def names(name: str, field: Any) -> str:
        alias = field.validation_alias
        choices = alias.choices if isinstance(alias, AliasChoices) else [f"PURSIGHT_{name.upper()}"]
        return ", ".join(f"`{choice}`" for choice in choices)

    def default(field: Any) -> str:
        if field.default_factory is not None:
            return "by the XDG rules"
        value = field.get_default()
        return f"`{value}`" if value not in ("", (), {}) and "Secret" not in type(value).__name__ else "empty"

    rows = [
        (names(name, field), default(field), field.description or "")
        for name, field in Settings.model_fields.items()
    ]
    return _page(
        "Settings", "Read from the environment at start.", _table(("Variable", "Default", "Meaning"), rows)
    )


def _commands() -> str:
    from graph_api.cli.group import COMMANDS

    rows = [(f"`pursight {name}`", text) for name, (_, text) in COMMANDS.items()]
    intro = "`pursight COMMAND --help` names the options. Listings take `--json`; exit codes: 0 fine, 1 failed, 2 usage."
    return _page("Command line", intro, _table(("Command", "What it does"), rows))


def _connectors() -> str:
    from ingest.connectors.base import ALIASES, connector_class, kinds

    lines: list[str] = []
    for kind in kinds():
        cls = connector_class(kind)
        other = [alias for alias, name in ALIASES.items() if name == kind]
        lines += [f"## {kind}", ""]
        lines += [(cls.Config.__doc__ or "").strip().splitlines()[0], ""]
        lines += [f"Reads: {', '.join(sorted(c.value.lower() for c in cls.capabilities))}.", ""]
        if other:
            lines += [f"Also called {', '.join(other)}.", ""]
        rows = [
            (f"`{name}`", "yes" if field.is_required() else "", field.description or "")
            for name, field in cls.Config.model_fields.items()
        ]
        lines += [*_table(("Setting", "Required", "Meaning"), rows), ""]
    intro = "What each `type` of a recipe reads, and the settings of its `config`."
    return _page("Connectors", intro, lines).rstrip("\n") + "\n"


def _graph() -> str:
    from schema.graph.declarations import COMPOSITE_INDEXES
    from schema.graph.vocabulary import LABELS, RELATIONSHIPS

    lines = [*_table(("Label", "Meaning"), [(f"`{name}`", text) for name, text in LABELS.items()]), ""]
    relationships = [(f"`{name}`", text) for name, text in RELATIONSHIPS.items()]
    lines += [*_table(("Relationship", "Meaning"), relationships), ""]
    indexes = [(i.kind, f"`{i.owner}`", ", ".join(f"`{p}`" for p in i.properties)) for i in COMPOSITE_INDEXES]
    lines += [*_table(("Index", "Label", "Properties"), indexes)]
    return _page("The graph", "Nodes, relationships, and the indexes beside the unique ones.", lines)


def _classifications() -> str:
    from ml.classify.spec import built_in, classifiers_of

    rows = [
        (
            f"`{c.name}`",
            c.title,
            f"`{c.wider[0]}`" if c.wider else "nothing wider",
            c.category,
            str(int(c.sensitivity)),
            ", ".join(c.regulations) or "none",
            c.description,
        )
        for c in sorted(classifiers_of(built_in()), key=lambda c: (c.category, c.name))
    ]
    intro = (
        "What the product recognises out of the box; one YAML file each in `ml/classifiers`. Sensitivity runs from 0 to 4; "
        "regulations are hints, which narrower classifications inherit. [Classifiers of one's own](custom-classifiers.md) stand beside these; "
        "[how columns are judged](tiers.md) tells of the tiers and of what a confidence says."
    )
    head = ("Name", "Title", "Kind of", "Category", "Sensitivity", "Regulations", "Meaning")
    return _page("Classifications", intro, _table(head, rows))
