# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The text that a licence asks to be published: title, author, source, licence (TASL), and the notice of changes.

After the Creative Commons "Recommended practices for attribution". It is no legal advice, and says what is missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from needledrop.core.cue import Cue
from needledrop.export.credits import CueTrack
from needledrop.media.output_file import written_whole

_CC_ADDRESS = "https://creativecommons.org/"


def attribution_text(cues: Sequence[Cue], tracks: Mapping[int, CueTrack]) -> str:
    """One paragraph per track in order of first use, each once; empty without cues.

    Raises:
        KeyError: a cue's track has no credits.
    """
    ordered = sorted(cues, key=lambda cue: (cue.record_in_s, cue.track_id))
    used = dict.fromkeys(cue.track_id for cue in ordered)
    if not used:
        return ""
    stretched = {cue.track_id for cue in ordered if cue.stretch != 1.0}
    credits = [_credit(tracks[track_id], is_stretched=track_id in stretched) for track_id in used]
    return "Music\n\n" + "\n\n".join(credits) + "\n"


def export_attribution(
    cues: Sequence[Cue], tracks: Mapping[int, CueTrack], out_path: Path, *, overwrite: bool = False
) -> None:
    """Write `attribution_text` as UTF-8.

    Raises:
        KnownError: "exists", "disk-full" or "unwritable".
    """
    with written_whole(out_path, overwrite=overwrite) as part:
        part.write_text(attribution_text(cues, tracks), encoding="utf-8", newline="\n")


def _credit(track: CueTrack, *, is_stretched: bool) -> str:
    lines = [f'"{track.title}" by {track.author or "an unknown author"}']
    if track.source:
        lines.append(f"Source: {track.source}")
    lines.append(_licence_line(track))
    if not _is_public_domain(track.licence_name):
        lines.append(f"Modified: edited{', played at another speed,' if is_stretched else ''} and mixed.")
    return "\n".join(lines)


def _licence_line(track: CueTrack) -> str:
    address = track.licence_url or licence_address(track.licence_name)
    if not track.licence_name and not address:
        return "Licence: not known; ask the rights holder before you publish."
    if _is_public_domain(track.licence_name):
        return f"Dedicated to the public domain: {track.licence_name} ({address})".replace(" ()", "")
    name = licence_title(track.licence_name)
    return f"Licensed under {name}: {address}" if name and address else f"Licensed under {name or address}"


def licence_title(name: str) -> str:
    """ "CC-BY-SA-4.0" as the licensor writes it, "CC BY-SA 4.0"; other names unchanged."""
    if not name.startswith("CC-"):
        return name
    terms, _, version = name.removeprefix("CC-").rpartition("-")
    return f"CC {terms} {version}" if terms and version[:1].isdigit() else name


def licence_address(name: str) -> str:
    """The deed of a Creative Commons licence; empty for any other."""
    if name in {"CC0", "CC0-1.0"}:
        return f"{_CC_ADDRESS}publicdomain/zero/1.0/"
    terms, _, version = name.removeprefix("CC-").rpartition("-")
    if not name.startswith("CC-") or not terms or not version[:1].isdigit():
        return ""
    return f"{_CC_ADDRESS}licenses/{terms.lower()}/{version}/"


def _is_public_domain(name: str) -> bool:
    return name.startswith("CC0") or name in {"PDM", "PDM-1.0", "Public Domain"}
