"""The interval explorer: intervals as the evaluator computes them, and a count of wrong orders."""
import pytest
import torch
from traitlets import TraitError

from metacourse.training.evaluate import Evaluation, paired_difference
from metacourse.widgets import IntervalExplorer


def two_close_methods():
    rng = torch.Generator().manual_seed(0)
    hard, noise = torch.rand(600, generator=rng), torch.randn(2, 600, generator=rng)
    return (0.7 + 0.2 * hard + 0.05 * noise[0]).clamp(0, 1), (0.71 + 0.2 * hard + 0.05 * noise[1]).clamp(0, 1)


@pytest.fixture
def explorer():
    return IntervalExplorer(*two_close_methods(), ("MAML", "ProtoNet"))


def test_it_starts_where_fifty_episodes_put_the_worse_method_ahead(explorer):
    assert repr(explorer) == "IntervalExplorer(episodes=50, draws=1)"
    a, b, _ = explorer.result["means"]
    assert a > b and explorer.methods["truth"][2] < 0
    assert explorer.status.startswith("In this draw of 50 episodes each MAML leads by")
    assert explorer.status.endswith("the order is wrong. Wrong in 1 of 1 draw.")


def test_the_intervals_are_those_of_the_evaluator(explorer):
    explorer.episodes = 200
    chosen = torch.randint(600, (1, 200), generator=torch.Generator().manual_seed(2 * explorer._seed))[0]
    difference = paired_difference(*(Evaluation(0.0, 0.0, values.double()[chosen], 0.2, "inductive", "same")
                                     for values in two_close_methods()))
    assert explorer.result["means"][2] == pytest.approx(difference.mean)
    assert explorer.result["half_widths"][2] == pytest.approx(difference.interval)


def test_a_hundred_times_the_episodes_give_a_tenth_of_the_interval(explorer):
    explorer.episodes = 20
    wide = explorer.result["half_widths"]
    explorer.episodes = 2000
    assert [w / n for w, n in zip(wide, explorer.result["half_widths"])] == pytest.approx([10] * 3, rel=0.4)


def test_pairing_narrows_the_interval_where_both_find_the_same_episodes_hard(explorer):
    explorer.episodes = 2000
    a, b, paired = explorer.result["half_widths"]
    assert paired < 0.9 * (a**2 + b**2) ** 0.5


def test_more_draws_keep_the_earlier_ones_and_count_the_wrong(explorer):
    explorer.draws = 10
    first = explorer.result["differences"]
    explorer.draws = 200
    assert explorer.result["differences"][:10] == first
    assert explorer.result["wrong"] == sum(difference > 0 for difference in explorer.result["differences"])
    assert 0 < explorer.result["wrong"] < 100


def test_pairs_go_wrong_less_often_than_episodes_of_their_own(explorer):
    explorer.draws = 300
    paired = explorer._draw(50, 300, explorer._seed)[2].mean(dim=-1)
    assert (paired > 0).sum() < explorer.result["wrong"]


def test_the_order_is_wrong_less_often_with_more_episodes(explorer):
    wrong = []
    for explorer.episodes in (20, 200, 2000):
        explorer.draws = 300
        wrong.append(explorer.result["wrong"])
    assert wrong[0] > wrong[1] > wrong[2]


@pytest.mark.parametrize("episodes", [20, 2000])
@pytest.mark.parametrize("draws", [1, 500])
def test_every_control_reaches_both_ends(explorer, episodes, draws):
    explorer.set_state({"episodes": episodes, "draws": draws})
    assert len(explorer.result["differences"]) == draws


@pytest.mark.parametrize("a, b", [([0.2, 0.4, 0.6], [0.2, 0.4, 0.6]), ([0.0, 0.0], [1.0, 1.0])])
def test_equal_or_constant_methods_can_be_looked_at(a, b):
    low, high = IntervalExplorer(a, b).axes["accuracy"]
    assert 0 <= low < high <= 1 + 1e-9


def test_strips_are_as_wide_as_the_data_and_end_on_whole_points(explorer):
    (low, high), (left, right) = explorer.axes["accuracy"], explorer.axes["difference"]
    assert low < min(explorer.methods["truth"][:2]) and max(explorer.methods["truth"][:2]) < high
    assert left == -right and (100 * right) % 2 == pytest.approx(0, abs=1e-6)


def test_unpaired_episodes_are_refused():
    with pytest.raises(ValueError, match="3 and 2 episodes cannot be paired"):
        IntervalExplorer([0.1, 0.2, 0.3], [0.1, 0.2])


def test_a_number_of_episodes_out_of_range_is_refused(explorer):
    with pytest.raises(TraitError, match="episodes=19: choose 20 to 2000"):
        explorer.episodes = 19


def test_the_still_picture_tells_the_present_state(explorer):
    explorer.draws = 5
    picture = explorer.still()
    assert picture.title == "Can 50 episodes tell who is better?"
    assert f"wrong in {explorer.result['wrong']} of 5 draws" in picture.alt
