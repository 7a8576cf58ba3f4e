# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each reader makes of documents written as the editors write them."""

from __future__ import annotations

import json
import random
import zipfile
from fractions import Fraction
from pathlib import Path

import opentimelineio as otio
import pytest

from needledrop.core.edit import ClipKind, EditClip, ProjectEdit, SoundRole, cuts_of, is_edit_file, shown_pictures
from needledrop.core.errors import KnownError
from needledrop.export.interchange.read import read_edit

NTSC = Fraction(30000, 1001)
FILM = Fraction(24000, 1001)


def spans(edit: ProjectEdit, kind: ClipKind) -> list[tuple[str, float, float, float]]:
    """Name, source in, record in and record out of the clips of a kind, in seconds."""
    return [
        (clip.name, float(clip.source_in_s), float(clip.record_in_s), float(clip.record_out_s))
        for clip in edit.of_kind(kind)
    ]


def cuts(edit: ProjectEdit) -> list[float]:
    return [float(cut_s) for cut_s in cuts_of(shown_pictures(edit))]


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


FCPXML = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE fcpxml>
<fcpxml version="{version}"><resources>
<format id="r1" frameDuration="1001/24000s" width="1920" height="1080"/>
<asset id="r2" name="A" start="3600s" duration="60s" hasVideo="1" hasAudio="1" format="r1" {old}>{rep}</asset>
<asset id="r3" name="Song" start="0s" duration="200s" hasAudio="1" src="song.wav"/>
<media id="r4" name="Nest"><sequence format="r1" duration="20s" tcStart="0s"><spine>
<asset-clip ref="r2" offset="0s" name="N1" start="3605s" duration="8s"/>
<asset-clip ref="r2" offset="8s" name="N2" start="3630s" duration="12s"/></spine></sequence></media>
</resources><library><event name="Alps Trip"><project name="Hike">
<sequence format="r1" tcStart="86400/24s" tcFormat="NDF" duration="30s"><spine>
<asset-clip ref="r2" offset="3600s" name="A1" start="3610s" duration="10s" audioRole="dialogue.Ann">
  <asset-clip ref="r3" lane="-1" offset="3612s" name="Song" start="5s" duration="20s" audioRole="music">
    <adjust-volume amount="-8dB"><param name="amount"><fadeIn type="linear" duration="1s"/></param></adjust-volume>
  </asset-clip>
  <video ref="r2" lane="1" offset="3614s" name="Over" start="3600s" duration="2s"/>
  <marker start="3611s" duration="1001/24000s" value="summit"/>
