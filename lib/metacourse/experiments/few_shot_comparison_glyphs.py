"""Which one? Chapter 3's methods, MAML and plain baselines: one backbone, one budget, the same test tasks.

Every contender trains for about as many seconds of processor time, on the same classes and as many pictures a
step. Each gets three trials on validation scripts, at a third of the budget. Tested on new scripts, on real
drawings, and with printed support pictures.
"""
from collections.abc import Mapping
from dataclasses import dataclass, field

from torch import Tensor

from metacourse import results
from metacourse.data import glyphs, omniglot, quickdraw
from metacourse.experiments import comparison_parts, few_shot, runner, starts
from metacourse.experiments.contender import Common, Condition, Contender, Judge
from metacourse.experiments.contenders import BUILD
from metacourse.methods import supervised
from metacourse.training import History

RATES = ({"outer_lr": 1e-3}, {"outer_lr": 3e-3}, {"outer_lr": 1e-2})
TRIALS = {                                      # where more than the rate matters, trials are spent on that
    **dict.fromkeys(BUILD, RATES),
    "protonet_ways": tuple({"outer_lr": lr, "way": w} for lr, w in [(3e-3, 10), (3e-3, 20), (1e-2, 20)]),
    "matching": tuple({"outer_lr": lr, "temperature": t}
                      for lr, t in [(3e-3, 1.0), (3e-3, 0.1), (1e-2, 0.1)]),
    "siamese": tuple({"outer_lr": lr, "margin": m}
                     for lr, m in [(3e-3, 1.0), (3e-3, 5.0), (1e-2, 5.0)]),
    "triplet": tuple({"outer_lr": 3e-3, "margin": m, "mining": mining}
                     for m, mining in [(1.0, "all"), (1.0, "hard"), (5.0, "all")]),
    "cosine_head": tuple({"outer_lr": lr, "scale": s}
                         for lr, s in [(3e-3, 10.0), (1e-2, 10.0), (1e-2, 20.0)]),
    "scratch": tuple({"lr": lr} for lr in (1e-3, 3e-3, 1e-2)),
    "pixels": ({},),
}
TRIALS["matching_fce"] = TRIALS["matching"]
FITTED = {"supervised": "finetune", "cosine_head": "cosine_head"}    # fitted to a task at a rate
FITTING_RATES = (1e-3, 3e-3, 1e-2)


def steps() -> dict[str, int]:
    """About 20 seconds of a busy core each, measured before the run; `cost` says what it came to."""
    return {"protonet": 840, "protonet_ways": 878, "matching": 792, "matching_fce": 295, "siamese": 715,
            "triplet": 742, "relation": 352, "maml": 262, "anil": 408, "supervised": 825, "cosine_head": 770}


@dataclass(frozen=True)
class Settings:
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)    # of initialization and training episodes
    methods: tuple[str, ...] = tuple(BUILD)
    common: Common = field(default_factory=Common)
    steps: Mapping[str, int] = field(default_factory=steps)
    trial_share: float = 1 / 3                  # of the steps, in each of three trials with the first seed
    validation_episodes: int = 150
    shots: tuple[int, ...] = (1, 5)             # in testing; 1 in training
    test_episodes: int = 600                    # in the first condition, the same for all; 5-way
    other_episodes: int = 100                   # in the others
    slow_episodes: tuple[int, int] = (200, 20)  # the first ones, where a rule is slow: there, and elsewhere
    pairs: int = 5000                           # of test pictures, for verification
    real: bool = True                           # test on Omniglot and Quick, Draw!, too


SMOKE = Settings(seeds=(0,), methods=("protonet", "maml", "supervised", "cosine_head", "pixels"),
                 common=Common(channels=8, tasks=1, queries=1, fit_steps=1, head_steps=1),
                 steps=dict.fromkeys(BUILD, 2), validation_episodes=2, shots=(1,), test_episodes=3,
                 other_episodes=2, slow_episodes=(2, 2), pairs=50, real=False)


def experiment(settings: Settings, run: runner.Run) -> dict:
    """`accuracy` {domain: {shot: {rule: {seed: score}}}}, paired `difference` to the best, `cost`, `trials`,
    `verification`, `curves`, and a `table` of the first condition."""
    images = starts.load_glyphs(run, size=28)
    tested = conditions(settings, images, run)
    payload = {"trials": {}, "accuracy": {}, "difference": {}, "cost": {}, "verification": {}, "curves": {}}
    chosen = {name: tuned(settings, name, images, run, payload) for name in settings.methods}
    evaluations, weights = {}, {}
    for seed in settings.seeds:
        for name in settings.methods:
            contender, theta, history = trained(settings, name, images, run, seed, chosen[name])
            judge = Judge(contender, theta)
            judged(settings, name, judge, tested, run, evaluations, seed)
            if history is not None:
                payload["curves"].setdefault(name, {})[seed] = few_shot.curve(history, points=10)
            comparison_parts.verify(payload["verification"], name, judge, images["test"], settings.pairs,
                                    seed)
            if seed == settings.seeds[0]:
                payload["cost"] |= comparison_parts.costs(name, judge, tested[0], settings.steps)
                weights |= kept(name, theta)
    comparison_parts.report(payload, evaluations)
    results.save_weights(run.name, weights)
    return payload


