# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The four driving demo tracks (album "After Dark"): techno, funk, drum and bass, rock. Composition only."""

from __future__ import annotations

from .score import Chord, Song, progression

ALBUM = "After Dark"


def night_circuit() -> Song:
    """Techno in A minor: build, drop at bar 16, breakdown, second drop."""
    song = Song("night_circuit", "Night Circuit", ALBUM, "Techno", "driving, hypnotic, nocturnal, energetic, urban",
                "A minor", 128, 4, 48, "opus", 104, room=0.45, reverb_level=0.4, tail_s=4)  # fmt: skip
    song.sections = [("intro", 0), ("build", 8), ("drop", 16), ("breakdown", 28), ("drop", 34), ("ending", 46)]
    loop = "Am Am F G Am Am Dm Em"
    chords = progression(" ".join([loop] * 6), 4)
    kick = song.part("kick", "synth:kick", volume=150)
    hats = song.part("hats", "synth:hat", volume=44, pan=72, reverb=6)
    clap = song.part("clap", "synth:clap", volume=95, reverb=34)
    bass = song.part("rolling bass", "synth:pluck_bass", volume=105, ducked=True)
    pluck = song.part("pluck", "synth:pluck", volume=100, pan=52, reverb=50, chorus=50, ducked=True)
    pad = song.part("pad", "synth:pad", volume=64, reverb=70, chorus=70, ducked=True)
    lead = song.part("lead", "synth:lead", volume=80, pan=60, reverb=60, chorus=60, ducked=True)
    fx = song.part("fx", "synth:riser", volume=62, reverb=50)
    boom = song.part("boom", "synth:boom", volume=92, reverb=50)
    fours = {"kick": "X...x...x...x..."}
    for first, last in ((0, 14), (16, 27), (34, 46)):
        kick.beat(fours, song.at(first), song.at(last) - song.at(first), 100)
    kick.beat({"kick": "x...x.x.x.x.xxxx"}, song.at(27), 4, 96)
    for first, last in ((4, 16), (16, 28), (34, 46)):
        hats.beat({"open": "..X."}, song.at(first), song.at(last) - song.at(first), 84)
    for first, last in ((8, 15), (16, 28), (34, 47)):
        hats.beat({"hat": "xogo"}, song.at(first), song.at(last) - song.at(first), 66)
        clap.beat({"clap": "....x.......x..."}, song.at(first), song.at(last) - song.at(first), 96)
    clap.beat({"clap": "x...x...x...x...x.x.x.x.xxxxxxxx"}, song.at(14), 8, 72)
    for part_chords, velocity in ((chords[4:14], 66), (chords[16:28], 100), (chords[34:46], 104)):
        bass.bassline(part_chords, ".RR8.RR5.RR8.R7R", 0.25, velocity, 33, 0.85)
    order = "0.2.1.3.0.24.1.3"
    pluck.arpeggio(chords[8:16], order, 0.25, 58, 69, 3, 0.8)
    pluck.swell(song.at(8), song.at(16), 40, 118)
    for bars in (chords[16:28], chords[34:46]):
        pluck.arpeggio(bars, order, 0.25, 92, 69, 3, 0.8)
    pluck.arpeggio(chords[28:34], "0...2...1...4...", 0.25, 76, 69, 3, 2)
    pluck.arpeggio(chords[46:48], order, 0.25, 60, 69, 3, 0.8)
    pad.comp(chords[8:46], "X---------------", 0.25, 78, 62, 4, gate=1.0)
    hook = "1:.75 1:.75 3:.5 2:1 7,:1 | 1:.75 1:.75 5:.5 4:1 3 | 3:.75 3:.75 1:.5 6,:2 | 2:.75 2:.75 3:.5 7,:2 |"
    lead.tune(hook, song.at(20), 69, "minor", 84)
    lead.tune("1:4 3 | 6,:4 2 | 1:4 5 |", song.at(28), 69, "minor", 74)
    lead.tune(hook * 2, song.at(36), 69, "minor", 92)
    fx.add(song.at(12), 16, 60, 100)
    fx.add(song.at(30), 16, 60, 104)
    for bar in (0, 16, 28, 34, 46):
        boom.add(song.at(bar), 4, 36, 92)
    return song