</asset-clip>
<gap offset="3610s" start="3600s" duration="4s"/>
<ref-clip ref="r4" offset="3614s" name="Nest" start="4s" duration="16s"/>
</spine></sequence></project></event></library></fcpxml>"""


@pytest.mark.parametrize("version", ["1.8", "1.9", "1.10", "1.11", "1.12", "1.13", "1.14"])
def test_fcpxml(tmp_path: Path, version: str) -> None:
    (tmp_path / "a.mov").touch()
    is_old = version == "1.8"
    old, rep = ('src="a.mov"', "") if is_old else ("", '<media-rep kind="original-media" src="a.mov"/>')
    edit = read_edit(written(tmp_path / "x.fcpxml", FCPXML.format(version=version, old=old, rep=rep)))
    assert (edit.name, edit.frame_rate, edit.size) == ("Hike", FILM, (1920, 1080))
    assert edit.start_frame == round(3600 * FILM)
    assert spans(edit, ClipKind.PICTURE) == [
        ("A1", 10.0, 0.0, 10.0),
        ("Over", 0.0, 4.0, 6.0),
        ("N1", 9.0, 14.0, 18.0),
        ("N2", 30.0, 18.0, 30.0),
    ]
    assert cuts(edit) == [4.0, 6.0, 10.0, 14.0, 18.0]
    (song,) = [clip for clip in edit.clips if clip.role is SoundRole.MUSIC]
    assert (song.source_in_s, song.record_in_s, song.record_out_s) == (5, 2, 22)
    assert (song.gain_db, song.fade_in_s) == (-8.0, 1)
    assert [clip.name for clip in edit.clips if clip.role is SoundRole.SPEECH] == ["A1"]
    assert [(float(marker.time_s), marker.label) for marker in edit.markers] == [(1.0, "summit")]
    assert edit.clips[0].source is not None and edit.clips[0].source.path == tmp_path / "a.mov"
    assert "Alps Trip" in edit.names


def test_fcpxml_bundles(tmp_path: Path) -> None:
    bundle = tmp_path / "Hike.fcpxmld"
    bundle.mkdir()
    written(bundle / "Info.fcpxml", FCPXML.format(version="1.13", old="", rep='<media-rep src="a.mov"/>'))
    assert read_edit(bundle).name == "Hike"
    (bundle / "Info.fcpxml").unlink()
    with pytest.raises(KnownError, match="cannot be read"):
        read_edit(bundle)


def test_fcpxml_storyline_and_multicam(tmp_path: Path) -> None:
    text = """<fcpxml version="1.10"><resources><format id="f" frameDuration="1/25s"/>
    <asset id="a" duration="100s" hasVideo="1" hasAudio="1"><media-rep src="a.mp4"/></asset>
    <asset id="b" duration="100s" hasVideo="1" hasAudio="1"><media-rep src="b.mp4"/></asset>
    <media id="m"><multicam format="f" tcStart="0s"><mc-angle angleID="one"><asset-clip ref="a" name="a" offset="0s"
    duration="100s"/></mc-angle><mc-angle angleID="two"><gap offset="0s" duration="2s"/><asset-clip ref="b" name="b"
    offset="2s" duration="90s"/></mc-angle></multicam></media></resources>
    <project name="p"><sequence format="f" duration="20s"><spine>
    <mc-clip ref="m" offset="0s" start="10s" duration="8s"><mc-source angleID="two" srcEnable="video"/>
    <mc-source angleID="one" srcEnable="audio"/></mc-clip>
    <asset-clip ref="a" name="c" offset="8s" start="50s" duration="12s">
    <spine lane="1" offset="52s"><asset-clip ref="b" name="s1" offset="0s" duration="1s" srcEnable="video"/>
    <asset-clip ref="b" name="s2" offset="1s" start="30s" duration="2s" srcEnable="video"/></spine></asset-clip>
    </spine></sequence></project></fcpxml>"""
    edit = read_edit(written(tmp_path / "m.fcpxml", text))
    pictures = [("b", 8.0, 0.0, 8.0), ("c", 50.0, 8.0, 20.0), ("s1", 0.0, 10.0, 11.0), ("s2", 30.0, 11.0, 13.0)]
    assert spans(edit, ClipKind.PICTURE) == pictures
    assert spans(edit, ClipKind.SOUND) == [("a", 10.0, 0.0, 8.0), ("c", 50.0, 8.0, 20.0)]


FCP7 = """<?xml version="1.0"?><!DOCTYPE xmeml><xmeml version="4"><project><name>Wedding</name><children>
<sequence id="s"><name>Main</name><duration>300</duration><rate><timebase>30</timebase><ntsc>TRUE</ntsc></rate>
<timecode><rate><timebase>30</timebase><ntsc>TRUE</ntsc></rate><string>01:00:00;00</string><frame>107892</frame>
<displayformat>DF</displayformat></timecode><media><video><format><samplecharacteristics><width>1280</width>
<height>720</height></samplecharacteristics></format><track>
<clipitem id="c1"><name>one</name><rate><timebase>30</timebase><ntsc>TRUE</ntsc></rate><start>0</start><end>-1</end>
<in>30</in><out>160</out><file id="f1"><name>one.mp4</name><pathurl>file://localhost/gone/one%20a.mp4</pathurl>
<rate><timebase>30</timebase><ntsc>TRUE</ntsc></rate><duration>900</duration></file></clipitem>
<transitionitem><start>90</start><end>110</end><alignment>center</alignment></transitionitem>
<clipitem id="c2"><name>two</name><rate><timebase>30</timebase><ntsc>TRUE</ntsc></rate><start>-1</start><end>300</end>
<in>0</in><out>210</out><file id="f1"/></clipitem></track></video>
<audio><track><clipitem id="c3"><name>vo take</name><start>0</start><end>300</end><in>0</in><out>300</out>
<file id="f1"/></clipitem></track><track><clipitem id="c4"><name>vo take</name><start>0</start><end>300</end><in>0</in>
<out>300</out><file id="f1"/></clipitem></track></audio></media>
<marker><name>kiss</name><comment></comment><in>60</in><out>-1</out></marker></sequence></children></project></xmeml>"""


def test_fcp7_xml(tmp_path: Path) -> None:
    (tmp_path / "one a.mp4").touch()
    edit = read_edit(written(tmp_path / "w.xml", FCP7))
    assert (edit.name, edit.frame_rate, edit.is_drop_frame, edit.start_frame) == ("Main", NTSC, True, 107892)
    assert edit.size == (1280, 720)
    assert cuts_of(shown_pictures(edit)) == (100 / NTSC,)
    (sound,) = edit.of_kind(ClipKind.SOUND)
    assert sound.role is SoundRole.SPEECH
    assert [(marker.time_s, marker.label) for marker in edit.markers] == [(60 / NTSC, "kiss")]
    assert all(clip.source and clip.source.path == tmp_path / "one a.mp4" for clip in edit.clips)
    assert "Wedding" in edit.names


EDL = """TITLE: Beach day
FCM: DROP FRAME

