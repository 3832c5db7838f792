"""How long until 98 %? Omniglot, 5-way 1-shot: a ProtoNet with nine times the steps, 20 minutes of a core."""
from dataclasses import replace

from metacourse.experiments import full_run, runner
from metacourse.experiments.full_run_recipes import longer

SETTINGS, SMOKE, experiment = full_run.of("omniglot", way=5, shot=1)
SETTINGS = replace(SETTINGS, methods=("protonet",), scales={
    "cpu": longer(SETTINGS.scales["cpu"], 9, budget="20 minutes of a core")})
SMOKE = replace(SMOKE, methods=SETTINGS.methods)

if __name__ == "__main__":
    runner.run("omniglot_long", SETTINGS, experiment, smoke=SMOKE)
