# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text on its way into the database and into full-text queries. Pure functions."""

from __future__ import annotations

import hashlib
import re
import unicodedata

_WORD = re.compile(r"[^\W_]+")
# Scripts written without spaces between words: Thai to Myanmar, Khmer, kana, CJK, and the supplementary planes.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u0f00-\u109f\u1780-\u17ff\u2e80-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
)
TRIGRAM_SIZE = 3
_QUERY_CHARS = 1000


def clean_text(text: str) -> str:
    """Text that SQLite can hold and find: no lone surrogates, no NUL, composed accents (NFC)."""
    text = text.encode("utf-8", "replace").decode("utf-8").replace("\x00", " ")
    return unicodedata.normalize("NFC", text).strip()


def folder_words(display_path: str, root_display: str, title: str) -> str:
    """The words in the folders of a track below its music folder; its file name's too if it has no title."""
    parts = [part for part in re.split(r"[/\\]", display_path) if part]
    skipped = len([part for part in re.split(r"[/\\]", root_display) if part]) - 1
    folders, name = parts[max(skipped, 0) : -1], parts[-1] if parts else ""
    if not title:
        folders = [*folders, name.rsplit(".", 1)[0]]
    return clean_text(" ".join(_WORD.findall(" ".join(folders))))


def tokens(text: str) -> list[str]:
    """What the user typed, split at white space; each token once, and no more than SQLite's limits bear."""
    return list(dict.fromkeys(clean_text(text)[:_QUERY_CHARS].split()))


def words(text: str) -> list[str]:
    """The words of a line of text, in order, each once, in lower case; no more than SQLite's limits bear."""
    return list(dict.fromkeys(_WORD.findall(clean_text(text)[:_QUERY_CHARS].casefold())))


def quote_match(token: str) -> str:
    """A token as an FTS5 string: nothing in it is an operator any more."""
    return '"' + token.replace('"', '""') + '"'


def like_pattern(token: str) -> str:
    """A LIKE pattern (ESCAPE '\\') for text that contains the token."""
    return "%" + re.sub(r"([\\%_])", r"\\\1", token) + "%"


def has_unspaced_script(token: str) -> bool:
    """True if the token holds a script without spaces, where a word index finds only whole runs."""
    return _UNSPACED.search(token) is not None


def is_plain_word(token: str) -> bool:
    """True if every character belongs to a word, so that a word index loses nothing of the token."""
    return _WORD.fullmatch(token) is not None


def text_key(text: str) -> bytes:
    """The key under which a text's embedding is kept."""
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()
