# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking into a folder: what goes wrong once does not end it."""

from __future__ import annotations

import asyncio

import pytest

from needledrop.bridge import looking


def looked(*ends: Exception | None) -> int:
    """How often it looked, each look ending as said."""
    looks = 0
    left = list(ends)
    ended = asyncio.Event()

    def take() -> None:
        nonlocal looks
        looks += 1
        if not left:
            ended.set()
        elif (error := left.pop(0)) is not None:
            raise error

    async def look() -> None:
        task = asyncio.create_task(looking.look_forever(take, lambda: None))
        await asyncio.wait_for(ended.wait(), 20)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(look())
    return looks


def test_a_bug_is_logged_and_the_next_look_comes(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(looking, "_AFTER_BUG_S", 0.0)
    assert looked(ValueError("ours"), None) == 3
    assert "ours" in caplog.text


def test_a_folder_that_is_gone_for_a_while_is_no_bug(caplog: pytest.LogCaptureFixture) -> None:
    assert looked(FileNotFoundError("gone")) == 2
    assert not caplog.records
