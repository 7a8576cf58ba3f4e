# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an extractor of embeddings declares of itself, and the key under which its vectors are kept.

Vectors of two extractors mean nothing beside each other, so all that shapes a vector stands in the key. Values only:
nothing here reads weights or computes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MUSIC = "music"
PICTURE = "picture"
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class ExtractorCard:
    """One extractor with one file of weights.

    name: lower-case words with hyphens. version: grows when our side of it changes (input, pooling), whatever the
    weights. dimension: numbers in a vector. rate_hz: vectors a second. modality: MUSIC or PICTURE. licence: of the
    weights, SPDX-like. size_bytes, sha256: of the weights as they lie on the disk. url: where the weights come from, ""
    for those that ship. is_commercial: whether the licence allows commercial use.

    Raises:
        ValueError: a value is outside what is said above.
    """

    name: str
    version: int
    dimension: int
    rate_hz: float
    modality: str
    licence: str
    size_bytes: int
    sha256: str
    url: str
    is_commercial: bool

    def __post_init__(self) -> None:
        """Refuse what would make a key that says nothing, or one that two extractors share."""
        if _NAME.fullmatch(self.name) is None or _SHA256.fullmatch(self.sha256) is None:
            raise ValueError(f"'{self.name}' with the weights '{self.sha256}' cannot be told from others")
        if self.modality not in (MUSIC, PICTURE):
            raise ValueError(f"{self.name}: '{self.modality}' is no modality")
        if self.version < 1 or self.dimension < 1 or self.size_bytes < 1 or not self.rate_hz > 0:
            raise ValueError(f"{self.name}: version, dimension, rate and size are more than nothing")

    @property
    def key(self) -> str:
        """What the vectors are kept under: name, version, dimension, rate and the first of the weights' SHA-256."""
        return f"{self.name}@{self.version}/{self.dimension}/{self.rate_hz:.6g}Hz/{self.sha256[:16]}"
