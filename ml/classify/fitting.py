"""The spaCy pipeline in which the weights of the second tier are fitted to labelled columns, by seed: the same columns in the same order give
the same weights."""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ml.classify.artefact import ROWS, Artefact

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


def pipeline_of(artefact: Artefact) -> Language:
    """A pipeline with these weights."""
    nlp = blank_pipeline(artefact.labels)
    layer = linear_layer(nlp)
    layer.set_param("W", artefact.weights.reshape(-1).copy())
    layer.set_param("b", artefact.biases.copy())
    return nlp


def artefact_of(nlp: Language, temperature: float) -> Artefact:
    """The weights of a pipeline, in its own order of labels."""
    layer, labels = linear_layer(nlp), tuple(nlp.get_pipe("textcat").labels)
    return Artefact(labels, temperature, layer.get_param("W").reshape(len(labels), -1), layer.get_param("b"))


def linear_layer(nlp: Language) -> Any:
    """The layer that holds all weights of the classifier."""
    (found,) = (node for node in nlp.get_pipe("textcat").model.walk() if node.has_param("W"))
    return found


def blank_pipeline(labels: Sequence[str]) -> Language:
    """A pipeline that knows the labels and nothing about them."""
    nlp = _spacy().blank("xx")
    from spacy.tokens import Doc
    from spacy.training import Example

    nlp.vocab.lex_attr_getters = {}  # of a word its hash is enough: the rest takes more time than the model itself
    nlp.add_pipe("textcat", config=pipe_config())
    empty = Example.from_dict(Doc(nlp.vocab, words=["none"]), {"cats": {}})
    nlp.get_pipe("textcat").initialize(lambda: [empty], nlp=nlp, labels=tuple(labels))
    return nlp


def pipe_config() -> dict[str, object]:
    """The classifier's shape: 2¹⁵ hashed rows of weights, one output of which shares add up to 1."""
    return {
        "model": {
            "@architectures": "spacy.TextCatBOW.v3",
            "exclusive_classes": True,
            "length": ROWS,
            "ngram_size": 1,
            "no_output_layer": False,
        }
    }


def _spacy() -> Any:
    """spaCy without torch, which it would import where it is installed, and which takes 0.7 GB of a worker for nothing."""
    absent = "torch" not in sys.modules
    if absent:
        sys.modules["torch"] = None  # type: ignore[assignment]
    try:
        import spacy
    finally:
        if absent:
            del sys.modules["torch"]
    return spacy
