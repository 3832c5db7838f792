"""What the comparison of chapter 3 keeps beside accuracies: paired differences, costs, and verification."""
from collections.abc import Callable
from statistics import fmean

import torch
from torch import Tensor

from metacourse.data.sampling import sample_episodes
from metacourse.episode import Params, tasks
from metacourse.experiments import few_shot, starts
from metacourse.experiments.contender import Condition, Judge
from metacourse.methods import verification
from metacourse.training import Evaluation
from metacourse.training.cost import cost
from metacourse.training.reproducible import generator

Evaluations = dict[tuple[str, int], dict[str, dict[int, Evaluation]]]        # (domain, shot), rule, seed
VERIFIED = ("pixels", "siamese", "triplet", "protonet", "supervised")
POINTS = 60                                     # of a ROC curve in the results file


def report(payload: dict, evaluations: Evaluations) -> None:
    """Accuracies and paired differences into the payload, and a table of the first condition."""
    for (domain, shot), rules in evaluations.items():
        accuracy = {rule: {seed: few_shot.score(one) for seed, one in seeds.items()}
                    for rule, seeds in rules.items()}
        payload["accuracy"].setdefault(domain, {})[shot] = accuracy
        payload["difference"].setdefault(domain, {})[shot] = to_the_best(rules)
    first = next(iter(evaluations.values()))
    payload["table"] = [{"setting": rule, **averaged(seeds)} for rule, seeds in first.items()]


def averaged(seeds: dict[int, Evaluation]) -> dict:
    """Accuracy over seeds, and the interval over episodes of the seeds' mean."""
    mean = torch.stack([one.per_episode for one in seeds.values()]).mean(0)
    return {"accuracy": round(mean.mean().item(), 5), "interval": half_width(mean), "seeds": len(seeds)}


def to_the_best(rules: dict[str, dict[int, Evaluation]]) -> dict:
    """How much each rule lies below the best one: for each seed, and over episodes with seeds averaged."""
    best = max(rules, key=lambda rule: fmean(one.accuracy for one in rules[rule].values()))
    found = {"best": best}
    for rule, seeds in rules.items():
        apart = {}
        for seed, other in rules[best].items():
            one = seeds.get(seed, next(iter(seeds.values())))                # pixels know no seed
            shared = min(len(one.per_episode), len(other.per_episode))       # the first ones are the same
            apart[seed] = one.per_episode[:shared] - other.per_episode[:shared]
        mean = torch.stack(list(apart.values())).mean(0)
        found[rule] = {"mean": round(mean.mean().item(), 5), "interval": half_width(mean),
                       "seeds": {seed: round(values.mean().item(), 5) for seed, values in apart.items()}}
    return found


def half_width(values: Tensor) -> float:
    """Of the 95 % interval of a mean over episodes."""
    return round(1.96 * values.std(correction=1).item() / len(values) ** 0.5, 5)


def costs(name: str, judge: Judge, condition: Condition, steps: dict[str, int]) -> dict[str, dict]:
    """What training took, and what one test task takes, from pictures to scores; by rule."""
    contender, device = judge.contender, condition.query.device
    trained = dict.fromkeys(("steps", "seconds_per_step", "training_seconds", "training_megabytes"), 0)
    if contender.loss is not None:
        step = one_step(contender.loss, judge.theta, contender.batch(0))
        seconds = starts.seconds_of(step, device)
        trained |= {"steps": steps[name], "seconds_per_step": round(seconds, 5),
                    "training_seconds": round(steps[name] * seconds, 2),
                    "training_megabytes": round(cost(step).peak_bytes / 1e6, 2)}
    (support, query), = tasks(sample_episodes(condition.query, tasks=1, way=5, shot=1, queries=15,
                                              rng=generator(0)))
    found = {}
    for rule in contender.rules:
        predict = judge.predict(rule)

        def test(predict: Callable = predict) -> tuple[Tensor]:
            return (predict(support, query.x.flatten(0, 1)).sum(),)
        found[judge.label(name, rule)] = {
            "parameters": sum(p.numel() for p in judge.theta.values()), **trained,
            "seconds_per_task": round(starts.seconds_of(test, device), 5),
            "task_megabytes": round(cost(test).peak_bytes / 1e6, 2)}
    return found


def one_step(loss: Callable, theta: Params, batch) -> Callable[[], tuple]:
    """A function that computes loss and gradient, as a training step does."""
    theta = {name: p.detach().clone().requires_grad_() for name, p in theta.items()}

    def step() -> tuple:
        value = loss(theta, batch)
        if isinstance(value, tuple):
            return value
        return value.detach(), torch.autograd.grad(value, list(theta.values()), allow_unused=True)
    return step


def verify(into: dict, name: str, judge: Judge, images: Tensor, pairs: int, seed: int) -> None:
    """Same character or not? Equal error rate and F1 by distance, half of the pairs being same; the curve."""
    if name not in VERIFIED or (name == "pixels" and into.get(name)):
        return
    z = judge.embedded(images) if judge.contender.embed else images.flatten(2).float() / 255
    known = verification.pairs(z, number=pairs, rng=generator(0))
    false, true, _ = verification.roc(*known)
    some = torch.linspace(0, len(false) - 1, POINTS).round().long()
    into.setdefault(name, {})[seed] = {
        "equal_error_rate": round(verification.equal_error_rate(*known).value, 5),
        "best_f1": round(verification.best_f1(*known).value, 5),
        "false_accept": [round(value, 4) for value in false[some].tolist()],
        "true_accept": [round(value, 4) for value in true[some].tolist()]}
