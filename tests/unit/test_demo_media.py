# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The bundled demo media are whole, small, free, as loud as they should be, and what their truth files say."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import mutagen
import numpy as np
import pytest
from scipy.signal import lfilter, resample_poly

DEMO = Path(__file__).resolve().parents[2] / "resources" / "demo"
RATE = 48000
CC0 = "creativecommons.org/publicdomain/zero/1.0"
VIDEO: dict[str, Any] = json.loads((DEMO / "demo.json").read_text(encoding="utf-8"))
TRACKS: list[dict[str, Any]] = json.loads((DEMO / "music" / "truth.json").read_text(encoding="utf-8"))["tracks"]


def _decode_audio(path: Path) -> np.ndarray[Any, Any]:
    """Stereo samples (2, n) at 48 kHz."""
    resampler = av.AudioResampler("fltp", "stereo", RATE)
    with av.open(str(path)) as container:
        blocks = [r.to_ndarray() for frame in container.decode(audio=0) for r in resampler.resample(frame)]
    blocks += [r.to_ndarray() for r in resampler.resample(None)]
    return np.concatenate(blocks, axis=1)


def _loudness_lufs(stereo: np.ndarray[Any, Any]) -> float:
    """ITU-R BS.1770-4 with the filter coefficients it prints for 48 kHz, absolute and relative gate."""
    shelf_b, shelf_a = (1.53512485958697, -2.69169618940638, 1.19839281085285), (1, -1.69065929318241, 0.73248077421585)
    pass_b, pass_a = (1.0, -2.0, 1.0), (1, -1.99004745483398, 0.99007225036621)
    weighted = lfilter(pass_b, pass_a, lfilter(shelf_b, shelf_a, stereo))
    hop = RATE // 10
    power = (weighted[:, : weighted.shape[1] // hop * hop] ** 2).reshape(2, -1, hop).mean(axis=2).sum(axis=0)
    blocks = np.convolve(power, np.full(4, 0.25), "valid")
    blocks = blocks[-0.691 + 10 * np.log10(blocks + 1e-12) > -70]
    blocks = blocks[blocks > blocks.mean() / 10]
    return float(-0.691 + 10 * np.log10(blocks.mean()))


def _licence(path: Path) -> str:
    tags: Any = mutagen.File(path).tags
    if path.suffix == ".mp3":
        return str(tags["TCOP"])
    return str(tags["cprt" if path.suffix == ".m4a" else "copyright"][0])


def test_all_files_are_there_and_together_stay_below_25_megabytes() -> None:
    assert len(TRACKS) >= 10
    assert {t["file"] for t in TRACKS} == {p.name for p in (DEMO / "music").iterdir() if p.suffix != ".json"}
    assert (DEMO / "LICENSES.md").is_file()
    files = [path for pattern in ("*", "music/*", "source/*.py") for path in DEMO.glob(pattern) if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 25_000_000


def test_cuts_are_on_frames_and_the_picture_changes_there_only() -> None:
    thumbs = []
    with av.open(str(DEMO / "demo.mp4")) as container:
        stream = container.streams.video[0]
        assert stream.average_rate == VIDEO["frame_rate"]
        stream.thread_type = "AUTO"
        for frame in container.decode(stream):
            small = frame.reformat(64, 36, "rgb24", interpolation="AREA").to_ndarray()
            thumbs.append(small.astype(np.float32))
    duration_s = len(thumbs) / VIDEO["frame_rate"]
    assert 30 <= duration_s <= 60
    assert duration_s == pytest.approx(VIDEO["duration_s"])
    change = np.array([np.abs(b - a).mean() for a, b in pairwise(thumbs)])
    first_burst, dissolve = (round(VIDEO["cuts"][index]["time_s"] * VIDEO["frame_rate"]) for index in (13, 15))
    bursts = np.delete(change[first_burst:dissolve], VIDEO["cuts"][14]["frame"] - 1 - first_burst)
    assert bursts.max() < 0.06 * 255  # No shell lights the scene from one frame to the next.
    for cut in VIDEO["cuts"]:
        assert cut["time_s"] * VIDEO["frame_rate"] == pytest.approx(cut["frame"])
        if cut["kind"] == "cut":
            around = change[cut["frame"] - 9 : cut["frame"] + 8]
            assert around.argmax() == 8
            assert around[8] > 2.5 * np.median(around)
        else:
            first, last = (round(cut[name] * VIDEO["frame_rate"]) for name in ("start_s", "end_s"))
            assert np.abs(thumbs[last] - thumbs[first]).mean() > 10


def test_most_cuts_lie_on_beats_and_the_turning_point_on_a_bar_line() -> None:
    beat_s, last_s = VIDEO["beat_s"], 0.0
    gaps_in_beats = []
    for cut in VIDEO["cuts"]:
        late_s = abs(cut["time_s"] - beat_s * round(cut["time_s"] / beat_s))
        assert cut["on_beat"] == (late_s < 0.021)
        assert cut["on_beat"] or 0.15 <= late_s <= 0.25
        gaps_in_beats.append(round((cut["time_s"] - last_s) / beat_s))
        last_s = cut["time_s"]
    assert len(VIDEO["cuts"]) == 16
    assert 13 <= sum(cut["on_beat"] for cut in VIDEO["cuts"]) <= 14
    assert len(set(gaps_in_beats)) >= 6
    assert VIDEO["turning_point_s"] % (4 * beat_s) == 0
    assert VIDEO["turning_point_s"] in {cut["time_s"] for cut in VIDEO["cuts"]}


def test_one_track_rises_at_the_turning_point_and_lasts_until_the_end() -> None:
    ridge = next(track for track in TRACKS if track["title"] == "Beyond the Ridge")
    assert 60 / ridge["bpm"] == VIDEO["beat_s"]
    section_s = {section["name"]: section["start_s"] for section in ridge["sections"]}
    for rise_s in (section_s["adventure"], section_s["finale"]):
        start_s = rise_s - VIDEO["turning_point_s"]
        assert start_s >= 0
        assert start_s + VIDEO["duration_s"] in {section["end_s"] for section in ridge["sections"]}


def test_the_narrator_speaks_where_the_truth_says() -> None:
    samples = _decode_audio(DEMO / "demo.mp4")
    speech = VIDEO["speech"][0]
    assert 5 <= speech["end_s"] - speech["start_s"] <= 12
    spoken = samples[:, round(speech["start_s"] * RATE) : round(speech["end_s"] * RATE)]
    before = samples[:, round((speech["start_s"] - 3) * RATE) : round((speech["start_s"] - 0.2) * RATE)]
    assert np.std(spoken) > 3 * np.std(before)


@pytest.mark.parametrize("track", TRACKS, ids=[t["file"] for t in TRACKS])
def test_track_decodes_is_free_and_has_the_right_level(track: dict[str, Any]) -> None:
    path = DEMO / "music" / track["file"]
    samples = _decode_audio(path)
    assert samples.shape[1] / RATE == pytest.approx(track["duration_s"], abs=0.06)
    assert 60 <= track["duration_s"] <= 150
    assert CC0 in _licence(path)
    assert _loudness_lufs(samples) == pytest.approx(-16, abs=0.7)
    peak_at = int(np.abs(samples).max(axis=0).argmax())
    near = samples[:, max(0, peak_at - 2000) : peak_at + 2000]
    assert np.abs(resample_poly(near, 4, 1, axis=1)).max() < 10 ** (-1 / 20)
    sections = track["sections"]
    assert [s["start_s"] for s in sections] == sorted(s["start_s"] for s in sections)
    assert sections[-1]["end_s"] <= track["duration_s"]
