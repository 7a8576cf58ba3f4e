# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Seeds that follow from numbers alone (seed, step, process), so that a training can go on from any step."""

from __future__ import annotations

import numpy as np


def mixed_seed(*numbers: int) -> int:
    """A seed of 32 bits; neighbouring numbers give seeds that have nothing to do with each other."""
    return int(np.random.SeedSequence(numbers).generate_state(1)[0])
