# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The four quiet demo tracks (album "Quiet Hours"): piano, waltz, lo-fi, drone. Composition only."""

from __future__ import annotations

from .score import Song, progression

ALBUM = "Quiet Hours"


def first_light() -> Song:
    """Piano ambient in D that builds with strings from the middle and then lets go."""
    song = Song("first_light", "First Light", ALBUM, "Ambient", "calm, hopeful, dawn, tender, building",
                "D major", 72, 4, 28, "ogg", 96, room=0.85, reverb_level=0.75, tail_s=7)  # fmt: skip
    song.sections = [("intro", 0), ("theme", 4), ("build", 12), ("climax", 16), ("ending", 24)]
    piano = song.part("piano", 0, volume=124, reverb=88, human_ms=7)
    left = song.part("piano left", 0, volume=112, reverb=88, human_ms=7)
    strings = song.part("strings", 48, volume=68, reverb=90, human_ms=8)
    cello = song.part("cello", 42, volume=64, pan=76, reverb=90, human_ms=8)
    bells = song.part("celesta", 8, volume=78, pan=90, reverb=110)
    calm = progression("Dadd9 Bm7 Gmaj7 A7sus4", 4)
    theme = progression("D Bm7 Gmaj7 A D/F# G Em7 A7sus4", 4, song.at(4))
    build = progression("Bm7 Gmaj7 D/F# A", 4, song.at(12))
    climax = progression("G A Bm7 D/F# G A Em7 A7sus4", 4, song.at(16))
    close = progression("Dadd9 Bm7 Gmaj7 Dadd9", 4, song.at(24))
    left.arpeggio(calm, "0.1.2.1.", 0.5, 50, 55, 3, 3)
    left.arpeggio(theme, "01213121", 0.5, 54, 54, 3, 2)
    left.arpeggio(build, "01213121", 0.5, 62, 55, 3, 2)
    left.arpeggio(climax, "0123432101234321", 0.25, 66, 55, 3, 3)
    left.arpeggio(close[:3], "0.1.2.1.", 0.5, 48, 55, 3, 3)
    left.bassline(calm + theme, "R-------", 0.5, 52, 38)
    left.bassline(build + climax, "R---8---", 0.5, 66, 38)
    left.bassline(close[:3], "R-------", 0.5, 46, 38)
    motif = "3:1.5 5:.5 6:2 | 5:1.5 3:.5 2:2 | 3:1.5 5:.5 7:2 | 6:1 5 2:2 | "
    piano.tune(motif + "3:1.5 5:.5 1':2 | 7:1 6 5:2 | 5:1.5 4:.5 2:2 | 3:1 2 1:2", song.at(4), 74, "major", 74)
    piano.tune("6:1.5 5:.5 3:2 | 6:1.5 5:.5 3:1 5 | 1':1.5 7:.5 5:2 | 6:1 7 2':2", song.at(12), 74, "major", 82)
    high = "3':1.5 2':.5 1':1 7 | 1':1.5 7:.5 6:1 5 | 6:1.5 1':.5 3':2 | 2':1 1' 5:2 | "
    piano.tune(high + "3':1.5 2':.5 1':1 7 | 6:1 1' 3':2 | 2':2 1':1 6 | 5:4", song.at(16), 74, "major", 96)
    piano.tune("3:1.5 5:.5 6:2 | 5:1.5 3:.5 2:2 | 3:2 2 ", song.at(24), 74, "major", 60)
    strings.comp(build + climax, "X---------------", 0.25, 78, 64, 4, gate=1.0)
    strings.comp(close, "X---------------", 0.25, 60, 62, 3, gate=1.0)
    strings.swell(song.at(12), song.at(16), 30, 98)
    strings.swell(song.at(16), song.at(22), 100, 122)
    strings.swell(song.at(24), song.at(28), 92, 40)
    cello.tune("6:4 4 3 2 | 4:4 5 6 3 4 5 2 5 | 1:4 6, 4, 1,", song.at(12), 50, "major", 84, 1.0)
    bells.tune("5':1 3' 1' r | r 3' 2' r |" * 4, song.at(16), 74, "major", 62)
    for index, pitch in enumerate((38, 50, 57, 62, 66, 74)):
        piano.add(song.at(27) + index * 0.06, 4, pitch, 58)
    return song


