# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a network over many inputs on a device that may be too small: the batch is halved, then the CPU goes on.

It says so to the user (notices) and changes no result: it only decides how many rows are computed at once, and where.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from needledrop.core import log
from needledrop.core.errors import KnownError
from needledrop.core.music import FloatArray
from needledrop.crossmodal.device import CPU, is_out_of_memory

# Of the network, its device and the rows wanted: a float tensor [rows, dimension].
Compute = Callable[[Any, str, slice], Any]


class CarefulNetwork:
    """A torch module and the device it is on; not for two threads at once."""

    def __init__(self, network: Any, device: str, *, batch: int, what: str) -> None:
        """Put `network` on `device`; `what` names the work in sentences ("the pictures")."""
        self.network: Any = network.to(device)
        self.device = device
        self.notices: list[str] = []
        self._batch = batch
        self._most = batch
        self._what = what

    def over(self, count: int, dimension: int, compute: Compute) -> FloatArray:
        """What `compute` gives for `count` rows, float32 [count, dimension].

        Raises:
            KnownError: "memory": not even one row at a time finds room on the CPU.
        """
        import torch

        rows = np.zeros((count, dimension), np.float32)
        done = 0
        while done < count:
            part = slice(done, min(done + self._most, count))
            try:
                with torch.inference_mode():
                    rows[part] = compute(self.network, self.device, part).float().cpu().numpy()
                done = part.stop
            except (RuntimeError, MemoryError) as error:
                if not isinstance(error, MemoryError) and not is_out_of_memory(error):
                    raise
                self._take_less(error)
        return rows

    def _take_less(self, error: Exception) -> None:
        if self.device == "cuda":
            import torch

            torch.cuda.empty_cache()
        if self._most > 1:
            self._most //= 2
            log.worker.warning("%s: memory is short; %d at once from now on", self._what, self._most)
            return
        if self.device == CPU:
            raise KnownError(
                f"There is too little memory to compute {self._what}.",
                remedy="Close other programs, and run it again.",
                cause=str(error),
                code="memory",
            ) from error
        self.device, self._most = CPU, self._batch
        self.network = self.network.to(CPU)
        self.notices.append(f"The GPU has too little free memory for {self._what}: it went on, slower, on the CPU.")
        log.worker.warning(self.notices[-1])
