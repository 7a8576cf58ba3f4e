# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""needledrop-base, our matcher: what a piece is like as a whole, and how it goes in the course of time.

The sequence is kept. Of what a tower makes of an item's clips of 4 s, the mean over time says what the item is like
(`whole`), and the deviations from that mean, clip by clip, how it goes (`course`): a picture that quickens wants music
that grows where it does. A second tower does the same with steps of half a second (`steps`), where cuts meet onsets.
The four published systems average time away before they compare.

    score = a <whole_v, whole_m> + b <course_v, course_m> + c <steps_v, steps_m>      (unit vectors; a + b + c = 1)

Trained by InfoNCE (van den Oord et al. 2018, arXiv 1807.03748) with same-track negatives masked; CBVMR's order-keeping
intra-modal loss (Hong et al. 2018, section 3.3) may be added. Words join the picture's whole as a product of experts
(Hinton 2002), each expert with one precision a dimension; in training they are dropped half of the time.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from needledrop.core.errors import KnownError
from needledrop.core.music import CLIP_DESCRIPTORS
from needledrop.crossmodal.batches import STEPS_A_CLIP, InputSizes, MusicBatch, PairBatch, VideoBatch
from needledrop.crossmodal.ranking import info_nce, sample_triplets, structure_loss, weighted_terms
from needledrop.crossmodal.sequence import masked_mean
from needledrop.features.clip_rows import row_columns
from needledrop.features.picture_rows import ROW_SIZE, ROWS

_LEAST_TEMPERATURE = 0.01


@dataclass(frozen=True)
class NeedledropBaseConfig:
    """rows: which of features.picture_rows.ROWS are shown, mean and deviation over a clip of each; of music the
    program's own CLIP_DESCRIPTORS are. Both are what the program keeps of every track and video anyway.

    hidden: width of the convolution over clips; width: of whole and of one clip of the course, each; step_hidden and
    step_width: the same of steps. courses, steps: whether these count (ablations). text: whether words are an expert.
    match and structure weigh the loss's terms.
    """

    rows: tuple[str, ...] = ("colour", "speed", "camera", "change")
    hidden: int = 64
    width: int = 16
    dropout: float = 0.5
    step_hidden: int = 32
    step_width: int = 8
    step_dropout: float = 0.3
    courses: bool = True
    steps: bool = True
    text: bool = True
    text_dropout: float = 0.5
    temperature: float = 0.07
    match: float = 1.0
    structure: float = 0.0
    triplets_per_item: int = 10

    def __post_init__(self) -> None:
        """Refuse what a recipe may get wrong.

        Raises:
            KnownError: "recipe": no such rows.
        """
        strange = sorted(set(self.rows) - set(ROWS))
        if strange or not self.rows:
            raise KnownError(
                f"“{', '.join(strange)}” are no rows of pictures.",
                remedy=f"Use some of {', '.join(ROWS)}.",
                code="recipe",
            )


class Tower(nn.Module):
    """Clips [B, T, size] -> [B, T, 2 width]: a linear map, and beside it what three neighbours tell together."""

    def __init__(self, size: int, config: NeedledropBaseConfig) -> None:
        super().__init__()
        self.linear = nn.Linear(size, 2 * config.width, bias=False)
        self.hidden = nn.Linear(size, config.hidden)
        self.neighbours = nn.Conv1d(config.hidden, config.hidden, 3, padding=1)
        self.out = nn.Linear(config.hidden, 2 * config.width)
        self.drop = nn.Dropout(config.dropout)
        # The linear map is learned first; what is not linear comes on top.
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, clips: Tensor) -> Tensor:
        h = functional.silu(self.hidden(self.drop(clips)))  # [B, T, hidden]
        h = h + functional.silu(self.neighbours(h.transpose(1, 2))).transpose(1, 2)
        return self.linear(self.drop(clips)) + self.out(self.drop(h))  # type: ignore[no-any-return]


class StepTower(nn.Module):
    """Steps [B, S, size] -> [B, S, step_width]: a linear map of three neighbours, and beside it what two layers over
    nine steps (4.5 s) tell."""

    def __init__(self, size: int, config: NeedledropBaseConfig) -> None:
        super().__init__()
        self.linear = nn.Conv1d(size, config.step_width, 3, padding=1)
        self.near = nn.Conv1d(size, config.step_hidden, 5, padding=2)
        self.far = nn.Conv1d(config.step_hidden, config.step_hidden, 5, padding=2)
        self.out = nn.Conv1d(config.step_hidden, config.step_width, 1)
        self.drop = nn.Dropout(config.step_dropout)
        for parameter in self.out.parameters():
            nn.init.zeros_(parameter)

    def forward(self, steps: Tensor) -> Tensor:
        x = self.drop(steps).transpose(1, 2)  # [B, size, S]
        h = functional.silu(self.near(x))
        h = h + functional.silu(self.far(self.drop(h)))
        return (self.linear(x) + self.out(h)).transpose(1, 2)  # type: ignore[no-any-return]


