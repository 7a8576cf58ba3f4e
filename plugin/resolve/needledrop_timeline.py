# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done to a timeline of DaVinci Resolve, and reading back what landed. Takes Resolve's objects; asks nobody.

Resolve refuses without a word: a clip that overlaps another is dropped, a track is mono unless asked otherwise,
functions return None or False. So nothing it returns is taken for proof.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

BIN = "Needledrop"
AUDIO_ONLY = 2
KEY_PART = 8  # Of a UUID's 32 digits; the menu item has room for no more.
FRACTIONAL = (24000, 30000, 48000, 60000, 96000, 120000)
MARKER_COLOURS = {"section": "Purple", "downbeat": "Cream"}  # Every beat would hide the user's own markers.
NATIVE_FADES = (21, 1)
LOOKED_FOR_A_NAME = 100


class Refused(Exception):
    """Resolve did not do it; the timeline is as it was."""


def rate_of(setting: Any) -> Fraction:
    """The frame rate of a setting such as "23.976", "29.97 DF" or 25.0."""
    found = re.match(r"\d+(\.\d+)?", str(setting))
    if found is None:
        raise Refused("Resolve says no frame rate for the timeline.")
    number = float(found[0])
    for numerator in FRACTIONAL:
        if abs(number - numerator / 1001) < 0.002:
            return Fraction(numerator, 1001)
    return Fraction(round(number))


def marked_range(timeline: Any, rate: Fraction) -> dict[str, float]:
    """in_s and out_s between the marks, as far as they are set. The out mark is the last frame that is in."""
    marks = timeline.GetMarkInOut() or {}
    video = marks.get("video") or marks.get("audio") or {}
    first, length = timeline.GetStartFrame(), timeline.GetEndFrame() - timeline.GetStartFrame()

    def seconds(frame: int) -> float:
        return round(float((frame - first if frame > length else frame) / rate), 6)

    found = {}
    if "in" in video:
        found["in_s"] = seconds(video["in"])
    if "out" in video:
        found["out_s"] = seconds(video["out"] + 1)
    return found


def key_of(project: Any, timeline: Any) -> str:
    """What Needledrop knows the timeline by, as the menu item has it; empty where Resolve says no ids."""
    parts = [_id_of(one) for one in (project, timeline)]
    return "-".join(parts) if all(parts) else ""


def _id_of(one: Any) -> str:
    unique_id = getattr(one, "GetUniqueId", None)
    return re.sub(r"[^A-Za-z0-9]", "", str(unique_id() or ""))[:KEY_PART] if unique_id else ""


def export(resolve: Any, timeline: Any, path: str) -> None:
    """Write the timeline as OpenTimelineIO.

    Raises:
        Refused: Resolve did not.
    """
    if not timeline.Export(path, resolve.EXPORT_OTIO, resolve.EXPORT_NONE):
        raise Refused("Resolve did not export the timeline. Check that the disk is not full.")


def import_media(pool: Any, path: str) -> Any:
    """The media of a file, in our bin; the user's current bin stays so.

    Raises:
        Refused: Resolve did not import it.
    """
    before, root = pool.GetCurrentFolder(), pool.GetRootFolder()
    folders = root.GetSubFolderList() or []
    folder = next((one for one in folders if one.GetName() == BIN), None) or pool.AddSubFolder(root, BIN)
    clip = _clip_of(folder, path) if folder else None
    if folder and clip is None:
        pool.SetCurrentFolder(folder)
        clip = next(iter(pool.ImportMedia([path]) or []), None) or _clip_of(folder, path)
        pool.SetCurrentFolder(before)
    if clip is None:
        raise Refused(f"Resolve did not import {path}.")
    return clip


def _clip_of(folder: Any, path: str) -> Any:
    return next((clip for clip in folder.GetClipList() or [] if clip.GetClipProperty("File Path") == path), None)


def lay(
    pool: Any, timeline: Any, media: Any, name: str, first: int, frames: int, source_in_s: Fraction = Fraction(0)
) -> Any:
    """Lay media on a new stereo track, from frame `first` after the timeline's start; the item that landed.

    Raises:
        Refused: it did not land where it should; the new track is gone again.
    """
    rate = rate_of(timeline.GetSetting("timelineFrameRate"))
    media_setting = media.GetClipProperty("FPS")  # Sound takes the project's rate when it is imported.
    media_rate = rate_of(media_setting) if media_setting else rate
    index = _add_stereo_track(timeline, name)
    start, length = round(source_in_s * media_rate), round(frames / rate * media_rate)
    record = timeline.GetStartFrame() + first
    for last in (start + length - 1, start + length):  # Versions differ on whether endFrame is still in.
        item = _append(pool, timeline, media, index, start, last, record)
        if item is None or item.GetDuration() >= frames or last == start + length:
            break
        timeline.DeleteClips([item], False)
    if item is not None and item.GetStart() == record and abs(item.GetDuration() - frames) <= 1:
        return item
    timeline.DeleteTrack("audio", index)
    if item is None:
        raise Refused("Resolve dropped the clip without saying why.")
    raise Refused(
        f"Resolve laid the clip at frame {item.GetStart()} for {item.GetDuration()}, not {record} for {frames}."
    )


