"""Omniglot, 5-way 5-shot: nine methods beside their papers.

The split of Vinyals et al. (2016), where training classes are also turned by 90, 180 and 270 degrees.
"""
from metacourse.experiments import full_run, runner

SETTINGS, SMOKE, experiment = full_run.of("omniglot", way=5, shot=5)

if __name__ == "__main__":
    runner.run("omniglot_5way_5shot", SETTINGS, experiment, smoke=SMOKE)
