# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The semantic pack from its installation to tags of a film and a track, with tiny models in place of the real ones."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

import media_factory
from needledrop.core.errors import Cancelled, KnownError
from needledrop.core.paths import Profile
from needledrop.core.progress import CancelToken, Progress, ignore_progress
from needledrop.crossmodal import semantic_pack
from needledrop.media.audio import read_audio
from needledrop.media.pictures import read_frame
from needledrop.workflows import model_packs
from needledrop.workflows.model_packs import find_pack, install_pack, installed_packs
from needledrop.workflows.pack_catalogue import PackFile, known_packs
from needledrop.workflows.profiles import write_library
from needledrop.workflows.semantic_tags import SemanticPack, open_semantic_pack
from unit.crossmodal.tiny_models import CLAP_WIDTH, SIGLIP_WIDTH, tiny_clap, tiny_siglip


@pytest.fixture
def installed(profile: Profile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Profile:
    """Both packs installed from folders; only width and checksum of the weights are those of the tiny models."""
    tiny_siglip(tmp_path / "siglip-base")
    tiny_clap(tmp_path / "clap-music")
    real = known_packs()
    weights = PackFile("model.safetensors", "model.safetensors", "", "")
    packs = {
        name: dataclasses.replace(real[name], dimension=width, files=(weights, *real[name].files[1:]))
        for name, width in (("siglip-base", SIGLIP_WIDTH), ("clap-music", CLAP_WIDTH))
    }
    monkeypatch.setattr(model_packs, "known_packs", lambda: packs)
    for name in packs:
        install_pack(profile, find_pack(name), ignore_progress, CancelToken(), from_path=tmp_path / name)
    return profile


@pytest.fixture
def pack(installed: Profile) -> SemanticPack:
    opened = open_semantic_pack(installed)
    assert opened is not None
    return opened


@pytest.fixture(scope="module")
def track(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("music") / "track.wav"
    return media_factory.write_audio(path, media_factory.music(52.0, rate=48_000), rate=48_000)


def test_a_track_is_heard_once_and_its_vectors_are_kept(
    pack: SemanticPack, installed: Profile, track: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Progress] = []
    with write_library(installed, "test") as library:
        first = pack.of_track(library, "sound", track, 52.0, seen.append, CancelToken())
        card = pack.music.encoder.card
        kept = library.embeddings(card, ["sound"])["sound"]
        # 40 s and then 12 s: four windows, and one more with its rest too short to count.
        assert kept.shape == (5, CLAP_WIDTH) and seen[-1].done == seen[-1].total == 2
        whole = pack.music.encoder.embed(read_audio(track, 0.0, 52.0, 48_000, 1)[:, 0])
        assert np.allclose(kept, whole, atol=1e-4)
        monkeypatch.setattr(pack.music.encoder, "embed", lambda item: pytest.fail("heard again"))
        assert np.array_equal(pack.of_track(library, "sound", track, 52.0, seen.append, CancelToken()), first)
    assert first.shape == (len(pack.vocabulary.tags),)
    assert first[pack.vocabulary.slices()[0]].sum() == pytest.approx(1, abs=1e-5)


def test_a_film_is_seen_once_a_second(pack: SemanticPack, installed: Profile, tmp_path: Path) -> None:
    path = media_factory.write_video(tmp_path / "film.mp4", media_factory.shot_frames([38], 75))
    with write_library(installed, "test") as library:
        found = pack.of_video(library, "film", path, 3.0, ignore_progress, CancelToken())
        kept = library.embeddings(pack.pictures.encoder.card, ["film"])["film"]
    wanted = pack.pictures.encoder.embed([read_frame(path, t_s, 256) for t_s in (0.5, 1.5, 2.5)])
    assert np.array_equal(kept, wanted)
    assert np.allclose(found, pack.pictures.probabilities(wanted))


def test_stopping_keeps_nothing_half(pack: SemanticPack, installed: Profile, track: Path) -> None:
    cancel = CancelToken()
    with write_library(installed, "test") as library:
        with pytest.raises(Cancelled):
            pack.of_track(library, "sound", track, 52.0, lambda _: cancel.cancel(), cancel)
        assert library.missing_embeddings(pack.music.encoder.card, ["sound"]) == ["sound"]


def test_without_a_part_of_it_there_is_no_pack(installed: Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(semantic_pack, "is_available", lambda: False)
        assert open_semantic_pack(installed) is None
    model_packs.remove_pack(installed, find_pack("clap-music"))
    assert open_semantic_pack(installed) is None


def test_a_damaged_part_is_a_sentence(installed: Profile) -> None:
    path = installed_packs(installed)["siglip-base"].weights_path
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(KnownError, match=r"model\.safetensors cannot be used"):
        open_semantic_pack(installed)
