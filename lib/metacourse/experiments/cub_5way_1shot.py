"""CUB birds, 5-way 1-shot: nine methods (not run here).

No number of it is in the course's results. It is meant for a GPU, and reads
CUB_200_2011 in the folder of --data.
"""
from metacourse.experiments import full_run, runner

SETTINGS, SMOKE, experiment = full_run.of("cub", way=5, shot=1)

if __name__ == "__main__":
    runner.run("cub_5way_1shot", SETTINGS, experiment, smoke=SMOKE)
