# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""`needledrop words`: what names, tags and subtitles already say about a video."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path

from needledrop.cli.context import Commands, Context
from needledrop.cli.exit_codes import DONE, NOTHING_FOUND
from needledrop.cli.output import print_json, print_table
from needledrop.workflows.found_words import FoundWords, found_words


def register(commands: Commands, shared: argparse.ArgumentParser) -> None:
    """Add the command to the parser."""
    parser = commands.add_parser("words", parents=[shared], help="show the words that are found about a video")
    parser.add_argument("video", type=Path)
    parser.set_defaults(run=run)


def run(context: Context) -> int:
    """Print each word with where it is from, and all of them as a line to be edited."""
    video: Path = context.options.video
    found = found_words(context.profile, video, context.cancel)
    context.progress.clear()
    if context.is_json:
        print_json({"video": str(video.absolute())} | words_facts(found))
    elif found.words:
        print_table(("word", "from"), [(one.word, one.source) for one in found.words])
        print(f"\nEdit them: needledrop suggest {shlex.quote(str(video))} --text {shlex.quote(found.text)}")
    else:
        print("Nothing was found: no words in its name, its folders, its tags, its chapters or its subtitles.")
    if not context.is_json:
        for note in found.notes:
            print(note)
    return DONE if found.words else NOTHING_FOUND


def words_facts(found: FoundWords) -> dict[str, object]:
    """Found words as JSON shows them."""
    words = [{"word": one.word, "source": one.source} for one in found.words]
    return {"text": found.text, "words": words, "notes": list(found.notes)}
