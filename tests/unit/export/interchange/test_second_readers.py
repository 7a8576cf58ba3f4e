# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What others make of what we write: melt renders it, the OTIO adapters for FCP7 XML read it.

Needs `melt` (Debian: melt) and `pip install otio-fcp-adapter`. Run: pytest -m editors tests/unit/export/interchange
"""

from __future__ import annotations

import contextlib
import math
import shutil
import subprocess
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from edit_factory import RATES, made_edit
from needledrop.core.edit import ClipKind, ProjectEdit
from needledrop.export.interchange.write import EDIT_FORMAT_SUFFIXES, EditFormat, write_edit

pytestmark = pytest.mark.editors

SAMPLE_RATE = 48_000
MELT_S, MOST_STARTS = 20, 3
PROJECTS = [EditFormat.KDENLIVE, EditFormat.KDENLIVE_22, EditFormat.MLT]
# Frames of the song's clip, from 30 to 210 of the timeline: full level, ducked, full level.
FULL, DUCKED = (62, 135, 180), (80, 100)


def run_melt(command: list[str]) -> None:
    """Run melt, again where it never began.

    MLT 7.12 starts the thread that renders and says only then that it runs (consumer_avformat.c, consumer_start). Where
    the machine is busy the thread looks first, sees that it does not run, and ends without a sample; melt then waits
    for ever. Nothing outside melt can keep that from happening. A render takes less than a second.
    """
    for _ in range(MOST_STARTS - 1):
        with contextlib.suppress(subprocess.TimeoutExpired):
            subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=MELT_S)
            return
    subprocess.run(command, check=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=MELT_S)


def rendered(edit: ProjectEdit, target: EditFormat, folder: Path) -> NDArray[np.float64]:
    """What melt plays of a project, one channel."""
    melt = shutil.which("melt")
    assert melt is not None, "melt is not installed (Debian: apt-get install melt)"
    project, sound = folder / f"p{EDIT_FORMAT_SUFFIXES[target]}", folder / "out.wav"
    write_edit(edit, target, project)
    consumer = [f"avformat:{sound}", "acodec=pcm_f32le", f"ar={SAMPLE_RATE}", "ac=2", "vn=1", "video_off=1"]
    run_melt([melt, "-silent", str(project), "-consumer", *consumer, "real_time=0"])
    samples, rate = soundfile.read(sound)
    assert rate == SAMPLE_RATE
    return np.asarray(samples[:, 0])


def song_alone(folder: Path, rate: Fraction, samples: NDArray[np.float64]) -> ProjectEdit:
    edit = made_edit(folder, rate)
    soundfile.write(folder / "the song.wav", np.stack([samples, samples], 1), SAMPLE_RATE, subtype="PCM_24")
    return replace(edit, clips=tuple(clip for clip in edit.clips if clip.name == "song"))


def level_db(heard: NDArray[np.float64], frame: float, rate: Fraction) -> float:
    """The level of a sine of half scale over one frame, against what it was."""
    first = round(frame / rate * SAMPLE_RATE)
    part = heard[first : first + round(SAMPLE_RATE / rate)]
    return 20 * math.log10(max(float(np.sqrt(np.mean(part**2))) * math.sqrt(2) / 0.5, 1e-6))


@pytest.mark.parametrize("rate", [Fraction(25), Fraction(30000, 1001)], ids=str)
@pytest.mark.parametrize("target", PROJECTS)
def test_melt_plays_gain_fades_and_ducking(tmp_path: Path, target: EditFormat, rate: Fraction) -> None:
    times = np.arange(round(4000 / rate * SAMPLE_RATE)) / SAMPLE_RATE
    edit = song_alone(tmp_path, rate, 0.5 * np.sin(2 * np.pi * 440 * times))
    heard = rendered(edit, target, tmp_path)
    assert len(heard) == pytest.approx(float(220 / rate * SAMPLE_RATE), abs=float(SAMPLE_RATE / rate))
    assert level_db(heard, 20, rate) < -100
    assert level_db(heard, 214, rate) < -100
    for frame in FULL:
        assert level_db(heard, frame, rate) == pytest.approx(-6.5, abs=0.3)
    for frame in DUCKED:
        assert level_db(heard, frame, rate) == pytest.approx(-15.5, abs=0.3)
    rise = [level_db(heard, frame, rate) for frame in (32, 35, 38, 41)]
    fall = [level_db(heard, frame, rate) for frame in (188, 194, 200, 206)]
    assert rise == sorted(rise) and rise[0] < -18
    assert fall == sorted(fall, reverse=True) and fall[-1] < -18


@pytest.mark.parametrize("target", PROJECTS)
def test_melt_plays_the_moment_that_is_meant(tmp_path: Path, target: EditFormat) -> None:
    """Within 15 ms: MLT 7.12 itself plays sound up to 14 ms late for a moment after it jumped into a file."""
    clicks = np.zeros(160 * SAMPLE_RATE)
    clicks[333 * 1920 :: 12 * 1920] = 0.9
    edit = song_alone(tmp_path, Fraction(25), clicks)
    flat = replace(edit.clips[0], gain_db=0.0, levels=(), fade_in_s=Fraction(0), fade_out_s=Fraction(0))
    heard = rendered(replace(edit, clips=(flat,)), target, tmp_path)
    found = np.flatnonzero(np.abs(heard) > 0.3)
    late_s = ((found - 30 * 1920) % (12 * 1920)) / SAMPLE_RATE
    assert len(found) >= 14
    assert late_s.max() <= 0.015


@pytest.mark.parametrize("rate", RATES, ids=str)
def test_another_reader_of_fcp7_xml_sees_the_same_edit(tmp_path: Path, rate: Fraction) -> None:
    pytest.importorskip("otio_fcp_adapter", reason="pip install otio-fcp-adapter")
    import opentimelineio as otio

    edit = made_edit(tmp_path, rate)
    path = tmp_path / "e.xml"
    write_edit(edit, EditFormat.FCP7, path)
    timeline = otio.adapters.read_from_file(str(path))
    found = []
    for track in timeline.tracks:
        for clip in track.find_clips():
            span, source = clip.range_in_parent(), clip.source_range
            is_sound = track.kind == otio.schema.TrackKind.Audio
            found.append((is_sound, clip.name, span.start_time.value, span.duration.value, source.start_time.value))
    wanted = [
        (
            clip.kind is ClipKind.SOUND,
            clip.name,
            edit.frame_of(clip.record_in_s),
            edit.frame_of(clip.duration_s),
            # It counts from the file's own timecode.
            edit.frame_of(clip.source_in_s + (clip.source.start_s if clip.source else 0)),
        )
        for clip in edit.clips
    ]
    assert set(found) == set(wanted)
    assert [marker.name for marker in timeline.tracks.markers] == [marker.label for marker in edit.markers]
