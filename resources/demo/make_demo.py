# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the bundled demo media: `python resources/demo/make_demo.py [video] [music] [--out FOLDER]`.

Needs numpy, scipy, opencv, mutagen, and the programs fluidsynth (with FluidR3_GM.sf2), espeak-ng and ffmpeg.
The same versions of these give the same bytes. The application never imports this file.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from source.publish import make_music
from source.video import make_video


def main() -> None:
    """Parse the command line and make what it asks for (by default everything)."""
    parser = argparse.ArgumentParser(description="Make the bundled demo media.")
    parser.add_argument("what", nargs="*", help="video, music (default: both)")
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent, help="target folder")
    arguments = parser.parse_args()
    wanted = set(arguments.what) or {"video", "music"}
    if unknown := wanted - {"video", "music"}:
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    (arguments.out / "music").mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        if "music" in wanted:
            make_music(arguments.out / "music", Path(scratch))
        if "video" in wanted:
            make_video(arguments.out, Path(scratch))


if __name__ == "__main__":
    main()
