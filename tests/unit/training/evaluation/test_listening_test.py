# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A listening test is blind, equally loud, repeatable, and its key stands beside it."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import av
import numpy as np
import pytest

from media_factory import music, shot_frames, write_audio, write_video
from needledrop.core.errors import KnownError
from needledrop.core.music import FloatArray
from needledrop.features.loudness import LoudnessMeter
from needledrop.features.true_peak import TruePeakMeter
from needledrop.media.audio import read_audio
from needledrop.training.evaluation.ballots import read_ballots, read_key
from needledrop.training.evaluation.listening_media import CEILING_DBTP, TARGET_LUFS, matched
from needledrop.training.evaluation.listening_test import ListeningTest, prepare_listening_test
from needledrop.training.evaluation.protocol import trials
from needledrop.training.evaluation.scorers import RandomOrder, TrueLatent
from needledrop.training.pairs.pair_set import PairSet
from retrieval.made_up_pairs import made_up_pairs

SPLIT, RATE, SECONDS = "test-strong", 48_000, 3


class Named(RandomOrder):
    """Chance under another name."""

    def __init__(self, name: str, seed: int) -> None:
        super().__init__(seed)
        self.name = name


@pytest.fixture(scope="module")
def pairs() -> PairSet:
    return made_up_pairs(tracks=40)


