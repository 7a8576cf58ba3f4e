# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The four scenic demo tracks (album "Wide Horizons"): adventure, suspense, march, bossa. Composition only."""

from __future__ import annotations

from .score import Chord, Part, Song, progression

ALBUM = "Wide Horizons"
HORN_CALL = "1:1.5 5:.5 1':2 | 7:1 5 6:2 | 3:1.5 4:.5 5:1 1' | 7:3 5:1 |"


def beyond_the_ridge() -> Song:
    """Orchestral adventure in D minor: a quiet start, a rise, full brass, a broad ending."""
    song = Song("beyond_the_ridge", "Beyond the Ridge", ALBUM, "Orchestral", "adventurous, epic, rising, heroic, vast",
                "D minor", 120, 4, 46, "ogg", 112, room=0.8, reverb_level=0.6, tail_s=6)  # fmt: skip
    song.sections = [("calm", 0), ("rise", 8), ("adventure", 18), ("break", 30), ("finale", 34), ("ending", 42)]
    calm = progression("Dm Bbmaj7 F C/E Dm Bbmaj7 Gm7 Asus4", 4)
    rise = progression("Dm Dm/C Bb F/A Gm Gm C C Asus4 A", 4, song.at(8))
    main = progression("Dm Bb F C Dm Bb Gm A Bb C Dm A", 4, song.at(18))
    rest = progression("Bbmaj7 F/A Gm7 Asus4", 4, song.at(30))
    finale = progression("Dm Bb F C Gm Bb C A", 4, song.at(34))
    close = progression("Bb C D D", 4, song.at(42))
    harp = song.part("harp", 46, volume=94, pan=40, reverb=80)
    harp.arpeggio(calm, "01234543", 0.5, 66, 58, 3, 3)
    harp.arpeggio(rest, "01234543", 0.5, 62, 58, 3, 3)
    oboe = song.part("oboe", 68, volume=80, pan=54, reverb=84, human_ms=8)
    oboe.tune("1:3 2:1 | 3:2 5 | 5:3 4:.5 3 | 2:4 | 1:3 2:1 | 3:2 4 | 3:1 2 1:2 | 1:2 2", 0, 74, "minor", 74)
    oboe.tune("5:3 4:1 | 3:3 1:1 | 2:2 3 | 2:4", song.at(30), 74, "minor", 76)
    _strings(song, calm, rise, main + finale, rest, close)
    horns = song.part("horns", 60, volume=92, pan=50, reverb=84, human_ms=8)
    horns.tune("1:4 7, 6, 3, | 4,:4 4,:2 6, 7,:4 7,:2 2 | 1:4 7,#:4", song.at(8), 62, "minor", 74, 1.0)
    horns.tune(HORN_CALL + "1:1.5 5:.5 1':1 3' | 2':1 1' 6:2 | 4:1 5 6 1' | 2':4 |", song.at(18), 62, "minor", 104)
    horns.tune("6:2 4 | 7:2 5 | 1':3 7:1 | 6:1 5 7#:2", song.at(26), 62, "minor", 100)
    horns.tune(HORN_CALL + "6:1 5 4 6 | 1':2 6 | 2':1.5 1':.5 7:2 | 5:1 7# 2':2 |", song.at(34), 62, "minor", 108)
    horns.tune("4:2 6 | 5:2 7 | 1':8 ", song.at(42), 62, "minor", 112, 1.0)
    brass = song.part("trombones", 57, volume=72, pan=80, reverb=76)
    brass.comp(main[4:] + finale + close[:2], "X-----x-", 0.5, 88, 55, 3, gate=0.85)
    brass.comp(close[2:], "X---------------", 0.5, 104, 55, 4)
    trumpet = song.part("trumpet", 56, volume=84, pan=70, reverb=80)
    trumpet.tune(HORN_CALL + "6:1 5 4 6 | 1':2 6 | 2':1.5 1':.5 7:2 | 5:1 7# 2':2 |", song.at(34), 74, "minor", 96)
    _adventure_percussion(song, main + finale)
    return song


