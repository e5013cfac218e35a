"""The vocabulary of classifications and the trained model that are in force: asked for by digest, read and made when that is new.

A model that cannot be used is told of, and the shipped one judges in its place.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import structlog

from cypher.classifiers import reads
from cypher.models import reads as models
from cypher.session import GraphSession
from ingest.commands.models import note_fault
from schema.errors import PursightError

if TYPE_CHECKING:
    from cypher.classifiers.reads import Reader
    from ml.classify.composition import Definition, Vocabularies, Vocabulary
    from ml.classify.engine import ClassificationEngine
    from ml.classify.trained import TrainedModel
    from ml.masking.spans import ValueFinder
    from schema.settings import Settings

# The rules are imported when something is classified: the API starts without them.
_MODELS = 2  # some megabytes each
_log = structlog.get_logger("pursight.classify")
_models: dict[str, TrainedModel | None] = {}


async def current_vocabulary(reader: Reader) -> Vocabulary:
    """What is in force now; one small read where this process knows it already."""
    force = await models.in_force(reader)
    vocabulary = await _vocabulary(reader, force["vocabulary"])
    trained = await _trained(reader, force["model"]) if force["model"] else None
    return vocabulary if trained is None else replace(vocabulary, trained=trained)


async def drafted_vocabulary(reader: Reader, drafts: Mapping[str, str]) -> Vocabulary:
    """What would be in force if these texts, by name, were saved now and switched on."""
    from ml.classify.composition import Definition, digest_of

    force, row = await models.in_force(reader), await reads.vocabulary(reader)
    last = await reads.last_versions(reader, list(drafts))
    definitions = {each.name: each for each in definitions_of(row)}
    for name, text in drafts.items():
        if name not in definitions or definitions[name].text != text:
            definitions[name] = Definition(name, last.get(name, 0) + 1, text)
    disabled = set(row["disabled"]) - drafts.keys()
    found = list(definitions.values())
    vocabulary = await asyncio.to_thread(_known().make, digest_of(disabled, found), disabled, found)
    trained = await _trained(reader, force["model"]) if force["model"] else None
    return vocabulary if trained is None else replace(vocabulary, trained=trained)


async def _vocabulary(reader: Reader, digest: str) -> Vocabulary:
    from ml.classify import composition

    if not digest:
        return await asyncio.to_thread(composition.standard_vocabulary)
    if (known := _known().get(digest)) is not None:
        return known
    row = await reads.vocabulary(reader)
    return await asyncio.to_thread(_known().make, row["digest"], row["disabled"], definitions_of(row))


@lru_cache(maxsize=4)  # as many as engines are kept of
def finder_of(engine: ClassificationEngine) -> ValueFinder:
    """What finds values of an engine's classifications in text; made once for each, which takes a moment."""
    from ml.masking.spans import ValueFinder

    return ValueFinder(engine.specs)


async def _trained(reader: Reader, digest: str) -> TrainedModel | None:
    """The model of this digest; None where it cannot be used."""
    if digest in _models:
        return _models[digest]
    from ml.classify.artefact import BadArtefact
    from ml.classify.trained import TrainedModel

    found: TrainedModel | None = None
    try:
        data = await models.artefact(reader, digest)
        if data is None:
            raise BadArtefact("it is not kept any more")
        found = await asyncio.to_thread(TrainedModel, data, digest)
    except BadArtefact as error:
        _log.error("the trained model cannot be used, the shipped one judges", digest=digest, why=str(error))
        if isinstance(reader, GraphSession):
            try:
                await note_fault(reader, digest=digest, why=str(error))
            except PursightError:
                return None  # told at the next question
    while len(_models) >= _MODELS:
        del _models[next(iter(_models))]
    # Who asked at the same time has loaded it too: one is kept.
    return _models.setdefault(digest, found)


def tiers_version(vocabulary: Vocabulary, config: Settings) -> str:
    """By what columns are judged: rules, models, and the language model that is asked about the rest; another one judges again."""
    own = vocabulary.tiered(config.classify_tiers).version
    return f"{own}+{config.llm_model}" if config.llm_base_url and config.llm_model else own


def definitions_of(row: Mapping[str, Any]) -> list[Definition]:
    """The classifiers of one's own in what ``reads.vocabulary`` answers."""
    from ml.classify.composition import Definition

    return [Definition(each["name"], int(each["version"]), each["text"]) for each in row["definitions"]]


@cache
def _known() -> Vocabularies:
    from ml.classify.composition import Vocabularies

    return Vocabularies()
