"""Glyphs to Omniglot, 5-way 1-shot: nine methods.

Trained and validated on characters of fonts, tested on drawings by hand, of Vinyals' test classes.
"""
from metacourse.experiments import full_run, runner

SETTINGS, SMOKE, experiment = full_run.of("glyphs_to_omniglot", way=5, shot=1)

if __name__ == "__main__":
    runner.run("glyphs_to_omniglot_5way_1shot", SETTINGS, experiment, smoke=SMOKE)