def _strings(
    song: Song, calm: list[Chord], rise: list[Chord], main: list[Chord], rest: list[Chord], close: list[Chord]
) -> None:
    pads = song.part("strings", 48, volume=94, pan=70, reverb=84, human_ms=8)
    pads.comp(calm[4:] + rise, "X---------------", 0.25, 66, 62, 4, gate=1.0)
    pads.comp(rest, "X---------------", 0.25, 58, 62, 4, gate=1.0)
    pads.comp(main + close[:2], "X-------x-------", 0.25, 88, 66, 4, gate=1.0)
    pads.comp(close[2:], "X-------------------------------", 0.25, 100, 66, 4, gate=1.0)
    pads.swell(song.at(4), song.at(8), 46, 80)
    pads.swell(song.at(8), song.at(18), 70, 122)
    pads.swell(song.at(30), song.at(34), 66, 112)
    short = song.part("spiccato", 45, volume=92, pan=42, reverb=60, human_ms=5)
    short.arpeggio(rise, "00102010", 0.5, 72, 57, 3, 0.5)
    for half in (main[:12], main[12:]):
        short.arpeggio(half, "0010201030102010", 0.25, 84, 57, 3, 0.6)
    low = song.part("basses", 43, volume=104, pan=72, reverb=60)
    low.bassline(calm[4:] + rise, "R-------", 0.5, 70, 33)
    for half in (main[:12], main[12:]):
        low.bassline(half, "R-R.R-5.", 0.5, 92, 33)
    low.bassline(close, "R-------", 0.5, 100, 33)


def _adventure_percussion(song: Song, main: list[Chord]) -> None:
    timpani = song.part("timpani", 47, volume=108, reverb=70, human_ms=4)
    timpani.tune("1:.25 " * 16, song.at(17), 38, "minor", 66)
    for half in (main[:12], main[12:]):
        timpani.bassline(half, "R---4-RR", 0.5, 94, 38)
    timpani.tune("6,:4 7,:4 1:.25 " + "1 " * 15 + "1!:4", song.at(42), 38, "minor", 100)
    timpani.swell(song.at(17), song.at(18), 40, 110)
    drums = song.part("orchestral percussion", "drums", volume=114, reverb=70, human_ms=4, kit=48)
    march = {"bass_drum": "X.......x.......", "snare": "x..xx.x.x..xx.xx"}
    drums.beat({"snare": "x.......x..xx.x."}, song.at(14), 16, 46)
    for first, last in ((18, 30), (34, 42)):
        drums.beat(march, song.at(first), song.at(last) - song.at(first), 82)
        drums.beat({"crash": "X" + "." * 63}, song.at(first), song.at(last) - song.at(first), 100)
    drums.beat({"crash": "X...............X", "bass_drum": "X...X...X...X...X"}, song.at(43), 4.25, 104)


