"""Quick, Draw!, 5-way 5-shot: nine methods, MAML beside its paper.

Twenty drawings a category, the first of each file; Cloudera Fast Forward (2020) chose them at random.
"""
from metacourse.experiments import full_run, runner

SETTINGS, SMOKE, experiment = full_run.of("quickdraw", way=5, shot=5)

if __name__ == "__main__":
    runner.run("quickdraw_5way_5shot", SETTINGS, experiment, smoke=SMOKE)
