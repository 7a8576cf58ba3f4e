# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from needledrop.features.harmonic_change import SPANS
from needledrop.features.onsets import MEL_BANDS
from needledrop.training.beats import train
from needledrop.training.beats.dataset import Heard, excerpt


def heard(seed: int) -> Heard:
    rng = np.random.default_rng(seed)
    codes = rng.integers(80, 120, (3000, MEL_BANDS)).astype(np.uint8)
    beats_s = np.arange(0.5, 29, 0.5)
    codes[np.round(beats_s * 100).astype(int)] = 230
    return Heard(codes, np.zeros((300, len(SPANS)), np.float32), beats_s, 4)


class Fixed:
    """Pieces that are there from the start."""

    def of_step(self, step: int) -> list[Heard]:
        return [heard(0), heard(1)]


def test_harmony_is_told_at_its_time() -> None:
    piece = heard(0)
    for at_s in range(2, 28, 2):
        piece.changes[10 * at_s + 5] = 1.0
    made = [excerpt(piece, np.random.default_rng(seed)) for seed in range(12)]
    told = [item for item in made if item.changes.any()]
    assert len(told) >= 8
    for item in told:
        # Half a frame of chroma before a downbeat, and nowhere else.
        after = np.flatnonzero(item.events[:, 1] == 1)
        peaks = np.flatnonzero(item.changes[:, 0] > 0.7)
        inside = peaks[(peaks > after[0]) & (peaks < after[-1])]
        assert (np.abs(inside[:, None] - after).min(axis=1) <= 5).all()


def test_a_training_that_was_stopped_goes_on_as_if_it_had_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch = pytest.importorskip("torch")
    torch.set_num_threads(1)
    for name, value in (("_STEPS", 4), ("_BATCH", 1), ("_CHECKPOINT_STEPS", 2)):
        monkeypatch.setattr(train, name, value)
    at_once, in_two = tmp_path / "a", tmp_path / "b"
    at_once.mkdir()
    in_two.mkdir()
    whole = train.train(Fixed(), at_once, 2)
    stopped = train.batches(Fixed(), 0, 1)
    first = train.Training(in_two)
    for _ in range(2):
        first.learn(next(stopped))
    first.save()
    first.learn(next(stopped))
    resumed = train.train(Fixed(), in_two, 1)
    assert whole.keys() == resumed.keys()
    for name, tensor in whole.items():
        assert np.array_equal(tensor, resumed[name]), name


def test_kinds_of_pieces_take_turns_and_come_in_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[tuple[str, int]] = []

    def make(folder: Path, seed: int, kind: str) -> Path | None:
        made.append((kind, seed))
        return None if kind == "groove" and seed == 1 else folder / f"{kind}-{seed}"

    monkeypatch.setattr(train, "make_piece", make)
    monkeypatch.setattr(train, "load_piece", lambda path: path.name)
    for name, value in (("_PIECES", {"composed": 6, "groove": 3}), ("_FIRST_PIECES", 4), ("_STEPS_A_PIECE", 2)):
        monkeypatch.setattr(train, name, value)
    with ThreadPoolExecutor(1) as pool:
        pieces = train.Pieces(tmp_path, pool)
        assert pieces.of_step(0) == ["composed-0", "composed-1", "groove-0", "composed-2"]
        assert pieces.of_step(3) == ["composed-0", "composed-1", "groove-0", "composed-2", "composed-3"]
        assert len(pieces.of_step(1000)) == 8
    assert sorted(made) == [("composed", n) for n in range(6)] + [("groove", n) for n in range(3)]
