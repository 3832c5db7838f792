"""MAML on Omniglot, second order, 5-way 1-shot, the split of Vinyals et al. (2016), in a few minutes.

The paper (Finn et al., 2017, Table 1) reports 98.7 %, from 60,000 steps of 32 tasks, with batch norm that
lets queries see each other (transductive). Here group norm sees every query alone (inductive).
"""
from metacourse.experiments import few_shot, runner
from metacourse.experiments.maml_glyphs import SMOKE, Settings, adapted_scores
from metacourse.methods import maml

SETTINGS = Settings(queries=5, inner_lr=0.1, inner_steps=5)


def experiment(settings: Settings, run: runner.Run) -> dict:
    """Test accuracy of MAML for every seed, and how it grows along the inner steps."""
    splits = few_shot.load_omniglot(run)
    return adapted_scores(settings, maml.meta_gradient, splits, run, key="maml")


if __name__ == "__main__":
    runner.run("maml_omniglot_5way_1shot", SETTINGS, experiment, smoke=SMOKE)
