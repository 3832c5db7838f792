"""The meter: it measures when asked, counts memory the same every time, and tells no time in its repr."""
import itertools

import pytest
import torch
from traitlets import TraitError

from metacourse.data import sinusoids
from metacourse.figures.costs import Bill
from metacourse.methods import losses
from metacourse.models.functional import functional
from metacourse.models.mlp import MLP
from metacourse.widgets import Meter


@pytest.fixture
def meter(rng):
    apply, theta = functional(MLP([1, 64, 64, 1]))
    episodes = sinusoids.sample_episodes(tasks=4, shot=100, queries=10, rng=rng)
    return Meter(losses.mse(apply), theta, episodes, inner_lr=0.01)


def megabytes(meter, **handles):
    meter.set_state({"way": "loop", "tasks": 2, "inner_steps": 2, "order": "second", **handles})
    meter.measured += 1
    return meter.rows[0][3]


def test_it_waits_until_it_is_asked_to_measure(meter):
    assert repr(meter) == "Meter(way='loop', tasks=4, inner_steps=1, order='second', measured=0)"
    assert meter.rows == [] and meter.status == "Choose, and press Measure."
    meter.tasks = 2
    assert meter.rows == []
    meter.measured += 1
    (way, said, milliseconds, held), = meter.rows
    assert (way, said) == ("loop", "loop, 2 tasks, 1 step, second order") and milliseconds > 0 and held > 0


def test_memory_is_the_same_in_every_run(meter):
    assert len({megabytes(meter) for _ in range(3)}) == 1


def test_memory_grows_with_the_tasks_under_vmap_and_not_in_a_loop(meter):
    assert megabytes(meter, tasks=4) < 1.5 * megabytes(meter, tasks=1)
    assert megabytes(meter, tasks=4, way="vmap") > 2 * megabytes(meter, tasks=1, way="vmap")


def test_memory_grows_with_the_steps_in_second_order_and_not_in_first(meter):
    assert megabytes(meter, inner_steps=5) > 1.5 * megabytes(meter, inner_steps=1)
    many, one = (megabytes(meter, inner_steps=steps, order="first") for steps in (5, 1))
    assert many < 1.5 * one


def test_every_handle_reaches_its_ends_and_the_oldest_rows_go(meter):
    ends = [(1, 0, "second"), (1, 5, "first"), (4, 5, "second"), (4, 0, "first")]
    for way, (tasks, steps, order) in itertools.product(meter.options["way"], ends):
        assert megabytes(meter, way=way, tasks=tasks, inner_steps=steps, order=order) > 0
    assert len(meter.rows) == 10 and meter.rows[0][1] == "recompute, 4 tasks, 0 steps, first order"
    assert "Compared with the row below: time per task" in meter.status


@pytest.mark.parametrize("control, value, message", [
    ("tasks", 5, "tasks=5: choose 1 to 4"), ("inner_steps", 6, "choose 0 to 5"),
    ("way", "loup", "choose among loop, threads, vmap, recompute"), ("order", "third", "second, first"),
])
def test_what_cannot_be_measured_is_refused(meter, control, value, message):
    with pytest.raises(TraitError, match=message):
        setattr(meter, control, value)


def test_it_may_begin_with_rows_and_its_picture_tells_them(meter):
    bill = Bill("vmap", 4, 5, "second", 12.5, 80.0)
    given = Meter(meter._loss, meter._theta, meter._episodes, inner_lr=0.01, bills=[bill])
    assert given.rows == [["vmap", "vmap, 4 tasks, 5 steps, second order", 12.5, 80.0]]
    assert "vmap, 4 tasks, 5 steps, second order: 12.5 ms per task, 80 MB" in given.still().alt
    assert "Nothing yet" in meter.still().alt


def test_the_memory_of_threads_is_that_of_one_task_for_each(meter, monkeypatch):
    alone = megabytes(meter, tasks=1)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 2)
    assert megabytes(meter, way="threads", tasks=4) == pytest.approx(2 * alone, abs=0.02)    # in MB, rounded