def sunny_side() -> Song:
    """Funk pop in E: slap bass, clavinet, clean guitar, brass stabs, a drum break."""
    song = Song("sunny_side", "Sunny Side of the Street Sign", ALBUM, "Funk", "upbeat, happy, groovy, confident, fun",
                "E mixolydian", 112, 4, 40, "m4a", 112, room=0.4, reverb_level=0.35, tail_s=4)  # fmt: skip
    song.sections = [
        ("intro", 0),
        ("verse", 4),
        ("chorus", 12),
        ("verse", 20),
        ("break", 26),
        ("chorus", 30),
        ("ending", 38),
    ]
    verse, chorus = "E7 E7 A7 A7 E7 E7 D A", "A B7 C#m7 A F#m7 B7 E7 E7"
    chords = progression(f"E7 E7 A7 B7 {verse} {chorus} E7 E7 A7 A7 D A E7 E7 E7 B7 {chorus} A:2 B7:2 E9", 4)
    bass = song.part("slap bass", 36, volume=112, reverb=10, human_ms=4)
    bass.bassline(chords[4:26], "R..R.8R...5.7-8.", 0.25, 96, 28, 0.8)
    bass.bassline(chords[30:38], "R-.R8.R-.R8.5-A.", 0.25, 100, 28, 0.8)
    bass.bassline(chords[38:40], "R-------", 0.5, 100, 28)
    clav = song.part("clavinet", 7, volume=84, pan=88, reverb=20, human_ms=5)
    clav.comp(chords[2:12] + chords[20:26], "x.gx.gx.g.xg.xgx", 0.25, 84, 62, 3, 0, 0.45)
    guitar = song.part("clean guitar", 27, volume=100, pan=36, reverb=30, chorus=30, human_ms=5)
    guitar.comp(chords[:26] + chords[30:38], "..x.g.x...x.gx..", 0.25, 80, 66, 3, 0.008, 0.4)
    organ = song.part("organ", 17, volume=62, pan=72, reverb=34)
    organ.comp(chords[12:20] + chords[30:40], "X---------------", 0.25, 74, 64, 4, gate=1.0)
    brass = song.part("brass", 61, volume=86, pan=58, reverb=44, human_ms=4)
    brass.comp(chords[12:20] + chords[30:38], "X...........x.X-", 0.25, 98, 67, 4, 0, 0.7)
    brass.comp(chords[38:], "X-------", 0.5, 108, 67, 4)
    lead = song.part("tenor sax", 66, volume=100, pan=50, reverb=48, human_ms=7)
    lead.tune("r:1 5:.5 6 b7 6 5:.5 3 | 5:1.5 3:.5 1:2 | r:1 4:.5 5 6 1' 6:1 | 5:1 4:.5 3# 1:2 |",
              song.at(4), 64, "mixolydian", 86)  # fmt: skip
    hook = (
        "6:.5 6 1':1 6:.5 5 6:1 | 2':1 1':.5 7# 6:2 | 5:.5 6 1':1 3':1 1' | 6:3 r:1 | "
        "4:.5 4 6:1 1' 6 | 7#:1 6:.5 5 4:2 | 5:.5 6 1' 3' 2':1 1' | 1':3 r:1 |"
    )
    lead.tune(hook, song.at(12), 64, "mixolydian", 94)
    lead.tune(hook, song.at(30), 64, "mixolydian", 102)
    _funk_drums(song)
    return song


def _funk_drums(song: Song) -> None:
    drums = song.part("drums", "drums", volume=126, reverb=22, human_ms=3)
    groove = {"kick": "X..x..x...x..x..", "snare": "....X..g.g..X..g", "hat": "x.o.xoo.x.o.xoo."}
    lively = {
        "kick": "X..x..x.X.x..x..",
        "snare": "....X..g.g..X..g",
        "hat": "x.o.x.o.x.o.x.o.",
        "tambourine": "..x...x...x...x.",
    }
    drums.beat({"hat": "x.o.xoo.x.o.xoo.", "kick": "X..............."}, 0, 8, 80)
    drums.beat({"kick": "X..x..x...x..x..", "hat": "x.o.xoo.x.o.xoo."}, song.at(2), 6, 84)
    for first, last, pattern in ((4, 12, groove), (12, 20, lively), (20, 26, groove), (30, 38, lively)):
        drums.beat({"crash": "X"}, song.at(first), 0.25, 92)
        drums.beat(pattern, song.at(first), song.at(last) - song.at(first) - 1, 92)
        drums.beat({"snare": "xxgx", "tom_mid": "..x.", "kick": "x..x"}, song.at(last) - 1, 1, 90)
    drums.beat(
        {"kick": "X.....x...x.....", "cowbell": "x...x...x...x...", "snare": "....X.......X..."}, song.at(26), 12, 90
    )
    drums.beat(
        {"snare": "X.xxX.xxxxxxXXXX", "tom_high": "....x..x........", "kick": "X...X...X...X..."}, song.at(29), 4, 88
    )
    drums.beat(
        {"kick": "X.......X.......X", "snare": "....X.......XXX.", "crash": "X...............X"}, song.at(38), 4.25, 98
    )


