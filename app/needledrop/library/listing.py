# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The whole library in the order of one column, as ids, so that a table of any size can be scrolled anywhere at once.

Each order is read off one index that holds all it needs, and so is each set that narrows it; they meet by id
(`workflows.track_table`). A join of 100,000 tracks with their facts takes ten times as long.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Literal

from needledrop.core.errors import KnownError
from needledrop.library import texts
from needledrop.library.connection import Part
from needledrop.library.search import all_of, kind_of_token, like_condition
from needledrop.library.tracks import LISTED

Shown = Literal["all", "missing", "unanalysed", "edited", "favourites", "problems"]

# Each is the whole of an index.
_TRACK_KEYS = {
    "title": ("title COLLATE NOCASE", "id"),
    "artist": ("artist COLLATE NOCASE", "album COLLATE NOCASE", "track_number", "id"),
    "album": ("album COLLATE NOCASE", "track_number", "id"),
    "genre": ("genre COLLATE NOCASE", "title COLLATE NOCASE", "id"),
    "licence": ("licence_name COLLATE NOCASE", "title COLLATE NOCASE", "id"),
    "added": ("added_at", "id"),
    "duration": ("duration_s", "id"),
    "rating": ("rating", "id"),
}
_FACT_KEYS = {
    "tempo": ("tempo_bpm", "track_id"),
    "key": ("key_name", "track_id"),
    "loudness": ("integrated_lufs", "track_id"),
}
# Which tracks have no value, and sort before all others: they come last in either direction.
_UNKNOWN = {
    "title": "title COLLATE NOCASE = ''",
    "artist": "artist COLLATE NOCASE = ''",
    "album": "album COLLATE NOCASE = ''",
    "genre": "genre COLLATE NOCASE = ''",
    "licence": "licence_name COLLATE NOCASE = ''",
    "rating": "rating IS NULL",
    "tempo": "(tempo_bpm IS NULL OR tempo_bpm <= 0)",
    "key": "(key_name IS NULL OR key_name = '')",
    "loudness": "integrated_lufs IS NULL",
}
ORDERS = (*_TRACK_KEYS, *_FACT_KEYS)

_LISTED_IDS = f"SELECT id FROM tracks WHERE state IN {LISTED}"
_HIDDEN_IDS = "SELECT id FROM tracks WHERE state <> 'present' AND state IN ('removed', 'deleted')"
_ALL_FACTS = "SELECT track_id AS id FROM track_facts"
_SHOWN_IDS: dict[str, str] = {
    "missing": "SELECT id FROM tracks WHERE state <> 'present' AND state IN ('missing', 'offline')",
    "unanalysed": "SELECT track_id AS id FROM track_facts WHERE tempo_bpm IS NULL",
    "edited": "SELECT track_id AS id FROM edits UNION SELECT track_id FROM rhythm_edits WHERE beats IS NOT NULL",
    "favourites": "SELECT track_id AS id FROM edits WHERE field = 'is_favourite'",
    "problems": "SELECT track_id AS id FROM files JOIN problems ON problems.path = files.path "
    "UNION SELECT id FROM tracks WHERE state <> 'present' AND state IN ('missing', 'offline')",
}


class Listing(Part):
    """The part of the library that a table of all tracks is drawn from."""

    def ordered_ids(self, order: str) -> list[int]:
        """The ids of all listed tracks in an order: one of ORDERS, "-" before it for descending.

        Raises:
            KnownError: there is no such order.
        """
        name, direction = (order[1:], "DESC") if order.startswith("-") else (order, "ASC")
        if name not in ORDERS:
            raise KnownError(f"'{order}' is not an order.", remedy=f"Orders are: {', '.join(ORDERS)}.",
                             code="bad-value")  # fmt: skip
        is_fact = name in _FACT_KEYS
        keys = _FACT_KEYS[name] if is_fact else _TRACK_KEYS[name]
        source = _ALL_FACTS if is_fact else _LISTED_IDS
        found = self._ids(f"{source} ORDER BY {', '.join(f'{key} {direction}' for key in keys)}")
        if name in _UNKNOWN and direction == "ASC":
            unknown = f"{source} {'WHERE' if is_fact else 'AND'} {_UNKNOWN[name]}"
            count = int(self.connection.value(f"SELECT count(*) FROM ({unknown})"))
            found = found[count:] + found[:count]
        hidden = set(self._ids(_HIDDEN_IDS)) if is_fact else set()
        return [track_id for track_id in found if track_id not in hidden] if hidden else found

    def matching_ids(self, text: str, shown: Shown = "all", collection: str = "") -> set[int] | None:
        """The ids of tracks, hidden ones among them, in which every word of `text` occurs; None where all do.

        Args:
            text: As in `search`.
            shown: Which tracks: all, those without a file, without features, with edits, favourites, or with something
                wrong.
            collection: Only those in this one; "" for any.
        """
        asked = (*_shown(shown), *_in_collection(collection), *_matches(text))
        sets = [set(self._ids(sql, parameters)) for sql, parameters in asked]
        return set.intersection(*sets) if sets else None

    def problem_sentences(self, track_ids: Iterable[int]) -> dict[int, str]:
        """Why a file of a track could not be used, for those tracks that have such a file."""
        found = self.connection.rows(
            "SELECT files.track_id, problems.sentence FROM files JOIN problems ON problems.path = files.path "
            "WHERE files.track_id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(track_ids)),),
        )
        return {row[0]: row[1] for row in found}

    def _ids(self, sql: str, parameters: Iterable[Any] = ()) -> list[int]:
        # As one text: 100,000 rows would each become an object first, which takes five times as long.
        found: list[int] = json.loads(
            self.connection.value(f"SELECT json_group_array(id) FROM ({sql})", (*parameters,))
        )
        return found


def _shown(shown: Shown) -> list[tuple[str, tuple[Any, ...]]]:
    return [(_SHOWN_IDS[shown], ())] if shown != "all" else []


def _in_collection(name: str) -> list[tuple[str, tuple[Any, ...]]]:
    wanted = (name.casefold().strip(),)
    return [("SELECT track_id AS id FROM collections WHERE folded = ?", wanted)] if name else []


def _matches(text: str) -> list[tuple[str, tuple[Any, ...]]]:
    """The sets that each hold the tracks in which some of the tokens occur."""
    tokens = texts.tokens(text)
    words = [token for token in tokens if kind_of_token(token) == "word"]
    trigrams = [token for token in tokens if kind_of_token(token) == "trigram"]
    found: list[tuple[str, tuple[Any, ...]]] = []
    if words:
        found.append(("SELECT rowid AS id FROM tracks_fts WHERE tracks_fts MATCH ?", (all_of(words),)))
    if trigrams:
        quoted = " AND ".join(texts.quote_match(token) for token in trigrams)
        found.append(("SELECT rowid AS id FROM tracks_trigram WHERE tracks_trigram MATCH ?", (quoted,)))
    for token in tokens:
        if kind_of_token(token) == "like":
            condition, parameters = like_condition(token)
            found.append((f"SELECT t.id FROM tracks t WHERE {condition}", tuple(parameters)))
    return found
