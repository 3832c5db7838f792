"""Meta-learning or transfer? The best of chapters 2, 3 and 4 in one fair run, with few and more examples.

Everything learns for about as many seconds of processor time, on the same classes, with one backbone and
three trials on validation scripts. What is fitted to a test task gets three rates for each number of shots,
also on validation scripts. Tested on new scripts, on hand-drawn characters, and on sketches of things.

ProtoNet, ANIL and the supervised network are trained as in few_shot_comparison_glyphs, step for step.
"""
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from torch import Tensor

from metacourse.data import omniglot, quickdraw
from metacourse.experiments import comparison_parts, few_shot_comparison_glyphs, fitted_tasks, runner, starts
from metacourse.experiments.contender import Common, Condition, Contender, Judge
from metacourse.experiments.transfer_contenders import BUILD, FITTED, Fitting, fitting
from metacourse.training import Evaluation

TRIALS = {
    **{name: few_shot_comparison_glyphs.TRIALS[name] for name in ("protonet_ways", "anil", "supervised")},
    "simclr": tuple({"outer_lr": lr, "temperature": t} for lr, t in [(3e-3, 0.1), (1e-2, 0.1), (1e-2, 0.5)]),
    "pixels": ({},),
}


def steps() -> dict[str, int]:
    """About 20 seconds of a busy core each: those of few_shot_comparison_glyphs, and SimCLR's."""
    known = few_shot_comparison_glyphs.steps()
    return {**{name: known[name] for name in ("protonet_ways", "anil", "supervised")}, "simclr": 540}


@dataclass(frozen=True)
class Settings:
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)    # of initialization and training episodes
    common: Common = field(default_factory=Common)
    steps: Mapping[str, int] = field(default_factory=steps)
    trial_share: float = 1 / 3                  # of the steps, in each of three trials with the first seed
    validation_episodes: int = 150
    shots: tuple[int, ...] = (1, 5, 10)         # in testing; 1 in training
    test_episodes: int = 600                    # on new scripts, the same for all; 5-way
    other_episodes: int = 200                   # on other pictures
    fitted_episodes: tuple[int, int] = (50, 25) # the first ones, where a network is fitted to each: on
                                                # new scripts, and elsewhere
    rate_episodes: int = 25                     # of validation scripts, to choose the rate of that
    scratch_seeds: int = 3                      # slow, and nothing is learned before
    real: bool = True                           # test on Omniglot and Quick, Draw!, too


SMOKE = Settings(seeds=(0,), common=Common(channels=8, tasks=1, queries=1, fit_steps=1, head_steps=1),
                 steps=dict.fromkeys(TRIALS, 2), validation_episodes=2, shots=(1,), test_episodes=3,
                 other_episodes=2, fitted_episodes=(2, 2), rate_episodes=2,
                 scratch_seeds=1, real=False)


def experiment(settings: Settings, run: runner.Run) -> dict:
    """`accuracy` {domain: {shot: {rule: {seed: score}}}}, paired `difference` to the best, `cost`, `trials`.

    Under "on a task" the trials are {rule: {shot: {rate: accuracy}}}.
    """
    images = starts.load_glyphs(run, size=28)
    tested, evaluations = conditions(settings, images, run), {}
    payload = {"trials": {}, "accuracy": {}, "difference": {}, "cost": {}}
    for name in BUILD:
        chosen = tuned(settings, name, images, run, payload)
        for seed in settings.seeds if chosen else settings.seeds[:1]:        # no seed changes pixels
            judge = trained(settings, name, images, run, seed, chosen)
            for rule in judge.contender.rules:
                judged(settings, name, rule, judge, tested, run, evaluations, seed)
            if seed == settings.seeds[0]:
                payload["cost"] |= comparison_parts.costs(name, judge, tested[0], settings.steps)
            if name == "supervised":
                fit_and_judge(settings, judge, tested, images, run, evaluations, seed, payload)
    comparison_parts.report(payload, evaluations)
    return payload


def conditions(settings: Settings, images: dict[str, Tensor], run: runner.Run) -> list[Condition]:
    """New scripts, and then real drawings, each with every number of shots."""
    domains = {"glyphs": images["test"]}
    if settings.real:
        domains |= {name: data.load(run.data, split="test").images.to(run.device)
                    for name, data in (("omniglot", omniglot), ("quickdraw", quickdraw))}
    return [Condition(name, shot, x, x) for name, x in domains.items() for shot in settings.shots]


