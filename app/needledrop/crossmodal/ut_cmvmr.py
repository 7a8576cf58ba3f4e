# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""UT-CMVMR's matching network (Mao et al., ICASSP 2024, arXiv 2309.09421), built on AVCA (Mercea et al. 2022).

Symbols of the paper: phi (xi there) an item, theta its place in the space that is searched, rho what the shared decoder
makes of theta, w the embedding of the unified target label. Suffixes: m music, v video, w label. Shapes: B pairs.

One thing is not as released. There a video is fused by cross-attention with its own music before the two are ranked
against a batch: a positive pair then shows in each half alone, and noise is ranked perfectly. Here theta of the index
never sees the partner, and whatever is said of a pair is said after fusing that pair, negatives included. The released
way remains as variant "released", to be tested and not to be used.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.nn import functional

from needledrop.core.errors import KnownError
from needledrop.crossmodal.batches import InputSizes, MusicBatch, PairBatch, VideoBatch
from needledrop.crossmodal.ranking import inter_modal_ranking, same_track, weighted_terms
from needledrop.crossmodal.sequence import InputConfig, TransformerLayer, music_encoder, video_encoder

VARIANTS = ("every-pair", "released")
SCORES = ("match", "cosines")
# The released test script's weights of cos(theta) and cos(rho).
_THETA_SHARE, _RHO_SHARE = 0.6, 0.4
# Of the released large-margin softmax over labels.
_SOFTMAX_MARGIN, _SOFTMAX_SCALE = 0.35, 30.0


