# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was found in past edits, and what the user struck of it: one small file for each edit, in the profile's data.

A strike is the user's and survives every new look at the same edit. Knows files; looks for no music itself.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from needledrop.core.errors import KnownError
from needledrop.core.json_file import read_json, write_json
from needledrop.core.paths import Profile
from needledrop.library.lock import WriterLock
from needledrop.workflows.taste_store import made_folder

_FORMAT = 1
_PATIENCE_S, _LOOK_S = 5.0, 0.05


@dataclass(frozen=True)
class KeptPair:
    """Music in an edit from start_s to end_s of its timeline.

    Attributes:
        number: By which the user names it; never given twice.
        track_hash: Content hash of the track of the library.
        name: For people.
        track_start_s: Moment of the track at start_s.
        speed: Seconds of the track to a second of the edit.
        confidence: 0..1; 1 is what a project file says.
        level_db: As a project says it; None where the sound was heard.
    """

    number: int
    start_s: float
    end_s: float
    track_hash: str
    name: str
    track_start_s: float
    speed: float
    confidence: float
    level_db: float | None = None
    is_struck: bool = False

    def is_same_find(self, other: KeptPair) -> bool:
        """Whether two looks at one edit found the same music at about the same place."""
        overlap_s = min(self.end_s, other.end_s) - max(self.start_s, other.start_s)
        shorter_s = min(self.end_s - self.start_s, other.end_s - other.start_s)
        return self.track_hash == other.track_hash and overlap_s >= 0.5 * shorter_s


@dataclass(frozen=True)
class KeptEdit:
    """One finished video or project that was looked at.

    Attributes:
        identity: Content hash of a video; of a project what its path makes.
        against: Key of the tracks it was compared with; with others it is compared again.
        sentence: Why it has no pairs; "" where there is nothing to say.
        has_unknown: It has sound, or names music, that no track of the library was found for.
    """

    path: str
    identity: str
    size: int
    mtime_ns: int
    against: str
    sentence: str
    has_unknown: bool
    pairs: tuple[KeptPair, ...] = ()


def edits_dir(profile: Profile) -> Path:
    """Where a profile keeps what was found in past edits."""
    return profile.data_dir / "taste" / "past-edits"


def kept_edits(profile: Profile) -> list[KeptEdit]:
    """All of them, in the order of their paths; files that cannot be read are left out."""
    found = [_read(path) for path in edits_dir(profile).glob("*.json")]
    return sorted((one for one in found if one is not None), key=lambda one: (one.path, one.identity))


def keep_edit(profile: Profile, edit: KeptEdit) -> KeptEdit:
    """Keep what one look found. Pairs that were found before keep their numbers and strikes, new ones are numbered.

    Raises:
        KnownError: "disk-full", or "locked" by another process for seconds.
    """
    with _lock(profile):
        before = _read(_file(profile, edit.identity))
        edit = replace(edit, pairs=_numbered(profile, edit.pairs, before.pairs if before is not None else ()))
        write_json(_file(profile, edit.identity), _facts(edit))
    return edit


def strike_pair(profile: Profile, number: int, *, is_struck: bool) -> KeptPair:
    """Strike a pair, or take the strike back; the pair as it is now.

    Raises:
        KnownError: "missing", "disk-full", or "locked" by another process for seconds.
    """
    with _lock(profile):
        for edit in kept_edits(profile):
            if number in {pair.number for pair in edit.pairs}:
                pairs = tuple(
                    replace(pair, is_struck=is_struck) if pair.number == number else pair for pair in edit.pairs
                )
                write_json(_file(profile, edit.identity), _facts(replace(edit, pairs=pairs)))
                return next(pair for pair in pairs if pair.number == number)
    raise KnownError(f"There is no pair {number}.", remedy="List them: needledrop taste pairs", code="missing")


def _numbered(profile: Profile, found: Sequence[KeptPair], before: Sequence[KeptPair]) -> tuple[KeptPair, ...]:
    taken = [pair.number for edit in kept_edits(profile) for pair in edit.pairs]
    following = max([*taken, *(pair.number for pair in before)], default=0) + 1
    known, numbered = list(before), []
    for pair in found:
        same = next((one for one in known if one.is_same_find(pair)), None)
        if same is None:
            numbered.append(replace(pair, number=following))
            following += 1
        else:
            known.remove(same)
            numbered.append(replace(pair, number=same.number, is_struck=same.is_struck))
    # What was struck stays struck, also where a look in between did not find it.
    return (*numbered, *(pair for pair in known if pair.is_struck))


def _file(profile: Profile, identity: str) -> Path:
    return edits_dir(profile) / f"{identity}.json"


def _facts(edit: KeptEdit) -> dict[str, object]:
    return {"format": _FORMAT, **dataclasses.asdict(edit)}


def _read(path: Path) -> KeptEdit | None:
    stored = read_json(path)
    try:
        if not isinstance(stored, dict) or stored.pop("format") != _FORMAT:
            return None
        pairs = tuple(KeptPair(**pair) for pair in stored.pop("pairs"))
        return KeptEdit(**stored, pairs=pairs)
    except (KeyError, TypeError, ValueError):
        return None


@contextmanager
def _lock(profile: Profile) -> Iterator[None]:
    """Held for the moment of a change only: a look takes minutes, and the user strikes meanwhile."""
    folder = made_folder(edits_dir(profile))
    end = time.monotonic() + _PATIENCE_S
    while True:
        try:
            lock = WriterLock(folder / "past-edits", "taste strike")
            break
        except KnownError as error:
            if error.code != "locked":
                raise
            if time.monotonic() > end:
                raise KnownError(
                    "The list of past edits is being written by another Needledrop.",
                    remedy="Wait until it has finished, and try again.",
                    cause=error.cause,
                    code="locked",
                ) from error
        time.sleep(_LOOK_S)
    try:
        yield
    finally:
        lock.release(is_clean=True)