def tuned(settings: Settings, name: str, images: dict[str, Tensor], run: runner.Run, payload: dict) -> dict:
    """The trial that is best on validation scripts with one shot, with the first seed."""
    seed, values = settings.seeds[0], []
    validation = Condition("validation", 1, images["val"], images["val"])
    for i, trial in enumerate(TRIALS[name]):
        judge = trained(settings, name, images, run, seed, trial, label=f"trial{i}",
                        share=settings.trial_share)
        rule = next(iter(judge.contender.rules))
        values.append(float(judge(rule, validation, seed=seed, episodes=settings.validation_episodes)))
    payload["trials"][name] = [{**trial, "validation": round(value, 4)}
                               for trial, value in zip(TRIALS[name], values)]
    run.say(f"{name}: {payload['trials'][name]}")
    return TRIALS[name][values.index(max(values))]


def trained(settings: Settings, name: str, images: dict[str, Tensor], run: runner.Run, seed: int, trial: dict,
            *, label: str = "", share: float = 1.0) -> Judge:
    """A contender as a trial wants it, trained for its share of the steps, and ready to answer."""
    named = {key: value for key, value in trial.items() if key != "outer_lr"}
    contender: Contender = BUILD[name](settings.common, images["train"], seed, **named)
    if contender.loss is None:
        return Judge(contender, contender.theta)
    label, steps = f"{name}_{label or f'seed{seed}'}", max(1, round(share * settings.steps[name]))
    theta = run.train(label, contender.loss, contender.theta, contender.batch, steps=steps,
                      outer_lr=trial["outer_lr"], schedule="cosine").theta
    return Judge(contender, theta)


def judged(settings: Settings, name: str, rule: str, judge: Judge, tested: list[Condition], run: runner.Run,
           evaluations: dict, seed: int) -> None:
    """One rule of one trained contender, in every condition."""
    for condition in tested:
        episodes = settings.test_episodes if condition.domain == "glyphs" else settings.other_episodes
        found = judge(rule, condition, episodes=episodes)
        keep(evaluations, condition, judge.label(name, rule), seed, found, run)


def fit_and_judge(settings: Settings, judge: Judge, tested: list[Condition], images: dict[str, Tensor],
                  run: runner.Run, evaluations: dict, seed: int, payload: dict) -> None:
    """Networks fitted to each test task, from the supervised one or from scratch, in every condition."""
    if seed == settings.seeds[0]:
        payload["trials"]["on a task"] = {
            rule: {shot: rates_tried(settings, rule, judge, images["val"], shot, seed)
                   for shot in settings.shots} for rule in FITTED}
        run.say(f"rates on a task: {payload['trials']['on a task']}")
    for rule, by_shot in payload["trials"]["on a task"].items():
        if rule == "scratch" and seed not in settings.seeds[:settings.scratch_seeds]:
            continue
        how = fitting(rule, settings.common, judge.theta, seed)
        for condition in tested:
            began, lr = time.process_time(), max(by_shot[condition.shot], key=by_shot[condition.shot].get)
            episodes = settings.fitted_episodes[condition.domain != "glyphs"]
            found = fitted(settings, how, judge, condition, lr, episodes)
            keep(evaluations, condition, rule, seed, found, run)
            if condition is tested[0] and seed == settings.seeds[0]:
                seconds = (time.process_time() - began) / len(found.per_episode)
                payload["cost"][rule] = {**cost_before(rule, payload), "seconds_per_task": round(seconds, 5)}


def rates_tried(settings: Settings, rule: str, judge: Judge, images: Tensor, shot: int,
                seed: int) -> dict[float, float]:
    """Accuracy on validation scripts with each rate."""
    how = fitting(rule, settings.common, judge.theta, seed)
    condition = Condition("validation", shot, images, images)
    return {lr: round(float(fitted(settings, how, judge, condition, lr, settings.rate_episodes)), 4)
            for lr in FITTED[rule]}


def fitted(settings: Settings, how: Fitting, judge: Judge, condition: Condition, lr: float,
           episodes: int) -> Evaluation:
    """One way of fitting, at one rate, in one condition."""
    common = settings.common
    drawn = condition.episodes((lambda x: x) if how.pictures else judge.embedded, episodes=episodes)
    return fitted_tasks.evaluate(how.apply, how.starts, drawn, loss=how.loss, rates=how.rates(lr),
                                 steps=common.fit_steps if how.pictures else common.head_steps)


def cost_before(rule: str, payload: dict) -> dict:
    """What it took until the first test task: the supervised training, or nothing."""
    before = payload["cost"]["simple_shot"]
    return dict.fromkeys(before, 0) if rule == "scratch" else before


def keep(evaluations: dict, condition: Condition, rule: str, seed: int, found: Evaluation,
         run: runner.Run) -> None:
    """One evaluation in its place, and on the screen."""
    evaluations.setdefault((condition.domain, condition.shot), {}).setdefault(rule, {})[seed] = found
    run.say(f"seed {seed}, {rule}, {condition.domain} {condition.shot}-shot: {found}")


if __name__ == "__main__":
    runner.run("transfer_or_meta_glyphs", Settings(), experiment, smoke=SMOKE)