def conditions(settings: Settings, images: dict[str, Tensor], run: runner.Run) -> list[Condition]:
    """New scripts first; then printed support pictures, and real drawings."""
    few = few_shot.SMALL_SCRIPTS["test"] if run.smoke else None
    printed = glyphs.load("test", distortion=0.0, scripts=few).images.to(run.device)
    domains = {"glyphs": (images["test"],) * 2, "printed": (printed, images["test"])}
    if settings.real:
        for name, data in (("omniglot", omniglot), ("quickdraw", quickdraw)):
            domains[name] = (data.load(run.data, split="test").images.to(run.device),) * 2
    return [Condition(name, shot, *pair) for name, pair in domains.items() for shot in settings.shots
            if name == "glyphs" or shot == 1]


def tuned(settings: Settings, name: str, images: dict[str, Tensor], run: runner.Run, payload: dict) -> dict:
    """The trial that is best on validation scripts, with the first seed."""
    seed, tried, thetas = settings.seeds[0], [], []
    for i, trial in enumerate(TRIALS[name]):
        contender, theta, _ = trained(settings, name, images, run, seed, trial, label=f"trial{i}",
                                      share=settings.trial_share)
        tried.append(validated(settings, contender, images["val"], seed, theta))
        thetas.append(theta)
    best = max(range(len(tried)), key=tried.__getitem__)
    payload["trials"][name] = [{**trial, "validation": round(value, 4)}
                               for trial, value in zip(TRIALS[name], tried)]
    chosen = {**TRIALS[name][best], **fitting_rate(settings, name, TRIALS[name][best], thetas[best], images,
                                                   payload)}
    run.say(f"{name}: chose {chosen} of {payload['trials'][name]}")
    return chosen


def fitting_rate(settings: Settings, name: str, trial: dict, theta: dict, images: dict[str, Tensor],
                 payload: dict) -> dict:
    """Three trials more for the rate of what a rule fits to a test task."""
    if name not in FITTED:
        return {}
    values, seed = [], settings.seeds[0]
    for lr in FITTING_RATES:
        contender = build(settings, name, images, seed, {**trial, "lr": lr})
        values.append(validated(settings, contender, images["val"], seed, theta, rule=FITTED[name]))
    payload["trials"][f"{FITTED[name]}, on a task"] = [{"lr": lr, "validation": round(value, 4)}
                                                       for lr, value in zip(FITTING_RATES, values)]
    return {"lr": FITTING_RATES[values.index(max(values))]}


def build(settings: Settings, name: str, images: dict[str, Tensor], seed: int, trial: dict) -> Contender:
    """A contender as a trial wants it."""
    named = {key: value for key, value in trial.items() if key != "outer_lr"}
    return BUILD[name](settings.common, images["train"], seed, **named)


def validated(settings: Settings, contender: Contender, images: Tensor, seed: int, theta: dict,
              rule: str = "") -> float:
    """Accuracy on validation scripts, of the contender's first rule where none is named."""
    rule = rule or next(iter(contender.rules))
    slow, condition = contender.rules[rule].slow, Condition("validation", 1, images, images)
    episodes = settings.slow_episodes[1] if slow else settings.validation_episodes
    return float(Judge(contender, theta)(rule, condition, seed=seed, episodes=episodes))


def trained(settings: Settings, name: str, images: dict[str, Tensor], run: runner.Run, seed: int, trial: dict,
            *, label: str = "", share: float = 1.0) -> tuple[Contender, dict, History | None]:
    """(contender, the last θ, history); what learns nothing has no history."""
    contender = build(settings, name, images, seed, trial)
    if contender.loss is None:
        return contender, contender.theta, None
    steps = max(1, round(share * settings.steps[name]))
    theta, history = run.train(
        f"{name}_{label or f'seed{seed}'}", contender.loss, contender.theta, contender.batch, steps=steps,
        outer_lr=trial["outer_lr"], schedule="cosine")
    return contender, theta, history


def judged(settings: Settings, name: str, judge: Judge, tested: list[Condition], run: runner.Run,
           evaluations: dict, seed: int) -> None:
    """Every rule of one trained contender, in every condition."""
    for rule, how in judge.contender.rules.items():
        label = judge.label(name, rule)
        episodes = (settings.test_episodes, settings.other_episodes)
        episodes = settings.slow_episodes if how.slow else episodes
        for i, condition in enumerate(tested):
            into = evaluations.setdefault((condition.domain, condition.shot), {}).setdefault(label, {})
            if name == "pixels" and into:                                    # no seed changes it
                continue
            into[seed] = judge(rule, condition, episodes=episodes[i > 0])
            run.say(f"seed {seed}, {label}, {condition.domain} {condition.shot}-shot: {into[seed]}")


def kept(name: str, theta: dict) -> dict:
    """What travels with the library; a head of all training classes is large, and so is a full context."""
    if name == "matching_fce":
        return {}
    left = supervised.HEAD if name in ("supervised", "cosine_head") else None
    return {f"{name}.{key}": p for key, p in theta.items() if left is None or not key.startswith(left)}


if __name__ == "__main__":
    runner.run("few_shot_comparison_glyphs", Settings(), experiment, smoke=SMOKE)
