# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a video's pictures look like, second by second, without any learned model.

Colour, layout, edges, texture and motion, and where one picture gives way to another, from eight pictures a second.
The learned matcher is fed with these rows, in training and in the program alike. Keeps only the second it is in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from needledrop.core.music import FloatArray, TimeArray
from needledrop.core.picture import FLOW_SIZE, ROWS_RATE_HZ, PictureRows
from needledrop.features.colour import colour_figures
from needledrop.features.warping import Warper

Pictures = NDArray[np.uint8]
# The rows of one second, in order.
ROWS = {
    "hue": 8, "value": 4, "colour": 4, "layout": 9, "edge_direction": 8, "edge_place": 4, "detail": 4,
    "speed": 6, "heading": 8, "camera": 4, "change": 2,
}  # fmt: skip
ROW_SIZE = sum(ROWS.values())
_STILL_SIZE = (64, 36)
_FRAME_S = 1 / 25
# Pixels a frame of 1/25 s at FLOW_SIZE, the unit of features.motion.
_SPEED_EDGES = np.array([0.1, 0.3, 0.8, 2.0, 5.0], np.float32)
_MOTION_SIZE = ROWS["speed"] + ROWS["heading"] + ROWS["camera"] + ROWS["change"]
_BREAK_CHANGE = 0.03  # Mean change of a grey pixel, 0..1.
_BREAK_UNEXPLAINED = 0.35  # Of the new picture's structure, by motion.


@dataclass(frozen=True)
class _Pair:
    """What lies between two neighbouring pictures: mean change of a pixel 0..1, flow [h, w, 2] (None at a break) and
    its mean speed."""

    change: float
    flow: FloatArray | None
    speed: float


class PictureRowsMeter:
    """Describes RGB pictures uint8 [h, w, 3] of any size, fed in order; not for two threads at once."""

    def __init__(self, rate_hz: float = ROWS_RATE_HZ) -> None:
        self._rate_hz = rate_hz
        self._warper = Warper()
        self._shown: Pictures | None = None
        self._ticks = 0
        self._last_grey: NDArray[np.uint8] | None = None
        self._pictures: list[Pictures] = []  # Of the second that is not over, from its first on.
        self._pairs: list[_Pair] = []
        self._seconds: list[TimeArray] = []
        self._flow: list[float] = []
        self._is_break: list[bool] = []

    def feed(self, t_s: float, rgb: Pictures) -> None:
        """Take the next picture, shown from t_s on. What a tick of the rate shows is the last picture shown by then;
        a picture of another size than the first is passed over."""
        while self._shown is not None and self._ticks / self._rate_hz < t_s - 1e-6:
            self._take(self._shown)
        if self._shown is None or rgb.shape == self._shown.shape:
            self._shown = rgb

    def finish(self) -> PictureRows:
        """The rows of all that was fed; a second of zeros where nothing was."""
        if self._shown is None:
            return PictureRows(
                np.zeros((1, ROW_SIZE), np.float32), np.zeros(0, np.float32), np.zeros(0, np.bool_), self._rate_hz
            )
        self._take(self._shown)
        if self._pictures:
            self._close_second()
        return PictureRows(
            np.asarray(self._seconds, np.float32),
            np.array(self._flow, np.float32),
            np.array(self._is_break, bool),
            self._rate_hz,
        )

    def _take(self, picture: Pictures) -> None:
        import cv2

        grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
        if self._last_grey is not None:
            pair = self._compared(self._last_grey, grey)
            self._pairs.append(pair)
            self._flow.append(pair.speed)
            self._is_break.append(pair.flow is None)
        self._last_grey = grey
        if self._ticks >= round((len(self._seconds) + 1) * self._rate_hz):
            self._close_second()
        self._pictures.append(picture)
        self._ticks += 1

    def _close_second(self) -> None:
        """The middle picture and all pairs that began in this second."""
        first = round(len(self._seconds) * self._rate_hz)
        last = round((len(self._seconds) + 1) * self._rate_hz)
        middle = self._pictures[min((last + first) // 2 - first, len(self._pictures) - 1)]
        self._seconds.append(np.concatenate([_still_figures(middle), _motion_figures(self._pairs)]))
        self._pictures.clear()
        self._pairs.clear()

    def _compared(self, old: NDArray[np.uint8], new: NDArray[np.uint8]) -> _Pair:
        """Two neighbours; flow is in pixels a frame of 1/25 s at FLOW_SIZE, every other pixel each way."""
        import cv2

        change = float(cv2.mean(cv2.absdiff(new, old))[0]) / 255
        if change > _BREAK_CHANGE and self._warper.unexplained(old, new) > _BREAK_UNEXPLAINED:
            return _Pair(change, None, 0.0)
        scale = FLOW_SIZE[0] / old.shape[1] * _FRAME_S * self._rate_hz
        flow = np.ascontiguousarray(self._warper.flow(old, new)[::2, ::2]) * np.float32(scale)
        return _Pair(change, flow, float(np.hypot(flow[:, :, 0], flow[:, :, 1]).mean(dtype=np.float64)))


def picture_rows(pictures: Pictures, rate_hz: float) -> PictureRows:
    """Describe RGB pictures uint8 [n >= 1, h, w, 3] taken at rate_hz (at least 2)."""
    meter = PictureRowsMeter(rate_hz)
    for index, picture in enumerate(pictures):
        meter.feed(index / rate_hz, picture)
    return meter.finish()


def mirrored_rows(seconds: FloatArray) -> FloatArray:
    """The rows of seconds [n, ROW_SIZE] as they would be if left were right. Exact but for what lies on an edge of two
    bins."""
    places = {name: np.arange(ROW_SIZE)[part] for name, part in _parts().items()}
    places["layout"] = places["layout"].reshape(3, 3)[:, ::-1].ravel()
    # Bin i is centred on the direction i pi / 8, modulo pi.
    places["edge_direction"] = places["edge_direction"][-np.arange(8)]
    places["edge_place"] = places["edge_place"].reshape(2, 2)[:, ::-1].ravel()
    # Bin i reaches from i pi / 4 to the next.
    places["heading"] = places["heading"][(3 - np.arange(8)) % 8]
    mirrored = np.asarray(seconds[:, np.concatenate(list(places.values()))], np.float32)
    mirrored[:, places["camera"][0]] *= -1.0  # Only the first of the camera's rows points left or right.
    return mirrored


def _parts() -> dict[str, slice]:
    """Where the rows of each name stand in a second."""
    ends = np.cumsum(list(ROWS.values())).tolist()
    return {name: slice(end - size, end) for (name, size), end in zip(ROWS.items(), ends, strict=True)}


def break_times_s(rows: PictureRows) -> TimeArray:
    """When new shots begin, in s."""
    return np.asarray((np.flatnonzero(rows.is_break) + 1) / rows.rate_hz)


def _still_figures(picture: Pictures) -> TimeArray:
    """Colour, layout, edges and detail of one picture [h, w, 3]."""
    import cv2

    small = np.asarray(cv2.resize(picture, _STILL_SIZE, interpolation=cv2.INTER_AREA), np.uint8)
    hsv = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2HSV), np.float64)
    weight = (hsv[:, :, 1] * hsv[:, :, 2]).ravel() / 255**2
    hue = np.bincount((hsv[:, :, 0].ravel() * 8 / 180).astype(np.intp).clip(0, 7), weight, 8) / len(weight)
    value = np.bincount((hsv[:, :, 2].ravel() / 64).astype(np.intp).clip(0, 3), minlength=4) / len(weight)
    luma = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), np.uint8)
    grey = np.asarray(luma.astype(np.float32) / np.float32(255), np.float32)
    layout = np.asarray(cv2.resize(grey, (3, 3), interpolation=cv2.INTER_AREA), np.float64).ravel()
    colour = np.array(colour_figures(small))
    return np.concatenate([hue, value, colour, layout, _edge_figures(luma), _detail_figures(grey)])


