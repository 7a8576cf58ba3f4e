# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one choke point that turns what libav and the file system raise into sentences for the user.

It must not swallow bugs: what it does not know passes through unchanged.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

import av.error

from needledrop.core.errors import BrokenMedia, KnownError
from needledrop.core.paths import display_path
from needledrop.core.times import format_time

AnyPath = str | bytes | os.PathLike[str] | os.PathLike[bytes]

_MISSING = (FileNotFoundError, NotADirectoryError)
_UNSUPPORTED = (av.error.DecoderNotFoundError, av.error.PatchWelcomeError, av.error.NotImplementedError)
_DISK_FULL = (errno.ENOSPC, errno.EDQUOT)
_PLAIN_TEXT = frozenset(range(0x20, 0x100)) | frozenset(b"\t\n\r\f")


@contextmanager
def media_faults(path: AnyPath) -> Iterator[None]:
    """Map errors raised inside the block to KnownError or BrokenMedia about `path`.

    Codes: missing, unreadable, disk-full, empty, not-media, broken-media, unsupported.
    """
    try:
        yield
    except (av.error.FFmpegError, OSError) as error:
        raise known_fault(path, error) from error


def known_fault(path: AnyPath, error: Exception) -> KnownError:
    """The KnownError that says in plain words what `error` means for `path`."""
    name, cause = file_name(path), f"{type(error).__name__}: {error}"
    if isinstance(error, _MISSING):
        return KnownError(
            f"'{name}' is not there.", remedy="Check the path, or plug in its drive.", cause=cause, code="missing"
        )
    if getattr(error, "errno", None) in _DISK_FULL:
        return KnownError(
            f"The disk is full: '{name}' cannot be written.", remedy="Free some space.", cause=cause, code="disk-full"
        )
    if isinstance(error, av.error.FFmpegError) and os.access(path, os.R_OK):
        # libav borrows system errors ("operation not permitted") for a broken content.
        return unsupported(path, cause) if isinstance(error, _UNSUPPORTED) else _unreadable_content(path, cause)
    if isinstance(error, PermissionError):
        return KnownError(
            f"'{name}' may not be read.", remedy="Give yourself the right to read it.", cause=cause, code="unreadable"
        )
    if isinstance(error, IsADirectoryError):
        return KnownError(f"'{name}' is a folder.", remedy="Name a file.", cause=cause, code="not-media")
    return KnownError(
        f"'{name}' cannot be read from its drive.", remedy="Check the drive or network.", cause=cause, code="unreadable"
    )


def empty(path: AnyPath) -> BrokenMedia:
    """A file of no bytes."""
    return BrokenMedia(f"'{file_name(path)}' is empty.", remedy="Copy or download it again.", code="empty")


def _unreadable_content(path: AnyPath, cause: str) -> KnownError:
    name = file_name(path)
    try:
        with open(os.fspath(path), "rb") as file:  # noqa: PTH123  (bytes paths: pathlib takes none)
            head = file.read(4096)
    except OSError as error:
        return known_fault(path, error)
    if not head:
        return empty(path)
    if _looks_like_text(head):
        return BrokenMedia(
            f"'{name}' is not sound or video: it holds text.", remedy="Remove or rename it.", cause=cause,
            code="not-media",
        )  # fmt: skip
    return BrokenMedia(f"'{name}' is damaged or is no media file.", remedy="Copy or download it again.", cause=cause)


def _looks_like_text(head: bytes) -> bool:
    """Whether bytes read as text in UTF-8 or Latin-1: no control characters but white space."""
    return all(byte in _PLAIN_TEXT for byte in head) and not head.startswith(b"ID3")


def file_name(path: AnyPath) -> str:
    """The last part of a path, printable."""
    return display_path(os.path.basename(os.fspath(path)) or os.fspath(path))  # noqa: PTH119  (bytes paths)


def no_audio(path: AnyPath) -> KnownError:
    """A file without any sound stream."""
    return KnownError(f"'{file_name(path)}' has no sound.", remedy="Choose a file with sound.", code="no-audio")


def no_video(path: AnyPath) -> KnownError:
    """A file without any moving picture."""
    return KnownError(f"'{file_name(path)}' has no picture.", remedy="Choose a video file.", code="no-video")


def unsupported(path: AnyPath, cause: str = "") -> KnownError:
    """A codec nobody here can decode."""
    return KnownError(
        f"'{file_name(path)}' uses a format that cannot be decoded.",
        remedy="Convert it, for example to FLAC, or to MP4 with H.264.",
        cause=cause,
        code="unsupported",
    )


def encrypted(path: AnyPath) -> KnownError:
    """Copy protection."""
    return KnownError(
        f"'{file_name(path)}' is copy-protected.", remedy="Use a copy without protection.", code="encrypted"
    )


def nothing_decoded(path: AnyPath, cause: str = "") -> BrokenMedia:
    """The container opens but no sample or picture comes out."""
    return BrokenMedia(
        f"'{file_name(path)}' is damaged: nothing in it can be decoded.",
        remedy="Copy or download it again.",
        cause=cause,
    )


def broke_off(path: AnyPath, read_s: float, declared_s: float, cause: str = "") -> BrokenMedia:
    """Less came out of the file than it promises."""
    return BrokenMedia(
        f"'{file_name(path)}' is damaged: it breaks off at {format_time(read_s)} of {format_time(declared_s)}.",
        remedy="Copy or download it again.",
        cause=cause,
    )


def bad_channels(path: AnyPath) -> BrokenMedia:
    """A sound stream of zero channels or of no sample rate."""
    return BrokenMedia(
        f"'{file_name(path)}' is damaged: its sound has no channels.", remedy="Copy or download it again."
    )
