import pytest
import torch

from metacourse.data import navigation
from metacourse.data.navigation import Navigation


def test_a_step_goes_a_tenth_of_the_action_and_is_paid_minus_the_distance_left():
    world = Navigation(torch.tensor([0.4, 0.45]))
    state, reward = world.step(world.start(1), torch.tensor([[1.0, 0.5]]))
    torch.testing.assert_close(state, torch.tensor([[0.1, 0.05]]))
    assert reward.item() == pytest.approx(-0.5)                            # √(0.3² + 0.4²)


def test_nobody_walks_faster_than_the_largest_velocity():
    world = Navigation(torch.zeros(2))
    state, _ = world.step(world.start(1), torch.tensor([[7.0, -9.0]]))
    torch.testing.assert_close(state, torch.tensor([[0.1, -0.1]]))


def test_a_batch_of_worlds_is_each_world_alone():
    worlds = navigation.sample_tasks(tasks=3, rng=torch.Generator().manual_seed(0))
    actions = torch.randn(3, 4, 2, generator=torch.Generator().manual_seed(1))
    state, reward = worlds.step(worlds.start(4), actions)
    for i, goal in enumerate(worlds.goal):
        alone = Navigation(goal)
        torch.testing.assert_close((state[i], reward[i]), alone.step(alone.start(4), actions[i]))


def test_goals_fill_the_square_of_side_one_around_the_start():
    goal = navigation.sample_tasks(tasks=5000, rng=torch.Generator().manual_seed(0)).goal
    assert (goal.abs() <= 0.5).all()
    torch.testing.assert_close(goal.amax(0), torch.full((2,), 0.5), atol=0.005, rtol=0)
    torch.testing.assert_close(goal.mean(0), torch.zeros(2), atol=0.02, rtol=0)


def test_no_task_at_all_is_refused():
    with pytest.raises(ValueError, match="tasks=0"):
        navigation.sample_tasks(tasks=0, rng=torch.Generator())
