# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the tags of a video come from: scripts, hashtags and captions, the track's metadata, project and file names,
and whatever names tags by looking.

Tags are what unified target labels are made of (target_labels.py). Nothing here knows which tags are right, counts
them, or looks at sound or picture itself.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

_URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_MENTION = re.compile(r"[@＠]\S+")
_CAMEL = re.compile(r"(?<=[a-zß-öø-ÿ])(?=[A-ZÀ-ÖØ-Þ])")
_SEPARATORS = re.compile(r"[;,/|\x00]")
# Zero-width joiners stand inside words of Indic and Persian script.
_JOINERS = "\u200c\u200d"
_HASHES = "#＃"
_SHORTEST_WORD = 3
# Fields of a music file that describe how it sounds. Titles and names would give each track a label of its own.
_DESCRIPTIVE_FIELDS = ("genre", "mood", "style", "keywords", "grouping")

STOP_WORDS = frozenset(
    """
    a about after all also am an and any are as at be because been before but by can could did do does for from get go
    had has have he her here him his how i if in into is it its just like made make me more most my new no not now of
    off on one only or our out over own she so some than that the their them then there these they this those through
    to too up us very was we were what when where which who why will with would you your
    aber als am auch auf aus bei bin das dem den der des die ein eine einen einer es für hat ich im ist mein mit nach
    nicht noch nur oder sich sie sind so um und uns von war was wie wir zu zum zur
    avec ce ces dans de des du elle est et il je la le les leur mais mon nous on ou par pas pour que qui sa se ses son
    sur un une vous con del el en es esta las lo los más mi muy para pero por que su una y
    """.split()  # noqa: SIM905 - one word a line would be 200 lines.
)
# What people write for the platform's sake or the editor's, not to say what is to be seen or heard.
PLATFORM_WORDS = frozenset(
    """
    bio channel comment explore explorepage follow followme foryou foryoupage fyp fypシ instagram link music
    official reel reels share shorts sub subscribe tiktok trending video videos viral youtube
    """.split()  # noqa: SIM905
)
EDITOR_WORDS = frozenset(
    """
    backup bin clip copy cut draft edit export exported file final folder footage img master mov mvi old project proj
    proxy raw render rendered scene seq sequence shot take temp test timeline track unnamed untitled upload version
    """.split()  # noqa: SIM905
)


@dataclass(frozen=True)
class VideoWords:
    """What was written of one video, by whomever.

    number: the video's in its set, by which draws of chance are made. script: tags of the script it was made from.
    caption: the text published with it, hashtags included. track_fields: fields of the track's file, by lower-case
    name. names: of the project, its bins and files, paths included.
    """

    number: int
    script: tuple[str, ...] = ()
    caption: str = ""
    track_fields: Mapping[str, str] = field(default_factory=dict)
    names: tuple[str, ...] = ()


class TagSource(Protocol):
    """One place that tags come from."""

    def tags(self, words: VideoWords) -> tuple[str, ...]:
        """The normalised tags of one video, each once, in the order found."""
        ...


@dataclass(frozen=True)
class ScriptTags:
    """The tags of a scene script as careless people would have given them: one in five is left out, and of those that
    stay one in five is replaced by another word of the vocabulary. The same seed and number, the same mistakes."""

    vocabulary: tuple[str, ...]
    seed: int
    missing: float = 0.2
    wrong: float = 0.2

    def tags(self, words: VideoWords) -> tuple[str, ...]:
        rng = np.random.default_rng((self.seed, words.number))
        # Drawn for every tag, kept or not, so that one tag's fate does not hang on another's.
        draws = [(rng.random(), rng.random(), rng.integers(1 << 32)) for _ in words.script]
        found = []
        for tag, (left_out, mistaken, choice) in zip(words.script, draws, strict=True):
            others = [word for word in self.vocabulary if word not in words.script]
            if left_out >= self.missing:
                found.append(others[int(choice) % len(others)] if others and mistaken < self.wrong else tag)
        return _each_once(map(normalised, found))


@dataclass(frozen=True)
class CaptionTags:
    """Hashtags and, unless switched off, the other words of a caption; addresses and @names are passed over."""

    plain_words: bool = True

    def tags(self, words: VideoWords) -> tuple[str, ...]:
        text = _MENTION.sub(" ", _URL.sub(" ", unicodedata.normalize("NFKC", words.caption)))
        found = _words_with_hash(text)
        return _each_once(
            word
            for word, is_hashtag in found
            if _says_something(word, PLATFORM_WORDS) and (is_hashtag or (self.plain_words and _is_long_enough(word)))
        )


