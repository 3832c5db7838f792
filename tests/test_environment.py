"""pyproject.toml, requirements.txt, environment.yml and what is installed describe one environment."""
import re
import shutil
from importlib import metadata

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tools import requirements
from tools.address import PROJECT, REPOSITORY

LINES = requirements.PINS.read_text(encoding="utf-8").splitlines()
COLAB = PROJECT["tool"]["metacourse"]["colab"]
LACKS = PROJECT["tool"]["metacourse"]["colab-lacks"]
MACHINES = [{"os_name": family, "sys_platform": system, "platform_machine": chip, "platform_system": name,
             "python_full_version": python, "python_version": python.rpartition(".")[0]}
            for family, system, chip, name in [
                ("posix", "linux", "x86_64", "Linux"), ("posix", "linux", "aarch64", "Linux"),
                ("posix", "darwin", "arm64", "Darwin"), ("nt", "win32", "AMD64", "Windows")]
            for python in ("3.11.4", "3.11.9", "3.12.3", "3.13.5", "3.14.0")]


def wanted(extras: tuple[str, ...] = ()) -> list[Requirement]:
    """What pyproject.toml asks for, with some of its extras."""
    optional = PROJECT["project"]["optional-dependencies"]
    groups = [PROJECT["project"]["dependencies"], *(optional[extra] for extra in extras)]
    return [Requirement(line) for group in groups for line in group]


def closure(roots: list[Requirement]) -> dict[str, str]:
    """The installed version of every package that `roots` need on this machine, directly or not."""
    found, seen, queue = {}, set(), list(roots)
    while queue:
        need = queue.pop()
        name = canonicalize_name(need.name)
        if (name, *sorted(need.extras)) in seen:
            continue
        seen.add((name, *sorted(need.extras)))
        found[name] = metadata.version(name)
        for line in metadata.requires(name) or []:
            inner = Requirement(line)
            if not inner.marker or any(inner.marker.evaluate({"extra": e}) for e in ("", *need.extras)):
                queue.append(inner)
    return found


def pinned(lines: list[str] = LINES, machine: dict[str, str] | None = None) -> dict[str, str]:
    """The pins that hold on a machine, or on this one."""
    pins = [Requirement(line) for line in lines]
    return {canonicalize_name(pin.name): str(pin.specifier).removeprefix("==")
            for pin in pins if not pin.marker or pin.marker.evaluate(machine)}


def test_what_is_installed_is_what_is_pinned_and_all_that_is_needed():
    assert closure(wanted(extras=("lab", "test"))) == pinned()


def test_every_pin_is_one_that_pyproject_admits():
    pins = pinned()
    assert [str(need) for need in wanted(extras=("lab", "test"))
            if Version(pins[canonicalize_name(need.name)]) not in need.specifier] == []


def test_requirements_names_exact_versions_and_no_addresses():
    assert [line for line in LINES if not re.fullmatch(r"[a-z0-9.-]+==[^ ;/@]+( ; [^/@]+)?", line)] == []


@pytest.mark.network
@pytest.mark.skipif(not shutil.which(requirements.UV), reason="uv is not here: `make` brings it")
def test_pinning_again_changes_nothing(tmp_path):
    again = tmp_path / "requirements.txt"
    shutil.copy(requirements.PINS, again)
    requirements.pin(again)
    lines = again.read_text(encoding="utf-8").splitlines()
    for machine in MACHINES:                            # versions of uv write one marker in several ways
        assert pinned(lines, machine) == pinned(LINES, machine)


def test_conda_and_binder_get_the_same_environment():
    environment = yaml.safe_load((REPOSITORY / "environment.yml").read_text(encoding="utf-8"))
    python = PROJECT["project"]["requires-python"].removeprefix(">=")
    assert environment["channels"] == ["conda-forge"]
    pip = {"pip": ["-r requirements.txt", "-e ."]}
    assert environment["dependencies"] == [f"python={python}", "pip", pip]


@pytest.mark.parametrize("need", wanted(), ids=lambda need: need.name)
def test_colab_has_it_or_the_set_up_cell_brings_it(need):
    if need.name in COLAB:
        assert COLAB[need.name] == "" or Version(COLAB[need.name]) in need.specifier
    else:
        assert need.name in LACKS
