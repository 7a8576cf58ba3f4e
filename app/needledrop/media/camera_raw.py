# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Footage that only the camera maker's own program can decode, told by name before anything is opened."""

from __future__ import annotations

import os
from pathlib import PurePath

from needledrop.core.errors import KnownError
from needledrop.media.faults import AnyPath, file_name

_FORMATS = {
    ".braw": "Blackmagic RAW",
    ".r3d": "REDCODE RAW",
    ".ari": "ARRIRAW",
    ".arx": "ARRIRAW",
    ".crm": "Canon Cinema RAW Light",
    ".rmf": "Canon Cinema RAW",
    ".nev": "Nikon N-RAW",
    ".dng": "CinemaDNG",
    ".mcraw": "MotionCam RAW",
    ".krw": "Kinefinity RAW",
}


def refuse_camera_raw(path: AnyPath) -> None:
    """Raise where the name says camera raw.

    Raises:
        KnownError: code "camera-raw"; the sentence names the format and the remedy asks for a proxy.
    """
    kind = _FORMATS.get(PurePath(os.fsdecode(path)).suffix.lower())
    if kind is not None:
        raise KnownError(
            f"'{file_name(path)}' is {kind}, which only the camera maker's software can decode.",
            remedy="Make a proxy of it (H.264 or ProRes, same length and frame rate) in your editor, and open that.",
            code="camera-raw",
        )