def the_locked_room() -> Song:
    """Suspense in C minor: tremolo strings, low piano, ticking, creeping clarinet, one shock."""
    song = Song("the_locked_room", "The Locked Room", ALBUM, "Soundtrack",
                "dark, tense, suspense, mysterious, uneasy",
                "C minor", 80, 4, 24, "ogg", 88, room=0.9, reverb_level=0.7, tail_s=6)  # fmt: skip
    song.sections = [("creeping", 0), ("pursuit", 8), ("silence", 16), ("reveal", 18), ("ending", 22)]
    chords = progression("Cm Cm Abmaj7 Abmaj7 Fm6 Fm6 Bdim7 Bdim7 Cm Ab Fm6 Bdim7 Cm Db G7b9 G7b9", 4)
    tremolo = song.part("tremolo strings", 44, volume=92, reverb=88, human_ms=8)
    tremolo.comp(chords, "X---------------", 0.25, 64, 60, 4, gate=1.0)
    tremolo.swell(0, song.at(8), 34, 92)
    tremolo.swell(song.at(8), song.at(16), 78, 125)
    low = song.part("contrabass", 43, volume=110, reverb=70, human_ms=6)
    low.bassline(chords[:8], "R-------R-A-....", 0.25, 80, 28)
    low.bassline(chords[8:], "R.R.R.R.R.R.R.A.", 0.25, 88, 28, 0.7)
    piano = song.part("low piano", 0, volume=120, pan=50, reverb=90)
    piano.tune("1:3 2:1 | r:4 | 3:3 2:1 | r:4 | 1:3 7,#:1 | r:4 | 4:2 3 | 7,#:4", 0, 48, "minor", 78)
    chase = "1:.5 2 3 1 2 3 5 3 |" * 4 + "1:.5 3 5 3 1 3 6 5 | b2:.5 4 6 4 b2 4 6 4 |"
    piano.tune(chase + "7,#:.5 2 4 2 7,# 2 5 4|" * 2, song.at(8), 60, "minor", 72)
    clarinet = song.part("clarinet", 71, volume=84, pan=82, reverb=92, human_ms=8)
    clarinet.tune("r:4 r:2 5:1 b6:1 | 5:3 4:1 | r:4 | r:2 5:1 4 | 3:2 2 | r:2 4:1 b5 | 4:4", 0, 60, "minor", 70)
    ticks = song.part("ticks", "drums", volume=102, reverb=66, human_ms=3)
    ticks.beat({"rim": "x...o...x...o..."}, song.at(2), 24, 50)
    ticks.beat({"rim": "x.o.x.o.x.o.x.oo", "bass_drum": "X..x....X..x...."}, song.at(8), 32, 72)
    ticks.beat({"tom_low": "x.x.xxxx"}, song.at(15) + 2, 2, 92)
    ticks.beat({"rim": "x......."}, song.at(16), 8, 40)
    _reveal(song)
    return song


def _reveal(song: Song) -> None:
    hit = song.part("orchestra hit", 48, volume=112, reverb=100, human_ms=4)
    brass = song.part("brass", 61, volume=78, reverb=96, human_ms=5)
    boom = song.part("boom", "synth:boom", volume=100, reverb=60)
    for bar, pitches in (
        (18, (36, 48, 55, 60, 63, 68, 72)),
        (20, (41, 53, 56, 60, 65, 68)),
        (22, (36, 48, 55, 60, 63)),
    ):
        boom.add(song.at(bar), 4, 36, 96)
        for pitch in pitches:
            hit.add(song.at(bar), 7.8, pitch, 104 - (bar - 18) * 9)
            if pitch > 47 and bar < 22:
                brass.add(song.at(bar), 5, pitch, 92)
    hit.swell(song.at(18), song.at(20) - 0.5, 118, 70)
    hit.swell(song.at(20), song.at(22) - 0.5, 112, 60)
    hit.swell(song.at(22), song.at(24), 92, 36)


