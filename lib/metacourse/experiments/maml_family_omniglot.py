"""MAML, FOMAML, ANIL and Reptile on Omniglot, 5-way, the split of Vinyals et al. (2016), in a minute each.

The papers train for far longer: MAML 60,000 steps of 32 tasks, with batch norm that lets queries see each
other (transductive); Reptile's number is its inductive one. Here group norm sees every query alone.
"""
from metacourse.experiments import few_shot, runner, starts
from metacourse.experiments.family_on_real_pictures import SMOKE, Settings, compare

PAPERS = {("maml", 1): 0.987, ("maml", 5): 0.999, ("reptile", 1): 0.954, ("reptile", 5): 0.989}


def experiment(settings: Settings, run: runner.Run) -> dict:
    """Test accuracy of every method, 1-shot and 5-shot."""
    return compare(settings, starts.pictures(few_shot.load_omniglot(run)), run, PAPERS)


if __name__ == "__main__":
    runner.run("maml_family_omniglot", Settings(), experiment, smoke=SMOKE)
