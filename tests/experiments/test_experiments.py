"""Every experiment runs, in seconds, and has the results file that it should have."""
import importlib

import pytest

from metacourse import results
from metacourse.experiments import runner
from metacourse.experiments.__main__ import names, table

NEEDS = {"evaluation_protocol_glyphs": ["protonet_glyphs"]}
REAL_DATA = ("omniglot", "quickdraw", "digits")


def smoke(name, folder, *arguments):
    module = importlib.import_module(f"metacourse.experiments.{name}")
    return runner.run(name, module.SMOKE, module.experiment, smoke=module.SMOKE,
                      arguments=["--smoke", "--device", "cpu", "--out", str(folder), *arguments])


@pytest.mark.filterwarnings("ignore::metacourse.training.ChanceWarning")
@pytest.mark.parametrize("name", names())
def test_it_runs_and_writes_its_result(name, tmp_path, request):
    data = ["--data", str(request.getfixturevalue("real_data"))] if any(d in name for d in REAL_DATA) else []
    for needed in NEEDS.get(name, []):
        smoke(needed, tmp_path)
    result = smoke(name, tmp_path, *data)
    assert result["name"] == name and result["payload"]


def test_every_result_has_its_script():
    scripts = {*names(), "claims"}
    assert [name for name in results.names() if name not in scripts] == []


def test_the_table_names_every_experiment_and_says_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setenv("METACOURSE_RESULTS", str(tmp_path))
    lines = table().splitlines()
    assert len(lines) == len(names()) and all("not run" in line for line in lines)
