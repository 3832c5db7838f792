import pytest
import torch
from torch import nn

from metacourse.episode import Examples, task
from metacourse.methods import finetune, finetuning, losses
from metacourse.models.conv4 import Conv4
from metacourse.models.functional import functional
from tests.methods.pencil import half_square, pictures, small_net, small_theta

cross_entropy = losses.cross_entropy(small_net)
BLOCKS = ["conv", "scale", "shift", "head"]
ONE = Examples(torch.zeros(1), torch.ones(1))


def batch(step):
    return ONE


@pytest.fixture
def theta():
    return small_theta(torch.Generator().manual_seed(0))


@pytest.fixture
def episode():
    return task(pictures(torch.Generator().manual_seed(1), tasks=1), 0)


def moved(theta, phi):
    return [name for name in theta if not phi[name].equal(theta[name])]


def fit(theta, episode, rates, steps=2):
    return finetuning.fit(cross_entropy, theta, lambda step: episode.support, steps=steps, rates=rates)


def test_blocks_are_found_by_their_names_from_input_to_output():
    _, theta = functional(Conv4(8, way=3, size=16))
    assert finetuning.blocks(theta) == ["body.0", "body.1", "body.2", "body.3", "head"]
    assert finetuning.members(theta, "head") == ["head.weight", "head.bias"]
    assert len(finetuning.members(theta, "body.1")) == 4


def test_a_block_is_a_whole_word():
    theta = dict.fromkeys(["body.1.weight", "body.10.weight"], torch.zeros(1))
    assert finetuning.members(theta, "body.1") == ["body.1.weight"]


def test_chosen_blocks_are_copied_and_the_rest_stays(theta):
    source = {name: p + 1 for name, p in theta.items()}
    mixed = finetuning.copied(theta, source, BLOCKS[:2])
    assert moved(theta, mixed) == BLOCKS[:2] and moved(source, mixed) == BLOCKS[2:]
    mixed["conv"] += 1
    assert not mixed["conv"].equal(source["conv"])
    assert moved(theta, finetuning.copied(theta, source, [])) == []


@pytest.mark.parametrize("source, said", [({}, "the source has nothing"),
                                          ({"head": torch.zeros(2, 9)}, r"the source has \[2, 9\]")])
def test_what_does_not_fit_is_not_copied(theta, source, said):
    with pytest.raises(ValueError, match=said):
        finetuning.copied(theta, source, ["head"])


def test_strategies_are_rates_by_name(theta):
    assert finetuning.rates(theta, ["head"], lr=0.1) == {"head": 0.1}
    assert finetuning.rates(theta, BLOCKS[-2:], lr=0.1) == {"shift": 0.1, "head": 0.1}
    slower = finetuning.rates(theta, BLOCKS, lr=0.8, decay=2.0)
    assert slower == {"conv": 0.1, "scale": 0.2, "shift": 0.4, "head": 0.8}


def test_gradual_unfreezing_thaws_one_block_after_another(theta):
    at = finetuning.unfreezing(theta, BLOCKS, every=3, lr=0.1)
    names = [set(at(step)) for step in range(12)]
    assert names == [set(BLOCKS[-n:]) for n in (1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4)]
    assert at(1000) == dict.fromkeys(BLOCKS, 0.1)


@pytest.mark.parametrize("moving", [["head"], ["shift", "head"], BLOCKS])
def test_what_has_a_rate_moves_and_nothing_else(theta, episode, moving):
    before = {name: p.clone() for name, p in theta.items()}
    assert moved(theta, fit(theta, episode, finetuning.rates(theta, moving, lr=0.05))) == moving
    assert all(theta[name].equal(before[name]) for name in theta)


@pytest.mark.parametrize("steps, expected", [(2, ["head"]), (3, BLOCKS[2:]), (5, BLOCKS[1:]), (7, BLOCKS)])
def test_gradual_unfreezing_trains_exactly_what_it_says(theta, episode, steps, expected):
    at = finetuning.unfreezing(theta, BLOCKS, every=2, lr=0.05)
    assert moved(theta, fit(theta, episode, at, steps=steps)) == expected


def test_a_parameter_that_thaws_late_starts_like_a_fresh_one():
    """Adam's first step has the length of its rate, whenever it comes: no gradient was remembered before."""
    def both(theta, examples):
        return half_square({"w": theta["a"]}, examples) + half_square({"w": theta["b"]}, examples)
    theta = {"a": torch.tensor(9.0), "b": torch.tensor(9.0)}
    at = finetuning.unfreezing(theta, ["a", "b"], every=4, lr=0.1)
    phi = finetuning.fit(both, theta, lambda step: ONE, steps=5, rates=at)
    assert phi["a"].item() == pytest.approx(8.9)
    assert phi["b"].item() == pytest.approx(8.5, abs=0.01)


def test_layer_wise_rates_are_the_lengths_of_the_first_steps(theta, episode):
    phi = fit(theta, episode, finetuning.rates(theta, BLOCKS, lr=0.08, decay=2.0), steps=1)
    lengths = [(phi[name] - theta[name]).abs().max().item() for name in BLOCKS]
    assert lengths == pytest.approx([0.01, 0.02, 0.04, 0.08], rel=1e-3)


