"""Texts to unit vectors with onnxruntime and tokenizers alone; ``ml.export_model`` makes the model file."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from schema.errors import StackError

if TYPE_CHECKING:
    import numpy as np

DIMENSIONS = 384
MODEL = "all-MiniLM-L6-v2-int8-1"  # the last number moves when the exported graph or its quantisation does
MODEL_FILE = f"models/{MODEL}/model.onnx"
TOKENIZER_FILE = f"models/{MODEL}/tokenizer.json"
MAX_TOKENS = 256
BATCH = 32
CACHED_QUERIES = 512


def model_path(cache_dir: Path) -> Path | None:
    """The exported model below ``cache_dir``; None where it has not been made yet."""
    found = cache_dir / MODEL_FILE
    return found if found.is_file() and (cache_dir / TOKENIZER_FILE).is_file() else None


def export(cache_dir: Path) -> Path:
    """Make the model file once, in a process of its own (the weights need 0.5 GB while they are converted).

    Raises ``StackError`` where that fails.
    """
    if (found := model_path(cache_dir)) is not None:
        return found
    run = subprocess.run(  # noqa: S603 - our own interpreter and module
        [sys.executable, "-m", "ml.export_model", str(cache_dir)], capture_output=True, text=True, check=False
    )
    if (found := model_path(cache_dir)) is None:
        why = run.stderr.strip().splitlines()[-1:] or ["no message"]
        raise StackError(
            f"The embedding model could not be exported: {why[0]}",
            remedy="Run `python -m ml.export_model CACHE_DIR` and read its message.",
        )
    return found


class Encoder:
    """Texts to unit vectors, float32 of shape (n, 384); safe to call from several threads."""

    def __init__(self, model: Path, threads: int = 2) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
        self._tokenizer = Tokenizer.from_file(str(model.with_name(Path(TOKENIZER_FILE).name)))
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.no_padding()

    def __call__(self, texts: Sequence[str], batch: int = BATCH) -> np.ndarray:
        import numpy as np

        tokens = [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]
        # Sorted by length, a batch holds next to no padding.
        order = sorted(range(len(tokens)), key=lambda i: len(tokens[i]))
        vectors = np.empty((len(tokens), DIMENSIONS), np.float32)
        for start in range(0, len(order), batch):
            rows = order[start : start + batch]
            ids = np.zeros((len(rows), len(tokens[rows[-1]])), np.int64)
            mask = np.zeros_like(ids)
            for row, index in enumerate(rows):
                ids[row, : len(tokens[index])] = tokens[index]
                mask[row, : len(tokens[index])] = 1
            vectors[rows] = self._session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
        return vectors


class OnnxEmbedder:
    """The product's ``schema.ports.Embedder``; loads the model at the first call, not at construction.

    Raises ``StackError`` at that call where the model has not been exported.
    """

    model = MODEL
    dimensions = DIMENSIONS

    def __init__(self, cache_dir: Path, threads: int = 2) -> None:
        self._cache_dir, self._threads = cache_dir, threads
        self._encoder: Encoder | None = None
        self._lock = threading.Lock()
        self._queries: OrderedDict[str, list[float]] = OrderedDict()

    def __call__(self, texts: Sequence[str]) -> list[list[float]]:
        """One unit vector per text, in the order of ``texts``."""
        if not texts:
            return []
        vectors: list[list[float]] = self._loaded()(texts).tolist()
        return vectors

    async def embed_query(self, text: str) -> list[float]:
        """The vector of one query, computed in a thread; the last queries are remembered."""
        if (known := self._queries.get(text)) is not None:
            self._queries.move_to_end(text)
            return known
        vector = (await asyncio.to_thread(self, [text]))[0]
        self._queries[text] = vector
        while len(self._queries) > CACHED_QUERIES:
            self._queries.popitem(last=False)
        return vector

    def _loaded(self) -> Encoder:
        with self._lock:
            if self._encoder is None:
                found = model_path(self._cache_dir)
                if found is None:
                    raise StackError(
                        "The embedding model has not been exported on this machine.",
                        remedy="Run `python -m ml.export_model CACHE_DIR`.",
                    )
                self._encoder = Encoder(found, self._threads)
            return self._encoder
