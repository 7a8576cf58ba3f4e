# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The trainable baselines beside the four systems: CCA, DSCMR, Dual-VAE and Cross-VAE.

Random, PopularRank and the content matcher learn nothing and belong to the evaluation.
"""

from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn import functional

from needledrop.core.errors import KnownError
from needledrop.crossmodal.batches import InputSizes, MusicBatch, PairBatch, VideoBatch
from needledrop.crossmodal.cmvae import Cmvae, CmvaeConfig
from needledrop.crossmodal.ranking import weighted_terms
from needledrop.crossmodal.sequence import InputConfig, music_encoder, video_encoder


@dataclass(frozen=True)
class CcaConfig:
    """dimensions: how many canonical pairs are kept (fewer where there are fewer). ridge: what is added to either
    covariance's diagonal, in units of its mean. input: AE or A-SE, since a closed form learns no sequence."""

    input: InputConfig = field(default_factory=InputConfig)
    dimensions: int = 64
    ridge: float = 0.1

    def __post_init__(self) -> None:
        """Refuse what a recipe may get wrong.

        Raises:
            KnownError: "recipe": a form that would have to be learned.
        """
        if self.input.form not in ("AE", "A-SE"):
            raise KnownError(
                f"CCA has no form “{self.input.form}”: it learns no sequence.", remedy="Use AE or A-SE.", code="recipe"
            )


class Cca(nn.Module):
    """Regularised canonical correlation analysis (Hotelling 1936; ridge after Vinod 1976), in closed form.

    A Retriever whose `fit` takes the place of gradient steps. Its maps are buffers, all zero until then.
    """

    def __init__(self, config: CcaConfig, sizes: InputSizes) -> None:
        super().__init__()
        self.config = config
        self.music_input = music_encoder(config.input, sizes.music_vector, sizes.music_clip)
        self.video_input = video_encoder(config.input, sizes.video_vector, sizes.video_clip)
        music, video = self.music_input.width, self.video_input.width
        kept = min(config.dimensions, music, video)
        self.register_buffer("music_mean", torch.zeros(music))
        self.register_buffer("video_mean", torch.zeros(video))
        self.register_buffer("music_map", torch.zeros(music, kept))
        self.register_buffer("video_map", torch.zeros(video, kept))

    @torch.no_grad()
    def fit(self, pairs: PairBatch) -> None:
        """From all training pairs at once.

        With C_xx, C_yy (ridge included) = L_x L_x^T, L_y L_y^T: the singular vectors U, V of L_x^-1 C_xy L_y^-T give
        the maps L_x^-T U and L_y^-T V, whose variates are uncorrelated but in pairs.

        Raises:
            KnownError: "too-few": fewer than two pairs.
        """
        x, y = self.music_input(pairs.music).double().cpu(), self.video_input(pairs.video).double().cpu()
        if len(x) < 2:
            raise KnownError(
                f"CCA cannot be fitted to {len(x)} pair.", remedy="Give a set with more pairs.", code="too-few"
            )
        x_mean, y_mean = x.mean(dim=0), y.mean(dim=0)
        x, y = x - x_mean, y - y_mean
        x_root, y_root = self._root(x), self._root(y)
        cross = x.T @ y / (len(x) - 1)
        whitened = torch.linalg.solve_triangular(x_root, cross, upper=False)
        whitened = torch.linalg.solve_triangular(y_root, whitened.T, upper=False).T  # [music, video]
        u, _, vh = torch.linalg.svd(whitened, full_matrices=False)
        kept = self.get_buffer("music_map").shape[1]
        music_map = torch.linalg.solve_triangular(x_root.T, u[:, :kept], upper=True)
        video_map = torch.linalg.solve_triangular(y_root.T, vh[:kept].T, upper=True)
        found = {"music_mean": x_mean, "video_mean": y_mean, "music_map": music_map, "video_map": video_map}
        for name, value in found.items():
            self.get_buffer(name).copy_(value)

    def embed_music(self, music: MusicBatch) -> Tensor:
        """Unit vectors [B, dimensions]."""
        return self._embed(self.music_input(music), "music")

    def embed_video(self, video: VideoBatch) -> Tensor:
        """Unit vectors [B, dimensions]."""
        return self._embed(self.video_input(video), "video")

    def training_loss(self, batch: PairBatch) -> dict[str, Tensor]:
        """Minus the mean cosine of pairs: to watch, for there is nothing to descend."""
        cosine = (self.embed_music(batch.music) * self.embed_video(batch.video)).sum(dim=-1).mean()
        return {"cosine": cosine, "total": -cosine}

    def _embed(self, x: Tensor, side: str) -> Tensor:
        mean, onto = self.get_buffer(f"{side}_mean"), self.get_buffer(f"{side}_map")
        unit: Tensor = functional.normalize((x - mean) @ onto, dim=-1)
        return unit

    def _root(self, centred: Tensor) -> Tensor:
        """The Cholesky factor of the ridged covariance [D, D]."""
        covariance = centred.T @ centred / (len(centred) - 1)
        # A feature set that never varies has no mean variance to measure the ridge in.
        level = covariance.diagonal().mean().clamp(min=1e-12)
        ridge = self.config.ridge * level * torch.eye(len(covariance), dtype=covariance.dtype)
        root: Tensor = torch.linalg.cholesky(covariance + ridge)
        return root


@dataclass(frozen=True)
class DscmrConfig:
    """Zhen et al. 2019 with the weights and sizes of the authors' code: 1, lambda = 1e-3, eta = 1e-1."""

    input: InputConfig = field(default_factory=InputConfig)
    hidden: int = 2048
    width: int = 1024
    labels: float = 1.0
    similarity: float = 1e-3
    invariance: float = 1e-1


