"""By what columns are judged: all rules, the thresholds in force, the models behind the rules; kept, so that a later version can be compared.

A classification that an exception keeps back somewhere, or a threshold, may have won over others without being given.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from importlib.resources import files

from pydantic import TypeAdapter

from ml.classify.calibration import calibration
from ml.classify.composition import Vocabulary
from ml.classify.decision import ALL
from ml.classify.spec import ClassifierSpec, Examples
from ml.classify.trained import trained_model

_NOTHING = Examples()
_SPECS = TypeAdapter(tuple[ClassifierSpec, ...])

# What of this package says what a column is, beside the classifiers and models that a vocabulary has.
JUDGES = (
    "artefact.py",
    "calibration.py",
    "checks.py",
    "composition.py",
    "decision.py",
    "engine.py",
    "features.py",
    "lexicon.py",
    "linear.py",
    "names.py",
    "national.py",
    "patterns.py",
    "spec.py",
    "trained.py",
    "values.py",
    "vocabulary.yaml",
    "words.py",
    "zero_shot.py",
)

# Of a classification the confidence (0 to 1) from which it is accepted and the one below which it is not given; None is never.
Thresholds = Mapping[str, tuple[float | None, float | None]]


@dataclass(frozen=True, slots=True)
class VocabularyVersion:
    """``ident`` is equal for two that judge alike; ``models`` are the versions of the models, empty where rules judge alone, and ``labels`` what
    those may give, ``described`` what of it only for what it means; ``calibration`` is by what confidences are told, ``logic`` how the product judges.
    """

    ident: str
    specs: tuple[ClassifierSpec, ...] = field(repr=False)
    thresholds: Thresholds = field(default_factory=dict)
    models: str = ""
    labels: frozenset[str] = frozenset()
    described: frozenset[str] = frozenset()
    calibration: str = ""
    logic: str = ""


@cache
def logic() -> str:
    """Differs between two releases of the product that may judge otherwise by the same classifiers and models."""
    package, digest = files(__package__), hashlib.sha256()
    for name in JUDGES:
        digest.update(package.joinpath(name).read_bytes())
    return digest.hexdigest()[:8]


def version_of(vocabulary: Vocabulary, tiers: str, thresholds: Thresholds) -> VocabularyVersion:
    """What judges by these tiers with these thresholds."""
    tiered, rules = vocabulary.tiered(tiers).version, vocabulary.engine.version
    said = json.dumps(sorted((name, *pair) for name, pair in thresholds.items()))
    held = f"~{hashlib.sha256(said.encode()).hexdigest()[:8]}" if thresholds else ""
    ident = f"{tiered}{held}~logic-{logic()}"
    scale = calibration().version
    models = tiered.removeprefix(rules).removesuffix(f"+{scale}").removeprefix("+")
    described = vocabulary.described if tiers == ALL else frozenset()
    labels = (vocabulary.trained or trained_model()).labels | described if models else frozenset()
    return VocabularyVersion(
        ident, vocabulary.specs, dict(thresholds), models, frozenset(labels), described, scale, logic()
    )


def packed(version: VocabularyVersion) -> str:
    """The version as text, without what does not judge: some tens of kilobytes."""
    specs = tuple(
        replace(spec, examples=_NOTHING, counter_examples=_NOTHING)
        if spec.name in version.described
        else replace(spec, examples=_NOTHING, counter_examples=_NOTHING, description="", title="")
        for spec in version.specs
    )
    body = {
        "specs": _SPECS.dump_python(specs, mode="json"),
        "thresholds": {name: list(pair) for name, pair in version.thresholds.items()},
        "models": version.models,
        "labels": sorted(version.labels),
        "described": sorted(version.described),
        "calibration": version.calibration,
        "logic": version.logic,
    }
    return base64.b85encode(zlib.compress(json.dumps(body).encode(), 6)).decode()


@lru_cache(maxsize=8)
def unpacked(ident: str, data: str) -> VocabularyVersion:
    """What ``packed`` wrote; raises ``ValueError`` where another version of the product wrote it otherwise."""
    body = json.loads(zlib.decompress(base64.b85decode(data)))
    return VocabularyVersion(
        ident,
        _SPECS.validate_python(body["specs"]),
        {name: (pair[0], pair[1]) for name, pair in body["thresholds"].items()},
        body["models"],
        frozenset(body["labels"]),
        frozenset(body["described"]),
        body["calibration"],
        body.get("logic", ""),
    )
