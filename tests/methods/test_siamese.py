import itertools

import pytest
import torch

from metacourse.episode import Examples, task
from metacourse.methods import over_tasks, siamese
from tests.methods.pencil import pictures

KINDS = list(itertools.product(["contrastive", "triplet"], ["all", "hard"]))


def identity(theta, x):
    """The pixels themselves, scaled by θ."""
    return theta["scale"] * x.flatten(-3)


@pytest.fixture
def episodes(rng):
    return pictures(rng, tasks=3, shot=1, queries=2)


@pytest.fixture
def theta():
    return {"scale": torch.tensor(0.3, dtype=torch.float64)}


def points(*numbers):
    """Points on a line."""
    return torch.tensor(numbers)[:, None]


def test_the_same_are_pulled_however_far_and_the_different_pushed_up_to_the_margin():
    same = torch.tensor([True, False, False])
    each = [siamese.contrastive(points(0.0), points(3.0), same[i:i + 1], margin=4.0) for i in range(2)]
    assert [value.item() for value in each] == [4.5, 0.5]                    # ½ · 3² and ½ · (4 − 3)²
    together = siamese.contrastive(points(0.0, 0.0, 0.0), points(3.0, 3.0, 5.0), same, margin=4.0)
    torch.testing.assert_close(together, torch.tensor((4.5 + 0.5 + 0.0) / 3))


def test_only_different_pairs_within_the_margin_are_pushed():
    z_b = points(1.0, 3.0, 1.0, 3.0).requires_grad_()
    same = torch.tensor([True, True, False, False])
    siamese.contrastive(torch.zeros(4, 1), z_b, same, margin=2.0).backward()
    force = -4 * z_b.grad.squeeze()                                          # of each pair; + is apart
    assert force.tolist() == [-1.0, -3.0, 1.0, 0.0]


def test_a_triplet_costs_what_is_missing_of_the_margin():
    a, p = points(0.0, 0.0), points(1.0, 1.0)
    assert siamese.triplet(a, p, points(1.5, 3.0), margin=1.0).item() == 0.25        # ½ and 0


def test_two_pictures_in_one_point_give_a_finite_gradient():
    z = torch.zeros(2, 3, requires_grad=True)
    value = siamese.contrastive(z[:1], z[1:], torch.tensor([False]), margin=1.0)
    gradient, = torch.autograd.grad(value, z)
    assert value.item() == 0.5 and gradient.isfinite().all()


def test_the_hardest_are_those_a_search_through_all_pairs_finds(rng):
    z, y = torch.randn(9, 4, generator=rng), torch.tensor([0, 1, 2, 2, 1, 0, 0, 1, 2])
    positive, negative = siamese.hardest(z, y)
    for i in range(9):
        distance = [(z[i] - z[j]).norm().item() for j in range(9)]
        like = [j for j in range(9) if y[j] == y[i] and j != i]
        unlike = [j for j in range(9) if y[j] != y[i]]
        assert positive[i] == max(like, key=lambda j: distance[j])
        assert negative[i] == min(unlike, key=lambda j: distance[j])


def by_hand(z, y, *, margin, kind, mining):
    """The loss once more, by walking through pairs and triplets one at a time."""
    def d(i, j):
        return (z[i] - z[j]).norm()

    def contrastive(pairs):
        return sum(0.5 * (d(i, j)**2 if y[i] == y[j] else max(0, margin - d(i, j))**2)
                   for i, j in pairs) / len(pairs)
    n, triplets = range(len(y)), []
    for a in n:
        like, unlike = [j for j in n if y[j] == y[a] and j != a], [j for j in n if y[j] != y[a]]
        if mining == "hard":
            like, unlike = [max(like, key=lambda j: d(a, j))], [min(unlike, key=lambda j: d(a, j))]
        triplets += [(a, p, q) for p in like for q in unlike]
    if kind == "triplet":
        return sum(max(0, margin + d(a, p) - d(a, q)) for a, p, q in triplets) / len(triplets)
    same, different = {(a, p) for a, p, _ in triplets}, {(a, q) for a, _, q in triplets}
    return (contrastive(same) + contrastive(different)) / 2


@pytest.mark.parametrize("kind, mining", KINDS)
def test_the_loss_is_what_walking_through_all_pairs_gives(theta, episodes, kind, mining):
    episode = task(episodes, 0)
    x = torch.cat([episode.support.x, episode.query.x], dim=1)
    y = torch.cat([episode.support.y, episode.query.y], dim=1)
    expected = by_hand(identity(theta, x).flatten(0, 1), y.flatten(), margin=1.5, kind=kind, mining=mining)
    assert expected > 0.01
    found = siamese.loss(identity, theta, episode, margin=1.5, kind=kind, mining=mining)
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("kind, mining", KINDS)
def test_shuffling_classes_and_pictures_changes_no_loss(theta, episodes, kind, mining):
    episode, settings = task(episodes, 0), dict(margin=1.5, kind=kind, mining=mining)
    flipped = type(episode)(*(Examples(half.x[[2, 0, 1]].flip(1), half.y) for half in episode))
    torch.testing.assert_close(siamese.loss(identity, theta, flipped, **settings),
                               siamese.loss(identity, theta, episode, **settings))


