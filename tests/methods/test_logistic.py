import pytest
import torch
import torch.nn.functional as F

from metacourse.episode import Examples, task
from metacourse.methods import logistic
from tests.methods.pencil import pictures


def identity(theta, x):
    return x.flatten(-3)


@pytest.fixture
def episode():
    return task(pictures(torch.Generator().manual_seed(0), tasks=1), 0)


def test_halfway_between_two_classes_it_is_undecided():
    support = Examples(torch.tensor([-1.0, 1.0]).view(2, 1, 1, 1, 1), torch.tensor([[0], [1]]))
    x = torch.tensor([0.0, 2.0]).view(2, 1, 1, 1)
    halfway, right = logistic.predict(identity, {}, support, x, normalize=False).exp()
    torch.testing.assert_close(halfway, torch.tensor([0.5, 0.5]), atol=1e-4, rtol=0)
    assert right[1] > 0.5


def test_it_minimizes_what_it_says(episode):
    z, y, c = episode.support.x.reshape(6, 25), torch.tensor([0, 0, 1, 1, 2, 2]), 0.5
    w, b = (torch.zeros(shape, dtype=torch.float64, requires_grad=True) for shape in ((3, 25), (3,)))
    optimizer = torch.optim.LBFGS([w, b], max_iter=500, tolerance_grad=1e-10, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        value = w.square().sum() / 2 + c * F.cross_entropy(z @ w.T + b, y, reduction="sum")
        value.backward()
        return value
    optimizer.step(closure)
    x = episode.query.x.flatten(0, 1)
    ours = (x.flatten(1) @ w.T + b).detach().log_softmax(-1)
    theirs = logistic.predict(identity, {}, episode.support, x, c=c, normalize=False)
    torch.testing.assert_close(theirs, ours, atol=2e-3, rtol=0)


def test_a_small_c_makes_it_unsure(episode):
    x = episode.query.x.flatten(0, 1)
    unsure, sure = (logistic.predict(identity, {}, episode.support, x, c=c).exp().amax(-1).mean()
                    for c in (1e-4, 100.0))
    assert unsure.item() == pytest.approx(1 / 3, abs=0.01) and sure > 0.6


def test_renaming_classes_renames_their_scores(episode):
    x, order = episode.query.x.flatten(0, 1), [2, 0, 1]
    renamed = Examples(episode.support.x[order], episode.support.y)
    torch.testing.assert_close(logistic.predict(identity, {}, renamed, x),
                               logistic.predict(identity, {}, episode.support, x)[:, order],
                               atol=1e-3, rtol=0)


def test_with_length_one_brightness_does_not_matter(episode):
    x = episode.query.x.flatten(0, 1)
    brighter = episode.support._replace(x=9 * episode.support.x)
    torch.testing.assert_close(logistic.predict(identity, {}, brighter, 9 * x),
                               logistic.predict(identity, {}, episode.support, x))


def test_a_weight_of_nothing_is_refused(episode):
    with pytest.raises(ValueError, match=r"c=0\.0; wanted a number > 0: it weighs the examples"):
        logistic.predict(identity, {}, episode.support, episode.query.x[0], c=0.0)
