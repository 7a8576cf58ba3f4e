# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeps the pictures around the playhead ready at viewer size: in the decode process, on a thread of its own.

Forwards it decodes on; backwards, and for stepping back, it decodes a run up to the first picture it has. A jump drops
whatever was being decoded.
"""

from __future__ import annotations

from dataclasses import dataclass

from needledrop.media.viewer_frames import FOREVER_S, ViewerFrame, ViewerFrames
from needledrop.mix.mixer import SAMPLE_RATE
from needledrop.preview.shared_state import MOST_PICTURES, PICTURE_BYTES, PictureField, SharedState, Slot

_READ_ON_S = 1.0  # Decoding so far ahead is cheaper than a jump to the next key frame.
_FAST = 2.0
_SHOWN_HZ = 60.0
_SPARE = 3  # Pictures that are neither ahead nor behind: the one shown and those being replaced.


@dataclass
class _Kept:
    """A picture in the ring."""

    start_s: float
    end_s: float
    place: int


class PictureWriter:
    """Writes pictures of one video; `step` does the piece of work that is wanted most."""

    def __init__(self, state: SharedState, frames: ViewerFrames) -> None:
        self._state = state
        self._frames = frames
        self._kept: list[_Kept] = []
        self._size = (0, 0)
        self._view = (0, 0)
        self._places = 1
        self._serial = 0
        self._decoded_to_s: float | None = None  # Where the decoder stands; None: nowhere known.
        self._is_hurried = False

    def step(self) -> bool:
        """Decode one picture or one run; False where all that are wanted are there."""
        self._state.beat(Slot.PICTURE_BEAT)
        self._fit_view()
        at_s = self._at_s
        speed = self._state.number(Slot.SPEED) if self._state.number(Slot.IS_PLAYING) else 0.0
        self._hurry(speed)
        if self._shown(at_s) is None:
            return self._reach(at_s, max(0.0, speed))
        if speed < 0:
            return self._extend_back(at_s, self._places - _SPARE)
        if self._extend(at_s, speed):
            return True
        return speed == 0 and self._extend_back(at_s, min(4, self._places - _SPARE))

    @property
    def _at_s(self) -> float:
        return max(0.0, self._state.number(Slot.POSITION) / SAMPLE_RATE) + 1e-6

    def _fit_view(self) -> None:
        """Take over a new size of the viewer: every picture is scaled anew."""
        view = (int(self._state.number(Slot.VIEW_WIDTH)), int(self._state.number(Slot.VIEW_HEIGHT)))
        if view == self._view:
            return
        self._view = view
        self._size = fitted(self._frames.size, view)
        self._places = max(4, min(MOST_PICTURES, PICTURE_BYTES // (self._size[0] * self._size[1] * 4)))
        # The old ones stay to be looked at until they are replaced.
        self._kept = []
        self._decoded_to_s = None

    def _hurry(self, speed: float) -> None:
        if (abs(speed) > _FAST) != self._is_hurried:
            self._is_hurried = not self._is_hurried
            self._frames.hurry(self._is_hurried)

    def _shown(self, at_s: float) -> _Kept | None:
        return next((kept for kept in self._kept if kept.start_s <= at_s < kept.end_s), None)

    def _reach(self, at_s: float, speed: float) -> bool:
        """Decode until the picture shown at `at_s` is there; those just before it are kept too."""
        reach_s = _READ_ON_S * max(1.0, speed)
        if self._decoded_to_s is None or not self._decoded_to_s <= at_s < self._decoded_to_s + reach_s:
            self._frames.seek(at_s)
        self._run(at_s - 3 * self._frames.frame_s, at_s)
        return True

    def _extend(self, at_s: float, speed: float) -> bool:
        """Decode the next picture ahead; False where there are enough, or no more."""
        ahead = min(16, self._places - _SPARE) if speed else min(4, self._places - _SPARE)
        chain = self._chain(at_s)
        end_s = chain[-1].end_s
        if len(chain) > ahead or end_s == FOREVER_S:
            return False
        if self._decoded_to_s != end_s:
            self._frames.seek(end_s)
            self._run(end_s, end_s)
            return True
        frame = self._frames.next()
        if frame is None:
            chain[-1].end_s = FOREVER_S
            self._write_end(chain[-1])
            return False
        self._decoded_to_s = frame.end_s
        is_dense = speed > _FAST and frame.start_s < chain[-1].start_s + 0.9 * speed / _SHOWN_HZ
        if is_dense:  # More pictures than a screen shows: the one before stands for this one.
            chain[-1].end_s = frame.end_s
            self._write_end(chain[-1])
        else:
            self._publish(frame)
        return True

    def _extend_back(self, at_s: float, count: int) -> bool:
        """Decode a run that ends where the first picture behind begins; False where there are enough behind."""
        first_s, behind = self._chain_back(at_s)
        if behind >= max(1, count // 2) or first_s <= 0.0:
            return False
        begin_s = max(0.0, first_s - count * self._frames.frame_s)
        self._frames.seek(begin_s + 1e-6)
        self._run(begin_s, first_s - 1e-6)
        return True

    def _run(self, from_s: float, to_s: float) -> None:
        """Decode from where the decoder stands until the picture at `to_s`, keeping what is shown after `from_s`."""
        jumps = self._state.number(Slot.JUMPS)
        while (frame := self._frames.next()) is not None:
            self._state.beat(Slot.PICTURE_BEAT)
            self._decoded_to_s = frame.end_s
            if frame.end_s > from_s and not self._is_kept(frame):
                self._publish(frame)
            if frame.end_s > to_s:
                return
            if self._state.number(Slot.JUMPS) != jumps:  # Someone is scrubbing: this place is no longer wanted.
                return

    def _is_kept(self, frame: ViewerFrame) -> bool:
        return any(kept.start_s == frame.start_s and kept.end_s == frame.end_s for kept in self._kept)

    def _chain(self, at_s: float) -> list[_Kept]:
        """The picture shown at `at_s` and those that follow it without a hole."""
        by_start = {kept.start_s: kept for kept in self._kept}
        shown = self._shown(at_s)
        chain = [shown] if shown is not None else []
        while chain and (following := by_start.get(chain[-1].end_s)) is not None:
            chain.append(following)
        return chain

    def _chain_back(self, at_s: float) -> tuple[float, int]:
        """Where the pictures that lead up to `at_s` without a hole begin, and how many they are."""
        by_end = {kept.end_s: kept for kept in self._kept}
        shown = self._shown(at_s)
        first_s, count = (shown.start_s if shown is not None else at_s), 0
        while (before := by_end.get(first_s)) is not None:
            first_s, count = before.start_s, count + 1
        return first_s, count

    def _publish(self, frame: ViewerFrame) -> None:
        width, height = self._size
        place = self._place_for(frame)
        header = self._state.picture_headers[place]
        header[PictureField.SERIAL] = 0
        offset = place * width * height * 4
        self._blank_overlapping(place, offset, width * height * 4)
        target = self._state.pictures[offset : offset + width * height * 4].reshape(height, width, 4)
        self._frames.paint(frame, target)
        self._serial += 1
        header[PictureField.START_S : PictureField.OFFSET + 1] = (frame.start_s, frame.end_s, width, height, offset)
        header[PictureField.SERIAL] = self._serial
        self._kept = [kept for kept in self._kept if kept.place != place]
        self._kept.append(_Kept(frame.start_s, frame.end_s, place))

    def _blank_overlapping(self, place: int, offset: int, size: int) -> None:
        """After a change of size pictures of the old one lie across the new places."""
        for other, header in enumerate(self._state.picture_headers):
            if other == place or not header[PictureField.SERIAL]:
                continue
            begin = header[PictureField.OFFSET]
            end = begin + 4 * header[PictureField.WIDTH] * header[PictureField.HEIGHT]
            if begin < offset + size and end > offset:
                header[PictureField.SERIAL] = 0

    def _place_for(self, frame: ViewerFrame) -> int:
        used = {kept.place for kept in self._kept}
        free = next((place for place in range(self._places) if place not in used), None)
        if free is not None:
            return free
        at_s, speed = self._at_s, self._state.number(Slot.SPEED)
        is_playing = bool(self._state.number(Slot.IS_PLAYING))

        reach_s = 2 * self._places * self._frames.frame_s * max(1.0, abs(speed))

        def needlessness(kept: _Kept) -> tuple[bool, bool, float]:
            """Pictures of another place go first, then, while playing, what was shown: nothing is decoded twice."""
            if kept.start_s <= at_s < kept.end_s:
                return False, False, -1.0
            after_s = kept.start_s - at_s
            return abs(after_s) > reach_s, is_playing and (after_s > 0) == (speed < 0), abs(after_s)

        return max(self._kept, key=needlessness).place

    def _write_end(self, kept: _Kept) -> None:
        self._state.picture_headers[kept.place, PictureField.END_S] = kept.end_s


def fitted(size: tuple[int, int], view: tuple[int, int]) -> tuple[int, int]:
    """The largest size of this shape within `view` and not above its own; a view of nothing gives something small."""
    scale = min(1.0, max(view[0], 16) / size[0], max(view[1], 16) / size[1])
    most = (PICTURE_BYTES / 4 / 8 / (size[0] * size[1])) ** 0.5  # Eight pictures must find room.
    scale = min(scale, most)
    return max(2, round(size[0] * scale)), max(2, round(size[1] * scale))
