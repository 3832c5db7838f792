import math

import pytest
import torch

from metacourse.data import sinusoids
from metacourse.data.sinusoids import Sinusoids


def rng() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def test_a_wave_is_amplitude_times_the_sine_of_x_minus_phase():
    waves = Sinusoids(torch.tensor([2.0, 3.0]), torch.tensor([0.0, math.pi / 2]))
    x = torch.tensor([[[math.pi / 2]], [[math.pi / 2]]])
    assert waves(x).flatten().tolist() == pytest.approx([2.0, 0.0])


def test_without_noise_every_example_lies_on_its_wave():
    waves = sinusoids.sample_tasks(tasks=4, rng=rng())
    episodes = sinusoids.episodes_of(waves, shot=5, queries=7, rng=rng())
    assert episodes.support.x.shape == (4, 5, 1) and episodes.query.y.shape == (4, 7, 1)
    assert torch.equal(episodes.query.y, waves(episodes.query.x))


def test_waves_and_inputs_fill_the_ranges_of_the_paper():
    waves = sinusoids.sample_tasks(tasks=5000, rng=rng())
    x = sinusoids.episodes_of(waves, shot=1, queries=1, rng=rng()).support.x
    for values, (low, high) in ((waves.amplitude, (0.1, 5)), (waves.phase, (0, math.pi)), (x, (-5, 5))):
        edge = (high - low) / 100
        assert low <= values.min() < low + edge and high - edge < values.max() <= high


def test_noise_has_the_deviation_asked_for():
    waves = sinusoids.sample_tasks(tasks=2000, rng=rng())
    support = sinusoids.episodes_of(waves, shot=5, queries=1, rng=rng(), noise=0.3).support
    assert (support.y - waves(support.x)).std().item() == pytest.approx(0.3, rel=0.05)


def test_sample_episodes_draws_the_waves_first_and_the_points_after():
    one, other = rng(), rng()
    episodes = sinusoids.sample_episodes(tasks=3, shot=5, queries=5, rng=one)
    by_hand = sinusoids.episodes_of(sinusoids.sample_tasks(tasks=3, rng=other), shot=5, queries=5, rng=other)
    assert torch.equal(episodes.query.y, by_hand.query.y)


@pytest.mark.parametrize("wrong", [dict(shot=0), dict(noise=-1.0), dict(tasks=0)])
def test_impossible_settings_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        sinusoids.sample_episodes(**dict(tasks=2, shot=5, queries=5, rng=rng()) | wrong)