def _edge_figures(luma: NDArray[np.uint8]) -> TimeArray:
    """Directions of the gradient (after Dalal and Triggs 2005) over the picture, and its strength in each quarter."""
    import cv2

    # In whole numbers: OpenCV's floats differ in the last bit with the place of a picture in memory.
    across, down = (np.asarray(cv2.Sobel(luma, cv2.CV_16S, *order), np.float64) for order in ((1, 0), (0, 1)))
    strength = np.sqrt(across * across + down * down) / 255
    # Bins are centred on the axes, which most edges of a picture follow.
    turn = (np.arctan2(down, across) * (8 / np.pi) + 0.5) % 8
    counts = np.bincount(turn.ravel().astype(np.intp).clip(0, 7), strength.ravel(), 8)
    direction = counts / max(float(counts.sum()), 1e-6)
    rows, columns = (side // 2 for side in luma.shape)
    quarters = [
        part.mean() for half in (strength[:rows], strength[rows:]) for part in (half[:, :columns], half[:, columns:])
    ]
    return np.concatenate([direction, quarters])


def _detail_figures(grey: FloatArray) -> TimeArray:
    """Root mean square of what blurs of 1, 2 and 4 pixels take away one after the other, and of what they leave."""
    import cv2

    figures = []
    for blur in (1.0, 2.0, 4.0):
        smooth = np.asarray(cv2.GaussianBlur(grey, (0, 0), blur), np.float32)
        figures.append(float(np.sqrt(np.mean((grey - smooth) ** 2))))
        grey = smooth
    return np.array([*figures, float(grey.std())])


def _motion_figures(pairs: list[_Pair]) -> TimeArray:
    """Speeds, headings and camera over the pairs of one second that no break parts; its change and its breaks."""
    flows = [pair.flow for pair in pairs if pair.flow is not None]
    if not pairs:
        return np.zeros(_MOTION_SIZE)
    changes = np.array([np.mean([pair.change for pair in pairs]), float(len(pairs) - len(flows))])
    if not flows:
        return np.concatenate([np.zeros(_MOTION_SIZE - 2), changes])
    flow = np.stack(flows)
    across, down = flow[..., 0], flow[..., 1]
    magnitude = np.hypot(across, down)
    speeds = np.bincount(np.searchsorted(_SPEED_EDGES, magnitude.ravel()), minlength=6) / magnitude.size
    turn = (np.arctan2(down, across).ravel() % (2 * np.pi)) * (4 / np.pi)
    heading = np.bincount(turn.astype(np.intp).clip(0, 7), magnitude.ravel(), 8) / magnitude.size
    # The mean of a derivative along a line is the difference of its ends.
    spreading = (across[:, :, -1] - across[:, :, 0]).mean() / across.shape[2]
    spreading += (down[:, -1] - down[:, 0]).mean() / down.shape[1]
    camera = np.array([across.mean(), down.mean(), spreading, magnitude.std()])
    return np.concatenate([speeds, heading, camera, changes])
