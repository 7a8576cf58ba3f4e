# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding tracks by words: lists for people (every word must occur) and scores for ranking (any word may).

User text never reaches MATCH as syntax: each token is quoted. Words in scripts without spaces are sought as trigrams;
what is too short for that, or has no letters, by LIKE.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from needledrop.core.errors import KnownError
from needledrop.library import texts
from needledrop.library.connection import Part
from needledrop.library.rows import LISTED_STATES, SearchFilters, TrackRow
from needledrop.library.tracks import LISTED, SELECT_TRACK, track_row

_WEIGHTS = "4.0, 3.0, 2.0, 4.0, 4.0, 1.0, 2.0"  # title, artist, album, genre, mood, comment, folders
_TEXT_COLUMNS = ("title", "artist", "album", "genre", "mood", "comment", "folder_words")
_COMMENT_CHARS = 200
_WORD_CONDITION = "t.id IN (SELECT rowid FROM tracks_fts WHERE tracks_fts MATCH ?)"

# Sort keys by table; every key is the whole of an index, so that a page is read off the index.
_TRACK_ORDERS = {
    "title": ("t.title COLLATE NOCASE", "t.id"),
    "artist": ("t.artist COLLATE NOCASE", "t.album COLLATE NOCASE", "t.track_number", "t.id"),
    "album": ("t.album COLLATE NOCASE", "t.track_number", "t.id"),
    "added": ("t.added_at", "t.id"),
    "duration": ("t.duration_s", "t.id"),
    "rating": ("t.rating", "t.id"),
}
_FACT_ORDERS = {
    "tempo": ("f.tempo_bpm", "f.track_id"),
    "key": ("f.key_name", "f.track_id"),
    "loudness": ("f.integrated_lufs", "f.track_id"),
}
SORTS = ("relevance", *_TRACK_ORDERS, *_FACT_ORDERS)


class Search(Part):
    """The part of the library that answers words."""

    def search(
        self,
        text: str = "",
        *,
        limit: int = 100,
        offset: int = 0,
        sort: str = "relevance",
        filters: SearchFilters | None = None,
    ) -> list[TrackRow]:
        """A page of tracks in which every word of `text` occurs (all tracks for none).

        sort: one of SORTS, "-" before it for descending; relevance without words is by title.

        Raises:
            KnownError: there is no such order.
        """
        sql, parameters = self.search_sql(text, sort=sort, filters=filters)
        return [track_row(row) for row in self.connection.rows(f"{sql} LIMIT ? OFFSET ?", (*parameters, limit, offset))]

    def count(self, text: str = "", *, filters: SearchFilters | None = None) -> int:
        """How many tracks `search` would find in all."""
        conditions, parameters = _conditions(texts.tokens(text), filters or SearchFilters())
        sql = "SELECT count(*) FROM tracks t"
        if filters is not None and filters.bpm_range is not None:
            sql += " JOIN track_facts f ON f.track_id = t.id"
        return int(self.connection.value(f"{sql} WHERE {' AND '.join(conditions)}", parameters))

    def search_sql(
        self, text: str, *, sort: str = "relevance", filters: SearchFilters | None = None
    ) -> tuple[str, list[Any]]:
        """The statement behind `search`, without its LIMIT, and its parameters."""
        filters = filters or SearchFilters()
        name, direction = (sort[1:], "DESC") if sort.startswith("-") else (sort, "ASC")
        if name not in SORTS:
            raise KnownError(f"'{sort}' is not an order.", remedy=f"Orders are: {', '.join(SORTS)}.", code="bad-value")
        tokens = texts.tokens(text)
        words = [token for token in tokens if kind_of_token(token) == "word"] if name == "relevance" else []
        conditions, parameters = _conditions([token for token in tokens if token not in words], filters)
        tables = "tracks t CROSS JOIN track_facts f ON f.track_id = t.id"
        if words:
            tables = f"tracks_fts CROSS JOIN {tables}"
            conditions.append("t.id = tracks_fts.rowid")
            conditions.append("tracks_fts MATCH ?")
            parameters.append(all_of(words))
            order: tuple[str, ...] = (f"bm25(tracks_fts, {_WEIGHTS})", "t.id")
        elif name in _FACT_ORDERS:
            tables = "track_facts f CROSS JOIN tracks t ON t.id = f.track_id"
            order = _FACT_ORDERS[name]
        else:
            order = _TRACK_ORDERS.get(name, _TRACK_ORDERS["title"])
        ordered = ", ".join(f"{key} {direction}" for key in order)
        return f"{SELECT_TRACK} FROM {tables} WHERE {' AND '.join(conditions)} ORDER BY {ordered}", parameters

    def text_match(self, text: str) -> dict[int, float]:
        """Scores in 0..1 of the listed tracks in which any word of `text` occurs; the best one has 1."""
        scores: dict[int, float] = {}
        everything = texts.words(text)
        plain = [word for word in everything if not texts.has_unspaced_script(word)]
        unspaced = [word for word in everything if word not in plain and len(word) >= texts.TRIGRAM_SIZE]
        for table, words in (("tracks_fts", plain), ("tracks_trigram", unspaced)):
            if words:
                found = self.connection.rows(
                    f"SELECT m.rowid, m.score FROM (SELECT rowid, bm25({table}, {_WEIGHTS}) AS score FROM {table} "
                    f"WHERE {table} MATCH ?) m JOIN tracks t ON t.id = m.rowid WHERE t.state IN {LISTED}",
                    (" OR ".join(texts.quote_match(word) for word in words),),
                )
                best = min((row[1] for row in found), default=0.0)
                for track_id, score in found:
                    share = score / best if best < 0 else 1.0
                    scores[track_id] = max(scores.get(track_id, 0.0), min(max(share, 0.0), 1.0))
        return scores

    def track_words(self) -> Iterator[tuple[int, str]]:
        """Each listed track's own words as one line, for a sentence embedding: title, genre, mood, album, folders."""
        columns = "id, title, genre, mood, album, folder_words, comment"
        for row in self.connection.rows(f"SELECT {columns} FROM tracks WHERE state IN {LISTED} ORDER BY id"):
            comment = "" if "://" in row["comment"] else row["comment"][:_COMMENT_CHARS]
            parts = (row["title"], row["genre"], row["mood"], row["album"], row["folder_words"], comment)
            yield row["id"], ". ".join(part for part in parts if part)


