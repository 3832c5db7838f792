"""A function that takes too long is given up, whatever it does."""
import threading
import time

import pytest

from metacourse.checks import time_limit


def test_the_value_of_a_quick_function_comes_back():
    assert time_limit.call(lambda: 3, seconds=5.0) == 3


@pytest.mark.parametrize("error", [ValueError("no"), SystemExit(1)])
def test_what_a_quick_function_raises_comes_back(error):
    def fail():
        raise error
    with pytest.raises(type(error)) as raised:
        time_limit.call(fail, seconds=5.0)
    assert raised.value is error


def empty_loop():
    while True:
        pass


def loop_that_catches_exceptions():
    while True:
        try:
            sum(range(10))
        except Exception:
            pass


def loop_that_catches_everything():
    while True:
        try:
            sum(range(10))
        except:  # noqa: E722
            pass


@pytest.mark.parametrize("endless", [empty_loop, loop_that_catches_exceptions,
                                     loop_that_catches_everything])
def test_an_endless_loop_is_ended_and_leaves_no_thread_behind(endless, monkeypatch):
    monkeypatch.setattr(time_limit, "PATIENCE", 30.0)     # for a busy machine; a second is usual
    threads = threading.active_count()
    with pytest.raises(time_limit.OutOfTime) as late:
        time_limit.call(endless, seconds=0.1)
    assert late.value.stopped and threading.active_count() == threads


def test_a_call_that_python_cannot_interrupt_is_left_alone_but_answered(monkeypatch):
    monkeypatch.setattr(time_limit, "PATIENCE", 0.1)
    start = time.monotonic()
    with pytest.raises(time_limit.OutOfTime) as late:
        time_limit.call(lambda: time.sleep(3.0), seconds=0.1)
    assert not late.value.stopped and time.monotonic() - start < 2.9


def test_a_function_that_ends_just_in_time_is_not_disturbed_later():
    for _ in range(20):
        time_limit.call(lambda: time.sleep(0.001), seconds=1.0)
    time.sleep(0.05)                                      # a late exception would be raised here
