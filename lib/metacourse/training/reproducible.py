"""Device, seeds, versions: what somebody else needs in order to see the same numbers."""
import hashlib
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata

import torch
from torch import Tensor


def device(name: str | None = None) -> torch.device:
    """The device called `name`; without a name the best one here: cuda, then mps, then cpu.

    Under torchrun "cuda" is a GPU for each rank. Raises RuntimeError where the one asked for is missing.
    """
    here = [f"cuda:{i}" for i in range(torch.cuda.device_count())]
    here += ["mps"] * torch.backends.mps.is_available() + ["cpu"]
    try:
        wanted = torch.device(name or here[0].split(":")[0])
    except RuntimeError:                                                # no kind of device at all
        wanted = None
    if wanted is not None and wanted.type == "cuda" and "LOCAL_RANK" in os.environ:
        return _of_this_rank(wanted, here)
    if wanted is None or not {f"{wanted.type}:{wanted.index or 0}", wanted.type} & set(here):
        raise RuntimeError(f"there is no device {name!r} here, only {', '.join(here)}. "
                           "Leave the name out to take the best one.")
    return wanted


def _of_this_rank(wanted: torch.device, here: list[str]) -> torch.device:
    ranks = int(os.environ.get("LOCAL_WORLD_SIZE", 1))
    if wanted.index is not None and ranks > 1:
        raise RuntimeError(f"device {str(wanted)!r} is one GPU, and here are {ranks} ranks: say 'cuda'")
    mine = wanted if wanted.index is not None else torch.device("cuda", int(os.environ["LOCAL_RANK"]))
    if str(mine) not in here:
        raise RuntimeError(f"{ranks} ranks on this machine need a GPU each; here are only {', '.join(here)}: "
                           "lower --nproc-per-node, or say --device cpu")
    return mine


def generator(*seeds: int) -> torch.Generator:
    """A CPU generator for just these numbers: generator(seed, step) draws step 700 alike in every run."""
    digest = hashlib.blake2b(repr(tuple(int(s) for s in seeds)).encode(), digest_size=8).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest, "big") >> 1)


def seed_of(x: Tensor, *seeds: int) -> int:
    """A seed made of these numbers and of what is in `x`: a task's own, on whatever rank it is met."""
    content = x.detach().cpu().contiguous().numpy().tobytes()
    digest = hashlib.blake2b(repr(seeds).encode() + content, digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


@contextmanager
def seeded(*seeds: int) -> Iterator[None]:
    """`with seeded(0): net = Conv4()` initializes alike every time, and puts PyTorch's own dice back."""
    with torch.random.fork_rng(devices=[]):
        torch.set_rng_state(generator(*seeds).get_state())
        yield


def versions() -> dict[str, str]:
    """Versions of what the numbers depend on."""
    packages = {name: metadata.version(name) for name in ("metacourse", "torch", "numpy")}
    return {"python": platform.python_version(), **packages, "cuda": torch.version.cuda or "none"}
