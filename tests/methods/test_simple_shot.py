import pytest
import torch
import torch.nn.functional as F

from metacourse.episode import Examples, task
from metacourse.methods import nearest, protonet, simple_shot
from tests.methods.pencil import pictures


def identity(theta, x):
    return x.flatten(-3)


def as_pictures(rows):
    return torch.tensor(rows)[:, None, None]                                 # [n, 1, 1, dim]


TWO = Examples(as_pictures([[11.0, 10.0], [10.0, 14.0]])[:, None], torch.tensor([[0], [1]]))


@pytest.fixture
def episode():
    return task(pictures(torch.Generator().manual_seed(0), tasks=1), 0)


def test_centering_and_length_one_by_hand():
    z = torch.tensor([[3.0, 4.0], [1.0, 1.0], [0.0, 5.0]])
    torch.testing.assert_close(simple_shot.transform(z)[0], torch.tensor([0.6, 0.8]))
    centered = simple_shot.transform(z, torch.tensor([0.0, 1.0]))
    torch.testing.assert_close(centered[1:], torch.tensor([[1.0, 0.0], [0.0, 1.0]]))


def test_the_center_is_the_mean_of_every_picture_of_the_base_classes():
    z = torch.tensor([[[0.0, 0.0], [2.0, 0.0]], [[0.0, 4.0], [2.0, 8.0]]])   # [class, drawing, dim]
    assert simple_shot.center(z).tolist() == [1.0, 3.0]


def test_a_common_mean_hides_directions_until_it_is_taken_off():
    query = as_pictures([[14.0, 10.5]])                     # far out along class 0's direction from (10, 10)
    plain = simple_shot.predict(identity, {}, TWO, query).softmax(-1)
    centered = simple_shot.predict(identity, {}, TWO, query, center=torch.tensor([10.0, 10.0])).softmax(-1)
    assert plain[0, 0] < 0.55 and centered[0, 0] > 0.8


def test_scores_are_squared_distances_on_the_circle():
    scores = simple_shot.predict(identity, {}, TWO, as_pictures([[15.0, 10.0]]),
                                 center=torch.tensor([10.0, 10.0]))
    torch.testing.assert_close(scores[0, 0] - scores[0, 1], torch.tensor(2.0))       # 0 against (√2)²


def test_one_shot_l2n_is_nearest_by_cosine(episode):
    one = Examples(episode.support.x[:, :1], episode.support.y[:, :1])
    x = episode.query.x.flatten(0, 1)
    ours = simple_shot.predict(identity, {}, one, x)
    cosine = nearest.predict(one, x, metric="cosine")                        # ‖a − b‖² = 2 − 2 cos(a, b)
    torch.testing.assert_close(ours, (2 * cosine).log_softmax(-1))


def test_features_are_transformed_before_they_are_averaged(episode):
    x, center = episode.query.x.flatten(0, 1), torch.randn(25, dtype=torch.float64)

    def by_hand(theta, x):
        return F.normalize(x.flatten(-3) - center, dim=-1)
    torch.testing.assert_close(simple_shot.predict(identity, {}, episode.support, x, center=center),
                               protonet.predict(by_hand, {}, episode.support, x))


def test_the_order_of_shots_and_the_company_of_queries_do_not_matter(episode):
    x, flipped = episode.query.x.flatten(0, 1), Examples(episode.support.x.flip(1), episode.support.y)
    alone = torch.cat([simple_shot.predict(identity, {}, flipped, one[None]) for one in x])
    torch.testing.assert_close(simple_shot.predict(identity, {}, episode.support, x), alone)


def test_the_brightness_of_a_picture_does_not_matter(episode):
    x = episode.query.x.flatten(0, 1)
    torch.testing.assert_close(simple_shot.predict(identity, {}, episode.support, 7 * x),
                               simple_shot.predict(identity, {}, episode.support, x))


def test_a_center_of_another_embedding_is_refused():
    with pytest.raises(ValueError, match=r"center has shape \[3\] for features of 2 numbers; wanted \[2\]"):
        simple_shot.predict(identity, {}, TWO, as_pictures([[1.0, 1.0]]), center=torch.zeros(3))
