"""Fitting the weights of the linear classifier to labelled columns, by seed: the same columns in the same order give the same weights."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spacy.language import Language

BATCH, RATE, DECAY = 256, 0.01, 0.35


def prepared(nlp: Language, labels: Sequence[str], labelled: Sequence[tuple[str, list[str]]]) -> list[Any]:
    """spaCy's examples of (label, words) pairs."""
    from spacy.tokens import Doc
    from spacy.training import Example

    return [
        Example.from_dict(
            Doc(nlp.vocab, words=words), {"cats": {each: float(each == label) for each in labels}}
        )
        for label, words in labelled
    ]


def fit(nlp: Language, examples: list[Any], *, epochs: int, seed: int) -> None:
    """Change the weights of ``nlp``, which has been initialised; ``examples`` are shuffled in place."""
    from thinc.api import Adam

    optimizer = Adam(RATE, L2=0.0, grad_clip=1.0)
    chance = random.Random(seed)  # noqa: S311 - chance is seeded, no secret
    for epoch in range(epochs):
        optimizer.learn_rate = RATE * DECAY**epoch if epoch > 1 else RATE
        chance.shuffle(examples)
        for start in range(0, len(examples), BATCH):
            nlp.update(examples[start : start + BATCH], sgd=optimizer, drop=0.0)
