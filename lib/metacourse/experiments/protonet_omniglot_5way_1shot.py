"""ProtoNet on Omniglot, 5-way 1-shot, the split of Vinyals et al. (2016), in a few minutes.

The paper (Snell et al., 2017, Table 1) reports 98.8 %, from 60-way training with 64 channels.
"""
from metacourse.data.sampling import test_episodes
from metacourse.experiments import few_shot, runner
from metacourse.experiments.protonet_glyphs import SMOKE, Settings, trained_protonet
from metacourse.methods import nearest
from metacourse.training import evaluate

SETTINGS = Settings(seeds=(0,), steps=1500)


def experiment(settings: Settings, run: runner.Run) -> dict:
    """Test accuracies of pixels and of ProtoNet."""
    splits = few_shot.load_omniglot(run)
    test = test_episodes(splits["test"].images, episodes=settings.test_episodes)
    payload = {"pixels": few_shot.score(evaluate(nearest.predict, test)), "protonet": {}, "curves": {}}
    for seed in settings.seeds:
        embed, theta, history = trained_protonet(settings, splits, run, seed)
        z = few_shot.embedded(embed, theta, splits["test"].images)
        scored = few_shot.evaluate_prototypes(z, episodes=settings.test_episodes)
        run.say(f"seed {seed}: {scored}")
        payload["protonet"][seed], payload["curves"][seed] = few_shot.score(scored), few_shot.curve(history)
    return payload


if __name__ == "__main__":
    runner.run("protonet_omniglot_5way_1shot", SETTINGS, experiment, smoke=SMOKE)