def banner_high() -> Song:
    """Heroic march in B flat: snare cadence, brass theme, woodwind trio, grand close."""
    song = Song("banner_high", "Banner High", ALBUM, "March", "heroic, proud, triumphant, ceremonial, bold",
                "Bb major", 104, 4, 36, "ogg", 104, room=0.6, reverb_level=0.5, tail_s=5)  # fmt: skip
    song.sections = [("cadence", 0), ("theme", 4), ("strain", 12), ("trio", 20), ("grand theme", 26), ("ending", 34)]
    theme = progression("Bb F/A Gm Dm Eb Bb/D Cm7 F7", 4, song.at(4))
    strain = progression("Gm D/F# Gm/F C7 F Bb Cm7:2 F7:2 Bb", 4, song.at(12))
    trio = progression("Eb Ab Bb7 Eb Cm7 F7", 4, song.at(20))
    grand = progression("Bb F/A Gm Dm Eb Bb/D Cm7:2 F7:2 Bb", 4, song.at(26))
    tail = progression("Eb:2 F7:2 Bb", 4, song.at(34))
    trumpets = song.part("trumpets", 56, volume=98, pan=52, reverb=62)
    melody = (
        "5:1.5 5:.5 3':1.5 1':.5 | 2':2 5:2 | 6:1.5 7:.5 1':1 6 | 5:3 5:1 | "
        "4:1.5 5:.5 6:1 1' | 3':2 5 | 4:1 6 2' 1' | 7:2 5 |"
    )
    trumpets.tune("1:.75 1:.25 3:1 5 r | 1:.75 1:.25 3:1 5 r |", song.at(2), 70, "major", 88, 0.7)
    trumpets.tune(melody, song.at(4), 70, "major", 98, 0.9)
    trumpets.tune("6:1.5 7:.5 1':1 6 | 7:2 5 | 6:1 5 4 6 | 3:2 3# | 5:1.5 6:.5 7:1 2' | 1':3 5:1 | 4:1 2' 7 6 | 1':4",
                  song.at(12), 70, "major", 100, 0.9)  # fmt: skip
    trumpets.tune(melody.rsplit("|", 3)[0] + "| 4:1 2' 7 2' | 1':3 5:1 |", song.at(26), 70, "major", 110, 0.9)
    trumpets.tune("6:1 1' 2' 7 | 1':4", song.at(34), 70, "major", 112)
    horns = song.part("horns", 60, volume=104, pan=78, reverb=66)
    horns.comp(theme + strain, "..x...x...x...x.", 0.25, 76, 60, 3, gate=0.6)
    horns.comp(grand, "X.x.X.x.X.x.X.xx", 0.25, 88, 60, 3, gate=0.7)
    low = song.part("tuba", 58, volume=110, reverb=44)
    low.bassline([*theme, *strain, *trio, *grand], "R-..4-..", 0.5, 88, 29, 0.7)
    low.bassline(tail, "R---", 1, 96, 29)
    winds = song.part("clarinets", 71, volume=88, pan=40, reverb=60)
    winds.tune("3:1 4:.5 5 1':2 | 7:1 6:.5 5 4:2 | 2:1 4:.5 6 7:1 6 | 5:3 r:1 | 6:1 5:.5 4 3:1 1 | 2:1 3# 6:2",
               song.at(20), 63, "major", 84)  # fmt: skip
    piccolo = song.part("piccolo", 72, volume=86, pan=96, reverb=60)
    piccolo.tune("r:2 5':.25 6' 5' 3' 5':1 | r:2 2':.25 3' 2' 7 5:1 |" * 4, song.at(26), 70, "major", 84, 0.8)
    final = song.part("tutti", 61, volume=84, reverb=70)
    final.comp(tail, "X---", 1, 106, 62, 4, gate=0.95)
    _march_drums(song)
    return song


def _march_drums(song: Song) -> None:
    drums = song.part("field drums", "drums", volume=118, reverb=44, human_ms=4, kit=48)
    street = "X..gx.g.X.gxx.gg"
    drums.beat({"snare": street, "bass_drum": "X.......x......."}, 0, 16, 78)
    drums.beat({"snare": "xxxxxxxX"}, song.at(3) + 2, 2, 84)
    for first, last, velocity in ((4, 20, 84), (26, 34, 94)):
        beats = song.at(last) - song.at(first)
        drums.beat({"snare": street, "bass_drum": "X.......X......."}, song.at(first), beats, velocity)
        drums.beat(
            {"crash": "X...............................", "cymbal": "........x......."}, song.at(first), beats, 78
        )
    drums.beat({"snare": "g...x...g...x.gg", "triangle": "x.......o......."}, song.at(20), 24, 52)
    drums.beat({"snare": "gggooxxX"}, song.at(26) - 2, 2, 92)
    drums.beat(
        {"snare": "X.xxX.xxX", "bass_drum": "X...X...X...X...X", "crash": "X...............X"}, song.at(34), 4.25, 102
    )


