# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The converted sentence model equals the formula, and the published vector where those weights are installed."""

from __future__ import annotations

import hashlib
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

pytest.importorskip("onnxruntime", reason="the extra `text` is not installed")
pytest.importorskip("tokenizers", reason="the extra `text` is not installed")

from needledrop.core.errors import KnownError
from needledrop.crossmodal import sentence_onnx
from needledrop.crossmodal.sentence import SentenceModel, published_model_dir

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "calm", "sunrise", "hike", "storm"]
Weights = dict[str, NDArray[np.float32]]


def _random_weights(rng: np.random.Generator) -> Weights:
    hidden = sentence_onnx.HIDDEN

    def dense(name: str, out: int, inside: int) -> Weights:
        return {
            f"{name}.weight": rng.normal(0, 0.08, (out, inside)).astype(np.float32),
            f"{name}.bias": rng.normal(0, 0.1, out).astype(np.float32),
        }

    def norm(name: str) -> Weights:
        return {
            f"{name}.weight": rng.uniform(0.5, 1.5, hidden).astype(np.float32),
            f"{name}.bias": rng.normal(0, 0.1, hidden).astype(np.float32),
        }

    weights = norm("embeddings.LayerNorm")
    for name, rows in (("word", len(WORDS)), ("position", 512), ("token_type", 2)):
        weights[f"embeddings.{name}_embeddings.weight"] = rng.normal(0, 0.5, (rows, hidden)).astype(np.float32)
    for layer in range(sentence_onnx.LAYERS):
        base = f"encoder.layer.{layer}"
        for part in ("query", "key", "value"):
            weights |= dense(f"{base}.attention.self.{part}", hidden, hidden)
        weights |= dense(f"{base}.attention.output.dense", hidden, hidden) | norm(f"{base}.attention.output.LayerNorm")
        weights |= dense(f"{base}.intermediate.dense", 4 * hidden, hidden)
        weights |= dense(f"{base}.output.dense", hidden, 4 * hidden) | norm(f"{base}.output.LayerNorm")
    return weights


def _reference(weights: Weights, ids: list[int]) -> NDArray[np.float64]:
    """The same network in plain float64 numpy, one sentence, no padding."""
    w = {name: array.astype(np.float64) for name, array in weights.items()}

    def norm(x: NDArray[np.float64], name: str) -> NDArray[np.float64]:
        centred = x - x.mean(-1, keepdims=True)
        return centred / np.sqrt((centred**2).mean(-1, keepdims=True) + 1e-12) * w[f"{name}.weight"] + w[f"{name}.bias"]

    def dense(x: NDArray[np.float64], name: str) -> NDArray[np.float64]:
        return x @ w[f"{name}.weight"].T + w[f"{name}.bias"]

    x = w["embeddings.word_embeddings.weight"][ids] + w["embeddings.position_embeddings.weight"][: len(ids)]
    x = norm(x + w["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
    erf = np.vectorize(math.erf)
    for layer in range(sentence_onnx.LAYERS):
        base = f"encoder.layer.{layer}"
        query, key, value = (
            dense(x, f"{base}.attention.self.{part}").reshape(len(ids), 12, 32).transpose(1, 0, 2)
            for part in ("query", "key", "value")
        )
        scores = query @ key.transpose(0, 2, 1) / math.sqrt(32)
        shares = np.exp(scores - scores.max(-1, keepdims=True))
        shares /= shares.sum(-1, keepdims=True)
        context = (shares @ value).transpose(1, 0, 2).reshape(len(ids), -1)
        x = norm(dense(context, f"{base}.attention.output.dense") + x, f"{base}.attention.output.LayerNorm")
        hidden = dense(x, f"{base}.intermediate.dense")
        hidden = hidden * 0.5 * (1 + erf(hidden / math.sqrt(2)))
        x = norm(dense(hidden, f"{base}.output.dense") + x, f"{base}.output.LayerNorm")
    mean = x.mean(0)
    return mean / np.linalg.norm(mean)


@pytest.fixture
def made_model(tmp_path: Path) -> tuple[Path, Weights, str]:
    """A folder like the published one, with random weights and eight words; with the weights and the hash."""
    from safetensors.numpy import save_file
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    source = tmp_path / "published"
    source.mkdir()
    weights = _random_weights(np.random.default_rng(5))
    save_file(weights, source / "model.safetensors")
    tokenizer = Tokenizer(models.WordLevel({word: index for index, word in enumerate(WORDS)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    tokenizer.save(str(source / "tokenizer.json"))
    return source, weights, hashlib.sha256((source / "model.safetensors").read_bytes()).hexdigest()


def test_the_converted_model_computes_the_formula(made_model: tuple[Path, Weights, str], tmp_path: Path) -> None:
    source, weights, sha256 = made_model
    sentence_onnx.convert(source, tmp_path / "converted", sha256=sha256)
    model = SentenceModel(tmp_path / "converted")
    embeddings = model.encode(["calm sunrise hike", "storm", ""])
    for row, ids in zip(embeddings, ([2, 4, 5, 6, 3], [2, 7, 3], [2, 3]), strict=True):
        np.testing.assert_allclose(row, _reference(weights, ids), atol=2e-5)


def test_padding_does_not_change_an_embedding(made_model: tuple[Path, Weights, str], tmp_path: Path) -> None:
    source, _, sha256 = made_model
    sentence_onnx.convert(source, tmp_path / "converted", sha256=sha256)
    model = SentenceModel(tmp_path / "converted")
    alone = model.encode(["storm"])[0]
    padded = model.encode(["calm sunrise hike calm sunrise hike", "storm"])[1]
    np.testing.assert_allclose(alone, padded, atol=1e-5)


def test_other_weights_are_refused(made_model: tuple[Path, Weights, str], tmp_path: Path) -> None:
    source, _, _ = made_model
    with pytest.raises(KnownError, match="not the published ones"):
        sentence_onnx.convert(source, tmp_path / "converted")
    assert not (tmp_path / "converted").exists()


def test_a_truncated_model_is_refused_with_a_remedy(made_model: tuple[Path, Weights, str], tmp_path: Path) -> None:
    source, _, sha256 = made_model
    sentence_onnx.convert(source, tmp_path / "converted", sha256=sha256)
    path = tmp_path / "converted" / "model.onnx"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(KnownError) as caught:
        SentenceModel(tmp_path / "converted")
    assert "Delete that folder" in caught.value.remedy


@pytest.mark.skipif(published_model_dir() is None, reason="the package with the published weights is not installed")
def test_the_published_example_keeps_its_vector(tmp_path: Path) -> None:
    folder = published_model_dir()
    assert folder is not None
    sentence_onnx.convert(folder, tmp_path / "converted")
    vector = SentenceModel(tmp_path / "converted").encode(["This is an example sentence"])[0]
    # First six numbers of this sentence's embedding as the model's users print them.
    np.testing.assert_allclose(
        vector[:6], [0.0676569, 0.0634959, 0.0487131, 0.0793049, 0.0374480, 0.0026528], atol=1e-5
    )


def test_the_model_runs_without_torch(made_model: tuple[Path, Weights, str], tmp_path: Path) -> None:
    source, _, sha256 = made_model
    sentence_onnx.convert(source, tmp_path / "converted", sha256=sha256)
    code = (
        "import sys, pathlib\n"
        "from needledrop.crossmodal.sentence import SentenceModel\n"
        f"SentenceModel(pathlib.Path({str(tmp_path / 'converted')!r})).encode(['calm'])\n"
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
