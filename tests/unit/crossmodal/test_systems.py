# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
import torch

from needledrop.core.errors import KnownError
from needledrop.crossmodal.systems import SYSTEMS, build, plain_config, read_config, system
from planted_pairs import SIZES, planted_pairs

# All but ours, which is fed with the program's own clips alone (test_needledrop_base.py).
SHOWN_IN_FORMS = [name for name in SYSTEMS if name != "needledrop-base"]


@pytest.mark.parametrize("name", SHOWN_IN_FORMS)
def test_every_system_embeds_both_sides_in_one_space(name: str) -> None:
    torch.manual_seed(0)
    model = build(name, read_config(name, {"input": {"form": "A-SE"}}), SIZES)
    pairs = planted_pairs(8, seed=0)
    if name == "cca":
        model.fit(pairs)
    loss = model.training_loss(pairs)
    assert torch.isfinite(loss["total"])
    model.eval()
    music, video = model.embed_music(pairs.music), model.embed_video(pairs.video)
    assert music.shape == video.shape
    for unit in (music, video):
        torch.testing.assert_close(unit.norm(dim=-1), torch.ones(8))


@pytest.mark.parametrize("name", SHOWN_IN_FORMS)
def test_a_configuration_survives_json(name: str) -> None:
    config = read_config(name, {"input": {"width": 16}})
    assert config.input.width == 16
    assert read_config(name, json.loads(json.dumps(plain_config(config)))) == config


def test_the_four_published_systems_are_marked() -> None:
    assert {name for name, entry in SYSTEMS.items() if entry.published} == {"cbvmr", "cmvae", "ut-cmvmr", "tivm"}


def test_whole_numbers_stand_for_weights_and_lists_for_widths() -> None:
    config = read_config("cbvmr", {"music_to_video": 2, "music_hidden": [8, 4]})
    assert (config.music_to_video, config.music_hidden) == (2.0, (8, 4))
    assert isinstance(config.music_to_video, float)


@pytest.mark.parametrize(
    ("name", "values", "said"),
    [
        ("vmnet", {}, "There is no system “vmnet”"),
        ("cbvmr", {"margins": 0.1}, "has no “margins”"),
        ("cbvmr", {"input": {"forms": "AE"}}, "has no “forms”"),
        ("cbvmr", {"width": "wide"}, "“width” in The configuration of CBVMR cannot be 'wide'"),
        ("cbvmr", {"width": True}, "cannot be True"),
        ("cbvmr", {"relu": 1}, "cannot be 1"),
        ("cbvmr", {"music_hidden": [8, "4"]}, "cannot be '4'"),
        ("cca", {"input": {"form": "SE"}}, "learns no sequence"),
    ],
)
def test_what_a_recipe_gets_wrong_is_said(name: str, values: dict[str, Any], said: str) -> None:
    with pytest.raises(KnownError, match=said) as refused:
        read_config(name, values)
    assert refused.value.remedy


def test_naming_the_systems_does_not_load_torch() -> None:
    code = "import sys, needledrop.crossmodal.systems; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    assert system("tivm").title == "TIVM"
