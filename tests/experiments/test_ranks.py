"""Several ranks give the numbers of one process, and a run that is killed goes on to the same numbers."""
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from metacourse.experiments import runner
from tests.experiments import on_ranks

SCRIPT = Path(on_ranks.__file__)
CLOSE = 1e-6


def start(folder, *arguments, ranks=None, die_at=""):
    """The script in a process of its own, or in `ranks` under torchrun: (status, what it said)."""
    torchrun = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={ranks}"]
    command = [sys.executable, *(torchrun if ranks else []), str(SCRIPT), "--device", "cpu",
               "--out", str(folder), *arguments]
    environment = os.environ | {"METACOURSE_CACHE": str(folder / "cache"), "DIE_AT": die_at,
                                "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    return done.returncode, done.stdout + done.stderr


def payload(folder):
    return json.loads((folder / "on_ranks.json").read_text())["payload"]


def numbers(content, where=""):
    """{path: number or text} of nested dicts and lists."""
    if not isinstance(content, dict | list):
        return {where: content}
    parts = content.items() if isinstance(content, dict) else enumerate(content)
    return {path: leaf for name, part in parts for path, leaf in numbers(part, f"{where}/{name}").items()}


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """What one process finds."""
    folder = tmp_path_factory.mktemp("alone")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("METACOURSE_CACHE", str(folder / "cache"))
        runner.run("on_ranks", on_ranks.Settings(), on_ranks.experiment, smoke=None,
                   arguments=["--device", "cpu", "--out", str(folder)])
    return numbers(payload(folder))


@pytest.fixture(scope="module")
def on_two(tmp_path_factory):
    folder = tmp_path_factory.mktemp("two")
    status, said = start(folder, ranks=2)
    assert status == 0, said
    return payload(folder), said


def equal_but_for_rounding(found, alone):
    assert found.keys() == alone.keys()
    for path, value in found.items():
        if path != "/ranks":
            assert value == alone[path] or abs(value - alone[path]) < CLOSE, path


def test_two_ranks_take_the_steps_of_one_process_and_evaluate_to_the_same(on_two, alone):
    """ProtoNet, MAML of second order, Reptile, MAML++, MoCo, pictures, and a meta-batch of a single task."""
    assert on_two[0]["ranks"] == 2
    equal_but_for_rounding(numbers(on_two[0]), alone)


def test_one_rank_speaks_for_all_and_says_who_has_nothing_to_do(on_two):
    said = on_two[1]
    assert said.count("wrote ") == said.count("min  protonet") == 1
    assert said.count("a meta-batch of 1 task(s) keeps only 1 of 2 ranks busy") == 1


@pytest.mark.slow
def test_three_ranks_with_unequal_shares_do_so_too(tmp_path, alone):
    status, said = start(tmp_path, ranks=3)
    assert status == 0, said
    equal_but_for_rounding(numbers(payload(tmp_path)), alone)


def test_a_run_killed_in_the_middle_goes_on_to_the_same_numbers_bit_for_bit(tmp_path, alone, monkeypatch):
    status, said = start(tmp_path, die_at="0:5")
    assert status == -signal.SIGKILL, said
    checkpoints = tmp_path / "cache" / "checkpoints" / "on_ranks"
    assert [path.name for path in checkpoints.iterdir()] == ["protonet.pt"]
    assert not (tmp_path / "on_ranks.json").exists()
    monkeypatch.setenv("METACOURSE_CACHE", str(tmp_path / "cache"))
    runner.run("on_ranks", on_ranks.Settings(), on_ranks.experiment, smoke=None,
               arguments=["--device", "cpu", "--out", str(tmp_path), "--resume"])
    assert numbers(payload(tmp_path)) == alone


@pytest.mark.slow
def test_when_a_rank_dies_the_other_says_so_and_the_run_goes_on_to_the_same_numbers(tmp_path, on_two):
    """First rank 1 dies, and then rank 0."""
    for gone, arguments in (1, []), (0, ["--resume"]):
        status, said = start(tmp_path, *arguments, ranks=2, die_at=f"{gone}:{5 - gone}")
        assert status != 0
        sentence = re.findall(rf"^rank {1 - gone} of 2: .*rank {gone} .*$", said, re.MULTILINE)
        assert len(sentence) == 1, said
        assert f"The checkpoint of step 4, {tmp_path}/cache/checkpoints/on_ranks/protonet.pt," in sentence[0]
        assert sentence[0].endswith("go on from it: torchrun --nproc-per-node 2 -m metacourse.experiments."
                                    f"on_ranks --device cpu --out {tmp_path} --resume")
        assert not (tmp_path / "on_ranks.json").exists()
    status, said = start(tmp_path, "--resume", ranks=2)
    assert status == 0, said
    assert numbers(payload(tmp_path)) == numbers(on_two[0])