class NeedledropBase(nn.Module):
    """The two towers and the expert of words; a Retriever."""

    def __init__(self, config: NeedledropBaseConfig, sizes: InputSizes) -> None:
        """Raises:
        KnownError: "no-input": the corpus lacks the clips that the program itself describes.
        """
        super().__init__()
        if sizes.music_clip < len(CLIP_DESCRIPTORS) or sizes.video_clip != 2 * ROW_SIZE:
            raise KnownError(
                "These pairs lack the clips that needledrop-base is fed with.",
                remedy="Prepare the pairs with the bundled descriptors.",
                code="no-input",
            )
        self.config = config
        self.columns = row_columns(config.rows)
        self.music_tower = Tower(len(CLIP_DESCRIPTORS), config)
        self.video_tower = Tower(len(self.columns), config)
        self.log_temperature = nn.Parameter(torch.tensor(math.log(config.temperature)))
        self.step_towers = None
        if config.steps and sizes.music_steps and sizes.video_steps:
            self.step_towers = nn.ModuleList(StepTower(size, config) for size in (sizes.music_steps, sizes.video_steps))
        self.shares = nn.Parameter(torch.zeros(3))  # a, b, c before the softmax.
        self.text_tower = nn.Linear(sizes.text, config.width) if config.text and sizes.text else None
        if self.text_tower is not None:
            self.video_precision = nn.Parameter(torch.zeros(config.width))
            self.text_precision = nn.Parameter(torch.zeros(config.width))

    def embed_music(self, music: MusicBatch) -> Tensor:
        """Unit vectors [B, width + T width + S step_width]."""
        whole, course = self._parts(self.music_tower, music.clips[..., : len(CLIP_DESCRIPTORS)], music.mask)
        return self._joined(functional.normalize(whole, dim=-1), course, self._steps(music, 0))

    def embed_video(self, video: VideoBatch) -> Tensor:
        """Unit vectors [B, width + T width + S step_width]."""
        whole, course = self._parts(self.video_tower, video.clips[..., self.columns], video.mask)
        whole = functional.normalize(whole, dim=-1)
        if self.text_tower is not None:
            heard = video.has_text
            if self.training:
                heard = heard & (torch.rand(len(heard), device=heard.device) >= self.config.text_dropout)
            whole = functional.normalize(self._with_words(whole, video.text, heard), dim=-1)
        return self._joined(whole, course, self._steps(video, 1))

    def training_loss(self, batch: PairBatch) -> dict[str, Tensor]:
        """InfoNCE in both directions, and the order kept within each modality."""
        c = self.config
        a, v = self.embed_music(batch.music), self.embed_video(batch.video)  # each [B, d]

        def structure() -> Tensor:
            triplets = sample_triplets(len(a), c.triplets_per_item, a.device)
            fed = masked_mean(batch.music.clips, batch.music.mask), masked_mean(batch.video.clips, batch.video.mask)
            return structure_loss(fed[0], a, triplets) + structure_loss(fed[1], v, triplets)

        tau = self.log_temperature.exp().clamp(min=_LEAST_TEMPERATURE)
        return weighted_terms(
            {"match": lambda: info_nce(a, v, batch.track, tau), "structure": structure},
            {"match": c.match, "structure": c.structure},
        )

    def _with_words(self, whole: Tensor, text: Tensor, heard: Tensor) -> Tensor:
        """The mean of a product of Gaussian experts: means weighed by precisions, [B, width]."""
        assert self.text_tower is not None
        words = functional.normalize(self.text_tower(text), dim=-1)
        seen, said = self.video_precision.exp(), self.text_precision.exp() * heard[:, None]
        return (seen * whole + said * words) / (seen + said)

    def _parts(self, tower: nn.Module, clips: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """clips [B, T, size] -> whole [B, width]; course, unit vectors [B, T width], 0 at padded clips."""
        whole, course = tower(clips.masked_fill(~mask[..., None], 0.0)).chunk(2, dim=-1)
        return masked_mean(whole, mask), _centred(course, mask)

    def _steps(self, item: MusicBatch | VideoBatch, side: int) -> Tensor | None:
        """Unit vectors [B, S step_width], or None without steps."""
        if self.step_towers is None:
            return None
        mask = item.mask.repeat_interleave(STEPS_A_CLIP, dim=1)
        mask = functional.pad(mask, (0, item.steps.shape[1] - mask.shape[1]))
        return _centred(self.step_towers[side](item.steps), mask)

    def _joined(self, whole: Tensor, course: Tensor, steps: Tensor | None) -> Tensor:
        """The parts that count, each times the root of its share."""
        found = {0: whole, 1: course if self.config.courses else None, 2: steps}
        parts = {place: part for place, part in found.items() if part is not None}
        shares = self.shares[list(parts)].softmax(dim=0).sqrt()
        return torch.cat([share * part for share, part in zip(shares, parts.values(), strict=True)], dim=-1)


def _centred(values: Tensor, mask: Tensor) -> Tensor:
    """Deviations from the mean over real steps [B, T, D], as unit vectors [B, T D], 0 where a step is not real."""
    deviations = (values - masked_mean(values, mask)[:, None]).masked_fill(~mask[..., None], 0.0)
    return functional.normalize(deviations.flatten(1), dim=-1)