def slipstream() -> Song:
    """Drum and bass in F minor: pads, break beat, reese bass, a halftime break, second drop."""
    song = Song("slipstream", "Slipstream", ALBUM, "Drum and Bass", "fast, sleek, urgent, futuristic, chase",
                "F minor", 172, 4, 60, "opus", 112, room=0.55, reverb_level=0.45, tail_s=4)  # fmt: skip
    song.sections = [("intro", 0), ("drop", 12), ("halftime", 30), ("drop", 38), ("ending", 56)]
    chords = progression(" ".join(["Fm9 Fm9 Dbmaj7 Eb"] * 15), 4)
    pad = song.part("pad", "synth:pad", volume=70, reverb=80, chorus=70)
    pad.comp(
        progression(" ".join(["Fm9 Dbmaj7:4 Eb:4"] * 7), 8),
        "X-------------------------------",
        0.25,
        82,
        63,
        4,
        gate=1.0,
    )
    kick = song.part("kick", "synth:kick", volume=135)
    snare = song.part("snare", "synth:snare", volume=112, reverb=22)
    hats = song.part("hats", "synth:hat", volume=60, pan=76, reverb=8)
    ghost = song.part("ride", "drums", volume=118, pan=48, reverb=24, human_ms=3)
    for first, last in ((12, 28), (38, 54)):
        beats = song.at(last) - song.at(first)
        kick.beat({"kick": "X.........x.....X.....x...x....."}, song.at(first), beats, 100)
        snare.beat({"snare": "....X..g.g..X......gX..g.g..X..o"}, song.at(first), beats, 98)
        ghost.beat({"ride": "x.x.x.x.", "snare2": "..g..g.g"}, song.at(first), beats, 58)
        kick.beat({"kick": "X..x..x...x.x..."}, song.at(last), 8, 98)
        snare.beat({"snare": "....X.x.....XgxXxgxXxgXXxXxXXXXX"}, song.at(last), 8, 92)
    kick.beat({"kick": "X..............."}, song.at(30), 32, 100)
    snare.beat({"snare": "........X......."}, song.at(30), 30, 96)
    snare.beat({"snare": "xxxxxxxx"}, song.at(38) - 2, 2, 78)
    hats.beat({"hat": "x.ox"}, song.at(4), 32, 52)
    for first, last in ((12, 30), (38, 56)):
        hats.beat({"hat": "xoxx", "open": "..............x."}, song.at(first), song.at(last) - song.at(first), 74)
    _slipstream_tones(song, chords)
    return song


def _slipstream_tones(song: Song, chords: list[Chord]) -> None:
    bass = song.part("reese", "synth:reese", volume=108, ducked=True)
    for bars in (chords[12:30], chords[38:56]):
        bass.bassline(bars, "R-----R-..R-5-7-", 0.25, 98, 29, 0.95)
    bass.bassline(chords[30:38], "R---------------", 0.25, 80, 29, 1.0)
    bass.bassline(chords[56:57], "R---------------", 0.25, 90, 29, 1.0)
    keys = song.part("electric piano", 5, volume=106, pan=50, reverb=80, chorus=60)
    keys.tune("5:1.5 7:.5 1':2 | r:2 7:1 5 | 3:1.5 5:.5 6:2 | 4:2 5 |" * 3, 0, 77, "minor", 70)
    keys.tune("5:1.5 7:.5 1':2 | r:2 7:1 5 | 3:1.5 5:.5 6:2 | 4:2 5 |" * 2, song.at(30), 77, "minor", 76)
    lead = song.part("lead", "synth:lead", volume=58, pan=58, reverb=70, chorus=60, ducked=True)
    line = "1:.75 3:.75 5:1.5 4:1 | 5:3 7:1 | 6:.75 5:.75 3:1.5 1:1 | 2:2 7, |"
    lead.tune(line * 2, song.at(20), 77, "minor", 84)
    lead.tune(line * 3, song.at(44), 77, "minor", 92)
    stab = song.part("pluck", "synth:pluck", volume=86, pan=84, reverb=60, chorus=40, ducked=True)
    for bars in (chords[12:30], chords[38:56]):
        stab.arpeggio(bars, "..0..1..2..1.3..", 0.25, 84, 70, 3, 0.9)
    fx = song.part("fx", "synth:riser", volume=60, reverb=40)
    boom = song.part("boom", "synth:boom", volume=86, reverb=50)
    fx.add(song.at(8), 16, 60, 100)
    fx.add(song.at(34), 16, 60, 100)
    for bar in (12, 30, 38, 56):
        boom.add(song.at(bar), 4, 36, 92)


