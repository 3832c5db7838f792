import json
import math

import pytest
import torch

from metacourse import results
from metacourse.results.__main__ import main

RUN = dict(settings={"steps": 10}, seeds=[0], device="cpu", versions={"torch": "2"}, commit="abcdef0123456",
           minutes=1.26)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("METACOURSE_RESULTS", str(tmp_path))
    return tmp_path


def test_what_was_saved_is_loaded():
    results.save("protonet_glyphs", payload={"loss": torch.tensor([1.5, 0.5]), "names": ("a", "b")}, **RUN)
    result = results.load("protonet_glyphs")
    assert result["payload"] == {"loss": [1.5, 0.5], "names": ["a", "b"]} == {"loss": result["loss"],
                                                                              "names": result["names"]}
    assert result["settings"] == {"steps": 10} and results.names() == ["protonet_glyphs"]
    assert str(result) == "protonet_glyphs: 1.3 min on cpu, commit abcdef0123456"


def test_a_key_that_is_missing_is_told_with_those_that_are_there():
    results.save("here", payload={"loss": 1.0}, **RUN)
    with pytest.raises(KeyError, match=r"here has no 'accuracy'; it has .*loss"):
        results.load("here")["accuracy"]


def test_a_result_that_does_not_exist_says_how_to_make_it_wherever_it_is_looked_at():
    missing = results.load("maml_omniglot")
    command = "not run yet: python -m metacourse.experiments.maml_omniglot"
    assert str(missing) == str(missing["test"]["accuracy"]) == f"{missing['accuracy']:.1f}" == command
    assert str(results.weights("maml_omniglot")) == command
    assert not missing and math.isnan(float(missing)) and list(missing) == []


def test_weights_come_back_whole_and_on_the_cpu():
    theta = {"w": torch.rand(2, 3, 4, 4).to(memory_format=torch.channels_last), "b": torch.zeros(2)}
    results.save_weights("here", theta)
    back = results.weights("here")
    assert all(torch.equal(theta[name], back[name]) for name in theta)


@pytest.mark.parametrize("version, message", [(99, "Update metacourse"), (0, "experiments.here"),
                                              (None, "format None")])
def test_a_file_of_another_version_is_refused(folder, version, message):
    results.save("here", payload={}, **RUN)
    content = json.loads((folder / "here.json").read_text())
    (folder / "here.json").write_text(json.dumps({**content, "format": version}))
    with pytest.raises(ValueError, match=rf"reads format {results.FORMAT}.*{message}|{message}"):
        results.load("here")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 1, "name": "here"}'])
def test_a_spoiled_file_is_refused_with_the_command_that_makes_it_again(folder, text):
    (folder / "here.json").write_text(text)
    with pytest.raises(ValueError, match=r"here\.json .*python -m metacourse\.experiments\.here"):
        results.load("here")


def test_spoiled_weights_are_refused(folder):
    (folder / "here.safetensors").write_bytes(b"half a fi")
    with pytest.raises(ValueError, match=r"here\.safetensors cannot be read.*experiments\.here"):
        results.weights("here")


@pytest.mark.parametrize("payload, message", [
    ({"loss": [1.0, math.nan]}, r"here\.payload\.loss\[1\] is nan"),
    ({"model": object()}, r"here\.payload\.model is a object"),
])
def test_what_a_results_file_cannot_hold_is_named_and_nothing_is_written(folder, payload, message):
    with pytest.raises(ValueError, match=message):
        results.save("here", payload=payload, **RUN)
    assert list(folder.iterdir()) == []


def test_a_full_disk_leaves_the_earlier_file_and_nothing_half_written(folder, monkeypatch):
    results.save("here", payload={"loss": 1.0}, **RUN)

    def full(path, text, **_):
        path.write_bytes(b"half")
        raise OSError("No space left on device")
    monkeypatch.setattr("pathlib.Path.write_text", full)
    with pytest.raises(OSError, match="No space"):
        results.save("here", payload={"loss": 2.0}, **RUN)
    assert results.load("here")["loss"] == 1.0 and [path.name for path in folder.iterdir()] == ["here.json"]


