# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
import pytest

from needledrop.core import models
from needledrop.core.errors import KnownError


def packed(dtype: str = "F32") -> bytes:
    header = json.dumps({"a": {"dtype": dtype, "shape": [2, 1], "data_offsets": [0, 8]}, "__metadata__": {}}).encode()
    return struct.pack("<Q", len(header)) + header + np.array([1.5, -2], "<f4").tobytes()


def test_reads_tensors() -> None:
    tensors = models.tensors_from(packed())
    assert tensors["a"].tolist() == [[1.5], [-2.0]]
    assert not tensors["a"].flags.writeable


def test_refuses_other_types() -> None:
    with pytest.raises(ValueError, match="BF16"):
        models.tensors_from(packed("BF16"))


def test_refuses_weights_that_are_not_the_registered_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "toy").mkdir()
    (tmp_path / "toy" / models.WEIGHTS_NAME).write_bytes(packed())
    (tmp_path / "registry.toml").write_text(f'[toy]\nsha256 = "{"0" * 64}"\n', encoding="utf-8")
    monkeypatch.setattr(models, "shipped_dir", lambda _: tmp_path)
    for model in ("toy", "none-1"):
        with pytest.raises(KnownError, match="missing or damaged"):
            models.shipped_tensors(model)
