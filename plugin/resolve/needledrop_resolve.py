#!/usr/bin/env python3
# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Music for DaVinci Resolve Studio, from a terminal: a list to choose from, then a new stereo track with the music.

The free edition does not let programs in from outside: there, use the menu item (Needledrop.lua). Standard library
only.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import uuid
from fractions import Fraction
from pathlib import Path
from typing import Any

import needledrop_timeline as lines
from needledrop_bridge import Bridge, BridgeError

COUNT = 12
WAIT_S = 10
MODULE_FOLDERS = {
    "darwin": "/Library/Application Support/Blackmagic Design/DaVinci Resolve/Developer/Scripting/Modules",
    "win32": "%PROGRAMDATA%\\Blackmagic Design\\DaVinci Resolve\\Support\\Developer\\Scripting\\Modules",
    "linux": "/opt/resolve/Developer/Scripting/Modules",
}


class CannotGoOn(Exception):
    """What went wrong, and what to do about it."""


def connect() -> Any:
    """The Resolve that runs.

    Raises:
        CannotGoOn: it does not run, is not Studio, or does not let programs in.
    """
    folder = os.environ.get("RESOLVE_SCRIPT_API")
    modules = str(Path(folder) / "Modules") if folder else os.path.expandvars(MODULE_FOLDERS.get(sys.platform, ""))
    sys.path.append(modules)
    try:
        resolve = importlib.import_module("DaVinciResolveScript").scriptapp("Resolve")
    except ImportError as error:
        raise CannotGoOn(f"Resolve's own module is not in {modules}. Set RESOLVE_SCRIPT_API to its folder.") from error
    if resolve is None:
        raise CannotGoOn(
            "DaVinci Resolve Studio does not answer. Start it, and set Preferences > System > General > External "
            "scripting using to Local. In the free edition use Workspace > Scripts > Needledrop."
        )
    return resolve


def open_timeline(resolve: Any) -> tuple[Any, Any]:
    """The open project and its current timeline.

    Raises:
        CannotGoOn: there is none.
    """
    project = resolve.GetProjectManager().GetCurrentProject()
    timeline = project.GetCurrentTimeline() if project else None
    if timeline is None:
        raise CannotGoOn("No timeline is open in Resolve. Open one, then try again.")
    return project, timeline


def find(
    bridge: Bridge, resolve: Any, project: Any, timeline: Any, text: str | None
) -> tuple[str, list[dict[str, Any]]]:
    """The job and its suggestions for what lies between the marks, or for all of the timeline.

    Raises:
        CannotGoOn: nothing was found. BridgeError, lines.Refused.
    """
    rate = lines.rate_of(timeline.GetSetting("timelineFrameRate"))
    exported = bridge.exports / f"{uuid.uuid4().hex}.otio"
    lines.export(resolve, timeline, str(exported))
    wish: dict[str, Any] = {"project": str(exported), "frame_rate": str(rate), "count": COUNT}
    wish.update(lines.marked_range(timeline, rate))
    key = lines.key_of(project, timeline)
    if key:
        wish["project_key"] = key
    if text:
        wish["text"] = text
    job = bridge.ask("suggest", wish)["job"]
    while True:
        found = bridge.ask("list", {"job": job, "wait_s": WAIT_S})
        if found["state"] == "done":
            break
        if found["state"] != "running":
            refusal = found.get("error", {})
            raise CannotGoOn(f"{refusal.get('sentence', 'Needledrop stopped looking.')} {refusal.get('remedy', '')}")
        progress = found.get("progress") or {}
        print(f"{progress.get('title', 'Working')} {progress.get('done', '')}", file=sys.stderr)
    for note in found.get("notes", []):
        print(note)
    if not found["suggestions"]:
        raise CannotGoOn("Nothing fits. Add music with: needledrop scan FOLDER")
    return job, found["suggestions"]


def show(suggestions: list[dict[str, Any]]) -> None:
    """Print the list, with licences and reasons."""
    for one in suggestions:
        facts = [one["title"], one.get("artist") or "", f"{one['bpm']:.0f} BPM" if one.get("bpm") else ""]
        facts += [one.get("key") or "", one.get("licence") or "licence unknown"]
        print(f"{one['number']:2d}. {', '.join(fact for fact in facts if fact)}")
        for reason in one.get("reasons", [])[:2]:
            print(f"      {reason}")


