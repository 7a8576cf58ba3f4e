# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`needledrop models`: licence and size are shown, a yes is needed, and the answer is what the user said."""

from __future__ import annotations

import hashlib
import io
import json
from io import BytesIO
from pathlib import Path

import pytest
import torch

from needledrop.cli.exit_codes import CANCELLED, DONE, KNOWN_ERROR
from needledrop.core.paths import Profile
from needledrop.workflows import model_packs
from needledrop.workflows.model_packs import installed_packs
from needledrop.workflows.pack_catalogue import Pack, PackFile
from unit.cli.conftest import Program

TERMS = "Made up for a test."


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pack's published file on the disk; the pack is the only one known, beside one for no commercial use."""
    buffer = BytesIO()
    torch.save({"weight": torch.ones(3)}, buffer)
    path = tmp_path / "net.pth"
    path.write_bytes(buffer.getvalue())
    url = "https://example.org/net.pth"
    file = PackFile("model.safetensors", "net.pth", url, hashlib.sha256(buffer.getvalue()).hexdigest()[:8])
    home = "https://example.org"
    packs = {
        name: Pack(name, 1, "a test", "music", 3, 1.0, licence, TERMS, is_free, 12.5, home, (file,))
        for name, licence, is_free in (("made-up", "MIT", True), ("private", "CC-BY-NC-4.0", False))
    }
    monkeypatch.setattr(model_packs, "known_packs", lambda: packs)
    return path


def test_the_list_shows_licence_size_and_state(program: Program, weights: Path) -> None:
    status, out, _ = program("models", "list")
    assert status == DONE and "made-up  can be fetched" in out and "12 MB" in out and "MIT" in out
    assert "private" not in out
    assert "private" in program("models", "list", "--non-commercial")[1]
    facts = json.loads(program("models", "list", "--json")[1])
    assert facts["made-up"] | {"terms": TERMS, "is_installed": False, "size_mb": 12.5} == facts["made-up"]


def test_without_a_yes_nothing_is_done(program: Program, weights: Path, profile: Profile) -> None:
    status, _, messages = program("models", "fetch", "made-up", "--from-file", weights)
    assert status == KNOWN_ERROR and "needs your yes" in messages and "--yes" in messages
    assert "Licence: MIT" in messages and "12.5 MB" in messages and TERMS in messages
    assert not profile.models_dir.exists()


@pytest.mark.parametrize(("answer", "status"), [("y\n", DONE), ("YES\n", DONE), ("n\n", CANCELLED), ("\n", CANCELLED)])
def test_at_a_terminal_it_asks(
    program: Program, weights: Path, profile: Profile, monkeypatch: pytest.MonkeyPatch, answer: str, status: int
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    done, _, messages = program("models", "fetch", "made-up", "--from-file", weights)
    assert done == status and "Add it? [y/N]" in messages
    assert (list(installed_packs(profile)) == ["made-up"]) == (status == DONE)


def test_added_said_and_removed(program: Program, weights: Path, profile: Profile) -> None:
    status, out, _ = program("models", "fetch", "made-up", "--from-file", weights, "--yes")
    assert status == DONE and "made-up is installed." in out and "first 8 digits" in out
    assert "installed already" in program("models", "fetch", "made-up", "--yes")[1]
    assert json.loads(program("models", "list", "--json")[1])["made-up"]["is_installed"] is True
    assert program("models", "remove", "made-up")[0] == KNOWN_ERROR
    assert list(installed_packs(profile)) == ["made-up"]
    status, out, _ = program("models", "remove", "made-up", "--yes")
    assert (status, out, installed_packs(profile)) == (DONE, "made-up is removed.\n", {})
    status, _, messages = program("models", "remove", "made-up", "--yes")
    assert status == KNOWN_ERROR and "is not installed" in messages


def test_non_commercial_weights_need_the_word(program: Program, weights: Path, profile: Profile) -> None:
    status, _, messages = program("models", "fetch", "private", "--from-file", weights, "--yes")
    assert status == KNOWN_ERROR and "--non-commercial" in messages
    words = ("models", "fetch", "private", "--from-file", weights, "--yes", "--non-commercial")
    status, _, messages = program(*words)
    assert status == DONE and "Not for commercial use" in messages and list(installed_packs(profile)) == ["private"]


def test_a_wrong_file_is_a_sentence_with_a_remedy(program: Program, weights: Path) -> None:
    weights.write_bytes(weights.read_bytes()[:-5])
    status, out, _ = program("models", "fetch", "made-up", "--from-file", weights, "--yes", "--json")
    error = json.loads(out)["error"]
    assert status == KNOWN_ERROR and error["code"] == "model" and "SHA-256" in error["sentence"] and error["remedy"]
