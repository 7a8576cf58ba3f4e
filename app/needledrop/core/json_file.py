# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Small JSON files that a crash never leaves half written: a new one is written beside the old and takes its place."""

from __future__ import annotations

import json
import os
import threading
from pathlib import Path

from needledrop.core.errors import KnownError


def write_json(path: Path, value: object) -> None:
    """Write `value` to `path`, whole or not at all; the folder is made if need be.

    Raises:
        KnownError: "disk-full": the file cannot be written.
    """
    scratch = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with scratch.open("w", encoding="utf-8") as sink:
            json.dump(value, sink, indent=1, sort_keys=True)
            sink.flush()
            os.fsync(sink.fileno())
        os.replace(scratch, path)  # noqa: PTH105  atomic on every system, unlike Path.rename on Windows
    except OSError as error:
        raise KnownError(
            f"{path} could not be saved.",
            remedy="Check that its folder can be written and the disk is not full.",
            cause=str(error),
            code="disk-full",
        ) from error


def read_json(path: Path) -> object:
    """The value in `path`; None where there is no such file, or what it holds is no JSON (it is moved aside then)."""
    try:
        value: object = json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        return None
    except ValueError:
        path.replace(path.with_name(f"{path.name}.broken"))  # Moved aside, never deleted: it may be mended by hand.
        return None
    return value