def kind_of_token(token: str) -> str:
    """How a token is sought: "word" (the start of a word, or words in a row), "trigram" or "like"."""
    if texts.has_unspaced_script(token):
        return "trigram" if len(token) >= texts.TRIGRAM_SIZE else "like"
    if texts.is_plain_word(token) or (texts.words(token) and len(token) >= texts.TRIGRAM_SIZE):
        return "word"
    return "trigram" if len(token) >= texts.TRIGRAM_SIZE else "like"


def all_of(words: list[str]) -> str:
    """Each word as the start of one, unless its last sign closes it: "50%" is not the start of 500."""
    return " AND ".join(texts.quote_match(word) + (" *" if word[-1].isalnum() else "") for word in words)


def _conditions(tokens: list[str], filters: SearchFilters) -> tuple[list[str], list[Any]]:
    conditions, parameters = _filter_conditions(filters)
    by_kind: dict[str, list[str]] = {"word": [], "trigram": [], "like": []}
    for token in tokens:
        by_kind[kind_of_token(token)].append(token)
    if by_kind["word"]:
        conditions.append(_WORD_CONDITION)
        parameters.append(all_of(by_kind["word"]))
    if by_kind["trigram"]:
        conditions.append("t.id IN (SELECT rowid FROM tracks_trigram WHERE tracks_trigram MATCH ?)")
        parameters.append(" AND ".join(texts.quote_match(token) for token in by_kind["trigram"]))
    for token in by_kind["like"]:
        condition, patterns = like_condition(token)
        conditions.append(condition)
        parameters += patterns
    return conditions, parameters


def like_condition(token: str) -> tuple[str, list[str]]:
    """A condition on tracks `t` for a token that no full-text index knows as a whole, and its parameters.

    The index of words knows "C#" as "c": only rows with that word are read, so that "ABC#" alone is not found by it.
    What has no letters is sought in every row.
    """
    condition = "(" + " OR ".join(f"t.{column} LIKE ? ESCAPE '\\'" for column in _TEXT_COLUMNS) + ")"
    patterns = [texts.like_pattern(token)] * len(_TEXT_COLUMNS)
    if not texts.words(token) or texts.has_unspaced_script(token):
        return condition, patterns
    return f"({_WORD_CONDITION} AND {condition})", [all_of([token]), *patterns]


def _filter_conditions(filters: SearchFilters) -> tuple[list[str], list[Any]]:
    states = filters.states
    if states == LISTED_STATES:
        conditions, parameters = [f"t.state IN {LISTED}"], []
    else:
        conditions, parameters = [f"t.state IN ({', '.join('?' * len(states))})"], list[Any](states)
    if filters.licences:
        conditions.append(f"t.licence_name IN ({', '.join('?' * len(filters.licences))})")
        parameters += sorted(filters.licences)
    for column, bounds in (("f.tempo_bpm", filters.bpm_range), ("t.duration_s", filters.duration_range_s)):
        if bounds is not None:
            low, high = bounds
            conditions.append(f"{column} BETWEEN ? AND ?")
            parameters += [low, high if math.isfinite(high) else 1e12]
    if filters.is_favourite is not None:
        conditions.append("t.is_favourite = ?")
        parameters.append(int(filters.is_favourite))
    if filters.min_rating is not None:
        conditions.append("t.rating >= ?")
        parameters.append(filters.min_rating)
    return conditions, parameters
