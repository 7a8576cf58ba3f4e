# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in of DaVinci Resolve's scripting API, with the silent refusals its README and others' measurements tell of.

Sibling of resolve_stand_in.lua. Unknown methods are AttributeErrors, so that no call is made up.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any


@dataclass
class Quirks:
    """How this Resolve differs from others, and what it refuses."""

    rate: str = "24.0"
    media_rate: str | None = None
    start_frame: int = 86_400
    end_is_out: bool = False
    drops_clips: bool = False
    makes_mono: bool = False
    exports_nothing: bool = False
    product: str = "DaVinci Resolve Studio"
    version: tuple[int, ...] = (21, 1, 0, 14, "")  # type: ignore[assignment]
    fades_stay: bool = True
    links_with_source_clips: bool = True
    marks: dict[str, dict[str, int]] = field(default_factory=dict)
    has_modal: bool = False


@dataclass(eq=False)
class Clip:
    path: str
    fps: str

    def GetClipProperty(self, name: str) -> str:
        return {"File Path": self.path, "FPS": self.fps}.get(name, "")


@dataclass(eq=False)
class Item:
    start: int
    length: int
    clip: Clip | None
    source: tuple[int, int]
    quirks: Quirks
    fades: dict[str, int] = field(default_factory=dict)
    properties: dict[str, Any] = field(default_factory=dict)

    def GetStart(self) -> int:
        return self.start

    def GetDuration(self) -> int:
        return self.length

    def GetMediaPoolItem(self) -> Clip | None:
        return self.clip

    def SetFades(self, fades: dict[str, int]) -> bool:
        if "Studio" not in self.quirks.product or self.quirks.version < (21, 1):
            self.quirks.has_modal = True
            return False
        if not self.quirks.fades_stay or sum(fades.values()) > self.length:
            return False
        self.fades = dict(fades)
        return True

    def GetFades(self) -> dict[str, int]:
        return self.fades

    def SetProperties(self, properties: dict[str, Any]) -> bool:
        self.properties |= properties
        return True

    def GetProperties(self) -> dict[str, Any]:
        return self.properties


@dataclass(eq=False)
class Track:
    kind: str
    name: str
    items: list[Item] = field(default_factory=list)


class Timeline:
    def __init__(self, name: str, quirks: Quirks, length: int = 1000) -> None:
        self.name, self.quirks, self.length = name, quirks, length
        self.audio, self.video = [Track("stereo", "Voice")], [Track("video", "Video 1")]
        self.markers: dict[int, tuple[str, str, str, int, str]] = {}

    def GetName(self) -> str:
        return self.name

    def GetUniqueId(self) -> str:
        return "aabbccdd-0000-1111-2222-" + self.name[-1] * 12

    def GetStartFrame(self) -> int:
        return self.quirks.start_frame

    def GetEndFrame(self) -> int:
        return self.quirks.start_frame + self.length

    def GetSetting(self, name: str) -> str:
        return {"timelineFrameRate": self.quirks.rate}[name]

    def GetMarkInOut(self) -> dict[str, dict[str, int]]:
        return self.quirks.marks

    def tracks(self, kind: str) -> list[Track]:
        return {"audio": self.audio, "video": self.video}[kind]

    def GetTrackCount(self, kind: str) -> int:
        return len(self.tracks(kind))

    def AddTrack(self, kind: str, sub: str = "mono") -> bool:
        self.tracks(kind).append(Track("mono" if self.quirks.makes_mono else sub, f"Audio {len(self.audio) + 1}"))
        return True

    def DeleteTrack(self, kind: str, index: int) -> bool:
        del self.tracks(kind)[index - 1]
        return True

    def GetTrackSubType(self, kind: str, index: int) -> str:
        return self.tracks(kind)[index - 1].kind

    def SetTrackName(self, kind: str, index: int, name: str) -> bool:
        self.tracks(kind)[index - 1].name = name
        return True

    def GetItemListInTrack(self, kind: str, index: int) -> list[Item]:
        return list(self.tracks(kind)[index - 1].items)

    def DeleteClips(self, items: list[Item], ripple: bool = False) -> bool:
        for track in self.audio:
            track.items = [item for item in track.items if item not in items]
        return True

    def AddMarker(self, frame: int, color: str, name: str, note: str, duration: int, data: str = "") -> bool:
        if frame in self.markers or not 0 <= frame < self.length:
            return False
        self.markers[frame] = (color, name, note, duration, data)
        return True

    def Export(self, path: str, kind: float, sub: float) -> bool:
        assert isinstance(kind, float) and isinstance(sub, float)
        if self.quirks.exports_nothing or not Path(path).parent.is_dir():
            return False
        Path(path).write_text("exported")
        return True


