# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Downloads go on where they stopped, and whatever the network does wrong is a sentence that loses nothing."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from needledrop.core.errors import Cancelled, KnownError
from needledrop.core.progress import CancelToken, Progress, ignore_progress
from needledrop.workflows.downloads import download
from unit.workflows.file_server import FileServer, Served, file_server

DATA = np.random.default_rng(4).bytes(1_000_000)


@pytest.fixture
def server() -> Iterator[FileServer]:
    with file_server() as served:
        served.files["model.pth"] = Served(DATA)
        yield served


@pytest.fixture
def part(tmp_path: Path) -> Path:
    return tmp_path / "model.pth"


def fetch(server: FileServer, part: Path, path: str = "model.pth") -> None:
    download(server.url(path), part, ignore_progress, CancelToken())


def test_a_file_arrives_whole_and_progress_is_told(server: FileServer, part: Path) -> None:
    seen: list[Progress] = []
    download(server.url("model.pth"), part, seen.append, CancelToken())
    assert part.read_bytes() == DATA
    assert seen[-1].done == seen[-1].total == len(DATA) and seen[0].label == "Fetching model.pth"


def test_a_broken_connection_keeps_what_arrived_and_the_next_call_goes_on(server: FileServer, part: Path) -> None:
    server.files["model.pth"].broken_after = 600_000
    with pytest.raises(KnownError, match=r"127\.0\.0\.1 failed or broke off. 600,000 bytes are kept") as caught:
        fetch(server, part)
    assert caught.value.code == "network" and "it goes on from there" in caught.value.remedy
    assert part.read_bytes() == DATA[:600_000]
    server.files["model.pth"].broken_after = None
    fetch(server, part)
    assert part.read_bytes() == DATA
    assert server.asked == [("model.pth", ""), ("model.pth", "bytes=600000-")]


def test_stopping_keeps_what_arrived(server: FileServer, part: Path) -> None:
    cancel = CancelToken()
    with pytest.raises(Cancelled):
        download(server.url("model.pth"), part, lambda progress: cancel.cancel(), cancel)
    held = part.stat().st_size
    assert 0 < held < len(DATA)
    fetch(server, part)
    assert part.read_bytes() == DATA and server.asked[-1] == ("model.pth", f"bytes={held}-")


def test_a_server_without_ranges_begins_anew(server: FileServer, part: Path) -> None:
    part.write_bytes(DATA[:1000])
    server.files["model.pth"].has_ranges = False
    fetch(server, part)
    assert part.read_bytes() == DATA


def test_a_server_that_says_no_length_serves_to_its_end(server: FileServer, part: Path) -> None:
    server.files["model.pth"].has_length = False
    fetch(server, part)
    assert part.read_bytes() == DATA


def test_what_is_whole_is_not_fetched_again_and_what_is_too_long_is_begun_anew(server: FileServer, part: Path) -> None:
    part.write_bytes(DATA)
    fetch(server, part)
    assert part.read_bytes() == DATA and len(server.asked) == 1
    part.write_bytes(DATA + b"more")
    fetch(server, part)
    assert part.read_bytes() == DATA


def test_a_file_that_is_gone_and_a_server_that_refuses_are_sentences(server: FileServer, part: Path) -> None:
    with pytest.raises(KnownError, match="There is no file at") as caught:
        fetch(server, part, "other.pth")
    assert caught.value.code == "missing" and "--from-file" in caught.value.remedy
    server.files["model.pth"].status = 503
    with pytest.raises(KnownError, match=r"refused to send the file \(503\)"):
        fetch(server, part)
    assert not part.exists()


def test_no_connection_is_a_sentence(part: Path) -> None:
    with file_server() as gone:
        url = gone.url("model.pth")
    with pytest.raises(KnownError, match=r"The connection to 127\.0\.0\.1 failed") as caught:
        download(url, part, ignore_progress, CancelToken())
    assert "--from-file" in caught.value.remedy


@pytest.mark.parametrize("url", ["http://example.org/a.pth", "file:///etc/passwd", "ftp://example.org/a"])
def test_only_https_is_asked(url: str, part: Path) -> None:
    with pytest.raises(KnownError, match="no address that models are fetched from"):
        download(url, part, ignore_progress, CancelToken())


def test_a_redirection_away_from_https_is_not_followed(server: FileServer, part: Path) -> None:
    server.files["model.pth"] = Served(b"", status=302, location="http://example.org/a.pth")
    with pytest.raises(KnownError, match="no address that models are fetched from"):
        fetch(server, part)
    server.files |= {"model.pth": Served(b"", status=302, location="/moved.pth"), "moved.pth": Served(DATA)}
    fetch(server, part)
    assert part.read_bytes() == DATA


def test_a_full_disk_is_a_sentence_and_keeps_what_fitted(server: FileServer, part: Path) -> None:
    """The largest file this process may write stands in for the disk's end."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, hard))
    try:
        with pytest.raises(KnownError, match="The disk is full") as caught:
            fetch(server, part)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert caught.value.code == "disk-full"
    held = part.read_bytes()
    assert 0 < len(held) <= 500_000 and held == DATA[: len(held)]
    fetch(server, part)
    assert part.read_bytes() == DATA
