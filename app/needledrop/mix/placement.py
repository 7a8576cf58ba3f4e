# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cues laid out in whole frames: which frames of which track sound where, and how neighbouring pieces meet."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np

from needledrop.core.cue import Cue
from needledrop.core.music import FloatArray
from needledrop.mix.curves import Gain, Span, ducking_db, fade_down, fade_up, speech_spans
from needledrop.mix.reader import SampleReader
from needledrop.mix.stretch import MARGIN, StretchedSound


@dataclass(frozen=True)
class PlacedPiece:
    """One piece of a cue, in frames of the cue: [start, end) plus half a splice on the sides where it meets another."""

    start: int
    end: int
    source_start: int
    half_in: int
    half_out: int

    @property
    def span(self) -> Span:
        """The frames in which the piece is heard at all."""
        return self.start - self.half_in, self.end + self.half_out


class PlacedCue:
    """One cue in frames of the timeline. Cue starts are exact: round(record_in_s * sample_rate)."""

    def __init__(self, cue: Cue, reader: SampleReader, sample_rate: int) -> None:
        self._cue = cue
        self._rate = sample_rate
        is_stretched = cue.stretch != 1.0
        composed = ComposedSound(place_pieces(cue, sample_rate), reader, MARGIN if is_stretched else 0)
        self._sound: SampleReader = StretchedSound(composed, cue.stretch) if is_stretched else composed
        self._speech = speech_spans(cue.ducking)
        self.start = round(cue.record_in_s * sample_rate)
        self.end = round(cue.record_out_s * sample_rate)

    def add_to(self, block: FloatArray, start: int) -> None:
        """Add the cue's frames to `block` [frames, 2], which begins at frame `start` of the timeline."""
        span = max(start, self.start), min(start + len(block), self.end)
        if span[0] >= span[1]:
            return
        sound = self._sound.read(span[0] - self.start, span[1] - span[0])
        block[span[0] - start : span[1] - start] += sound * self._gain(span)[:, np.newaxis]

    def _gain(self, span: Span) -> FloatArray:
        level_db = ducking_db(self._cue.ducking, self._speech, span, self._rate)
        gain: Gain = np.full(span[1] - span[0], 10.0 ** (self._cue.gain_db / 20.0))
        if level_db is not None:
            gain *= 10.0 ** (level_db / 20.0)
        fade_in, fade_out = round(self._cue.fade_in_s * self._rate), round(self._cue.fade_out_s * self._rate)
        if fade_in > 0 and span[0] < self.start + fade_in:
            gain *= fade_up(self.start, fade_in, span)
        if fade_out > 0 and span[1] > self.end - fade_out:
            gain *= fade_down(self.end, fade_out, span)
        return gain.astype(np.float32)


class ComposedSound:
    """The pieces of a cue end to end at the track's own speed, as a reader; position 0 is where the first begins.

    Args:
        margin: So many frames of the track are heard before the first piece and after the last one, if asked for.
    """

    def __init__(self, pieces: tuple[PlacedPiece, ...], reader: SampleReader, margin: int) -> None:
        self._pieces = pieces
        self._reader = reader
        self._outer = (-margin, pieces[-1].end + margin) if pieces else (0, 0)

    def read(self, start_frame: int, frames: int) -> FloatArray:
        """Float32 [frames, 2]; zeros where no piece is heard."""
        sound = np.zeros((frames, 2), np.float32)
        for number, piece in enumerate(self._pieces):
            heard = (
                self._outer[0] if number == 0 else piece.span[0],
                self._outer[1] if number == len(self._pieces) - 1 else piece.span[1],
            )
            self._add_piece(piece, heard, sound, (start_frame, start_frame + frames))
        return sound

    def _add_piece(self, piece: PlacedPiece, heard: Span, sound: FloatArray, span: Span) -> None:
        first, last = max(span[0], heard[0]), min(span[1], heard[1])
        source = piece.source_start + first - piece.start
        first += max(0, -source)  # A splice may reach before the first sample of the track.
        if first >= last:
            return
        samples = self._reader.read(max(0, source), last - first)[: last - first]
        weight = splice_weight(piece, (first, first + len(samples)))
        target = sound[first - span[0] : first - span[0] + len(samples)]
        target += samples if weight is None else samples * weight.astype(np.float32)[:, np.newaxis]


def place_pieces(cue: Cue, sample_rate: int) -> tuple[PlacedPiece, ...]:
    """The pieces of a cue in frames from its beginning, at the track's own speed.

    A splice is no longer than the shorter of the two pieces it joins.
    """
    # Unstretched cues are rounded where they lie on the timeline, so that they end on the frame the timeline says.
    origin_s = cue.record_in_s if cue.stretch == 1.0 else 0.0
    edges_s = np.cumsum([origin_s, *(piece.duration_s for piece in cue.pieces)])
    edges = [round(float(edge_s) * sample_rate) - round(origin_s * sample_rate) for edge_s in edges_s]
    half = round(cue.splice_s * sample_rate / 2)
    lengths = [end - start for start, end in itertools.pairwise(edges)]
    halves = [0, *(min(half, a // 2, b // 2) for a, b in itertools.pairwise(lengths)), 0]
    return tuple(
        PlacedPiece(edges[i], edges[i + 1], round(piece.source_in_s * sample_rate), halves[i], halves[i + 1])
        for i, piece in enumerate(cue.pieces)
    )


def splice_weight(piece: PlacedPiece, span: Span) -> Gain | None:
    """Equal-power crossfade weights of a piece over `span`; None where it sounds alone."""
    rises = piece.half_in > 0 and span[0] < piece.start + piece.half_in
    falls = piece.half_out > 0 and span[1] > piece.end - piece.half_out
    if not rises and not falls:
        return None
    weight: Gain = np.ones(span[1] - span[0])
    if rises:
        weight *= fade_up(piece.start - piece.half_in, 2 * piece.half_in, span)
    if falls:
        weight *= fade_down(piece.end + piece.half_out, 2 * piece.half_out, span)
    return weight