@dataclass(frozen=True)
class UtCmvmrConfig:
    """Widths are the published ones; heads, dropouts, momentum and margin are ours: PUBLISHED has the published ones.

    rho_width: where labels have no sentence embeddings; else theirs. momentum: torch's, of the second batch norm of
    phi and theta. margin: of every hinge. hardest: K of the ranking. negative_temperature: how hard the negatives of
    fused pairs are. score: what pair_scores answers, 0.6 cos(theta) + 0.4 cos(rho) of the fused pair as the released
    test script does, or the log-odds of the match head, which needs far longer to learn. tag_branch: switches the
    label's embedding and its three terms.

    The paper's L_t, L_rec, L_ce and L_av are triplet, tag_reconstruction, matching and ranking; its L_r is
    phi_reconstruction and tag_pull, which the ablation needs apart. pair_ranking (ours) ranks fused pairs by the
    cosines, which nothing else trains. label_softmax and adversary are built in the released code and commented out of
    its loss; the adversary's gradient is reversed here, where the released one would train its judge to err. A weight
    of 0 disables a term, and what it alone needs is not built.
    """

    input: InputConfig = field(default_factory=lambda: InputConfig("SE&R", heads=8, head_width=64, dropout=0.2))
    phi_hidden: int = 1024
    phi_width: int = 768
    theta_hidden: int = 512
    theta_width: int = 256
    rho_width: int = 768
    cross_heads: int = 3
    cross_head_width: int = 100
    cross_feed_forward: int = 1024
    cross_dropout: float = 0.2
    match_dropout: float = 0.4
    momentum: float = 0.1
    margin: float = 0.5
    hardest: int = 1024
    negative_temperature: float = 0.1
    variant: str = "every-pair"
    score: str = "cosines"
    tag_branch: bool = True
    triplet: float = 1.0
    phi_reconstruction: float = 1.0
    tag_pull: float = 1.0
    tag_reconstruction: float = 1.0
    matching: float = 1.0
    ranking: float = 1.0
    pair_ranking: float = 1.0
    label_softmax: float = 0.0
    adversary: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what a recipe may get wrong.

        Raises:
            KnownError: "recipe": no such variant or score.
        """
        for value, known in ((self.variant, VARIANTS), (self.score, SCORES)):
            if value not in known:
                raise KnownError(
                    f"“{value}” is nothing that UT-CMVMR can be.",
                    remedy=f"Use one of {', '.join(known)}.",
                    code="recipe",
                )


# The released configuration; its ranking margin is 0 too.
PUBLISHED = UtCmvmrConfig(
    input=InputConfig("SE&R"), cross_dropout=0.8, momentum=0.55, margin=0.0, pair_ranking=0.0, score="match"
)
PUBLISHED_SIZES = InputSizes(
    music_vector=0, video_vector=0, music_clip=512, video_clip=512, text=0, labels=663, label_text=768
)


@dataclass(frozen=True)
class _Seen:
    """A batch as the network sees it: B items a side, P scored pairs of which the first B are the positive ones.

    phi [B, 768]; theta [B, 256], of the index (variant "released": fused with the own partner); pair [P, 256], theta of
    the scored pairs; owner [P]: the positive pair that a scored pair is held against.
    """

    phi_m: Tensor
    phi_v: Tensor
    theta_m: Tensor
    theta_v: Tensor
    pair_m: Tensor
    pair_v: Tensor
    owner: Tensor


class UtCmvmr(nn.Module):
    """The matching network: a Retriever by theta without cross-attention, a Reranker by fused pairs."""

    def __init__(self, config: UtCmvmrConfig, sizes: InputSizes) -> None:
        """Build it with random weights.

        Raises:
            KnownError: "no-labels": the tag branch is on and the corpus has no labels; "no-input": it lacks the input.
        """
        super().__init__()
        self.config = c = config
        self.rho_width = sizes.label_text or c.rho_width  # d_w
        # Steps 1 and 2 of a batch: clips + tokens + positions, a transformer layer, the mean: [B, T, D] -> [B, 512].
        self.music_input = music_encoder(c.input, sizes.music_vector, sizes.music_clip)
        self.video_input = video_encoder(c.input, sizes.video_vector, sizes.video_clip)
        # Step 3: 512 - 1024 - 768.
        self.phi_m = _block(self.music_input.width, c.phi_hidden, c.phi_width, c.momentum)
        self.phi_v = _block(self.video_input.width, c.phi_hidden, c.phi_width, c.momentum)
        # Step 4: the two-token sequence [phi_m + p_0, phi_v + p_1].
        self.place = nn.Parameter(torch.randn(2, c.phi_width))
        self.cross = TransformerLayer(
            c.phi_width, c.cross_heads, c.cross_head_width, c.cross_feed_forward, c.cross_dropout
        )
        self.cross_out = nn.Linear(c.phi_width, c.phi_width)
        # Step 5: 768 - 512 - 256.
        self.theta_of_m = _block(c.phi_width, c.theta_hidden, c.theta_width, c.momentum)
        self.theta_of_v = _block(c.phi_width, c.theta_hidden, c.theta_width, c.momentum)
        # Step 7: the shared decoder D, 256 - d_w.
        self.decoder = _short_block(c.theta_width, self.rho_width)
        self._build_optional_parts(sizes)

    def _build_optional_parts(self, sizes: InputSizes) -> None:
        c = self.config
        if (c.tag_branch or c.label_softmax) and sizes.labels < 1:
            raise KnownError(
                "These pairs have no target labels, which UT-CMVMR's tag branch learns from.",
                remedy="Switch tag_branch off in the recipe, or choose a corpus with tags.",
                code="no-labels",
            )
        if c.tag_branch:  # Step 6: W_proj, d_w - 256.
            self.project_w = _short_block(self.rho_width, c.theta_width)
            self.label_vectors = None if sizes.label_text else nn.Embedding(sizes.labels, self.rho_width)
        if c.phi_reconstruction:  # Step 7: 256 - 768.
            self.rec_m = _short_block(c.theta_width, c.phi_width)
            self.rec_v = _short_block(c.theta_width, c.phi_width)
        if c.matching:  # Step 8: 2 d_w - d_w - d_w / 2 - 2.
            self.match = _match_head(self.rho_width, c.match_dropout)
        if c.label_softmax:
            self.label_softmax = LabelSoftmax(self.rho_width, sizes.labels, c.match_dropout)
        if c.adversary:
            self.judge = _judge(self.rho_width)

    def embed_music(self, music: MusicBatch) -> Tensor:
        """theta_m without cross-attention: unit vectors [B, 256]."""
        return _unit(self.theta_of_m(self.phi_m(self.music_input(music))))

    def embed_video(self, video: VideoBatch) -> Tensor:
        """theta_v without cross-attention: unit vectors [B, 256]."""
        return _unit(self.theta_of_v(self.phi_v(self.video_input(video))))

    def fused_thetas(self, video: VideoBatch, music: MusicBatch) -> tuple[Tensor, Tensor]:
        """theta_m and theta_v of video i fused with music i, each [B, 256]; never to be ranked against other pairs'."""
        m, v = self._fused(self.phi_m(self.music_input(music)), self.phi_v(self.video_input(video)))
        return self.theta_of_m(m), self.theta_of_v(v)

    def pair_scores(self, video: VideoBatch, music: MusicBatch) -> Tensor:
        """Of video i fused with music i, [B]: the match head's log-odds, or 0.6 cos(theta) + 0.4 cos(rho).

        Raises:
            KnownError: "no-pair-score": no term of the loss trains that score.
        """
        c = self.config
        if not (c.matching if c.score == "match" else c.pair_ranking or c.variant == "released"):
            raise KnownError(
                f"This UT-CMVMR was trained without what its score “{c.score}” needs, so it cannot re-rank.",
                remedy="Use its index score alone, or train it with matching or pair_ranking.",
                code="no-pair-score",
            )
        theta_m, theta_v = self.fused_thetas(video, music)
        rho_m, rho_v = _unit(self.decoder(theta_m)), _unit(self.decoder(theta_v))
        if c.score == "match":
            logits: Tensor = self.match(torch.cat((rho_m, rho_v), dim=-1))  # [B, 2]
            return logits[:, 1] - logits[:, 0]
        return _pair_cosines(_unit(theta_m), _unit(theta_v), rho_m, rho_v)

    def training_loss(self, batch: PairBatch) -> dict[str, Tensor]:
        """The terms of the configuration; as published L = L_t + L_r + L_rec + L_ce + L_av.

        Raises:
            KnownError: "one-pair": a single pair has no negatives and no batch statistics.
        """
        if len(batch.track) < 2:
            raise KnownError(
                "UT-CMVMR cannot learn from a batch of one pair.",
                remedy="Use a larger batch, or a corpus of more than one pair.",
                code="one-pair",
            )
        c, seen = self.config, self._seen(batch)
        known = self._known(batch)
        label, w = batch.label[known], self._label_vectors(batch, known)  # [L], [L, d_w]
        theta_w: Tensor = self.project_w(w) if len(w) else seen.theta_m[:0]  # [L, 256]
        # All through the decoder at once: its batch norm must not tell one kind from another.
        parts = (seen.theta_m, seen.theta_v, theta_w, seen.pair_m, seen.pair_v)
        rho = torch.split(_unit(self.decoder(torch.cat(parts))), [len(part) for part in parts])
        rho_m, rho_v, rho_w, rho_pm, rho_pv = rho
        theta_m, theta_v, theta_w, pair_m, pair_v = (_unit(x) for x in parts)
        m, v = theta_m[known], theta_v[known]
        terms: dict[str, Callable[[], Tensor]] = {
            "triplet": lambda: label_triplets(m, v, theta_w, label, c.margin),
            "phi_reconstruction": lambda: (
                squared(self.rec_v(seen.theta_v), seen.phi_v) + squared(self.rec_m(seen.theta_m), seen.phi_m)
            ),
            "tag_pull": lambda: squared(v, theta_w) + squared(m, theta_w),
            "tag_reconstruction": lambda: squared(w, rho_v[known]) + squared(w, rho_m[known]) + squared(w, rho_w),
            "matching": lambda: matching(self.match(torch.cat((rho_pm, rho_pv), dim=-1)), len(batch.track)),
            "ranking": lambda: (
                inter_modal_ranking(theta_m, theta_v, batch.track, c.margin, c.hardest)
                + inter_modal_ranking(theta_v, theta_m, batch.track, c.margin, c.hardest)
            ),
            "pair_ranking": lambda: pair_ranking(
                _pair_cosines(pair_m, pair_v, rho_pm, rho_pv), seen.owner, len(batch.track), c.margin
            ),
            "label_softmax": lambda: self.label_softmax(rho_m[known], rho_v[known], label),
            "adversary": lambda: self._deceived(rho_m, rho_v),
        }
        return weighted_terms(terms, {name: self._weight(name) for name in terms})

    def _weight(self, name: str) -> float:
        of_tags = name in ("triplet", "tag_pull", "tag_reconstruction")
        return 0.0 if of_tags and not self.config.tag_branch else float(getattr(self.config, name))

    def _known(self, batch: PairBatch) -> Tensor:
        """The rows that have a label, [L]; none where a batch norm would see a single one."""
        known = (batch.label >= 0).nonzero()[:, 0]
        return known if len(known) > 1 else known[:0]

    def _label_vectors(self, batch: PairBatch, known: Tensor) -> Tensor:
        """w [L, d_w], the label's sentence embedding, or a learned unit vector where the corpus has none."""
        if not self.config.tag_branch:
            return batch.label_text.new_zeros(0, self.rho_width)
        if self.label_vectors is None:
            return batch.label_text[known]
        return _unit(self.label_vectors(batch.label[known]))

    def _seen(self, batch: PairBatch) -> _Seen:
        phi_m: Tensor = self.phi_m(self.music_input(batch.music))  # [B, 768]
        phi_v: Tensor = self.phi_v(self.video_input(batch.video))
        of_m, of_v, owner = self._scored_pairs(phi_m, phi_v, batch.track)  # each [P]
        if self.config.variant == "released":
            theta_m, theta_v = self._thetas(*self._fused(phi_m, phi_v))
            return _Seen(phi_m, phi_v, theta_m, theta_v, theta_m[of_m], theta_v[of_v], owner)
        fused_m, fused_v = self._fused(phi_m[of_m], phi_v[of_v])  # [P, 768]
        # Together, so that the batch norm's running statistics are those of both uses.
        theta_m, theta_v = self._thetas(torch.cat((phi_m, fused_m)), torch.cat((phi_v, fused_v)))
        items = len(phi_m)
        return _Seen(phi_m, phi_v, theta_m[:items], theta_v[:items], theta_m[items:], theta_v[items:], owner)

    @torch.no_grad()
    def _scored_pairs(self, phi_m: Tensor, phi_v: Tensor, track: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Which music and which video make the scored pairs, and the positive pair each is held against; each [P].

        First the B positive ones; then each video with a piece of music of another track, and each music with such a
        video: one positive to two negatives. The more alike the index holds them, the likelier they are drawn: P is
        softmax(cos / negative_temperature). Always the hardest would not do: they are more alike than the positive
        ones, and the match head would learn that what is alike does not belong together.
        """
        own = torch.arange(len(track), device=track.device)
        if not (self.config.matching or self.config.pair_ranking):
            return own[:0], own[:0], own[:0]
        for towers in (self.theta_of_m, self.theta_of_v):
            towers.eval()  # Looking must not move the running statistics.
        theta_m, theta_v = self._thetas(phi_m, phi_v)
        for towers in (self.theta_of_m, self.theta_of_v):
            towers.train(self.training)
        alike = (_unit(theta_v) @ _unit(theta_m).T).masked_fill(same_track(track), -torch.inf)  # [videos, music]
        some = own[(alike > -torch.inf).any(dim=1)]  # Items that have a negative at all.
        if not len(some):
            return own, own, own
        odds = alike / self.config.negative_temperature
        of_m = torch.cat((own, odds[some].softmax(dim=1).multinomial(1)[:, 0], some))
        of_v = torch.cat((own, some, odds.T[some].softmax(dim=1).multinomial(1)[:, 0]))
        return of_m, of_v, torch.cat((own, some, some))

    def _fused(self, phi_m: Tensor, phi_v: Tensor) -> tuple[Tensor, Tensor]:
        """phi' = phi + attention between the two of a pair; each [B, 768]."""
        tokens = torch.stack((phi_m, phi_v), dim=1) + self.place  # [B, 2, 768]
        both = torch.ones(tokens.shape[:2], dtype=torch.bool, device=tokens.device)
        attended = self.cross_out(self.cross(tokens, both))
        return phi_m + attended[:, 0], phi_v + attended[:, 1]

    def _thetas(self, phi_m: Tensor, phi_v: Tensor) -> tuple[Tensor, Tensor]:
        return self.theta_of_m(phi_m), self.theta_of_v(phi_v)

    def _deceived(self, rho_m: Tensor, rho_v: Tensor) -> Tensor:
        """Cross-entropy of the judge of modalities; what it judges learns the opposite of what it learns."""
        rho = torch.cat((rho_m, rho_v))
        is_music = torch.arange(len(rho), device=rho.device) < len(rho_m)
        return functional.cross_entropy(self.judge(2 * rho.detach() - rho), is_music.long())


class LabelSoftmax(nn.Module):
    """The released large-margin softmax: cosines of rho with d_w / 2 directions a modality, then two layers."""

    def __init__(self, rho_width: int, labels: int, dropout: float) -> None:
        super().__init__()
        half = rho_width // 2
        self.directions_m = nn.Parameter(torch.randn(half, rho_width))
        self.directions_v = nn.Parameter(torch.randn(half, rho_width))
        self.layers = nn.Sequential(
            nn.Linear(2 * half, half),
            nn.BatchNorm1d(half, eps=1e-3),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(half, labels),
        )

    def forward(self, rho_m: Tensor, rho_v: Tensor, label: Tensor) -> Tensor:
        """Cross-entropy; rho unit vectors [L, d_w], label [L]."""
        if not len(label):
            return rho_m.sum()
        cosines = torch.cat((rho_m @ _unit(self.directions_m).T, rho_v @ _unit(self.directions_v).T), dim=-1)
        logits: Tensor = self.layers(cosines)
        true = functional.one_hot(label, logits.shape[1])
        return functional.cross_entropy(_SOFTMAX_SCALE * (logits - _SOFTMAX_MARGIN * true), label)


def label_triplets(m: Tensor, v: Tensor, w: Tensor, label: Tensor, margin: float) -> Tensor:
    """L_t = tri(m, w, m-) + tri(v, w, v-) + tri(w, m, m-) + tri(w, v, v-), unit vectors [L, d].

    tri(a, p, n) = max(0, ||a - p|| - ||a - n|| + margin), mean over all n of another label (the paper draws one).
    """
    other = label[:, None] != label[None, :]
    families = ((m, w, m), (v, w, v), (w, m, m), (w, v, v))
    return torch.stack([_hinges(a, p, n, margin)[other].sum() for a, p, n in families]).sum() / other.sum().clamp(min=1)


def _hinges(anchor: Tensor, positive: Tensor, negatives: Tensor, margin: float) -> Tensor:
    near = torch.linalg.vector_norm(anchor - positive, dim=-1)  # [L]
    # Not by matrix products: near zero they lose the digits that the gradient needs.
    far = torch.cdist(anchor.float(), negatives.float(), compute_mode="donot_use_mm_for_euclid_dist")  # [L, L]
    return functional.relu(near[:, None] - far + margin)


def squared(a: Tensor, b: Tensor) -> Tensor:
    """The mean squared difference; 0 of nothing."""
    return (a - b).square().sum() / max(a.numel(), 1)


def matching(logits: Tensor, positives: int) -> Tensor:
    """L_ce: cross-entropy of "belongs together" [P, 2], true of the first `positives`."""
    belongs = torch.arange(len(logits), device=logits.device) < positives
    return functional.cross_entropy(logits, belongs.long())


def pair_ranking(scores: Tensor, owner: Tensor, positives: int, margin: float) -> Tensor:
    """max(0, margin - s_positive + s_negative), mean over the negatives, which stand after the positives; [P]."""
    hinges = functional.relu(margin - scores[owner[positives:]] + scores[positives:])
    return hinges.sum() / max(len(hinges), 1)


def _pair_cosines(theta_m: Tensor, theta_v: Tensor, rho_m: Tensor, rho_v: Tensor) -> Tensor:
    return _THETA_SHARE * (theta_m * theta_v).sum(dim=-1) + _RHO_SHARE * (rho_m * rho_v).sum(dim=-1)


def _unit(x: Tensor) -> Tensor:
    return functional.normalize(x, dim=-1)


def _block(wide: int, hidden: int, out: int, momentum: float) -> nn.Sequential:
    """Linear, batch norm, sigmoid, linear, batch norm, ReLU, linear."""
    return nn.Sequential(
        nn.Linear(wide, hidden),
        nn.BatchNorm1d(hidden),
        nn.Sigmoid(),
        nn.Linear(hidden, out),
        nn.BatchNorm1d(out, momentum=momentum),
        nn.ReLU(),
        nn.Linear(out, out),
    )


def _short_block(wide: int, out: int) -> nn.Sequential:
    """Linear, batch norm, ReLU, linear: W_proj, D and the reconstructions."""
    return nn.Sequential(nn.Linear(wide, out), nn.BatchNorm1d(out), nn.ReLU(), nn.Linear(out, out))


def _match_head(rho_width: int, dropout: float) -> nn.Sequential:
    """[rho_m; rho_v] to two logits: 1536 - 768 - 384 - 2 as published."""
    half = rho_width // 2
    return nn.Sequential(
        nn.Linear(2 * rho_width, rho_width),
        nn.BatchNorm1d(rho_width, eps=1e-3),
        nn.ReLU(),
        nn.Dropout(dropout),
        nn.Linear(rho_width, half),
        nn.BatchNorm1d(half, eps=1e-3),
        nn.ReLU(),
        nn.Dropout(dropout),
        nn.Linear(half, 2),
    )


def _judge(rho_width: int) -> nn.Sequential:
    """rho to "video" or "music": 768 - 384 - 192 - 2."""
    half, quarter = rho_width // 2, rho_width // 4
    return nn.Sequential(
        nn.Linear(rho_width, half), nn.ReLU(), nn.Linear(half, quarter), nn.ReLU(), nn.Linear(quarter, 2)
    )
