import pytest
import torch

from metacourse.models.mlp import MLP
from metacourse.training import reproducible
from metacourse.training.reproducible import generator, seed_of, seeded


def draw(*seeds):
    return torch.rand(3, generator=generator(*seeds)).tolist()


def test_the_same_numbers_give_the_same_dice_and_others_give_others():
    assert draw(3, 7) == draw(3, 7)
    assert len({tuple(draw(*seeds)) for seeds in [(3, 7), (7, 3), (37,), (3,), (3, 7, 0), (-3, 7)]}) == 6


def test_a_generator_draws_the_same_on_every_machine():
    assert draw(0) == pytest.approx([0.531802, 0.120396, 0.460784], abs=1e-6)


def test_a_seed_of_a_tensor_follows_from_what_is_in_it_and_from_nothing_else():
    x = torch.arange(6.0).reshape(2, 3)
    again = torch.arange(12.0).reshape(2, 6)[:, :3].clone() * 0 + x          # elsewhere in memory
    assert seed_of(x, 1) == seed_of(again, 1) == seed_of(x.T.contiguous().T, 1)
    assert len({seed_of(x, 1), seed_of(x, 2), seed_of(x), seed_of(x + 1, 1), seed_of(x.T, 1)}) == 5
    generator(seed_of(x))                                                    # is one that PyTorch takes


def test_seeded_networks_are_alike_and_the_global_dice_go_on_as_if_nothing_had_been():
    before = torch.get_rng_state()
    with seeded(5):
        first = MLP([2, 2])
    with seeded(5):
        second = MLP([2, 2])
    assert torch.equal(first.layers[0].weight, second.layers[0].weight)
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize("cuda, mps, best", [(2, True, "cuda"), (0, True, "mps"), (0, False, "cpu")])
def test_the_best_device_is_chosen(monkeypatch, cuda, mps, best):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: cuda)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: mps)
    assert reproducible.device().type == best
    assert reproducible.device("cpu").type == "cpu"


@pytest.mark.parametrize("name", ["cuda", "cuda:0", "mps", "nonsense"])
def test_a_missing_device_is_an_error_that_says_what_is_there(monkeypatch, name):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 0)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    with pytest.raises(RuntimeError, match=f"no device '{name}' here, only cpu"):
        reproducible.device(name)


def test_one_gpu_has_no_second(monkeypatch):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    assert reproducible.device("cuda:0") == torch.device("cuda:0")
    with pytest.raises(RuntimeError, match=r"no device 'cuda:1' here, only cuda:0"):
        reproducible.device("cuda:1")


@pytest.mark.parametrize("name", [None, "cuda"])
def test_each_rank_of_a_machine_takes_a_gpu_of_its_own(monkeypatch, name):
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "3")
    monkeypatch.setenv("LOCAL_RANK", "1")
    assert reproducible.device(name) == torch.device("cuda:1")
    assert reproducible.device("cpu") == torch.device("cpu")
    with pytest.raises(RuntimeError, match="'cuda:0' is one GPU, and here are 3 ranks"):
        reproducible.device("cuda:0")
    monkeypatch.setenv("LOCAL_RANK", "2")
    with pytest.raises(RuntimeError, match=r"3 ranks .* need a GPU each; here are only cuda:0, cuda:1, cpu"):
        reproducible.device(name)


def test_versions_name_what_the_numbers_depend_on():
    assert reproducible.versions()["torch"] == torch.__version__.split("+")[0]
