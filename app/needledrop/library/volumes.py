# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which volume a folder lies on: to tell an unplugged drive from deleted files, and a network share from a disk."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

_NETWORK_TYPES = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "9p", "fuse.sshfs", "fuse.rclone", "davfs"}
_OCTAL_SPACES = {"\\040": " ", "\\011": "\t", "\\012": "\n", "\\134": "\\"}
_SIGNED_64 = (1 << 63) - 1


@dataclass(frozen=True)
class Volume:
    """A volume as the system knows it: its device number and where it is mounted."""

    device: int
    mount: bytes


def volume_of(path: bytes) -> Volume:
    """The volume of a path, or of its nearest ancestor that exists."""
    path = os.path.realpath(path)
    while not os.path.lexists(path) and os.path.dirname(path) != path:  # noqa: PTH120 - bytes paths
        path = os.path.dirname(path)  # noqa: PTH120
    device = os.stat(path).st_dev & _SIGNED_64  # noqa: PTH116
    while not os.path.ismount(path) and os.path.dirname(path) != path:  # noqa: PTH120
        path = os.path.dirname(path)  # noqa: PTH120
    return Volume(device, path)


def is_folder_offline(path: bytes, mount: bytes) -> bool:
    """True if the volume that held the folder is not there: another one answers, and the folder is gone or empty."""
    if volume_of(path).mount == mount:
        return False
    try:
        with os.scandir(path) as entries:
            return next(entries, None) is None
    except OSError:
        return True


def is_network_share(path: Path) -> bool:
    """True if the path lies on a mounted network share, where SQLite's WAL (shared memory) does not work.

    Known on Linux and Windows; elsewhere SQLite's own refusal of WAL is relied on.
    """
    if sys.platform == "win32":
        import ctypes

        drive = path.absolute().drive
        return drive.startswith("\\\\") or ctypes.windll.kernel32.GetDriveTypeW(drive + "\\") == 4
    try:
        mounts = Path("/proc/mounts").read_text(errors="surrogateescape")
    except OSError:
        return False
    return network_type(mounts, os.path.realpath(path)) is not None


def network_type(mounts: str, path: str) -> str | None:
    """The file system type of the share that holds `path` by a table in the format of /proc/mounts, or None."""
    best, best_type = "", ""
    for line in mounts.splitlines():
        fields = line.split(" ")
        if len(fields) < 3:
            continue
        mount = fields[1]
        for escape, char in _OCTAL_SPACES.items():
            mount = mount.replace(escape, char)
        holds = mount == "/" or path == mount or path.startswith(mount + "/")
        if holds and len(mount) >= len(best):
            best, best_type = mount, fields[2]
    return best_type if best_type in _NETWORK_TYPES else None