@pytest.fixture(scope="module")
def files(pairs: PairSet, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every video of the split is the same film; tracks are five, of very different loudness."""
    folder = tmp_path_factory.mktemp("media")
    film = write_video(folder / "film.mp4", shot_frames((), 25 * SECONDS, width=96, height=64))
    songs = [
        write_audio(folder / f"Secret Title {n}.flac", music(SECONDS + 2, seed=n, rate=RATE) * 0.5**n, RATE)
        for n in range(5)
    ]
    trial = trials(pairs, SPLIT)[0]
    found = {pairs.video_names[video]: film for video in trial.videos}
    return found | {pairs.track_names[track]: songs[place % 5] for place, track in enumerate(trial.tracks)}


@pytest.fixture(scope="module")
def prepared(pairs: PairSet, files: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> ListeningTest:
    out = tmp_path_factory.mktemp("blind") / "test"
    scorers = [TrueLatent(pairs), Named("chance", 1), Named("luck", 2)]
    return prepare_listening_test(pairs, scorers, SPLIT, 3, out, files, seed=5)


def level(path: Path) -> tuple[float, float]:
    sound = read_audio(path, 0.0, float(SECONDS), RATE)
    return levels(sound)


def levels(sound: FloatArray) -> tuple[float, float]:
    loudness, peak = LoudnessMeter(RATE), TruePeakMeter(RATE)
    loudness.feed(sound)
    peak.feed(sound)
    return loudness.finish(0.0).integrated_lufs, peak.finish()


def test_questions_repeats_and_key(prepared: ListeningTest, pairs: PairSet) -> None:
    assert [one.repeat_of for one in prepared.questions[:3]] == [None] * 3
    (again,) = prepared.questions[3:]
    first = prepared.questions[(again.repeat_of or 0) - 1]
    assert again.video == first.video
    assert {one.track for one in again.options} == {one.track for one in first.options}
    assert not {one.token for one in again.options} & {one.token for one in first.options}
    for question in prepared.questions:
        assert sorted(name for one in question.options for name in one.systems) == [
            "Oracle (true latent)", "chance", "luck",
        ]  # fmt: skip
    key = json.loads(prepared.key.read_text())
    assert prepared.key.parent == prepared.page.parent.parent
    assert key["systems"] == ["Oracle (true latent)", "chance", "luck"]
    assert [one["repeat_of"] for one in key["questions"]] == [None, None, None, again.repeat_of]


def test_the_folder_tells_nobody_who_chose_what(prepared: ListeningTest, pairs: PairSet) -> None:
    page = prepared.page.read_text(encoding="utf-8")
    secrets = ["Oracle", "luck", "Secret", "repeat_of", *(o.track for q in prepared.questions for o in q.options)]
    assert [word for word in secrets if f'"{word}"' in page or (word in ("Oracle", "Secret") and word in page)] == []
    for path in (prepared.page.parent / "media").iterdir():
        assert b"Secret" not in path.read_bytes()
    assert "http" not in page and "//" not in page
    shown = json.loads(page.split('id="data">')[1].split("</script>")[0])
    assert [len(one["options"]) for one in shown["questions"]] == [len(one.options) for one in prepared.questions]
    for question in shown["questions"]:
        for option in question["options"]:
            assert set(option) == {"token", "file"}
            assert (prepared.page.parent / option["file"]).is_file()


def test_versions_of_a_video_are_equally_loud(prepared: ListeningTest) -> None:
    for question in prepared.questions[:3]:
        measured = [level(prepared.page.parent / one.file)[0] for one in question.options]
        assert len(measured) >= 2
        assert max(measured) - min(measured) < 0.5
        assert abs(np.mean(measured) - TARGET_LUFS) < 6


def test_versions_show_the_film(prepared: ListeningTest) -> None:
    with av.open(str(prepared.page.parent / prepared.questions[0].options[0].file)) as movie:
        assert [stream.type for stream in movie.streams] == ["video", "audio"]
        assert movie.streams.video[0].frames == 25 * SECONDS


def test_loudness_is_matched_below_full_scale() -> None:
    rng = np.random.default_rng(0)
    dense = (0.2 * rng.standard_normal((4 * RATE, 2))).astype(np.float32)
    spiky = np.zeros_like(dense)
    spiky[:: RATE // 4] = 0.9
    spiky += 0.001 * dense
    made = matched([dense, spiky])
    assert made is not None
    (first, _), (second, peak) = map(levels, made)
    assert abs(first - second) < 0.1 and first < TARGET_LUFS
    assert peak == pytest.approx(CEILING_DBTP, abs=0.1)
    assert matched([dense, np.zeros_like(dense)]) is None


def test_the_same_seed_asks_the_same(pairs: PairSet, files: dict[str, Path], tmp_path: Path) -> None:
    scorers = [Named("a", 1), Named("b", 2)]
    first, second = (prepare_listening_test(pairs, scorers, SPLIT, 1, tmp_path / n, files, seed=3) for n in "xy")
    assert first.questions == second.questions
    assert first.page.read_bytes() == second.page.read_bytes()


def test_a_video_on_which_all_agree_is_counted_not_asked(
    pairs: PairSet, files: dict[str, Path], tmp_path: Path
) -> None:
    scorers = [Named("a", 1), Named("b", 1)]
    with pytest.raises(KnownError, match="on 30 all systems agree, 0 cannot be played"):
        prepare_listening_test(pairs, scorers, SPLIT, 1, tmp_path / "x", files)
    with pytest.raises(KnownError, match="cannot be played") as caught:
        prepare_listening_test(pairs, [Named("a", 1), Named("b", 2)], SPLIT, 1, tmp_path / "y", {})
    assert "--media" in caught.value.remedy and "There is no file for" in caught.value.cause
    assert list(tmp_path.iterdir()) == []


def test_what_makes_no_test_is_refused(prepared: ListeningTest, pairs: PairSet, files: dict[str, Path]) -> None:
    out = prepared.page.parent
    with pytest.raises(KnownError, match="is there already"):
        prepare_listening_test(pairs, [Named("a", 1), Named("b", 2)], SPLIT, 1, out, files)
    for scorers in ([Named("a", 1)], [Named("a", 1), Named("a", 2)]):
        with pytest.raises(KnownError, match="two or more systems"):
            prepare_listening_test(pairs, scorers, SPLIT, 1, out.parent / "new", files)


def test_a_file_that_cannot_be_read_costs_its_video(pairs: PairSet, files: dict[str, Path], tmp_path: Path) -> None:
    broken = tmp_path / "broken.flac"
    broken.write_bytes(b"no sound")
    scorers = [Named("a", 1), Named("b", 2)]
    spoiled = {name: broken if name in pairs.track_names[::3] else path for name, path in files.items()}
    made = prepare_listening_test(pairs, scorers, SPLIT, 4, tmp_path / "out", spoiled, repeats=0)
    asked = {one.track for question in made.questions for one in question.options}
    assert made.left_out and not asked & set(pairs.track_names[::3])
    kept = {Path(one.file).name for question in made.questions for one in question.options}
    assert {path.name for path in (tmp_path / "out" / "media").iterdir()} == kept


_BROWSER = """
class Element {
  constructor(tag) { this.tag = tag; this.children = []; this.handlers = {}; this.value = ""; this.textContent = ""; }
  append(...parts) { this.children.push(...parts); }
  addEventListener(name, handler) { this.handlers[name] = handler; }
  click() { if (this.handlers.click) this.handlers.click(); }
}
const byId = {};
for (const id of ["data", "rater", "training", "questions", "state", "save"]) byId[id] = new Element(id);
byId.data.textContent = require("fs").readFileSync(process.argv[2], "utf8");
const all = [];
global.document = {
  getElementById: id => byId[id],
  createElement: tag => { const made = new Element(tag); all.push(made); return made; },
  querySelectorAll: tag => all.filter(element => element.tag === tag),
};
global.window = new Element("window");
let saved = null;
global.Blob = class { constructor(parts) { saved = parts.join(""); } };
URL.createObjectURL = () => "blob:";
"""
_RATER = """
save();
if (saved !== null) throw new Error("saved without a name");
byId.rater.value = "Anna & Bert";
byId.training.value = "3-to-10";
const radios = all.filter(element => element.type === "radio");
const names = [...new Set(radios.map(radio => radio.name))];
radios.find(radio => radio.name === names[0]).handlers.change();
radios.filter(radio => radio.name === names[1]).pop().handlers.change();
const rhythm = all.filter(element => element.tag === "select")[1];
rhythm.value = "4";
rhythm.handlers.change();
byId.save.click();
console.log(saved);
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="no node to run the page's script with")
def test_what_the_page_saves_is_read_as_a_ballot(prepared: ListeningTest, tmp_path: Path) -> None:
    page = prepared.page.read_text(encoding="utf-8")
    data, script = tmp_path / "data.json", tmp_path / "page.js"
    data.write_text(page.split('id="data">')[1].split("</script>")[0])
    script.write_text(_BROWSER + page.split("<script>")[1].split("</script>")[0] + _RATER)
    done = subprocess.run(["node", str(script), str(data)], check=True, capture_output=True, text=True)
    (tmp_path / "ballot.json").write_text(done.stdout)
    ballots = read_ballots([tmp_path / "ballot.json"], read_key(prepared.key))
    first, second = ballots.answers
    assert ballots.left_out == () and ballots.training == {"Anna & Bert": "3-to-10"}
    assert first.question.number == 1 and first.preferred in first.question.options
    assert second.question.number == 2 and second.preferred is None
    # The select that was changed is the second of the first version shown: its rhythm.
    assert [(aspect, rating) for (_, aspect), rating in first.fit.items()] == [("rhythm", 4)]