@pytest.mark.parametrize("name", ["../evil", "a/b", "", "maml omniglot"])
def test_only_names_of_experiments_are_names(name):
    with pytest.raises(ValueError, match="names no result"):
        results.load(name)


def test_the_table_has_our_number_beside_the_papers(capsys):
    table = [{"setting": "5-way 1-shot", "accuracy": 0.9812, "interval": 0.0021, "paper": 0.988,
              "policy": "inductive", "budget": "a minute"},
             {"setting": "glyphs", "accuracy": 0.9, "interval": 0.01, "paper": None}]
    results.save("protonet_omniglot", payload={"table": table}, **RUN)
    results.save("losses_only", payload={"loss": [1.0]}, **RUN)
    assert main() == 0
    header, line, *rest = capsys.readouterr().out.splitlines()
    assert header.split() == ["result", "setting", "paper", "ours", "policy", "budget", "device", "minutes",
                              "commit"]
    assert "5-way 1-shot   98.8  98.1 ± 0.2  inductive  a minute  cpu         1.3  abcdef0123456" in line
    assert rest[0] == "" and "--all" in rest[1]


def test_all_accuracies_are_printed_where_they_are_asked_for(capsys):
    table = [{"setting": "glyphs", "accuracy": 0.9, "interval": 0.01, "paper": None}]
    results.save("protonet_omniglot", payload={"table": table}, **RUN)
    results.save("losses_only", payload={"loss": [1.0]}, **RUN)
    assert main(["--all"]) == 0
    _, loss, glyphs, *_ = capsys.readouterr().out.splitlines()
    assert loss.split() == ["losses_only", "–", "–", "–", "–", "cpu", "1.3", "abcdef0123456"]
    assert glyphs.split()[:6] == ["protonet_omniglot", "glyphs", "–", "90.0", "±", "1.0"]


def test_a_page_gets_the_same_cells_between_bars(capsys):
    one = {"setting": "MAML", "accuracy": 0.9, "interval": 0.01, "paper": 0.987}
    results.save("here", payload={"table": [one]}, **{**RUN, "device": "cpu, x86_64, 1 thread(s)"})
    assert main(["--markdown"]) == 0
    header, rule, line, *_ = capsys.readouterr().out.splitlines()
    assert line == "| here | MAML | 98.7 | 90.0 ± 1.0 | – | – | cpu | 1.3 | abcdef0123456 |"
    assert rule.split("|")[3] == " ---: " and header.startswith("| result | setting |")


def test_times_are_those_of_full_runs_and_a_level_never_reached_is_a_dash(capsys):
    row = {"setting": "ProtoNet", "accuracy": 0.96, "interval": 0.01, "steps": 2400, "seconds": 204.4,
           "seconds_to": {"90": 48.4, "95": 146.6, "98": None}, "budget": "3 minutes"}
    results.save("full", payload={"table": [row]}, **{**RUN, "device": "cpu"})
    results.save("other", payload={"accuracy": 0.5, "interval": 0.1}, **RUN)
    assert main(["--times", "--markdown"]) == 0
    _, _, line, *rest = capsys.readouterr().out.splitlines()
    assert line == "| full | ProtoNet | 2,400 | 204 | 48 | 147 | – | 3 minutes | cpu | abcdef0123456 |"
    assert rest[0] == ""


def test_without_a_table_every_accuracy_is_printed_under_the_way_that_leads_to_it(capsys):
    one = {"accuracy": 0.5, "interval": 0.02}
    results.save("two", payload={"protonet": {0: {"test": one}}, "others": [{**one, "paper": 0.6}]}, **RUN)
    main(["--all"])
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].split()[:5] == ["two", "protonet", "0", "test", "–"]
    assert lines[2].split()[:4] == ["two", "others", "0", "60.0"] and lines[3] == ""


def test_the_table_goes_on_past_a_spoiled_file_and_says_so(folder, capsys):
    results.save("good", payload={}, **RUN)
    (folder / "bad.json").write_text("{")
    assert main(["--all"]) == 1
    captured = capsys.readouterr()
    assert "good" in captured.out and "bad.json cannot be read" in captured.err
