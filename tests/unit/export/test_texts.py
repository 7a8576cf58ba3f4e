# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Attribution, cue sheet and JSON: what licences and societies ask for, read back by other readers."""

from __future__ import annotations

import csv
import io
import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from needledrop.core.cue import Cue, Ducking, Piece
from needledrop.core.errors import KnownError
from needledrop.core.music import Licence, TrackTags
from needledrop.core.query import Reason, Suggestion
from needledrop.core.times import TimeRange
from needledrop.export.attribution import attribution_text, export_attribution, licence_address, licence_title
from needledrop.export.credits import CueTrack
from needledrop.export.cue_sheet import COLUMNS, cue_sheet, export_cue_sheet
from needledrop.export.record import cues_document, export_json

TRACKS = {
    1: CueTrack(
        1, "Sunrise", "Ana Lima", "Ana Lima", "Ana", "BRXXX2400001", "https://example.org/sunrise", "CC-BY-4.0",
        "https://creativecommons.org/licenses/by/4.0/",
    ),
    2: CueTrack(2, "=Sum, \"quoted\"", "Bo", licence_name="CC0-1.0"),
    3: CueTrack(3, "Unknown"),
}  # fmt: skip
CUES = [
    Cue(2, 61.0, (Piece(0.0, 9.6),), -12.0, 0.0, 1.0),
    Cue(1, 0.5, (Piece(0.0, 60.0),), -10.5, 0.5, 1.0, ducking=Ducking(((3.0, 4.0),))),
    Cue(1, 80.0, (Piece(1.0, 2.0), Piece(3.0, 4.0)), 0.0, 0.0, 0.0),
]
RANGE = TimeRange(Fraction(0), Fraction(90))


def test_attribution_names_each_track_once_in_order_of_use() -> None:
    assert attribution_text(CUES, TRACKS) == (
        "Music\n\n"
        '"Sunrise" by Ana Lima\n'
        "Source: https://example.org/sunrise\n"
        "Licensed under CC BY 4.0: https://creativecommons.org/licenses/by/4.0/\n"
        "Modified: edited and mixed.\n\n"
        '"=Sum, "quoted"" by Bo\n'
        "Dedicated to the public domain: CC0-1.0 (https://creativecommons.org/publicdomain/zero/1.0/)\n"
    )


def test_an_unknown_licence_is_said_and_no_cues_need_no_text() -> None:
    text = attribution_text([Cue(3, 0.0, (Piece(0, 1),), 0, 0, 0)], TRACKS)
    assert '"Unknown" by an unknown author' in text
    assert "not known" in text
    assert attribution_text([], {}) == ""


@pytest.mark.parametrize(
    ("name", "title", "address"),
    [
        ("CC-BY-SA-3.0", "CC BY-SA 3.0", "https://creativecommons.org/licenses/by-sa/3.0/"),
        ("CC-BY-NC-ND-4.0", "CC BY-NC-ND 4.0", "https://creativecommons.org/licenses/by-nc-nd/4.0/"),
        ("GPL-2.0-or-later", "GPL-2.0-or-later", ""),
        ("CC-BY", "CC-BY", ""),
        ("", "", ""),
    ],
)
def test_licences_by_their_proper_names(name: str, title: str, address: str) -> None:
    assert (licence_title(name), licence_address(name)) == (title, address)


def test_credits_prefer_the_words_of_the_licence() -> None:
    tags = TrackTags(title="t", artist="a", composer="c", isrc="i")
    track = CueTrack.from_library(7, tags, Licence(name="CC-BY-4.0", title="Proper", author="Licensor"), "file")
    assert (track.title, track.author, track.composer, track.isrc) == ("Proper", "Licensor", "c", "i")
    assert CueTrack.from_library(7, TrackTags(), Licence(), "file").title == "file"


