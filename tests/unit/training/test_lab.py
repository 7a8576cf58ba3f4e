# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""From a set of pairs and a recipe to a checkpoint that ranks: learning, resuming, running out, coming apart."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from needledrop.core.errors import Cancelled, KnownError
from needledrop.core.progress import CancelToken, Progress
from needledrop.crossmodal.base_towers import towers_of
from needledrop.crossmodal.needledrop_base import NeedledropBaseConfig
from needledrop.features.clip_rows import row_columns
from needledrop.features.picture_rows import ROW_SIZE
from needledrop.suggest.course_search import best_steps, whole_and_course
from needledrop.training import trainer
from needledrop.training.evaluation.protocol import judged, trials
from needledrop.training.lab import Bench, load_towers, task_of, train_recipe, with_reranking
from needledrop.training.lab import prepared as prepared_by
from needledrop.training.pairs.pair_set import PairSet
from needledrop.training.pairs.transforms import bin_use
from needledrop.training.recipe import Recipe, Schedule
from retrieval.made_up_pairs import made_up_pairs

INPUT = {"form": "SE&R", "width": 32, "heads": 2, "head_width": 8, "feed_forward": 32, "dropout": 0.1}
SCHEDULE = Schedule(steps=60, batch=32, learning_rate=3e-3, warm_up_steps=5, validate_every=20)
TIVM = Recipe(
    "small",
    "tivm",
    {"input": INPUT, "layers": 1, "music_hidden": 32, "video_hidden": 32, "width": 16},
    SCHEDULE,
)
# Sixty tracks are too few for labels of ten each.
FEWEST = 3


def prepared(pairs: PairSet) -> Bench:
    return prepared_by(pairs, fewest=FEWEST)


@pytest.fixture(scope="module")
def pairs() -> PairSet:
    return made_up_pairs(tracks=160, videos_per_track=3)


def weights(folder: Path) -> dict[str, torch.Tensor]:
    state: dict[str, torch.Tensor] = torch.load(folder / "state" / "training.pt", weights_only=True)["model"]
    return state


def test_a_recipe_learns_what_is_planted_and_its_checkpoint_ranks(pairs: PairSet, tmp_path: Path) -> None:
    history = train_recipe(prepared(pairs), TIVM, tmp_path)
    assert history.losses[-1]["total"] < 0.7 * history.losses[0]["total"]
    result = judged(load_towers(tmp_path, pairs), trials(pairs, "test-strong")[0])
    assert result.system == "TIVM (small)"
    assert result.recall[10].low > 2 * result.chance[10] / 1.5
    assert history.best_recall == max(recall for _, recall in history.validation)


def test_a_training_stopped_anywhere_comes_to_the_same_weights(pairs: PairSet, tmp_path: Path) -> None:
    bench = prepared(pairs)
    recipe = replace(TIVM, schedule=replace(SCHEDULE, steps=30, validate_every=10))
    train_recipe(bench, recipe, tmp_path / "through")
    token, seen = CancelToken(), list[Progress]()

    def stops_at_17(progress: Progress) -> None:
        seen.append(progress)
        if len(seen) == 17:
            token.cancel()

    with pytest.raises(Cancelled):
        train_recipe(bench, recipe, tmp_path / "stopped", progress=stops_at_17, cancel=token)
    train_recipe(bench, recipe, tmp_path / "stopped")
    assert seen[-1].total == 30 and seen[-1].rate_hz > 0
    one, other = weights(tmp_path / "through"), weights(tmp_path / "stopped")
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_a_damaged_state_costs_the_work_and_nothing_else(pairs: PairSet, tmp_path: Path) -> None:
    bench, recipe = prepared(pairs), replace(TIVM, schedule=replace(SCHEDULE, steps=10, validate_every=10))
    train_recipe(bench, recipe, tmp_path)
    state = tmp_path / "state" / "training.pt"
    state.write_bytes(state.read_bytes()[:2000])
    assert train_recipe(bench, recipe, tmp_path).steps == 10
    assert (tmp_path / "state" / "training.damaged").exists()


