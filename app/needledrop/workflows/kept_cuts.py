# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cuts that music was laid on, kept so that their shots can be found again when the film has been cut anew.

Of a video its cuts and a print of each picture are kept, of an editor's project its list of clips: the file itself may
be gone by then. They are the user's, as the cues are: nothing but a newer cut of many films later takes them away.
"""

from __future__ import annotations

import contextlib
import os
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from needledrop.core.edit import ClipKind, EditClip, MediaSource, ProjectEdit, Shown, shown_pictures
from needledrop.core.json_file import read_json, write_json
from needledrop.core.music import TimeArray
from needledrop.core.packing import pack, unpack
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, Progress, ProgressSink, Stopwatch
from needledrop.core.times import format_time
from needledrop.features.picture_prints import PicturePrints
from needledrop.workflows.cache_budget import write_kept
from needledrop.workflows.videos import AnalysedVideo, run_in_worker

PRINTS_ENTRY = "needledrop.workflows.kept_cuts:packed_prints"
MOST_KEPT = 200


@dataclass(frozen=True)
class KeptCut:
    """A cut of a film: of a video prints and cuts_s, of a project what is shown."""

    duration_s: float
    cuts_s: tuple[float, ...]
    prints: PicturePrints | None = None
    shown: tuple[Shown, ...] = ()


@dataclass(frozen=True)
class _StoredCut:
    """A KeptCut of a video as it is packed."""

    duration_s: float
    cuts_s: TimeArray
    rate_hz: float
    prints: NDArray[np.uint8]


def edit_key(edit: ProjectEdit) -> str:
    """What the cut of a project is called: another one where anything that is seen lies elsewhere."""
    said = repr([_shown_facts(shown) for shown in shown_pictures(edit)])
    return f"cut-{blake2b(said.encode(), digest_size=16).hexdigest()}"


def cut_key(video: AnalysedVideo) -> str:
    """What the cut of a video or a project is called."""
    return edit_key(video.edit) if video.edit is not None else video.content_hash


def keep_cut(profile: Profile, video: AnalysedVideo, progress: ProgressSink, cancel: CancelToken) -> KeptCut:
    """Keep the cut of a video or of a project, unless it is kept already.

    Raises:
        KnownError: the video cannot be read, or the disk is full.
        Cancelled: stopped.
    """
    key = cut_key(video)
    kept = kept_cut(profile, key)
    if kept is not None:
        return kept
    duration_s, cuts_s = video.features.duration_s, video.features.shots.cuts_s
    if video.edit is not None:
        shown = shown_pictures(video.edit)
        facts = {"duration_s": duration_s, "cuts_s": cuts_s.tolist(), "shown": [_shown_facts(one) for one in shown]}
        write_json(_project_file(profile, key), facts)
        return KeptCut(duration_s, tuple(cuts_s.tolist()), None, shown)
    watch = Stopwatch()

    def on_report(_: int, done_s: float) -> None:
        progress(Progress("Remembering the shots", round(done_s), None, watch.elapsed_s, format_time(done_s)))

    packed: bytes = run_in_worker(PRINTS_ENTRY, video.path, (duration_s,), cancel, on_report)
    prints = unpack(PicturePrints, packed)
    stored = _StoredCut(duration_s, cuts_s, prints.rate_hz, prints.prints)
    write_kept(_video_file(profile, key), zlib.compress(pack(stored), 6))
    _forget_oldest(profile)
    return KeptCut(duration_s, tuple(cuts_s.tolist()), prints)


def kept_cut(profile: Profile, key: str) -> KeptCut | None:
    """A cut by what it is called; None where it is not kept, or its file is damaged."""
    facts = read_json(_project_file(profile, key))
    try:
        if isinstance(facts, dict):
            shown = tuple(_read_shown(one) for one in facts["shown"])
            return KeptCut(float(facts["duration_s"]), tuple(facts["cuts_s"]), None, shown)
        stored = unpack(_StoredCut, zlib.decompress(_video_file(profile, key).read_bytes()))
    except (OSError, KeyError, TypeError, ValueError, zlib.error):
        return None
    cuts_s = tuple(stored.cuts_s.tolist())
    return KeptCut(stored.duration_s, cuts_s, PicturePrints(stored.rate_hz, stored.prints))


def packed_prints(report: Callable[[float], None], path: bytes, duration_s: float) -> bytes:
    """Entry of a worker process: the prints of a video, packed."""
    from needledrop.features.picture_prints import PrintsMeter
    from needledrop.media.frames import analysis_frames, prefetched
    from needledrop.media.probe import probe_video

    file = Path(os.fsdecode(path))
    meter = PrintsMeter(float(probe_video(file).frame_rate))
    for frame in prefetched(analysis_frames(file)):
        meter.feed(frame.t_s, frame.rgb)
        report(frame.t_s)
    return pack(meter.finish(duration_s))


def _folder(profile: Profile) -> Path:
    return profile.data_dir / "cuts"


def _video_file(profile: Profile, key: str) -> Path:
    return _folder(profile) / f"{key}.prints"


def _project_file(profile: Profile, key: str) -> Path:
    return _folder(profile) / f"{key}.json"


def _forget_oldest(profile: Profile) -> None:
    files = [(file.stat().st_mtime, file) for file in _folder(profile).glob("*.prints")]
    for _, file in sorted(files)[:-MOST_KEPT]:
        with contextlib.suppress(OSError):
            file.unlink()


def _shown_facts(shown: Shown) -> dict[str, Any]:
    clip = shown.clip
    facts: dict[str, Any] = {"from": str(shown.start_s), "to": str(shown.end_s)}
    if clip is not None and clip.source is not None:
        facts |= {"of": clip.source.named, "at": str(clip.source_at(shown.start_s)), "speed": str(clip.speed)}
    return facts


def _read_shown(facts: dict[str, Any]) -> Shown:
    start_s, end_s = Fraction(facts["from"]), Fraction(facts["to"])
    if "of" not in facts:
        return Shown(start_s, end_s, None)
    at_s, source = Fraction(facts["at"]), MediaSource(str(facts["of"]))
    out_s = at_s + (end_s - start_s) * Fraction(facts["speed"])
    return Shown(start_s, end_s, EditClip("", ClipKind.PICTURE, 0, source, at_s, out_s, start_s, end_s))
