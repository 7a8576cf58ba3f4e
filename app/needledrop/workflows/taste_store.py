# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The versions of a taste that a profile keeps, and which of them counts. Knows files, learns and ranks nothing.

"base" is the list without any taste, exactly; "live" what the labels say by themselves, from the first one on; a
number a version that was learned or imported. None is ever overwritten.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from needledrop.core.errors import KnownError
from needledrop.core.json_file import read_json, write_json
from needledrop.core.paths import Profile
from needledrop.core.query import SequenceModel
from needledrop.index.gallery import Gallery
from needledrop.library.lock import WriterLock
from needledrop.workflows.taste_files import KeptTaste, json_of, read_taste, write_taste

BASE, LIVE = "base", "live"
_FORMAT = 1
_NAME = "version-{:04d}.safetensors"


@dataclass(frozen=True)
class TasteState:
    """Which taste counts, and how much of it: current is BASE, LIVE or a version's number; blend in 0..1; seen_id is
    the newest feedback that learning has looked at, whatever came of it."""

    current: str = LIVE
    blend: float = 1.0
    seen_id: int = 0


def taste_dir(profile: Profile) -> Path:
    """Where a profile keeps its tastes."""
    return profile.data_dir / "taste"


def checkpoint_path(profile: Profile) -> Path:
    """Where a run of learning keeps its finished folds; the file is there as long as a run is not finished."""
    return taste_dir(profile) / "learning.json"


def state_of(profile: Profile) -> TasteState:
    """The state; that of a fresh profile where there is none that can be read."""
    stored = read_json(taste_dir(profile) / "state.json")
    try:
        if isinstance(stored, dict) and stored["format"] == _FORMAT:
            blend = min(max(float(stored["blend"]), 0.0), 1.0)
            return TasteState(str(stored["current"]), blend, int(stored.get("seen_id", 0)))
    except (KeyError, TypeError, ValueError):
        pass
    return TasteState()


def save_state(profile: Profile, state: TasteState) -> None:
    """Keep the state; the caller holds `taste_lock`.

    Raises:
        KnownError: "disk-full".
    """
    facts = {"format": _FORMAT, "current": state.current, "blend": state.blend, "seen_id": state.seen_id}
    write_json(taste_dir(profile) / "state.json", facts)


def versions(profile: Profile) -> list[dict[str, Any]]:
    """What is known of each version, oldest first, by its JSON alone; those that cannot be read are left out."""
    found = []
    for path in sorted(taste_dir(profile).glob("version-*.json")):
        about = read_json(path)
        if isinstance(about, dict) and about.get("version") == _number(path):
            found.append(about)
    return found


def read_version(profile: Profile, number: int) -> KeptTaste:
    """One version.

    Raises:
        KnownError: "missing" or "corrupt".
    """
    path = taste_dir(profile) / _NAME.format(number)
    if not json_of(path).exists():
        raise KnownError(
            f"There is no version {number} of your taste.", remedy="List them: needledrop taste list", code="missing"
        )
    return read_taste(path)


def add_version(profile: Profile, kept: KeptTaste) -> int:
    """Keep a taste as the next version; the caller holds `taste_lock`.

    Raises:
        KnownError: "disk-full".
    """
    taken = [_number(path) for path in taste_dir(profile).glob("version-*.*")]
    number = max(taken, default=0) + 1
    path = taste_dir(profile) / _NAME.format(number)
    write_taste(path, KeptTaste(kept.taste, dict(kept.about) | {"version": number}))
    return number


def counting_version(
    profile: Profile, state: TasteState, model: SequenceModel, gallery: Gallery, notes: list[str]
) -> KeptTaste | None:
    """The version that counts; None, with a word, where it cannot be used with this gallery."""
    if not state.current.isdecimal():
        return None
    try:
        kept = read_version(profile, int(state.current))
    except KnownError as error:
        notes.append(f"Ranked by your feedback alone: {error.sentence} {error.remedy}")
        return None
    is_of_now = kept.about.get("model") == model.name
    is_of_now &= kept.about.get("feature_versions") == dict(gallery.feature_versions)
    if not is_of_now:
        notes.append(
            "Your taste was learned under another analysis; your feedback counts. Learn again: needledrop learn"
        )
        return None
    return kept


def made_folder(folder: Path) -> Path:
    """The folder, made where it is missing.

    Raises:
        KnownError: "disk-full": it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise KnownError(
            f"The folder {folder} could not be made.",
            remedy="Check that the profile's folder can be written and the disk is not full.",
            cause=str(error),
            code="disk-full",
        ) from error
    return folder


@contextmanager
def taste_lock(profile: Profile, verb: str) -> Iterator[None]:
    """Nobody else may learn or change the taste meanwhile.

    Raises:
        KnownError: "locked": another process does.
    """
    folder = made_folder(taste_dir(profile))
    try:
        lock = WriterLock(folder / "taste", verb)
    except KnownError as error:
        if error.code != "locked":
            raise
        raise KnownError(
            "Your taste is being learned or changed by another Needledrop.",
            remedy="Wait until it has finished, or stop it, and try again.",
            cause=error.cause,
            code="locked",
        ) from error
    try:
        yield
    finally:
        lock.release(is_clean=True)


def _number(path: Path) -> int:
    digits = path.name.split(".")[0].rpartition("-")[2]
    return int(digits) if digits.isdecimal() else 0
