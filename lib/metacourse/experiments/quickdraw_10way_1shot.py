"""Quick, Draw!, 10-way 1-shot: nine methods, MAML beside its paper.

Twenty drawings a category, the first of each file; Cloudera Fast Forward (2020) chose them at random.
"""
from metacourse.experiments import full_run, runner

SETTINGS, SMOKE, experiment = full_run.of("quickdraw", way=10, shot=1)

if __name__ == "__main__":
    runner.run("quickdraw_10way_1shot", SETTINGS, experiment, smoke=SMOKE)