class Dscmr(nn.Module):
    """Deep supervised cross-modal retrieval (Zhen, Hu, Wang and Peng, CVPR 2019); a Retriever.

    Each modality: Linear, ReLU; then one linear layer and one linear classifier that both share. Its labels are our
    unified target labels; pairs without one take part in the invariance only.
    """

    def __init__(self, config: DscmrConfig, sizes: InputSizes) -> None:
        """Raises: KnownError: "no-input": the corpus has no labels."""
        super().__init__()
        if sizes.labels < 1:
            raise KnownError(
                "DSCMR learns from labels, and these pairs have none.",
                remedy="Prepare the pairs with tags, or leave DSCMR out.",
                code="no-input",
            )
        self.config = config
        self.classes = sizes.labels
        self.music_input = music_encoder(config.input, sizes.music_vector, sizes.music_clip)
        self.video_input = video_encoder(config.input, sizes.video_vector, sizes.video_clip)
        self.music_net = nn.Sequential(nn.Linear(self.music_input.width, config.hidden), nn.ReLU())
        self.video_net = nn.Sequential(nn.Linear(self.video_input.width, config.hidden), nn.ReLU())
        self.shared = nn.Linear(config.hidden, config.width)
        self.classifier = nn.Linear(config.width, sizes.labels)

    def embed_music(self, music: MusicBatch) -> Tensor:
        """Unit vectors [B, width]."""
        return functional.normalize(self._music(music), dim=-1)

    def embed_video(self, video: VideoBatch) -> Tensor:
        """Unit vectors [B, width]."""
        return functional.normalize(self._video(video), dim=-1)

    def training_loss(self, batch: PairBatch) -> dict[str, Tensor]:
        """J = J_1 + lambda J_2 + eta J_3 (equation 8): labels, similarity, invariance."""
        c, known = self.config, batch.label >= 0
        u, v = self._music(batch.music), self._video(batch.video)  # each [B, width]
        y = functional.one_hot(batch.label[known], self.classes).to(u.dtype)  # [L, classes]
        terms = {
            "labels": lambda: _label_error(self.classifier(u[known]), y) + _label_error(self.classifier(v[known]), y),
            "similarity": lambda: similarity_likelihood(u[known], v[known], y),
            "invariance": lambda: torch.linalg.vector_norm(u - v, dim=-1).mean(),
        }
        return weighted_terms(terms, {name: getattr(c, name) for name in terms})

    def _music(self, music: MusicBatch) -> Tensor:
        return self.shared(self.music_net(self.music_input(music)))  # type: ignore[no-any-return]

    def _video(self, video: VideoBatch) -> Tensor:
        return self.shared(self.video_net(self.video_input(video)))  # type: ignore[no-any-return]


def similarity_likelihood(u: Tensor, v: Tensor, y: Tensor) -> Tensor:
    """DSCMR's J_2, over (u, v), (u, u) and (v, v): mean of log(1 + e^Gamma) - S Gamma.

    Gamma_ij = cos(a_i, b_j) / 2, S_ij = 1 where both have one label. u, v: [B, d]; y: one-hot [B, classes].
    """
    if not len(y):
        return u.sum() * 0.0
    u, v, s = functional.normalize(u, dim=-1), functional.normalize(v, dim=-1), y @ y.T
    gammas = (0.5 * u @ v.T, 0.5 * u @ u.T, 0.5 * v @ v.T)
    return torch.stack([(functional.softplus(gamma) - s * gamma).mean() for gamma in gammas]).sum()


def _label_error(predicted: Tensor, y: Tensor) -> Tensor:
    """Half of DSCMR's J_1, as the authors' code has it: the mean over items of ||prediction - one-hot||."""
    return torch.linalg.vector_norm(predicted - y, dim=-1).mean() if len(y) else predicted.sum() * 0.0


@dataclass(frozen=True)
class DualVaeConfig(CmvaeConfig):
    """CMVAE where each side reconstructs itself; everything else is the same."""

    generation: str = "own"


@dataclass(frozen=True)
class CrossVaeConfig(CmvaeConfig):
    """CMVAE with cross-reconstruction alone: pictures and words in one encoder, nothing that matches latents."""

    fusion: str = "concat"
    gamma: float = 0.0


class CrossVae(Cmvae):
    """A CMVAE whose latents were never matched, so that their products mean nothing: it ranks by what it generates.

    A video is the music feature that its latent decodes to, a track its own, standardised; the score is their cosine.
    That rule is OURS: the paper does not say how its Cross-VAE ranks.
    """

    def __init__(self, config: CrossVaeConfig, sizes: InputSizes) -> None:
        """Raises: KnownError: "recipe": nothing is generated from the other modality."""
        if config.generation != "cross":
            raise KnownError(
                f"Cross-VAE cannot rank with the generation “{config.generation}”.",
                remedy="Set it to cross, or train a CMVAE.",
                code="recipe",
            )
        super().__init__(config, sizes)

    def embed_music(self, music: MusicBatch) -> Tensor:
        """Unit vectors [B, width of the music feature]."""
        return functional.normalize(self.norms["music_target"](self.music_input.fed(music)), dim=-1)

    def embed_video(self, video: VideoBatch) -> Tensor:
        """Unit vectors [B, width of the music feature]."""
        return functional.normalize(self.decode_music(self.video_posterior(video).mu), dim=-1)