def test_the_cue_sheet_lists_cues_in_order_with_timecodes() -> None:
    rows = list(csv.DictReader(io.StringIO(cue_sheet(CUES, TRACKS, Fraction(25), start_s=Fraction(3600)))))
    assert tuple(rows[0]) == COLUMNS
    assert [(r["timecode_in"], r["timecode_out"], r["duration"]) for r in rows] == [
        ("01:00:00:12", "01:01:00:12", "1:00"),
        ("01:01:01:00", "01:01:10:15", "0:10"),
        ("01:01:20:00", "01:01:22:00", "0:02"),
    ]
    assert (rows[0]["title"], rows[0]["composer"], rows[0]["isrc"]) == ("Sunrise", "Ana Lima", "BRXXX2400001")
    assert (rows[0]["publisher"], rows[0]["licence"]) == ("", "CC-BY-4.0")


def test_what_is_heard_of_a_track_and_how_fast_stands_in_the_sheet_and_the_credits() -> None:
    fitted = Cue(1, 80.0, (Piece(1.0, 2.0), Piece(3.25, 4.5)), 0.0, 0.0, 0.0, stretch=1.025)
    (row,) = csv.DictReader(io.StringIO(cue_sheet([fitted], TRACKS, Fraction(25))))
    assert (row["source_in"], row["source_out"]) == ("1.000 + 3.250", "2.000 + 4.500")
    assert row["speed_percent"] == "97.56"
    assert row["timecode_out"] == "00:01:22:08"
    assert "Modified: edited, played at another speed, and mixed." in attribution_text([fitted], TRACKS)
    plain = next(csv.DictReader(io.StringIO(cue_sheet(CUES, TRACKS, Fraction(25)))))
    assert (plain["source_in"], plain["source_out"], plain["speed_percent"]) == ("0.000", "60.000", "100.00")
    assert json.loads(cues_document([fitted], TRACKS, RANGE))["cues"][0]["stretch"] == 1.025


def test_a_title_cannot_become_a_formula() -> None:
    rows = list(csv.DictReader(io.StringIO(cue_sheet(CUES, TRACKS, Fraction(30000, 1001)))))
    assert rows[1]["title"] == '\'=Sum, "quoted"'
    assert rows[1]["timecode_in"].count(";") == 1


def test_json_holds_cues_suggestions_and_versions_and_repeats() -> None:
    suggestion = Suggestion(
        1, 1, CUES[1], np.float32(0.5), {"motion": np.float64(0.25)}, (Reason("fits", (1.0,)),), 3, 2, 0.01, True
    )
    made = [
        cues_document(order, TRACKS, RANGE, suggestions=[suggestion], versions={"rhythm": 1, "ranker": "content-1"})
        for order in (CUES, CUES[::-1])
    ]
    assert made[0] == made[1]
    read = json.loads(made[0])
    assert [cue["record_in_s"] for cue in read["cues"]] == [0.5, 61.0, 80.0]
    assert read["cues"][2]["pieces"] == [
        {"source_in_s": 1.0, "source_out_s": 2.0},
        {"source_in_s": 3.0, "source_out_s": 4.0},
    ]
    assert read["suggestions"][0]["parts"] == {"motion": 0.25}
    assert read["suggestions"][0]["reasons"] == [{"text": "fits", "times_s": [1.0]}]
    assert (read["versions"]["ranker"], read["range_s"]) == ("content-1", [0.0, 90.0])


def test_texts_are_written_whole_and_refuse_to_overwrite(tmp_path: Path) -> None:
    export_attribution(CUES, TRACKS, tmp_path / "credits.txt")
    export_cue_sheet(CUES, TRACKS, tmp_path / "cues.csv", Fraction(25))
    export_json(CUES, {1: CueTrack(1, "b\udcffd")}, tmp_path / "cues.json", RANGE)
    assert (tmp_path / "credits.txt").read_text("utf-8") == attribution_text(CUES, TRACKS)
    assert (tmp_path / "cues.csv").read_bytes().startswith(b"\xef\xbb\xbfcue,")
    assert json.loads((tmp_path / "cues.json").read_text("utf-8"))["tracks"][0]["title"] == "b\udcffd"
    with pytest.raises(KnownError, match="exists already"):
        export_attribution(CUES, TRACKS, tmp_path / "credits.txt")
    assert {path.name for path in tmp_path.iterdir()} == {"credits.txt", "cues.csv", "cues.json"}