001  AX       V     C        01:00:10;00 01:00:12;00 01:00:00;00 01:00:02;00
* FROM CLIP NAME: surf.mp4
* LOC: 01:00:01;00 RED     wave
002  AX       B     C        00:00:05;00 00:00:10;00 01:00:02;00 01:00:07;00
* FROM CLIP NAME: interview.mov
003  BL       V     C        00:00:00;00 00:00:00;00 01:00:07;00 01:00:07;00
003  AX       V     D    030 00:00:00;00 00:00:03;00 01:00:07;00 01:00:10;00
* TO CLIP NAME: sand.mp4
"""


def test_edl_drop_frame(tmp_path: Path) -> None:
    edit = read_edit(written(tmp_path / "b.edl", EDL))
    assert (edit.name, edit.frame_rate, edit.is_drop_frame) == ("Beach day", NTSC, True)
    assert [clip.name for clip in edit.of_kind(ClipKind.PICTURE)] == ["surf.mp4", "interview.mov", "sand.mp4"]
    assert [edit.frame_of(cut_s) for cut_s in cuts_of(shown_pictures(edit))] == [60, 210]
    assert [clip.role for clip in edit.of_kind(ClipKind.SOUND)] == [SoundRole.SPEECH]
    assert [(edit.frame_of(marker.time_s), marker.label) for marker in edit.markers] == [(30, "wave")]
    assert edit.start_frame == 107892
    assert edit.clips[0].source is not None and edit.clips[0].source.is_in_timecode


def test_edl_at_a_rate_it_is_told(tmp_path: Path) -> None:
    text = EDL.replace(";", ":").replace("FCM: DROP", "FCM: NON-DROP")
    edit = read_edit(written(tmp_path / "b.edl", text), FILM)
    assert edit.frame_rate == FILM and not edit.is_drop_frame and not edit.notes
    assert [edit.frame_of(cut_s) for cut_s in cuts_of(shown_pictures(edit))] == [48, 168]
    assert "no frame rate" in read_edit(tmp_path / "b.edl").notes[0]


MLT = """<mlt root="{root}"><profile frame_rate_num="24000" frame_rate_den="1001" width="640" height="360"/>
{body}</mlt>"""


def test_kdenlive_with_sequences(tmp_path: Path) -> None:
    (tmp_path / "v.mp4").touch()
    body = """
    <producer id="p0"><property name="resource">proxy/v.mkv</property>
    <property name="kdenlive:originalurl">v.mp4</property>
    <property name="kdenlive:id">4</property><property name="length">2400</property></producer>
    <producer id="warp"><property name="resource">2:v.mp4</property><property name="mlt_service">timewarp</property>
    </producer>
    <playlist id="a0"><property name="kdenlive:audio_track">1</property><entry producer="p0" in="0" out="99"/>
    </playlist>
    <playlist id="v0"><entry producer="p0" in="24" out="71"/><blank length="12"/>
    <entry producer="warp" in="10" out="19"/>
    </playlist><playlist id="v0b"/>
    <tractor id="ta"><property name="kdenlive:audio_track">1</property>
    <property name="kdenlive:track_name">Dialogue</property>
    <track hide="video" producer="a0"/></tractor>
    <tractor id="tv"><track hide="audio" producer="v0"/><track hide="audio" producer="v0b"/></tractor>
    <tractor id="{other}"><property name="kdenlive:uuid">{other}</property></tractor>
    <tractor id="{seq}"><property name="kdenlive:uuid">{seq}</property>
    <property name="kdenlive:sequenceproperties.guides">[{"comment":"drop","pos":30,"type":2}]</property>
    <track producer="ta"/><track producer="tv"/></tractor>
    <playlist id="main_bin"><property name="kdenlive:docproperties.version">1.1</property>
    <property name="kdenlive:folder.-1.3">Drone shots</property></playlist>
    <tractor id="final"><property name="kdenlive:projectTractor">1</property><track producer="{seq}"/></tractor>"""
    edit = read_edit(written(tmp_path / "k.kdenlive", MLT.replace("{body}", body).replace("{root}", str(tmp_path))))
    assert edit.frame_rate == FILM
    first, second = edit.of_kind(ClipKind.PICTURE)
    assert (first.source_in_s, first.record_out_s) == (24 / FILM, 48 / FILM)
    assert first.source is not None and first.source.path == tmp_path / "v.mp4"
    assert (second.record_in_s, second.speed) == (60 / FILM, 2)
    assert [clip.role for clip in edit.of_kind(ClipKind.SOUND)] == [SoundRole.SPEECH]
    assert [(marker.time_s, marker.label) for marker in edit.markers] == [(30 / FILM, "drop")]
    assert "Drone shots" in edit.names


def test_shotcut_times_as_clocks_and_dissolves(tmp_path: Path) -> None:
    body = """
    <chain id="c0"><property name="resource">a.mp4</property></chain>
    <chain id="c1"><property name="resource">b.mp4</property></chain>
    <playlist id="background"/>
    <tractor id="t0" in="00:00:00.000" out="00:00:00.960"><property name="shotcut:transition">lumaMix</property>
    <track producer="c0" in="00:00:02.000" out="00:00:02.960"/>
    <track producer="c1" in="00:00:05.000" out="00:00:05.960"/>
    </tractor>
    <playlist id="playlist0"><property name="shotcut:video">1</property><property name="shotcut:name">V1</property>
    <entry producer="c0" in="00:00:00.000" out="00:00:01.960"/><entry producer="t0" in="0" out="24"/>
    <entry producer="c1" in="00:00:06.000" out="00:00:07.960"/></playlist>
    <tractor id="m"><property name="shotcut">1</property><track producer="background"/><track producer="playlist0"/>
    </tractor>
    """
    text = MLT.replace("24000", "25").replace("1001", "1").replace("{root}", "").replace("{body}", body)
    edit = read_edit(written(tmp_path / "s.mlt", text))
    assert cuts(edit) == [2.48]
    assert float(edit.duration_s) == 5.0


def otio_timeline(rate: float) -> otio.schema.Timeline:
    def time(frames: float) -> otio.opentime.RationalTime:
        return otio.opentime.RationalTime(frames, rate)

    def span(start: float, frames: float) -> otio.opentime.TimeRange:
        return otio.opentime.TimeRange(time(start), time(frames))

    reference = otio.schema.ExternalReference("a.mov", span(86400, 2400))
    clips = [otio.schema.Clip("a", reference.clone(), span(86400 + 24, 48)), otio.schema.Gap(source_range=span(0, 24))]
    last = otio.schema.Clip("b", reference.clone(), span(86400, 96))
    last.markers.append(otio.schema.Marker("peak", span(86400 + 12, 0)))
    track = otio.schema.Track("V1", [*clips, last], kind="Video")
    sound = otio.schema.Track("Dialogue", [otio.schema.Clip("d", reference.clone(), span(86400, 168))], kind="Audio")
    timeline = otio.schema.Timeline("Cut", global_start_time=time(86400))
    timeline.tracks.extend([track, sound])
    return timeline


@pytest.mark.parametrize(("rate", "exact"), [(23.976, FILM), (24000 / 1001, FILM), (29.97, NTSC), (25.0, Fraction(25))])
def test_otio(tmp_path: Path, rate: float, exact: Fraction) -> None:
    (tmp_path / "a.mov").touch()
    path = tmp_path / "c.otio"
    otio_timeline(rate).to_json_file(str(path))
    edit = read_edit(path)
    assert (edit.frame_rate, edit.start_frame) == (exact, 86400)
    assert [(c.source_in_s, c.record_in_s) for c in edit.of_kind(ClipKind.PICTURE)] == [
        (24 / exact, 0),
        (0, 72 / exact),
    ]
    assert [marker.time_s for marker in edit.markers] == [84 / exact]
    assert edit.of_kind(ClipKind.SOUND)[0].role is SoundRole.SPEECH
    assert edit.clips[0].source is not None and edit.clips[0].source.path == tmp_path / "a.mov"


def test_otioz(tmp_path: Path) -> None:
    path = tmp_path / "c.otioz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("content.otio", otio_timeline(24).to_json_string())
    assert read_edit(path).name == "Cut"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.otio", "{"),
        ("a.otio", "[" * 100_000),
        ("a.otio", '{"OTIO_SCHEMA": "Clip.2"}'),
        ("a.otio", '{"OTIO_SCHEMA": "Timeline.1", "tracks": 5}'),
        ("a.otio", "[]"),
        ("a.otioz", "no archive"),
        ("a.fcpxml", "<fcpxml/>"),
        ("a.fcpxml", '<fcpxml><resources/><project><sequence format="none"><spine/></sequence></project></fcpxml>'),
        ("a.xml", "<xmeml/>"),
        ("a.xml", "<html/>"),
        ("a.xml", "<xmeml><sequence><media/></sequence></xmeml>"),
        ("a.edl", "hello"),
        ("a.edl", "001 AX V C 99:99:99:99 00:00:00:00 00:00:00:00 00:00:00"),
        ("a.mlt", "<mlt/>"),
        ("a.mlt", '<mlt><profile frame_rate_num="0" frame_rate_den="0"/></mlt>'),
        ("a.mlt", '<mlt><profile frame_rate_num="x"/></mlt>'),
        ("a.kdenlive", "<svg/>"),
    ],
)
def test_damaged_files_are_refused_with_a_remedy(tmp_path: Path, name: str, content: str) -> None:
    with pytest.raises(KnownError, match=name) as raised:
        read_edit(written(tmp_path / name, content))
    assert raised.value.code == "broken-project"
    assert raised.value.remedy


def test_a_reference_that_is_its_own_content_ends(tmp_path: Path) -> None:
    text = """<fcpxml version="1.10"><resources><format id="f" frameDuration="1/25s"/><media id="m"><sequence format="f"
    duration="9s"><spine><ref-clip ref="m" offset="0s" duration="9s"/></spine></sequence></media></resources><project>
    <sequence format="f" duration="9s"><spine><ref-clip ref="m" offset="0s" duration="9s"/></spine></sequence></project>
    </fcpxml>"""
    with pytest.raises(KnownError, match="damaged"):
        read_edit(written(tmp_path / "loop.fcpxml", text))


def test_a_timeline_without_clips_and_a_file_of_another_kind(tmp_path: Path) -> None:
    empty = tmp_path / "e.otio"
    otio.schema.Timeline("E").to_json_file(str(empty))
    with pytest.raises(KnownError, match="no clips"):
        read_edit(empty)
    with pytest.raises(KnownError, match="no project"):
        read_edit(written(tmp_path / "a.docx", json.dumps({})))
    assert is_edit_file(Path("A.OTIO")) and not is_edit_file(Path("film.mp4"))


def clip(name: str, source_in: int, record: tuple[int, int], track: int = 0) -> EditClip:
    from needledrop.core.edit import MediaSource

    begin, end = map(Fraction, record)
    first = Fraction(source_in)
    return EditClip(name, ClipKind.PICTURE, track, MediaSource(name), first, first + end - begin, begin, end)


def test_cuts_are_where_the_picture_changes() -> None:
    clips = (clip("a", 0, (0, 4)), clip("a", 4, (4, 8)), clip("b", 0, (8, 12)), clip("t", 0, (2, 3), track=1))
    edit = ProjectEdit("x", Fraction(25), clips, duration_s=Fraction(12))
    assert cuts_of(shown_pictures(edit)) == (2, 3, 8)


def kdenlive_text() -> str:
    body = """<chain id="c0"><property name="resource">a.mp4</property></chain><playlist id="playlist0">
    <entry producer="c0" in="0" out="00:00:01.960"/><blank length="7"/>
    <entry producer="c0" in="50" out="99"/></playlist>
    <tractor id="m"><property name="shotcut">1</property><track producer="playlist0"/></tractor>"""
    return MLT.replace("{root}", "").replace("{body}", body)


@pytest.mark.parametrize("name", ["x.fcpxml", "x.xml", "x.edl", "x.mlt", "x.otio"])
def test_no_damage_shows_as_anything_but_a_sentence(tmp_path: Path, name: str) -> None:
    texts = {
        "x.fcpxml": FCPXML.format(version="1.10", old="", rep='<media-rep src="a.mov"/>'),
        "x.xml": FCP7,
        "x.edl": EDL,
        "x.mlt": kdenlive_text(),
        "x.otio": otio_timeline(24).to_json_string(),
    }
    path, chance = tmp_path / name, random.Random(5)
    assert read_edit(written(path, texts[name])).clips
    refused = 0
    for _ in range(120):
        text = bytearray(texts[name].encode())
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(len(text))
            text[at : at + chance.randint(0, 6)] = chance.choice([b"", b"9", b"-", b"/0", b"\xff", b"NaN", b"<", b"{"])
        path.write_bytes(bytes(text))
        try:
            read_edit(path)
        except KnownError:
            refused += 1
    assert refused > 0
