"""CIFAR-FS, 5-way 5-shot: nine methods (not run here).

No number of it is in the course's results. It is meant for a GPU, and reads
cifar-100-python in the folder of --data.
"""
from metacourse.experiments import full_run, runner

SETTINGS, SMOKE, experiment = full_run.of("cifar_fs", way=5, shot=5)

if __name__ == "__main__":
    runner.run("cifar_fs_5way_5shot", SETTINGS, experiment, smoke=SMOKE)
