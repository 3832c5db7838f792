import math

import pytest
import torch

from metacourse.training import train
from metacourse.training.reproducible import generator


def half_square(theta, target):
    """½(θ − target)²."""
    return (theta["w"] - target).square() / 2


def start(value=0.0):
    return {"w": torch.tensor(value)}


def test_two_steps_are_those_of_the_pencil():
    """From 0 toward 3, half of the way each step: 0, 1.5, 2.25."""
    trained = train(half_square, start(), lambda step: 3.0, steps=2, outer_lr=0.5, optimizer="sgd")
    assert trained.theta["w"].item() == 2.25
    assert trained.history.loss.tolist() == [4.5, 1.125]
    assert trained.history.stopped == "done" and trained.history.best_step == 2


def test_the_theta_handed_in_stays_as_it_is():
    theta = start()
    trained = train(half_square, theta, lambda step: 3.0, steps=2)
    assert theta["w"].item() == 0.0 and not theta["w"].requires_grad and not trained.theta["w"].requires_grad


def test_a_loss_that_brings_its_own_gradient_takes_the_same_steps():
    def with_gradient(theta, target):
        return half_square(theta, target), {"w": theta["w"] - target}
    own, automatic = (train(loss, start(), lambda step: 3.0, steps=5, outer_lr=0.1)
                      for loss in (with_gradient, half_square))
    assert own.theta["w"].item() == automatic.theta["w"].item()


def test_every_step_gets_its_own_batch():
    asked = []
    train(half_square, start(), lambda step: asked.append(step) or 1.0, steps=4)
    assert asked == [0, 1, 2, 3]


def test_the_cosine_schedule_falls_to_zero():
    """On a slope of 1 the way is the sum of the rates: 1 + 0.854 + 0.5 + 0.146 over four steps."""
    trained = train(lambda theta, batch: theta["w"] * 1.0, start(), lambda step: None, steps=4, outer_lr=1.0,
                    optimizer="sgd", schedule="cosine")
    rates = [(1 + math.cos(math.pi * step / 4)) / 2 for step in range(4)]
    assert trained.theta["w"].item() == pytest.approx(-sum(rates)) == pytest.approx(-2.5)


def test_the_best_theta_by_validation_is_returned():
    """From 0 past 1 toward 3: of 1.5, 2.25, 2.625 the first is nearest to 1."""
    trained = train(half_square, start(), lambda step: 3.0, steps=3, outer_lr=0.5, optimizer="sgd",
                    validate=lambda theta: -abs(theta["w"] - 1.0), validate_every=1)
    assert trained.theta["w"].item() == 1.5 and trained.history.best_step == 1
    assert trained.history.validation == [(1, -0.5), (2, -1.25), (3, -1.625)]


def test_patience_counts_validations_without_a_better_one():
    values = iter([1.0, 3.0, 2.0, 3.0, 9.0])
    trained = train(half_square, start(), lambda step: 1.0, steps=50, validate=lambda theta: next(values),
                    validate_every=2, patience=2)
    assert trained.history.stopped == "patience"
    assert len(trained.history.loss) == 8 and trained.history.best_step == 4


def test_validation_is_asked_after_the_last_step_too():
    trained = train(half_square, start(), lambda step: 1.0, steps=5, validate=lambda theta: 0.0,
                    validate_every=3)
    assert [step for step, _ in trained.history.validation] == [3, 5]


def test_an_interrupt_keeps_what_was_learned():
    def batch(step):
        if step == 2:
            raise KeyboardInterrupt
        return 3.0
    trained = train(half_square, start(), batch, steps=100, outer_lr=0.5, optimizer="sgd")
    assert trained.theta["w"].item() == 2.25
    assert trained.history.stopped == "interrupt" and trained.history.loss.tolist() == [4.5, 1.125]


def test_after_step_may_move_theta():
    trained = train(half_square, start(), lambda step: 3.0, steps=2, outer_lr=0.5, optimizer="sgd",
                    after_step=lambda theta: theta["w"].clamp_(max=1.0))
    assert trained.theta["w"].item() == 1.0


def test_a_loss_that_runs_away_stops_with_its_step_and_what_to_lower():
    with pytest.raises(FloatingPointError, match=r"the loss is inf at step \d+: lower outer_lr=1000"):
        train(half_square, start(1.0), lambda step: 3.0, steps=100, outer_lr=1000.0, optimizer="sgd")


def test_the_loop_draws_no_random_numbers_of_its_own():
    before = torch.get_rng_state()
    train(half_square, start(), lambda step: torch.rand((), generator=generator(0, step)), steps=3)
    assert torch.equal(before, torch.get_rng_state())


def test_training_says_little_about_itself():
    trained = train(half_square, start(), lambda step: 3.0, steps=2, validate=lambda theta: 0.5)
    assert repr(trained) == ("Trained(θ of 1 tensors, "
                             "History(2 steps, done, best validation 0.500, θ from step 2))")


@pytest.mark.parametrize("settings, message", [
    (dict(steps=0), "steps=0"),
    (dict(optimizer="rmsprop"), r"optimizer='rmsprop'.*'adam', 'sgd'"),
    (dict(schedule="linear"), r"schedule='linear'.*'cosine'"),
    (dict(patience=3), "give `validate`"),
    (dict(resume=True), "checkpoint="),
])
def test_settings_that_make_no_sense_are_named(settings, message):
    with pytest.raises(ValueError, match=message):
        train(half_square, start(), lambda step: 3.0, **{"steps": 1, **settings})


@pytest.mark.parametrize("loss, message", [
    (lambda theta, batch: theta["w"] * torch.ones(3), r"shape \[3\].*take its mean"),
    (lambda theta, batch: theta["w"].detach(), "does not depend on θ"),
])
def test_a_loss_that_cannot_be_minimized_is_explained(loss, message):
    with pytest.raises(ValueError, match=message):
        train(loss, start(), lambda step: None, steps=1)


def test_stop_ends_after_its_step_and_a_resumed_run_ends_like_a_whole_one(tmp_path):
    asked, saved = [], dict(steps=7, outer_lr=0.1, checkpoint=tmp_path / "run.pt", resume=True,
                            validate=lambda theta: -theta["w"].abs(), validate_every=3)
    stopped = train(half_square, start(), lambda step: asked.append(step) or 3.0,
                    stop=lambda: len(asked) == 2, **saved)
    assert (stopped.history.stopped, len(stopped.history.loss), asked) == ("stop", 2, [0, 1])
    resumed = train(half_square, start(), lambda step: asked.append(step) or 3.0, **saved)
    whole = train(half_square, start(), lambda step: 3.0, **saved | dict(checkpoint=None, resume=False))
    assert asked == list(range(7)) and resumed.theta["w"].equal(whole.theta["w"])
    assert resumed.history.validation == whole.history.validation
    assert resumed.history.loss.equal(whole.history.loss)
