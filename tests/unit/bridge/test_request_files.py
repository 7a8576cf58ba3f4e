# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Request files: what is taken, what is removed unread, what is swept."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from needledrop.bridge import request_files
from needledrop.bridge.engine import Engine
from needledrop.bridge.refusals import MOST_BYTES
from needledrop.core.paths import Profile
from unit.bridge.plugin_client import ask_by_file, fetch_answer

LONG_AGO_S = 2 * 3600


def until(is_so: Callable[[], bool]) -> None:
    """Wait until something is so."""
    end = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_a_request_is_taken_and_answered_privately(profile: Profile, engine: Engine) -> None:
    (profile.bridge_dir / "requests" / "0123-abc.json.tmp").write_bytes(b"{half")
    answer = ask_by_file(profile.bridge_dir, {"verb": "status", "arguments": {}}, "1732123456-8841")
    assert answer["id"] == "1732123456-8841" and answer["result"]["tracks"] == 0
    left = [one.name for one in (profile.bridge_dir / "requests").iterdir()]
    assert left == ["0123-abc.json.tmp"]
    assert ask_by_file(profile.bridge_dir, {"verb": "status"})["ok"]


def test_an_answer_is_readable_by_its_user_only(profile: Profile, engine: Engine) -> None:
    path = profile.bridge_dir / "requests" / "0123-abc.json"
    path.with_suffix(".tmp").write_text('{"schema": 1, "id": "0123-abc", "verb": "status"}')
    path.with_suffix(".tmp").rename(path)
    answer = profile.bridge_dir / "answers" / path.name
    until(answer.exists)
    assert answer.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"garbage \xff", "bad-request"),
        (b"", "bad-request"),
        (b'{"schema": 1, "id": "another-id", "verb": "status"}', "bad-request"),
        (b'{"schema": 1, "id": "0123-abc", "verb": "none"}', "unknown-verb"),
        (b'{"schema": 9, "id": "0123-abc", "verb": "status"}', "unsupported-schema"),
        (b" " * (MOST_BYTES + 1), "bad-request"),
    ],
)
def test_a_wrong_request_is_answered(profile: Profile, engine: Engine, content: bytes, code: str) -> None:
    assert ask_by_file(profile.bridge_dir, content, "0123-abc")["error"]["code"] == code
    assert ask_by_file(profile.bridge_dir, {"verb": "status"})["ok"]


def test_links_pipes_and_folders_are_removed_unread(profile: Profile, engine: Engine, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text('{"schema": 1, "id": "link-0001", "verb": "status"}')
    requests = profile.bridge_dir / "requests"
    (requests / "link-0001.json").symlink_to(secret)
    os.mkfifo(requests / "pipe-0001.json")
    (requests / "folder-0001.json").mkdir()
    (requests / "filled-0001.json" / "inside").mkdir(parents=True)
    for question_id in ("link-0001", "pipe-0001", "folder-0001", "filled-0001"):
        assert fetch_answer(profile.bridge_dir, question_id)["error"]["code"] == "bad-request"
    until(lambda: [one.name for one in requests.iterdir()] == ["filled-0001.json"])
    assert secret.exists()
    assert ask_by_file(profile.bridge_dir, {"verb": "status"})["ok"]
    assert list((profile.bridge_dir / "answers").iterdir()) == []


def test_names_that_are_no_ids_are_left_alone(profile: Profile, engine: Engine) -> None:
    requests = profile.bridge_dir / "requests"
    for name in ("short.json", "UPPER-CASE-1.json", "..json", "0123-abc.txt", "a" * 65 + ".json"):
        (requests / name).write_text('{"schema": 1, "verb": "status"}')
    assert ask_by_file(profile.bridge_dir, {"verb": "status"})["ok"]
    assert len(list(requests.iterdir())) == 5
    assert list((profile.bridge_dir / "answers").iterdir()) == []


def test_an_answer_replaces_a_link_and_follows_none(profile: Profile, engine: Engine, tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.write_text("keep")
    (profile.bridge_dir / "answers" / "0123-abc.json").symlink_to(precious)
    scratch = profile.bridge_dir / "requests" / "0123-abc.json.tmp"
    scratch.write_text('{"schema": 1, "id": "0123-abc", "verb": "status"}')
    scratch.rename(scratch.with_suffix(""))
    answer = profile.bridge_dir / "answers" / "0123-abc.json"
    until(lambda: not answer.is_symlink())
    assert json.loads(answer.read_bytes())["ok"]
    assert precious.read_text() == "keep"


def test_what_its_writer_gave_up_is_not_done(profile: Profile) -> None:
    requests = profile.bridge_dir / "requests"
    requests.mkdir(parents=True)
    old = requests / "0123-abc.json"
    old.write_text('{"schema": 1, "id": "0123-abc", "verb": "status"}')
    minutes_ago = time.time() - 2 * request_files.STALE_REQUEST_S
    os.utime(old, (minutes_ago, minutes_ago))
    engine = Engine.start(profile)
    try:
        until(lambda: not old.exists())
        assert ask_by_file(profile.bridge_dir, {"verb": "status"})["ok"]
        assert list((profile.bridge_dir / "answers").iterdir()) == []
    finally:
        engine.close()


def test_what_nobody_fetched_is_swept(profile: Profile, tmp_path: Path) -> None:
    hours_ago = time.time() - LONG_AGO_S
    precious = tmp_path / "precious"
    precious.write_text("keep")
    old, young = [], []
    for folder in ("requests", "answers"):
        (profile.bridge_dir / folder).mkdir(parents=True)
        for name, found in (("old-one-1.json.tmp", old), ("young-one.json.tmp", young)):
            path = profile.bridge_dir / folder / name
            path.write_text("{}")
            found.append(path)
    old.append(profile.bridge_dir / "answers" / "old-link.json")
    old[-1].symlink_to(precious)
    for path in old:
        os.utime(path, (hours_ago, hours_ago), follow_symlinks=False)
    engine = Engine.start(profile)
    try:
        until(lambda: not any(path.is_symlink() or path.exists() for path in old))
        assert all(path.exists() for path in young)
        assert precious.read_text() == "keep"
    finally:
        engine.close()
