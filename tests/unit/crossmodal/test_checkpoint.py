# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import dataclasses
import json
import math
import os
from pathlib import Path
from typing import Any

import pytest
import torch

from needledrop.core.errors import KnownError
from needledrop.crossmodal import systems
from needledrop.crossmodal.checkpoint import CONFIG_NAME, WEIGHTS_NAME, Checkpoint, load_checkpoint, save_checkpoint
from planted_pairs import SIZES, planted_pairs


def _checkpoint(seed: int = 0) -> Checkpoint:
    torch.manual_seed(seed)
    config = systems.read_config("cbvmr", {"music_hidden": [8], "video_hidden": [8], "width": 8})
    model = systems.build("cbvmr", config, SIZES)
    model.embed_music(planted_pairs(8, seed=0).music)  # so that batch norm has statistics to keep
    return Checkpoint("cbvmr", config, SIZES, model.eval(), {"mean": torch.arange(3.0)}, {"features": {"rhythm": 3}})


def _edit(folder: Path, **changes: Any) -> None:
    path = folder / CONFIG_NAME
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_a_model_comes_back_as_it_was(tmp_path: Path) -> None:
    saved, music = _checkpoint(), planted_pairs(5, seed=1).music
    sha256 = save_checkpoint(saved, tmp_path / "model")
    loaded = load_checkpoint(tmp_path / "model")
    assert torch.equal(loaded.model.embed_music(music), saved.model.embed_music(music))
    assert (loaded.system, loaded.config, loaded.sizes, loaded.about) == ("cbvmr", saved.config, SIZES, saved.about)
    assert torch.equal(loaded.fitted["mean"], saved.fitted["mean"])
    assert not loaded.model.training
    assert json.loads((tmp_path / "model" / CONFIG_NAME).read_text())["sha256"] == sha256
    assert sorted(path.name for path in (tmp_path / "model").iterdir()) == [CONFIG_NAME, WEIGHTS_NAME]


def test_the_same_model_makes_the_same_bytes(tmp_path: Path) -> None:
    assert save_checkpoint(_checkpoint(), tmp_path / "a") == save_checkpoint(_checkpoint(), tmp_path / "b")


@pytest.mark.parametrize("survived", range(2))
def test_a_kill_while_saving_leaves_one_whole_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, survived: int
) -> None:
    old, new, music = _checkpoint(0), _checkpoint(1), planted_pairs(5, seed=1).music
    save_checkpoint(old, tmp_path)
    replace, done = os.replace, []

    def killed(source: Any, target: Any) -> None:
        if len(done) == survived:
            raise KeyboardInterrupt
        done.append(target)
        replace(source, target)

    monkeypatch.setattr(os, "replace", killed)
    with pytest.raises(KeyboardInterrupt):
        save_checkpoint(new, tmp_path)
    monkeypatch.undo()
    expected = (old, new)[survived]
    assert torch.equal(load_checkpoint(tmp_path).model.embed_music(music), expected.model.embed_music(music))
    save_checkpoint(new, tmp_path)
    assert torch.equal(load_checkpoint(tmp_path).model.embed_music(music), new.model.embed_music(music))
    assert len(list(tmp_path.iterdir())) == 2


def test_a_full_disk_is_said(tmp_path: Path) -> None:
    (tmp_path / "model").write_text("a file where the folder should be")
    with pytest.raises(KnownError, match="could not be saved"):
        save_checkpoint(_checkpoint(), tmp_path / "model")


def test_weights_that_are_no_numbers_are_neither_saved_nor_loaded(tmp_path: Path) -> None:
    broken = _checkpoint()
    next(broken.model.parameters()).data[0, 0] = math.nan
    with pytest.raises(KnownError, match="was not saved"):
        save_checkpoint(broken, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_nan_is_refused_though_its_hash_is_right(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = _checkpoint()
    next(broken.model.parameters()).data[0, 0] = math.nan
    monkeypatch.setattr("needledrop.crossmodal.checkpoint._not_finite", lambda _: None)
    save_checkpoint(broken, tmp_path)
    monkeypatch.undo()
    with pytest.raises(KnownError, match="no numbers"):
        load_checkpoint(tmp_path)


def _truncated(folder: Path) -> None:
    path = folder / WEIGHTS_NAME
    path.write_bytes(path.read_bytes()[:-100])


def _wider(folder: Path) -> None:
    config = json.loads((folder / CONFIG_NAME).read_text())["config"]
    _edit(folder, config={**config, "width": 16})


def _unknown_setting(folder: Path) -> None:
    config = json.loads((folder / CONFIG_NAME).read_text())["config"]
    _edit(folder, config={**config, "depth": 16})


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda folder: (folder / CONFIG_NAME).unlink(), "no config.json"),
        (lambda folder: (folder / WEIGHTS_NAME).unlink(), "no model.safetensors"),
        (lambda folder: (folder / CONFIG_NAME).write_text("{"), "config.json is damaged"),
        (lambda folder: (folder / CONFIG_NAME).write_text("[]"), "of version None"),
        (lambda folder: _edit(folder, format=99), "of version 99"),
        (lambda folder: _edit(folder, sizes={"music": 3}), "config.json is damaged"),
        (_truncated, "truncated or another model's"),
        (_wider, "another architecture"),
        (_unknown_setting, "another architecture"),
        (lambda folder: _edit(folder, system="vmnet"), "another architecture"),
        (lambda folder: _edit(folder, sizes=dataclasses.asdict(SIZES) | {"music_vector": 7}), "another architecture"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_remedy(tmp_path: Path, spoil: Any, said: str) -> None:
    save_checkpoint(_checkpoint(), tmp_path)
    spoil(tmp_path)
    with pytest.raises(KnownError, match=said) as refused:
        load_checkpoint(tmp_path)
    assert refused.value.remedy
    assert refused.value.code == "model"
