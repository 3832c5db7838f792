"""Numbers that took longer than a chapter may: written by `metacourse.experiments`, read by notebooks.

`NAME.json` holds what was measured and how, `NAME.safetensors` small weights; both are in git and in the wheel.
"""
import json
import math
import os
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file
from safetensors.torch import save_file as _save_file
from torch import Tensor

from metacourse.data.cache import write_atomically
from metacourse.episode import Params

FORMAT = 1
MEASURED = ("settings", "seeds", "device", "versions", "commit", "minutes", "payload")


class Result(dict):
    """What a results file holds: `name`, the fields in `MEASURED`, and whatever else its experiment wrote."""

    ran = True

    def __repr__(self) -> str:
        return f"{self['name']}: {self['minutes']:.1f} min on {self['device']}, commit {self['commit']}"


class NotRun:
    """Stands where a result will be, and says how to make it. False in an `if`."""

    ran = False

    def __init__(self, name: str):
        self.name, self.command = name, f"python -m metacourse.experiments.{name}"

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return f"not run yet: {self.command}"


def folder() -> Path:
    """Where results are: METACOURSE_RESULTS where it is set, else inside the library."""
    return Path(os.environ.get("METACOURSE_RESULTS") or Path(__file__).parent)


def names() -> list[str]:
    """All results there are, in alphabetical order."""
    return sorted(path.stem for path in folder().glob("*.json"))


def load(name: str) -> Result | NotRun:
    """The result called `name`, or a placeholder that says how to make it.

    Raises ValueError for a file that cannot be read or has another format.
    """
    path = _file(name, ".json")
    if not path.exists():
        return NotRun(name)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} is no readable JSON ({error}). {_again(name)}") from error
    found = content.get("format") if isinstance(content, dict) else None
    if found != FORMAT:
        raise ValueError(f"{path} has results format {found!r}, this version of metacourse reads {FORMAT}. "
                         + ("Update metacourse." if isinstance(found, int) and found > FORMAT else _again(name)))
    return Result(content)


def save(name: str, *, settings: dict, seeds: list[int], device: str, versions: dict[str, str], commit: str,
         minutes: float, payload: dict[str, Any]) -> Path:
    """Write NAME.json, whole or not at all. Tensors become lists; infinite and missing numbers are refused."""
    content = {"format": FORMAT, "name": name, "settings": settings, "seeds": seeds, "device": device,
               "versions": versions, "commit": commit, "minutes": minutes, "payload": payload}
    text = json.dumps(_plain(content, name), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    return write_atomically(_file(name, ".json"), lambda part: part.write_text(text, encoding="utf-8"))


def weights(name: str) -> Params | NotRun:
    """θ as an experiment saved it, on the CPU, or a placeholder that says how to make it."""
    path = _file(name, ".safetensors")
    if not path.exists():
        return NotRun(name)
    try:
        return load_file(path)
    except (SafetensorError, ValueError) as error:
        raise ValueError(f"{path} holds no readable weights ({error}). {_again(name)}") from error


def save_weights(name: str, theta: Params) -> Path:
    """Write NAME.safetensors, whole or not at all."""
    theta = {key: p.detach().cpu().contiguous() for key, p in theta.items()}
    return write_atomically(_file(name, ".safetensors"), lambda part: _save_file(theta, part))


def _file(name: str, suffix: str) -> Path:
    if not name.isidentifier():
        raise ValueError(f"{name!r} names no result: use the name of its experiment, as in 'protonet_glyphs'")
    return folder() / (name + suffix)


def _again(name: str) -> str:
    return f"Make it again: {NotRun(name).command}"


def _plain(value: Any, where: str) -> Any:
    """Only what JSON has, with floats in the shortest form that tells them apart as float32."""
    if isinstance(value, dict):
        return {str(key): _plain(v, f"{where}.{key}") for key, v in value.items()}
    if isinstance(value, Tensor):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [_plain(v, f"{where}[{i}]") for i, v in enumerate(value)]
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{where} is {value}: a results file holds finite numbers only")
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise ValueError(f"{where} is a {type(value).__name__}, which JSON cannot hold; turn it into numbers or text")
