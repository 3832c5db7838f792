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
    missing = {"cuda": not torch.cuda.is_available(), "mps": not torch.backends.mps.is_available(), "cpu": False}
    if name is None:
        return torch.device(next(kind for kind, absent in missing.items() if not absent))
    wanted = torch.device(name)
    if missing.get(wanted.type, False) or (wanted.index or 0) >= max(1, torch.cuda.device_count()):
        here = ", ".join(kind for kind, absent in missing.items() if not absent)
        raise RuntimeError(f"this machine has no {name!r} device; it has {here}. "
                           "Leave the device out to take the best one.")
    return wanted


def generator(*seeds: int) -> torch.Generator:
    """A CPU generator for this combination of seeds: generator(seed, step) makes step 700 the same in every run."""
    digest = hashlib.blake2b(repr(tuple(int(s) for s in seeds)).encode(), digest_size=8).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest, "big") >> 1)


@contextmanager
def seeded(*seeds: int) -> Iterator[None]:
    """`with seeded(0): net = Conv4()` draws the same initialization every time, and leaves PyTorch's own dice alone."""
    with torch.random.fork_rng(devices=[]):
        torch.set_rng_state(generator(*seeds).get_state())
        yield


def versions() -> dict[str, str]:
    """Versions of what the numbers depend on."""
    packages = {name: metadata.version(name) for name in ("metacourse", "torch", "numpy")}
    return {"python": platform.python_version(), **packages, "cuda": torch.version.cuda or "none"}
