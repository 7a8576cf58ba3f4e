# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Words for free: what names, tags, chapters and subtitles already say about a video, as a line the user can edit.

Every word knows where it was found. Whoever has more (the names of a project, of bins and clips, markers) gives them as
FoundWord values of another source; nothing else here needs to know them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Any

from needledrop.core.edit import is_edit_file
from needledrop.core.paths import Profile, display_path
from needledrop.core.progress import CancelToken
from needledrop.features.telling_words import name_words, telling_words
from needledrop.workflows.videos import run_in_worker

TEXTS_ENTRY = "needledrop.workflows.found_words:read_texts"
# Raise when other words would be found in the same files: what is kept in the cache is then found anew.
_VERSION = 1
# More words say less: each pulls the line towards another meaning.
_MOST_WORDS = 20
_NEAREST_FOLDERS = 2
_MOST_SIDECARS = 4
# What a container calls its fields, by what they are shown as, with how many words each may give.
_FIELDS = (
    ("title", ("title", "show"), 6),
    ("keywords", ("keywords", "genre", "subject"), 8),
    ("comment", ("comment", "description", "synopsis"), 6),
)
_FILE_WORDS, _FOLDER_WORDS, _CHAPTER_WORDS, _SUBTITLE_WORDS = 6, 4, 8, 8

Report = Callable[[float], None]


@dataclass(frozen=True)
class FoundWord:
    """One word about a video. source: "file name", "folder", "title", "keywords", "comment", "chapters", "subtitles",
    or what another giver of words calls itself."""

    word: str
    source: str


