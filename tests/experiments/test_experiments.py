"""Every experiment runs, in seconds, and has the results file that it should have."""
import importlib

import pytest

from metacourse import results
from metacourse.experiments import runner
from metacourse.experiments.__main__ import names, needed, table

NEEDS = {"evaluation_protocol_glyphs": ["protonet_glyphs"]}
REAL_DATA = ("omniglot", "quickdraw", "digits")
PHOTOS = ("mini_imagenet", "cifar_fs", "cub")


def smoke(name, folder, *arguments):
    module = importlib.import_module(f"metacourse.experiments.{name}")
    return runner.run(name, module.SMOKE, module.experiment, smoke=module.SMOKE,
                      arguments=["--smoke", "--device", "cpu", "--out", str(folder), *arguments])


@pytest.mark.filterwarnings("ignore::metacourse.training.ChanceWarning")
@pytest.mark.parametrize("name", names())
def test_it_runs_and_writes_its_result(name, tmp_path, request):
    wanted = {"real_data": REAL_DATA, "photos": PHOTOS}
    data = [f"--data={request.getfixturevalue(fixture)}" for fixture, kinds in wanted.items()
            if any(kind in name for kind in kinds)]
    for other in NEEDS.get(name, []):
        smoke(other, tmp_path)
    result = smoke(name, tmp_path, *data)
    assert result["name"] == name and result["payload"]


@pytest.mark.filterwarnings("ignore::metacourse.training.ChanceWarning")
@pytest.mark.parametrize("name", ["fixed_labels_glyphs", "maml_instability_glyphs", "maml_overfitting_glyphs",
                                  "maml_family_glyphs"])
def test_what_was_noted_along_a_training_is_there_after_resuming(name, tmp_path):
    before, after = (untimed(smoke(name, tmp_path, *resume)["payload"]) for resume in ([], ["--resume"]))
    assert after == before


def untimed(part):
    """A payload without its seconds."""
    if isinstance(part, list):
        return [untimed(inner) for inner in part]
    if not isinstance(part, dict):
        return part
    return {name: untimed(value) for name, value in part.items() if not name.startswith("seconds")}


def test_every_result_has_its_script():
    scripts = {*names(), "claims"}
    assert [name for name in results.names() if name not in scripts] == []


def test_the_table_names_every_experiment_and_says_what_is_missing(tmp_path, monkeypatch):
    monkeypatch.setenv("METACOURSE_RESULTS", str(tmp_path))
    header, *lines = table().splitlines()
    assert len(lines) == len(names()) and all("not run" in line for line in lines)
    assert all(len(line) <= 120 for line in [header, *lines])
    of_twenty_ways = next(line for line in lines if line.startswith("omniglot_20way_1shot"))
    assert "96.0     –  Omniglot, 20-way 1-shot" in of_twenty_ways                  # of ProtoNet's paper


def test_the_table_has_the_first_pair_of_a_papers_number_and_ours(tmp_path, monkeypatch):
    monkeypatch.setenv("METACOURSE_RESULTS", str(tmp_path))
    entries = [{"setting": "a", "accuracy": 0.5, "interval": 0.1, "paper": None},
               {"setting": "b", "accuracy": 0.75, "interval": 0.1, "paper": 0.8}]
    results.save("reptile_glyphs", settings={}, seeds=[0], device="cpu", versions={}, commit="0" * 10,
                 minutes=2.0, payload={"table": entries})
    line = next(line for line in table().splitlines() if line.startswith("reptile_glyphs"))
    assert line.split()[1:5] == ["2.0", "min", "80.0", "75.0"]


def test_a_damaged_result_is_named_and_hides_no_other(tmp_path, monkeypatch):
    monkeypatch.setenv("METACOURSE_RESULTS", str(tmp_path))
    (tmp_path / "reptile_glyphs.json").write_text('{"format": 1, "na')
    lines = table().splitlines()[1:]
    assert len(lines) == len(names())
    assert [line.split()[0] for line in lines if "damaged" in line] == ["reptile_glyphs"]


def test_what_data_a_full_run_reads_is_said():
    assert "cub_* read CUB_200_2011 in the folder of --data" in needed().splitlines()