def meadow_waltz() -> Song:
    """Folk waltz in G: guitar, fiddle, accordion, upright bass."""
    song = Song("meadow_waltz", "Meadow Waltz", ALBUM, "Folk", "warm, playful, pastoral, innocent, sunny",
                "G major", 96, 3, 42, "mp3", 112, room=0.45, reverb_level=0.4, tail_s=4)  # fmt: skip
    song.sections = [("intro", 0), ("verse", 4), ("chorus", 12), ("verse", 20), ("chorus", 28), ("ending", 36)]
    guitar = song.part("steel guitar", 25, volume=104, pan=46, reverb=40, human_ms=7)
    fiddle = song.part("fiddle", 40, volume=88, pan=76, reverb=58, human_ms=8)
    squeeze = song.part("accordion", 21, volume=70, pan=88, reverb=48)
    bass = song.part("upright bass", 32, volume=108, reverb=22)
    flute = song.part("flute", 73, volume=84, pan=54, reverb=64, human_ms=8)
    hand = song.part("hand percussion", "drums", volume=106, reverb=36, human_ms=5)
    verse = "G Em C D G Em Am7 D7"
    chorus = "C G/B Am7 D7 Em C D7 G"
    plan = f"G C G D7 {verse} {chorus} {verse} {chorus} C D7 Em C D7 G"
    chords = progression(plan, 3)
    guitar.comp(chords[:-1], "..xoxo", 0.5, 70, 60, 4, 0.025, 0.9)
    guitar.bassline(chords[:-1], "R-----5-----", 0.5, 76, 40)
    bass.bassline(chords[4:-1], "R---3-R---5-", 0.5, 84, 28, 0.8)
    squeeze.comp(chords[12:20] + chords[28:40], "X-----", 0.5, 66, 64, 3, gate=1.0)
    first = "5:1 3 5 | 6:2 5:1 | 4:1 6 1' | 2:3 | 5:1 3 5 | 1':2 7:1 | 6:1.5 5:.5 4:1 | 2:3 |"
    second = "6:1 1' 6 | 5:2 3:1 | 4:1 6 1' | 7:1.5 6:.5 5:1 | 3':1 2' 1' | 6:2 1':1 | 7:1 6 7 | 1':3 |"
    fiddle.tune(first, song.at(4), 67, "major", 80)
    fiddle.tune(second, song.at(12), 67, "major", 92)
    flute.tune(first, song.at(20), 79, "major", 80)
    fiddle.tune("3:3 3 4 2 3 1 4 4", song.at(20), 67, "major", 62)
    fiddle.tune(second, song.at(28), 67, "major", 98)
    flute.tune("1':3 5 6 5 1' 6 5 5", song.at(28), 79, "major", 78)
    fiddle.tune("6:1 1' 6 | 7:2 6:1 | 5:1 3 5 | 6:2 1':1 | 7:1 6 7 | 1':3", song.at(36), 67, "major", 88)
    hand.beat({"tambourine": "....x...o...", "shaker": "x.o.o.x.o.o."}, song.at(12), 24, 58)
    hand.beat(
        {"tambourine": "....x...x...", "shaker": "x.oox.x.o.oo", "bass_drum": "x..........."}, song.at(20), 60, 62
    )
    for index, pitch in enumerate((43, 50, 55, 59, 62, 67)):
        guitar.add(song.at(41) + index * 0.05, 4, pitch, 78)
    bass.add(song.at(41), 3, 31, 84)
    return song


