"""How strong should the reversal be, and when to stop, if nobody may look at a target label?

DANN with several λ, watched at several moments of each training, in a network without normalization: what
adapts is DANN alone. Every criterion chooses a λ and a moment; those without target labels are compared with
the one that has them. Features of the first seed are kept on a plane: source digit k is drawn toward place
k of a clock, by the linear map that does this best for the source then; the target follows by the same map.
"""
import math
from dataclasses import dataclass, field, replace

import torch
from jaxtyping import Float, Int
from torch import Tensor

from metacourse import results
from metacourse.data.domains import Labeled
from metacourse.episode import Params
from metacourse.experiments import domain_parts as parts
from metacourse.experiments import runner
from metacourse.experiments.domain_parts import Network, Pair, Training
from metacourse.methods import dann
from metacourse.training import train

CRITERIA = {                                    # larger is better
    "labels": lambda m: m["target_validation"],
    "no choice": lambda m: (m["reversal"] == 1.0) * m["step"],               # the paper's λ, to the end
    "source accuracy": lambda m: m["source"],
    "domain accuracy": lambda m: -abs(m["domain"] - 0.5),
    "sure": lambda m: m["sure"],
    "sure and varied": lambda m: m["information"],
}
SOME = 5                                        # every so many-th picture tells the statistics


@dataclass(frozen=True)
class Settings:
    seeds: tuple[int, ...] = (0, 1, 2)
    training: Training = field(default_factory=lambda: Training(norm="none"))
    reversals: tuple[float, ...] = (0.0, 0.1, 0.3, 1.0, 3.0)
    moments: tuple[int, ...] = (0, 25, 50, 100, 150, 200, 300, 400, 500)
    target: str = "bold_on_noise"
    per_class: int = 300
    test_per_class: int = 100                   # and as many target pictures with labels, to choose by
    shown: int = 20                             # pictures of a digit on the plane, of each domain


SMOKE = Settings(seeds=(0,), training=Training(channels=8, hidden=8, pictures=8, steps=3, norm="none"),
                 per_class=6, reversals=(0.0, 1.0), moments=(0, 1, 3), test_per_class=6, shown=2)


def experiment(settings: Settings, run: runner.Run) -> dict:
    """`sweep` {λ: {seed: score and what was seen at each moment}}, `chosen` {criterion: {seed: score}}."""
    made = dict(per_class=settings.per_class, test_per_class=settings.test_per_class)
    pair = parts.move(parts.glyph_pair(settings.target, **made), run)
    validation = parts.move(parts.glyph_pair(settings.target, **made, seed=1), run).new_target
    payload, clouds = {"sweep": {}, "chosen": {}}, {}
    for seed in settings.seeds:
        seen = []
        for reversal in settings.reversals:
            nets = watched(settings, pair, run, seed, reversal)
            moments = [look(net, pair, validation, step=step, reversal=reversal)
                       for step, net in nets.items()]
            payload["sweep"].setdefault(reversal, {})[seed] = kept(moments, len(pair.new_target.x))
            seen += moments
            if seed == settings.seeds[0]:
                clouds |= planes(settings, nets, pair, reversal)
            run.say(f"seed {seed}, λ = {reversal}: {moments[-1]}")
        for criterion, value in CRITERIA.items():
            best = max(seen, key=value)
            payload["chosen"].setdefault(criterion, {})[seed] = (
                of_target(best["target"], len(pair.new_target.x))
                | {key: best[key] for key in ("reversal", "step")})
    results.save_weights(run.name, clouds)
    return payload


def watched(settings: Settings, pair: Pair, run: runner.Run, seed: int,
            reversal: float) -> dict[int, Network]:
    """{step: the network then} of one training. It has no checkpoint, since the way matters, not the end."""
    training = replace(settings.training, reversal=reversal)
    net, steps = parts.network(training, seed), iter(range(1, training.steps + 1))
    start = {name: p.to(run.device) for name, p in net.theta.items()}
    found = {0: net._replace(theta=start)}

    def keep(theta: Params) -> None:
        if (step := next(steps)) in settings.moments:
            found[step] = net._replace(theta={name: p.detach().clone() for name, p in theta.items()})
    *_, history = train(parts.losses(net, training)["dann"], start, parts.batches(pair, training, seed),
                        after_step=keep, steps=training.steps, outer_lr=training.outer_lr, schedule="cosine",
                        progress=False)
    if history.stopped == "interrupt":
        raise KeyboardInterrupt
    return found


