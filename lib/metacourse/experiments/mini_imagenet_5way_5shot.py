"""miniImageNet, 5-way 5-shot: nine methods (not run here).

No number of it is in the course's results. It is meant for a GPU, and wants in the folder of --data a folder
mini_imagenet, with one sub-folder of pictures a class.
"""
from metacourse.experiments import full_run, runner

SETTINGS, SMOKE, experiment = full_run.of("mini_imagenet", way=5, shot=5)

if __name__ == "__main__":
    runner.run("mini_imagenet_5way_5shot", SETTINGS, experiment, smoke=SMOKE)