def lay(resolve: Any, project: Any, timeline: Any, cue: dict[str, Any], *, is_editable: bool) -> str:
    """Lay a cue on a new track with its markers; what was done, in a sentence.

    Args:
        is_editable: With native fades and volume instead of the baked ones, where Resolve and the cue allow it.

    Raises:
        lines.Refused: Resolve did not take it; the timeline is as it was.
    """
    pool = project.GetMediaPool()
    rate = lines.rate_of(timeline.GetSetting("timelineFrameRate"))
    said = "as one WAV with fades, gain and ducking in it"
    why_not = _why_not_editable(resolve, cue) if is_editable else ""
    if is_editable and not why_not:
        try:
            _lay_editable(pool, timeline, rate, cue)
            said = "as the original file, with fades and volume you can change"
        except lines.Refused as refused:
            why_not = str(refused)
    if not is_editable or why_not:
        media = lines.import_media(pool, cue["wav"])
        lines.lay(pool, timeline, media, f"Music: {cue['title']}", cue["start_frame"], cue["frames"])
    marked = lines.mark(timeline, rate, cue["markers"])
    return f"{cue['title']} lies on a new track {said}; {marked} markers. {why_not}".strip()


def _why_not_editable(resolve: Any, cue: dict[str, Any]) -> str:
    if not lines.has_native_fades(resolve):
        return "Fades can be set from Studio 21.1 on, so they are in the WAV."
    if cue.get("original") is None:
        return "The cue is cut together or played at another speed, so it is one WAV."
    if cue["original"]["duck"]:
        return "Resolve takes no volume keyframes from scripts, so the ducking is in the WAV."
    return ""


def _lay_editable(pool: Any, timeline: Any, rate: Fraction, cue: dict[str, Any]) -> None:
    original = cue["original"]
    media = lines.import_media(pool, original["path"])
    source_in_s = Fraction(original["in_s"]).limit_denominator(1_000_000)
    name = f"Music: {cue['title']}"
    item = lines.lay(pool, timeline, media, name, cue["start_frame"], cue["frames"], source_in_s)
    try:
        lines.set_levels(item, rate, original["gain_db"], original["fade_in_s"], original["fade_out_s"])
    except lines.Refused:
        lines.take_away(timeline, item)
        raise


def suggest(options: argparse.Namespace) -> None:
    """Ask, choose, lay."""
    bridge = Bridge(Path(__file__).resolve().parent)
    resolve = connect()
    project, timeline = open_timeline(resolve)
    job, suggestions = find(bridge, resolve, project, timeline, options.text)
    show(suggestions)
    number = options.pick or _asked_number(len(suggestions))
    cue = bridge.ask("use", {"job": job, "number": number})
    print(lay(resolve, project, timeline, cue, is_editable=options.editable))
    print(f"\n{cue['attribution']}")


def import_project(options: argparse.Namespace) -> None:
    """A project that `needledrop export --resolve-otio` (or --fcpxml) wrote, as a new timeline."""
    resolve = connect()
    project = resolve.GetProjectManager().GetCurrentProject()
    if project is None:
        raise CannotGoOn("No project is open in Resolve.")
    path = options.file.absolute()
    timeline, is_linked = lines.import_timeline(project, project.GetMediaPool(), str(path), path.stem)
    print(f"New timeline: {timeline.GetName()}" + ("" if is_linked else " (some media are offline: relink them)"))


def _asked_number(length: int) -> int:
    while True:
        said = input(f"Take which? 1 to {length}, q to stop: ").strip()
        if said.isdigit() and 1 <= int(said) <= length:
            return int(said)
        if said in ("q", ""):
            raise CannotGoOn("Nothing was changed.")


def main(arguments: list[str] | None = None) -> int:
    """Run; the exit status."""
    parser = argparse.ArgumentParser(description="Music for DaVinci Resolve Studio.")
    parser.set_defaults(run=suggest, text=None, pick=None, editable=False)
    verbs = parser.add_subparsers(metavar="VERB")
    found = verbs.add_parser(
        "suggest", help="find music for the current timeline and lay it (what is done without a verb)"
    )
    found.add_argument("--text", metavar="WORDS", help='such as "calm sunrise hike"')
    found.add_argument("--pick", type=int, metavar="N", help="take this entry without asking")
    found.add_argument(
        "--editable", action="store_true", help="native fades and volume, where Resolve can (Studio 21.1)"
    )
    found.set_defaults(run=suggest)
    imported = verbs.add_parser("import", help="a project that needledrop wrote, as a new timeline")
    imported.add_argument("file", type=Path)
    imported.set_defaults(run=import_project)
    options = parser.parse_args(arguments)
    try:
        options.run(options)
    except (CannotGoOn, BridgeError, lines.Refused) as error:
        print(error, file=sys.stderr)
        return 1
    except (KeyboardInterrupt, EOFError):
        print("\nStopped.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
