"""What the experiments on starts compute for many tasks at once is what the methods compute for one."""
from dataclasses import replace
from functools import partial

import pytest
import torch

from metacourse.data.sampling import sample_episodes
from metacourse.episode import Episode, Examples, tasks
from metacourse.experiments import anil_reuse, maml_family_glyphs, maml_overfitting_glyphs, starts
from metacourse.methods import losses, maml
from metacourse.training import evaluate

INNER = dict(inner_lr=0.4, inner_steps=2)
TRAINING = replace(starts.SMOKE, inner_steps=2, test_episodes=2)


@pytest.fixture
def images(rng):
    return torch.randint(0, 256, (8, 6, 1, 28, 28), generator=rng, dtype=torch.uint8)


@pytest.fixture
def episodes(images, rng):
    return sample_episodes(images, tasks=3, way=5, shot=1, queries=2, rng=rng)


@pytest.fixture(scope="module")
def learner():
    apply, theta = starts.network(TRAINING, seed=0)
    return apply, theta, losses.cross_entropy(apply)


@pytest.mark.filterwarnings("ignore::metacourse.training.ChanceWarning")
def test_the_walk_of_all_tasks_at_once_scores_what_each_task_alone_does(learner, images):
    apply, theta, loss = learner
    drawn = starts.tests(TRAINING, images, episodes=2)
    walked = starts.walk(apply, theta, drawn, steps=(0, 2), inner_lr=0.4)
    for steps, correct in walked.items():
        predict = partial(maml.predict, apply, theta, loss=loss, inner_lr=0.4, inner_steps=steps)
        assert correct.tolist() == pytest.approx(evaluate(predict, drawn).per_episode.tolist())


def test_what_is_not_to_move_stays(learner, episodes):
    _, theta, loss = learner
    support = tasks(episodes)[0].support
    phi = starts.adapt_only(loss, theta, support, only=("head", "body.3."), **INNER)
    moved = {name for name in theta if not phi[name].equal(theta[name])}
    assert moved == {name for name in theta if name.startswith(("head", "body.3."))}


def test_reptiles_gradient_leads_away_from_where_all_pictures_lead(learner, episodes):
    _, theta, loss = learner
    _, gradient = starts.reptile_gradient(loss, theta, episodes, **INNER)
    for name, apart in gradient.items():
        ends = []
        for (x, y, _), (x_query, y_query, _) in tasks(episodes):
            together = Examples(torch.cat([x, x_query], dim=1), torch.cat([y, y_query], dim=1))
            ends.append(maml.adapt(loss, theta, together, **INNER)[name])
        torch.testing.assert_close(apart, theta[name] - torch.stack(ends).mean(0), atol=1e-5, rtol=1e-4)


def test_directions_are_compared_task_by_task():
    exact = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    other = torch.tensor([[2.0, 0.0], [3.0, -4.0]])
    found = maml_family_glyphs.compared(exact, other)                    # cosines 1 and -4/5
    assert found["cosine"] == pytest.approx(0.1) and found["uphill"] == 0.5
    assert found["cosine_of_means"] == pytest.approx(0.5**0.5 * (2.5 - 2.0) / (2.5**2 + 2.0**2)**0.5)


def test_the_mean_of_each_tasks_gradient_is_the_meta_gradient(learner, episodes):
    apply, theta, loss = learner
    exactly = {name: p.double() for name, p in theta.items()}
    tasks64 = Episode(*(half._replace(x=half.x.double()) for half in episodes))
    each = maml_family_glyphs.each_gradient("maml", TRAINING, apply, exactly, tasks64)
    _, gradient = maml.meta_gradient(loss, exactly, tasks64, over="loop", **INNER)
    torch.testing.assert_close(each.mean(0), torch.cat([g.flatten() for g in gradient.values()]))


def test_inverted_tasks_are_inverted_in_support_and_query_alike(episodes, rng):
    changed = anil_reuse.inverted(episodes, rng)
    for before, after in zip(tasks(episodes), tasks(changed)):
        flipped = after.support.x.equal(1 - before.support.x)
        assert flipped or after.support.x.equal(before.support.x)
        assert after.query.x.equal(1 - before.query.x if flipped else before.query.x)


def test_similarity_is_1_for_a_rotation_and_0_for_what_is_unrelated():
    z = torch.tensor([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
    assert anil_reuse.cka(z, 3 * z @ torch.tensor([[0.0, 1.0], [-1.0, 0.0]])).item() == pytest.approx(1)
    assert anil_reuse.cka(z[:, :1], z[:, 1:]).item() == pytest.approx(0)


def test_early_stopping_waits_for_its_patience():
    steps, values = [20, 40, 60, 80, 100], [0.3, 0.5, 0.4, 0.45, 0.2]
    assert maml_overfitting_glyphs.stop(steps, values, patience=2) == 80
    assert maml_overfitting_glyphs.stop(steps, values, patience=4) is None
