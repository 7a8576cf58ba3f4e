# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Playing a project: one object for whoever owns a sound device and a screen. Knows neither; no Qt.

The sound device's thread calls `render`; every other method may be called from any thread and returns at once.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from needledrop.core.cue import Cue
from needledrop.core.errors import KnownError
from needledrop.core.music import FloatArray
from needledrop.mix.mixer import SAMPLE_RATE
from needledrop.preview.decode_client import DecodeClient
from needledrop.preview.decode_process import MediaInfo
from needledrop.preview.lanes import MOST_CANDIDATES, ORIGINAL, PROJECT, LaneTable
from needledrop.preview.meters import Levels
from needledrop.preview.pictures import Picture, picture_at, span_at, start_before
from needledrop.preview.playback_mixer import PlaybackMixer
from needledrop.preview.programme import EXPORTED_STREAMS, Programme
from needledrop.preview.shared_state import EMPTY, HEARD_FRAMES, SharedState, Slot
from needledrop.preview.transport import Transport

SCRUB_S = 0.08
_STEP_LEAST_S = 0.04  # A shorter sound is a click, not a sound.
_UNKNOWN_END = 1 << 40
# Positions are whole samples and pictures begin between them: half a sample decides for the later picture.
_EPSILON_S = 0.5 / SAMPLE_RATE


