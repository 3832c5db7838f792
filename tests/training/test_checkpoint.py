import io

import pytest
import torch
import torch.nn.functional as F

from metacourse.models.conv4 import Conv4
from metacourse.models.functional import functional
from metacourse.training import checkpoint, train
from metacourse.training.reproducible import generator, seeded

with seeded(0):
    APPLY, THETA = functional(Conv4(8, way=3, size=16))
SETTINGS = dict(steps=11, outer_lr=1e-2, schedule="cosine", validate_every=3)


def loss(theta, x):
    return F.cross_entropy(APPLY(theta, x), torch.arange(3))


def batch(step):
    return torch.rand(3, 1, 16, 16, generator=generator(0, step))


def batch_until(stop):
    def interrupted(step):
        if step == stop:
            raise KeyboardInterrupt
        return batch(step)
    return interrupted


def validate(theta):
    with torch.no_grad():
        return -loss(theta, batch(1000))


@pytest.fixture
def started(tmp_path):
    """A run that was interrupted in step 7; its last checkpoint is from step 6."""
    path = tmp_path / "run.pt"
    train(loss, THETA, batch_until(7), validate=validate, checkpoint=path, **SETTINGS)
    return path


def resume(path, *, batch=batch, **change):
    settings = {**SETTINGS, **change}
    return train(loss, THETA, batch, validate=validate, checkpoint=path, resume=True, **settings)


def test_a_resumed_run_gives_the_same_numbers_bit_for_bit(started):
    asked = []
    resumed = resume(started, batch=lambda step: asked.append(step) or batch(step))
    whole = train(loss, THETA, batch, validate=validate, **SETTINGS)
    assert asked == [6, 7, 8, 9, 10]
    assert all(torch.equal(resumed.theta[name], whole.theta[name]) for name in THETA)
    assert torch.equal(resumed.history.loss, whole.history.loss)
    assert resumed.history.validation == whole.history.validation


def test_what_a_run_is_a_part_of_must_be_the_same_down_to_the_last_setting(tmp_path):
    once = dict(checkpoint=tmp_path / "run.pt", resume=True, **SETTINGS)
    train(loss, THETA, batch, experiment={"tasks": {"way": 5, "shot": 1}}, **once)
    train(loss, THETA, batch, experiment={"tasks": {"way": 5, "shot": 1}}, **once)
    with pytest.raises(ValueError, match=r"written with tasks\.shot=1, this run has tasks\.shot=5"):
        train(loss, THETA, batch, experiment={"tasks": {"way": 5, "shot": 5}}, **once)
    with pytest.raises(ValueError, match=r"written with tasks\.way=5, this run has tasks\.way=None"):
        train(loss, THETA, batch, **once)


def test_the_step_of_a_file_is_known_without_its_network(started, tmp_path):
    assert checkpoint.step_of(started) == 6
    assert checkpoint.step_of(tmp_path / "none.pt") is None


def test_a_finished_run_is_only_read(started):
    def never(step):
        raise AssertionError("no step is left")
    first, again = resume(started), resume(started, batch=never)
    assert all(torch.equal(first.theta[name], again.theta[name]) for name in THETA)


def test_without_a_file_a_resumed_run_starts_at_the_beginning(tmp_path):
    trained = train(loss, THETA, batch, checkpoint=tmp_path / "new.pt", resume=True, **SETTINGS)
    assert len(trained.history.loss) == 11


@pytest.mark.parametrize("change, message", [
    (dict(outer_lr=0.5), r"was written with outer_lr=0\.01, this run has outer_lr=0\.5"),
    (dict(schedule=None), "schedule='cosine'"),
    (dict(steps=12), "steps=11"),
])
def test_other_settings_are_refused_by_name(started, change, message):
    with pytest.raises(ValueError, match=message):
        resume(started, **change)


def test_another_network_is_refused(started):
    apply, theta = functional(Conv4(16, way=3, size=16))
    with pytest.raises(ValueError, match=r"weight=\[8, 1, 3, 3\], this run has .*=\[16, 1, 3, 3\]"):
        train(lambda theta, x: apply(theta, x).mean(), theta, batch, validate=validate, checkpoint=started,
              resume=True, **SETTINGS)


@pytest.mark.parametrize("spoil", [lambda file: file[:len(file) // 2], lambda file: b"", lambda file: b"ab"])
def test_a_spoiled_file_is_refused(started, spoil):
    started.write_bytes(spoil(started.read_bytes()))
    with pytest.raises(ValueError, match=r"run\.pt is no readable checkpoint.*start anew"):
        resume(started)


def test_a_file_of_another_version_is_refused(started):
    state = torch.load(started, weights_only=True)
    torch.save({**state, "format": 99}, started)
    with pytest.raises(ValueError, match="format 99, this version of metacourse reads"):
        resume(started)


@pytest.mark.parametrize("failure", [OSError("No space left on device"), RuntimeError("file write failed")])
def test_a_full_disk_leaves_the_earlier_file_and_nothing_half_written(started, monkeypatch, failure):
    before, whole = started.read_bytes(), torch.save

    def half(state, file):
        if isinstance(file, io.BytesIO):                                # in memory there is room
            return whole(state, file)
        file.write_bytes(b"half")
        raise failure
    monkeypatch.setattr(checkpoint.torch, "save", half)
    with pytest.raises(OSError, match=r"run\.pt cannot be written .*disk full"):
        train(loss, THETA, batch, checkpoint=started, **SETTINGS)
    assert started.read_bytes() == before and [path.name for path in started.parent.iterdir()] == ["run.pt"]


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_a_damaged_checkpoint_is_refused(started, share):
    content = bytearray(started.read_bytes())
    place = int(share * len(content))
    content[place:place + 8] = bytes(255 - value for value in content[place:place + 8])
    started.write_bytes(content)
    with pytest.raises(ValueError, match=r"run\.pt (is damaged|is no readable checkpoint)"):
        resume(started)
    assert checkpoint.step_of(started) is None