@pytest.mark.parametrize("kind, mining", KINDS)
def test_all_tasks_at_once_give_the_loss_and_gradient_of_the_loop(theta, episodes, kind, mining):
    theta, settings = {"scale": theta["scale"].requires_grad_()}, dict(margin=1.5, kind=kind, mining=mining)
    found = [siamese.meta_loss(identity, theta, episodes, **settings),
             over_tasks.mean_loss(lambda *task: siamese.loss(identity, *task, **settings), theta, episodes,
                                  over="vmap")]
    torch.testing.assert_close(found[0], found[1])
    torch.testing.assert_close(*(torch.autograd.grad(value, theta["scale"]) for value in found))


def test_the_nearest_support_picture_names_the_class():
    support = Examples(points(0.0, 4.0, 1.0, 9.0).reshape(2, 2, 1, 1, 1), torch.tensor([[0, 0], [1, 1]]))
    scores = siamese.predict(lambda theta, x: x.flatten(-3), {}, support, points(3.0).reshape(1, 1, 1, 1))
    assert scores.tolist() == [[-1.0, -2.0]]                                 # the class means say otherwise


def test_padding_is_never_the_nearest():
    x, mask = points(0.0, 3.0, 1.0, 9.0).reshape(2, 2, 1, 1, 1), torch.tensor([[True, False], [True, True]])
    support = Examples(x, torch.tensor([[0, 0], [1, 1]]), mask)
    scores = siamese.predict(lambda theta, x: x.flatten(-3), {}, support, points(3.0).reshape(1, 1, 1, 1))
    assert scores.tolist() == [[-3.0, -2.0]]


def test_shuffling_classes_shots_and_queries_together_changes_no_answer(theta, rng):
    episode, order = task(pictures(rng, tasks=1), 0), [2, 0, 1]
    x, shuffled = episode.query.x.flatten(0, 1), Examples(episode.support.x[order].flip(1), episode.support.y)
    torch.testing.assert_close(siamese.predict(identity, theta, shuffled, x.flip(0)),
                               siamese.predict(identity, theta, episode.support, x)[:, order].flip(0))


def test_a_query_is_answered_the_same_alone_and_in_company(theta, episodes):
    episode, x = task(episodes, 0), task(episodes, 0).query.x.flatten(0, 1)
    alone = torch.cat([siamese.predict(identity, theta, episode.support, one[None]) for one in x])
    torch.testing.assert_close(alone, siamese.predict(identity, theta, episode.support, x))


def test_a_margin_must_be_positive():
    with pytest.raises(ValueError, match=r"margin=0\.0; wanted a distance > 0"):
        siamese.triplet(points(0.0), points(0.0), points(0.0), margin=0.0)


def test_an_unknown_kind_is_named(theta, episodes):
    with pytest.raises(ValueError, match="kind='pairs', mining='all'; wanted 'contrastive' or 'triplet'"):
        siamese.loss(identity, theta, task(episodes, 0), margin=1.0, kind="pairs")


@pytest.mark.parametrize("y", [[0, 0, 0], [0, 0, 1]])
def test_pictures_without_a_like_or_an_unlike_one_are_refused(y):
    with pytest.raises(ValueError, match="the 3 pictures lack pairs; wanted 2 or more classes"):
        siamese.hardest(points(0.0, 1.0, 2.0), torch.tensor(y))


def test_maps_are_refused(theta, episodes):
    with pytest.raises(ValueError, match=r"wanted \(3, 3, 'dim'\), a vector for each"):
        siamese.loss(lambda theta, x: x, theta, task(episodes, 0), margin=1.0)


def test_a_class_without_shots_is_refused(theta, episodes):
    support = task(episodes, 0).support._replace(mask=torch.tensor([[True], [False], [True]]))
    with pytest.raises(ValueError, match=r"\[1, 0, 1\] shots; wanted one class or more, and one shot"):
        siamese.predict(identity, theta, support, task(episodes, 0).query.x.flatten(0, 1))


def test_unequal_shots_are_refused(theta, episodes):
    episode = task(episodes, 0)
    masked = episode._replace(support=episode.support._replace(mask=torch.ones(3, 1, dtype=torch.bool)))
    with pytest.raises(ValueError, match="wanted equal ones, because padding would be paired"):
        siamese.loss(identity, theta, masked, margin=1.0)
