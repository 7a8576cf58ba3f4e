# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The rows of pictures, clip by clip of 4 s: what training and the program both show the learned matcher."""

from __future__ import annotations

import numpy as np

from needledrop.core.music import CLIP_S, FloatArray
from needledrop.core.picture import PictureRows
from needledrop.features.picture_rows import ROW_SIZE, ROWS

_SECONDS = round(CLIP_S)


def clip_rows(rows: PictureRows) -> FloatArray:
    """Mean and deviation of each row over the seconds of each clip, float32 [clips, 2 ROW_SIZE]; the last second stands
    for those that the last clip lacks."""
    count = max(1, -(-len(rows.seconds) // _SECONDS))
    at = np.minimum(np.arange(count * _SECONDS), len(rows.seconds) - 1)
    seconds = rows.seconds[at].reshape(count, _SECONDS, -1)
    return np.asarray(np.concatenate([seconds.mean(axis=1), seconds.std(axis=1)], axis=1), np.float32)


def rows_between(rows: PictureRows, start_s: float, end_s: float) -> PictureRows:
    """The rows of a range; its seconds begin at the whole second nearest to its start."""
    first = min(round(start_s), len(rows.seconds) - 1)
    last = max(first + 1, min(round(end_s), len(rows.seconds)))
    pairs = slice(round(first * rows.rate_hz), max(0, round(last * rows.rate_hz) - 1))
    return PictureRows(rows.seconds[first:last], rows.flow[pairs], rows.is_break[pairs], rows.rate_hz)


def row_columns(names: tuple[str, ...]) -> list[int]:
    """Where the mean and the deviation of these rows stand in what clip_rows gives."""
    firsts = dict(zip(ROWS, [sum(list(ROWS.values())[:place]) for place in range(len(ROWS))], strict=True))
    means = [column for name in names for column in range(firsts[name], firsts[name] + ROWS[name])]
    return means + [ROW_SIZE + column for column in means]
