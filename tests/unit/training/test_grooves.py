# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import shutil

import pytest

from needledrop.training.beats.grooves import compose_groove

pytestmark = pytest.mark.skipif(shutil.which("mma") is None, reason="needs mma")


@pytest.mark.parametrize("seed", [5, 11, 20])
def test_a_seed_makes_the_same_piece_again(seed: int) -> None:
    piece = compose_groove(seed, 20)
    assert piece is not None
    assert len(piece.beats_s) > 20
    assert sum(len(part.notes) for part in piece.parts) > 50
    assert piece == compose_groove(seed, 20)