def rainy_window() -> Song:
    """Lo-fi hip-hop in F: swung drums, electric piano ninths, soft bass, vinyl dust."""
    song = Song("rainy_window", "Rainy Window", ALBUM, "Lo-Fi", "mellow, nostalgic, cosy, late night, relaxed",
                "F major", 84, 4, 28, "ogg", 88, room=0.35, reverb_level=0.35, swing=0.6, tail_s=5,
                lowpass_hz=6800, crackle=True)  # fmt: skip
    song.sections = [("intro", 0), ("groove", 4), ("melody", 8), ("break", 16), ("melody", 20), ("ending", 26)]
    keys = song.part("electric piano", 4, volume=84, reverb=42, chorus=60, human_ms=7)
    bass = song.part("bass", 33, volume=112, reverb=8)
    lead = song.part("vibraphone", 11, volume=122, pan=80, reverb=60)
    guitar = song.part("jazz guitar", 26, volume=104, pan=44, reverb=50, human_ms=8)
    drums = song.part("drums", "drums", volume=126, reverb=22, human_ms=4)
    loop = "Gm9 C13 Fmaj9 Dm9"
    turn = "Bbmaj9 Am7 Gm9 C7b9"
    chords = progression(f"{loop} {loop} {loop} {turn} {turn} {loop} Gm9 C13 Fmaj9 Fmaj9", 4)
    keys.comp(chords[:4], "X-------o-------", 0.25, 66, 62, 4, 0.03)
    keys.comp(chords[4:-1], "X-----o---x-----", 0.25, 70, 62, 4, 0.02)
    bass.bassline(chords[4:16] + chords[20:-1], "R-----R.5-..8-A-", 0.25, 82, 29)
    bass.bassline(chords[16:20], "R---------------", 0.25, 76, 29)
    phrase = (
        "r:.5 5:.5 6:.5 1':1 6:.5 5:1 | r:.5 3:.5 5:.5 6:.5 5:2 | r:.5 3:.5 5:.5 7:1 6:.5 5:1 | 3:1 2:.5 1:.5 2:2 |"
    )
    answer = "r:1 1':.5 2':.5 3':1 2' | 1':1.5 6:.5 5:2 | r:.5 6:.5 5:.5 3:.5 5:1 3 | 2:1.5 3:.5 2:2 |"
    lead.tune(phrase + answer, song.at(8), 77, "major", 96)
    lead.tune(phrase + "r:1 1':.5 2':.5 3':1 2' | 1':3 r:1 ", song.at(20), 77, "major", 98)
    guitar.tune("r:2 6:.5 5:.5 3:1 | r:4 | r:2 3:.5 2:.5 1:1 | r:4 |" * 2, song.at(8), 65, "major", 62)
    guitar.tune("6:3 5:1 | 5:3 3:1 | 4:2 6 | 5:4", song.at(16), 65, "major", 70)
    groove = {"kick": "X..x..x...x.....", "snare": "....X.......X..g", "hat": "x.o.x.o.x.oox.o."}
    drums.beat({"hat": "x...o...x...o.o."}, song.at(2), 8, 52)
    drums.beat(groove, song.at(4), 46, 98)
    drums.beat({"snare": "x.gx", "kick": "X..."}, song.at(16) - 2, 2, 74)
    drums.beat({"rim": "....x.......x...", "hat": "x...o...x...o..."}, song.at(16), 15, 58)
    drums.beat({"snare": "xgxX"}, song.at(20) - 1, 1, 70)
    drums.beat(groove, song.at(20), 24, 100)
    drums.beat({"kick": "X", "ride": "x"}, song.at(27), 0.25, 74)
    keys.add(song.at(27), 5, 41, 70)
    keys.comp(chords[-1:], "X---------------", 0.25, 66, 62, 4, 0.08)
    return song


def still_water() -> Song:
    """Beatless drone on C and G: slow pads, breath noise, a few bowed tones; one long arch."""
    song = Song("still_water", "Still Water", ALBUM, "Drone", "meditative, empty, weightless, minimal, floating",
                "C major", None, 1, 64, "flac", 0, room=1.0, reverb_level=0.8, tail_s=8, lowpass_hz=5200)  # fmt: skip
    song.sections = [("dark", 0), ("opening", 16), ("light", 34), ("closing", 50)]
    deep = song.part("deep pad", "synth:pad", volume=105, pan=64, reverb=70, chorus=80)
    left = song.part("pad left", "synth:pad", volume=78, pan=28, reverb=95, chorus=60)
    right = song.part("pad right", "synth:pad", volume=78, pan=100, reverb=95)
    air = song.part("air", "synth:breath", volume=42, pan=52, reverb=110, chorus=90)
    floor = song.part("floor", "synth:sub", volume=52, reverb=20)
    glass = song.part("glass", 92, volume=70, pan=80, reverb=120)
    for start, length, pitch, velocity in (
        (0, 19, 36, 84), (13, 20, 43, 78), (28, 20, 36, 92), (42, 21, 41, 84), (54, 14, 36, 80),
    ):  # fmt: skip
        deep.add(start, length, pitch, velocity)
    for start, length, pitch in ((5, 15, 60), (17, 15, 62), (30, 14, 64), (40, 14, 69), (52, 15, 64)):
        left.add(start, length, pitch, 70 if start < 30 else 88)
    for start, length, pitch in ((9, 15, 67), (22, 15, 71), (33, 14, 74), (44, 13, 72), (54, 13, 67)):
        right.add(start, length, pitch, 66 if start < 30 else 86)
    for start in range(2, 58, 7):
        air.add(start, 8, 84 + (start * 5) % 12, 80)
    for start in (0, 20, 40):
        floor.add(start, 22, 36 if start != 40 else 29, 74)
    floor.add(55, 13, 36, 70)
    for start, pitch in ((24, 79), (31, 83), (37, 86), (43, 84), (49, 79), (55, 76)):
        glass.add(start, 9, pitch, 52)
    return song


def quiet_songs() -> list[Song]:
    """All songs of this album."""
    return [first_light(), meadow_waltz(), rainy_window(), still_water()]
