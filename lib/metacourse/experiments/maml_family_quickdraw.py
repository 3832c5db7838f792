"""MAML, FOMAML, ANIL and Reptile on Quick, Draw!, 5-way, 20 drawings a category, in a minute each.

MAML's numbers beside ours: Cloudera Fast Forward (2020), 20 images a class, 5 inner steps, the same split of
207, 69 and 69 categories. Our drawings are the first of each file, not a random choice.
"""
from metacourse.data import quickdraw
from metacourse.experiments import few_shot, runner
from metacourse.experiments.family_on_real_pictures import SMOKE, Settings, compare

PAPERS = {("maml", 1): 0.59, ("maml", 5): 0.77}


def experiment(settings: Settings, run: runner.Run) -> dict:
    """Test accuracy of every method, 1-shot and 5-shot."""
    images = {split: quickdraw.load(run.data, split=split).images.to(run.device) for split in few_shot.SPLITS}
    return compare(settings, images, run, PAPERS)


if __name__ == "__main__":
    runner.run("maml_family_quickdraw", Settings(), experiment, smoke=SMOKE)
