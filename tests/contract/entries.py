# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What worker processes of these tests run instead of, or around, the real analysis. The file's name says what."""

from __future__ import annotations

import ctypes
import os
import signal
import time

from needledrop.workflows.analysis import Analysis, Identity, Report, analyse_music, identify

HOSTILE_MUSIC = "contract.entries:hostile_music"
HOSTILE_IDENTITY = "contract.entries:hostile_identity"
SLOW_MUSIC = "contract.entries:slow_music"
ENDLESS_MUSIC = "contract.entries:endless_music"
MEASURED_MUSIC = "contract.entries:measured_music"
SLOW_S = 0.15


def hostile_music(report: Report, path: bytes) -> Analysis:
    """Behave as the file's name says, as a broken decoder would."""
    _misbehave(path, b"analysis")
    return analyse_music(report, path)


def hostile_identity(report: Report, path: bytes) -> Identity:
    """The same for the first pass."""
    _misbehave(path, b"identity")
    return identify(report, path)


def slow_music(report: Report, path: bytes) -> Analysis:
    """The real analysis, slow enough to be interrupted."""
    analysis = analyse_music(report, path)
    time.sleep(SLOW_S)
    return analysis


def endless_music(report: Report, path: bytes) -> Analysis:
    """The real analysis for names below 04; from there on one that goes on until it is killed."""
    while os.path.basename(path) >= b"04":  # noqa: PTH119  a bytes path
        report(0.0)
        time.sleep(0.05)
    return analyse_music(report, path)


def _misbehave(path: bytes, stage: bytes) -> None:
    if b"crash-" + stage in path:
        ctypes.string_at(0)  # A real segmentation fault.
    if b"abort-" + stage in path:
        os.abort()
    if b"hang-" + stage in path:
        signal.pthread_sigmask(signal.SIG_BLOCK, range(1, signal.NSIG))  # Only SIGKILL ends it.
        time.sleep(3600)
    if b"bomb-" + stage in path:
        bytearray(1 << 40)


def measured_music(report: Report, path: bytes) -> Analysis:
    """The real analysis; beside the file, what its process needed at most, in the words of the kernel."""
    analysis = analyse_music(report, path)
    with open(path + b".peak", "w", encoding="ascii") as note, open("/proc/self/status", encoding="ascii") as status:  # noqa: PTH123
        note.write(next(line for line in status if line.startswith("VmHWM")))
    return analysis
