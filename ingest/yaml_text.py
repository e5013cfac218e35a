"""YAML that people write: JSON's types only, bounded in size and depth, and every field with its line and column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import yaml

_DEEPEST = 20
_NOT_JSON = {"tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:merge", "tag:yaml.org,2002:value"}

Place = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mark:
    """Where something stands in a text; both count from 1."""

    line: int = 1
    column: int = 1


class YamlMistake(Exception):
    """The text cannot be read; ``why`` completes a sentence about the field at ``place``."""

    def __init__(self, place: Place, why: str, mark: Mark) -> None:
        super().__init__(why)
        self.place, self.why, self.mark = place, why, mark


@dataclass(frozen=True, slots=True)
class YamlText:
    """What a text holds, and where: the mark of a field is that of its key."""

    tree: Any
    marks: Mapping[Place, Mark]

    def mark(self, place: Sequence[str]) -> Mark:
        """Where ``place`` stands, or the nearest thing around it that does."""
        known = (tuple(place[:end]) for end in range(len(place), -1, -1))
        return next((self.marks[each] for each in known if each in self.marks), Mark())


def read_yaml(text: str, *, largest: int) -> YamlText:
    """The one document in ``text``, at most ``largest`` characters; raises ``YamlMistake``."""
    if len(text) > largest:
        raise YamlMistake((), f"is longer than {largest} characters", Mark())
    marks: dict[Place, Mark] = {}
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        _note(node, (), marks)
        return YamlText(None if node is None else loader.construct_document(node), marks)
    except yaml.MarkedYAMLError as error:
        mark = _mark(error.problem_mark) if error.problem_mark else Mark()
        raise YamlMistake((), f"is not YAML: {error.problem or 'it ends too early'}", mark) from None
    except (yaml.YAMLError, ValueError):  # a character that YAML forbids, a number or tag that no type takes
        raise YamlMistake((), "is not YAML", Mark()) from None


class _Loader(yaml.SafeLoader):  # type: ignore[misc]
    """A date stays the text that it is, nothing is merged, and nothing can grow beyond the text."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in rules if tag not in _NOT_JSON]
        for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.peek_event()
        if isinstance(event, yaml.AliasEvent) or event.anchor:
            raise YamlMistake(
                (), "uses an anchor or alias, which is not allowed here", _mark(event.start_mark)
            )
        if self.depth == _DEEPEST:
            raise YamlMistake((), "is nested too deep", _mark(event.start_mark))
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


def _mark(mark: Any) -> Mark:
    return Mark(mark.line + 1, mark.column + 1)


def _note(node: yaml.Node | None, path: Place, marks: dict[Place, Mark]) -> None:
    if node is None:
        return
    marks.setdefault(path, _mark(node.start_mark))
    if isinstance(node, yaml.SequenceNode):
        for index, each in enumerate(node.value):
            _note(each, (*path, str(index)), marks)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            place = (*path, str(key.value))
            if place in marks:
                raise YamlMistake(place, "stands here twice", _mark(key.start_mark))
            marks[place] = _mark(key.start_mark)
            _note(value, place, marks)
