# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The losses by which the systems learn to rank. All take a batch of pairs: row i goes with row i of the other side.

Items of one track are never each other's negatives: such pairs are left out before anything is counted, sorted or
averaged. A batch in which no negative is left costs zero, and its gradient is zero.
"""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor
from torch.nn import functional

from needledrop.core.errors import KnownError


def weighted_terms(terms: Mapping[str, Callable[[], Tensor]], weights: Mapping[str, float]) -> dict[str, Tensor]:
    """The terms of a loss by name, unweighted, and their weighted sum as "total". A weight of 0 computes no term.

    Raises:
        KnownError: "recipe": every weight is 0.
    """
    found = {name: term() for name, term in terms.items() if weights[name] != 0.0}
    if not found:
        raise KnownError(
            f"Every term of the loss ({', '.join(terms)}) has the weight 0, so nothing would be learned.",
            remedy="Give one of them a weight in the recipe.",
            code="recipe",
        )
    return {**found, "total": torch.stack([weights[name] * value for name, value in found.items()]).sum()}


def same_track(track: Tensor) -> Tensor:
    """Which pairs are no negatives: track [B] -> bool [B, B], the diagonal included."""
    return track[:, None] == track[None, :]


def inter_modal_ranking(anchor: Tensor, other: Tensor, track: Tensor, margin: float, hardest: int) -> Tensor:
    """CBVMR's inter-modal ranking loss in one direction (Hong et al. 2018, section 3.2; s is the cosine).

    mean over i and the `hardest` K negatives n of i of max(0, margin - s(a_i, b_i) + s(a_i, b_n)).
    The mean counts the terms that are zero too. Fewer than K negatives: all of them.

    Args:
        anchor: unit vectors [B, d].
        other: unit vectors [B, d].
        track: [B].
        margin: e in the paper.
        hardest: K.
    """
    s = anchor @ other.T  # [B, B]
    return _mean_of_hardest(functional.relu(margin - s.diagonal()[:, None] + s), same_track(track), hardest)


def batch_triplet(anchor: Tensor, other: Tensor, track: Tensor, margin: float, hardest: int) -> Tensor:
    """The triplet loss in one direction over a batch: as inter_modal_ranking, by distance instead of cosine.

    max(0, ||a_i - b_i|| - ||a_i - b_n|| + margin), mean over the K hardest n; shapes as above.
    """
    # Not by matrix products: near zero they lose the digits that the gradient needs.
    d = torch.cdist(anchor.float(), other.float(), compute_mode="donot_use_mm_for_euclid_dist")  # [B, B]
    return _mean_of_hardest(functional.relu(d.diagonal()[:, None] - d + margin), same_track(track), hardest)


def triplet(anchor: Tensor, positive: Tensor, negative: Tensor, margin: float) -> Tensor:
    """UT-CMVMR's tri(a, p, n) = max(0, ||a - p|| - ||a - n|| + margin), mean over the batch; each [B, d]."""
    near = torch.linalg.vector_norm(anchor - positive, dim=-1)
    far = torch.linalg.vector_norm(anchor - negative, dim=-1)
    return functional.relu(near - far + margin).mean()


def info_nce(a: Tensor, b: Tensor, track: Tensor, temperature: Tensor) -> Tensor:
    """TIVM's InfoNCE (Liu and Lerch 2025), the mean of both directions.

    L = -1/B sum_i log( exp(s(a_i, b_i) / tau) / sum_j exp(s(a_i, b_j) / tau) ), j over i and its negatives.
    a, b: unit vectors [B, d]; track [B]; temperature: tau, one number.
    """
    s = a @ b.T / temperature  # [B, B]
    itself = torch.eye(len(s), dtype=torch.bool, device=s.device)
    s = s.masked_fill(same_track(track) & ~itself, float("-inf"))
    truth = torch.arange(len(s), device=s.device)
    return 0.5 * (functional.cross_entropy(s, truth) + functional.cross_entropy(s.T, truth))


def sample_triplets(items: int, per_item: int, device: torch.device | None = None) -> Tensor:
    """Random (i, j, k), all different: int64 [items * per_item, 3]; none from fewer than three items."""
    if items < 3:
        return torch.zeros(0, 3, dtype=torch.int64, device=device)
    i = torch.arange(items, device=device).repeat_interleave(per_item)
    j = (i + torch.randint(1, items, i.shape, device=device)) % items
    # k is drawn from the items - 2 that are left: counted from i, the place of j is stepped over.
    step = torch.randint(1, items - 1, i.shape, device=device)
    k = (i + step + (step >= (j - i) % items)) % items
    return torch.stack((i, j, k), dim=-1)


def structure_loss(x: Tensor, z: Tensor, triplets: Tensor) -> Tensor:
    """CBVMR's soft intra-modal structure loss (section 3.3): neighbours keep their order, without a margin.

    C_ijk = sign(x_i.x_k - x_i.x_j) - sign(z_i.z_k - z_i.z_j);  L = mean_ijk C_ijk (z_i.z_j - z_i.z_k)  >= 0.
    sign has no gradient: what is moved are the products of z.

    Args:
        x: what was fed in, one modality [B, D]; normalised here.
        z: its unit embeddings [B, d].
        triplets: [N, 3] of i, j, k.
    """
    i, j, k = triplets.unbind(dim=-1)
    xx, zz = _products(x), z @ z.T
    return _order_kept(xx[i, k] - xx[i, j], zz[i, k] - zz[i, j], z)


def structure_loss_adjacent(x: Tensor, z: Tensor, most: int) -> Tensor:
    """The released code's variant: (j, k) are neighbouring columns (j, j + 1) of the first `most` rows and columns."""
    xx, zz = _products(x)[:most, :most], (z @ z.T)[:most, :most]
    return _order_kept(xx[:, 1:] - xx[:, :-1], zz[:, 1:] - zz[:, :-1], z)


def _order_kept(x_gain: Tensor, z_gain: Tensor, z: Tensor) -> Tensor:
    """Mean of C (z_i.z_j - z_i.z_k), where the gains are x_i.x_k - x_i.x_j and z_i.z_k - z_i.z_j."""
    if not x_gain.numel():
        return z.sum() * 0.0
    return ((torch.sign(x_gain) - torch.sign(z_gain)) * -z_gain).mean()


def _products(x: Tensor) -> Tensor:
    unit = functional.normalize(x, dim=-1)
    return unit @ unit.T


def _mean_of_hardest(cost: Tensor, excluded: Tensor, hardest: int) -> Tensor:
    """cost [B, B] >= 0: the mean over each row's `hardest` greatest that are not excluded."""
    kept = cost.masked_fill(excluded, -1.0).topk(min(hardest, cost.shape[1]), dim=1).values
    return functional.relu(kept).sum() / (kept >= 0).sum().clamp(min=1)
