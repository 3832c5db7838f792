import math

import pytest
import torch

from metacourse.episode import Examples
from metacourse.methods import losses


def given(theta, x):
    """A network that answers with its input."""
    return x


def test_undecided_scores_cost_the_logarithm_of_the_classes():
    examples = Examples(torch.zeros(4, 2, 4), torch.arange(4)[:, None].expand(4, 2))
    assert losses.cross_entropy(given)({}, examples).item() == pytest.approx(math.log(4))


def test_mse_is_the_mean_of_squares():
    examples = Examples(torch.tensor([[1.0], [2.0]]), torch.tensor([[0.0], [5.0]]))
    assert losses.mse(given)({}, examples).item() == 5.0


def test_what_the_mask_leaves_out_costs_nothing():
    scores, labels = torch.tensor([[[9.0, 0.0], [-50.0, 50.0]]]), torch.tensor([[0, 0]])
    loss, mask = losses.cross_entropy(given), torch.tensor([[True, False]])
    assert loss({}, Examples(scores, labels, mask)) == loss({}, Examples(scores[:, :1], labels[:, :1]))
    wild = Examples(torch.tensor([[3.0], [1e6]]), torch.tensor([[1.0], [0.0]]), torch.tensor([True, False]))
    assert losses.mse(given)({}, wild) == 4.0


def test_a_row_of_scores_is_wanted_for_every_label():
    with pytest.raises(ValueError, match=r"scores have shape \(3, 5\) for labels of shape \(3, 2\)"):
        losses.cross_entropy(given)({}, Examples(torch.zeros(3, 5), torch.zeros(3, 2, dtype=torch.long)))


def test_a_prediction_that_would_broadcast_is_refused():
    with pytest.raises(ValueError, match=r"prediction has shape \(4, 1\), y has \(4,\)"):
        losses.mse(given)({}, Examples(torch.zeros(4, 1), torch.zeros(4)))
