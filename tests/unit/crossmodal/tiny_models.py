# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""SigLIP and CLAP as small as they get, with random weights, saved as the published ones are.

They take pictures and sound exactly as the published models do; only their insides are narrow.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace
from tokenizers.processors import TemplateProcessing
from transformers import ClapConfig, ClapModel, SiglipConfig, SiglipModel

from needledrop.core.extractor import MUSIC, PICTURE, ExtractorCard
from needledrop.crossmodal.published_weights import sha256_of
from needledrop.crossmodal.semantic_pack import ModelFiles
from needledrop.crossmodal.tag_vocabulary import load_vocabulary

# preprocessor_config.json of google/siglip-base-patch16-224 and of laion/larger_clap_music, as published.
SIGLIP_PREPROCESSOR: dict[str, Any] = {
    "do_normalize": True,
    "do_rescale": True,
    "do_resize": True,
    "image_mean": [0.5, 0.5, 0.5],
    "image_processor_type": "SiglipImageProcessor",
    "image_std": [0.5, 0.5, 0.5],
    "processor_class": "SiglipProcessor",
    "resample": 3,
    "rescale_factor": 0.00392156862745098,
    "size": {"height": 224, "width": 224},
}
CLAP_PREPROCESSOR: dict[str, Any] = {
    "chunk_length_s": 10,
    "feature_extractor_type": "ClapFeatureExtractor",
    "feature_size": 64,
    "fft_window_size": 1024,
    "frequency_max": 14000,
    "frequency_min": 50,
    "hop_length": 480,
    "max_length_s": 10,
    "n_fft": 1024,
    "nb_frequency_bins": 513,
    "nb_max_frames": 1000,
    "nb_max_samples": 480000,
    "padding": "repeatpad",
    "padding_side": "right",
    "padding_value": 0.0,
    "processor_class": "ClapProcessor",
    "return_attention_mask": False,
    "sampling_rate": 48000,
    "top_db": None,
    "truncation": "rand_trunc",
}
SIGLIP_WIDTH, CLAP_WIDTH = 32, 24
_NARROW = {"hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 1, "num_attention_heads": 2}


def tiny_siglip(folder: Path) -> tuple[ModelFiles, SiglipModel]:
    """Save one; the model is what was saved."""
    tokenizer = _word_tokenizer(["<pad>", "</s>", "<unk>"])
    tokenizer.post_processor = TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    config = SiglipConfig(
        text_config=_NARROW | {"vocab_size": tokenizer.get_vocab_size()},
        vision_config=_NARROW | {"image_size": 224, "patch_size": 16},
    )
    torch.manual_seed(21)
    model = SiglipModel(config).eval()
    with torch.no_grad():  # As high as SigLIP learns it, so that probabilities differ; initialised to 1.
        model.logit_scale.fill_(4.0)
    files = _saved(folder, "siglip-base", PICTURE, SIGLIP_WIDTH, model, SIGLIP_PREPROCESSOR, tokenizer)
    return files, model


def tiny_clap(folder: Path) -> tuple[ModelFiles, ClapModel]:
    """Save one; the model is what was saved."""
    tokenizer = _word_tokenizer(["<s>", "<pad>", "</s>", "<unk>"])
    tokenizer.post_processor = TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    config = ClapConfig(
        text_config=_NARROW | {"vocab_size": tokenizer.get_vocab_size()},
        audio_config={
            "patch_embeds_hidden_size": 8,
            "hidden_size": 64,
            "depths": [1, 1, 1, 1],
            "num_attention_heads": [1, 1, 2, 4],
        },
        projection_dim=CLAP_WIDTH,
    )
    torch.manual_seed(22)
    model = ClapModel(config).eval()
    files = _saved(folder, "clap-music", MUSIC, CLAP_WIDTH, model, CLAP_PREPROCESSOR, tokenizer)
    return files, model


def files_of(folder: Path, card: ExtractorCard) -> ModelFiles:
    """What would be registered of a folder now."""
    return ModelFiles(card, folder, {path.name: sha256_of(path) for path in folder.iterdir()})


def _saved(
    folder: Path, name: str, modality: str, width: int, model: Any, preprocessor: dict[str, Any], tokenizer: Tokenizer
) -> ModelFiles:
    folder.mkdir(parents=True, exist_ok=True)
    weights = folder / "model.safetensors"
    save_file({key: value.contiguous().clone() for key, value in model.state_dict().items()}, weights)
    (folder / "config.json").write_text(json.dumps(model.config.to_diff_dict()), encoding="utf-8")
    (folder / "preprocessor_config.json").write_text(json.dumps(preprocessor), encoding="utf-8")
    tokenizer.save(str(folder / "tokenizer.json"))
    rate_hz = 1.0 if modality == PICTURE else 0.1
    card = ExtractorCard(
        name, 1, width, rate_hz, modality, "made up", weights.stat().st_size, sha256_of(weights), "", True
    )
    return files_of(folder, card)


def _word_tokenizer(special: Sequence[str]) -> Tokenizer:
    vocabulary = load_vocabulary()
    words = sorted({word for line in (*vocabulary.picture_prompts, *vocabulary.music_prompts) for word in line.split()})
    tokenizer = Tokenizer(WordLevel({word: index for index, word in enumerate([*special, *words])}, "<unk>"))
    tokenizer.pre_tokenizer = Whitespace()
    return tokenizer
