# SPDX-FileCopyrightText: Needledrop contributors
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import math

import pytest
import torch

from needledrop.crossmodal.ranking import (
    batch_triplet,
    info_nce,
    inter_modal_ranking,
    same_track,
    sample_triplets,
    structure_loss,
    structure_loss_adjacent,
    triplet,
)

# Anchors (1,0), (0,1), (0.6,0.8) against (1,0), (0.8,0.6), (0,1). Their products s, row by row:
#   1.0  0.8  0.0
#   0.0  0.6  1.0
#   0.6  0.96 0.8
A = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]])
B = torch.tensor([[1.0, 0.0], [0.8, 0.6], [0.0, 1.0]])
APART = torch.tensor([1, 2, 3])


def test_ranking_means_the_hardest_negatives_zeros_included() -> None:
    # Margin 0.3; costs 0.3 - s_ii + s_in:
    #   row 0: 0.3 - 1.0 + 0.8 = 0.1;        0.3 - 1.0 + 0.0 -> 0
    #   row 1: 0.3 - 0.6 + 0.0 -> 0;         0.3 - 0.6 + 1.0 = 0.7
    #   row 2: 0.3 - 0.8 + 0.6 = 0.1;        0.3 - 0.8 + 0.96 = 0.46
    # K = 1: (0.1 + 0.7 + 0.46) / 3 = 0.42.  K = 2: (0.1 + 0 + 0.7 + 0 + 0.46 + 0.1) / 6 = 1.36 / 6.
    assert inter_modal_ranking(A, B, APART, 0.3, 1).item() == pytest.approx(0.42, abs=1e-6)
    assert inter_modal_ranking(A, B, APART, 0.3, 2).item() == pytest.approx(1.36 / 6, abs=1e-6)


def test_ranking_the_other_way_reads_columns() -> None:
    #   column 0: 0.3 - 1.0 + 0.0 -> 0;      0.3 - 1.0 + 0.6 -> 0
    #   column 1: 0.3 - 0.6 + 0.8 = 0.5;     0.3 - 0.6 + 0.96 = 0.66
    #   column 2: 0.3 - 0.8 + 0.0 -> 0;      0.3 - 0.8 + 1.0 = 0.5
    # K = 1: (0 + 0.66 + 0.5) / 3.
    assert inter_modal_ranking(B, A, APART, 0.3, 1).item() == pytest.approx(1.16 / 3, abs=1e-6)


def test_more_negatives_wanted_than_there_are() -> None:
    assert inter_modal_ranking(A, B, APART, 0.3, 100).item() == pytest.approx(1.36 / 6, abs=1e-6)


def test_items_of_one_track_are_neither_ranked_nor_counted() -> None:
    # Items 1 and 2 are one track. Left: row 0: 0.1, 0; row 1: only (1,0) = 0; row 2: only (2,0) = 0.1.
    # K = 2: (0.1 + 0 + 0 + 0.1) / 4 = 0.05. Were the masked ones counted as zeros, it would be 0.2 / 6.
    track = torch.tensor([1, 2, 2])
    assert inter_modal_ranking(A, B, track, 0.3, 2).item() == pytest.approx(0.05, abs=1e-6)
    # K = 1: (0.1 + 0 + 0.1) / 3.
    assert inter_modal_ranking(A, B, track, 0.3, 1).item() == pytest.approx(0.2 / 3, abs=1e-6)
    assert same_track(track).tolist() == [[True, False, False], [False, True, True], [False, True, True]]


@pytest.mark.parametrize("items", [1, 3])
def test_a_batch_of_one_track_costs_nothing_and_moves_nothing(items: int) -> None:
    a = A[:items].clone().requires_grad_()
    track = torch.zeros(items, dtype=torch.int64)
    one = torch.ones(())
    losses = (
        inter_modal_ranking(a, B[:items], track, 0.3, 5)
        + batch_triplet(a, B[:items], track, 0.3, 5)
        + info_nce(a, B[:items], track, one)
    )
    losses.backward()
    assert losses.item() == 0.0
    assert torch.equal(a.grad, torch.zeros_like(a))


def test_batch_triplet_by_distances() -> None:
    # On unit vectors ||a - b|| = sqrt(2 - 2 s). Rows of distances:
    #   0            sqrt(0.4) = 0.6325   sqrt(2) = 1.4142
    #   sqrt(2)      sqrt(0.8) = 0.8944   0
    #   sqrt(0.8)    sqrt(0.08) = 0.2828  sqrt(0.4) = 0.6325
    # Margin 0.3, K = 1: row 0: 0 - 0.6325 + 0.3 -> 0; row 1: 0.8944 - 0 + 0.3 = 1.1944;
    # row 2: 0.6325 - 0.2828 + 0.3 = 0.6496. Sum / 3.
    expected = (math.sqrt(0.8) + 0.3 + math.sqrt(0.4) - math.sqrt(0.08) + 0.3) / 3
    assert batch_triplet(A, B, APART, 0.3, 1).item() == pytest.approx(expected, abs=1e-6)


def test_triplet() -> None:
    # Row 0: ||(0,0) - (3,4)|| - ||(0,0) - (0,1)|| + 0.5 = 5 - 1 + 0.5 = 4.5; row 1: 1 - 5 + 0.5 -> 0. Mean 2.25.
    origin = torch.zeros(2, 2)
    positive, negative = torch.tensor([[3.0, 4.0], [1.0, 0.0]]), torch.tensor([[0.0, 1.0], [3.0, 4.0]])
    assert triplet(origin, positive, negative, 0.5).item() == pytest.approx(2.25)


