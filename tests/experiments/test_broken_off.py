"""A run that broke off is taken up as it was, or refused with a sentence that says what is wrong."""
import resource
from contextlib import contextmanager

import pytest
import torch

from tests.experiments.descent import Tasks, descend, run


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("METACOURSE_CACHE", str(tmp_path / "cache"))


def checkpoint(tmp_path, label="seed0"):
    return tmp_path / "cache" / "checkpoints" / "descent" / f"{label}.pt"


@contextmanager
def room_for(size):
    """No file may grow beyond so many bytes, as on a disk that is nearly full."""
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)


@pytest.mark.parametrize("change, message", [
    (dict(drawn=Tasks(way=20)), r"seed0\.pt was written with drawn\.way=5, this run has drawn\.way=20\. Use"),
    (dict(drawn=Tasks(shot=5)), r"drawn\.shot=1, this run has drawn\.shot=5"),
    (dict(steps=60), r"steps=50, this run has steps=60"),
])
def test_a_run_of_other_settings_is_not_taken_up(tmp_path, change, message):
    run(tmp_path)
    (tmp_path / "descent.json").unlink()                    # broken off: it has checkpoints, and no result
    with pytest.raises(ValueError, match=message):
        run(tmp_path, "--resume", **change)


def test_a_run_on_other_data_is_not_taken_up(tmp_path):
    for name in ("omniglot", "birds"):
        (tmp_path / name).mkdir()
    run(tmp_path, "--data", str(tmp_path / "omniglot"))
    with pytest.raises(ValueError, match="written with --data='omniglot', this run has --data='birds'"):
        run(tmp_path, "--data", str(tmp_path / "birds"), "--resume")


def test_other_seeds_may_go_on_where_each_training_has_one_seed_and_only_there(tmp_path):
    def together(settings, run):
        return {"w": run.train("all", lambda theta, _: theta["w"].square(), {"w": torch.tensor(1.0)},
                               lambda step: None, steps=2).theta["w"].item()}
    run(tmp_path, "--seed", "1")
    assert list(run(tmp_path, "--resume")["payload"]) == ["0", "1", "2"]
    run(tmp_path / "together", "--seed", "1", experiment=together)
    with pytest.raises(ValueError, match=r"all\.pt was written with seeds=\(1,\), this run has seeds=\(2,\)"):
        run(tmp_path / "other", "--seed", "2", "--resume", experiment=together)


@pytest.mark.parametrize("spoil", [lambda file: file[:len(file) // 2], lambda file: b""])
def test_a_spoiled_checkpoint_is_refused_by_name(tmp_path, spoil):
    run(tmp_path)
    checkpoint(tmp_path).write_bytes(spoil(checkpoint(tmp_path).read_bytes()))
    with pytest.raises(ValueError, match=r"seed0\.pt is no readable checkpoint.*delete it, or start anew"):
        run(tmp_path, "--resume")


def test_a_full_disk_stops_a_training_with_a_sentence_and_leaves_the_earlier_checkpoint(tmp_path):
    def grow(settings, run):
        loss, theta = (lambda theta, _: theta["w"].square().mean()), {"w": torch.ones(30_000)}
        return run.train("seed0", loss, theta, lambda step: None, steps=2).theta
    run(tmp_path)
    before = checkpoint(tmp_path).read_bytes()
    with room_for(50_000), pytest.raises(OSError, match=r"seed0\.pt cannot be written .*: is the disk full"):
        run(tmp_path, experiment=grow)
    assert checkpoint(tmp_path).read_bytes() == before
    assert not list(checkpoint(tmp_path).parent.glob(".unfinished*"))


def test_a_full_disk_at_the_end_loses_no_training(tmp_path):
    def much(settings, run):
        return descend(settings, run) | {"much": [0.5] * 20_000}
    with room_for(50_000), pytest.raises(OSError, match=r"descent\.json cannot be .* go on with --resume"):
        run(tmp_path, experiment=much)
    assert [path.name for path in tmp_path.iterdir()] == ["cache"]
    assert run(tmp_path, "--resume")["payload"].keys() == {"0", "1", "2"}


def test_what_is_said_at_the_end_of_a_broken_run_names_the_last_whole_checkpoint(tmp_path, monkeypatch):
    here = []
    monkeypatch.setattr("sys.argv", ["descent.py", "--device", "cpu"])

    def watched(settings, run):
        here.append((run, run.how_to_go_on()))
        return descend(settings, run)
    run(tmp_path, experiment=watched)
    (ran, at_first), command = here[0], "-m metacourse.experiments.descent --device cpu"
    assert at_first == f"There is no checkpoint yet; start again: python {command}"
    checkpoint(tmp_path, "seed2").write_bytes(b"half")
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "4")
    assert ran.how_to_go_on() == (
        f"The checkpoint of step 50, {checkpoint(tmp_path, 'seed1')}, is whole; go on from it: "
        f"torchrun --nproc-per-node 4 {command} --resume")
