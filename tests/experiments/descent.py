"""The smallest experiment, for tests of what all experiments share."""
from dataclasses import dataclass, field

import torch

from metacourse.experiments import runner


@dataclass(frozen=True)
class Tasks:
    way: int = 5
    shot: int = 1


@dataclass(frozen=True)
class Settings:
    seeds: tuple[int, ...] = (0, 1, 2)
    steps: int = 50
    drawn: Tasks = field(default_factory=Tasks)


SMOKE = Settings(seeds=(0,), steps=2)


def descend(settings, run):
    """Minimize θ², and say how far it came for every seed."""
    def loss(theta, start):
        return (theta["w"] - start).square()
    payload = {}
    for seed in settings.seeds:
        start = {"w": torch.tensor(1.0)}
        theta, history = run.train(f"seed{seed}", loss, start, lambda step, seed=seed: seed,
                                   validate_every=10, steps=settings.steps)
        payload[str(seed)] = {"w": theta["w"].item(), "steps": len(history.loss)}
    return payload


def run(tmp_path, *arguments, experiment=descend, **settings):
    return runner.run("descent", Settings(**settings), experiment, smoke=SMOKE,
                      arguments=["--device", "cpu", "--out", str(tmp_path), *arguments])
