"""Fitting the weights of the linear classifier to labelled columns, by seed: the same columns in the same order give the same weights."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spacy.language import Language

BATCH, RATE, DECAY = 256, 0.01, 0.35


def fit(nlp: Language, labelled: Sequence[tuple[str, list[str]]], *, epochs: int, seed: int) -> None:
    """Change the weights of ``nlp``, which has been initialised, by (label, words) pairs."""
    import numpy as np
    from spacy.tokens import Doc
    from thinc.api import Adam

    pipe = nlp.get_pipe("textcat")
    labels = {label: number for number, label in enumerate(pipe.labels)}
    optimizer = Adam(RATE, L2=0.0, grad_clip=1.0, use_averages=False)
    chance = random.Random(seed)  # noqa: S311 - chance is seeded, no secret
    columns = [(Doc(nlp.vocab, words=words), labels[label]) for label, words in labelled]
    for epoch in range(epochs):
        optimizer.learn_rate = RATE * DECAY**epoch if epoch > 1 else RATE
        chance.shuffle(columns)
        for start in range(0, len(columns), BATCH):
            docs, due = zip(*columns[start : start + BATCH], strict=True)
            # As ``Language.update`` does, which copies every text first: three quarters of its time.
            scores, back = pipe.model.begin_update(list(docs))
            back(scores - np.eye(len(labels), dtype="float32")[list(due)])
            pipe.model.finish_update(optimizer)
