# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lab from the command line: train, search, rank, keep, compare; killed and resumed; and what it refuses."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from needledrop.cli.exit_codes import DONE, KNOWN_ERROR
from needledrop.cli.main import run
from needledrop.training.evaluation.protocol import judged, trials
from needledrop.training.lab import load_towers
from needledrop.training.pairs.pair_set import PairSet, load_pair_set, save_pair_set
from retrieval.made_up_pairs import made_up_pairs

TIVM = """
name = "tiny"
system = "tivm"
seed = 3

[model]
layers = 1
music_hidden = 16
video_hidden = 16
width = 8

[model.input]
form = "SE&R"
width = 16
heads = 2
head_width = 8
feed_forward = 16
dropout = 0.1

[schedule]
steps = {steps}
batch = 16
learning_rate = 3e-3
warm_up_steps = 2
validate_every = {every}
"""


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pairs")
    save_pair_set(made_up_pairs(tracks=48, videos_per_track=2), folder)
    return folder


def recipe_at(folder: Path, steps: int = 30, every: int = 10) -> Path:
    path = folder / "recipe.toml"
    path.write_text(TIVM.format(steps=steps, every=every), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def model(pairs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    words = ["train", "--recipe", str(recipe_at(folder)), "--out", str(folder / "out"), "--pairs", str(pairs)]
    assert run(["--profile", str(folder / "profile"), *words, "--device", "cpu", "--quiet"]) == DONE
    return folder / "out"


def asked(capsys: pytest.CaptureFixture[str], *words: str | Path, profile: Path) -> tuple[int, Any]:
    """Exit code and JSON of a command."""
    capsys.readouterr()
    status = run(["--profile", str(profile), *map(str, words), "--json", "--quiet"])
    return status, json.loads(capsys.readouterr().out)


def weights(out: Path) -> dict[str, torch.Tensor]:
    kept: dict[str, torch.Tensor] = torch.load(out / "state" / "training.pt", weights_only=True)["model"]
    return kept


def test_train_says_how_it_went(pairs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ("train", "--recipe", recipe_at(tmp_path, 4, 2), "--out", tmp_path / "out", "--pairs", pairs)
    status, said = asked(capsys, *words, "--device", "cpu", profile=tmp_path / "profile")
    assert status == DONE and said["steps"] == 4 and len(said["losses"]) == 4
    assert [step for step, _ in said["validation"]] == [2, 4]
    assert {path.name for path in (tmp_path / "out").iterdir()} >= {"config.json", "model.safetensors", "recipe.json"}


def test_a_model_is_ranked_kept_and_compared(
    pairs: Path, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept, words = tmp_path / "kept.json", ("evaluate", model, "--pairs", pairs, "--baseline", "random")
    status, said = asked(capsys, *words, "--baseline", "oracle", "--save", kept, profile=tmp_path)
    assert status == DONE and kept.is_file()
    tables = {(one["system"], one["split"], one["direction"]): one for one in said["results"]}
    assert len(tables) == 3 * 2 * 2, "three systems, two splits, two directions"
    loaded = load_pair_set(pairs)
    expected = judged(load_towers(model, loaded), trials(loaded, "test-strong")[0])
    strong = tables["TIVM (tiny)", "test-strong", "video to music"]
    assert strong["ranks"] == expected.ranks.tolist() and strong["gallery_size"] == 12
    truth = tables["Oracle (true latent)", "test-strong", "video to music"]
    assert truth["reciprocal_rank"]["low"] > 0.9

    assert run(["--profile", str(tmp_path), *map(str, words), "--compare", str(kept), "--seed", "1"]) == DONE
    shown = capsys.readouterr().out
    assert "test-strong, video to music: 24 queries, gallery of 12" in shown and "R@1 (chance 8.3)" in shown
    assert "TIVM (tiny), test-strong, video to music: R@10 +0.0 [+0.0, +0.0]\n  0 better\n  0 worse" in shown
    status, said = asked(capsys, *words, "--compare", kept, "--seed", "1", profile=tmp_path)
    moved = {(one["system"], one["split"], one["direction"]): one["better"] + one["worse"] for one in said["changes"]}
    assert moved["Random", "test-strong", "video to music"], "chance of another seed ranks otherwise"
    assert not moved["TIVM (tiny)", "test-strong", "video to music"]


def test_a_search_keeps_its_trials_and_its_best_recipe(
    pairs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("tune", "--recipe", recipe_at(tmp_path, 4, 2), "--out", tmp_path / "out", "--pairs", pairs)
    status, said = asked(capsys, *words, "--trials", "2", "--device", "cpu", profile=tmp_path / "profile")
    assert status == DONE and [trial["number"] for trial in said["trials"]] == [0, 1]
    assert said["trials"][0]["settings"] == {} and "schedule.learning_rate" in said["trials"][1]["settings"]
    best = max(said["trials"], key=lambda trial: (trial["recall"], -trial["number"]))
    rate = best["settings"].get("schedule.learning_rate", 3e-3)
    assert json.loads((tmp_path / "out" / "recipe.json").read_text())["schedule"]["learning_rate"] == rate


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no such signal on this system")
def test_a_training_that_was_killed_comes_to_the_same_weights(pairs: Path, tmp_path: Path) -> None:
    # Long enough to be killed in the middle: the state is there from the first validation on. One thread in all three
    # runs, for sums differ in their last digits with the number of threads.
    recipe, environment = recipe_at(tmp_path, 60, 5), os.environ | {"OMP_NUM_THREADS": "1"}

    def command(out: Path) -> list[str]:
        words = ["--profile", tmp_path / "profile", "train", "--recipe", recipe, "--out", out, "--pairs", pairs]
        return [sys.executable, "-m", "needledrop", *map(str, words), "--device", "cpu", "--quiet"]

    killed, through = tmp_path / "killed", tmp_path / "through"
    state = killed / "state" / "training.pt"
    with subprocess.Popen(command(killed), env=environment) as process:
        end = time.monotonic() + 120
        while not state.exists() and process.poll() is None and time.monotonic() < end:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL, "the training was over before it could be killed"
    assert not (killed / "config.json").exists()
    assert 0 < torch.load(state, weights_only=True)["history"]["steps"] < 60
    for out in (killed, through):
        subprocess.run(command(out), env=environment, stdout=subprocess.DEVNULL, check=True)
    one, other = weights(killed), weights(through)
    assert one.keys() == other.keys() and all(torch.equal(one[name], other[name]) for name in one)


def with_sights(tracks: int, seed: int) -> PairSet:
    """Pairs of two tags that keep spectrograms and grey pictures."""
    made, rng = made_up_pairs(tracks=tracks, videos_per_track=2, seed=seed), np.random.default_rng(seed)
    return replace(
        made,
        music=replace(made.music, mel=rng.integers(0, 256, (tracks, 7, 24, 80)).astype(np.uint8)),
        video=replace(made.video, frames=rng.integers(0, 256, (2 * tracks, 7, 4, 12, 12)).astype(np.uint8)),
        tags=tuple(("sea", "run")[track // 4 % 2 :][:1] for track in made.track_of_video),
    )


def test_conformers_are_kept_and_applied_to_other_pairs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def said(*words: str | Path) -> tuple[int, Any]:
        return asked(capsys, *words, profile=tmp_path / "profile")

    first, second, out, again, other = (tmp_path / name for name in ("first", "second", "out", "again", "other"))
    save_pair_set(with_sights(48, seed=1), first)
    save_pair_set(with_sights(12, seed=2), second)
    status, told = said("pretrain", "--pairs", first, "--out", out, "--steps", "2")
    assert status == DONE and told["name"] == "made-up, unified Conformers"
    assert said("pretrain", "--with", out, "--pairs", first, "--out", again)[0] == DONE
    assert said("pretrain", "--with", out, "--pairs", second, "--out", other)[0] == DONE
    trained, applied, elsewhere = map(load_pair_set, (out, again, other))
    for side in ("music", "video"):
        one, same, new = (getattr(each, side).clips for each in (trained, applied, elsewhere))
        assert one.any() and np.array_equal(one, same) and new.shape[1:] == one.shape[1:]
    # A system trained through them ranks other pairs through the same, and is refused those that were not.
    assert said("train", "--recipe", recipe_at(tmp_path, 2, 2), "--out", tmp_path / "tivm", "--pairs", out)[0] == DONE
    status, told = said("evaluate", tmp_path / "tivm", "--pairs", other, "--split", "test-strong")
    assert status == DONE and told["results"][0]["gallery_size"] == 3
    status, told = said("evaluate", tmp_path / "tivm", "--pairs", second, "--split", "test-strong")
    assert status == KNOWN_ERROR and told["error"]["code"] == "other-pairs"
    for words in (("--with", out, "--steps", "3"), ("--with", out, "--separate")):
        status, told = said("pretrain", *words, "--pairs", second, "--out", tmp_path / "none")
        assert status == KNOWN_ERROR and told["error"]["code"] == "usage"
    status, told = said("pretrain", "--with", first, "--pairs", second, "--out", tmp_path / "none")
    assert told["error"]["code"] == "model" and not (tmp_path / "none").exists()
    assert said("pretrain", "--with", out, "--pairs", second, "--out", out)[1]["error"]["code"] == "usage"


def test_a_damaged_model_is_refused(
    pairs: Path, model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "config.json").write_bytes((model / "config.json").read_bytes())
    (broken / "model.safetensors").write_bytes((model / "model.safetensors").read_bytes()[:500])
    status, said = asked(capsys, "evaluate", broken, "--pairs", pairs, profile=tmp_path)
    assert status == KNOWN_ERROR and said["error"]["code"] == "model"
    assert "truncated" in said["error"]["sentence"] and said["error"]["remedy"]


@pytest.mark.slow
def test_two_processes_train_one_model(pairs: Path, tmp_path: Path) -> None:
    words = ["train", "--recipe", str(recipe_at(tmp_path, 6, 3)), "--out", str(tmp_path / "out"), "--pairs", str(pairs)]
    script = tmp_path / "train.py"
    script.write_text(TWO_PROCESSES, encoding="utf-8")
    command = [sys.executable, str(script), str(tmp_path), *words, "--device", "cpu", "--devices", "2", "--quiet"]
    done = subprocess.run(
        command, env=os.environ | {"OMP_NUM_THREADS": "1"}, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == DONE, done.stderr
    ranks = [torch.load(tmp_path / f"rank-{rank}.pt", weights_only=True) for rank in (0, 1)]
    assert [one["world"] for one in ranks] == [2, 2] and [one["steps"] for one in ranks] == [6, 6]
    one, other = (rank["model"] for rank in ranks)
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert done.stdout.count("6 steps") == 1, "one of them speaks"
    assert load_towers(tmp_path / "out", load_pair_set(pairs)).name == "TIVM (tiny)"


# Each process keeps what its own replica came to.
TWO_PROCESSES = """
import sys
from pathlib import Path

import torch

from needledrop.cli.main import run
from needledrop.training import trainer

finish = trainer._Run.finish


def kept(self):
    done = finish(self)
    rank = self.fabric.global_rank
    state = {"world": self.fabric.world_size, "steps": self.history.steps, "model": self.model.module.state_dict()}
    torch.save(state, Path(sys.argv[1]) / f"rank-{rank}.pt")
    return done


trainer._Run.finish = kept
if __name__ == "__main__":
    sys.exit(run(["--profile", str(Path(sys.argv[1]) / "profile"), *sys.argv[2:]]))
"""
