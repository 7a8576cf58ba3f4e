# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""CMVAE (Yi, Zhu, Xie and Chen, IEEE TMM 2023, arXiv 2107.07268): a variational autoencoder across modalities.

Music, pictures and words are each encoded to a Gaussian. A video's is the product of its pictures' and its words'
experts; music is reconstructed from the video's latent, pictures and words from the music's. Loss to minimise:

    beta * (L_m + L_vv + L_vt) + kl * (KL_m + KL_v) + gamma * L_match

What the paper leaves open is taken from the first author's later code (DecCM) where that agrees with the paper's
claims, and is ours elsewhere: log variances are neither normalised nor without bounds, the hinge has the right sign,
encoders have a hidden layer (a linear log variance cannot answer to noise), and decoders end without a ReLU.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn import functional

from needledrop.core.errors import KnownError
from needledrop.crossmodal.batches import InputSizes, MusicBatch, PairBatch, VideoBatch
from needledrop.crossmodal.ranking import inter_modal_ranking, weighted_terms
from needledrop.crossmodal.sequence import InputConfig, music_encoder, video_encoder

FUSIONS = ("poe", "equal", "concat", "no-text")
GENERATIONS = ("cross", "own", "none")
LEAST_ACTIVE_UNITS = 8
_LOGVAR_BOUND = 8.0
_ACTIVE_VARIANCE = 0.01  # Burda, Grosse and Salakhutdinov 2016, section 5.


@dataclass(frozen=True)
class CmvaeConfig:
    """latent, dropout, margin and hardest are DecCM's; hidden, beta, kl, gamma and the warm-up are OURS.

    Reconstructions are means over a feature's dimensions and the KL a sum over the latent's, so kl is what a nat of
    the latent costs against one unit of standardised error. warmup: steps over which kl grows from 0.
    fusion, generation: the papers' ablations. prior: whether N(0, I) is one of the product's experts.
    """

    input: InputConfig = field(default_factory=InputConfig)
    latent: int = 128
    hidden: int = 512
    dropout: float = 0.2
    fusion: str = "poe"
    prior: bool = True
    generation: str = "cross"
    beta: float = 1.0
    kl: float = 0.05
    gamma: float = 1.0
    warmup: int = 500
    margin: float = 0.05
    hardest: int = 40

    def __post_init__(self) -> None:
        """Refuse what a recipe may get wrong.

        Raises:
            KnownError: "recipe": no such switch, or a latent with too few units to be called one.
        """
        for value, known, what in ((self.fusion, FUSIONS, "fusion"), (self.generation, GENERATIONS, "generation")):
            if value not in known:
                raise KnownError(
                    f"“{value}” is no {what} of CMVAE.", remedy=f"Use one of {', '.join(known)}.", code="recipe"
                )
        if self.latent < LEAST_ACTIVE_UNITS:
            raise KnownError(
                f"A latent of {self.latent} units is too small for CMVAE.",
                remedy=f"Give at least {LEAST_ACTIVE_UNITS}.",
                code="recipe",
            )


# VGGish and openSMILE, ResNet, multilingual sentence vectors: what DecCM is fed.
PUBLISHED = CmvaeConfig()
PUBLISHED_SIZES = InputSizes(music_vector=256, video_vector=2048, music_clip=0, video_clip=0, text=768, labels=0)


@dataclass(frozen=True)
class Gaussian:
    """Diagonal Gaussians: mu and logvar, each [B, latent]."""

    mu: Tensor
    logvar: Tensor

    def rows(self, index: Tensor) -> "Gaussian":
        """Those of the given rows."""
        return Gaussian(self.mu[index], self.logvar[index])

    def sample(self) -> Tensor:
        """z = mu + sigma * eps, with a gradient to both (Kingma and Welling 2014)."""
        return self.mu + torch.exp(0.5 * self.logvar) * torch.randn_like(self.mu)

    def kl(self) -> Tensor:
        """KL(N(mu, sigma^2) || N(0, I)), summed over the latent, mean over the batch."""
        return 0.5 * (self.mu.square() + self.logvar.exp() - 1.0 - self.logvar).sum(dim=-1).mean()


