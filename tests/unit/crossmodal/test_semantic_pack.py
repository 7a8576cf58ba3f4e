# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SigLIP and CLAP through tiny models of their classes: they get what the published ones get, and give what they give.

What the tags are worth cannot be tested with random weights, and is not.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image
from transformers import ClapConfig, ClapModel, SiglipConfig, SiglipModel

from needledrop.core.errors import KnownError
from needledrop.core.music import FloatArray
from needledrop.crossmodal import semantic_pack
from needledrop.crossmodal.semantic_pack import (
    CLAP_INPUT,
    MUSIC_RATE_HZ,
    SIGLIP_INPUT,
    ClapEncoder,
    ModelFiles,
    SiglipEncoder,
    ZeroShotTags,
    music_windows,
)
from needledrop.crossmodal.tag_vocabulary import Tags, TagVocabulary, load_vocabulary
from unit.crossmodal.tiny_models import (
    CLAP_PREPROCESSOR,
    CLAP_WIDTH,
    SIGLIP_PREPROCESSOR,
    SIGLIP_WIDTH,
    files_of,
    tiny_clap,
    tiny_siglip,
)


@pytest.fixture(scope="module")
def vocabulary() -> TagVocabulary:
    return load_vocabulary()


@pytest.fixture(scope="module")
def siglip_made(tmp_path_factory: pytest.TempPathFactory) -> tuple[ModelFiles, SiglipModel]:
    return tiny_siglip(tmp_path_factory.mktemp("siglip"))


@pytest.fixture(scope="module")
def clap_made(tmp_path_factory: pytest.TempPathFactory) -> tuple[ModelFiles, ClapModel]:
    return tiny_clap(tmp_path_factory.mktemp("clap"))


@pytest.fixture(scope="module")
def siglip(siglip_made: tuple[ModelFiles, SiglipModel]) -> SiglipEncoder:
    return SiglipEncoder(siglip_made[0], "cpu")


@pytest.fixture(scope="module")
def clap(clap_made: tuple[ModelFiles, ClapModel]) -> ClapEncoder:
    return ClapEncoder(clap_made[0], "cpu")


def pictures(*sizes: tuple[int, int]) -> list[NDArray[np.uint8]]:
    generator = np.random.default_rng(8)
    return [generator.integers(0, 256, (height, width, 3)).astype(np.uint8) for height, width in sizes]


def sound(seconds: float, hertz: float = 440.0) -> FloatArray:
    t_s = np.arange(round(seconds * 48_000)) / 48_000
    return (0.4 * np.sin(2 * np.pi * hertz * t_s) + 0.1 * np.sin(2 * np.pi * 5000 * t_s)).astype(np.float32)


def seen_by(monkeypatch: pytest.MonkeyPatch, encoder: Any, method: str) -> list[dict[str, torch.Tensor]]:
    """What the network is given from now on."""
    seen: list[dict[str, torch.Tensor]] = []
    network = encoder._careful.network
    real = getattr(network, method)

    def spy(**inputs: torch.Tensor) -> Any:
        seen.append(inputs)
        return real(**inputs)

    monkeypatch.setattr(network, method, spy)
    return seen


def test_the_published_models_have_the_sizes_that_the_files_have() -> None:
    """203 M parameters of SigLIP in 813 MB, and 776 MB of CLAP with HTSAT-base: the configurations as published."""
    with torch.device("meta"):
        siglip = SiglipModel(SiglipConfig())
        clap = ClapModel(
            ClapConfig(audio_config={"depths": [2, 2, 12, 2], "hidden_size": 1024, "patch_embeds_hidden_size": 128})
        )
    vision, text = siglip.config.vision_config, siglip.config.text_config
    assert (vision.image_size, vision.patch_size, vision.hidden_size, vision.num_hidden_layers) == (224, 16, 768, 12)
    assert (text.vocab_size, text.max_position_embeddings, text.hidden_size) == (32_000, 64, 768)
    assert round(4 * sum(value.numel() for value in siglip.parameters()) / 1e6) == 813
    audio = clap.config.audio_config
    assert (audio.num_mel_bins, audio.spec_size, audio.enable_fusion, clap.config.projection_dim) == (
        64,
        256,
        False,
        512,
    )
    assert 4 * sum(value.numel() for value in clap.parameters()) / 1e6 == pytest.approx(776, abs=1)


