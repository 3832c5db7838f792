"""Walks and gradients for pictures: a pencil, then the library's own inner and outer loop."""
import pytest
import torch

from metacourse.data import sinusoids
from metacourse.episode import Episode, Examples, task, tasks
from metacourse.methods import losses, maml, reptile, trajectories
from metacourse.models import wave

LOSS = losses.mse(wave.apply)
INNER = dict(inner_lr=0.1, inner_steps=3)
THETA = {"phase": torch.tensor(0.3, dtype=torch.float64), "amplitude": torch.tensor(2.5, dtype=torch.float64)}
STARTS = {name: torch.stack([p, p + 0.5]) for name, p in THETA.items()}


def half_square(theta, examples):
    return 0.5 * (theta["w"] - examples.y).square().mean()


def pencil(y_support, y_query):
    """One task; θ is a number, and its loss ½(θ − y)²."""
    return Episode(*(Examples(torch.zeros(1, 1, 1), torch.tensor([[[y]]], dtype=torch.float64))
                     for y in (y_support, y_query)))


@pytest.fixture
def episodes(rng):
    drawn = sinusoids.sample_episodes(tasks=4, shot=6, queries=8, rng=rng)
    return Episode(*(Examples(half.x.double(), half.y.double()) for half in drawn))


def test_a_walk_and_its_gradients_are_those_of_the_pencil():
    three = {"w": torch.tensor(3.0, dtype=torch.float64)}
    starts = {"w": three["w"][None]}
    went = trajectories.walks(half_square, starts, pencil(1.0, 2.0), inner_lr=0.1, inner_steps=2)
    assert went.phi["w"][0, 0].tolist() == pytest.approx([3, 2.8, 2.62])
    assert went.query_loss[0, 0].tolist() == pytest.approx([0.5, 0.32, 0.5 * 0.62**2])
    found = trajectories.gradients(half_square, three, pencil(1.0, 2.0), inner_lr=0.1, inner_steps=2)
    wanted = {"exact": [1, 0.9 * 0.8, 0.81 * 0.62], "first-order": [1, 0.8, 0.62], "Reptile": [0, 0.2, 0.38]}
    wanted["finite differences"] = wanted["exact"]
    assert {kind: found[kind]["w"][0].tolist() for kind in found} == {
        kind: pytest.approx(values, abs=1e-8) for kind, values in wanted.items()}


def test_every_walk_is_the_inner_loop_of_its_task_from_its_start(episodes):
    went = trajectories.walks(LOSS, STARTS, episodes, **INNER)
    for i, j in [(0, 0), (1, 3)]:
        theta = {name: p[i] for name, p in STARTS.items()}
        phi = maml.adapt(LOSS, theta, task(episodes, j).support, **INNER)
        assert {name: p[i, j, -1].item() for name, p in went.phi.items()} == pytest.approx(
            {name: p.item() for name, p in phi.items()})
        assert went.query_loss[i, j, -1].item() == pytest.approx(LOSS(phi, task(episodes, j).query).item())


@pytest.mark.parametrize("inner_steps", [0, 1, 3])
@pytest.mark.parametrize("kind, of", [
    ("exact", maml.meta_gradient), ("finite differences", maml.meta_gradient),
    ("Reptile", reptile.meta_gradient), ("first-order",
     lambda *given, **inner: maml.meta_gradient(*given, first_order=True, **inner)),
])
def test_their_mean_over_tasks_is_what_the_method_hands_to_the_optimizer(kind, of, inner_steps, episodes):
    found = trajectories.gradients(LOSS, THETA, episodes, **INNER)[kind]
    _, wanted = of(LOSS, THETA, episodes, inner_lr=0.1, inner_steps=inner_steps)
    for name in THETA:
        assert found[name][:, inner_steps].mean().item() == pytest.approx(wanted[name].item(), abs=1e-7)


def test_each_task_has_its_own_gradient(episodes):
    together = trajectories.gradients(LOSS, THETA, episodes, **INNER)["exact"]["phase"]
    for i, (support, query) in enumerate(tasks(episodes)):
        alone = Episode(Examples(support.x[None], support.y[None]), Examples(query.x[None], query.y[None]))
        _, gradient = maml.meta_gradient(LOSS, THETA, alone, **INNER)
        assert together[i, -1].item() == pytest.approx(gradient["phase"].item())


def test_a_walk_that_explodes_stays_in_the_answer(episodes):
    went = trajectories.walks(LOSS, STARTS, episodes, inner_lr=1e100, inner_steps=5)
    assert not went.query_loss[..., -1].isfinite().any() and went.query_loss[..., 0].isfinite().all()
    found = trajectories.gradients(LOSS, THETA, episodes, inner_lr=1e100, inner_steps=5)
    assert found["exact"]["phase"].shape == (4, 6)


def test_heights_are_the_loss_at_each_point(episodes):
    support = task(episodes, 0).support
    assert trajectories.heights(LOSS, STARTS, support).tolist() == pytest.approx(
        [LOSS({name: p[i] for name, p in STARTS.items()}, support).item() for i in (0, 1)])


def test_the_angle_is_that_of_the_pencil():
    right, diagonal = ({"a": torch.tensor([1.0]), "b": torch.tensor([b])} for b in (0.0, -1.0))
    assert trajectories.angle(right, diagonal).tolist() == pytest.approx([45])