def test_one_rate_for_all_is_ordinary_fine_tuning(theta, episode):
    plain = finetune.fit(cross_entropy, theta, episode.support, steps=4, lr=0.05)
    torch.testing.assert_close(fit(theta, episode, finetuning.rates(theta, BLOCKS, lr=0.05), steps=4), plain)
    x = episode.query.x.flatten(0, 1)
    scores = finetuning.predict(small_net, theta, episode.support, x, loss=cross_entropy, steps=4,
                                rates=dict.fromkeys(theta, 0.05))
    torch.testing.assert_close(scores, small_net(plain, x))
    assert not scores.requires_grad


def test_every_step_gets_its_own_batch():
    seen = []
    finetuning.fit(half_square, {"w": torch.tensor(3.0)}, lambda step: seen.append(step) or ONE, steps=3,
                   rates={"w": 0.1})
    assert seen == [0, 1, 2]


def test_the_frozen_rest_takes_part_and_gets_no_gradient(theta, episode):
    theta = {name: p.requires_grad_() for name, p in theta.items()}
    value = finetuning.frozen(cross_entropy, theta)({"head": theta["head"]}, episode.support)
    torch.testing.assert_close(value, cross_entropy(theta, episode.support))
    value.backward()
    assert [name for name, p in theta.items() if p.grad is not None] == ["head"]


def test_the_pull_towards_the_start_by_hand():
    start = {"w": torch.tensor(3.0), "head": torch.tensor(2.0)}
    pulled = finetuning.toward_start(half_square, start, pull=0.4, decay=0.1)
    here = {"w": torch.tensor(5.0), "head": torch.tensor(-4.0)}
    assert pulled(here, ONE).item() == pytest.approx(0.5 * 16 + 0.2 * 4 + 0.05 * 16)
    assert finetuning.toward_start(half_square, start, pull=7.0)(start, ONE) == half_square(start, ONE)


@pytest.fixture
def batch_norm():
    return nn.Sequential(nn.BatchNorm1d(2))


def test_batch_norm_moves_under_frozen_parameters_unless_it_is_fixed(batch_norm):
    x = torch.tensor([[1.0, 5.0], [3.0, 9.0]])
    averages = {}
    for policy in ("fixed", "moving"):
        apply, theta, before = functional(finetuning.batch_norm(batch_norm, policy), buffers=True)
        _, after = apply(theta, before, x)
        averages[policy] = after["0.running_mean"].tolist()
    assert averages["fixed"] == [0.0, 0.0] and averages["moving"] == pytest.approx([0.2, 0.7])
    assert batch_norm[0].training                                            # the original is left alone


def test_statistics_of_the_batch_are_kept_by_nobody(batch_norm):
    apply, theta = functional(finetuning.batch_norm(batch_norm, "batch").eval())
    out = apply(theta, torch.tensor([[1.0, 5.0], [3.0, 9.0]]))
    torch.testing.assert_close(out, torch.tensor([[-1.0, -1.0], [1.0, 1.0]]), atol=1e-4, rtol=0)


@pytest.mark.parametrize("call, message", [
    (lambda theta: finetuning.rates(theta, ["haed"], lr=0.1), "begins with 'haed'; the blocks are conv, "),
    (lambda theta: finetuning.rates(theta, [], lr=0.1), "nothing moves; wanted one block or more of conv"),
    (lambda theta: finetuning.rates(theta, ["head"], lr=0.0), r"lr=0\.0, decay=1\.0; wanted a rate > 0"),
    (lambda theta: finetuning.rates(theta, ["head"], lr=0.1, decay=0.5), "early blocks are the slow ones"),
    (lambda theta: finetuning.unfreezing(theta, BLOCKS, every=0, lr=0.1), "every=0; wanted 1 step or more"),
    (lambda theta: finetuning.unfreezing(theta, [], every=1, lr=0.1), "nothing to unfreeze"),
    (lambda theta: finetuning.fit(cross_entropy, theta, batch, steps=-1, rates={"head": 0.1}), "steps=-1"),
    (lambda theta: finetuning.fit(cross_entropy, theta, batch, steps=1, rates={"haed": 0.1}),
     "θ has no parameter 'haed'; it has conv, scale"),
    (lambda theta: finetuning.fit(cross_entropy, theta, batch, steps=1, rates={}), "no parameter moves"),
    (lambda theta: finetuning.frozen(cross_entropy, theta)({"haed": theta["head"]}, ONE), "parameter 'haed'"),
    (lambda theta: finetuning.toward_start(cross_entropy, theta, pull=-1.0), r"pull=-1\.0, decay=0"),
    (lambda theta: finetuning.toward_start(cross_entropy, theta, pull=1.0, new="fc"), "begins with 'fc'"),
    (lambda theta: finetuning.batch_norm(nn.BatchNorm2d(2), "frozen"), "policy='frozen'; wanted 'fixed'"),
    (lambda theta: finetuning.batch_norm(Conv4(8, norm="batch"), "fixed"), "kept no running averages that"),
])
def test_settings_that_cannot_be_are_named(theta, call, message):
    with pytest.raises(ValueError, match=message):
        call(theta)
