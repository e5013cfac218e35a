"""What the vocabulary of classifications becomes by a change: composed and checked as a whole, before anything is written."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ingest.classifier_text import ClassifierText
from ingest.vocabulary import definitions_of
from schema.errors import Conflict, InvalidInput

if TYPE_CHECKING:
    from ml.classify.composition import Definition, Vocabulary
    from ml.classify.spec import ClassifierSpec


@dataclass(slots=True)
class Difference:
    """What an import changes, by name; each list is sorted."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Before:
    """The vocabulary as it is before a change."""

    disabled: frozenset[str]
    definitions: Mapping[str, Definition]

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Before:
        return cls(frozenset(row["disabled"]), {each.name: each for each in definitions_of(row)})

    async def after(
        self, given: Sequence[ClassifierText], removed: Collection[str], versions: Mapping[str, int]
    ) -> tuple[Vocabulary, dict[str, Definition]]:
        """The vocabulary with these texts and without those names; raises ``BadClassifier``, ``Conflict``."""
        return await asyncio.to_thread(_checked, self, given, removed, versions)

    def joined(
        self, given: Sequence[ClassifierText], removed: Collection[str], versions: Mapping[str, int]
    ) -> tuple[Vocabulary, dict[str, Definition]]:
        """The same whatever the names and the examples of the texts are."""
        return _joined(self, given, removed, versions)


def _checked(
    before: Before, given: Sequence[ClassifierText], removed: Collection[str], versions: Mapping[str, int]
) -> tuple[Vocabulary, dict[str, Definition]]:
    from ml.classify.spec import built_in
    from ml.classify.trial import wrong_examples, wrong_place

    shipped = {spec.name for spec in built_in()}
    for each in given:
        if each.spec.name in shipped and each.spec.name not in before.definitions:
            why = "is that of a classifier that is built in"
            remedy = "Choose another name; switch the built-in one off if this replaces it."
            each.refuse([(("name",), why, remedy)])
    vocabulary, definitions = _joined(before, given, removed, versions)
    for each in given:
        spec = vocabulary.named(each.spec.name) or each.spec
        each.refuse([*wrong_place(spec, vocabulary), *wrong_examples(spec, vocabulary)])
    return vocabulary, definitions


def _joined(
    before: Before, given: Sequence[ClassifierText], removed: Collection[str], versions: Mapping[str, int]
) -> tuple[Vocabulary, dict[str, Definition]]:
    from ml.classify.composition import Definition, composed, usable
    from ml.classify.spec import ancestors, built_in

    shipped = {spec.name: spec for spec in built_in()}
    new = {
        each.spec.name: Definition(each.spec.name, versions.get(each.spec.name, 0), each.text)
        for each in given
    }
    kept = {name: old for name, old in before.definitions.items() if name not in removed}
    readable = usable(list(before.definitions.values()))
    own: dict[str, ClassifierSpec] = {spec.name: spec for spec in readable if spec.name in kept}
    own |= {name: definition.spec() for name, definition in new.items()}
    everything = shipped | own
    for each in given:
        if each.spec.parent and each.spec.parent not in everything:
            why = f"names {each.spec.parent}, which is no classification"
            each.refuse([(("parent",), why, "Save that one first, or name another.")])
    for name, spec in everything.items():
        if spec.parent in removed and spec.parent not in everything:
            raise Conflict(
                f"{name} is narrower than {spec.parent}.",
                path=("name",),
                remedy="Move it or delete it first.",
            )
    for each in given:
        above = [each.spec]
        while above[-1].parent and len(above) <= len(everything):
            above.append(everything[above[-1].parent])
        try:
            ancestors(above)
        except InvalidInput:
            each.refuse(
                [(("parent",), "leads back to itself", "Name a classification that is not below it.")]
            )
    # What is saved or tried is judged as if it were switched on.
    return composed(before.disabled - new.keys(), list(own.values())), kept | new


def difference_of(before: Before, given: Sequence[ClassifierText], remove: bool) -> Difference:
    """What saving these texts changes; where ``remove`` is said, what is not among them goes."""
    found = Difference()
    for each in given:
        old = before.definitions.get(each.spec.name)
        kind = found.added if old is None else found.unchanged if old.text == each.text else found.changed
        kind.append(each.spec.name)
    if remove:
        found.removed = sorted(before.definitions.keys() - {each.spec.name for each in given})
    for names in (found.added, found.changed, found.unchanged):
        names.sort()
    return found