@dataclass(frozen=True)
class TrackFieldTags:
    """Genre, mood, style, keywords and grouping of the track's file; "Rock; Indie" are two, "Drum and Bass" is one."""

    fields: tuple[str, ...] = _DESCRIPTIVE_FIELDS

    def tags(self, words: VideoWords) -> tuple[str, ...]:
        parts = (part for name in self.fields for part in _SEPARATORS.split(words.track_fields.get(name, "")))
        return _each_once(tag for tag in map(normalised, parts) if tag)


@dataclass(frozen=True)
class NameTags:
    """Words in the names of project, bins and files: "Projekt/Beach_Day/DSC0012_sunsetDrone.mov" says beach, day,
    sunset and drone. What editors and cameras put there by themselves is passed over."""

    def tags(self, words: VideoWords) -> tuple[str, ...]:
        found = (word for name in words.names for word in _words_of_name(name))
        return _each_once(word for word in found if _says_something(word, EDITOR_WORDS) and _is_long_enough(word))


class Distribution(Protocol):
    """Whatever names tags for a video by looking at it, such as an installed semantic pack."""

    def __call__(self, number: int) -> Sequence[tuple[str, float]]:
        """Tags of the video of that number with their probabilities, in any order; empty where it knows nothing."""
        ...


@dataclass(frozen=True)
class SemanticTags:
    """The likeliest tags that a model gives a video: at most `most`, each of a probability of `least` or more; of equal
    ones the alphabetically first. A probability that is no number names nothing.

    least: has to lie above what a model gives that knows nothing (1 / the number of tags that exclude each other).
    """

    distribution: Distribution
    most: int = 5
    least: float = 0.2

    def tags(self, words: VideoWords) -> tuple[str, ...]:
        named = [(tag, share) for tag, share in self.distribution(words.number) if share >= self.least]
        best = sorted(named, key=lambda one: (-one[1], one[0]))[: self.most]
        return _each_once(normalised(tag) for tag, _ in best)


def collected(sources: Sequence[TagSource], videos: Sequence[VideoWords]) -> tuple[tuple[str, ...], ...]:
    """The tags of each video from all sources. A video has each tag once: several videos may vote for it, one only
    once."""
    return tuple(_each_once(tag for source in sources for tag in source.tags(video)) for video in videos)


def normalised(tag: str) -> str:
    """Compatibility forms and case folded, white space single, without a leading #; "" where nothing is left."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", tag).casefold())
    return " ".join(folded.split()).strip(f"{_HASHES}_ ")


def _each_once(tags: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tag for tag in tags if tag))


def _is_part_of_word(character: str) -> bool:
    # Marks too: without them words of Devanagari or Thai would fall apart, which \w does.
    return unicodedata.category(character)[0] in "LMN" or character == "_" or character in _JOINERS


def _words_with_hash(text: str) -> list[tuple[str, bool]]:
    """The words of a text, normalised, and whether each is a hashtag: a # before it, and no plain word before that."""
    found: list[tuple[str, bool]] = []
    start = None
    for place, character in enumerate(f"{text} "):
        if _is_part_of_word(character):
            start = place if start is None else start
        elif start is not None:
            after_hash = start > 0 and text[start - 1] in _HASHES
            inside_word = start > 1 and _is_part_of_word(text[start - 2]) and not found[-1][1]
            is_hashtag = after_hash and not inside_word
            found.append((normalised(text[start:place]), is_hashtag))
            start = None
    return found


def _words_of_name(name: str) -> list[str]:
    parts = unicodedata.normalize("NFKC", name).replace("\\", "/").split("/")
    if parts and "." in parts[-1][1:]:
        parts[-1] = parts[-1].rpartition(".")[0]
    return [
        word
        for part in parts
        for piece in _CAMEL.sub(" ", part).replace("_", " ").split()
        for word, _ in _words_with_hash(re.sub(r"\d+", " ", piece))
    ]


def _says_something(word: str, noise: frozenset[str]) -> bool:
    return bool(word) and word not in STOP_WORDS and word not in noise and any(map(str.isalpha, word))


def _is_long_enough(word: str) -> bool:
    # A word of Chinese, Japanese or Korean is often one or two characters.
    return len(word) >= _SHORTEST_WORD or any(unicodedata.category(character) == "Lo" for character in word)