def paper_lanterns() -> Song:
    """Bossa nova in A minor: nylon guitar, flute and piano, brushed percussion."""
    song = Song("paper_lanterns", "Paper Lanterns", ALBUM, "Bossa Nova", "breezy, romantic, elegant, summer evening",
                "A minor", 132, 4, 44, "ogg", 96, room=0.45, reverb_level=0.4, tail_s=4)  # fmt: skip
    song.sections = [("intro", 0), ("theme", 4), ("bridge", 20), ("theme", 28), ("ending", 40)]
    a = "Am9 Am9 Dm9 Dm9 G13 G13 Cmaj9 Cmaj9 Fmaj7 Fmaj7 Bm7b5 E7b9 Am9 Am9 Bm7b5 E7b9"
    b = "Dm9 G13 Cmaj9 Am9 Dm9 G13 Em7 A7"
    chords = progression(f"Am9 Dm9 Bm7b5 E7b9 {a} {b} {' '.join(a.split()[:12])} Bm7b5 E7b9 Am9 Am9", 4)
    guitar = song.part("nylon guitar", 24, volume=112, pan=46, reverb=38, human_ms=6)
    guitar.comp(chords[:-1], "x-.x-.x-|.x-.x-x-", 0.5, 74, 60, 4, 0.012, 0.85)
    bass = song.part("acoustic bass", 32, volume=112, reverb=16, human_ms=5)
    bass.bassline(chords[4:-1], "R--55--4", 0.5, 86, 28, 0.85)
    flute = song.part("flute", 73, volume=92, pan=72, reverb=66, human_ms=8)
    line = (
        "r:1 5:1.5 3:.5 5:1 | 7:1.5 5:.5 5:2 | r:1 4:1.5 3:.5 4:1 | 6:1.5 5:.5 4:2 | r:1 4:1.5 3:.5 2:1 | "
        "7:1.5 6:.5 4:1 3 | 2:1.5 3:.5 5:2 | 3:4 | "
        "r:1 3:1.5 2:.5 3:1 | 1':1.5 7:.5 6:1 5 | 4:1.5 3:.5 2:2 | 3#:1.5 4:.5 7,#:2 |"
    )
    flute.tune(line + "1:3 3:1 | 5:4 | 4:1 3 2 4 | 3#:4", song.at(4), 69, "minor", 82)
    piano = song.part("piano", 0, volume=106, pan=84, reverb=44)
    piano.tune("r:.5 4:.5 6:.5 1':.5 3':1 1' | 2':1.5 7:.5 5:2 | r:.5 3:.5 5:.5 7:.5 2':1 7 | 1':4 |"
               "r:.5 4:.5 6:.5 1':.5 3':1 4' | 2':1.5 7:.5 6:2 | 5:1 7 2' 4' | 3'#:2 1' ",
               song.at(20), 69, "minor", 84)  # fmt: skip
    piano.comp(chords[4:20] + chords[28:40], "......x.|...x....", 0.5, 52, 67, 3, 0, 0.5)
    flute.tune(line, song.at(28), 69, "minor", 90)
    flute.tune("4:1 3 2 4 | 3#:1 4 7,#:2 | 1:8", song.at(40), 69, "minor", 78)
    _bossa_percussion(song)
    guitar.comp(chords[-1:], "X-------", 0.5, 76, 60, 4, 0.07)
    bass.add(song.at(43), 4, 33, 84)
    return song


def _bossa_percussion(song: Song) -> None:
    drums: Part = song.part("percussion", "drums", volume=120, reverb=34, human_ms=5, kit=40)
    clave = {"rim": "x..x..x...x..x..", "pedal": "..x...x."}
    shaker = {"shaker": "xoxoxoxo", "bass_drum": "x..xx..x"}
    drums.beat({"shaker": "xoxoxoxo"}, 0, 16, 44, 0.5)
    drums.beat({**shaker, **clave}, song.at(4), song.at(20) - song.at(4), 62, 0.5)
    drums.beat({**shaker, "ride": "x.xxx.xx", "pedal": "..x...x."}, song.at(20), 32, 56, 0.5)
    drums.beat({"conga_open": "....x.xx", "conga_mute": "..x....."}, song.at(27), 4, 70, 0.5)
    drums.beat({**shaker, **clave, "conga_open": "......xx", "conga_mute": "...x...."}, song.at(28), 60, 64, 0.5)
    drums.beat({"splash": "x"}, song.at(43), 0.5, 56, 0.5)


def wide_songs() -> list[Song]:
    """All songs of this album."""
    return [beyond_the_ridge(), the_locked_room(), banner_high(), paper_lanterns()]
