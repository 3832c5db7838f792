"""The network of two parameters, and what its plane looks like to an inner loop."""
import math

import pytest
import torch

from metacourse.data import sinusoids
from metacourse.episode import Examples, task
from metacourse.methods import losses, maml
from metacourse.models import wave

LOSS = losses.mse(wave.apply)


def whole_waves(amplitude, phase):
    """Twelve evenly spread points of a full wave, so that means of sin² are exactly a half."""
    x = torch.arange(12, dtype=torch.float64)[:, None] * 2 * math.pi / 12
    return Examples(x, amplitude * torch.sin(x - phase))


def at(phase, amplitude):
    return {name: p.double() for name, p in wave.at(phase=phase, amplitude=amplitude).items()}


def test_it_is_a_wave_of_its_amplitude_and_phase():
    x = torch.tensor([[0.0], [math.pi / 2], [math.pi]])
    assert wave.apply(wave.at(phase=0, amplitude=3), x)[:, 0].tolist() == pytest.approx([0, 3, 0], abs=1e-5)
    assert wave.apply(wave.at(phase=math.pi / 2, amplitude=3), x)[0].item() == pytest.approx(-3)


def test_a_task_is_solved_at_its_own_amplitude_and_phase(rng):
    waves = sinusoids.sample_tasks(tasks=1, rng=rng)
    support = task(sinusoids.episodes_of(waves, shot=9, queries=0, rng=rng), 0).support
    theta = wave.at(phase=waves.phase[0], amplitude=waves.amplitude[0])
    assert LOSS(theta, support).item() == pytest.approx(0, abs=1e-10)


def test_over_whole_waves_the_loss_is_half_the_squared_distance_in_polar_coordinates():
    wanted = 0.5 * abs(1.5 * torch.exp(torch.tensor(0.4j)) - 2.0 * torch.exp(torch.tensor(1.3j))) ** 2
    assert LOSS(at(0.4, 1.5), whole_waves(2.0, 1.3)).item() == pytest.approx(wanted.item(), rel=1e-6)


@pytest.mark.parametrize("amplitude", [0.0, 0.5, 2.0])
def test_the_smaller_the_amplitude_the_less_the_phase_can_learn(amplitude):
    slope = torch.func.grad(LOSS)(at(0.0, amplitude), whole_waves(2.0, math.pi / 2))["phase"]
    assert slope.item() == pytest.approx(-2.0 * amplitude, abs=1e-6)        # −aA sin(B − b), by hand


def test_the_mean_loss_is_lowest_at_the_mean_of_the_waves():
    tasks = [whole_waves(amplitude, phase) for amplitude, phase in [(1, 0), (3, 0), (2, math.pi)]]
    joint = at(0.0, 2 / 3)                                                  # (1 + 3 − 2) / 3
    slopes = [torch.func.grad(LOSS)(joint, task) for task in tasks]
    assert sum(slope["amplitude"] for slope in slopes).item() == pytest.approx(0, abs=1e-7)
    assert sum(slope["phase"] for slope in slopes).item() == pytest.approx(0, abs=1e-7)


def test_the_maml_point_is_worse_before_adapting_and_better_after(rng):
    episodes = sinusoids.sample_episodes(tasks=300, shot=10, queries=20, rng=rng)
    joint, easy = (wave.at(phase=math.pi / 2, amplitude=amplitude) for amplitude in (1.6, 2.7))

    def mean_loss(theta, inner_steps):
        inner = dict(inner_lr=0.1, inner_steps=inner_steps)
        return maml.meta_gradient(LOSS, theta, episodes, over="vmap", **inner)[0]
    assert mean_loss(easy, 0) > 1.1 * mean_loss(joint, 0)
    assert mean_loss(easy, 1) < 0.8 * mean_loss(joint, 1)
    assert mean_loss(easy, 3) < 0.9 * mean_loss(joint, 3)
