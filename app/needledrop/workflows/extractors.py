# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Published extractors from the packs the user installed, loaded on the best device. Embeds nothing itself."""

from __future__ import annotations

import importlib.util

from needledrop.core.errors import KnownError
from needledrop.core.extractor import ExtractorCard
from needledrop.core.paths import Profile
from needledrop.crossmodal.published_pictures import ARCHITECTURES, PictureExtractor
from needledrop.crossmodal.vggish import VggishExtractor
from needledrop.workflows.model_packs import InstalledPack, installed_packs

VGGISH_PACK = "vggish"
_PCA_NAME = "pca.safetensors"


def open_picture_extractor(profile: Profile, name: str) -> PictureExtractor:
    """One of published_pictures.ARCHITECTURES.

    Raises:
        KnownError: "usage": no such extractor; "missing": it is not installed; "no-torch"; "model": it is damaged.
    """
    from needledrop.crossmodal.device import pick_device

    if name not in ARCHITECTURES:
        raise KnownError(
            f"'{name}' is no extractor of pictures.", remedy=f"Known: {', '.join(ARCHITECTURES)}.", code="usage"
        )
    pack, card = _installed(profile, name)
    return PictureExtractor(card, pack.weights_path, pick_device())


def open_vggish(profile: Profile, *, is_post_processed: bool = False) -> VggishExtractor:
    """VGGish, raw or with AudioSet's PCA and quantisation.

    Raises:
        KnownError: "missing": it is not installed; "no-torch"; "model": it is damaged.
    """
    from needledrop.crossmodal.device import pick_device

    pack, card = _installed(profile, VGGISH_PACK)
    pca = (pack.folder / _PCA_NAME, pack.sha256.get(_PCA_NAME, "")) if is_post_processed else None
    return VggishExtractor(card, pack.weights_path, pick_device(), pca=pca)


def _installed(profile: Profile, name: str) -> tuple[InstalledPack, ExtractorCard]:
    if any(importlib.util.find_spec(needed) is None for needed in ("safetensors", "torch", "torchvision")):
        raise KnownError(
            f"To use {name}, PyTorch is needed.", remedy="Install Needledrop's extra 'learn'.", code="no-torch"
        )
    pack = installed_packs(profile).get(name)
    card = None if pack is None else pack.card
    if pack is None or card is None:
        raise KnownError(
            f"The model '{name}' is not installed.", remedy=f"Add it: needledrop models fetch {name}", code="missing"
        )
    return pack, card
