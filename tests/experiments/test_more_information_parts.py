"""Whole meta-batches at once give what the methods give one task at a time."""
from functools import partial

import pytest
import torch

from metacourse.data import unlabeled
from metacourse.data.sampling import sample_episodes
from metacourse.episode import Examples
from metacourse.experiments import more_information_parts as parts
from metacourse.methods import protonet, semi_supervised, side_information
from metacourse.training import evaluate
from metacourse.training.reproducible import generator


def identity(theta, x):
    return x


@pytest.fixture
def z():
    rng = generator(0)
    return 2 * torch.randn(12, 1, 4, generator=rng) + torch.randn(12, 9, 4, generator=rng)


def test_unlabeled_pictures(z):
    episodes = unlabeled.sample_episodes(z, tasks=6, way=3, shot=1, unlabeled=3, distractors=3, queries=4,
                                         rng=generator(1))
    gate = parts.constant_gate(0.5, 20.0)
    for settings in ({"steps": 0}, {"steps": 3}, {"gate": gate}):
        one_by_one = evaluate(partial(semi_supervised.predict, identity, {}, **settings), episodes)
        torch.testing.assert_close(parts.with_unlabeled(episodes, **settings), one_by_one.per_episode)


def test_descriptions(z):
    g = {"weight": torch.eye(4), "bias": torch.zeros(4)}                     # the guess is the description
    guess, shape = z.mean(1), dict(tasks=6, way=3, queries=4)
    glued = torch.cat([z, guess[:, None].expand_as(z)], -1)
    glued = sample_episodes(glued, shot=2, rng=generator(2), **shape)

    def predict(support, x):
        pictures, told = support.x.chunk(2, dim=-1)
        return side_information.predict(identity, {}, Examples(pictures, support.y), told[:, 0],
                                        x.chunk(2, dim=-1)[0], g=g, worth=0.5)
    ours = parts.with_descriptions(z, guess, worth=0.5, shot=2, **shape)
    torch.testing.assert_close(ours, evaluate(predict, glued).per_episode)


def test_questions_start_from_protonet_and_strangers_are_counted(z):
    shape = dict(way=3, pool=5, queries=4, tasks=8, budget=4, lucky=True)
    curve, wasted = parts.by_asking(z, strange=False, **shape)
    episodes = sample_episodes(z, tasks=8, way=6, shot=5, queries=4, rng=generator(3))
    c = episodes.support.x[:, :3, 0]                                         # one picture of each class
    scores = torch.stack([protonet.log_probs(q.flatten(0, 1), p) for q, p in zip(episodes.query.x[:, :3], c)])
    right = scores.argmax(-1).view(8, 3, 4) == torch.arange(3)[:, None]
    torch.testing.assert_close(curve[0], right.double().mean((1, 2)))
    assert curve.shape == (5, 8) and wasted == 0
    assert 0.3 < parts.by_asking(z, strange=True, **shape)[1] < 0.8          # 15 of the 27 in the pile
