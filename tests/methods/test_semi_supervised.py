import math

import pytest
import torch

from metacourse.data import unlabeled
from metacourse.episode import Examples, task
from metacourse.methods import protonet, semi_supervised
from metacourse.methods.semi_supervised import Distractors, soft_k_means

LABELED = torch.tensor([[[0.0]], [[2.0]]])                                   # two classes, a number each


def identity(theta, x):
    return x


def number(value):
    return torch.tensor(value, dtype=torch.float64)


@pytest.fixture
def episode():
    rng = torch.Generator().manual_seed(0)
    classes = 2 * torch.randn(8, 1, 4, generator=rng, dtype=torch.float64)
    z = classes + torch.randn(8, 9, 4, generator=rng, dtype=torch.float64)
    episodes = unlabeled.sample_episodes(z, tasks=1, way=3, shot=2, unlabeled=4, distractors=3, queries=3,
                                         rng=rng)
    return task(episodes, 0)


def test_a_picture_in_the_middle_pulls_both_prototypes_by_half():
    c = soft_k_means(LABELED, torch.tensor([[1.0]]))
    torch.testing.assert_close(c, torch.tensor([[0.5 / 1.5], [2.5 / 1.5]]))  # (0 + ½·1) / (1 + ½), …


def test_a_picture_far_from_one_class_belongs_to_the_other():
    c = soft_k_means(10 * LABELED, torch.tensor([[4.0]]))
    torch.testing.assert_close(c, torch.tensor([[2.0], [20.0]]))             # (0 + 4) / 2


def test_belonging_is_the_softmax_of_protonet():
    z, c = torch.randn(6, 3), torch.randn(4, 3)
    torch.testing.assert_close(semi_supervised.belonging(z, c), protonet.log_probs(z, c).exp())


def test_a_distractor_in_the_middle_takes_its_share_by_hand():
    # ‖z − c‖² = 1 for both classes; the distractors' center is z itself: e⁻¹ : e⁻¹ : 1/r, with r = 2
    share = math.exp(-1) / (2 * math.exp(-1) + 0.5)
    belongs = semi_supervised.belonging(torch.tensor([[1.0]]), LABELED[:, 0],
                                        Distractors(torch.tensor([1.0]), torch.tensor(2.0)))
    torch.testing.assert_close(belongs, torch.tensor([[share, share]]))


def test_the_normalizer_of_the_distractors_is_that_of_a_normal_distribution():
    z, c, center = torch.randn(5, 3).double(), torch.randn(4, 3).double(), torch.randn(3).double()
    radius = number(1.7)
    means, scales = torch.cat([c, center[None]]), torch.tensor([1.0, 1.0, 1.0, 1.0, 1.7]).double()
    normal = torch.distributions.Normal(means, scales[:, None] / 2 ** 0.5)   # so that r = 1 is exp(−d²)
    density = normal.log_prob(z[:, None]).sum(-1)
    torch.testing.assert_close(semi_supervised.belonging(z, c, Distractors(center, radius)),
                               density.softmax(-1)[:, :-1])


def test_a_far_cluster_of_distractors_changes_nothing(episode):
    z, loose = episode.support.x, episode.support.y < 0
    far = Distractors(torch.full((4,), 1e4).double(), number(1.0))
    with_cluster, without = (soft_k_means(z, z[loose], ~loose, distractors=d) for d in (far, None))
    torch.testing.assert_close(with_cluster, without)


def test_two_steps_are_one_step_twice_and_no_step_is_protonet(episode):
    z, loose = episode.support.x, episode.support.y < 0
    by_hand = c = protonet.prototypes(z, ~loose)
    torch.testing.assert_close(soft_k_means(z, z[loose], ~loose, steps=0), c)
    for _ in range(2):
        weight = protonet.log_probs(z[loose], by_hand).exp()
        rows = [(z[k, :2].sum(0) + (weight[:, k, None] * z[loose]).sum(0)) / (2 + weight[:, k].sum())
                for k in range(3)]
        by_hand = torch.stack(rows)
    torch.testing.assert_close(soft_k_means(z, z[loose], ~loose, steps=2), by_hand)


def test_a_shut_gate_is_protonet_and_an_open_one_plain_soft_k_means(episode):
    z, loose = episode.support.x, episode.support.y < 0

    def gate(threshold):
        return lambda statistics: torch.tensor([threshold, 50.0]).double().expand(len(statistics), 2)
    shut, wide_open = (soft_k_means(z, z[loose], ~loose, gate=gate(t)) for t in (-9.0, 99.0))
    torch.testing.assert_close(shut, protonet.prototypes(z, ~loose))
    torch.testing.assert_close(wide_open, soft_k_means(z, z[loose], ~loose))


def test_a_gate_sees_five_statistics_by_hand():
    distance = torch.tensor([[0.0], [0.0], [0.0], [4.0]])                    # mean 1, variance 3
    expected = [0.0, 4.0, 3.0, (-3 + 27) / 4 / 3 ** 1.5, (3 + 81) / 4 / 9]
    torch.testing.assert_close(semi_supervised.statistics(distance), torch.tensor([expected]))


def test_unlabeled_pictures_of_the_right_classes_move_prototypes_towards_the_true_means():
    rng = torch.Generator().manual_seed(1)
    means = torch.tensor([[0.0, 0.0], [5.0, 0.0], [0.0, 5.0]])
    z = means[:, None] + torch.randn(3, 21, 2, generator=rng)
    before, after = z[:, 0], soft_k_means(z[:, :1], z[:, 1:].flatten(0, 1))
    assert (after - means).square().sum() < (before - means).square().sum() / 4


def test_the_order_of_unlabeled_pictures_and_the_company_of_queries_do_not_matter(episode):
    support, x = episode.support, episode.query.x.flatten(0, 1)
    together = semi_supervised.predict(identity, {}, support, x)
    loose = support.x[:, 2:].flatten(0, 1).flip(0).view(3, -1, 4)
    flipped = Examples(torch.cat([support.x[:, :2], loose], 1), support.y, support.mask)
    alone = torch.cat([semi_supervised.predict(identity, {}, flipped, one[None]) for one in x])
    torch.testing.assert_close(together, alone)


def test_the_gradient_reaches_the_radius_as_a_nudge_does(episode):
    def cost(radius):
        d = Distractors(torch.zeros(4).double(), radius)
        return semi_supervised.loss(identity, {}, episode, distractors=d)
    radius = number(1.5).requires_grad_()
    slope, = torch.autograd.grad(cost(radius), radius)
    nudged = (cost(number(1.5001)) - cost(number(1.4999))) / 2e-4
    assert slope.item() == pytest.approx(nudged.item(), rel=1e-5) and slope != 0


@pytest.mark.parametrize("call, message", [
    (lambda s: soft_k_means(s.x, s.x[0], steps=-1), "steps=-1; wanted 0 or more"),
    (lambda s: soft_k_means(s.x, s.x[0], distractors=Distractors(s.x[0, 0], number(0.0))),
     r"radius=0\.0; wanted a number > 0"),
    (lambda s: semi_supervised.predict(identity, {}, s._replace(y=s.y.clamp(min=0)), s.x[0]),
     "no picture of the support set is unlabeled"),
    (lambda s: semi_supervised.predict(lambda theta, x: x[..., None], {}, s, s.x[0]),
     r"shape \(3, 10, 4, 1\) for x of shape .* a vector for each"),
])
def test_what_cannot_be_refined_is_named(episode, call, message):
    with pytest.raises(ValueError, match=message):
        call(episode.support)