def test_the_input_is_the_published_one() -> None:
    for name, value in SIGLIP_INPUT.items():
        published = SIGLIP_PREPROCESSOR[name]
        assert published == (pytest.approx(value) if isinstance(value, float) else value), name
    assert {name: value for name, value in CLAP_PREPROCESSOR.items() if name in CLAP_INPUT} == dict(CLAP_INPUT)
    assert MUSIC_RATE_HZ == CLAP_PREPROCESSOR["sampling_rate"] == 48_000


def test_siglip_sees_224_pixels_between_minus_one_and_one(
    siglip: SiglipEncoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = seen_by(monkeypatch, siglip, "get_image_features")
    exact, wide = pictures((224, 224), (180, 320))
    rows = siglip.embed([exact, wide])
    (given,) = seen
    pixels = given["pixel_values"]
    assert pixels.shape == (2, 3, 224, 224) and pixels.dtype == torch.float32
    assert np.allclose(pixels[0], exact.transpose(2, 0, 1) / 127.5 - 1, atol=1e-6)
    squeezed = np.asarray(Image.fromarray(wide).resize((224, 224), Image.Resampling.BICUBIC))
    assert np.allclose(pixels[1], squeezed.transpose(2, 0, 1) / 127.5 - 1, atol=1e-6)
    assert rows.shape == (2, SIGLIP_WIDTH) and np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)


def test_siglip_reads_64_tokens_filled_with_its_end(siglip: SiglipEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = seen_by(monkeypatch, siglip, "get_text_features")
    rows = siglip.texts(["a calm and peaceful scene", "A calm, and PEACEFUL scene!", "calm " * 100])
    (given,) = seen
    ids = given["input_ids"]
    assert list(given) == ["input_ids"] and ids.shape == (3, 64)  # No mask: it was trained without.
    assert (ids[0, :5] > 2).all() and (ids[0, 5:] == 1).all()
    assert torch.equal(ids[0], ids[1]) and np.allclose(rows[0], rows[1], atol=1e-6)
    assert ids[2, -1] == 1 and (ids[2, :-1] > 2).all()


def test_siglip_tags_are_the_models_own_logits(
    siglip: SiglipEncoder, siglip_made: tuple[ModelFiles, SiglipModel], vocabulary: TagVocabulary
) -> None:
    tagger: Tags[Sequence[NDArray[np.uint8]]] = ZeroShotTags(siglip, vocabulary, vocabulary.picture_prompts)
    shown = pictures((224, 224), (224, 224))
    model = siglip_made[1]
    ids = torch.tensor([siglip._tokens(line) for line in vocabulary.picture_prompts])
    pixels = torch.from_numpy(np.stack(shown).transpose(0, 3, 1, 2) / 127.5 - 1).float()
    with torch.inference_mode():
        logits = model(input_ids=ids, pixel_values=pixels).logits_per_image
    wanted = [torch.softmax(logits[:, part], dim=1).mean(0) for part in vocabulary.slices()]
    found = tagger(shown)
    assert [name for name, _ in found] == list(vocabulary.tags)
    assert np.allclose([value for _, value in found], torch.cat(wanted), atol=1e-5)
    assert np.ptp([value for _, value in found]) > 0.01


def test_clap_hears_ten_seconds_at_48_khz(clap: ClapEncoder, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = seen_by(monkeypatch, clap, "get_audio_features")
    rows = clap.embed(sound(25.0))
    (given,) = seen
    features = given["input_features"]
    assert (
        features.shape == (3, 1, 1001, 64) and features.dtype == torch.float32
    )  # 480,000 / 480 + 1 frames of 64 bands
    assert rows.shape == (3, CLAP_WIDTH) and np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)
    assert np.allclose(features[0, 0, 500], features[1, 0, 500], atol=0.5)  # The tone goes on.
    assert float(features[0, 0, 500].max()) > float(features[0, 0, 500].median()) + 30  # In dB.
    assert np.array_equal(rows, clap.embed(sound(25.0)))


@pytest.mark.parametrize(
    ("seconds", "lengths_s"), [(0, []), (2, [2]), (10, [10]), (14.9, [10]), (15, [10, 5]), (39, [10, 10, 10, 9])]
)
def test_windows_of_music(seconds: float, lengths_s: list[float]) -> None:
    assert [len(part) / 48_000 for part in music_windows(sound(seconds))] == lengths_s


def test_clap_tags_are_the_models_own_logits(
    clap: ClapEncoder, clap_made: tuple[ModelFiles, ClapModel], vocabulary: TagVocabulary
) -> None:
    tagger: Tags[FloatArray] = ZeroShotTags(clap, vocabulary, vocabulary.music_prompts)
    from transformers import ClapFeatureExtractor

    extractor = ClapFeatureExtractor(**{key: CLAP_PREPROCESSOR[key] for key in CLAP_INPUT})
    samples = sound(10.0)
    features = extractor(samples, sampling_rate=48_000, return_tensors="pt")["input_features"]
    rows = [clap._tokenizer.encode(line).ids for line in vocabulary.music_prompts]
    longest = max(map(len, rows))
    assert all(row[0] == 0 and row[-1] == 2 for row in rows) and clap._filler == 1
    ids = torch.tensor([row + [1] * (longest - len(row)) for row in rows])
    with torch.inference_mode():
        logits = clap_made[1](
            input_ids=ids, input_features=features.float(), attention_mask=(ids != 1).long()
        ).logits_per_audio
    wanted = torch.cat([torch.softmax(logits[0, part], dim=0) for part in vocabulary.slices()])
    assert np.allclose([value for _, value in tagger(samples)], wanted, atol=1e-4)


def test_music_and_picture_meet_in_the_tags(
    siglip: SiglipEncoder, clap: ClapEncoder, vocabulary: TagVocabulary
) -> None:
    seen = ZeroShotTags(siglip, vocabulary, vocabulary.picture_prompts).probabilities(siglip.embed(pictures((50, 60))))
    heard = ZeroShotTags(clap, vocabulary, vocabulary.music_prompts).probabilities(clap.embed(sound(3.0)))
    assert seen.shape == heard.shape == (len(vocabulary.tags),)
    assert 0 < vocabulary.agreements(seen, heard[None])[0] < 1
    with pytest.raises(ValueError, match="is not"):
        ZeroShotTags(clap, vocabulary, vocabulary.music_prompts)(np.zeros(0, np.float32))


def copy_of(files: ModelFiles, folder: Path) -> Path:
    folder.mkdir()
    for path in files.folder.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


def change_json(path: Path, **changes: Any) -> None:
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | changes), encoding="utf-8")


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "preprocessor_config.json", "tokenizer.json"])
def test_files_that_are_truncated_changed_or_gone_are_refused(
    siglip_made: tuple[ModelFiles, SiglipModel], tmp_path: Path, name: str
) -> None:
    files = siglip_made[0]
    folder = copy_of(files, tmp_path / "copy")
    (folder / name).write_bytes((folder / name).read_bytes()[:-3])
    with pytest.raises(KnownError, match="damaged, or another version"):
        SiglipEncoder(ModelFiles(files.card, folder, files.sha256), "cpu")
    with pytest.raises(KnownError, match="cannot be used"):  # Installed so: it is what is registered, and still broken.
        SiglipEncoder(files_of(folder, files.card), "cpu")
    (folder / name).unlink()
    with pytest.raises(KnownError, match="cannot be read"):
        SiglipEncoder(ModelFiles(files.card, folder, files.sha256), "cpu")


