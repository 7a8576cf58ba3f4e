# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""CBVMR, also VM-NET (Hong, Im and Yang, ICMR 2018, arXiv 1704.06761): two towers into one space.

Music and pictures each pass through linear layers, batch normalisation and L2. Pairs are pulled together against the
hardest negatives of the batch (inter-modal ranking), and the order of neighbours inside each modality is kept (soft
intra-modal structure). Sizes and weights are those of the authors' released training script.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field

from torch import Tensor, nn
from torch.nn import functional

from needledrop.core.errors import KnownError
from needledrop.crossmodal.batches import InputSizes, MusicBatch, PairBatch, VideoBatch
from needledrop.crossmodal.ranking import (
    inter_modal_ranking,
    sample_triplets,
    structure_loss,
    structure_loss_adjacent,
    weighted_terms,
)
from needledrop.crossmodal.sequence import ClipEncoder, InputConfig, music_encoder, video_encoder

STRUCTURES = ("triplets", "adjacent")


@dataclass(frozen=True)
class CbvmrConfig:
    """The defaults are the published configuration.

    music_hidden, video_hidden: widths of the hidden layers; width: of the common space. relu: whether the hidden
    layers bend (the released run's do not: its `is_linear` is set). hardest: K. structure: "triplets", as the paper
    has it, over `triplets_per_item` random triplets an item; or "adjacent", as the released code has it.
    """

    input: InputConfig = field(default_factory=InputConfig)
    music_hidden: tuple[int, ...] = (2048, 1024)
    video_hidden: tuple[int, ...] = (2048,)
    width: int = 512
    dropout: float = 0.1
    relu: bool = False
    margin: float = 0.1
    hardest: int = 100
    music_to_video: float = 3.0
    video_to_music: float = 1.0
    structure_music: float = 0.2
    structure_video: float = 0.2
    structure: str = "triplets"
    triplets_per_item: int = 100

    def __post_init__(self) -> None:
        """Refuse what a recipe may get wrong.

        Raises:
            KnownError: "recipe": no such structure loss.
        """
        if self.structure not in STRUCTURES:
            raise KnownError(
                f"“{self.structure}” is no structure loss of CBVMR.",
                remedy=f"Use one of {', '.join(STRUCTURES)}.",
                code="recipe",
            )


PUBLISHED = CbvmrConfig()
PUBLISHED_SIZES = InputSizes(music_vector=1140, video_vector=1024, music_clip=0, video_clip=0, text=0, labels=0)


class Tower(nn.Module):
    """Linear layers with dropout, a last linear layer, batch normalisation, L2: [B, in] -> [B, width]."""

    def __init__(self, widths: Sequence[int], dropout: float, relu: bool) -> None:
        """`widths`: of the input, of each hidden layer, of the output."""
        super().__init__()
        layers: list[nn.Module] = []
        for number, (wide, next_wide) in enumerate(itertools.pairwise(widths)):
            if number:
                layers += [*([nn.ReLU()] if relu else []), nn.Dropout(dropout)]
            linear = nn.Linear(wide, next_wide)
            deviation = (2.0 / wide) ** 0.5
            nn.init.trunc_normal_(linear.weight, std=deviation, a=-2.0 * deviation, b=2.0 * deviation)
            nn.init.zeros_(linear.bias)
            layers.append(linear)
        self.layers = nn.Sequential(*layers)
        # TensorFlow's decay 0.99 is torch's momentum 0.01.
        self.norm = nn.BatchNorm1d(widths[-1], eps=1e-3, momentum=0.01)

    def forward(self, x: Tensor) -> Tensor:
        return functional.normalize(self.norm(self.layers(x)), dim=-1)


class Cbvmr(nn.Module):
    """The two towers; a Retriever."""

    def __init__(self, config: CbvmrConfig, sizes: InputSizes) -> None:
        super().__init__()
        self.config = config
        self.music_input = music_encoder(config.input, sizes.music_vector, sizes.music_clip)
        self.video_input = video_encoder(config.input, sizes.video_vector, sizes.video_clip)
        music = (self.music_input.width, *config.music_hidden, config.width)
        video = (self.video_input.width, *config.video_hidden, config.width)
        self.music_tower = Tower(music, config.dropout, config.relu)  # 1140 - 2048 - 1024 - 512
        self.video_tower = Tower(video, config.dropout, config.relu)  # 1024 - 2048 - 512

    def embed_music(self, music: MusicBatch) -> Tensor:
        """Unit vectors [B, width]."""
        return self.music_tower(self.music_input(music))  # type: ignore[no-any-return]

    def embed_video(self, video: VideoBatch) -> Tensor:
        """Unit vectors [B, width]."""
        return self.video_tower(self.video_input(video))  # type: ignore[no-any-return]

    def training_loss(self, batch: PairBatch) -> dict[str, Tensor]:
        """3 L_mv + 1 L_vm + 0.2 L_str(music) + 0.2 L_str(video), with the weights of the configuration."""
        c = self.config
        m, v = self.embed_music(batch.music), self.embed_video(batch.video)  # each [B, width]
        terms = {
            "music_to_video": lambda: inter_modal_ranking(m, v, batch.track, c.margin, c.hardest),
            "video_to_music": lambda: inter_modal_ranking(v, m, batch.track, c.margin, c.hardest),
            "structure_music": lambda: self._structure(self.music_input, batch.music, m),
            "structure_video": lambda: self._structure(self.video_input, batch.video, v),
        }
        return weighted_terms(terms, {name: getattr(c, name) for name in terms})

    def _structure(self, encoder: ClipEncoder, item: MusicBatch | VideoBatch, z: Tensor) -> Tensor:
        # The order to keep is that of what was fed in: a learned sequence could make its own order easy.
        x = encoder.fed(item)
        if self.config.structure == "adjacent":
            return structure_loss_adjacent(x, z, self.config.hardest)
        return structure_loss(x, z, sample_triplets(len(z), self.config.triplets_per_item, z.device))
