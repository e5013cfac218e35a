"""Classifier files: one YAML file is one classification. Reads, checks and describes them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

import yaml

from schema.domain.classifications import Classifier, Sensitivity
from schema.errors import InvalidInput

TYPES = frozenset(
    {
        "text",
        "integer",
        "decimal",
        "date",
        "timestamp",
        "boolean",
        "uuid",
        "network",
        "point",
        "binary",
        "duration",
        "other",
    }
)
REGULATIONS = {
    "GDPR": "General Data Protection Regulation (EU) 2016/679",
    "GDPR_ART_9": "GDPR article 9: special categories of personal data",
    "GDPR_ART_10": "GDPR article 10: criminal convictions and offences",
    "CCPA": "California Consumer Privacy Act",
    "HIPAA": "Health Insurance Portability and Accountability Act, where health data is kept with it",
    "PCI_DSS": "Payment Card Industry Data Security Standard",
    "GLBA": "Gramm-Leach-Bliley Act",
    "FCRA": "Fair Credit Reporting Act",
    "FERPA": "Family Educational Rights and Privacy Act",
    "ISO_27001": "ISO/IEC 27001, authentication information",
}


@dataclass(frozen=True, slots=True)
class ValueFormat:
    """One form that values take.

    ``pattern`` is RE2 and must match the whole value; ``check`` names a validator of ``ml.classify.checks``;
    ``alone`` is the confidence that values of this form give without a fitting name, from 0 to 1; ``inside``, where
    given, is the pattern that finds such values within prose.
    """

    pattern: str
    check: str = ""
    entity: str = ""
    alone: float = 0.0
    inside: str = ""


@dataclass(frozen=True, slots=True)
class Names:
    """Phrases of whole words: ``strong`` decide, ``weak`` need context or values, ``never`` speak against."""

    strong: tuple[str, ...] = ()
    weak: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    context: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Examples:
    values: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClassifierSpec:
    """One classification and the evidence for it, as its file states them.

    ``closed``: the forms are all there are, so values of other forms speak against it. ``group``: of one group a
    column gets the best label only: that of the highest ``priority``, of those the surest. ``dictionary``: words in
    lower case, of which a value must hold one. ``parent`` names the wider classification; a file without rules is such a
    wider one and is never given itself. ``regulations`` are keys of ``REGULATIONS``: hints, which the narrower
    classifications inherit. A verdict as sure as ``accept_at`` is accepted without a person, one less sure than
    ``reject_at`` is not given; None is never.
    """

    name: str
    title: str
    description: str
    category: str
    sensitivity: Sensitivity
    version: str = "1"
    parent: str = ""
    regulations: tuple[str, ...] = ()
    group: str = ""
    priority: int = 0
    accept_at: float | None = None
    reject_at: float | None = None
    types: frozenset[str] = frozenset({"text"})
    names: Names = Names()
    values: tuple[ValueFormat, ...] = ()
    closed: bool = False
    dictionary: frozenset[str] = frozenset()
    dictionary_alone: float = 0.0
    min_match: float = 0.6
    examples: Examples = Examples()
    counter_examples: Examples = Examples()
    digest: str = field(default="", compare=False)

    @property
    def abstract(self) -> bool:
        """Whether it only holds others together."""
        return not (self.names.strong or self.names.weak or self.values or self.dictionary)


def _strings(path: tuple[str, ...], found: object) -> tuple[str, ...]:
    if found is None:
        return ()
    if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
        raise InvalidInput("Expected a list of quoted texts.", path=path, remedy="Quote numbers, yes and no.")
    return tuple(found)


def _part(found: Any, path: tuple[str, ...], allowed: frozenset[str]) -> Mapping[str, Any]:
    if not isinstance(found, dict):
        raise InvalidInput(
            "Expected fields with values.", path=path, remedy="See the built-in classifier files."
        )
    if unknown := sorted(str(key) for key in found if key not in allowed):
        raise InvalidInput(
            f"Unknown field {unknown[0]!r}.",
            path=(*path, unknown[0]),
            remedy="Known: " + ", ".join(sorted(allowed)),
        )
    return found


_NAMES = frozenset(Names.__dataclass_fields__)
_FORMAT = frozenset(ValueFormat.__dataclass_fields__)
_EXAMPLES = frozenset(Examples.__dataclass_fields__)
_SPEC = frozenset(ClassifierSpec.__dataclass_fields__) - {"digest"}


def read_yaml(text: str) -> Any:
    """As ``yaml.safe_load``, by the parser in C where there is one: the first request for a scan waits for it."""
    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe


_NAME = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
_LONGEST_TEXT = 1_000  # characters of a title, a description, a category
_LONGEST_PATTERN = 5_000


def _wrong(path: tuple[str, ...], why: str, remedy: str) -> InvalidInput:
    return InvalidInput(why, path=path, remedy=remedy)


def _text(found: object, path: tuple[str, ...]) -> str:
    if isinstance(found, bool) or not isinstance(found, str | int | float):
        raise _wrong(path, "Expected a text.", "Write a text, in quotes where it looks like anything else.")
    text = " ".join(str(found).split())
    if not text or len(text) > _LONGEST_TEXT:
        raise _wrong(
            path, f"Expected 1 to {_LONGEST_TEXT} characters.", "Write a text that says what is meant."
        )
    return text


def _identifier(found: object, path: tuple[str, ...]) -> str:
    text = _text(found, path)
    if not _NAME.fullmatch(text):
        raise _wrong(
            path, "Not a name.", "Use capital letters, digits and underscores, a letter first, 64 at most."
        )
    return text


def _number(found: object, path: tuple[str, ...], low: float = 0.0, high: float = 1.0) -> float:
    if isinstance(found, bool) or not isinstance(found, int | float) or not low <= found <= high:
        raise _wrong(path, f"Expected a number from {low:g} to {high:g}.", "Write it without quotes.")
    return float(found)


def _truth(found: object, path: tuple[str, ...]) -> bool:
    if not isinstance(found, bool):
        raise _wrong(path, "Expected true or false.", "Write it without quotes.")
    return found


def _format(found: object, path: tuple[str, ...], name: str) -> ValueFormat:
    part = _part(found, path, _FORMAT)
    for key in ("pattern", "check", "entity", "inside"):
        if key in part and not isinstance(part[key], str):
            raise _wrong((*path, key), "Expected a text.", "Put it in quotes.")
        if len(part.get(key, "")) > _LONGEST_PATTERN:
            raise _wrong((*path, key), f"Longer than {_LONGEST_PATTERN} characters.", "Write several forms.")
    if not part.get("pattern"):
        raise _wrong((*path, "pattern"), "The field 'pattern' is missing.", "Add it.")
    alone = _number(part.get("alone", 0), (*path, "alone"))
    return ValueFormat(**{"entity": name, **part, "alone": alone})


def read_spec(text: str) -> ClassifierSpec:
    """One classifier file; raises ``InvalidInput`` whose ``path`` names the wrong field."""
    try:
        found = read_yaml(text)
    except (yaml.YAMLError, ValueError):
        raise InvalidInput(
            "Not YAML.", path=("classifier",), remedy="Check the file's indentation."
        ) from None
    body = _part(found, ("classifier",), _SPEC)
    for required in ("name", "title", "description", "category", "sensitivity"):
        if required not in body:
            raise InvalidInput(f"The field {required!r} is missing.", path=(required,), remedy="Add it.")
    if body["sensitivity"] not in list(Sensitivity) or isinstance(body["sensitivity"], bool):
        raise InvalidInput(
            "Not a sensitivity.", path=("sensitivity",), remedy="Use 0 (public) to 4 (restricted)."
        )
    types = frozenset(_strings(("types",), body.get("types", ["text"])))
    if types - TYPES:
        raise InvalidInput(
            "Not a kind of data type.", path=("types",), remedy="Known: " + ", ".join(sorted(TYPES))
        )
    regulations = _strings(("regulations",), body.get("regulations"))
    if unknown := sorted(set(regulations) - REGULATIONS.keys()):
        raise InvalidInput(
            f"Unknown regulation {unknown[0]!r}.",
            path=("regulations",),
            remedy="Known: " + ", ".join(REGULATIONS),
        )
    name, category = _identifier(body["name"], ("name",)), _text(body["category"], ("category",))
    forms = body.get("values", [])
    if not isinstance(forms, list):
        raise _wrong(("values",), "Expected a list of forms.", "Begin each with a dash.")

    def words(part: str, allowed: frozenset[str]) -> dict[str, tuple[str, ...]]:
        return {
            key: _strings((part, key), items)
            for key, items in _part(body.get(part, {}), (part,), allowed).items()
        }

    def text_of(key: str, otherwise: str) -> str:
        return _text(body[key], (key,)) if key in body else otherwise

    def share(key: str) -> float | None:
        return None if body.get(key) is None else _number(body[key], (key,))

    return ClassifierSpec(
        name=name, title=_text(body["title"], ("title",)), description=_text(body["description"], ("description",)),
        category=category, sensitivity=Sensitivity(body["sensitivity"]), version=text_of("version", "1"),
        parent=_identifier(body["parent"], ("parent",)) if body.get("parent") else "", regulations=regulations,
        group=text_of("group", category), priority=int(_number(body.get("priority", 0), ("priority",), -1_000, 1_000)),
        accept_at=share("accept_at"), reject_at=share("reject_at"), types=types, names=Names(**words("names", _NAMES)),
        values=tuple(_format(item, ("values", str(i)), name) for i, item in enumerate(forms)),
        closed=_truth(body.get("closed", False), ("closed",)),
        dictionary=frozenset(word.lower() for word in _strings(("dictionary",), body.get("dictionary"))),
        dictionary_alone=_number(body.get("dictionary_alone", 0), ("dictionary_alone",)),
        min_match=_number(body.get("min_match", 0.6), ("min_match",)),
        examples=Examples(**words("examples", _EXAMPLES)),
        counter_examples=Examples(**words("counter_examples", _EXAMPLES)),
        digest=hashlib.sha256(text.encode()).hexdigest(),
    )  # fmt: skip


def ancestors(specs: Sequence[ClassifierSpec]) -> dict[str, tuple[str, ...]]:
    """The wider classifications of each, nearest first; raises ``InvalidInput`` on an unknown parent or a circle."""
    parents = {spec.name: spec.parent for spec in specs}
    found = {}
    for name in parents:
        chain: list[str] = []
        while parent := parents[chain[-1] if chain else name]:
            if parent not in parents or parent == name or parent in chain:
                raise InvalidInput(
                    f"{name} has no usable parent {parent!r}.",
                    path=("parent",),
                    remedy="Name a classification that is not below it.",
                )
            chain.append(parent)
        found[name] = tuple(chain)
    return found


def regulations(specs: Sequence[ClassifierSpec]) -> dict[str, frozenset[str]]:
    """The regulations that each classification hints at, its own and those of the wider ones."""
    own = {spec.name: spec.regulations for spec in specs}
    return {
        name: frozenset(r for n in (name, *above) for r in own[n]) for name, above in ancestors(specs).items()
    }


def classifiers_of(specs: Sequence[ClassifierSpec], own: Collection[str] = ()) -> tuple[Classifier, ...]:
    """What the graph stores about classifications, without the rules; ``own`` are those that are not built in."""
    above, laws = ancestors(specs), regulations(specs)
    return tuple(
        Classifier(
            spec.name, spec.title, spec.description, spec.category, spec.sensitivity, spec.version,
            wider=above[spec.name], regulations=tuple(sorted(laws[spec.name])), group=spec.group, priority=spec.priority,
            accept_at=spec.accept_at, reject_at=spec.reject_at, built_in=spec.name not in own,
        )
        for spec in specs
    )  # fmt: skip


def _files() -> list[Traversable]:
    folder = resources.files("ml") / "classifiers"
    return sorted((f for f in folder.iterdir() if f.name.endswith(".yaml")), key=lambda f: f.name)


@cache
def built_in() -> tuple[ClassifierSpec, ...]:
    """The classifiers the product ships, in the order of their file names."""
    return tuple(read_spec(file.read_text("utf-8")) for file in _files())


@cache
def texts() -> dict[str, str]:
    """The files of the classifiers that the product ships, by name."""
    return {spec.name: file.read_text("utf-8") for spec, file in zip(built_in(), _files(), strict=True)}