def test_another_recipe_in_the_folder_is_refused(pairs: PairSet, tmp_path: Path) -> None:
    bench, short = prepared(pairs), replace(TIVM, schedule=replace(SCHEDULE, steps=2))
    train_recipe(bench, short, tmp_path)
    with pytest.raises(KnownError, match="another recipe"):
        train_recipe(bench, replace(short, seed=2), tmp_path)


def test_a_loss_that_is_no_number_stops_the_training(pairs: PairSet, tmp_path: Path) -> None:
    wild = replace(TIVM, schedule=replace(SCHEDULE, learning_rate=1.0, warm_up_steps=0))
    bench = prepared(pairs)
    bench.tensors._music.clips.fill_(float("nan"))
    with pytest.raises(KnownError, match="came apart at step 0"):
        train_recipe(bench, wild, tmp_path)


def test_broken_items_cost_themselves(pairs: PairSet) -> None:
    vector, flow = np.array(pairs.music.vector), np.array(pairs.video.flow)
    vector[0, 3], flow[7, 0] = np.nan, np.inf
    spoilt = replace(pairs, music=replace(pairs.music, vector=vector), video=replace(pairs.video, flow=flow))
    kept = prepared(spoilt).pairs
    assert [index for index, name in enumerate(kept.split) if not name] == [0, 1, 2, 7]
    assert np.isfinite(kept.music.vector).all() and np.isfinite(kept.video.flow).all()