def _add_stereo_track(timeline: Any, name: str) -> int:
    before = timeline.GetTrackCount("audio")
    timeline.AddTrack("audio", "stereo")
    index = int(timeline.GetTrackCount("audio"))
    if index != before + 1:
        raise Refused("Resolve made no new audio track.")
    if timeline.GetTrackSubType("audio", index) != "stereo":
        timeline.DeleteTrack("audio", index)
        raise Refused("Resolve made a track that is not stereo.")
    timeline.SetTrackName("audio", index, name)
    return index


def _append(pool: Any, timeline: Any, media: Any, index: int, start: int, last: int, record: int) -> Any:
    clip = {"mediaPoolItem": media, "startFrame": start, "endFrame": last, "mediaType": AUDIO_ONLY}
    pool.AppendToTimeline([{**clip, "trackIndex": index, "recordFrame": record}])
    items = timeline.GetItemListInTrack("audio", index) or []
    return items[0] if len(items) == 1 else None


def has_native_fades(resolve: Any) -> bool:
    """Studio from 21.1 on. In the free edition the very call opens a window that gets in the way of the next ones."""
    return "Studio" in resolve.GetProductName() and tuple(resolve.GetVersion()[:2]) >= NATIVE_FADES


def set_levels(item: Any, rate: Fraction, gain_db: float, fade_in_s: float, fade_out_s: float) -> None:
    """Give a clip its volume and fades, and read them back.

    Raises:
        Refused: they are not what was asked for.
    """
    fades = {"FadeIn": round(fade_in_s * rate), "FadeOut": round(fade_out_s * rate)}
    item.SetFades(fades)
    item.SetProperties({"AudioVolume": gain_db, "AudioVolumeEnabled": True})
    landed = item.GetFades() or {}
    if any(round(landed.get(name, -1)) != frames for name, frames in fades.items()):
        raise Refused("Resolve did not take the fades.")
    if abs((item.GetProperties() or {}).get("AudioVolume", 1e9) - gain_db) > 0.05:
        raise Refused("Resolve did not take the volume.")


def take_away(timeline: Any, item: Any) -> None:
    """Delete a clip that we laid, and its track."""
    for index in range(int(timeline.GetTrackCount("audio")), 0, -1):
        if item in (timeline.GetItemListInTrack("audio", index) or []):
            timeline.DeleteTrack("audio", index)
            return


def mark(timeline: Any, rate: Fraction, markers: list[dict[str, Any]]) -> int:
    """Add markers of sections and bars; how many Resolve took. A frame holds one marker, and the user's stay."""
    laid = 0
    for marker in markers:
        colour = MARKER_COLOURS.get(marker["kind"])
        frame = round(Fraction(marker["at_s"]).limit_denominator(1_000_000) * rate)
        if colour and timeline.AddMarker(frame, colour, marker["name"], "", 1, "needledrop:music"):
            laid += 1
    return laid


def import_timeline(project: Any, pool: Any, path: str, name: str) -> tuple[Any, bool]:
    """A project of ours as a new timeline, and whether its media are linked.

    Resolve makes nothing where a timeline has that name, so a free one is taken. Versions differ on whether media that
    are in the pool already want importSourceClips or must do without.

    Raises:
        Refused: Resolve made no timeline of it.
    """
    made: Any | None = None
    for has_clips in (True, False):
        wanted = {"timelineName": _free_name(project, name), "importSourceClips": has_clips}
        timeline = pool.ImportTimelineFromFile(path, wanted)
        if timeline is None:
            continue
        if _is_linked(timeline):
            if made is not None:
                pool.DeleteTimelines([made])
            return timeline, True
        if made is None:
            made = timeline
        else:
            pool.DeleteTimelines([timeline])
    if made is None:
        raise Refused(f"Resolve made no timeline of {path}.")
    return made, False


def _free_name(project: Any, name: str) -> str:
    taken = {project.GetTimelineByIndex(index).GetName() for index in range(1, int(project.GetTimelineCount()) + 1)}
    for number in range(1, LOOKED_FOR_A_NAME):
        candidate = name if number == 1 else f"{name} {number}"
        if candidate not in taken:
            return candidate
    raise Refused(f"There are too many timelines named {name}.")


def _is_linked(timeline: Any) -> bool:
    return all(
        item.GetMediaPoolItem() is not None
        for kind in ("video", "audio")
        for index in range(1, int(timeline.GetTrackCount(kind)) + 1)
        for item in timeline.GetItemListInTrack(kind, index) or []
    )
