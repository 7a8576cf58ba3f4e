# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A GPU is chosen only if it computes."""

from __future__ import annotations

import pytest
import torch

from needledrop.crossmodal.device import CPU, is_out_of_memory, pick_device


def test_the_device_picked_computes() -> None:
    assert float((torch.ones(2, device=pick_device()) * 3).sum().cpu()) == 6.0


def test_a_driver_that_refuses_to_work_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> torch.Tensor:
        raise RuntimeError("CUDA driver version is insufficient")

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    monkeypatch.setattr(torch, "ones", refuse)
    assert pick_device() == CPU


def test_out_of_memory_is_told_from_other_failures() -> None:
    assert is_out_of_memory(torch.OutOfMemoryError("CUDA"))
    assert is_out_of_memory(RuntimeError("MPS backend out of memory (MPS allocated: 9 GB)"))
    assert not is_out_of_memory(RuntimeError("sizes of tensors must match"))
