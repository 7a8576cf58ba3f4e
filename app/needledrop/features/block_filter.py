# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Recursive filters as matrix products: blocks of samples at once, where sample after sample would be slow.

A linear filter's output in a block is what the block's samples cause (a matrix of impulse responses) plus what the
state at its start causes; the state at the next start follows the same way. States go through groups of blocks first,
so that only one short loop is left. The matrices are read off scipy's own filter, whose results these are, but for
rounding to float32.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray

_BLOCK, _GROUP = 64, 32


class BlockFilter:
    """Second-order sections [n, 6] over float32 [channels, samples] of one stream, in calls of any length."""

    def __init__(self, sections: NDArray[np.float64], channels: int) -> None:
        from scipy.signal import sosfilt

        self._sections = sections
        count = 2 * len(sections)
        states = np.eye(count).reshape(count, len(sections), 2).transpose(1, 0, 2)
        caused, left = sosfilt(sections, np.eye(_BLOCK), zi=np.zeros((len(sections), _BLOCK, 2)))
        lingering, passed = sosfilt(sections, np.zeros((count, _BLOCK)), zi=states)
        self._caused = np.concatenate([caused, lingering]).astype(np.float32)
        self._into_state = left.transpose(1, 0, 2).reshape(_BLOCK, count).astype(np.float32)
        self._powers = _powers(passed.transpose(1, 0, 2).reshape(count, count))
        self._lasting = self._powers[1:-1].transpose(1, 0, 2).reshape(count, -1)
        self._group = _group_matrix(self._powers)
        self._state = np.zeros((channels, count))

    def feed(self, signal: FloatArray) -> FloatArray:
        """The next samples filtered, as long as they are."""
        from scipy.signal import sosfilt

        channels, samples = signal.shape
        blocks = samples // _BLOCK
        whole = blocks * _BLOCK
        out = np.empty((channels, samples), np.float32)
        if blocks:
            given = np.empty((channels, blocks, self._caused.shape[0]), np.float32)
            given[:, :, :_BLOCK] = signal[:, :whole].reshape(channels, blocks, _BLOCK)
            given[:, :, _BLOCK:] = self._states_at(given[:, :, :_BLOCK] @ self._into_state)
            out[:, :whole] = (given @ self._caused).reshape(channels, whole)
        if whole < samples:
            states = self._state.reshape(channels, len(self._sections), 2).transpose(1, 0, 2)
            out[:, whole:], states = sosfilt(self._sections, signal[:, whole:].astype(np.float64), zi=states)
            self._state = states.transpose(1, 0, 2).reshape(channels, -1)
        return out

    def _states_at(self, brought: FloatArray) -> NDArray[np.float64]:
        """States [channels, blocks, states] at the start of each block, from what each block brings into them; the
        state after the last is kept."""
        channels, blocks, count = brought.shape
        groups = -(-blocks // _GROUP)
        padded = np.zeros((channels, groups * _GROUP, count))
        padded[:, :blocks] = brought
        # Within each group from a state of zero: the state after every block.
        after = (padded.reshape(channels, groups, -1) @ self._group).reshape(channels, groups, _GROUP, count)
        states = np.zeros((channels, groups * _GROUP + 1, count))
        at_start = np.empty((channels, groups, _GROUP, count))
        state = self._state
        for group in range(groups):
            at_start[:, group, 0] = state
            state = state @ self._powers[-1] + after[:, group, -1]
        lasting = (at_start[:, :, 0] @ self._lasting).reshape(channels, groups, _GROUP - 1, count)
        np.add(after[:, :, :-1], lasting, out=at_start[:, :, 1:])
        states[:, :-1] = at_start.reshape(channels, -1, count)
        states[:, -1] = state
        self._state = states[:, blocks]
        return states[:, :blocks]


def _powers(step: NDArray[np.float64]) -> NDArray[np.float64]:
    """What 0 to _GROUP blocks of silence make of a state [_GROUP + 1, states, states]."""
    powers = [np.eye(len(step))]
    for _ in range(_GROUP):
        powers.append(powers[-1] @ step)
    return np.array(powers)


def _group_matrix(powers: NDArray[np.float64]) -> NDArray[np.float64]:
    """From what the blocks of a group bring [_GROUP * states] to the states after each of them."""
    count = powers.shape[1]
    matrix = np.zeros((_GROUP, count, _GROUP, count))
    for block in range(_GROUP):
        matrix[block, :, block:, :] = powers[: _GROUP - block].transpose(1, 0, 2)
    return matrix.reshape(_GROUP * count, -1)
