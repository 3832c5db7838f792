"""Where made and downloaded data is kept, and how to write a file so that nothing half-written stays."""
import os
import sys
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np

UNFINISHED = ".unfinished-"                     # begins the names of files that are being written


def folder() -> Path:
    """METACOURSE_CACHE where it is set, else the platform's cache folder; made on first use."""
    chosen = Path(os.environ.get("METACOURSE_CACHE") or _platform_folder() / "metacourse").expanduser()
    try:
        chosen.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OSError(f"the cache folder {chosen} cannot be made ({error.strerror}): "
                      "set METACOURSE_CACHE to a folder you may write to") from error
    return chosen


def write_atomically(path: Path | str, write: Callable[[Path], object]) -> Path:
    """Let `write(temporary)` fill a file beside `path`, then move it there in one step.

    A reader sees the whole file or none, also where two processes write at once. If `write` fails or is
    interrupted, the temporary file is removed and `path` holds what it held before. Both names end alike.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    _sweep(path.parent)
    handle, name = tempfile.mkstemp(prefix=UNFINISHED, suffix=path.suffix, dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        write(temporary)
        temporary.chmod(0o666 & ~_umask())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return path


def _sweep(folder: Path) -> None:
    """Remove what a process that was killed had begun to write, a day ago or earlier."""
    for left in folder.glob(f"{UNFINISHED}*"):
        with suppress(OSError):                             # another process may be sweeping, too
            if time.time() - left.stat().st_mtime > 86_400:
                left.unlink()


def array(name: str, make: Callable[[], np.ndarray]) -> np.ndarray:
    """The array kept under `name`. Where there is none, or a damaged one, it is made and kept."""
    path = folder() / f"{name}.npy"
    try:
        return np.load(path)
    except (OSError, ValueError, EOFError):
        made = make()
    write_atomically(path, lambda temporary: np.save(temporary, made))
    return made


def read_arrays(path: Path, *names: str) -> list[np.ndarray]:
    """The named arrays of an .npz file; ValueError where it is damaged or lacks one."""
    try:
        with path.open("rb") as opened, np.load(opened) as file:
            return [file[name] for name in names]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise ValueError(f"{path} is damaged, was downloaded in part, or is another file than it should be "
                         f"({error}); wanted are the arrays {', '.join(names)}") from error


def places(name: str, root: Path | str | None = None) -> list[Path]:
    """Where to look for a data set: `root`, or without one METACOURSE_DATA and the cache's folder `name`."""
    if root is not None:
        return [Path(root).expanduser()]
    given = os.environ.get("METACOURSE_DATA")
    return ([Path(given).expanduser()] if given else []) + [folder() / name]


def _platform_folder() -> Path:
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local")
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")


def _umask() -> int:
    """The permissions a new file does not get (reading them means setting them for a moment)."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