def test_a_gpu_that_runs_out_halves_the_batch_then_gives_way_to_the_cpu(
    pairs: PairSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step, sizes = trainer._Run._step, list[int]()

    def runs_out(self: trainer._Run, number: int) -> dict[str, float]:
        sizes.append(self.batch)
        if self.machine.accelerator != "cpu":
            raise torch.OutOfMemoryError("out of memory")
        return step(self, number)

    monkeypatch.setattr(trainer._Run, "_step", runs_out)
    recipe = replace(TIVM, schedule=replace(SCHEDULE, steps=2))
    history = train_recipe(prepared(pairs), recipe, tmp_path, trainer.Machine("auto", 1))
    assert sizes == [32, 16, 8, 8, 8]
    assert [note.split(";")[-1].strip() for note in history.notes[:-1]] == [
        "went on with 16.", "went on with 8.", "went on with the CPU.",
    ]  # fmt: skip


@pytest.mark.parametrize("form", ["SE", "SE&R"])
def test_a_training_on_rhythm_and_flow_tells_how_their_bins_are_used(pairs: PairSet, tmp_path: Path, form: str) -> None:
    recipe = replace(TIVM, model=TIVM.model | {"input": INPUT | {"form": form}}, schedule=replace(SCHEDULE, steps=2))
    bench = prepared(pairs)
    wanted = [f"Bins: {'; '.join(map(str, bin_use(bench.pairs, bench.transforms)))}."] if form == "SE&R" else []
    assert train_recipe(bench, recipe, tmp_path).notes == wanted
    assert train_recipe(bench, recipe, tmp_path).notes == wanted, "asked again, it is told once"


def test_the_labels_are_drawn_alike_where_the_recipe_says_so(pairs: PairSet) -> None:
    bench = prepared(pairs)
    task = task_of(bench)
    balanced = replace(TIVM, schedule=replace(SCHEDULE, balanced=True))
    drawn = np.concatenate([trainer.drawn(task, balanced, step, 64) for step in range(20)])
    counts = np.bincount(task.label_of_track[task.track_of_video[drawn]])
    assert counts.max() < 1.4 * counts.min()
    assert set(np.array(pairs.split)[drawn]) == {"train"}


@pytest.mark.parametrize("system", ["cbvmr", "cmvae", "ut-cmvmr", "cca"])
def test_every_system_goes_from_recipe_to_ranking(pairs: PairSet, tmp_path: Path, system: str) -> None:
    models = {
        "cbvmr": {"music_hidden": [32], "video_hidden": [32], "width": 16},
        "cmvae": {"latent": 16, "hidden": 32, "warmup": 5, "kl": 0.003},
        "ut-cmvmr": {
            "input": INPUT, "phi_hidden": 32, "phi_width": 24, "theta_hidden": 24, "theta_width": 16,
            "cross_heads": 2, "cross_head_width": 8, "cross_feed_forward": 32,
        },
        "cca": {},
    }  # fmt: skip
    recipe = Recipe("tiny", system, models[system], replace(SCHEDULE, steps=40))
    train_recipe(prepared(pairs), recipe, tmp_path)
    towers = load_towers(tmp_path, pairs)
    result = judged(towers, trials(pairs, "test-strong")[0])
    assert result.percentile.high < 0.45
    again = with_reranking(towers, 10)
    assert (again is not None) == (system == "ut-cmvmr")
    if again is not None:
        assert judged(again, trials(pairs, "test-strong")[0]).percentile.high < 0.5


def test_ours_goes_from_recipe_to_ranking_and_ranks_alike_in_numpy(pairs: PairSet, tmp_path: Path) -> None:
    tracks, videos = len(pairs.track_names), len(pairs.video_names)
    music, video = np.zeros((tracks, 7, 32), np.float32), np.zeros((videos, 7, 2 * ROW_SIZE), np.float32)
    music[..., :24] = pairs.music.clips
    video[..., row_columns(NeedledropBaseConfig().rows)[:16]] = pairs.video.clips[..., :16]
    rng = np.random.default_rng(1)
    course = rng.normal(size=(tracks, 56, 3)).astype(np.float32)
    seen = np.repeat(course[pairs.track_of_video], 3, axis=2)[..., :7]
    pairs = replace(
        pairs,
        music=replace(pairs.music, clips=music, steps=course),
        video=replace(pairs.video, clips=video, steps=seen),
    )
    recipe = Recipe("ours", "needledrop-base", {"text": False}, replace(SCHEDULE, steps=40))
    train_recipe(prepared(pairs), recipe, tmp_path)
    scorer = load_towers(tmp_path, pairs)
    assert judged(scorer, trials(pairs, "test-strong")[0]).percentile.high < 0.3
    towers = towers_of(tmp_path)
    some = np.arange(6)
    scores = scorer.scores(some, some)
    embedded = towers.music_clips(music[:6].reshape(-1, 32), np.arange(7) * 7)
    for row in some:
        shown = towers.clips_of(video[row])
        found = whole_and_course(embedded, np.arange(7) * 7, shown, towers.shares[:2]).scores
        steps = best_steps([towers.steps_of(one, is_music=True) for one in course[:6]], towers.steps_of(seen[row]))
        assert found + towers.shares[2] * steps.scores == pytest.approx(scores[row], abs=1e-4)


def test_a_recording_that_is_there_twice_is_found_in_either(pairs: PairSet) -> None:
    validation = [index for index, split in enumerate(pairs.track_split) if split == "validation"]
    clusters = np.array(pairs.track_cluster)
    clusters[validation[1]] = clusters[validation[0]]
    task = task_of(prepared(replace(pairs, track_cluster=clusters)))
    assert validation[1] not in task.validation_tracks
    assert task.validation_relevant.sum(axis=1).tolist() == [1] * len(task.validation_videos)


def test_items_of_another_width_are_refused(pairs: PairSet, tmp_path: Path) -> None:
    train_recipe(prepared(pairs), replace(TIVM, schedule=replace(SCHEDULE, steps=1)), tmp_path)
    narrow = replace(pairs, music=replace(pairs.music, vector=pairs.music.vector[:, :10]))
    with pytest.raises(KnownError, match="described otherwise"):
        load_towers(tmp_path, narrow)
