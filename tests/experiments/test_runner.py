import json

import pytest
import torch

from metacourse import results
from metacourse.experiments import command_line, recording, runner
from metacourse.training import parallel
from tests.experiments.descent import SMOKE, Settings, descend, run


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("METACOURSE_CACHE", str(tmp_path / "cache"))


def test_a_results_file_says_how_it_was_made(tmp_path):
    result = run(tmp_path)
    written = json.loads((tmp_path / "descent.json").read_text())
    assert result["settings"]["steps"] == 50 and result["seeds"] == [0, 1, 2]
    assert {"device", "versions", "commit", "minutes"} <= written.keys()
    assert [seed["steps"] for seed in written["payload"].values()] == [50, 50, 50]


def test_one_seed_can_be_asked_for(tmp_path):
    assert list(run(tmp_path, "--seed", "7")["payload"]) == ["7"]


def test_a_smoke_run_is_short_and_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("METACOURSE_RESULTS", str(tmp_path))
    result = runner.run("descent", Settings(), descend, smoke=SMOKE, arguments=["--smoke"])
    assert result["payload"]["0"]["steps"] == 2
    assert not results.load("descent") and list(tmp_path.glob("*.json")) == []


def test_minutes_stop_every_training(tmp_path):
    result = run(tmp_path, "--minutes", "1e-9")
    assert [seed["steps"] for seed in result["payload"].values()] == [1, 1, 1]
    assert result["settings"]["--minutes"] == 1e-9


def test_minutes_are_counted_from_each_start_and_every_slice_goes_on(tmp_path):
    for steps in (1, 2):
        sliced = run(tmp_path, "--minutes", "1e-9", "--resume")
        assert [seed["steps"] for seed in sliced["payload"].values()] == [steps] * 3
    (tmp_path / "descent.json").unlink()
    assert run(tmp_path, "--resume")["payload"] == run(tmp_path / "whole")["payload"]


@pytest.mark.parametrize("arguments, setting", [
    (["--minutes", "1"], "--minutes=None, this run has --minutes=1.0"),
    (["--seed", "5"], r"seeds=\[0, 1, 2\], this run has seeds=\[5\]"),
])
def test_a_part_of_a_run_does_not_replace_the_result_of_a_whole_one(tmp_path, arguments, setting):
    before = run(tmp_path)["payload"]
    with pytest.raises(ValueError, match=f"descent.json is of {setting} and would replace it: say --out"):
        run(tmp_path, *arguments)
    assert json.loads((tmp_path / "descent.json").read_text())["payload"] == before


def test_a_resumed_run_does_not_replace_a_result_of_other_settings(tmp_path):
    run(tmp_path)
    with pytest.raises(ValueError, match=r"descent\.json is of steps=50, this run has steps=60"):
        run(tmp_path, "--resume", steps=60)
    assert run(tmp_path, steps=60)["settings"]["steps"] == 60               # a whole run may


def test_other_ranks_write_to_a_folder_that_goes_away(monkeypatch):
    monkeypatch.setattr(parallel, "rank", lambda: 1)
    with recording.results_in(None, throw_away=True):
        mine = results.folder()
        assert mine.is_dir()
    assert not mine.exists() and results.folder() != mine


def test_a_resumed_run_ends_where_an_unbroken_one_does(tmp_path):
    unbroken = run(tmp_path)["payload"]
    shortly = run(tmp_path / "again", "--resume")["payload"]
    assert shortly == unbroken


def test_an_interrupt_ends_the_experiment_and_writes_nothing(tmp_path, capsys):
    def interrupted(settings, run):
        def loss(theta, step):
            if step == 3:
                raise KeyboardInterrupt
            return theta["w"].square()
        return run.train("once", loss, {"w": torch.tensor(1.0)}, lambda step: step, steps=9)
    with pytest.raises(SystemExit):
        run(tmp_path, experiment=interrupted)
    assert "interrupted. There is no checkpoint yet; start again:" in capsys.readouterr().err
    assert not (tmp_path / "descent.json").exists()


def test_help_says_how_to_start_several_ranks(capsys):
    with pytest.raises(SystemExit):
        command_line.parse("descent", ["--help"])
    assert "torchrun --nproc-per-node 8 -m" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("arguments, message", [
    (["--data", "nowhere"], "--data nowhere: there is no such folder"),
    (["--minutes", "0"], "--minutes 0.0: wanted more than 0"),
    (["--out", "/dev/null/results"], "--out /dev/null/results is no folder that can be written to"),
])
def test_a_command_line_that_makes_no_sense_is_refused(tmp_path, capsys, arguments, message):
    with pytest.raises(SystemExit):
        run(tmp_path, *arguments)
    assert message in capsys.readouterr().err


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_a_missing_gpu_is_named(tmp_path):
    with pytest.raises(RuntimeError, match="'cuda'"):
        runner.run("descent", Settings(), descend, smoke=SMOKE,
                   arguments=["--device", "cuda", "--out", str(tmp_path)])
