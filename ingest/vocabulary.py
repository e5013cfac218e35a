"""The vocabulary of classifications that is in force: asked for by its digest, read and made when that is new."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from cypher.classifiers import reads

if TYPE_CHECKING:
    from cypher.classifiers.reads import Reader
    from ml.classify.composition import Definition, Vocabularies, Vocabulary
    from schema.settings import Settings

# The rules are imported when something is classified: the API starts without them.


async def current_vocabulary(reader: Reader) -> Vocabulary:
    """What is in force now; one small read where this process knows it already."""
    from ml.classify import composition

    digest, _ = await reads.digests(reader)
    if not digest:
        return await asyncio.to_thread(composition.standard_vocabulary)
    if (known := _known().get(digest)) is not None:
        return known
    row = await reads.vocabulary(reader)
    return await asyncio.to_thread(_known().make, row["digest"], row["disabled"], definitions_of(row))


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
