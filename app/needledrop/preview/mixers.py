# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mixers for programmes: the one of `mix`, as export builds it, over decoded sound that all of them share.

Lives in the decode process. A stretched cue's sound is made once per stretch, so that a change of its gain or its
place costs no new stretch; the samples are those of the mixer's own stretch.
"""

from __future__ import annotations

import dataclasses
from contextlib import ExitStack
from pathlib import Path

from needledrop.core.cue import Cue, Piece
from needledrop.core.errors import KnownError
from needledrop.media.audio import AudioReader
from needledrop.mix.mixer import SAMPLE_RATE, Mixer
from needledrop.mix.placement import ComposedSound, place_pieces
from needledrop.mix.reader import SampleReader
from needledrop.mix.stretch import MARGIN, StretchedSound
from needledrop.preview.pcm_store import PcmStore, StoredSound, SummedSound
from needledrop.preview.programme import Programme

_MOST_STRETCHED = 24


class MixerFactory:
    """Opens each file once and hands out mixers. Use as a context manager; not thread-safe."""

    def __init__(self, video_path: Path) -> None:
        self._video_path = video_path
        self._open = ExitStack()
        self._store = PcmStore()
        self._tracks: dict[Path, SampleReader] = {}
        self._streams: dict[int, SampleReader | None] = {}
        self._stretched: dict[object, SampleReader] = {}

    def __enter__(self) -> MixerFactory:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def mixer(self, programme: Programme) -> Mixer:
        """The mixer that export would build for these cues.

        Raises:
            KnownError: a track's file is missing or cannot be read.
        """
        files = dict(programme.tracks)
        sources: dict[int, SampleReader] = {}
        cues = []
        for number, cue in enumerate(programme.cues):
            track = self._track(files[cue.track_id])
            if cue.stretch == 1.0:
                sources[cue.track_id] = track
                cues.append(cue)
            else:
                own_id = -1 - number  # No track of a library is negative.
                sources[own_id] = self._stretch(cue, files[cue.track_id], track)
                whole = (Piece(0.0, cue.duration_s),)
                cues.append(dataclasses.replace(cue, track_id=own_id, pieces=whole, stretch=1.0))
        return Mixer(cues, sources, self._own_sound(programme.own_streams), sample_rate=SAMPLE_RATE)

    def _track(self, path: Path) -> SampleReader:
        if path not in self._tracks:
            reader = self._open.enter_context(AudioReader(path, rate=SAMPLE_RATE, channels=2))
            self._tracks[path] = StoredSound(path, reader, self._store)
        return self._tracks[path]

    def _stretch(self, cue: Cue, path: Path, track: SampleReader) -> SampleReader:
        key = (path, cue.pieces, cue.splice_s, cue.stretch)
        if key not in self._stretched:
            while len(self._stretched) >= _MOST_STRETCHED:
                del self._stretched[next(iter(self._stretched))]
            composed = ComposedSound(place_pieces(cue, SAMPLE_RATE), track, MARGIN)
            self._stretched[key] = StoredSound(key, StretchedSound(composed, cue.stretch), self._store)
        return self._stretched[key]

    def _own_sound(self, streams: tuple[int, ...]) -> SampleReader | None:
        heard = [sound for stream in streams if (sound := self._stream(stream)) is not None]
        if not heard:
            return None
        return heard[0] if len(heard) == 1 else SummedSound(heard)

    def _stream(self, stream: int) -> SampleReader | None:
        if stream not in self._streams:
            self._streams[stream] = None
            try:
                reader = self._open.enter_context(
                    AudioReader(self._video_path, rate=SAMPLE_RATE, channels=2, stream=stream)
                )
            except KnownError as error:
                if error.code != "no-audio":
                    raise
            else:
                self._streams[stream] = StoredSound(stream, reader, self._store)
        return self._streams[stream]