@dataclass(frozen=True)
class FoundWords:
    """The words in order, and what could not be read."""

    words: tuple[FoundWord, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The words as one line, to be edited and given as --text."""
        return " ".join(found.word for found in self.words)


@dataclass(frozen=True)
class VideoTexts:
    """What a worker read: words by their source, and the names of sidecars whose encoding cannot be told."""

    words: tuple[FoundWord, ...]
    unreadable: tuple[str, ...]


def found_words(profile: Profile, path: Path, cancel: CancelToken, more: Iterable[FoundWord] = ()) -> FoundWords:
    """The words found about a video: in its name, its folders, its container, its subtitles, and those given.

    Raises:
        KnownError: the video cannot be read.
        Cancelled: stopped by the user.
    """
    path = path.absolute()
    if is_edit_file(path):
        # It gives its words as the type that is here.
        from needledrop.workflows.edited_video import project_words, read_project

        texts, more = VideoTexts((), ()), (*more, *project_words(read_project(path, cancel)))
    else:
        texts = _texts(profile, path, cancel)
    named = [FoundWord(word, "file name") for word in name_words(_printable(path.stem))[:_FILE_WORDS]]
    # A plugin's timeline lies in a folder of the program, which says nothing about the film.
    story = () if path.is_relative_to(profile.bridge_dir) else story_folders(path, Path.home())
    folders = [word for folder in story for word in name_words(_printable(folder))]
    placed = [FoundWord(word, "folder") for word in folders[:_FOLDER_WORDS]]
    notes = tuple(
        f"The encoding of '{name}' cannot be told, so that its words are left out. Save it as UTF-8."
        for name in texts.unreadable
    )
    return FoundWords(joined([*more, *named, *texts.words, *placed]), notes)


def joined(words: Iterable[FoundWord]) -> tuple[FoundWord, ...]:
    """Each word once, with the source that names it first; no more than are worth asking for."""
    kept: dict[str, FoundWord] = {}
    for found in words:
        kept.setdefault(found.word.casefold(), found)
    return tuple(kept.values())[:_MOST_WORDS]


def story_folders(path: Path, home: Path) -> list[str]:
    """The names of the folders nearest to a video that may say what it is about, nearest first.

    Not the user's own folder nor those every user has in it ("Videos", in any language), nor where drives are mounted.
    """
    parents = list(path.parent.parts)
    own = list(home.parts)
    skipped = len(own) + 1 if parents[: len(own)] == own else 3
    return list(reversed(parents[skipped:]))[:_NEAREST_FOLDERS]


def read_texts(report: Report, path: bytes, sidecars: Sequence[bytes]) -> VideoTexts:
    """The words in a container and in the first sidecar that speaks. Runs in a worker.

    Raises:
        KnownError: the video cannot be read; a sidecar that cannot be is only named.
    """
    from needledrop.media.container_texts import container_texts

    texts = container_texts(path)
    words: list[FoundWord] = []
    for source, names, most in _FIELDS:
        said = " ".join(texts.tags.get(name, "") for name in names)
        words += [FoundWord(word, source) for word in name_words(said)[:most]]
    chapters = [word for name in texts.chapters for word in name_words(name)]
    words += [FoundWord(word, "chapters") for word in list(dict.fromkeys(chapters))[:_CHAPTER_WORDS]]
    lines, unreadable = _sidecar_lines(sidecars)
    telling = telling_words(lines or texts.subtitles, _SUBTITLE_WORDS)
    return VideoTexts((*words, *(FoundWord(word, "subtitles") for word in telling)), tuple(unreadable))


def _sidecar_lines(sidecars: Sequence[bytes]) -> tuple[list[str], list[str]]:
    """The lines of the first sidecar that holds any, and the names of those before it that cannot be read."""
    from needledrop.media.subtitles import MOST_BYTES, decoded, subtitle_lines

    unreadable = []
    for sidecar in sidecars:
        try:
            with open(sidecar, "rb") as file:  # noqa: PTH123  a bytes path
                text = decoded(file.read(MOST_BYTES))
        except OSError:
            text = None
        if text is None:
            unreadable.append(display_path(os.path.basename(sidecar)))  # noqa: PTH119  a bytes path
        elif lines := subtitle_lines(text):
            return lines, unreadable
    return [], unreadable


def _texts(profile: Profile, path: Path, cancel: CancelToken) -> VideoTexts:
    """What a worker reads, kept in the cache for as long as no file changes."""
    sidecars = _sidecars(path)
    key = [_VERSION, *(_identity(file) for file in (path, *sidecars))]
    file = profile.cache_dir / "words" / f"{blake2b(os.fsencode(path), digest_size=16).hexdigest()}.json"
    kept = _kept(file, key)
    if kept is not None:
        return kept
    texts: VideoTexts = run_in_worker(TEXTS_ENTRY, path, (tuple(map(os.fsencode, sidecars)),), cancel)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        scratch = file.with_suffix(f".{os.getpid()}.part")
        scratch.write_text(json.dumps({"key": key} | asdict(texts)), encoding="utf-8")
        scratch.replace(file)
    except OSError:
        return texts  # A cache that cannot be written costs time, nothing else.
    return texts


def _kept(file: Path, key: list[Any]) -> VideoTexts | None:
    try:
        kept = json.loads(file.read_text(encoding="utf-8"))
        if kept["key"] != key:
            return None
        return VideoTexts(tuple(FoundWord(**word) for word in kept["words"]), tuple(kept["unreadable"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _sidecars(path: Path) -> list[Path]:
    """Subtitle files beside a video that bear its name, "film.srt" before "film.en.srt"."""
    from needledrop.media.subtitles import SUBTITLE_SUFFIXES

    start = path.stem + "."
    try:
        with os.scandir(path.parent) as entries:
            names = [entry.name for entry in entries if entry.name.startswith(start) and entry.is_file()]
    except OSError:
        return []
    found = [name for name in names if name.lower().endswith(SUBTITLE_SUFFIXES)]
    return [path.parent / name for name in sorted(found, key=lambda name: (len(name), name))][:_MOST_SIDECARS]


def _identity(file: Path) -> list[int | str]:
    try:
        status = file.stat()
    except OSError:
        return [_printable(file.name), 0, 0]
    return [_printable(file.name), status.st_size, status.st_mtime_ns]


def _printable(name: str) -> str:
    """A file name as text: bytes that are no text become spaces between words."""
    return name.encode("utf-8", "replace").decode("utf-8").replace("?", " ")
