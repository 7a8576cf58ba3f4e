# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""By hand: what is taken for speech. Every stretch found, and its share of all sound, which for music without a voice
should be none.

    python tests/benchmarks/bench_speech.py FILE ...
"""

from __future__ import annotations

import argparse
from pathlib import Path

from needledrop.features.soundtrack import SoundtrackAnalyser
from needledrop.media.audio import AudioSource


def speech(path: Path) -> tuple[float, list[tuple[float, float]]]:
    """The length of a file's sound and the stretches of speech in it, in seconds."""
    with AudioSource(path) as source:
        analyser, samples = SoundtrackAnalyser(source.sample_rate), 0
        for block in source.blocks():
            analyser.feed(block)
            samples += len(block)
        return samples / source.sample_rate, [(float(a), float(b)) for a, b in analyser.finish().speech_s]


def main() -> None:
    """Print the stretches of each file that has some, then the share of all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", type=Path, nargs="+", metavar="FILE")
    heard_s = found_s = 0.0
    for path in parser.parse_args().files:
        duration_s, stretches = speech(path)
        heard_s += duration_s
        found_s += sum(end_s - start_s for start_s, end_s in stretches)
        if stretches:
            print(f"{path.name}: " + ", ".join(f"{a:.2f} to {b:.2f} s" for a, b in stretches), flush=True)
    print(f"{found_s:.1f} of {heard_s:.0f} s, {found_s / heard_s:.2%}")


if __name__ == "__main__":
    main()
