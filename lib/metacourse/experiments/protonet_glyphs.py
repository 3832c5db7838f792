"""ProtoNet on glyphs, 5-way 1-shot on scripts never seen, beside raw pixels and networks from scratch."""
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from metacourse import results
from metacourse.data.imageset import ImageSet
from metacourse.data.sampling import test_episodes
from metacourse.episode import Examples, Params
from metacourse.experiments import few_shot, runner
from metacourse.methods import finetune, losses, nearest, protonet
from metacourse.training import Evaluation, History, evaluate
from metacourse.training.reproducible import seed_of


@dataclass(frozen=True)
class Settings:
    seeds: tuple[int, ...] = (0, 1, 2, 3, 4)    # of initialization and training episodes
    channels: int = 32                          # of the Conv4
    norm: str = "group"                         # inductive: every picture is normalized by itself
    way: int = 20                               # in training; 5 in testing
    shot: int = 1
    queries: int = 5                            # a class, in training; 15 in testing
    steps: int = 1000                           # of one episode each
    outer_lr: float = 3e-3                      # at first; falls to zero along a cosine
    validate_every: int = 200                   # steps
    validation_episodes: int = 400              # 5-way 1-shot on validation scripts
    test_episodes: int = 1000                   # 5-way 1-shot on test scripts
    scratch_episodes: int = 80                  # a network from scratch is trained on each
    scratch_steps: int = 50                     # of Adam on the support set
    scratch_lr: float = 1e-3


SMOKE = Settings(seeds=(0, 1), steps=2, validate_every=1, validation_episodes=2, test_episodes=4,
                 scratch_episodes=4, scratch_steps=2)


def experiment(settings: Settings, run: runner.Run) -> dict:
    """Test accuracies of pixels, of ProtoNet and of networks from scratch, the latter two for every seed."""
    splits = few_shot.load_glyphs(run)
    test = test_episodes(splits["test"].images, episodes=settings.test_episodes)
    payload = {"pixels": {}, "protonet": {}, "scratch": {}, "curves": {}}
    for metric in ("cosine", "euclidean"):
        payload["pixels"][metric] = few_shot.score(evaluate(partial(nearest.predict, metric=metric), test))
    for seed in settings.seeds:
        embed, theta, history = trained_protonet(settings, splits, run, seed)
        z = few_shot.embedded(embed, theta, splits["test"].images)
        scored = few_shot.evaluate_prototypes(z, episodes=settings.test_episodes)
        run.say(f"seed {seed}: {scored}")
        payload["protonet"][seed], payload["curves"][seed] = few_shot.score(scored), few_shot.curve(history)
        payload["scratch"][seed] = few_shot.score(scratch(settings, splits["test"], run, seed))
        if seed == settings.seeds[0]:
            results.save_weights(run.name, theta)
    return payload


def trained_protonet(settings: Settings, splits: dict[str, ImageSet], run: runner.Run, seed: int, *,
                     label: str = "", watch: Callable[[Params], object] | None = None,
                     ) -> tuple[Callable, Params, History]:
    """(embed, θ, history) of one training run; θ is best on validation scripts; `watch` sees every one."""
    embed, theta = few_shot.network(seed, channels=settings.channels, norm=settings.norm)
    batch = few_shot.batches(splits["train"].images, seed=seed, tasks=1, way=settings.way, shot=settings.shot,
                             queries=settings.queries)

    def validate(theta: Params) -> Evaluation:
        if watch is not None:
            watch({name: p.clone() for name, p in theta.items()})
        z = few_shot.embedded(embed, theta, splits["val"].images)
        return few_shot.evaluate_prototypes(z, episodes=settings.validation_episodes, seed=seed)
    loss = partial(protonet.meta_loss, embed)
    trained = run.train(f"{label}seed{seed}", loss, theta, batch, steps=settings.steps, validate=validate,
                        outer_lr=settings.outer_lr, schedule="cosine", validate_every=settings.validate_every)
    return embed, *trained


def scratch(settings: Settings, test: ImageSet, run: runner.Run, seed: int) -> Evaluation:
    """A new network for every episode, trained on its five pictures and nothing else."""
    apply, _ = few_shot.network(seed, channels=settings.channels, norm=settings.norm, way=5)

    def fresh(support: Examples) -> Params:
        number = seed_of(support.x, seed)
        _, theta = few_shot.network(number, channels=settings.channels, norm=settings.norm, way=5)
        return {name: p.to(run.device) for name, p in theta.items()}
    predict = partial(finetune.from_scratch, apply, fresh, loss=losses.cross_entropy(apply),
                      steps=settings.scratch_steps, lr=settings.scratch_lr)
    scored = evaluate(predict, test_episodes(test.images, episodes=settings.scratch_episodes))
    run.say(f"from scratch, seed {seed}: {scored}")
    return scored


if __name__ == "__main__":
    runner.run("protonet_glyphs", Settings(), experiment, smoke=SMOKE)
