# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Short-time spectra of a stream: one resampler, framing that is exact in time, filter banks. Nothing musical."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray

_BATCH_FRAMES = 256


class Resampler:
    """A mono stream to another rate, without delay. The same chunks in give the same samples out."""

    def __init__(self, from_rate: int, to_rate: int) -> None:
        import soxr  # type: ignore[import-untyped]

        same = from_rate == to_rate
        self._stream = None if same else soxr.ResampleStream(from_rate, to_rate, 1, dtype="float32", quality="LQ")

    def feed(self, mono: FloatArray, *, last: bool = False) -> FloatArray:
        """Take float32 [n], give what is ready; last=True flushes."""
        if self._stream is None:
            return mono
        return np.asarray(self._stream.resample_chunk(mono, last=last), np.float32)


class PowerSpectra:
    """Power spectra of overlapping frames of a stream, in batches.

    Frame k is centred at sample (k + first_frame) * hop. Samples before the stream are silence. A sine of
    amplitude 1 has a peak power of 1.
    """

    def __init__(self, frame_samples: int, hop: int, *, first_frame: int = 0) -> None:
        self._size, self._hop = frame_samples, hop
        window = np.hanning(frame_samples + 1)[:-1]
        self._window = (window * 2 / window.sum()).astype(np.float32)
        self._buffer = np.zeros(max(0, frame_samples // 2 - first_frame * hop), np.float32)

    def feed(self, mono: FloatArray) -> Iterator[FloatArray]:
        """Take float32 [n]; yield float32 [frames, frame_samples // 2 + 1] until the samples are used up."""
        from scipy.fft import rfft

        self._buffer = np.concatenate([self._buffer, mono])
        if len(self._buffer) < self._size:
            return
        frames = np.lib.stride_tricks.sliding_window_view(self._buffer, self._size)[:: self._hop]
        for start in range(0, len(frames), _BATCH_FRAMES):
            spectra = rfft(frames[start : start + _BATCH_FRAMES] * self._window)
            power = np.square(spectra.real)
            power += np.square(spectra.imag)
            yield power
        self._buffer = self._buffer[len(frames) * self._hop :].copy()

    def finish(self) -> Iterator[FloatArray]:
        """The frames that reach past the end of the stream, up to the one centred on its end."""
        yield from self.feed(np.zeros(self._size // 2, np.float32))


def mel_bank(rate: int, frame_samples: int, bands: int, low_hz: float, high_hz: float) -> FloatArray:
    """Triangular filters [bins, bands] on the mel scale (O'Shaughnessy 1987), each of unit sum."""

    def to_mel(hz: NDArray[np.float64]) -> NDArray[np.float64]:
        return 2595 * np.log10(1 + hz / 700)

    ends = to_mel(np.array([low_hz, high_hz]))
    edges = 700 * (10 ** (np.linspace(ends[0], ends[1], bands + 2) / 2595) - 1)
    bins_hz = np.arange(frame_samples // 2 + 1) * rate / frame_samples
    # A filter narrower than a bin would be empty: every filter reaches at least one bin to each side.
    step_hz = rate / frame_samples
    rise = np.maximum(edges[1:-1] - edges[:-2], step_hz)
    fall = np.maximum(edges[2:] - edges[1:-1], step_hz)
    distance = bins_hz[:, None] - edges[None, 1:-1]
    bank = np.maximum(0.0, 1 - np.where(distance < 0, -distance / rise, distance / fall))
    return np.asarray(bank / bank.sum(axis=0), np.float32)