def test_models_that_take_other_input_are_refused(
    siglip_made: tuple[ModelFiles, SiglipModel], clap_made: tuple[ModelFiles, ClapModel], tmp_path: Path
) -> None:
    files = siglip_made[0]
    folder = copy_of(files, tmp_path / "a")
    change_json(folder / "preprocessor_config.json", size={"height": 384, "width": 384})
    with pytest.raises(KnownError, match="takes other input than the published one"):
        SiglipEncoder(files_of(folder, files.card), "cpu")
    with pytest.raises(KnownError, match="is no siglip model"):
        SiglipEncoder(clap_made[0], "cpu")
    folder = copy_of(clap_made[0], tmp_path / "b")
    change_json(folder / "preprocessor_config.json", sampling_rate=44_100)
    with pytest.raises(KnownError, match="takes other input than the published one"):
        ClapEncoder(files_of(folder, clap_made[0].card), "cpu")
    folder = copy_of(clap_made[0], tmp_path / "c")
    change_json(folder / "config.json", projection_dim=512)
    with pytest.raises(KnownError, match="cannot be used"):
        ClapEncoder(files_of(folder, clap_made[0].card), "cpu")


def test_without_the_extra_it_says_so(
    siglip_made: tuple[ModelFiles, SiglipModel], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "transformers" else real(name))
    assert not semantic_pack.is_available()
    with pytest.raises(KnownError, match="more packages are needed") as caught:
        SiglipEncoder(siglip_made[0], "cpu")
    assert "extra 'semantic'" in caught.value.remedy
