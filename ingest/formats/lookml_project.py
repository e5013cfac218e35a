"""A project of LookML as values: views with refinements and extensions applied, explores by model, and which connection is whose."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

import lkml

from ingest.formats.dbt_artifacts import strings, text
from ingest.formats.exports import Collected, File, objects
from ingest.formats.lookml_views import View, merged
from ingest.yaml_text import YamlMistake, read_yaml

Item = Mapping[str, Any]
_LARGEST = 4 * 1024 * 1024  # characters of one file
_MALFORMED = (SyntaxError, ValueError, KeyError, IndexError, TypeError, AttributeError, RecursionError)
_DEEPEST = 20  # views that extend views


@dataclass(slots=True)
class Project:
    """``connections`` are those of the views, by the models that include them; ``explores`` are by model and name."""

    views: dict[str, View] = field(default_factory=dict)
    explores: dict[tuple[str, str], Item] = field(default_factory=dict)
    dashboards: list[Item] = field(default_factory=list)
    connections: dict[str, str] = field(default_factory=dict)

    def views_of(self, name: str, explore: Item) -> list[str]:
        """The views of an explore, its own first."""
        joined = (text(join, "from") or text(join, "name") for join in objects(explore.get("joins") or []))
        return list(dict.fromkeys((_base(name, explore), *joined)))

    def view_of(self, explore: Item, alias: str, name: str) -> str:
        """The view that an explore calls ``alias``."""
        for join in objects(explore.get("joins") or []):
            if text(join, "name") == alias:
                return text(join, "from") or alias
        return _base(name, explore) if alias in ("", name, text(explore, "view_name")) else alias


def _base(name: str, explore: Item) -> str:
    return text(explore, "from") or text(explore, "view_name") or name


def read_project(files: Sequence[File], found: Collected) -> Project:
    """All files; what cannot be read is noted and left out."""
    project, parsed = Project(), dict[str, Item]()
    for file in files:
        body = file.body.decode(errors="replace")
        try:
            if file.name.endswith(".lookml"):
                tree = read_yaml(body, largest=_LARGEST).tree
                project.dashboards += [each for each in objects(tree) if text(each, "dashboard")]
            else:
                parsed[file.name] = lkml.load(body) if len(body) <= _LARGEST else {}
        except (YamlMistake, *_MALFORMED):
            found.note("BAD_DOCUMENT", file.name, "The file is not LookML that can be read; it was left out.")
    _views(project, parsed)
    models = _connect(project, parsed)
    for name, tree in parsed.items():
        for explore in objects(tree.get("explores") or []):
            if (said := text(explore, "name")) and not said.startswith("+"):
                project.explores[models.get(name, _model(name)), said] = explore
    return project


def _model(file: str) -> str:
    return posixpath.basename(file).partition(".")[0]


def _views(project: Project, parsed: Mapping[str, Item]) -> None:
    stated: dict[str, Item] = {}
    refined: list[Item] = []
    for tree in parsed.values():
        for view in objects(tree.get("views") or []):
            name = text(view, "name")
            if name.startswith("+"):
                refined.append(view)
            elif name:
                stated.setdefault(name, view)
    for view in refined:
        name = text(view, "name")[1:]
        if name in stated:
            stated[name] = merged(stated[name], view)
    for name in stated:
        project.views[name] = View(name, _extended(name, stated, 0))


def _extended(name: str, stated: Mapping[str, Item], depth: int) -> Item:
    view = stated.get(name, {})
    above: Item = {}
    for parent in _parents(view) if depth < _DEEPEST else ():
        above = merged(above, _extended(parent, stated, depth + 1))
    # What a view does not say of its table it takes from what it extends; its own name is no table then.
    return merged(above, view) if above else view


def _parents(view: Item) -> Iterator[str]:
    for key in ("extends", "extends__all"):
        several = view.get(key)
        for each in several if isinstance(several, list) else []:
            yield from [each] if isinstance(each, str) else (one for one in each if isinstance(one, str))


def _connect(project: Project, parsed: Mapping[str, Item]) -> dict[str, str]:
    """Views belong to the connection of the first model whose file includes theirs; the models of files that are none."""
    models: dict[str, str] = {}
    for name, tree in parsed.items():
        connection = text(tree, "connection")
        for file in _included(name, parsed) if connection else ():
            if not text(parsed[file], "connection"):
                models.setdefault(file, _model(name))
            for view in objects(parsed[file].get("views") or []):
                project.connections.setdefault(text(view, "name").lstrip("+"), connection)
    return models


def _included(file: str, parsed: Mapping[str, Item]) -> list[str]:
    seen, waiting = {file: None}, [file]
    while waiting:
        at = waiting.pop()
        for pattern in strings(parsed[at], "includes"):
            place = (
                pattern.lstrip("/")
                if pattern.startswith("/")
                else posixpath.join(posixpath.dirname(at), pattern)
            )
            wanted = posixpath.normpath(place).replace("**/", "*")
            for other in parsed:
                meant = fnmatchcase(other, wanted) or fnmatchcase(other, f"{wanted}.lkml")
                if meant and other not in seen:
                    seen[other] = None
                    waiting.append(other)
    return list(seen)
