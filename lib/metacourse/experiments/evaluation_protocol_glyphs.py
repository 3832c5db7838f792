"""What an accuracy is worth: two close methods, episode by episode, and what moves a number beside skill."""
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import combinations

import torch
from torch import Tensor

from metacourse import results
from metacourse.data.imageset import ImageSet
from metacourse.data.sampling import sample_episodes
from metacourse.episode import Episode, Examples, Params
from metacourse.experiments import few_shot, protonet_glyphs, runner
from metacourse.training import Evaluation, evaluate
from metacourse.training.reproducible import generator

A = "protonet_glyphs"                           # the experiment whose first network is A
QUERIES = 75                                    # of a test episode: 15 for each of five classes


@dataclass(frozen=True)
class Settings:
    seeds: tuple[int, ...] = (0,)
    training: protonet_glyphs.Settings = field(         # of B: A's, but with fewer episodes
        default_factory=lambda: protonet_glyphs.Settings(seeds=(0,), steps=650, validate_every=50))
    episodes: int = 2000                        # A and B meet the same ones
    usual_episodes: int = 600                   # of every evaluation in `spread`
    repetitions: int = 20                       # of choosing test episodes
    scripts: int = 3                            # of six, in every choice of test classes
    drawings: int = 5                           # a class, where support and query are drawn carelessly
    few_episodes: int = 20                      # on which a model is chosen carelessly
    choices: int = 1000                         # repetitions of that


SMOKE = Settings(training=protonet_glyphs.SMOKE, episodes=8, usual_episodes=4, repetitions=2, scripts=1,
                 few_episodes=2, choices=5)


def experiment(settings: Settings, run: runner.Run) -> dict:
    """Right answers per episode of A and B; how luck spreads A's accuracy; three leaks and what they pay."""
    seed, = settings.seeds
    splits, checkpoints = few_shot.load_glyphs(run), []
    train_b = partial(protonet_glyphs.trained_protonet, settings.training, splits, run, seed, label="b_")
    embed, theta_b, history = train_b(watch=checkpoints.append)
    if len(checkpoints) < len(history.validation):
        raise ValueError("a resumed run has lost the checkpoints to choose from: start it without --resume")
    z = {"a": few_shot.embedded(embed, needed_weights(A, run), splits["test"].images),
         "b": few_shot.embedded(embed, theta_b, splits["test"].images)}
    scored = {name: few_shot.evaluate_prototypes(z[name], episodes=settings.episodes) for name in z}
    run.say(f"A {scored['a']}, B {scored['b']}")
    leaks = {"test classes in training": classes_leak(settings, splits, run, honest=scored["b"]),
             "query in the support set": queries_leak(settings, z["a"]),
             "model chosen on test episodes": choice_leaks(settings, embed, checkpoints, splits, scored["b"])}
    for name, leak in leaks.items():
        run.say(f"{name}: {leak}")
    return {"per_episode": {name: (e.per_episode * QUERIES).round().int() for name, e in scored.items()},
            "queries": QUERIES, **{name: few_shot.score(e) for name, e in scored.items()},
            "spread": spread(settings, z["a"], splits["test"]), "leaks": leaks}


def needed_weights(name: str, run: runner.Run) -> Params:
    """θ that another experiment saved. Raises FileNotFoundError where it did not run yet."""
    theta = results.weights(name)
    if not theta:
        raise FileNotFoundError(f"{run.name} needs the weights of {name}, which is {theta}")
    return {key: p.to(run.device) for key, p in theta.items()}


def spread(settings: Settings, z: Tensor, test: ImageSet) -> dict[str, list[float]]:
    """Accuracies that differ by one piece of luck each: test episodes, training seed, test classes."""
    def accuracy(z: Tensor, seed: int) -> float:
        return few_shot.evaluate_prototypes(z, episodes=settings.usual_episodes, seed=seed).accuracy
    scripts = list(dict.fromkeys(test.groups))
    chosen = [[group in some for group in test.groups] for some in combinations(scripts, settings.scripts)]
    trained = results.load(A)["protonet"]
    return {"test episodes": [accuracy(z, seed) for seed in range(1, settings.repetitions + 1)],
            "training seeds": [trained[seed]["accuracy"] for seed in trained],
            "test scripts": [accuracy(z[torch.tensor(some)], seed=0) for some in chosen]}


def classes_leak(settings: Settings, splits: dict[str, ImageSet], run: runner.Run, *,
                 honest: Evaluation) -> dict:
    """B, and B trained on training and test classes together."""
    joined = ImageSet(*(torch.cat(both) if isinstance(both[0], Tensor) else both[0] + both[1]
                        for both in zip(splits["train"], splits["test"])))
    embed, theta, _ = protonet_glyphs.trained_protonet(settings.training, {**splits, "train": joined}, run,
                                                       settings.seeds[0], label="leaked_")
    z = few_shot.embedded(embed, theta, splits["test"].images)
    inflated = few_shot.evaluate_prototypes(z, episodes=settings.episodes)
    return {"honest": few_shot.score(honest), "inflated": few_shot.score(inflated)}


def queries_leak(settings: Settings, z: Tensor) -> dict:
    """A, with few drawings a class: before queries are drawn, the support is taken out, or is not."""
    def draw(careless: bool) -> Episode:
        episodes = sample_episodes(z[:, :settings.drawings], tasks=settings.episodes, way=5, shot=1,
                                   queries=settings.drawings - 1, rng=generator(settings.seeds[0]))
        if not careless:
            return episodes
        (support, query), shape = episodes, episodes.query.y.shape
        all_drawings = torch.cat([support.x, query.x], dim=2)                   # [tasks, way, drawings, dim]
        picks = torch.randint(settings.drawings, shape, generator=generator(settings.seeds[0], 1))
        x = all_drawings.gather(2, picks[..., None].expand(*shape, z.shape[-1]).to(z.device))
        return Episode(support, Examples(x, query.y))
    return {name: few_shot.score(evaluate(few_shot.nearest_prototype, draw(careless)))
            for name, careless in [("honest", False), ("inflated", True)]}


def choice_leaks(settings: Settings, embed: Callable, checkpoints: list[Params],
                 splits: dict[str, ImageSet], honest: Evaluation) -> dict:
    """B, chosen on validation scripts; and the best of B's checkpoints, each tried on a few test episodes."""
    per_episode = torch.stack([
        few_shot.evaluate_prototypes(few_shot.embedded(embed, theta, splits["test"].images),
                                     episodes=settings.episodes).per_episode for theta in checkpoints])
    picks = torch.randint(settings.episodes, (len(checkpoints), settings.choices, settings.few_episodes),
                          generator=generator(settings.seeds[0], 2))
    tried = per_episode.gather(1, picks.flatten(1)).view(picks.shape).mean(dim=-1)      # [checkpoint, choice]
    reported, winner = tried.max(dim=0)
    true = per_episode.mean(dim=1)[winner]
    return {"honest": few_shot.score(honest), "inflated": repeated(reported), "in truth": repeated(true),
            "checkpoints": len(checkpoints), "few_episodes": settings.few_episodes}


def repeated(values: Tensor) -> dict:
    """Mean over repetitions of a choice, and its 95 % interval."""
    return {"accuracy": round(values.mean().item(), 5),
            "interval": round(1.96 * values.std().item() / len(values) ** 0.5, 5), "choices": len(values)}


if __name__ == "__main__":
    runner.run("evaluation_protocol_glyphs", Settings(), experiment, smoke=SMOKE)
