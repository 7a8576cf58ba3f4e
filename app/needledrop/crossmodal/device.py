# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which device the networks run on. A GPU counts only if it computes: a driver can be there and refuse to work."""

from __future__ import annotations

import warnings
from typing import Any

from needledrop.core import log

CPU = "cpu"


def pick_device() -> str:
    """ "cuda", else "mps", else "cpu": the first that adds two numbers right. Loads torch, which takes seconds."""
    import torch

    for device in ("cuda", "mps"):
        if _works(torch, device):
            return device
    return CPU


def is_out_of_memory(error: RuntimeError) -> bool:
    """True where a network did not fit into its device's memory; MPS says so in words only."""
    import torch

    return isinstance(error, torch.OutOfMemoryError) or "out of memory" in str(error).lower()


def _works(torch: Any, device: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # An outdated driver is warned of here; the answer says all that matters.
        try:
            backend = torch.cuda if device == "cuda" else torch.backends.mps
            return bool(backend.is_available()) and float((torch.ones(1, device=device) + 1).cpu()) == 2.0
        except (RuntimeError, AssertionError) as error:
            log.worker.warning("the device %s is there but does not work: %s", device, error)
            return False
