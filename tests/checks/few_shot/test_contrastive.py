"""Right and wrong losses of pairs."""
import pytest
import torch
import torch.nn.functional as F

from metacourse.checks import NotAttempted, few_shot
from metacourse.methods import siamese
from tests.checks.saying import blank, names_the_mistake, rejected

check = few_shot.contrastive


def by_loop(z_a, z_b, same, *, margin):
    each = []
    for a, b, alike in zip(z_a, z_b, same):
        d = torch.linalg.vector_norm(a - b)
        each.append(d**2 / 2 if alike else torch.relu(margin - d) ** 2 / 2)
    return sum(each) / len(each)


def by_weights(z_a, z_b, same, *, margin):
    y, d = same.float(), (z_a - z_b).norm(dim=1)
    return (y * d**2 + (1 - y) * torch.clamp(margin - d, min=0) ** 2).mean() / 2


def by_parts(z_a, z_b, same, *, margin):
    pull = (z_a - z_b)[same].square().sum()
    push = (margin - torch.cdist(z_a, z_b).diag()[~same]).clamp(min=0).square().sum()
    return (pull + push) / (2 * len(same))


@pytest.mark.parametrize("right", [
    by_loop, by_weights, by_parts, siamese.contrastive,
    lambda z_a, z_b, same, *, margin: by_weights(z_a, z_b, same, margin=torch.tensor(margin)),
    lambda z_a, z_b, same, *, margin: 0.5 * torch.where(
        same, F.pairwise_distance(z_a, z_b), (margin - F.pairwise_distance(z_a, z_b)).relu()).square().mean(),
])
def test_every_right_loss_is_accepted(right):
    check(right)


def loss(pull, push, mean=torch.mean):
    def wrong(z_a, z_b, same, *, margin):
        d = (z_a - z_b).norm(dim=-1)
        return mean(torch.where(same, pull(d, margin), push(d, margin)))
    return wrong


def half_square(d, m):
    return d.square() / 2


def hinge(d, m):
    return (m - d).relu().square() / 2


def two_means(z_a, z_b, same, *, margin):
    d = (z_a - z_b).norm(dim=-1)
    parts = [hinge(d[~same], margin), half_square(d[same], margin)]
    return sum(part.mean() for part in parts if len(part))


def two_means_of_nothing(z_a, z_b, same, *, margin):
    d = (z_a - z_b).norm(dim=-1)
    return hinge(d[~same], margin).mean() + half_square(d[same], margin).mean()


def with_a_root(z_a, z_b, same, *, margin):
    d = (z_a - z_b).square().sum(-1).sqrt()
    return torch.where(same, half_square(d, margin), hinge(d, margin)).mean()


def minus_a_bool(z_a, z_b, same, *, margin):
    d = (z_a - z_b).norm(dim=-1)
    return (same * half_square(d, margin) + (1 - same) * hinge(d, margin)).mean()


def in_place(z_a, z_b, same, *, margin):
    z_a -= z_b
    return torch.where(same, half_square(z_a.norm(dim=-1), margin), hinge(z_a.norm(dim=-1), margin)).mean()


@pytest.mark.parametrize("wrong, hint", [
    (loss(hinge, half_square), "the margin is on the wrong pairs"),
    (loss(lambda d, m: (d - m).relu().square() / 2, hinge), "the margin is subtracted"),
    (loss(lambda d, m: d / 2, hinge), "the distance is not squared"),
    (loss(lambda d, m: d, hinge), "not squared, and ½ is forgotten"),
    (loss(lambda d, m: d.square(), hinge), "½ is forgotten"),
    (loss(lambda d, m: d**4 / 2, hinge), "squared twice"),
    (loss(half_square, half_square), "the margin is on the wrong pairs"),
    (loss(half_square, lambda d, m: (m - d).square() / 2), "the hinge is missing"),
    (loss(half_square, lambda d, m: (m - d**2).relu().square() / 2), "squared distance is taken from"),
    (loss(half_square, lambda d, m: (m**2 - d**2).relu() / 2), "the squares are subtracted"),
    (loss(half_square, lambda d, m: (m - d).relu() / 2), "the hinge is not squared"),
    (loss(half_square, lambda d, m: (m - d).relu()), "not squared, and ½ is forgotten"),
    (loss(half_square, lambda d, m: (m - d).relu().square()), "½ is forgotten"),
    (loss(half_square, lambda d, m: (d - m).relu().square() / 2), "Is the hinge turned around"),
    (loss(half_square, lambda d, m: 0 * d), "they count for nothing"),
    (loss(half_square, hinge, torch.sum), "the pairs are added up"),
    (two_means, "a mean for each kind of pair"),
    (two_means_of_nothing, "a mean over nothing"),
    (loss(half_square, hinge, lambda each: each[0]), "only the first pair"),
    (loss(half_square, lambda d, m: hinge(d, 2.0)), "a margin of 2 is written in"),
    (loss(half_square, lambda d, m: hinge(d, 1.0)), "a margin of 1 is written in"),
    (lambda a, b, same, *, margin: by_weights(a, b.detach(), same, margin=margin), "cuts the graph"),
    (with_a_root, "infinite slope at zero"),
    (minus_a_bool, "1 − True"),
    (in_place, "build a new tensor"),
    (lambda *pairs, margin: by_weights(*pairs, margin=margin).detach(), "cuts the graph"),
    (lambda *pairs, margin: by_weights(*pairs, margin=margin).item(), "cuts the graph"),
])
def test_every_wrong_loss_gets_its_own_hint(wrong, hint):
    names_the_mistake(check, wrong, hint)


def test_one_number_for_each_pair_is_rejected():
    assert "one number" in rejected(check, loss(half_square, hinge, lambda each: each))


def test_a_blank_is_not_attempted_yet():
    with pytest.raises(NotAttempted):
        check(blank)
