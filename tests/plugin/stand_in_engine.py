# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in of the engine behind the bridge folder: request files, and the real reader of exported requests."""

from __future__ import annotations

import asyncio
import json
import threading
from pathlib import Path
from typing import Any, cast

import soundfile

from needledrop.bridge.answering import Answering
from needledrop.bridge.exported_requests import ExportedRequests
from needledrop.bridge.folder import BridgeFolder
from needledrop.bridge.questions import checked
from needledrop.core.errors import KnownError

JOB = "j-0123456789abcdef"
TITLES = ['Tide "live" \\ ñ', "Harbour", "Night", "Dawn", "Last"]


class StandInEngine:
    """Answers what the bridge's own checks let through, from a fixed list; keeps what it was asked."""

    def __init__(self, folder: Path, rate: tuple[int, int]) -> None:
        self.folder = BridgeFolder(folder / "bridge")
        self.folder.prepare()
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.refuses: dict[str, dict[str, str]] = {}
        self.found = len(TITLES)
        self._rate, self._media = rate, folder / "media"
        self._media.mkdir()
        self._end = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()))

    def __enter__(self) -> StandInEngine:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    async def _serve(self) -> None:
        exports = asyncio.create_task(ExportedRequests(self.folder, cast("Answering", self)).serve())
        while not self._end.is_set():
            for path in self.folder.requests.glob("*.json"):
                question = json.loads(path.read_text())
                path.unlink()
                assert (question["schema"], question["id"]) == (1, path.stem)
                answer = {"id": path.stem, **await self.answer("file", question["verb"], question["arguments"])}
                scratch = self.folder.answers / "scratch"
                scratch.write_text(json.dumps(answer))
                scratch.rename(self.folder.answers / path.name)
            await asyncio.sleep(0.01)
        exports.cancel()
        await asyncio.gather(exports, return_exceptions=True)

    async def answer(self, way: str, verb: str, arguments: object) -> dict[str, Any]:
        assert isinstance(arguments, dict)
        self.asked.append((verb, arguments))
        try:
            checked(verb, arguments)
        except KnownError as error:
            return {"ok": False, "error": {"code": error.code, "sentence": error.sentence, "remedy": error.remedy}}
        if verb in self.refuses:
            return {"ok": False, "error": self.refuses[verb]}
        return {"schema": 1, "ok": True, "result": getattr(self, f"_{verb}")(**arguments)}

    def _status(self) -> dict[str, Any]:
        return {"version": "0", "tracks": 3, "jobs": []}

    def _suggest(self, **_: object) -> dict[str, Any]:
        return {"job": JOB}

    def _list(self, job: str, wait_s: float = 0) -> dict[str, Any]:
        suggestions = [
            {"number": number, "title": title, "artist": "Ana", "bpm": 120.0, "key": None, "licence": "CC-BY-4.0",
             "reasons": ["8 of 9 cuts fall on a beat."], "start_s": self.seconds(48), "end_s": self.seconds(288)}
            for number, title in enumerate(TITLES[: self.found], start=1)
        ]  # fmt: skip
        return {"state": "done", "progress": None, "notes": [], "suggestions": suggestions}

    def _audition(self, job: str, number: int) -> dict[str, Any]:
        return {"path": str(self._wav(f"preview {number}.wav"))}

    def _use(self, job: str, number: int) -> dict[str, Any]:
        markers = [
            {"at_s": self.seconds(48), "name": "Bar 1", "kind": "downbeat"},
            {"at_s": self.seconds(60), "name": "beat", "kind": "beat"},
            {"at_s": self.seconds(96), "name": "Drop", "kind": "section"},
        ]
        return {"wav": str(self._wav(f"{number}.wav")), "start_frame": 48, "frames": 240, "markers": markers,
                "title": TITLES[number - 1], "attribution": f'"{TITLES[number - 1]}" by Ana\nCC-BY-4.0'}  # fmt: skip

    def seconds(self, frame: int) -> float:
        return frame * self._rate[1] / self._rate[0]

    def _wav(self, name: str) -> Path:
        soundfile.write(self._media / name, [[0.0, 0.0]], 48000)
        return self._media / name
