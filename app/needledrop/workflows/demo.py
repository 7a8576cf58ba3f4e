# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demo: the main job on the bundled media, in a fresh profile, from scan to a film one can watch."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from needledrop.core.paths import Profile, shipped_dir
from needledrop.core.progress import CancelToken, ProgressSink
from needledrop.workflows.output import RenderOptions, Written, preview
from needledrop.workflows.project import entry
from needledrop.workflows.scan import ScanReport, scan
from needledrop.workflows.suggest import Answer, Wish, suggest_music


@dataclass(frozen=True)
class DemoResult:
    """What the demo did."""

    scan: ScanReport
    answer: Answer
    film: Written


def run_demo(
    profile: Profile, output: Path, *, workers: int, wish: Wish, progress: ProgressSink, cancel: CancelToken
) -> DemoResult:
    """Scan the demo's music, suggest for its video, render the first suggestion to `output`."""
    media = shipped_dir("resources") / "demo"
    video = media / "demo.mp4"
    report = scan(profile, [media / "music"], workers=workers, progress=progress, cancel=cancel)
    answer = suggest_music(profile, video, wish, progress, cancel)
    film = preview(entry(answer, 1), output, RenderOptions(overwrite=True), progress, cancel)
    return DemoResult(report, answer, film)