class PlaybackEngine:
    """Plays one video with its cues and candidates.

    Args:
        video_path: Whose sound is heard and whose pictures are seen.
        cues: The project's own.
        tracks: The file of each track that a cue names.
        proxy_path: Where given, its pictures are shown instead of the video's.
        view_size: Of the viewer, (width, height) in device pixels.
        is_hardware_tried: Look for a device that decodes pictures.

    Attributes: waits (blocks of silence put out because sound was not there in time, while playing).
    """

    def __init__(
        self,
        video_path: Path,
        cues: Sequence[Cue] = (),
        tracks: Mapping[int, Path] | None = None,
        *,
        proxy_path: Path | None = None,
        view_size: tuple[int, int] = (960, 540),
        is_hardware_tried: bool = True,
    ) -> None:
        self._lock = threading.RLock()
        self._state = SharedState()
        self._transport = Transport(_UNKNOWN_END)
        self._mixer = PlaybackMixer(self._state, _UNKNOWN_END)
        self._info: MediaInfo | None = None
        self._is_closed = False
        self._gain = self._gain_before = 1.0
        self._enabled, self._solos = set(EXPORTED_STREAMS), set[int]()
        self._cues: dict[int, tuple[Cue, ...]] = {PROJECT: tuple(cues), ORIGINAL: ()}
        self._tracks = dict(tracks or {})
        self.waits = 0
        self._put_view_size(view_size)
        try:
            self._client = DecodeClient(
                self._state, video_path, proxy_path or video_path, is_hardware_tried=is_hardware_tried
            )
        except BaseException:
            self._state.close()
            raise
        self._lanes = LaneTable(self._client.prepare)
        self._want_all()
        self._publish()

    def close(self) -> None:
        """Stop the decode process and release the memory; `render` gives silence from now on."""
        with self._lock:
            if not self._is_closed:
                self._is_closed = True
                self._client.close()
                self._state.close()

    # -- what is there -----------------------------------------------------------------------------------------

    @property
    def info(self) -> MediaInfo | None:
        """What the file is; None until it is open."""
        return self._info

    @property
    def is_playing(self) -> bool:
        """Whether the playhead moves."""
        return self._transport.is_playing

    @property
    def speed(self) -> float:
        """Times normal; negative is backwards; 0 standing still."""
        return self._transport.speed if self._transport.is_playing else 0.0

    @property
    def position_s(self) -> float:
        """Where the next block of sound is taken from."""
        return self._transport.position / SAMPLE_RATE

    @property
    def end_s(self) -> float:
        """Where the timeline ends: the video or its last cue. Infinite until the file is open."""
        return math.inf if self._transport.end == _UNKNOWN_END else self._transport.end / SAMPLE_RATE

    @property
    def output_frames(self) -> int:
        """How many frames `render` has given."""
        return self._transport.output_frames

    @property
    def decoder_pid(self) -> int | None:
        """The process id of the decode process."""
        return self._client.pid

    @property
    def is_switching(self) -> bool:
        """Whether what was last asked for is not heard yet."""
        return self._lanes.is_switching

    @property
    def is_ready(self) -> bool:
        """Whether the sound at the playhead is there, as it should be heard."""
        with self._lock:
            source, transport = self._lanes.source, self._transport
            if self._is_closed or source is None:
                return False
            return self._mixer.is_ready(source, transport.position, transport.speed)

    def heard_s(self, output_frame: float) -> float:
        """The position that is heard when frame number `output_frame` of the output is."""
        with self._lock:
            return self._transport.heard_at(output_frame) / SAMPLE_RATE

    def picture_key(self, at_s: float) -> tuple[int, float, float] | None:
        """(serial, start_s, end_s) of the picture shown at `at_s`; None where it is not decoded yet."""
        with self._lock:
            return None if self._is_closed else span_at(self._state, at_s + _EPSILON_S)

    def picture(self, at_s: float) -> Picture | None:
        """A copy of the picture shown at `at_s`; None where it is not decoded yet."""
        with self._lock:
            return None if self._is_closed else picture_at(self._state, at_s + _EPSILON_S)

    def levels(self) -> Levels:
        """Levels of what was heard last."""
        with self._lock:
            if self._is_closed or not self._state.number(Slot.LEVELS):
                return Levels()
            slots = (Slot.MOMENTARY, Slot.SHORT_TERM, Slot.TRUE_PEAK)
            return Levels(*(self._state.number(slot) for slot in slots))

    def poll(self) -> list[KnownError]:
        """Look after the decode process; call it ten times a second. What went wrong since the last call."""
        with self._lock:
            if self._is_closed:
                return []
            errors = self._client.poll()
            if self._info is None and self._client.info is not None:
                self._info = self._client.info
                self._set_end()
            return errors

    # -- commands ----------------------------------------------------------------------------------------------

    def play(self, speed: float = 1.0) -> None:
        """Play at `speed`: 0.5 to 8, or backwards -0.5 to -8."""
        with self._lock:
            self._transport.play(speed)
            self._publish()

    def pause(self) -> None:
        """Stand still."""
        with self._lock:
            self._transport.pause()
            self._publish()

    def shuttle(self, direction: int) -> None:
        """J (-1) and L (+1); see `Transport.shuttle`."""
        with self._lock:
            self._transport.shuttle(direction)
            self._publish()

    def seek(self, position_s: float, *, is_audible: bool = True) -> None:
        """Go to a place; standing still, a little of it is heard (scrubbing)."""
        with self._lock:
            self._jump(round(position_s * SAMPLE_RATE), round(SCRUB_S * SAMPLE_RATE) if is_audible else 0)

    def step(self, frames: int) -> None:
        """Go so many pictures on (back: negative) and let one picture's sound be heard."""
        with self._lock:
            if self._transport.is_playing:
                self._transport.pause()
            at_s = self._transport.position / SAMPLE_RATE
            for _ in range(abs(frames)):
                at_s = self._after(at_s) if frames > 0 else self._before(at_s)
            grain_s = max(_STEP_LEAST_S, self._frame_s)
            self._jump(math.ceil(at_s * SAMPLE_RATE - 1e-3), round(grain_s * SAMPLE_RATE))

    def set_loop(self, range_s: tuple[float, float] | None) -> None:
        """Repeat this range, exact to the sample; None ends it. An empty range is none."""
        with self._lock:
            loop = None
            if range_s is not None:
                loop = round(range_s[0] * SAMPLE_RATE), round(range_s[1] * SAMPLE_RATE)
            self._transport.set_loop(loop if loop is not None and loop[1] > loop[0] else None)
            self._publish()

    def set_cues(self, cues: Sequence[Cue], tracks: Mapping[int, Path] | None = None) -> None:
        """Change the project's cues: gain, fades, ducking, place. Heard as soon as it is mixed, without a click."""
        with self._lock:
            self._tracks.update(tracks or {})
            self._cues[PROJECT] = tuple(cues)
            self._lanes.want(PROJECT, self._programme(PROJECT))
            self._set_end()

    def set_candidates(self, candidates: Sequence[Sequence[Cue]], tracks: Mapping[int, Path] | None = None) -> None:
        """Keep these sets of cues ready to be switched to, at most MOST_CANDIDATES. The project's cues are heard."""
        with self._lock:
            self._tracks.update(tracks or {})
            given = {number: tuple(cues) for number, cues in enumerate(candidates[:MOST_CANDIDATES])}
            if self._lanes.key not in {PROJECT, ORIGINAL}:
                self._lanes.switch(PROJECT)
            for key in [key for key in self._cues if key >= 0 and key not in given]:
                del self._cues[key]
                self._lanes.drop(key)
            self._cues.update(given)
            self._want_all()
            self._set_end()

    def switch(self, index: int | None) -> None:
        """Hear a candidate at the same playhead; None: the project's own cues.

        Raises:
            KeyError: there is no such candidate.
        """
        self._hear(PROJECT if index is None else index)

    def hear_original(self) -> None:
        """Hear the video's own sound alone, to compare; `switch` goes back."""
        self._hear(ORIGINAL)

    def set_gain(self, gain_db: float) -> None:
        """How loud the listener wants everything; changes neither the mix nor the meters."""
        self._gain = 10.0 ** (gain_db / 20.0)

    def set_mute(self, stream: int, is_muted: bool) -> None:
        """Mute one of the video's streams of sound, or let it be heard. At first only stream 0 is, as in exports."""
        with self._lock:
            (self._enabled.discard if is_muted else self._enabled.add)(stream)
            self._want_all()

    def set_solo(self, stream: int, is_solo: bool) -> None:
        """Hear of the video's own sound only the streams that are solo, as long as any is."""
        with self._lock:
            (self._solos.add if is_solo else self._solos.discard)(stream)
            self._want_all()

    @property
    def own_streams(self) -> tuple[int, ...]:
        """The video's streams of sound that are heard."""
        return tuple(sorted(self._solos or self._enabled))

    def set_view_size(self, width: int, height: int) -> None:
        """Say how large the viewer is, in device pixels."""
        with self._lock:
            self._put_view_size((width, height))

    # -- the sound device's thread -----------------------------------------------------------------------------

    def render(self, frames: int) -> FloatArray:
        """The next float32 [frames, 2] for the sound device."""
        with self._lock:
            if self._is_closed or frames <= 0:
                return np.zeros((max(0, frames), 2), np.float32)
            self._arrive()
            sound = self._next_block(frames)
            self._note_heard(sound)
            self._publish()
            return self._at_gain(sound)

    def _arrive(self) -> None:
        if self._lanes.is_switching and (self._lanes.heard is None or self.is_ready):
            self._lanes.arrived()

    def _next_block(self, frames: int) -> FloatArray:
        transport, source = self._transport, self._lanes.heard
        stretches = transport.plan(frames)
        if source is not None:
            sound = self._mixer.render(source, stretches)
            if sound is not None:
                transport.advance(stretches)
                return sound
        self.waits += transport.is_playing
        transport.wait(frames)
        return self._mixer.silence(frames)

    def _note_heard(self, sound: FloatArray) -> None:
        heard = int(self._state.number(Slot.HEARD))
        places = np.arange(heard, heard + len(sound))[-HEARD_FRAMES:] % HEARD_FRAMES
        self._state.heard[places] = sound[-HEARD_FRAMES:]
        self._state.numbers[Slot.HEARD] = heard + len(sound)

    def _at_gain(self, sound: FloatArray) -> FloatArray:
        gain, before = self._gain, self._gain_before
        self._gain_before = gain
        if gain == before == 1.0:
            return sound
        ramp = np.linspace(before, gain, len(sound), dtype=np.float32)
        return sound * ramp[:, np.newaxis]

    # -- inner workings ----------------------------------------------------------------------------------------

    def _hear(self, key: int) -> None:
        with self._lock:
            self._lanes.switch(key)
            self._publish()

    def _programme(self, key: int) -> Programme:
        return Programme.of(self._cues[key], self._tracks, self.own_streams)

    def _want_all(self) -> None:
        """Tell the lanes what each key sounds like; the one that is heard first."""
        for key in sorted(self._cues, key=lambda key: key != self._lanes.key):
            self._lanes.want(key, self._programme(key))

    def _set_end(self) -> None:
        if self._info is not None:
            last_s = max((cue.record_out_s for cues in self._cues.values() for cue in cues), default=0.0)
            self._transport.end = self._mixer.end = round(max(self._info.duration_s, last_s) * SAMPLE_RATE)
            self._transport.position = min(self._transport.position, float(self._transport.end))
        self._publish()

    def _jump(self, position: int, grain: int) -> None:
        self._transport.seek(position, grain)
        self._state.numbers[Slot.JUMPS] += 1
        self._publish()

    def _put_view_size(self, size: tuple[int, int]) -> None:
        if not self._is_closed:
            self._state.numbers[[Slot.VIEW_WIDTH, Slot.VIEW_HEIGHT]] = size

    def _publish(self) -> None:
        """Tell the decode process where the playhead is and what is heard."""
        transport = self._transport
        if self._is_closed:
            return
        numbers = self._state.numbers
        numbers[Slot.POSITION] = transport.position
        numbers[Slot.SPEED] = transport.speed if transport.is_playing else 1.0
        numbers[Slot.IS_PLAYING] = transport.is_playing
        numbers[Slot.END] = transport.end
        loop = transport.loop or (EMPTY, EMPTY)
        numbers[Slot.LOOP_START], numbers[Slot.LOOP_END] = loop
        heard, wanted = self._lanes.heard, self._lanes.source
        numbers[Slot.LANE] = heard.lane if heard is not None else EMPTY
        numbers[Slot.NEXT_LANE] = wanted.lane if wanted is not None and wanted != heard else EMPTY

    @property
    def _frame_s(self) -> float:
        return float(1 / self._info.frame_rate) if self._info is not None else 0.04

    def _after(self, at_s: float) -> float:
        """When the picture after the one shown at `at_s` begins."""
        span = span_at(self._state, at_s + _EPSILON_S)
        if span is not None:
            return span[2] if math.isfinite(span[2]) else at_s
        return (math.floor(at_s / self._frame_s + 1e-3) + 1) * self._frame_s

    def _before(self, at_s: float) -> float:
        span = span_at(self._state, at_s + _EPSILON_S)
        before_s = start_before(self._state, span[1]) if span is not None else None
        if before_s is not None:
            return before_s
        return max(0.0, (math.ceil(at_s / self._frame_s - 1e-3) - 1) * self._frame_s)
