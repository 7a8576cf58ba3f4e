# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Version 1.0: the first format. Never edited after a release: a change is the next migration."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlite_utils import Database

NAME = "m0001_initial"
VERSION = (1, 0)

_SCHEMA = """
CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO counters VALUES ('revision', 0), ('decisions', 0);
CREATE TABLE settings (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO settings VALUES ('library_id', lower(hex(randomblob(8))));

CREATE TABLE roots (
    id INTEGER PRIMARY KEY,
    path BLOB NOT NULL UNIQUE,
    display TEXT NOT NULL,
    device INTEGER NOT NULL,
    mount BLOB NOT NULL,
    added_at REAL NOT NULL,
    scanned_at REAL
) STRICT;

CREATE TABLE tracks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    content_hash TEXT NOT NULL UNIQUE,
    recording_id INTEGER,
    state TEXT NOT NULL,
    path BLOB NOT NULL,
    display_path TEXT NOT NULL,
    added_at REAL NOT NULL,
    duration_s REAL NOT NULL,
    codec TEXT NOT NULL,
    sample_rate INTEGER NOT NULL,
    channels INTEGER NOT NULL,
    file_tags TEXT NOT NULL,
    title TEXT NOT NULL DEFAULT '',
    artist TEXT NOT NULL DEFAULT '',
    album TEXT NOT NULL DEFAULT '',
    album_artist TEXT NOT NULL DEFAULT '',
    genre TEXT NOT NULL DEFAULT '',
    mood TEXT NOT NULL DEFAULT '',
    comment TEXT NOT NULL DEFAULT '',
    date TEXT NOT NULL DEFAULT '',
    composer TEXT NOT NULL DEFAULT '',
    isrc TEXT NOT NULL DEFAULT '',
    track_number INTEGER,
    bpm REAL,
    replaygain_track_db REAL,
    replaygain_album_db REAL,
    has_cover INTEGER NOT NULL DEFAULT 0,
    licence_name TEXT NOT NULL DEFAULT '',
    licence_url TEXT NOT NULL DEFAULT '',
    licence_title TEXT NOT NULL DEFAULT '',
    licence_author TEXT NOT NULL DEFAULT '',
    licence_source TEXT NOT NULL DEFAULT '',
    rating INTEGER,
    is_favourite INTEGER NOT NULL DEFAULT 0,
    folder_words TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX tracks_by_title ON tracks (title COLLATE NOCASE, id) WHERE state IN ('present', 'missing', 'offline');
CREATE INDEX tracks_by_artist ON tracks (artist COLLATE NOCASE, album COLLATE NOCASE, track_number, id)
    WHERE state IN ('present', 'missing', 'offline');
CREATE INDEX tracks_by_album ON tracks (album COLLATE NOCASE, track_number, id)
    WHERE state IN ('present', 'missing', 'offline');
CREATE INDEX tracks_by_added ON tracks (added_at, id) WHERE state IN ('present', 'missing', 'offline');
CREATE INDEX tracks_by_duration ON tracks (duration_s, id) WHERE state IN ('present', 'missing', 'offline');
CREATE INDEX tracks_by_rating ON tracks (rating, id) WHERE state IN ('present', 'missing', 'offline');
CREATE INDEX tracks_by_recording ON tracks (recording_id);

CREATE TABLE files (
    id INTEGER PRIMARY KEY,
    path BLOB NOT NULL UNIQUE,
    display TEXT NOT NULL,
    root_id INTEGER NOT NULL REFERENCES roots(id),
    track_id INTEGER NOT NULL REFERENCES tracks(id),
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    inode INTEGER NOT NULL,
    device INTEGER NOT NULL,
    content_hash TEXT NOT NULL,
    state TEXT NOT NULL
) STRICT;
CREATE INDEX files_by_track ON files (track_id, state);
CREATE INDEX files_by_root ON files (root_id, state);

CREATE TABLE edits (
    track_id INTEGER NOT NULL REFERENCES tracks(id),
    field TEXT NOT NULL,
    value TEXT NOT NULL,
    changed_at REAL NOT NULL,
    PRIMARY KEY (track_id, field)
) STRICT, WITHOUT ROWID;

CREATE TABLE features (
    id INTEGER PRIMARY KEY,
    track_id INTEGER NOT NULL REFERENCES tracks(id),
    feature_set TEXT NOT NULL,
    version INTEGER NOT NULL,
    packed BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX features_by_track ON features (track_id, feature_set);
CREATE INDEX features_by_set ON features (feature_set, version, track_id);

CREATE TABLE track_facts (
    track_id INTEGER PRIMARY KEY REFERENCES tracks(id),
    tempo_bpm REAL,
    tempo_confidence REAL,
    tonic INTEGER,
    is_major INTEGER,
    key_name TEXT,
    integrated_lufs REAL,
    range_lu REAL,
    true_peak_dbtp REAL,
    onset_density_hz REAL
) STRICT;
CREATE INDEX track_facts_by_tempo ON track_facts (tempo_bpm, track_id);
CREATE INDEX track_facts_by_key ON track_facts (key_name, track_id);
CREATE INDEX track_facts_by_loudness ON track_facts (integrated_lufs, track_id);

CREATE TABLE text_embeddings (
    model_id TEXT NOT NULL,
    text_hash BLOB NOT NULL,
    vector BLOB NOT NULL,
    PRIMARY KEY (model_id, text_hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE problems (
    path BLOB PRIMARY KEY,
    display TEXT NOT NULL,
    code TEXT NOT NULL,
    sentence TEXT NOT NULL,
    remedy TEXT NOT NULL,
    cause TEXT NOT NULL,
    first_seen REAL NOT NULL,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL
) STRICT;

CREATE TABLE videos (
    content_hash TEXT PRIMARY KEY,
    path BLOB NOT NULL,
    display TEXT NOT NULL,
    size INTEGER NOT NULL,
    mtime_ns INTEGER NOT NULL,
    analysed_at REAL NOT NULL
) STRICT;
CREATE INDEX videos_by_path ON videos (path);

CREATE TABLE video_features (
    id INTEGER PRIMARY KEY,
    content_hash TEXT NOT NULL REFERENCES videos(content_hash) ON DELETE CASCADE,
    feature_set TEXT NOT NULL,
    version INTEGER NOT NULL,
    packed BLOB NOT NULL
) STRICT;
CREATE UNIQUE INDEX video_features_by_video ON video_features (content_hash, feature_set);

CREATE TABLE projects (
    id INTEGER PRIMARY KEY,
    video_hash TEXT NOT NULL UNIQUE,
    path BLOB NOT NULL,
    display TEXT NOT NULL,
    created_at REAL NOT NULL
) STRICT;

CREATE TABLE cues (
    project_id INTEGER NOT NULL REFERENCES projects(id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    track_id INTEGER NOT NULL REFERENCES tracks(id),
    cue TEXT NOT NULL,
    PRIMARY KEY (project_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE uses (
    project_id INTEGER NOT NULL REFERENCES projects(id) ON DELETE CASCADE,
    track_id INTEGER NOT NULL REFERENCES tracks(id),
    used_at REAL NOT NULL,
    PRIMARY KEY (project_id, track_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX uses_by_track ON uses (track_id);

CREATE TABLE feedback (
    id INTEGER PRIMARY KEY,
    project_id INTEGER NOT NULL REFERENCES projects(id) ON DELETE CASCADE,
    track_id INTEGER NOT NULL REFERENCES tracks(id),
    verdict TEXT NOT NULL,
    start_s REAL NOT NULL,
    end_s REAL NOT NULL,
    offered TEXT NOT NULL,
    given_at REAL NOT NULL
) STRICT;

CREATE TABLE jobs (
    job_id TEXT PRIMARY KEY,
    verb TEXT NOT NULL,
    started_at REAL NOT NULL,
    state TEXT NOT NULL,
    done INTEGER NOT NULL,
    total INTEGER,
    reason TEXT NOT NULL
) STRICT;
CREATE INDEX jobs_by_start ON jobs (started_at);
"""

