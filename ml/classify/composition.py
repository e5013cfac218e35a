"""The vocabulary in force: what the product ships without what is switched off, and classifiers of one's own."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from threading import Lock

import structlog

from ml.classify.decision import ALL, TieredClassifier
from ml.classify.engine import ClassificationEngine, standard_engine
from ml.classify.spec import ClassifierSpec, Names, ancestors, built_in, classifiers_of, read_spec
from ml.classify.trained import TrainedModel, trained_model
from schema.domain.classifications import Classifier
from schema.errors import InvalidInput

_KEPT = 4  # engines of other vocabularies, some megabytes each
_log = structlog.get_logger("pursight.classify")


@dataclass(frozen=True, slots=True)
class Definition:
    """The text of one classifier of one's own, as its ``version``, which verdicts name."""

    name: str
    version: int
    text: str

    def spec(self) -> ClassifierSpec:
        """The classifier; raises ``InvalidInput`` that names the field."""
        return replace(read_spec(self.text), version=str(self.version))


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """All classifications with their rules, the engine over them, and the names of those that are not built in."""

    engine: ClassificationEngine
    specs: tuple[ClassifierSpec, ...]
    own: frozenset[str] = frozenset()
    trained: TrainedModel | None = None
    """The model in force; None is the shipped one."""

    @property
    def classifiers(self) -> tuple[Classifier, ...]:
        return classifiers_of(self.specs, self.own)

    def tiered(self, tiers: str) -> TieredClassifier:
        """The named tiers over these rules; models know built-in classifications alone."""
        return TieredClassifier(self.engine, (self.trained or trained_model()) if tiers == ALL else None)

    def named(self, name: str) -> ClassifierSpec | None:
        return next((spec for spec in self.specs if spec.name == name), None)


def digest_of(disabled: Collection[str], definitions: Collection[Definition]) -> str:
    """By what a vocabulary is known; empty where it is the product's own."""
    if not disabled and not definitions:
        return ""
    said = [sorted(disabled), sorted((d.name, d.version, d.text) for d in definitions)]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]


def product_digest() -> str:
    """By what the classifiers that the product ships are known."""
    return hashlib.sha256("".join(sorted(spec.digest for spec in built_in())).encode()).hexdigest()[:16]


def _silent(spec: ClassifierSpec) -> ClassifierSpec:
    """The same without rules: what is narrower keeps its place."""
    return replace(
        spec, names=Names(), values=(), dictionary=frozenset(), digest=f"{spec.digest} is switched off"
    )


def composed(disabled: Collection[str], own: Sequence[ClassifierSpec]) -> Vocabulary:
    """The vocabulary of these; raises ``InvalidInput`` where the hierarchy, a pattern or a check is wrong."""
    if not disabled and not own:
        return standard_vocabulary()
    names = frozenset(spec.name for spec in own)
    specs = [spec for spec in built_in() if spec.name not in names] + sorted(own, key=lambda s: s.name)
    specs = [_silent(spec) if spec.name in disabled else spec for spec in specs]
    return Vocabulary(ClassificationEngine(specs), tuple(specs), names)


def standard_vocabulary() -> Vocabulary:
    """What the product ships."""
    return Vocabulary(standard_engine(), built_in())


def usable(definitions: Sequence[Definition]) -> list[ClassifierSpec]:
    """The classifiers that this version of the product can read: what it cannot stops no scan, and is told in the log."""
    found: list[ClassifierSpec] = []
    for definition in definitions:
        try:
            spec = definition.spec()
            ClassificationEngine([replace(spec, parent="")])
        except InvalidInput as error:
            _log.warning("a classifier is left out", name=definition.name, why=error.message)
        else:
            found.append(spec)
    known = {spec.name: spec for spec in (*built_in(), *found)}
    return [spec if _placed(spec, known) else replace(spec, parent="") for spec in found]


def _placed(spec: ClassifierSpec, known: dict[str, ClassifierSpec]) -> bool:
    above: list[ClassifierSpec] = [spec]
    while above[-1].parent in known and len(above) <= len(known):
        above.append(known[above[-1].parent])
    try:
        return bool(ancestors(above))
    except InvalidInput:
        _log.warning("a classifier stands at the top: its parent is gone", name=spec.name)
        return False


class Vocabularies:
    """Vocabularies by digest, so that each is made once in a process."""

    def __init__(self) -> None:
        self._known: dict[str, Vocabulary] = {}
        self._lock = Lock()

    def get(self, digest: str) -> Vocabulary | None:
        return self._known.get(digest)

    def make(self, digest: str, disabled: Collection[str], definitions: Sequence[Definition]) -> Vocabulary:
        """The vocabulary of this digest; takes a moment the first time."""
        with self._lock:
            if digest not in self._known:
                made = composed(disabled, usable(definitions))
                while len(self._known) >= _KEPT:
                    del self._known[next(iter(self._known))]
                self._known[digest] = made
            return self._known[digest]
