# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Network shares are told from disks by the mount table."""

from __future__ import annotations

from pathlib import Path

import pytest

from needledrop.library.connection import Connection
from needledrop.library.volumes import is_network_share, network_type

MOUNTS = """\
/dev/sda1 / ext4 rw 0 0
nas:/music /mnt/nas nfs4 rw 0 0
//nas/share /mnt/my\\040share cifs rw 0 0
/dev/sdb1 /mnt/nas/local ext4 rw 0 0
me@host: /mnt/ssh fuse.sshfs rw 0 0
"""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/home/me/library.db", None),
        ("/mnt/nas/library.db", "nfs4"),
        ("/mnt/nas", "nfs4"),
        ("/mnt/nasty/library.db", None),
        ("/mnt/my share/x/library.db", "cifs"),
        ("/mnt/nas/local/library.db", None),
        ("/mnt/ssh/library.db", "fuse.sshfs"),
    ],
)
def test_the_longest_mount_decides(path: str, expected: str | None) -> None:
    assert network_type(MOUNTS, path) == expected


def test_a_local_folder_is_no_share(tmp_path: Path) -> None:
    assert not is_network_share(tmp_path)


def test_a_library_on_a_share_does_without_the_write_ahead_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("needledrop.library.connection.is_network_share", lambda path: True)
    connection = Connection(tmp_path / "library.db", tmp_path, is_writer=True)
    connection.choose_journal()
    assert connection.value("PRAGMA journal_mode") == "delete"
    assert "network share" in caplog.text
    connection.close()
