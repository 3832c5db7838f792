import pytest
import torch

from metacourse.data.imageset import ImageSet
from metacourse.episode import Examples
from metacourse.experiments import (
    finetuning_glyphs,
    negative_transfer_glyphs,
    transfer_layers_glyphs,
    transfer_parts,
)
from metacourse.experiments.finetuning_strategies import STRATEGIES
from metacourse.experiments.foundation_features import packed, seen_names, unpacked
from metacourse.methods import finetuning, losses

SMALL = transfer_parts.Fitting(way=3, tests=2, tasks=2, steps=1, size=4)


def images(groups=(4, 2, 3)):
    """Every picture holds one number: 10 · class + drawing."""
    names = [f"{group}/{i}" for group, size in enumerate(groups) for i in range(size)]
    number = 10 * torch.arange(len(names))[:, None] + torch.arange(5)
    pixels = number.to(torch.uint8)[..., None, None, None].expand(-1, -1, 1, 8, 8)
    return ImageSet(pixels.contiguous(), tuple(names), tuple(name.split("/")[0] for name in names))


def test_target_tasks_take_large_groups_in_turn():
    for number, classes in ((0, range(4)), (1, range(6, 9)), (2, range(4))):
        task = transfer_parts.target(images(), 3, number)
        assert task.shape[:2] == (3, 5)
        assert {int(value) // 10 for value in task[:, 0, 0, 0, 0]} <= set(classes)


def test_where_no_group_is_large_enough_classes_come_from_all():
    assert transfer_parts.target(images((1, 1, 1)), 3, 0).shape[0] == 3


def test_seeds_have_tasks_of_their_own():
    assert list(transfer_parts.numbers(SMALL, 0)) == [0, 1]
    assert list(transfer_parts.numbers(SMALL, 3)) == [6, 7]


def test_fitting_sees_the_first_drawings_only_and_the_last_ones_judge():
    task = images((3,)).images
    batch = transfer_parts.batches(task, 2, SMALL, number=0)
    seen = {int(255 * x) % 10 for step in range(20) for x in batch(step).x[:, 0, 0, 0].double() + 1e-4}
    assert seen == {0, 1} and len(batch(0).y) == 4

    def apply(theta, x):
        """Right for class 0 and class 1; class 2 is taken for class 0."""
        row = (x[..., 0, 0, 0] * 255 / 10 + 1e-3).long()
        return torch.nn.functional.one_hot(torch.where(row == 2, 0, row), 3).float()
    assert transfer_parts.judged(apply, {}, task, SMALL) == pytest.approx(2 / 3)


def test_a_score_is_the_mean_over_tasks_with_its_binomial_interval():
    score = transfer_parts.score([0.4, 0.6], SMALL)
    assert (score["accuracy"], score["chance"], score["tasks"]) == (0.5, 0.33333, 2)
    assert score["interval"] == pytest.approx(1.96 * (0.25 / 12) ** 0.5, abs=1e-5)


def prepared(name):
    apply, fresh = transfer_parts.network(8, 3, seed=0)
    _, other = transfer_parts.network(8, 3, seed=1)
    theta = finetuning.copied(fresh, other, finetuning.blocks(fresh)[:-1])
    strategy = STRATEGIES[name]
    return theta, fresh, strategy, strategy.prepare(losses.cross_entropy(apply), theta, fresh, 16, 0,
                                                    **strategy.trials[0])


@pytest.mark.parametrize("name, first", [("scratch", 5), ("head", 1), ("last", 2), ("all", 5),
                                         ("layerwise", 5), ("gradual", 1), ("l2sp", 5)])
def test_a_strategy_moves_what_its_name_says(name, first):
    theta, fresh, _, (_, start, rates) = prepared(name)
    rates = rates(0) if callable(rates) else rates
    assert {".".join(key.split(".")[:2]).removesuffix(".weight").removesuffix(".bias") for key in rates} == \
        set(finetuning.blocks(theta)[-first:])
    assert start is (fresh if name == "scratch" else theta)


def test_gradual_unfreezing_moves_everything_in_the_second_half():
    theta, _, _, (_, _, rates) = prepared("gradual")
    assert set(rates(8)) == set(theta)


def test_a_low_rank_update_begins_as_the_pretrained_network_and_ends_as_one_of_its_shape():
    theta, _, strategy, (loss, moving, rates) = prepared("low_rank")
    x = Examples(torch.rand(3, 1, 28, 28), torch.arange(3))
    apply, _ = transfer_parts.network(8, 3, seed=0)
    torch.testing.assert_close(loss(moving, x), losses.cross_entropy(apply)(theta, x))
    assert set(rates) == set(moving)
    whole = strategy.finish(theta, moving)
    assert {key: p.shape for key, p in whole.items()} == {key: p.shape for key, p in theta.items()}


def test_every_strategy_has_four_trials():
    assert {len(strategy.trials) for strategy in STRATEGIES.values()} == {4}


def test_a_number_of_examples_takes_the_trial_of_the_next_smaller_one():
    chosen = {1: {"lr": 0.1}, 5: {"lr": 0.5}}
    assert [finetuning_glyphs.at(chosen, shot)["lr"] for shot in (1, 2, 5, 20)] == [0.1, 0.1, 0.5, 0.5]
    assert finetuning_glyphs.at({5: {"lr": 0.5}}, 1) == {"lr": 0.5}


def test_without_a_copied_block_frozen_and_tuned_are_one_and_the_same():
    places = {(kind, what): cell for kind, what, cell in transfer_layers_glyphs.places()}
    assert places["frozen", "0"] == places["tuned", "0"] and places["frozen", "1"] != places["tuned", "1"]
    assert places["negative", "characters"] == places["tuned", "4"]
    assert places["negative, frozen", "characters"] == places["frozen", "4"]


def test_random_labels_deal_every_drawing_once_and_shuffled_pixels_keep_each_pictures_ink(rng):
    pixels = torch.arange(4 * 10, dtype=torch.uint8).view(4, 10, 1, 1, 1).expand(-1, -1, 1, 8, 8)
    dealt = transfer_layers_glyphs.random_labels(pixels, rng)
    assert dealt.shape == (20, 2, 1, 8, 8) and sorted(dealt[..., 0, 0, 0].flatten().tolist()) == [*range(40)]
    noise = torch.randint(255, (2, 3, 1, 8, 8), generator=rng, dtype=torch.uint8)
    moved = transfer_layers_glyphs.shuffled_pixels(noise, rng)
    assert not moved.equal(noise)
    assert moved.flatten(2).sort().values.equal(noise.flatten(2).sort().values)


def test_ink_sorts_drawings_and_a_stamp_marks_each_heap_at_its_own_place(rng):
    pixels = torch.randint(200, (4, 10, 1, 28, 28), generator=rng, dtype=torch.uint8)
    tenths = negative_transfer_glyphs.ink(pixels, rng)
    amounts = tenths.flatten(2).sum(dim=2, dtype=torch.int64).flatten()
    assert tenths.shape[:2] == (10, 4) and amounts.equal(amounts.sort().values)
    heaps = negative_transfer_glyphs.stamp(pixels, rng)
    marks = {tuple(map(int, (drawings == 255).all(dim=0).nonzero()[0])) for drawings in heaps}
    assert heaps.shape[:2] == (20, 2) and len(marks) == 20 and pixels.max() < 200


def test_packed_features_come_back_within_half_a_unit(rng):
    z = torch.randn(2, 3, 4, generator=rng)
    weights = packed(z)
    assert weights["z"].dtype == torch.int8 and weights["z"].abs().max() == 127
    assert (unpacked(weights) - z).abs().max() <= weights["unit"] / 2 + 1e-6


def test_a_class_was_seen_under_its_name_or_a_longer_one_but_not_as_another_thing():
    assert seen_names(["hammer", "cat", "brain", "pig", "car", "The Mona Lisa"]) == ["hammer", "cat", "car"]
