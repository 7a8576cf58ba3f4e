# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`needledrop inspect`: what is known of a video."""

from __future__ import annotations

import argparse
import dataclasses
from pathlib import Path
from typing import Any

import numpy as np

from needledrop.cli.context import Commands, Context
from needledrop.cli.exit_codes import DONE
from needledrop.cli.output import print_json, print_table
from needledrop.core.edit import ClipKind, ProjectEdit, SoundRole
from needledrop.core.picture import COLOUR_RATE_HZ, MOTION_RATE_HZ
from needledrop.core.times import format_time
from needledrop.workflows.inspect import Inspection, inspect_video


def register(commands: Commands, shared: argparse.ArgumentParser) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("inspect", parents=[shared], help="show what is known of a video")
    parser.add_argument("video", type=Path)
    parser.add_argument("--thumbnails", action="store_true", help="also make one picture a shot, in the cache")
    parser.add_argument("--fast", action="store_true", help="skip video frames while analysing; cuts are less exact")
    parser.set_defaults(run=run)


def run(context: Context) -> int:
    """Print the description, or everything as JSON."""
    options = context.options
    found = inspect_video(
        context.profile,
        options.video,
        context.progress,
        context.cancel,
        has_thumbnails=options.thumbnails,
        is_every_frame=not options.fast,
    )
    context.progress.clear()
    if context.is_json:
        print_json(_facts(found))
    else:
        print_table(("what", "value"), _rows(found))
    return DONE


def _rows(found: Inspection) -> list[tuple[str, str]]:
    probe, features = found.probe, found.video.features
    traits = {
        "variable frame rate": probe.is_variable_frame_rate,
        f"rotated by {probe.rotation_deg} degrees": probe.rotation_deg != 0,
        "HDR": probe.is_hdr,
        "transparency": probe.has_alpha,
        "no sound": not (features.soundtrack.has_sound or probe.audio_streams),
    }
    sound = [f"{one.codec} {one.sample_rate} Hz, {one.channels} channels" for one in probe.audio_streams]
    shots, speech = features.shots, features.soundtrack.speech_s.reshape(-1, 2)
    size = f"{probe.width}x{probe.height}, " if probe.width else ""
    rows = [
        ("file", str(found.video.path)),
        ("length", format_time(features.duration_s)),
        ("picture", f"{size}{float(probe.frame_rate):.3f} frames a second, {probe.codec}"),
        ("sound", "; ".join(sound)),
        ("note", ", ".join(name for name, is_so in traits.items() if is_so)),
        ("start timecode", probe.start_timecode),
        *_edit_rows(found),
        ("cuts", ", ".join(format_time(cut_s) for cut_s in shots.cuts_s[~shots.is_dissolve])),
        ("dissolves", ", ".join(format_time(cut_s) for cut_s in shots.cuts_s[shots.is_dissolve])),
        ("speech", ", ".join(f"{format_time(start)}-{format_time(end)}" for start, end in speech)),
        ("motion", f"{_mean(features.motion.curve):.2f} pixels a frame on average"),
        ("brightness", f"{_mean(features.colour.brightness):.2f}"),
        ("saturation", f"{_mean(features.colour.saturation):.2f}"),
        ("warmth", f"{_mean(features.colour.warmth):+.2f}"),
        ("palette", " ".join("#" + "".join(f"{part:02x}" for part in rgb) for rgb in features.colour.palette.tolist())),
        *(("thumbnail", str(file)) for file in found.thumbnails),
    ]
    return [(name, value) for name, value in rows if value]


def _edit_rows(found: Inspection) -> list[tuple[str, str]]:
    """What a project says that no container does."""
    edit = found.video.edit
    if edit is None:
        return []
    music = [clip for clip in edit.of_kind(ClipKind.SOUND) if clip.role is SoundRole.MUSIC]
    return [
        ("clips", ", ".join(f"{len(edit.of_kind(kind))} of {kind.value}" for kind in ClipKind)),
        ("music", ", ".join(f"{clip.name} at {format_time(float(clip.record_in_s))}" for clip in music)),
        ("markers", ", ".join(f"{marker.label} at {format_time(float(marker.time_s))}" for marker in edit.markers)),
        *(("note", note) for note in edit.notes),
    ]


def _edit_facts(edit: ProjectEdit | None) -> dict[str, Any] | None:
    if edit is None:
        return None
    return {
        "name": edit.name,
        "frame_rate": str(edit.frame_rate),
        "start_frame": edit.start_frame,
        "is_drop_frame": edit.is_drop_frame,
        "clips": [
            {
                "name": clip.name,
                "kind": clip.kind.value,
                "track": clip.track,
                "media": clip.source.named if clip.source is not None else None,
                "is_there": clip.source is not None and clip.source.path is not None,
                "source_s": [float(clip.source_in_s), float(clip.source_out_s)],
                "record_s": [float(clip.record_in_s), float(clip.record_out_s)],
                "role": clip.role.value,
                "gain_db": clip.gain_db,
            }
            for clip in edit.clips
        ],
        "markers": [{"time_s": float(marker.time_s), "label": marker.label} for marker in edit.markers],
        "notes": list(edit.notes),
    }


def _mean(curve: Any) -> float:
    return float(np.mean(curve)) if len(curve) else 0.0


def _facts(found: Inspection) -> dict[str, Any]:
    probe, features = found.probe, found.video.features
    return {
        "video": str(found.video.path),
        "content_hash": found.video.content_hash,
        "probe": dataclasses.asdict(probe) | {"frame_rate": str(probe.frame_rate)},
        "duration_s": features.duration_s,
        "is_every_frame": features.is_every_frame,
        "cuts_s": features.shots.cuts_s.tolist(),
        "is_dissolve": features.shots.is_dissolve.tolist(),
        "motion": {
            "method": features.motion.method,
            "rate_hz": MOTION_RATE_HZ,
            "curve_px": np.round(features.motion.curve.astype(float), 4).tolist(),
            "accents_s": np.round(features.motion.accents_s, 3).tolist(),
        },
        "colour": {
            "rate_hz": COLOUR_RATE_HZ,
            **{
                name: np.round(getattr(features.colour, name).astype(float), 4).tolist()
                for name in ("brightness", "contrast", "saturation", "warmth")
            },
            "palette": features.colour.palette.tolist(),
        },
        "speech_s": features.soundtrack.speech_s.reshape(-1, 2).tolist(),
        "integrated_lufs": features.soundtrack.integrated_lufs,
        "project": _edit_facts(found.video.edit),
        "thumbnails": [str(file) for file in found.thumbnails],
    }