def product_of_experts(experts: Sequence[Gaussian], present: Sequence[Tensor], prior: bool = True) -> Gaussian:
    """The normalised product of the experts present in each row, and of N(0, I) where `prior`.

    1 / sigma^2 = 1 + sum_e 1 / sigma_e^2;  mu = sigma^2 * sum_e mu_e / sigma_e^2, by element.

    Args:
        experts: each [B, latent].
        present: for each expert, bool [B]: the rows in which it takes part. Without the prior, one in every row.
        prior: the "1 +".
    """
    weights = [torch.exp(-e.logvar) * there[:, None] for e, there in zip(experts, present, strict=True)]
    precision = torch.stack(weights).sum(dim=0) + (1.0 if prior else 0.0)
    weighted = torch.stack([weight * e.mu for weight, e in zip(weights, experts, strict=True)]).sum(dim=0)
    return Gaussian(weighted / precision, -torch.log(precision))


def equal_experts(experts: Sequence[Gaussian], present: Sequence[Tensor]) -> Gaussian:
    """The ablation: the mean of the means and of the variances of the experts present, whatever their precision."""
    there = torch.stack(list(present)).to(experts[0].mu.dtype)[..., None]  # [E, B, 1]
    count = there.sum(dim=0)
    mu = (torch.stack([e.mu for e in experts]) * there).sum(dim=0) / count
    variance = (torch.stack([e.logvar.exp() for e in experts]) * there).sum(dim=0) / count
    return Gaussian(mu, variance.log())


def count_active_units(mu: Tensor) -> int:
    """How many units of a latent tell items apart: Var over the items of mu [N, latent] above 0.01."""
    return int((mu.var(dim=0) > _ACTIVE_VARIANCE).sum()) if len(mu) > 1 else 0


@dataclass(frozen=True)
class _Seen:
    """A video standardised: visual [B, D]; text [B, D], zero where nothing is written; spoken [B]: where there is."""

    visual: Tensor
    text: Tensor | None
    spoken: Tensor


class Encoder(nn.Module):
    """Standardised features [B, in] -> Gaussian [B, latent]."""

    def __init__(self, size: int, config: CmvaeConfig) -> None:
        super().__init__()
        self.hidden = nn.Sequential(nn.Dropout(config.dropout), nn.Linear(size, config.hidden), nn.ReLU())
        self.mu = nn.Linear(config.hidden, config.latent)
        self.logvar = nn.Linear(config.hidden, config.latent)

    def forward(self, x: Tensor) -> Gaussian:
        h = self.hidden(x)
        return Gaussian(self.mu(h), self.logvar(h).clamp(-_LOGVAR_BOUND, _LOGVAR_BOUND))


class Decoder(nn.Sequential):
    """z [B, latent] -> a standardised feature [B, out], which may be negative: no ReLU at the end."""

    def __init__(self, size: int, config: CmvaeConfig) -> None:
        super().__init__(
            nn.Dropout(config.dropout),
            nn.Linear(config.latent, config.hidden),
            nn.ReLU(),
            nn.Linear(config.hidden, size),
        )