def look(net: Network, pair: Pair, validation: Labeled, *, step: int, reversal: float) -> dict:
    """All accuracies at one moment, and what can be said of the target without its labels."""
    some_source, some_target = pair.source.x[::SOME], pair.target.x[::SOME]
    z_source = parts.features(net, pair.new_source.x, like=some_source)
    z_target, z_validation, z_unlabeled = (parts.features(net, x, like=some_target) for x in
                                           (pair.new_target.x, validation.x, some_target))
    p = parts.scores(net, z_unlabeled).softmax(1)
    entropy, of_mean = torch.special.entr(p).sum(1).mean(), torch.special.entr(p.mean(0)).sum()  # 0 log 0 = 0
    return {"reversal": reversal, "step": step,
            "source": share(parts.right(net, z_source, pair.new_source.y)),
            "target": share(parts.right(net, z_target, pair.new_target.y)),
            "target_validation": share(parts.right(net, z_validation, validation.y)),
            "domain": round(dann.domain_accuracy(net.domain, net.theta, z_source, z_target), 5),
            "sure": round(-entropy.item(), 5),
            "information": round((of_mean - entropy).item(), 5)}


def share(right: Tensor) -> float:
    """Of what is true."""
    return round(right.double().mean().item(), 5)


def of_target(accuracy: float, pictures: int) -> dict:
    """A score as a results file keeps it."""
    half = 1.96 * (accuracy * (1 - accuracy) / pictures) ** 0.5
    return {"accuracy": accuracy, "interval": round(half, 5)}


def kept(moments: list[dict], pictures: int) -> dict:
    """The last moment's score, and a list over moments of everything seen."""
    lists = {key: [m[key] for m in moments] for key in moments[0] if key != "reversal"}
    return of_target(moments[-1]["target"], pictures) | lists


def planes(settings: Settings, nets: dict[int, Network], pair: Pair, reversal: float) -> dict[str, Tensor]:
    """Both clouds of every moment, "λ.source" and "λ.target" [moment, picture, 2], and their labels."""
    every = settings.test_per_class // settings.shown
    clouds = []
    for net in nets.values():
        z = [parts.features(net, domain.x, like=like.x[::SOME]) for domain, like in
             ((pair.new_source, pair.source), (pair.new_target, pair.target))]
        onto = clock(z[0], pair.new_source.y)
        clouds.append([onto(part[::every]) for part in z])
    source, target = (torch.stack(parts_).half() for parts_ in zip(*clouds))
    return {f"{reversal:g}.source": source, f"{reversal:g}.target": target,
            "y_source": pair.new_source.y[::every], "y_target": pair.new_target.y[::every]}


def clock(z: Float[Tensor, "picture dim"], y: Int[Tensor, " picture"], ridge: float = 1e-3):
    """A linear map onto a plane that brings class k as near as it can to place k of a clock."""
    angle = math.pi / 2 - 2 * math.pi * torch.arange(parts.CLASSES, device=z.device) / parts.CLASSES
    places = torch.stack([angle.cos(), angle.sin()], dim=1)[y].double()
    mean, off = z.double().mean(0), z.double() - z.double().mean(0)
    scale = ridge * off.square().sum(0).mean() * torch.eye(z.shape[1], device=z.device, dtype=torch.double)
    weight = torch.linalg.solve(off.T @ off + scale, off.T @ (places - places.mean(0)))
    return lambda z: ((z.double() - mean) @ weight + places.mean(0)).float()


if __name__ == "__main__":
    runner.run("domain_reversal_glyphs", Settings(), experiment, smoke=SMOKE)