def test_triplet_of_equal_vectors_has_a_gradient_that_is_a_number() -> None:
    a = torch.zeros(1, 2, requires_grad=True)
    triplet(a, torch.zeros(1, 2), torch.ones(1, 2), 5.0).backward()
    assert torch.isfinite(a.grad).all()


def test_info_nce_both_ways() -> None:
    # tau 0.5, items 0 and 1 of A and B: s / tau = [[2, 1.6], [0, 1.2]].
    # rows: log(1 + e^(1.6 - 2)) and log(1 + e^(0 - 1.2)); columns: log(1 + e^(0 - 2)) and log(1 + e^(1.6 - 1.2)).
    rows = (math.log1p(math.exp(-0.4)) + math.log1p(math.exp(-1.2))) / 2
    columns = (math.log1p(math.exp(-2.0)) + math.log1p(math.exp(0.4))) / 2
    got = info_nce(A[:2], B[:2], torch.tensor([1, 2]), torch.tensor(0.5))
    assert got.item() == pytest.approx((rows + columns) / 2, abs=1e-6)


def test_info_nce_leaves_out_items_of_the_same_track() -> None:
    # Items 1 and 2 are one track, tau 1.
    # Rows: 0: log(1 + e^(.8-1) + e^(0-1)); 1: log(1 + e^(0-.6)); 2: log(1 + e^(.6-.8)).
    # Columns: 0: log(1 + e^(0-1) + e^(.6-1)); 1: log(1 + e^(.8-.6)); 2: log(1 + e^(0-.8)).
    rows = math.log(1 + math.exp(-0.2) + math.exp(-1)) + math.log1p(math.exp(-0.6)) + math.log1p(math.exp(-0.2))
    columns = math.log(1 + math.exp(-1) + math.exp(-0.4)) + math.log1p(math.exp(0.2)) + math.log1p(math.exp(-0.8))
    got = info_nce(A, B, torch.tensor([1, 2, 2]), torch.tensor(1.0))
    assert got.item() == pytest.approx((rows + columns) / 6, abs=1e-6)


def test_structure_loss_charges_a_turned_order() -> None:
    # Input x (not unit; normalised inside): x_0.x_1 = 0.8, x_0.x_2 = 0. Embedded: z_0.z_1 = 0, z_0.z_2 = 1.
    # (i, j, k) = (0, 1, 2): C = sign(0 - 0.8) - sign(1 - 0) = -2; C (z_0.z_1 - z_0.z_2) = -2 (0 - 1) = 2.
    # (0, 2, 1) is the same seen from the other side: C = sign(.8) - sign(-1) = 2; 2 (1 - 0) = 2.
    # (1, 0, 2): x_1.x_0 = 0.8, x_1.x_2 = 0.6; z_1.z_0 = 0, z_1.z_2 = 0: C = sign(-0.2) - 0 = -1; -1 (0 - 0) = 0.
    x = torch.tensor([[2.0, 0.0], [0.8, 0.6], [0.0, 5.0]])
    z = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
    assert structure_loss(x, z, torch.tensor([[0, 1, 2]])).item() == pytest.approx(2.0)
    assert structure_loss(x, z, torch.tensor([[0, 1, 2], [0, 2, 1], [1, 0, 2]])).item() == pytest.approx(4 / 3)


def test_structure_loss_is_zero_where_the_order_is_kept() -> None:
    torch.manual_seed(0)
    x = torch.randn(12, 6)
    z = torch.nn.functional.normalize(x, dim=-1)
    assert structure_loss(x, z, sample_triplets(12, 20)).item() == 0.0
    other = torch.nn.functional.normalize(torch.randn(12, 6), dim=-1)
    assert structure_loss(x, other, sample_triplets(12, 20)).item() > 0.0


def test_structure_loss_by_adjacent_columns() -> None:
    # x x^T = [[1, .8, 0], [.8, 1, .6], [0, .6, 1]];  z z^T = [[1, 0, 1], [0, 1, 0], [1, 0, 1]].
    # Steps along the columns, x: [-.2, -.8], [.2, -.4], [.6, .4]; z: [-1, 1], [1, -1], [-1, 1].
    # C = sign(x step) - sign(z step): [0, -2], [0, 0], [2, 0]; times minus the z step: [0, 2], [0, 0], [2, 0].
    # Mean 4 / 6.
    x = torch.tensor([[2.0, 0.0], [0.8, 0.6], [0.0, 5.0]])
    z = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
    assert structure_loss_adjacent(x, z, 100).item() == pytest.approx(4 / 6)
    # The first two rows and columns only: [0], [0].
    assert structure_loss_adjacent(x, z, 2).item() == 0.0


def test_sampled_triplets_are_of_three_items_and_of_all() -> None:
    torch.manual_seed(1)
    drawn = sample_triplets(4, 200)
    assert drawn.shape == (800, 3)
    assert all(len(set(row)) == 3 for row in drawn.tolist())
    assert len({tuple(row) for row in drawn.tolist()}) == 4 * 3 * 2
    assert sample_triplets(2, 5).shape == (0, 3)
    assert structure_loss(A, A, sample_triplets(2, 5)).item() == 0.0
