# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Words that tell what a video is about: out of the names people and cameras give to files, and out of subtitles.

Knows no language: words are what Unicode calls letters, and common words are told by how evenly they are spread. Plain
text in, words out; it must not read files.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence

_SHORTEST_WORD = 3
_LONGEST_WORD = 40
# Scripts without spaces between words say as much in two signs; a run of them is taken apart into pairs.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u0f00-\u109f\u1780-\u17ff\u2e80-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
_UNSPACED_RUN = 12
_PAIR = 2
_FEWEST_STRETCHES, _MOST_STRETCHES = 4, 24
_CAMEL = re.compile(r"(?<=[a-z\u00df-\u00ff])(?=[A-Z\u00c0-\u00de])")
_URL = re.compile(r"\b(?:https?://|www\.)\S+")
# What cameras, phones and recorders put before their numbers.
_CAMERAS = frozenset(
    re.findall(
        r"\w+",
        """dsc dscn dscf dcim img imgp mvi mov vid gopr gopro pxl dji cimg pano avchd bpav xavc canon nikon sony
        panasonic screenrecording screenshot recording whatsapp telegram snapchat""",
    )
)
# What people put behind a name to tell one state of the work from the next, and what programs put there for them.
_STATES = frozenset(
    re.findall(
        r"\w+",
        """final finals fin ver version vers rev revision edit edited edits cut rough roughcut lock locked draft wip
        export exports exported render renders rendered rendering output out master mastered mix copy kopie copia
        new neu old test tests temp tmp temporary backup bak untitled unbenannt sequence seq timeline comp
        composition project projekt projet proyecto progetto proxy proxies web youtube vimeo instagram tiktok upload
        uploaded download downloads preview prores dnxhd dnxhr hevc avc uhd fhd fps raw graded grade ungraded mkv
        webm avi video videos movie movies film films footage media clip clips files file desktop documents home
        users user mnt volumes private var folder default part teil take shot reel chapter kapitel chapitre track
        with and the for demo sample samples resources assets material content library""",
    )
)


def words_of(text: str) -> list[str]:
    """The runs of letters in a text with their marks, as they stand; invisible controls of direction are dropped."""
    text = unicodedata.normalize("NFKC", text)
    separators = {ord(sign): None if _is_invisible(sign) else " " for sign in set(text) if not _is_of_word(sign)}
    return [word.strip("'’") for word in text.translate(separators).split() if word.strip("'’")]


def name_words(name: str) -> list[str]:
    """What a name says, in its order, each word once: without camera numbers, dates, versions and states of the work.

    "2023-05-12_SunriseHike_final_v3" gives "Sunrise", "Hike"; "DSC_0012" gives nothing.
    """
    name = _CAMEL.sub(" ", _URL.sub(" ", unicodedata.normalize("NFKC", name)))
    kept: dict[str, str] = {}
    for word in words_of(name):
        folded = word.casefold()
        if is_telling(word) and folded not in _CAMERAS and folded not in _STATES:
            kept.setdefault(folded, word)
    return list(kept.values())


def is_telling(word: str) -> bool:
    """Whether a word may say something: long enough, not absurdly long, no digit in it."""
    if any(sign.isdigit() for sign in word):
        return False
    if _UNSPACED.search(word):
        return _PAIR <= len(word) <= _UNSPACED_RUN
    return _SHORTEST_WORD <= len(word) <= _LONGEST_WORD


def telling_words(lines: Sequence[str], count: int) -> list[str]:
    """The `count` most telling words of subtitle lines, most telling first, ties in the order they come.

    By TF-IDF with stretches of the subtitles themselves as the documents, (1 + log tf) log(N / df) (Salton and Buckley,
    "Term-weighting approaches in automatic text retrieval", 1988): words that come everywhere, the little words of any
    language, count nothing. Fewer than four stretches cannot tell these apart; there, what comes often counts.
    """
    stretches = _stretches(lines)
    total: Counter[str] = Counter()
    within: Counter[str] = Counter()
    shown: dict[str, str] = {}
    for stretch in stretches:
        found = Counter[str]()
        for word in _subtitle_words(stretch):
            shown.setdefault(word.casefold(), word)
            found[word.casefold()] += 1
        total.update(found)
        within.update(found.keys())
    count_all = len(stretches) if len(stretches) >= _FEWEST_STRETCHES else math.inf
    worth = {word: (1.0 + math.log(total[word])) * _rarity(within[word], count_all) for word in total}
    order = {word: place for place, word in enumerate(shown)}
    best = sorted(worth, key=lambda word: (-round(worth[word], 9), order[word]))
    return [shown[word] for word in best if worth[word] > 0.0][: max(count, 0)]


def _rarity(within: int, stretches: float) -> float:
    return math.log(stretches / within) if math.isfinite(stretches) else 1.0


def _subtitle_words(lines: Iterable[str]) -> Iterable[str]:
    for word in words_of(" ".join(lines)):
        if _UNSPACED.search(word):
            yield from (word[at : at + _PAIR] for at in range(max(1, len(word) - _PAIR + 1)) if len(word) >= _PAIR)
        elif is_telling(word):
            yield word


def _stretches(lines: Sequence[str]) -> list[Sequence[str]]:
    """The lines in up to _MOST_STRETCHES stretches of equal length; single lines where there are fewer."""
    size = max(1, math.ceil(len(lines) / _MOST_STRETCHES))
    return [lines[start : start + size] for start in range(0, len(lines), size)]


def _is_of_word(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "LMN" or sign in "'’"


def _is_invisible(sign: str) -> bool:
    return unicodedata.category(sign) == "Cf"
