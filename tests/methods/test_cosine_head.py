import pytest
import torch

from metacourse.episode import Examples, task
from metacourse.methods import cosine_head, nearest
from tests.methods.pencil import pictures

FIT = dict(steps=20, lr=0.05, scale=5.0)


def identity(theta, x):
    return x.flatten(-3)


@pytest.fixture
def episode():
    return task(pictures(torch.Generator().manual_seed(0), tasks=1), 0)


def test_a_cosine_by_hand():
    w, z = torch.tensor([[2.0, 0.0], [0.0, 0.5]]), torch.tensor([[3.0, 4.0]])
    torch.testing.assert_close(cosine_head.scores(w, z, scale=10.0), torch.tensor([[6.0, 8.0]]))


def test_without_a_scale_no_class_of_five_can_be_sure():
    w = torch.cat([torch.ones(1, 1), -torch.ones(4, 1)])                     # cosines 1, −1, −1, −1, −1
    surest = cosine_head.scores(w, torch.ones(1, 1), scale=1.0).softmax(-1).max()
    assert surest.item() == pytest.approx(1 / (1 + 4 * 2.718281828 ** -2)) and surest < 0.65


def test_without_a_step_it_is_the_nearest_class_mean_by_angle(episode):
    one = Examples(episode.support.x[:, :1], episode.support.y[:, :1])
    x = episode.query.x.flatten(0, 1)
    scores = cosine_head.predict(identity, {}, one, x, steps=0, lr=0.1, scale=1.0)
    torch.testing.assert_close(scores, nearest.predict(one, x, metric="cosine"))


def test_steps_lower_the_loss_on_the_support_set(episode):
    x = episode.support.x.flatten(0, 1)

    def surprise(steps):
        scores = cosine_head.predict(identity, {}, episode.support, x, steps=steps, lr=0.05, scale=5.0)
        return torch.nn.functional.cross_entropy(scores, episode.support.y.flatten())
    assert surprise(20) < surprise(5) < surprise(0)


def test_renaming_classes_renames_their_scores(episode):
    x, order = episode.query.x.flatten(0, 1), [2, 0, 1]
    scores = cosine_head.predict(identity, {}, episode.support, x, **FIT)
    renamed = Examples(episode.support.x[order], episode.support.y)
    torch.testing.assert_close(cosine_head.predict(identity, {}, renamed, x, **FIT), scores[:, order])


def test_a_query_is_scored_alike_alone_and_in_company(episode):
    x = episode.query.x.flatten(0, 1)
    together = cosine_head.predict(identity, {}, episode.support, x, **FIT)
    torch.testing.assert_close(cosine_head.predict(identity, {}, episode.support, x[:1], **FIT), together[:1])


@pytest.mark.parametrize("wrong, message", [
    (dict(scale=0.0), r"scale=0.0; wanted a number > 0"),
    (dict(lr=0.0), "lr=0.0; wanted 0 or more steps and a positive rate"),
])
def test_settings_that_cannot_be_are_named(episode, wrong, message):
    with pytest.raises(ValueError, match=message):
        cosine_head.predict(identity, {}, episode.support, episode.query.x[0], **{**FIT, **wrong})