_WORDS = ("title", "artist", "album", "genre", "mood", "comment", "folder_words")


def apply(db: Database) -> None:
    """Make every table, and the two full-text indexes that triggers keep in step with `tracks`."""
    db.executescript(_SCHEMA)
    columns = ", ".join(_WORDS)
    for table, tokenizer in (("tracks_fts", "unicode61 remove_diacritics 2"), ("tracks_trigram", "trigram")):
        db.execute(
            f"CREATE VIRTUAL TABLE {table} USING fts5("
            f"{columns}, content='tracks', content_rowid='id', tokenize='{tokenizer}')"
        )
    old, new = (", ".join(f"{side}.{word}" for word in _WORDS) for side in ("old", "new"))
    remove = "".join(
        f"INSERT INTO {table} ({table}, rowid, {columns}) VALUES ('delete', old.id, {old});"
        for table in ("tracks_fts", "tracks_trigram")
    )
    insert = "".join(
        f"INSERT INTO {table} (rowid, {columns}) VALUES (new.id, {new});" for table in ("tracks_fts", "tracks_trigram")
    )
    changed = " OR ".join(f"old.{word} IS NOT new.{word}" for word in _WORDS)
    db.execute(f"CREATE TRIGGER tracks_words_insert AFTER INSERT ON tracks BEGIN {insert} END")
    db.execute(f"CREATE TRIGGER tracks_words_delete AFTER DELETE ON tracks BEGIN {remove} END")
    db.execute(
        f"CREATE TRIGGER tracks_words_update AFTER UPDATE OF {columns} ON tracks WHEN {changed} "
        f"BEGIN {remove} {insert} END"
    )
