import numpy as np
import pytest
import torch

from metacourse import figures
from metacourse.data import sinusoids
from metacourse.episode import task, tasks
from metacourse.figures.trajectories import levels, rings, surface
from metacourse.methods import losses
from metacourse.models import wave

LOSS = losses.mse(wave.apply)
PLANE = {"phase": (0.0, 2.0), "amplitude": (-1.0, 3.0)}


@pytest.fixture
def waves(rng):
    return sinusoids.sample_tasks(tasks=3, rng=rng)


@pytest.fixture
def episodes(waves, rng):
    return sinusoids.episodes_of(waves, shot=5, queries=5, rng=rng)


@pytest.mark.parametrize("of", [None, 1])
def test_a_landscape_says_the_loss_before_and_after(waves, episodes, of):
    starts = {"joint": wave.at(phase=1.5, amplitude=1.6), "MAML": wave.at(phase=1.5, amplitude=2.7)}
    picture = figures.landscape(LOSS, episodes, starts, plane=wave.PLANE, inner_lr=0.1, inner_steps=2,
                                optima=waves._asdict(), of=of, title="What is near?")
    before = torch.stack([LOSS(starts["joint"], query) for _, query in tasks(episodes)]).mean()
    assert f"joint: {before:.2f} → " in picture.alt
    assert "2 inner steps with α = 0.1 for 3 tasks" in picture.alt


def test_rows_of_a_surface_go_up_the_plane_and_columns_across(episodes):
    z = surface(LOSS, episodes, PLANE, of=0)
    support = task(episodes, 0).support
    assert z[0, -1].item() == pytest.approx(LOSS(wave.at(phase=2, amplitude=-1), support).item())
    assert z[-1, 0].item() == pytest.approx(LOSS(wave.at(phase=0, amplitude=3), support).item())


def test_the_mean_surface_is_the_mean_of_the_tasks(episodes):
    each = torch.stack([surface(LOSS, episodes, PLANE, of=i) for i in range(3)])
    assert torch.allclose(surface(LOSS, episodes, PLANE), each.mean(dim=0))


def test_rings_around_a_round_bowl_are_circles_of_equal_distance():
    x, ends = torch.linspace(-1, 1, 61), {"a": (-1, 1), "b": (-1, 1)}
    bowl = x[:, None] ** 2 + x[None] ** 2
    for k, (level, (ring, *_)) in enumerate(zip(levels(bowl), rings(bowl, ends)), start=1):
        radius = np.hypot(*ring.T)
        assert radius.max() == pytest.approx(level ** 0.5, abs=0.01)
        assert level ** 0.5 == pytest.approx(k * 2 ** 0.5 / 10)
