# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which device may decode pictures here. Tried first, never relied on: libav goes on in software where it fails."""

from __future__ import annotations

import sys

import av.error
from av.codec.codec import Codec
from av.codec.hwaccel import HWAccel, hwdevices_available

# In the order of what costs the user least: the system's own interface before a maker's.
_DEVICES = {"linux": ("vaapi", "cuda"), "darwin": ("videotoolbox",), "win32": ("d3d11va", "cuda")}


def hardware_decoder(codec_name: str) -> HWAccel | None:
    """A device that decodes this codec, opened once to see that it is there; None where there is none."""
    offered = hwdevices_available()
    for name in _DEVICES.get(sys.platform, ()):
        if name not in offered:
            continue
        try:
            HWAccel(name, allow_software_fallback=False).create(Codec(codec_name, "r"))
        except (av.error.FFmpegError, RuntimeError, NotImplementedError, ValueError):
            continue  # No such device in this machine, or it does not know this codec.
        return HWAccel(name, allow_software_fallback=True)
    return None
