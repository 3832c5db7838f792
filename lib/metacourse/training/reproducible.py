"""Device, seeds, versions: what somebody else needs in order to see the same numbers."""
import hashlib
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata

import torch


def device(name: str | None = None) -> torch.device:
    """The device called `name`; without a name the best one here: cuda, then mps, then cpu.

    Raises RuntimeError where the one asked for is missing.
    """
    here = [f"cuda:{i}" for i in range(torch.cuda.device_count())]
    here += ["mps"] * torch.backends.mps.is_available() + ["cpu"]
    if name is None:
        return torch.device(here[0].split(":")[0])
    wanted = torch.device(name)
    if f"{wanted.type}:{wanted.index or 0}" not in here and wanted.type not in here:
        raise RuntimeError(f"there is no device {name!r} here, only {', '.join(here)}. "
                           "Leave the name out to take the best one.")
    return wanted


def generator(*seeds: int) -> torch.Generator:
    """A CPU generator for just these numbers: generator(seed, step) draws step 700 alike in every run."""
    digest = hashlib.blake2b(repr(tuple(int(s) for s in seeds)).encode(), digest_size=8).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest, "big") >> 1)


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