class Cmvae(nn.Module):
    """The encoders, the experts' fusion, and the decoders; a Retriever."""

    def __init__(self, config: CmvaeConfig, sizes: InputSizes) -> None:
        super().__init__()
        self.config = config
        self.has_text = config.fusion != "no-text" and sizes.text > 0
        self.music_input = music_encoder(config.input, sizes.music_vector, sizes.music_clip)
        self.video_input = video_encoder(config.input, sizes.video_vector, sizes.video_clip)
        music, visual, text = self.music_input.width, self.video_input.width, sizes.text if self.has_text else 0
        # One standardiser serves as the encoders' batch normalisation and makes the reconstructions' targets.
        self.norms = nn.ModuleDict(
            {
                name: nn.BatchNorm1d(size, affine=False)
                for name, size in (
                    ("music", music),
                    ("visual", visual),
                    ("text", text),
                    ("music_target", self.music_input.fed_width),
                    ("visual_target", self.video_input.fed_width),
                )
                if size
            }
        )
        self.encode_music = Encoder(music, config)
        joint = self.has_text and config.fusion == "concat"
        self.encode_visual = Encoder(visual + text if joint else visual, config)
        self.encode_text = Encoder(text, config) if self.has_text and not joint else None
        if config.generation != "none":
            self.decode_music = Decoder(self.music_input.fed_width, config)
            self.decode_visual = Decoder(self.video_input.fed_width, config)
            self.decode_text = Decoder(text, config) if self.has_text else None
        self._step = 0

    def set_progress(self, step: int) -> None:
        """How many steps have been trained: the weight of the KL grows with it until `warmup`."""
        self._step = step

    def embed_music(self, music: MusicBatch) -> Tensor:
        """The direction of mu_m: unit vectors [B, latent]."""
        return functional.normalize(self.music_posterior(music).mu, dim=-1)

    def embed_video(self, video: VideoBatch) -> Tensor:
        """The direction of mu_v, of pictures and words, where there are words: unit vectors [B, latent]."""
        return functional.normalize(self.video_posterior(video).mu, dim=-1)

    def music_posterior(self, music: MusicBatch) -> Gaussian:
        """q(z_m | m)."""
        return self.encode_music(self.norms["music"](self.music_input(music)))  # type: ignore[no-any-return]

    def video_posterior(self, video: VideoBatch) -> Gaussian:
        """q(z_v | v, t), and q(z_v | v) in rows without words."""
        seen = self._video_features(video)
        return self._fuse(seen, torch.ones_like(seen.spoken), seen.spoken)

    def precision_shares(self, video: VideoBatch) -> dict[str, Tensor]:
        """What pictures, words and prior each have of a video's precision, mean over the latent: [B] each, sum 1."""
        seen = self._video_features(video)
        precision = {"visual": torch.exp(-self.encode_visual(seen.visual).logvar)}
        if self.encode_text is not None and seen.text is not None:
            precision["text"] = torch.exp(-self.encode_text(seen.text).logvar) * seen.spoken[:, None]
        precision["prior"] = torch.full_like(precision["visual"], float(self.config.prior))
        total = torch.stack(list(precision.values())).sum(dim=0)
        return {name: (value / total).mean(dim=-1) for name, value in precision.items()}

    def check_active_units(self, music: MusicBatch, video: VideoBatch) -> dict[str, int]:
        """How many units of either latent are in use, over items of a validation set (at least some dozens).

        Raises:
            KnownError: "collapsed": fewer than 8, so that the model has learned next to nothing.
        """
        mu = {"music": self.music_posterior(music).mu, "video": self.video_posterior(video).mu}
        active = {side: count_active_units(value) for side, value in mu.items()}
        if min(active.values()) < LEAST_ACTIVE_UNITS:
            raise KnownError(
                f"CMVAE's latent has collapsed: {active['music']} units of music and {active['video']} of video are"
                f" in use, and fewer than {LEAST_ACTIVE_UNITS} tell too little.",
                remedy="Lower kl, or raise beta, gamma or the warm-up in the recipe.",
                code="collapsed",
            )
        return active

    def training_loss(self, batch: PairBatch) -> dict[str, Tensor]:
        """The loss, its video side averaged over the expert subsets (v, t), (v) and (t).

        A subset counts the rows that have all of it; each subset weighs the same, whatever its rows. z is sampled in
        training mode, and is the mean otherwise.
        """
        c = self.config
        seen = self._video_features(batch.video)
        q_m, subsets = self.music_posterior(batch.music), self._subsets(seen)
        z_m, z_v = self._z(q_m), [self._z(q) for q, _ in subsets]
        rows = [index for _, index in subsets]
        terms = {
            "kl": lambda: q_m.kl() + _mean([q.kl() for q, _ in subsets]),
            "matching": lambda: self._matching(z_m, z_v, rows, batch.track),
        }
        weights = {"kl": c.kl * self._warmth(), "matching": c.gamma, "reconstruction": c.beta}
        if c.generation != "none":
            terms["reconstruction"] = lambda: self._reconstruction(batch, seen, z_m, z_v, rows)
        return weighted_terms(terms, weights)

    def _warmth(self) -> float:
        return min(1.0, (self._step + 1) / max(1, self.config.warmup))

    def _subsets(self, seen: _Seen) -> list[tuple[Gaussian, Tensor]]:
        """q(z_v | subset) and the rows it is of, for each subset that has rows."""
        spoken = seen.spoken
        everywhere = torch.ones_like(spoken)
        every, worded = everywhere.nonzero()[:, 0], spoken.nonzero()[:, 0]
        found = [(self._fuse(seen, everywhere, ~everywhere), every)]
        if len(worded):
            found.append((self._fuse(seen, everywhere, spoken).rows(worded), worded))
            found.append((self._fuse(seen, ~spoken, spoken).rows(worded), worded))
        return found

    def _fuse(self, seen: _Seen, use_visual: Tensor, use_text: Tensor) -> Gaussian:
        """The video's Gaussian from the experts to use in each row: two masks [B], one of them true at least."""
        visual, text = seen.visual, seen.text
        if text is None:
            return self.encode_visual(visual)  # type: ignore[no-any-return]
        if self.encode_text is None:  # "concat": what is missing is shown as its mean, which is zero
            joint = torch.cat((visual * use_visual[:, None], text * use_text[:, None]), dim=-1)
            return self.encode_visual(joint)  # type: ignore[no-any-return]
        experts, present = (self.encode_visual(visual), self.encode_text(text)), (use_visual, use_text)
        if self.config.fusion == "equal":
            return equal_experts(experts, present)
        return product_of_experts(experts, present, self.config.prior)

    def _video_features(self, video: VideoBatch) -> _Seen:
        visual = self.norms["visual"](self.video_input(video))
        spoken = video.has_text
        # Batch statistics need two rows; a lone one is left out of the step rather than standardised to nothing.
        if not self.has_text or (self.training and int(spoken.sum()) < 2):
            nothing = torch.zeros_like(video.text) if self.has_text else None
            return _Seen(visual, nothing, torch.zeros_like(spoken))
        rows = spoken.nonzero()[:, 0]
        standard = self.norms["text"](video.text[rows]) if len(rows) else video.text[rows]
        return _Seen(visual, torch.zeros_like(video.text).index_copy(0, rows, standard.to(video.text.dtype)), spoken)

    def _reconstruction(
        self, batch: PairBatch, seen: _Seen, z_m: Tensor, z_v: list[Tensor], rows: list[Tensor]
    ) -> Tensor:
        """L_m + L_vv + L_vt: squared errors, mean over each feature's dimensions and over the rows.

        "cross": music from z_v (mean over the subsets), pictures and words from z_m. "own": the other way round.
        """
        with torch.no_grad():
            m = self.norms["music_target"](self.music_input.fed(batch.music))
            visual = self.norms["visual_target"](self.video_input.fed(batch.video))
        every = torch.arange(len(z_m), device=z_m.device)
        of_video, of_music = list(zip(z_v, rows, strict=True)), [(z_m, every)]
        for_music, for_video = (of_video, of_music) if self.config.generation == "cross" else (of_music, of_video)
        losses = [
            _mean([functional.mse_loss(self.decode_music(z), m[r]) for z, r in for_music]),
            _mean([functional.mse_loss(self.decode_visual(z), visual[r]) for z, r in for_video]),
        ]
        if self.decode_text is not None and seen.text is not None and bool(seen.spoken.any()):
            # From the latents of rows that have words: every subset holds at least those.
            spoken, text = seen.spoken, seen.text
            errors = [
                functional.mse_loss(self.decode_text(z[spoken[r]]), text[r][spoken[r]].detach()) for z, r in for_video
            ]
            losses.append(_mean(errors))
        return torch.stack(losses).sum()

    def _matching(self, z_m: Tensor, z_v: list[Tensor], rows: list[Tensor], track: Tensor) -> Tensor:
        """max(0, margin - s_pos + s_neg) both ways, s the cosine, over the hardest negatives; mean over the subsets."""
        c, losses = self.config, []
        for z, r in zip(z_v, rows, strict=True):
            m, v = functional.normalize(z_m[r], dim=-1), functional.normalize(z, dim=-1)
            there = inter_modal_ranking(m, v, track[r], c.margin, c.hardest)
            losses.append(there + inter_modal_ranking(v, m, track[r], c.margin, c.hardest))
        return _mean(losses)

    def _z(self, q: Gaussian) -> Tensor:
        return q.sample() if self.training else q.mu


def _mean(values: list[Tensor]) -> Tensor:
    return torch.stack(values).mean()
