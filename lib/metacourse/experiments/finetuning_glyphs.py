"""Which strategy of fine-tuning, with how many drawings? Accuracy against examples per class for eight.

One network is pretrained on the training scripts for each seed. New tasks: characters of new scripts, of
Omniglot's alphabets, and things of Quick, Draw!. Trials are judged on validation scripts, by the first seed.
"""
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import fmean

from metacourse import results
from metacourse.data import omniglot, quickdraw
from metacourse.data.imageset import ImageSet
from metacourse.episode import Params
from metacourse.experiments import runner, transfer_parts
from metacourse.experiments.finetuning_strategies import STRATEGIES
from metacourse.experiments.transfer_parts import Fitting, Pretraining
from metacourse.methods import finetuning, losses, supervised


@dataclass(frozen=True)
class Settings:
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)    # of initialization, of training, and of the target tasks
    real_seeds: int = 3                         # of them on real data
    pretraining: Pretraining = field(default_factory=Pretraining)
    fitting: Fitting = field(default_factory=Fitting)
    strategies: tuple[str, ...] = tuple(STRATEGIES)
    shots: tuple[int, ...] = (1, 2, 5, 10, 20)  # examples of each class, where there are so many
    tuned_at: tuple[int, ...] = (1, 5)          # a trial is judged with so many; the nearer one below counts
    drawings: int = 30                          # of each character of the test scripts
    real: bool = True                           # test on Omniglot and Quick, Draw!, too


SMOKE = Settings(seeds=(0,), pretraining=transfer_parts.SMOKE_PRETRAINING,
                 fitting=transfer_parts.SMOKE_FITTING, shots=(1, 2), tuned_at=(1,), drawings=4, real=False)


def experiment(settings: Settings, run: runner.Run) -> dict:
    """`accuracy` {target: {strategy: {shots: {seed: score}}}}, the `trials` of each, and those `chosen`."""
    pictures = transfer_parts.load(run, "train").images
    thetas = {seed: transfer_parts.pretrained(settings.pretraining, pictures, run, "characters", seed=seed)
              for seed in settings.seeds}
    results.save_weights(run.name, supervised.body(thetas[settings.seeds[0]]))
    payload = {"accuracy": {}, "trials": {}, "chosen": {}}
    for name in settings.strategies:
        tuned(settings, name, thetas[settings.seeds[0]], run, payload)
    for target, images in targets(settings, run):
        for seed in settings.seeds if target == "glyphs" else settings.seeds[:settings.real_seeds]:
            scored(settings, target, images, thetas[seed], run, seed, payload)
    return payload


def targets(settings: Settings, run: runner.Run):
    """What the network is fitted to: new scripts first."""
    yield "glyphs", transfer_parts.load(run, "test", drawings=settings.drawings)
    if settings.real:
        yield "omniglot", omniglot.load(run.data, split="evaluation").to(run.device)
        yield "quickdraw", quickdraw.load(run.data, split="test").to(run.device)


def tuned(settings: Settings, name: str, theta: Params, run: runner.Run, payload: dict) -> None:
    """The best of a strategy's trials on validation scripts, with few and with more examples."""
    images, seed = transfer_parts.load(run, "val"), settings.seeds[0]
    for shot in settings.tuned_at:
        tried = [round(fmean(accuracies(settings, name, trial, theta, images, shot, seed)), 4)
                 for trial in STRATEGIES[name].trials]
        best = STRATEGIES[name].trials[tried.index(max(tried))]
        payload["trials"].setdefault(name, {})[shot] = [{**trial, "validation": value} for trial, value
                                                        in zip(STRATEGIES[name].trials, tried)]
        payload["chosen"].setdefault(name, {})[shot] = best
        run.say(f"{name}, {shot} examples: chose {best} of {tried}")


def scored(settings: Settings, target: str, images: ImageSet, theta: Params, run: runner.Run, seed: int,
           payload: dict) -> None:
    """Every strategy at every number of examples that leaves enough drawings to judge."""
    most = images.images.shape[1] - settings.fitting.tests
    for shot in [shot for shot in settings.shots if shot <= most]:
        said = []
        for name in settings.strategies:
            trial = at(payload["chosen"][name], shot)
            score = transfer_parts.score(accuracies(settings, name, trial, theta, images, shot, seed),
                                         settings.fitting)
            payload["accuracy"].setdefault(target, {}).setdefault(name, {}).setdefault(shot, {})[seed] = score
            said.append(f"{name} {score['accuracy']:.3f}")
        run.say(f"{target}, seed {seed}, {shot} examples: {', '.join(said)}")


def at(chosen: Mapping[int, dict], shot: int) -> dict:
    """What was chosen with this many examples, or with the next smaller number that was tried."""
    return chosen[max((tried for tried in chosen if tried <= shot), default=min(chosen))]


def accuracies(settings: Settings, name: str, trial: dict, theta: Params, images: ImageSet, shot: int,
               seed: int) -> list[float]:
    """Accuracy on each target task of a seed: tasks, drawings and heads are the same for all strategies."""
    found, fitting, strategy = [], settings.fitting, STRATEGIES[name]
    for number in transfer_parts.numbers(fitting, seed):
        pictures = transfer_parts.target(images, fitting.way, number)
        apply, fresh = transfer_parts.network(settings.pretraining.channels, fitting.way, seed=1000 + number)
        start = finetuning.copied(fresh, theta, finetuning.blocks(fresh)[:-1])
        loss, moving, rates = strategy.prepare(losses.cross_entropy(apply), start, fresh, fitting.steps,
                                               number, **trial)
        moved = transfer_parts.fitted(loss, moving, pictures, shot, fitting, number, rates)
        found.append(transfer_parts.judged(apply, strategy.finish(start, moved), pictures, fitting))
    return found


if __name__ == "__main__":
    runner.run("finetuning_glyphs", Settings(), experiment, smoke=SMOKE)
