"""One file for each saved result: `python -m metacourse.experiments.NAME` makes results/NAME.json."""