def full_throttle() -> Song:
    """Rock in E minor: palm-muted riff, power-chord chorus, guitar lead, hard stop."""
    song = Song("full_throttle", "Full Throttle", ALBUM, "Rock", "aggressive, powerful, rebellious, action, gritty",
                "E minor", 140, 4, 46, "mp3", 112, room=0.4, reverb_level=0.35, tail_s=4)  # fmt: skip
    song.sections = [
        ("riff", 0),
        ("verse", 4),
        ("chorus", 12),
        ("verse", 20),
        ("solo", 28),
        ("chorus", 36),
        ("ending", 44),
    ]
    verse, chorus = "E5 E5 G5 A5 E5 E5 C5 D5", "C5 G5 D5 E5 C5 G5 D5 D5"
    chords = progression(f"E5 E5 G5 A5 {verse} {chorus} {verse} Em Em C D Em G C D {chorus} C5:2 D5:2 E5", 4)
    for name, pan, voice in (("guitar left", 22, 30), ("guitar right", 106, 29)):
        guitar = song.part(name, voice, volume=82, pan=pan, reverb=24, human_ms=5)
        muted = song.part(f"muted {name}", 28, volume=104, pan=pan, reverb=14, human_ms=4)
        for bars in (chords[:12], chords[20:36]):
            guitar.comp(bars, "X-....X-..X-....", 0.25, 92, 48, 3, 0.006)
            muted.comp(bars, "..xxox..xx..xxox", 0.25, 92, 45, 2, 0, 0.6)
        for bars in (chords[12:20], chords[36:44]):
            guitar.comp(bars, "X-----X-x---X---", 0.25, 98, 50, 3, 0.006)
        guitar.comp(chords[44:], "X-------", 0.5, 106, 48, 3, 0.01)
    bass = song.part("pick bass", 34, volume=112, reverb=8, human_ms=4)
    for bars in (chords[4:12], chords[20:28], chords[28:36]):
        bass.bassline(bars, "RRRRRR5R", 0.5, 98, 28, 0.85)
    for bars in (chords[12:20], chords[36:44]):
        bass.bassline(bars, "RRRRRR8A", 0.5, 104, 28, 0.9)
    bass.bassline(chords[44:], "R-------", 0.5, 106, 28)
    lead = song.part("lead guitar", 30, volume=84, pan=64, reverb=60, chorus=20, human_ms=6)
    hook = "3':1.5 2':.5 1':2 | 7:1.5 2':.5 3':2 | 4:1 5 7 2' | 1':4 |"
    lead.tune(hook + "3':1.5 2':.5 1':2 | 3':1.5 4':.5 5':2 | 4':1 2' 7 5 | 4:4", song.at(12), 64, "minor", 90)
    solo = (
        "1':.5 3' 4' 5' 4' 3' 1':1 | 5':1.5 4':.5 3' 4' 3' 1' | 6:.5 1' 3' 1' 6:1 5 | 4:.5 5 7 2' 4':2 |"
        "5':.5 5' 7' 5' 4' 3' 4' 5' | 7':1.5 5':.5 4':1 2' | 3':.5 2' 1' 6 1' 2' 3' 5' | 4':1 6' 7':2 |"
    )
    lead.tune(solo, song.at(28), 64, "minor", 96)
    lead.tune(hook + "3':1.5 2':.5 1':2 | 3':1.5 4':.5 5':2 | 4':1 2' 7 5 | 4':4", song.at(36), 64, "minor", 98)
    _rock_drums(song)
    return song


def _rock_drums(song: Song) -> None:
    drums = song.part("drums", "drums", volume=114, reverb=26, human_ms=3, kit=16)
    groove = {"kick": "X.....x.x.x.....", "snare": "....X.......X...", "hat": "x.x.x.x.x.x.x.x."}
    wide = {"kick": "X...x.x.x.x...x.", "snare": "....X.......X...", "crash": "X.......", "ride": "..x.x.x."}
    drums.beat({"hat": "x...x...x...x..."}, 0, 8, 84)
    drums.beat({"kick": "X.......X.......", "hat": "x.x.x.x.x.x.x.x."}, song.at(2), 6, 90)
    drums.beat({"snare": "xxXX"}, song.at(4) - 1, 1, 96)
    for first, last, pattern in ((4, 12, groove), (12, 20, wide), (20, 28, groove), (28, 36, wide), (36, 44, wide)):
        drums.beat({"crash": "X"}, song.at(first), 0.25, 100)
        drums.beat(pattern, song.at(first), song.at(last) - song.at(first) - 2, 96)
        drums.beat(
            {"snare": "X.xx....", "tom_high": "....xx..", "tom_low": "......xX", "kick": "X...X..."},
            song.at(last) - 2,
            2,
            98,
        )
    drums.beat(
        {"kick": "X.......X.......X", "snare": "....XXXX....XXXX.", "crash": "X.......X.......X"},
        song.at(44),
        4.25,
        104,
    )


def dark_songs() -> list[Song]:
    """All songs of this album."""
    return [night_circuit(), sunny_side(), slipstream(), full_throttle()]
