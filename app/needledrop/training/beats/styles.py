# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a style may play: tempi, metres, drum rows on sixteenths, bass and chord figures. Data only.

Drum rows are bars of 4/4 in sixteenths: x loud, o soft, ? by chance, . none. Rows are written at the tempo a
musician would notate, which is what fixes the octave of the truth. Wide and overlapping ranges are meant: MIDI files
are written at any tempo.
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
    Style("rock", 74, 184, _ROCK_KICKS, _BACKBEATS, _HATS, weight=3),
    Style("pop", 74, 140, (*_ROCK_KICKS, *_FOUR), _BACKBEATS, _HATS, weight=3),
    Style("ballad", 52, 92, _ROCK_KICKS, _BACKBEAT, _HATS, ("roots", "fifths", "whole"),
          ("pad", "arp8", "arp16", "quarters", "eighths"), weight=2),
    Style("half_time", 88, 170, ("x.......?.......", "x..x..x.........", "x.....x....?..x."), ("........x.......",),
          _HATS, weight=0.8),
    Style("punk", 150, 215, ("x.......x.......", "x.....x.x.......", "x.x.....x.x.....", "x.......x.x.x..."),
          _BACKBEAT, ("x.x.x.x.x.x.x.x.", "x...x...x...x..."), ("eighths", "quarters", "roots"),
          ("eighths", "quarters", "pad", "arp8"), weight=1.3),
    Style("two_beat", 140, 224, ("x.......x.......",), (*_BACKBEAT, "..x...x...x...x."),
          ("x...x...x...x...", "x.x.x.x.x.x.x.x.", "................"), ("two_beat", "two_beat", "fifths", "walking"),
          ("stabs", "stabs", "quarters", "eighths"), weight=1.2),
    Style("train", 92, 216, ("x...x...x...x...", "x.......x......."),
          ("o.o.x.o.o.o.x.o.", "ooxoooxoooxoooxo", "o.x.o.x.o.x.o.x."),
          ("................", "x...x...x...x..."), ("fifths", "two_beat", "eighths"),
          ("offbeat", "stabs", "eighths", "arp8"), weight=0.8),
    Style("funk", 86, 124, ("x..x....x.x..x..", "x.x....x..x.....", "x..?..x..?x..?..", "x......x..x..x.."),
          _BACKBEATS, ("xoxoxoxoxoxoxoxo", *_EIGHTHS), ("synco", "kick", "octaves"),
          ("synco", "stabs", "offbeat", "pad"), weight=1.4),
    Style("house", 112, 140, _FOUR, (*_BACKBEAT, "................"),
          ("..x...x...x...x.", "xoxoxoxoxoxoxoxo", "..x...x...x..xx."), ("offbeat", "synco", "octaves", "eighths"),
          ("offbeat", "stabs", "arp16", "pad", "synco", "tresillo"), weight=1.5),
    Style("techno", 124, 156, _FOUR, ("................", *_BACKBEAT), ("..x...x...x...x.", "x.xxx.xxx.xxx.xx"),
          ("sixteenths", "offbeat", "octaves"), ("arp16", "pad", "synco"), weight=1),
    Style("drum_and_bass", 155, 184, ("x.........x.....", "x.....?...x.....", "x..........x...."),
          (*_BACKBEAT, "....x..o.o..x...", "....x....o..x..o"), _HATS, ("whole", "synco", "roots"),
          ("pad", "stabs", "arp8"), weight=0.8),
    Style("hip_hop", 66, 106, ("x.x.....x.x.....", "x......xx.......", "x..x....x..x..?.", "x.....x..xx....."),
          _BACKBEATS, ("x.x.x.x.x.x.x.x.", "x.xox.xox.xox.xo"), swing=(0.5, 0.62), weight=1),
    Style("reggae", 66, 92, ("........x.......", "x.......x.......", "x...x...x...x..."),
          ("........x.......", "........o......."), _EIGHTHS, ("synco", "roots", "fifths"), ("offbeat", "skank"),
          swing=(0.5, 0.6), weight=0.7),
    Style("polka", 92, 140, ("x...x...x...x...", "x.......x......."), ("..x...x...x...x.",),
          ("................", "o.x.o.x.o.x.o.x."), ("fifths", "roots"), ("offbeat",),
          metres=((4, 4), (2, 4)), weight=1),
    Style("bossa", 100, 160, ("x..ox..ox..ox..o", "x..xx..xx..xx..x"), ("x..x..x...x..x..", "..x..x..x..x..x."),
          ("x.x.x.x.x.x.x.x.",), ("fifths", "roots"), ("synco", "pad"), weight=0.8, hat_keys=(70, 42, 51, 69)),
    Style("latin", 84, 136, ("x..x..x.x..x..x.", "...x..x....x..x.", "x.......x......."),
          ("..x.x...x..x..x.", "x..x..x...x.x..."), ("x.oox.oox.oox.oo", "x.x.oxoxx.x.oxox", "x...x.x.x...x.x."),
          ("synco", "fifths", "kick", "tresillo"), ("synco", "offbeat", "arp8", "tresillo"), weight=1.2,
          hat_keys=(56, 70, 69, 62, 54)),
    Style("swing", 100, 230, ("o...o...o...o...", "................", "x......?...?...."),
          ("................", "......?.......?.", "...?..o....?..o.", "....o.......o..."),
          ("x...x.x.x...x.x.",), ("walking", "walking", "fifths", "two_beat"), ("synco", "stabs", "pad"),
          swing=(0.6, 0.68), weight=1.3, hat_keys=(51, 53, 42)),
    Style("shuffle", 84, 160, ("x.......x.......", "x.....x.x.....x.", "x...x...x...x..."), _BACKBEAT,
          ("x.x.x.x.x.x.x.x.", "x...x...x...x..."), ("walking", "eighths", "roots"), ("eighths", "stabs", "quarters"),
          swing=(0.63, 0.68), weight=1.2),
    Style("march", 84, 144, ("x.......x.......", "x...x...x...x..."),
          ("....x.......x.xx", "..xxx.xx..xxx.xx", "x.xxx.xxx.xxx.x.", "..x...x...x.x.x."),
          ("................", "x.......x......."), ("fifths", "roots", "quarters"), ("offbeat", "quarters", "stabs"),
          metres=((4, 4), (2, 4)), weight=1.2, hat_keys=(49, 57, 42)),
    Style("metal", 70, 215, ("xxxxxxxxxxxxxxxx", "x.x.x.x.x.x.x.x.", "x..xx..xx..xx..x", "x.xxx.xxx.xxx.xx"),
          (*_BACKBEAT, "..x...x...x...x."), _HATS, ("eighths", "sixteenths", "kick"),
          ("eighths", "sixteenths", "pad", "synco"), weight=1, hat_keys=(42, 46, 49, 51)),
    Style("disco", 104, 134, _FOUR, _BACKBEAT, ("..x...x...x...x.", "x.xxx.xxx.xxx.xx", "oox.oox.oox.oox."),
          ("octaves", "synco"), ("synco", "pad", "offbeat"), weight=1),
    Style("chip", 84, 196, (*_ROCK_KICKS, *_FOUR), _BACKBEATS, _HATS, ("eighths", "octaves", "synco", "sixteenths"),
          ("arp16", "arp8", "synco", "quarters"), weight=2, drums=0.7),
    Style("orchestra", 56, 156, basses=("roots", "whole", "fifths", "quarters", "eighths"),
          comps=("pad", "quarters", "eighths", "arp8", "ostinato", "arp16", "stabs"),
          metres=((4, 4), (4, 4), (3, 4), (2, 4)), weight=3, drums=0.0),
    Style("epic", 72, 156, ("x.......x..x....", "x..x..x.x..x..x.", "x...x...x...x...", "x.............xx"),
          ("................", "........x.......", "....x.......x..."), ("................",),
          ("quarters", "eighths", "ostinato", "whole"), ("ostinato", "eighths", "pad", "quarters"), weight=1.3),
    Style("ambient", 58, 124, ("x...............", "x.......x......."), ("................", "........o......."),
          ("................", "..o...o...o...o.", "o...o...o...o..."), ("whole", "roots", "none"),
          ("pad", "arp8", "pad", "quarters", "arp16"), weight=1.2, drums=0.35),
    Style("piano", 52, 130, basses=("roots", "whole", "none"), comps=("arp8", "arp16", "pad", "alberti", "quarters"),
          metres=((4, 4), (4, 4), (3, 4)), weight=1.8, drums=0.0),
    Style("ragtime", 80, 210, basses=("two_beat",), comps=("stabs",), weight=0.7, drums=0.1),
    Style("folk", 84, 160, ("x.......x.......",), ("....o.......o...", "..x...x...x...x."), _EIGHTHS,
          ("fifths", "roots"), ("offbeat", "eighths", "arp8", "alberti"), metres=((4, 4), (4, 4), (2, 4)),
          weight=1.2, drums=0.4),
    Style("waltz", 80, 200, basses=("first",), comps=("waltz", "waltz", "arp8", "pad"), metres=((3, 4),),
          weight=1.8, drums=0.5),
    Style("in_three", 72, 160, basses=("roots", "quarters", "eighths"), comps=("quarters", "eighths", "arp8", "pad"),
          metres=((3, 4),), weight=0.8, drums=0.8),
    Style("six_eight", 44, 112, basses=("roots", "whole", "quarters"), comps=("arp", "eighths", "pad", "quarters"),
          metres=((2, 6), (2, 6), (4, 6)), weight=1.8, drums=0.6),
    Style("twelve_eight", 48, 120, basses=("roots", "quarters", "walking"),
          comps=("arp", "eighths", "eighths", "quarters"), metres=((4, 6),), weight=1, drums=0.95),
    Style("odd", 96, 200, basses=("first", "roots", "eighths"), comps=("eighths", "synco", "arp8", "quarters"),
          metres=((5, 4), (5, 4), (7, 4)), weight=0.8, drums=0.8),
)  # fmt: skip
