# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What pictures show and music sounds like, in the same tags: SigLIP (Zhai et al. 2023), LAION-CLAP (Wu et al. 2023).

Both name tags at zero shot: an item is compared with one sentence for each tag. The models come from folders the user
installed, through `transformers` (the extra `semantic`); no weights ship. How good the tags are was never measured:
the weights could not be had where this was written.
"""

from __future__ import annotations

import importlib.util
import json
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from needledrop.core.errors import KnownError
from needledrop.core.extractor import ExtractorCard
from needledrop.core.music import FloatArray
from needledrop.crossmodal.careful_network import CarefulNetwork
from needledrop.crossmodal.published_weights import load_into, read_tensors, refused, sha256_of
from needledrop.crossmodal.tag_vocabulary import TagVocabulary

WEIGHTS_NAME, CONFIG_NAME = "model.safetensors", "config.json"
INPUT_NAME, TOKENIZER_NAME = "preprocessor_config.json", "tokenizer.json"
MUSIC_RATE_HZ = 48_000
MUSIC_WINDOW_S = 10

# How the published models take their input, from their preprocessor_config.json.
SIGLIP_INPUT: Mapping[str, Any] = {
    "do_resize": True, "do_rescale": True, "do_normalize": True, "size": {"height": 224, "width": 224}, "resample": 3,
    "rescale_factor": 1 / 255, "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5],
}  # fmt: skip
CLAP_INPUT: Mapping[str, Any] = {
    "feature_size": 64, "sampling_rate": MUSIC_RATE_HZ, "hop_length": 480, "fft_window_size": 1024,
    "max_length_s": MUSIC_WINDOW_S, "frequency_min": 50, "frequency_max": 14_000, "top_db": None, "padding_value": 0.0,
    "padding": "repeatpad", "truncation": "rand_trunc",
}  # fmt: skip
_SIGLIP_TOKENS = 64  # Filled up, always: the model was trained on nothing shorter.
_SIGLIP_END = 1  # </s>, which is also what it is filled up with.
_CLAP_TOKENS = 77
_NEEDED = ("PIL", "safetensors", "tokenizers", "torch", "transformers")

Pictures = Sequence[NDArray[np.uint8]]
Item = TypeVar("Item", contravariant=True)
Kept = TypeVar("Kept")


@dataclass(frozen=True)
class ModelFiles:
    """An installed model: its card, its folder, and the SHA-256 of each file in it."""

    card: ExtractorCard
    folder: Path
    sha256: Mapping[str, str]


class Encoder(Protocol[Item]):
    """One side of the pack: items and sentences as unit vectors of one space."""

    @property
    def card(self) -> ExtractorCard:
        """What its vectors are kept under."""

    @property
    def scale(self) -> float:
        """What a cosine is multiplied with before softmax, as the model learned it."""

    @property
    def notices(self) -> list[str]:
        """What the user should hear of: the GPU was too small."""

    def embed(self, item: Item) -> FloatArray:
        """float32 [steps, dimension], rows of length 1."""

    def texts(self, lines: Sequence[str]) -> FloatArray:
        """float32 [len(lines), dimension], rows of length 1."""


def is_available() -> bool:
    """Whether what the pack needs beside the weights is installed. Loads none of it."""
    return all(importlib.util.find_spec(name) is not None for name in _NEEDED)


class SiglipEncoder:
    """Pictures and sentences by SigLIP; an Encoder of Pictures. Not for two threads at once."""

    def __init__(self, files: ModelFiles, device: str) -> None:
        """Load the model.

        Raises:
            KnownError: "model": a file is missing, damaged, or another model's; "no-torch": the extra is not there.
        """
        _require_extra()
        from transformers import SiglipConfig, SiglipImageProcessor, SiglipModel

        config, self._tokenizer = _described(files, "siglip", SIGLIP_INPUT)
        network = _loaded(files, SiglipConfig, SiglipModel, config)
        vision = network.config.vision_config
        if (vision.image_size, vision.hidden_size) != (SIGLIP_INPUT["size"]["height"], files.card.dimension):
            raise refused(files.folder / CONFIG_NAME, "It is of another SigLIP than the one wanted.", vision)
        self.card = files.card
        self.scale = float(network.logit_scale.detach().exp())
        self._processor: Any = SiglipImageProcessor(**SIGLIP_INPUT)
        self._careful = CarefulNetwork(network, device, batch=16, what="the pictures")

    @property
    def notices(self) -> list[str]:
        """What the user should hear of: the GPU was too small."""
        return self._careful.notices

    def embed(self, item: Pictures) -> FloatArray:
        """RGB pictures [height, width, 3] of any size, squeezed to 224 x 224: float32 [n, dimension], unit rows."""

        def compute(network: Any, device: str, part: slice) -> Any:
            pixels = self._processor(list(item[part]), input_data_format="channels_last", return_tensors="pt")
            return network.get_image_features(pixel_values=pixels["pixel_values"].to(device))

        return _unit(self._careful.over(len(item), self.card.dimension, compute))

    def texts(self, lines: Sequence[str]) -> FloatArray:
        """Sentences, lower-cased and without signs as in training: float32 [n, dimension], unit rows."""
        rows = [self._tokens(line) for line in lines]

        def compute(network: Any, device: str, part: slice) -> Any:
            import torch

            return network.get_text_features(input_ids=torch.tensor(rows[part], device=device))

        return _unit(self._careful.over(len(rows), self.card.dimension, compute))

    def _tokens(self, line: str) -> list[int]:
        plain = " ".join(line.translate(str.maketrans("", "", string.punctuation)).lower().split())
        ids = [one for one in self._tokenizer.encode(plain).ids if one != _SIGLIP_END]
        ids = [*ids[: _SIGLIP_TOKENS - 1], _SIGLIP_END]
        return ids + [_SIGLIP_END] * (_SIGLIP_TOKENS - len(ids))


class ClapEncoder:
    """Music and sentences by LAION-CLAP without fusion; an Encoder of samples. Not for two threads at once."""

    def __init__(self, files: ModelFiles, device: str) -> None:
        """Load the model.

        Raises:
            KnownError: "model": a file is missing, damaged, or another model's; "no-torch": the extra is not there.
        """
        _require_extra()
        from transformers import ClapConfig, ClapFeatureExtractor, ClapModel

        config, self._tokenizer = _described(files, "clap", CLAP_INPUT)
        network = _loaded(files, ClapConfig, ClapModel, config)
        audio = network.config.audio_config
        is_other = audio.enable_fusion or audio.num_mel_bins != CLAP_INPUT["feature_size"]
        if is_other or network.config.projection_dim != files.card.dimension:
            raise refused(files.folder / CONFIG_NAME, "It is of another CLAP than the one wanted.", audio)
        self.card = files.card
        self.scale = float(network.logit_scale_a.detach().exp())
        self._filler = int(network.config.text_config.pad_token_id)
        self._extractor: Any = ClapFeatureExtractor(**CLAP_INPUT)
        self._careful = CarefulNetwork(network, device, batch=8, what="the music")

    @property
    def notices(self) -> list[str]:
        """What the user should hear of: the GPU was too small."""
        return self._careful.notices

    def embed(self, item: FloatArray) -> FloatArray:
        """Mono samples in -1..1 at MUSIC_RATE_HZ: float32 [windows, dimension], unit rows, one each MUSIC_WINDOW_S.

        A last window counts from half its length on, and repeats to fill up; a piece shorter than that is one window.
        """
        windows = music_windows(item)

        def compute(network: Any, device: str, part: slice) -> Any:
            made = self._extractor(windows[part], sampling_rate=MUSIC_RATE_HZ, return_tensors="pt")
            return network.get_audio_features(input_features=made["input_features"].float().to(device))

        return _unit(self._careful.over(len(windows), self.card.dimension, compute))

    def texts(self, lines: Sequence[str]) -> FloatArray:
        """Sentences as they are: float32 [n, dimension], unit rows."""
        rows = [self._tokenizer.encode(line).ids[:_CLAP_TOKENS] for line in lines]

        def compute(network: Any, device: str, part: slice) -> Any:
            import torch

            longest = max(map(len, rows[part]))
            ids = torch.tensor([row + [self._filler] * (longest - len(row)) for row in rows[part]], device=device)
            mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in rows[part]], device=device)
            return network.get_text_features(input_ids=ids, attention_mask=mask)

        return _unit(self._careful.over(len(rows), self.card.dimension, compute))


class ZeroShotTags(Generic[Kept]):
    """Tags of items by an encoder: a tag_vocabulary.Tags of what the encoder takes."""

    def __init__(self, encoder: Encoder[Kept], vocabulary: TagVocabulary, prompts: Sequence[str]) -> None:
        """Encode the sentences, one a tag of the vocabulary."""
        self.vocabulary = vocabulary
        self.encoder = encoder
        self._prompts = encoder.texts(prompts)

    def __call__(self, item: Kept) -> list[tuple[str, float]]:
        """Every tag with its probability within its kind.

        Raises:
            ValueError: the item has no step (no picture, no sound).
        """
        return self.vocabulary.listed(self.probabilities(self.encoder.embed(item)))

    def probabilities(self, vectors: FloatArray) -> FloatArray:
        """The same from vectors that `embed` gave, kept or new: float32 [tags]."""
        return self.vocabulary.probabilities((self.encoder.scale * vectors @ self._prompts.T).astype(np.float32))


def music_windows(samples: FloatArray) -> list[FloatArray]:
    """Pieces of MUSIC_WINDOW_S, one after the other; a rest shorter than half of it is left out unless it is all."""
    length = MUSIC_WINDOW_S * MUSIC_RATE_HZ
    parts = [samples[start : start + length] for start in range(0, len(samples), length)]
    return parts[:-1] if len(parts) > 1 and len(parts[-1]) < length // 2 else parts


def _require_extra() -> None:
    if not is_available():
        raise KnownError(
            "To name what pictures show and music sounds like, more packages are needed.",
            remedy="Install Needledrop's extra 'semantic'.",
            code="no-torch",
        )


def _described(files: ModelFiles, kind: str, wanted: Mapping[str, Any]) -> tuple[dict[str, Any], Any]:
    """The configuration of the model and its tokenizer, after a look that it takes its input the published way."""
    from tokenizers import Tokenizer

    config, given = _read_json(files, CONFIG_NAME), _read_json(files, INPUT_NAME)
    if config.get("model_type") != kind:
        raise refused(files.folder / CONFIG_NAME, f"It is no {kind} model.", config.get("model_type"))
    other = {name: given[name] for name in wanted if name in given and not _is_same(given[name], wanted[name])}
    if other:
        raise refused(files.folder / INPUT_NAME, "The model takes other input than the published one.", other)
    text = _checked(files, TOKENIZER_NAME)
    try:
        return config, Tokenizer.from_str(text)
    except Exception as error:  # The library raises bare Exceptions for damaged files.
        raise refused(files.folder / TOKENIZER_NAME, "It is no tokenizer.", error) from error


def _is_same(one: Any, other: Any) -> bool:
    return abs(one - other) < 1e-6 if isinstance(one, float) and isinstance(other, float) else bool(one == other)


def _read_json(files: ModelFiles, name: str) -> dict[str, Any]:
    try:
        return dict(json.loads(_checked(files, name)))
    except ValueError as error:
        raise refused(files.folder / name, "It is damaged.", error) from error


def _checked(files: ModelFiles, name: str) -> str:
    """The text of a file, if it is the one that was installed."""
    path = files.folder / name
    try:
        found = sha256_of(path)
        if found != files.sha256.get(name):
            raise refused(path, "It is damaged, or another version.", found)
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise refused(path, "It cannot be read.", error) from error


def _loaded(files: ModelFiles, config_class: Any, model_class: Any, values: dict[str, Any]) -> Any:
    path = files.folder / WEIGHTS_NAME
    try:
        network = model_class(config_class.from_dict(values))
    except Exception as error:  # A configuration can be wrong in as many ways as the library has checks.
        raise refused(files.folder / CONFIG_NAME, "It describes no model.", error) from error
    return load_into(network, read_tensors(path, files.sha256.get(WEIGHTS_NAME, "")), path, files.card.name)


def _unit(rows: FloatArray) -> FloatArray:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: FloatArray = (rows / np.maximum(lengths, 1e-12)).astype(np.float32)
    return unit
