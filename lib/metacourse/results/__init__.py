"""Numbers that took longer than a chapter may: written by `metacourse.experiments`, read by the notebooks.

NAME.json holds what was measured and how, NAME.safetensors small weights. Both travel with the library.
"""
import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from jaxtyping import Float
from safetensors import SafetensorError
from torch import Tensor

from metacourse.data.cache import write_atomically
from metacourse.episode import Params
from metacourse.results.result import NotRun, Result

__all__ = ["FORMAT", "NotRun", "Result", "by_seed", "folder", "load", "names", "save", "save_weights",
           "weights"]

FORMAT = 1
KEYS = ("settings", "seeds", "device", "versions", "commit", "minutes", "payload")


def folder() -> Path:
    """Where results are: METACOURSE_RESULTS where it is set, otherwise in the library."""
    return Path(os.environ.get("METACOURSE_RESULTS") or Path(__file__).parent)


def names() -> list[str]:
    """The results there are, in alphabetical order."""
    return sorted(path.stem for path in folder().glob("*.json"))


def load(name: str) -> Result | NotRun:
    """The result of the experiment `name`, or a placeholder that says how to make it.

    Raises ValueError for a file that cannot be read, and for one of another version.
    """
    path = _file(name, ".json")
    if not path.exists():
        return NotRun(name)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ValueError(f"{path} cannot be read ({error}). Make it again: {NotRun(name).command}") from error
    version = content.get("format") if isinstance(content, dict) else None
    if version != FORMAT:
        newer = isinstance(version, int) and version > FORMAT
        raise ValueError(f"{path} has format {version!r}, this metacourse reads format {FORMAT}. "
                         + ("Update metacourse." if newer else f"Make it again: {NotRun(name).command}"))
    missing = [key for key in ("name", *KEYS) if key not in content]
    if missing:
        raise ValueError(f"{path} lacks {', '.join(missing)}. Make it again: {NotRun(name).command}")
    if not isinstance(content["minutes"], int | float) or not isinstance(content["payload"], dict):
        raise ValueError(f"{path} has no number of minutes, or no payload. Make it again: "
                         f"{NotRun(name).command}")
    return Result(content)


def by_seed(scores: Mapping[str, Mapping[str, Any]]) -> Float[Tensor, " seed"]:
    """The accuracies of {seed: score}, as results files hold them, in the order of the seeds.

    Two methods with the same seeds can be compared seed by seed: `by_seed(one) - by_seed(other)`.
    """
    return torch.tensor([score["accuracy"] for score in scores.values()], dtype=torch.float64)


def save(name: str, *, settings: dict[str, Any], seeds: list[int], device: str, versions: dict[str, str],
         commit: str, minutes: float, payload: dict[str, Any]) -> Path:
    """Write NAME.json, whole or not at all. Tensors become lists, and keys become text.

    `python -m metacourse.results` prints each {"accuracy", "interval"} of the payload, with "paper"
    where it is given, as fractions; or those of the list `payload["table"]` only, which have a "setting".
    Raises ValueError for what JSON cannot hold, infinities among it.
    """
    content = {"format": FORMAT, "name": name, "settings": settings, "seeds": seeds, "device": str(device),
               "versions": versions, "commit": commit, "minutes": minutes, "payload": payload}
    text = json.dumps(_plain(content, name), indent=1, ensure_ascii=False) + "\n"
    return write_atomically(_file(name, ".json"), lambda part: part.write_text(text, encoding="utf-8"))


def weights(name: str, *, device: str | torch.device = "cpu") -> Params | NotRun:
    """θ as the experiment `name` left it, or a placeholder that says how to make it.

    Raises ValueError for a file that cannot be read.
    """
    path = _file(name, ".safetensors")
    if not path.exists():
        return NotRun(name)
    try:
        return safetensors.torch.load_file(path, device=str(device))
    except SafetensorError as error:
        raise ValueError(f"{path} cannot be read ({error}). Make it again: {NotRun(name).command}") from error


def save_weights(name: str, theta: Params) -> Path:
    """Write NAME.safetensors, whole or not at all."""
    theta = {key: p.detach().cpu().contiguous() for key, p in theta.items()}
    save = safetensors.torch.save_file
    return write_atomically(_file(name, ".safetensors"), lambda part: save(theta, part))


def _file(name: str, suffix: str) -> Path:
    if not name.isidentifier():
        raise ValueError(f"{name!r} names no result; wanted the name of an experiment, as 'protonet_glyphs'")
    return folder() / (name + suffix)


def _plain(value: Any, where: str) -> Any:
    """`value` in what JSON has: dicts, lists, text, finite numbers, true, false, null."""
    if isinstance(value, dict):
        return {str(key): _plain(part, f"{where}.{key}") for key, part in value.items()}
    if isinstance(value, Tensor):
        return _plain(value.tolist(), where)
    if isinstance(value, list | tuple):
        return [_plain(part, f"{where}[{i}]") for i, part in enumerate(value)]
    if isinstance(value, Path):
        raise ValueError(f"{where} is the path {value}: it means nothing on another machine; leave it out")
    if value is not None and not isinstance(value, str | int | float):
        raise ValueError(f"{where} is a {type(value).__name__}, which JSON cannot hold: make it numbers")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{where} is {value}; a results file holds finite numbers only")
    return value
