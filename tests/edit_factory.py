# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""An edit with all that the writers hold: cuts, gaps, two sound tracks, gain, fades, ducking, markers."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

from needledrop.core.edit import ClipKind, EditClip, EditMarker, LevelPoint, MediaSource, ProjectEdit, SoundRole
from needledrop.core.marker import MarkerKind

RATES = [Fraction(24000, 1001), Fraction(24), Fraction(25), Fraction(30000, 1001), Fraction(50), Fraction(60000, 1001)]


def made_edit(folder: Path, rate: Fraction, *, ducked: bool = True, rise: int = 12, fall: int = 25) -> ProjectEdit:
    """Frames are the same at every rate; the files are empty."""
    film, song = folder / "Übung & film #1.mp4", folder / "the song.wav"
    for path in (film, song):
        if not path.exists():
            path.touch()

    def s(frames: int) -> Fraction:
        return frames / rate

    shot = MediaSource(str(film), film, s(2000), s(90_000))
    music = MediaSource(str(song), song, s(4000))
    levels = [(0, 0.0), (40, 0.0), (46, -9.0), (80, -9.0), (95, 0.0)] if ducked else []
    clips = [
        EditClip("one", ClipKind.PICTURE, 0, shot, s(100), s(150), s(0), s(50)),
        EditClip("two", ClipKind.PICTURE, 0, shot, s(900), s(970), s(50), s(120)),
        EditClip("late", ClipKind.PICTURE, 0, shot, s(20), s(100), s(140), s(220)),
        EditClip("over", ClipKind.PICTURE, 1, shot, s(1500), s(1510), s(60), s(70)),
        EditClip("one", ClipKind.SOUND, 0, shot, s(100), s(150), s(0), s(50), SoundRole.SPEECH),
        EditClip(
            "song",
            ClipKind.SOUND,
            1,
            music,
            s(333),
            s(333 + 180),
            s(30),
            s(210),
            SoundRole.MUSIC,
            gain_db=-6.5,
            fade_in_s=s(rise),
            fade_out_s=s(fall),
            levels=tuple(LevelPoint(s(frame), level_db) for frame, level_db in levels),
        ),
    ]
    kinds = [MarkerKind.DOWNBEAT, MarkerKind.BEAT, MarkerKind.BEAT, MarkerKind.SECTION]
    markers = [
        EditMarker(s(30 + 12 * at), f"Bar {at} & <more>" if at else "1 Drop/chorus", kind)
        for at, kind in enumerate(kinds)
    ]
    return ProjectEdit(
        name="Hike",
        frame_rate=rate,
        clips=tuple(clips),
        markers=tuple(markers),
        start_frame=86_400,
        is_drop_frame=rate in {Fraction(30000, 1001), Fraction(60000, 1001)},
        size=(1920, 1080),
        duration_s=s(220),
    )