@dataclass(eq=False)
class Folder:
    name: str
    folders: list[Folder] = field(default_factory=list)
    clips: list[Clip] = field(default_factory=list)

    def GetName(self) -> str:
        return self.name

    def GetSubFolderList(self) -> list[Folder]:
        return self.folders

    def GetClipList(self) -> list[Clip]:
        return self.clips


class Pool:
    def __init__(self, project: Project) -> None:
        self.project = project
        self.root = self.current = Folder("Master")

    def GetRootFolder(self) -> Folder:
        return self.root

    def GetCurrentFolder(self) -> Folder:
        return self.current

    def SetCurrentFolder(self, folder: Folder) -> bool:
        self.current = folder
        return True

    def AddSubFolder(self, folder: Folder, name: str) -> Folder:
        folder.folders.append(Folder(name))
        return folder.folders[-1]

    def ImportMedia(self, paths: list[str]) -> list[Clip]:
        quirks = self.project.quirks
        rate = quirks.rate if quirks.media_rate is None else quirks.media_rate
        made = [Clip(path, rate) for path in paths if Path(path).is_file()]
        self.current.clips += made
        return made

    def AppendToTimeline(self, infos: list[dict[str, Any]]) -> list[Item]:
        quirks, made = self.project.quirks, []
        timeline = self.project.timelines[0]
        for info in infos:
            assert info["mediaType"] == 2
            source = info["endFrame"] - info["startFrame"] + (0 if quirks.end_is_out else 1)
            rates = [Fraction(rate.split()[0]) for rate in (quirks.rate, info["mediaPoolItem"].fps or quirks.rate)]
            length = round(source * rates[0] / rates[1])
            item = Item(info["recordFrame"], length, info["mediaPoolItem"], (info["startFrame"], source), quirks)
            made.append(item)
            track = timeline.audio[info["trackIndex"] - 1]
            is_free = item.start >= quirks.start_frame and all(
                item.start >= other.start + other.length or item.start + length <= other.start for other in track.items
            )
            if is_free and not quirks.drops_clips:
                track.items.append(item)
        return made

    def ImportTimelineFromFile(self, path: str, wanted: dict[str, Any]) -> Timeline | None:
        names = {timeline.name for timeline in self.project.timelines}
        if wanted["timelineName"] in names or not Path(path).is_file():
            return None
        made = Timeline(wanted["timelineName"], self.project.quirks)
        is_linked = wanted["importSourceClips"] == self.project.quirks.links_with_source_clips
        clip = Clip(path, "24") if is_linked else None
        made.audio[0].items.append(Item(0, 10, clip, (0, 10), self.project.quirks))
        self.project.timelines.append(made)
        return made

    def DeleteTimelines(self, timelines: list[Timeline]) -> bool:
        self.project.timelines = [one for one in self.project.timelines if one not in timelines]
        return True


class Project:
    def __init__(self, quirks: Quirks) -> None:
        self.quirks = quirks
        self.timelines = [Timeline("Timeline 1", quirks)]
        self.pool = Pool(self)

    def GetUniqueId(self) -> str:
        return "11223344-5566-4777-8888-99aabbccddee"

    def GetCurrentTimeline(self) -> Timeline | None:
        return self.timelines[0] if self.timelines else None

    def GetMediaPool(self) -> Pool:
        return self.pool

    def GetTimelineCount(self) -> float:
        return float(len(self.timelines))

    def GetTimelineByIndex(self, index: int) -> Timeline:
        return self.timelines[index - 1]


class Resolve:
    EXPORT_OTIO, EXPORT_NONE = 14.0, -1.0

    def __init__(self, quirks: Quirks | None = None) -> None:
        self.quirks = quirks or Quirks()
        self.project = Project(self.quirks)

    def GetProductName(self) -> str:
        return self.quirks.product

    def GetVersion(self) -> list[Any]:
        return list(self.quirks.version)

    def GetProjectManager(self) -> Resolve:
        return self

    def GetCurrentProject(self) -> Project:
        return self.project
