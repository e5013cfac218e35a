"""From the YAML of classifiers to their rules: every mistake with its field, line, column and remedy."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ingest.yaml_text import Mark, YamlMistake, YamlText, read_yaml
from schema.errors import BadClassifier, InvalidInput

if TYPE_CHECKING:
    from ml.classify.spec import ClassifierSpec
    from ml.classify.trial import Mistake

LARGEST = 64 * 1024  # characters of one classifier
LARGEST_OF_ALL = 4 * 1024 * 1024
MOST_MISTAKES = 50  # that are told at once
_SEPARATOR = re.compile(r"^---(?:[ \t]+#[^\n]*|[ \t]*)$", re.MULTILINE)
_REMEDY = "Compare with the classifiers in the documentation."


@dataclass(frozen=True, slots=True)
class ClassifierText:
    """One classifier: its text, its rules, and where its fields stand, ``above`` lines further down in what was sent."""

    text: str
    spec: ClassifierSpec
    document: YamlText
    above: int = 0

    def refuse(self, mistakes: Iterable[Mistake]) -> None:
        """Raise ``BadClassifier`` with these mistakes, if there are any."""
        found = [
            told(place, why, remedy, self.document.mark(place), above=self.above, name=self.spec.name)
            for place, why, remedy in mistakes
        ]
        if found:
            found.sort(key=lambda each: (each.line, each.column))
            first, *others = found[:MOST_MISTAKES]
            first.others = tuple(others)
            raise first


def read_classifier(text: str) -> ClassifierText:
    """The one classifier in ``text``, as ``read_classifiers`` has it; raises ``BadClassifier``."""
    found = read_classifiers(text)
    return found[0] if len(found) == 1 else _read(text, 0)


def _read(text: str, above: int) -> ClassifierText:
    from ml.classify.spec import read_spec
    from ml.classify.trial import wrong_rules

    try:
        document = read_yaml(text, largest=LARGEST)
    except YamlMistake as mistake:
        raise told(mistake.place, mistake.why, "", mistake.mark, above=above) from None
    try:
        spec = read_spec(text)
    except InvalidInput as error:
        place = error.path[1:] if error.path[:1] == ("classifier",) else error.path
        why = f"is not acceptable: {error.message}"
        raise told(place, why, error.remedy, document.mark(place), above=above) from None
    found = ClassifierText(text, spec, document, above)
    found.refuse(wrong_rules(spec))
    return found


def read_classifiers(text: str) -> list[ClassifierText]:
    """The classifiers in the documents of ``text``, divided by lines of ``---``; raises ``BadClassifier``.

    What ends lines and stands around a document is no part of its text: a draft that is saved is the one that was previewed.
    """
    text = text.replace("\r\n", "\n")
    if len(text) > LARGEST_OF_ALL:
        raise told((), f"is longer than {LARGEST_OF_ALL} characters", "Import them in parts.", Mark())
    found: list[ClassifierText] = []
    places: dict[str, int] = {}
    start = 0
    for end in [*(each.span() for each in _SEPARATOR.finditer(text)), (len(text), len(text))]:
        part = text[start : end[0]].lstrip("\n")
        above = text[: end[0]].count("\n") - part.count("\n")
        part = part.rstrip("\n") + "\n"
        start = end[1]
        if all(not line.strip() or line.lstrip().startswith("#") for line in part.splitlines()):
            continue
        one = _read(part, above)
        if one.spec.name in places:
            one.refuse(
                [(("name",), f"stands at line {places[one.spec.name]} already", "Keep one of the two.")]
            )
        places[one.spec.name] = above + one.document.mark(("name",)).line
        found.append(one)
    return found


def told(
    place: tuple[str, ...], why: str, remedy: str, mark: Mark, *, above: int = 0, name: str = ""
) -> BadClassifier:
    """One mistake as an error; the line counts from the beginning of all that was sent."""
    field = ".".join(place)[:160] or "The classifier"
    of = f" of {name}" if name and place else ""
    return BadClassifier(
        f"Line {mark.line + above}, column {mark.column}: {field}{of} {why.rstrip('.')}.",
        path=("yaml", *place),
        remedy=remedy or _REMEDY,
        line=mark.line + above,
        column=mark.column,
    )
