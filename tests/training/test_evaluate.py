import warnings

import pytest
import torch

from metacourse.episode import Episode, Examples
from metacourse.training import ChanceWarning, evaluate, paired_difference
from metacourse.training.reproducible import generator

DICE = generator(7)


def episodes(seed, *, tasks=20, way=5, queries=4):
    """Meta-batch whose inputs are one-hot labels with a little noise: [tasks, way, shot, way]."""
    y = torch.arange(way)[:, None]
    x = torch.eye(way)[:, None].expand(tasks, way, 1 + queries, way)
    x = x + 0.01 * torch.rand(x.shape, generator=generator(seed))
    labels = y.expand(tasks, way, 1 + queries)
    return Episode(Examples(x[:, :, :1], labels[..., :1]), Examples(x[:, :, 1:], labels[..., 1:]))


def right(support, x):
    """A learner that knows every class."""
    return x


def right_for(classes):
    """A learner that knows the first `classes` classes, and calls all others class 0."""
    def predict(support, x):
        return torch.where((x.argmax(-1) < classes)[:, None], x, torch.eye(x.shape[1])[0])
    return predict


def test_the_interval_is_that_of_the_pencil():
    """Four tasks of 0, 0, 1, 1 right: mean ½, s = √(1/3), 1.96 s/√4 = 0.566."""
    support, query = episodes(0, tasks=4, way=2)
    upside_down = query.x * torch.tensor([-1.0, -1.0, 1.0, 1.0])[:, None, None, None]
    with pytest.warns(ChanceWarning):
        found = evaluate(right, Episode(support, Examples(upside_down, query.y)))
    assert found.per_episode.tolist() == [0, 0, 1, 1] and found.accuracy == 0.5
    assert found.interval == pytest.approx(1.96 * (1 / 3) ** 0.5 / 2)


def test_a_perfect_learner_is_perfect_and_sure():
    found = evaluate(right, episodes(0))
    assert (found.accuracy, found.interval, found.chance, float(found)) == (1.0, 0.0, 0.2, 1.0)
    assert str(found) == "100.0 ± 0.0 %  (only 20 episodes, 600 are usual, chance 20 %, inductive)"


def test_enough_episodes_are_reported_without_advice():
    found = evaluate(right, episodes(0, tasks=600, queries=1))
    assert str(found) == "100.0 ± 0.0 %  (600 episodes, chance 20 %, inductive)"


def test_meta_batches_and_single_tasks_give_the_same():
    whole = episodes(0, tasks=6)

    def cut(where):
        return Episode(*(Examples(half.x[where], half.y[where]) for half in whole))
    parts, single = [cut(slice(0, 4)), cut(slice(4, 6))], [cut(i) for i in range(6)]
    found = [evaluate(right_for(3), given) for given in (whole, parts, single)]
    assert all(torch.equal(found[0].per_episode, other.per_episode) for other in found)
    assert len({other.fingerprint for other in found}) == 1


def test_the_learner_never_gets_a_query_label_and_gets_all_queries_at_once():
    shapes = []

    def predict(support, x):
        shapes.append((tuple(support.x.shape), tuple(x.shape)))
        return x
    evaluate(predict, episodes(0, tasks=2))
    assert shapes.count(((5, 1, 5), (20, 5))) == 2                  # two tasks
    assert shapes.count(((5, 1, 5), (1, 5))) == 5                   # one query of each class, alone


@pytest.mark.parametrize("predict, policy", [
    (right, "inductive"),
    (lambda support, x: x * 100 + 1e-4 * len(x), "inductive"),      # rounding is no leak
    (lambda support, x: x - x.mean(0), "transductive"),
    (lambda support, x: x + 0.1 * torch.rand(x.shape, generator=DICE), "undetermined"),
])
def test_the_policy_is_measured(predict, policy):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ChanceWarning)
        assert evaluate(predict, episodes(0)).policy == policy


def test_padded_queries_do_not_count():
    whole = episodes(0, tasks=2, way=2, queries=4)
    mask = torch.tensor([[True, True, False, False], [True, True, True, True]]).expand(2, 2, 4)
    wrong = torch.where(mask[..., None], whole.query.x, -whole.query.x)     # wrong wherever it is padding
    found = evaluate(right, Episode(whole.support, Examples(wrong, whole.query.y, mask)))
    assert found.accuracy == 1.0


def test_chance_is_that_of_each_task():
    found = evaluate(right, [episodes(0, way=5), episodes(1, way=20)])
    assert found.chance == pytest.approx((1 / 5 + 1 / 20) / 2)


def test_an_interval_that_contains_chance_warns():
    with pytest.warns(ChanceWarning, match=r"20\.0 ± 0\.0 % cannot be told from chance \(20 %\)"):
        evaluate(right_for(1), episodes(0))


def test_a_paired_difference_sees_what_two_intervals_hide():
    """Every other task is hard for both learners, and one learner is better by one class of five in all."""
    support, query = episodes(0, tasks=8)
    hard = torch.arange(8)[:, None, None, None] % 2                     # marked by 1 on top of each number
    given = Episode(Examples(support.x + hard, support.y), Examples(query.x + hard, query.y))

    def learner(easy, hard):
        return lambda support, x: right_for(hard if support.x.min() >= 1 else easy)(support, x)
    a, b = evaluate(learner(5, 3), given), evaluate(learner(4, 2), given)
    assert a.accuracy - a.interval < b.accuracy + b.interval                # the two intervals overlap
    assert str(paired_difference(a, b)) == "+20.0 ± 0.0 points"
    assert str(paired_difference(a, a)) == "+0.0 ± 0.0 points, which may be no difference at all"


def test_different_episodes_cannot_be_paired():
    a, b, c = (evaluate(right, given) for given in (episodes(0), episodes(1), episodes(0, tasks=10)))
    with pytest.raises(ValueError, match="different episodes"):
        paired_difference(a, b)
    with pytest.raises(ValueError, match=r"20 and 10 of them"):
        paired_difference(a, c)


@pytest.mark.parametrize("predict, given, message", [
    (lambda support, x: x.argmax(-1), episodes(0), r"returned \[20\] for 20 queries of a 5-way task"),
    (lambda support, x: x[:, :3], episodes(0), r"wanted \[20, 5\]"),
    (right, episodes(0, tasks=1), "got 1 episodes"),
    (right, [], "got 0 episodes"),
])
def test_what_cannot_be_scored_is_said(predict, given, message):
    with pytest.raises(ValueError, match=message):
        evaluate(predict, given)
