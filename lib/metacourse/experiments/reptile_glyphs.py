"""Reptile on glyphs: a better start for gradient descent, found without a second derivative."""
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from metacourse import results
from metacourse.data.imageset import ImageSet
from metacourse.data.sampling import test_episodes
from metacourse.episode import Params
from metacourse.experiments import few_shot, runner
from metacourse.methods import losses, maml, reptile
from metacourse.training import Evaluation, History, evaluate


@dataclass(frozen=True)
class Settings:
    seeds: tuple[int, ...] = (0,)               # of initialization and training episodes
    channels: int = 32                          # of the Conv4
    norm: str = "group"                         # inductive: every picture is normalized by itself
    shot: int = 10                              # in training, as in the paper; 1 in testing
    queries: int = 0                            # Reptile uses none; 15 in testing
    tasks: int = 2                              # a step
    steps: int = 500
    inner_lr: float = 0.1
    inner_steps: int = 8                        # in training and testing
    outer_lr: float = 1.0                       # ε: all the way to the mean of φ at first, then less and less
    optimizer: str = "sgd"                      # of the outer loop
    validate_every: int = 100                   # steps
    validation_episodes: int = 60               # 5-way 1-shot on validation scripts
    test_episodes: int = 600                    # 5-way 1-shot on test scripts
    walk: tuple[int, ...] = (0, 1, 2, 5, 10, 20)    # inner steps in testing, to see beyond training's number
    walk_episodes: int = 100


SMOKE = Settings(shot=2, tasks=1, steps=2, inner_steps=1, validate_every=1, validation_episodes=2,
                 test_episodes=4, walk=(0, 1), walk_episodes=2)


def experiment(settings: Settings, run: runner.Run) -> dict:
    """Test accuracy of Reptile for every seed, and how it grows along the inner steps."""
    splits, payload = few_shot.load_glyphs(run), {"reptile": {}, "walk": {}, "curves": {}}
    for seed in settings.seeds:
        apply, theta, history = trained_start(settings, splits, run, seed)
        score = partial(evaluate_start, settings, apply, theta, splits["test"])
        scored = score(episodes=settings.test_episodes, inner_steps=settings.inner_steps)
        run.say(f"seed {seed}: {scored}")
        payload["reptile"][seed], payload["curves"][seed] = few_shot.score(scored), few_shot.curve(history)
        payload["walk"][seed] = {
            steps: few_shot.score(score(episodes=settings.walk_episodes, inner_steps=steps))
            for steps in settings.walk}
        if seed == settings.seeds[0]:
            results.save_weights(run.name, theta)
    return payload


def trained_start(settings: Settings, splits: dict[str, ImageSet], run: runner.Run,
                  seed: int) -> tuple[Callable, Params, History]:
    """(apply, θ, history) of one training run; θ is the best on validation classes."""
    apply, theta = few_shot.network(seed, channels=settings.channels, norm=settings.norm, way=5)

    def validate(theta: Params) -> Evaluation:
        return evaluate_start(settings, apply, theta, splits["val"], episodes=settings.validation_episodes,
                              inner_steps=settings.inner_steps, seed=seed)
    loss = partial(reptile.meta_gradient, losses.cross_entropy(apply), inner_lr=settings.inner_lr,
                   inner_steps=settings.inner_steps)
    batch = few_shot.batches(splits["train"].images, seed=seed, tasks=settings.tasks, way=5,
                             shot=settings.shot, queries=settings.queries)
    trained = run.train(f"seed{seed}", loss, theta, batch, steps=settings.steps, outer_lr=settings.outer_lr,
                        optimizer=settings.optimizer, schedule="cosine", validate=validate,
                        validate_every=settings.validate_every)
    return apply, *trained


def evaluate_start(settings: Settings, apply: Callable, theta: Params, images: ImageSet, *, episodes: int,
                   inner_steps: int, seed: int = 0) -> Evaluation:
    """5-way 1-shot accuracy after `inner_steps` on each support set."""
    predict = partial(maml.predict, apply, theta, loss=losses.cross_entropy(apply),
                      inner_lr=settings.inner_lr, inner_steps=inner_steps)
    return evaluate(predict, test_episodes(images.images, episodes=episodes, seed=seed))


if __name__ == "__main__":
    runner.run("reptile_glyphs", Settings(), experiment, smoke=SMOKE)
