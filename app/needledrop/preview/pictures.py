# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking up the picture for a moment among those the decode process has made. Nothing here decodes or scales."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from needledrop.preview.shared_state import PictureField, SharedState


@dataclass(frozen=True)
class Picture:
    """A picture shown in [start_s, end_s): bgra uint8 [height, width, 4], its last column unused. serial is its own."""

    serial: int
    start_s: float
    end_s: float
    bgra: NDArray[np.uint8]


def span_at(state: SharedState, at_s: float) -> tuple[int, float, float] | None:
    """(serial, start_s, end_s) of the picture shown at `at_s`; None where it is not decoded."""
    place = _place_at(state, at_s)
    if place is None:
        return None
    header = state.picture_headers[place]
    return int(header[PictureField.SERIAL]), float(header[PictureField.START_S]), float(header[PictureField.END_S])


def start_before(state: SharedState, start_s: float) -> float | None:
    """When the picture begins that is shown until `start_s`; None where it is not decoded."""
    headers = state.picture_headers
    hits = np.flatnonzero((headers[:, PictureField.SERIAL] > 0) & (headers[:, PictureField.END_S] == start_s))
    return float(headers[hits[0], PictureField.START_S]) if len(hits) else None


def picture_at(state: SharedState, at_s: float) -> Picture | None:
    """A copy of the picture shown at `at_s`; None where it is not decoded, or was replaced just now."""
    place = _place_at(state, at_s)
    if place is None:
        return None
    header = state.picture_headers[place].copy()
    width, height, offset = (int(header[field]) for field in (PictureField.WIDTH, PictureField.HEIGHT, 5))
    bgra = state.pictures[offset : offset + width * height * 4].reshape(height, width, 4).copy()
    serial = header[PictureField.SERIAL]
    if not serial or state.picture_headers[place, PictureField.SERIAL] != serial:
        return None
    return Picture(int(serial), float(header[PictureField.START_S]), float(header[PictureField.END_S]), bgra)


def _place_at(state: SharedState, at_s: float) -> int | None:
    headers = state.picture_headers
    serial = headers[:, PictureField.SERIAL]
    is_shown = (serial > 0) & (headers[:, PictureField.START_S] <= at_s) & (at_s < headers[:, PictureField.END_S])
    # After a change of size two pictures may be there for one moment: the newer one is meant.
    return int(np.argmax(np.where(is_shown, serial, 0))) if is_shown.any() else None
