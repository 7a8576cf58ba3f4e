# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Questions in the names of files: what is one, what is none, and that a name leads nowhere else."""

from __future__ import annotations

import asyncio
import os
import time
from pathlib import Path
from typing import Any, cast

import pytest

from needledrop.bridge.answering import Answering
from needledrop.bridge.exported_requests import ExportedRequests
from needledrop.bridge.folder import BridgeFolder

QUESTION = "resolve-1-1"


class Listener:
    """Keeps what is asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, object]] = []

    async def answer(self, way: str, verb: str, arguments: object) -> dict[str, Any]:
        self.asked.append((verb, arguments))
        return {"ok": True, "result": {"title": 'a "title"'}}


@pytest.fixture
def folder(tmp_path: Path) -> BridgeFolder:
    made = BridgeFolder(tmp_path / "bridge")
    made.prepare()
    return made


def served(folder: BridgeFolder, listener: Listener | None = None) -> list[tuple[str, object]]:
    listener = listener or Listener()

    async def look() -> None:
        task = asyncio.create_task(ExportedRequests(folder, cast("Answering", listener)).serve())
        await asyncio.sleep(0.3)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(look())
    return listener.asked


def ask(folder: BridgeFolder, name: str) -> Path:
    path = folder.path / "exports" / name
    path.write_bytes(b"never read")
    return path


def test_a_name_is_a_question_and_the_answer_is_lua(folder: BridgeFolder) -> None:
    path = ask(folder, f"{QUESTION}.suggest.project=resolve-1-0%2Eotio&in_s=1%2E5&count=12&text=calm%20%2B%26%3D.csv")
    wanted = {"project": str(path.parent / "resolve-1-0.otio"), "in_s": 1.5, "count": 12, "text": "calm +&="}
    assert served(folder) == [("suggest", wanted)]
    assert not path.exists()
    text = (folder.answers / f"{QUESTION}.lua").read_text()
    assert text.startswith("return {") and '["title"]="a \\034title\\034"' in text


def test_dots_need_no_escape_as_in_a_web_address(folder: BridgeFolder) -> None:
    path = ask(folder, f"{QUESTION}.suggest.in_s=1.5&project=resolve-1-0.otio.csv")
    wanted = {"project": str(path.parent / "resolve-1-0.otio"), "in_s": 1.5}
    assert served(folder) == [("suggest", wanted)]


@pytest.mark.parametrize(
    "project", ["%2E%2E%2F%2E%2E%2Fetc%2Fpasswd", "%2Fetc%2Fpasswd", "resolve-1-0%2Eotio%00", "a%5Cb%2Eotio"]
)
def test_a_name_leads_nowhere_else(folder: BridgeFolder, project: str) -> None:
    ask(folder, f"{QUESTION}.suggest.project={project}.csv")
    ((_, arguments),) = served(folder)
    assert isinstance(arguments, dict)
    assert not Path(str(arguments["project"]).replace("\0", "")).is_relative_to(folder.path)


@pytest.mark.parametrize(
    "name", ["short.status..csv", "UPPERCASE.status..csv", "resolve-1.st-1..csv", "resolve-1-1.csv"]
)
def test_other_names_are_left_alone(folder: BridgeFolder, name: str) -> None:
    path = ask(folder, name)
    assert served(folder) == []
    assert path.exists()


def test_what_its_writer_has_given_up_is_removed_unanswered(folder: BridgeFolder) -> None:
    question, timeline = ask(folder, f"{QUESTION}.status..csv"), ask(folder, "resolve-1-0.otio")
    long_ago = time.time() - 25 * 3600
    for path in (question, timeline):
        os.utime(path, (long_ago, long_ago))
    assert served(folder) == []
    assert list((folder.path / "exports").iterdir()) == []


def test_a_number_that_is_none_stays_text_for_the_bridge_to_refuse(folder: BridgeFolder) -> None:
    ask(folder, f"{QUESTION}.use.number=one.csv")
    assert served(folder) == [("use", {"number": "one"})]


def test_a_bug_in_an_answer_is_logged(folder: BridgeFolder, caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Listener):
        async def answer(self, way: str, verb: str, arguments: object) -> dict[str, Any]:
            await super().answer(way, verb, arguments)
            raise ValueError("ours")

    ask(folder, f"{QUESTION}.status..csv")
    assert served(folder, Broken()) == [("status", {})]
    assert "ours" in caplog.text
