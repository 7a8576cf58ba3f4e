# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a style may play: tempi, metres, drum rows on sixteenths, bass and chord figures. Data only.

Drum rows are bars of 4/4 in sixteenths: x loud, o soft, ? by chance, . none. Rows are written at the tempo a
musician would notate, which is what fixes the octave of the truth.
"""

from __future__ import annotations

from dataclasses import dataclass

_BACKBEAT = ("....x.......x...",)
_BACKBEATS = ("....x.......x...", "....x..o....x...", "....x..o.o..x...", "....x.......x..x", "....x.....o.x...")
_EIGHTHS = ("x.o.x.o.x.o.x.o.", "o.o.o.o.o.o.o.o.", "x.x.x.x.x.x.x.x.")
_HATS = (*_EIGHTHS, "x...x...x...x...", "xoxoxoxoxoxoxoxo", "..x...x...x...x.", "x.oox.oox.oox.oo", "o.x.o.x.o.x.o.x.")
_ROCK_KICKS = (
    "x.......x.......", "x.....x.x.......", "x.x.....x.x.....", "x......xx.......", "x.....x..x......",
    "x..x....x..x....", "x.......x.x.....", "x.....?.x...?...", "x..?..x.x.?...?.",
)  # fmt: skip
_FOUR = ("x...x...x...x...",)


@dataclass(frozen=True)
class Style:
    """Tempo range in BPM, beats per bar with parts per beat, swing of the off-beat (0.5 straight), and figures."""

    name: str
    slowest: float
    fastest: float
    kicks: tuple[str, ...] = ()
    snares: tuple[str, ...] = ()
    hats: tuple[str, ...] = ()
    basses: tuple[str, ...] = ("roots", "eighths", "fifths", "kick", "synco")
    comps: tuple[str, ...] = ("pad", "quarters", "eighths", "arp8", "synco")
    metres: tuple[tuple[int, int], ...] = ((4, 4),)
    swing: tuple[float, float] = (0.5, 0.5)
    weight: float = 1.0
    drums: float = 1.0
    hat_keys: tuple[int, ...] = (42, 42, 42, 51, 46, 70, 82)


STYLES = (
    Style("rock", 84, 168, _ROCK_KICKS, _BACKBEATS, _HATS, weight=3),
    Style("pop", 78, 136, (*_ROCK_KICKS, *_FOUR), _BACKBEATS, _HATS, weight=3),
    Style(
        "ballad",
        55,
        90,
        _ROCK_KICKS,
        _BACKBEAT,
        _HATS,
        ("roots", "fifths", "whole"),
        ("pad", "arp8", "arp16", "quarters", "eighths"),
        weight=2,
    ),
    Style(
        "half_time",
        100,
        160,
        ("x.......?.......", "x..x..x.........", "x.....x....?..x."),
        ("........x.......",),
        _HATS,
        weight=0.7,
    ),
    Style(
        "funk",
        88,
        122,
        ("x..x....x.x..x..", "x.x....x..x.....", "x..?..x..?x..?..", "x......x..x..x.."),
        _BACKBEATS,
        ("xoxoxoxoxoxoxoxo", *_EIGHTHS),
        ("synco", "kick", "octaves"),
        ("synco", "stabs", "offbeat", "pad"),
        weight=1.5,
    ),
    Style(
        "house",
        112,
        140,
        _FOUR,
        (*_BACKBEAT, "................"),
        ("..x...x...x...x.", "xoxoxoxoxoxoxoxo", "..x...x...x..xx."),
        ("offbeat", "synco", "octaves", "eighths"),
        ("offbeat", "stabs", "arp16", "pad", "synco"),
        weight=1.5,
    ),
    Style(
        "techno",
        124,
        150,
        _FOUR,
        ("................", *_BACKBEAT),
        ("..x...x...x...x.", "x.xxx.xxx.xxx.xx"),
        ("sixteenths", "offbeat", "octaves"),
        ("arp16", "pad", "synco"),
        weight=1,
    ),
    Style(
        "drum_and_bass",
        155,
        182,
        ("x.........x.....", "x.....?...x.....", "x..........x...."),
        (*_BACKBEAT, "....x..o.o..x...", "....x....o..x..o"),
        _HATS,
        ("whole", "synco", "roots"),
        ("pad", "stabs", "arp8"),
        weight=0.8,
    ),
    Style(
        "hip_hop",
        72,
        104,
        ("x.x.....x.x.....", "x......xx.......", "x..x....x..x..?.", "x.....x..xx....."),
        _BACKBEATS,
        ("x.x.x.x.x.x.x.x.", "x.xox.xox.xox.xo"),
        swing=(0.5, 0.62),
        weight=1,
    ),
    Style(
        "reggae",
        66,
        92,
        ("........x.......", "x.......x.......", "x...x...x...x..."),
        ("........x.......", "........o......."),
        _EIGHTHS,
        ("synco", "roots", "fifths"),
        ("offbeat", "skank"),
        swing=(0.5, 0.6),
        weight=0.7,
    ),
    Style(
        "polka",
        96,
        140,
        ("x...x...x...x...", "x.......x......."),
        ("..x...x...x...x.",),
        ("................", "o.x.o.x.o.x.o.x."),
        ("fifths", "roots"),
        ("offbeat",),
        weight=1.3,
    ),
    Style(
        "bossa",
        100,
        160,
        ("x..ox..ox..ox..o", "x..xx..xx..xx..x"),
        ("x..x..x...x..x..", "..x..x..x..x..x."),
        ("x.x.x.x.x.x.x.x.",),
        ("fifths", "roots"),
        ("synco", "pad"),
        weight=0.8,
        hat_keys=(70, 42, 51, 69),
    ),
    Style(
        "latin",
        90,
        130,
        ("x..x..x.x..x..x.", "...x..x....x..x.", "x.......x......."),
        ("..x.x...x..x..x.", "x..x..x...x.x..."),
        ("x.oox.oox.oox.oo", "x.x.oxoxx.x.oxox", "x...x.x.x...x.x."),
        ("synco", "fifths", "kick"),
        ("synco", "offbeat", "arp8"),
        weight=1,
        hat_keys=(56, 70, 69, 62, 54),
    ),
    Style(
        "swing",
        100,
        225,
        ("o...o...o...o...", "................", "x......?...?...."),
        ("................", "......?.......?.", "...?..o....?..o."),
        ("x...x.x.x...x.x.",),
        ("walking", "walking", "fifths"),
        ("synco", "stabs", "pad"),
        swing=(0.6, 0.68),
        weight=1.2,
        hat_keys=(51, 53, 42),
    ),
    Style(
        "shuffle",
        84,
        150,
        ("x.......x.......", "x.....x.x.....x.", "x...x...x...x..."),
        _BACKBEAT,
        ("x.x.x.x.x.x.x.x.", "x...x...x...x..."),
        ("walking", "eighths", "roots"),
        ("eighths", "stabs", "quarters"),
        swing=(0.63, 0.68),
        weight=1,
    ),
    Style(
        "march",
        88,
        140,
        ("x.......x.......", "x...x...x...x..."),
        ("....x.......x.xx", "..xxx.xx..xxx.xx", "x.xxx.xxx.xxx.x.", "..x...x...x.x.x."),
        ("................", "x.......x......."),
        ("fifths", "roots"),
        ("offbeat", "quarters", "stabs"),
        weight=1.2,
        hat_keys=(49, 57, 42),
    ),
    Style(
        "metal",
        100,
        205,
        ("xxxxxxxxxxxxxxxx", "x.x.x.x.x.x.x.x.", "x..xx..xx..xx..x", "x.xxx.xxx.xxx.xx"),
        (*_BACKBEAT, "..x...x...x...x."),
        _HATS,
        ("eighths", "sixteenths", "kick"),
        ("eighths", "sixteenths", "pad", "synco"),
        weight=1,
        hat_keys=(42, 46, 49, 51),
    ),
    Style(
        "disco",
        104,
        132,
        _FOUR,
        _BACKBEAT,
        ("..x...x...x...x.", "x.xxx.xxx.xxx.xx", "oox.oox.oox.oox."),
        ("octaves", "synco"),
        ("synco", "pad", "offbeat"),
        weight=1,
    ),
    Style(
        "chip",
        100,
        180,
        (*_ROCK_KICKS, *_FOUR),
        _BACKBEATS,
        _HATS,
        ("eighths", "octaves", "synco", "sixteenths"),
        ("arp16", "arp8", "synco"),
        weight=1.7,
        drums=0.75,
    ),
    Style(
        "orchestra",
        60,
        150,
        basses=("roots", "whole", "fifths", "quarters", "eighths"),
        comps=("pad", "quarters", "eighths", "arp8", "ostinato", "arp16"),
        metres=((4, 4), (4, 4), (3, 4), (2, 4)),
        weight=3,
        drums=0.0,
    ),
    Style(
        "epic",
        76,
        150,
        ("x.......x..x....", "x..x..x.x..x..x.", "x...x...x...x...", "x.............xx"),
        ("................", "........x.......", "....x.......x..."),
        ("................",),
        ("quarters", "eighths", "ostinato", "whole"),
        ("ostinato", "eighths", "pad", "quarters"),
        weight=1.3,
    ),
    Style(
        "piano",
        56,
        124,
        basses=("roots", "whole", "none"),
        comps=("arp8", "arp16", "pad", "alberti", "quarters"),
        metres=((4, 4), (4, 4), (3, 4)),
        weight=2,
        drums=0.0,
    ),
    Style(
        "folk",
        84,
        150,
        ("x.......x.......",),
        ("....o.......o...", "..x...x...x...x."),
        _EIGHTHS,
        ("fifths", "roots"),
        ("offbeat", "eighths", "arp8", "alberti"),
        weight=1.2,
        drums=0.4,
    ),
    Style(
        "waltz",
        84,
        192,
        basses=("first",),
        comps=("waltz", "waltz", "arp8", "pad"),
        metres=((3, 4),),
        weight=1.8,
        drums=0.5,
    ),
    Style(
        "six_eight",
        44,
        96,
        basses=("roots", "whole", "quarters"),
        comps=("arp", "eighths", "pad", "quarters"),
        metres=((2, 6), (2, 6), (4, 6)),
        weight=1.8,
        drums=0.6,
    ),
    Style(
        "odd",
        100,
        190,
        basses=("first", "roots", "eighths"),
        comps=("eighths", "synco", "arp8", "quarters"),
        metres=((5, 4), (7, 4)),
        weight=0.5,
        drums=0.8,
    ),
)
