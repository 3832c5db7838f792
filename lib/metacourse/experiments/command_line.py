"""What may be said to every experiment, and the command that takes a run up again."""
import argparse
import os
import shlex
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path


def parse(name: str, arguments: Sequence[str] | None) -> argparse.Namespace:
    """Raises SystemExit, with a sentence, for what makes no sense."""
    module = f"metacourse.experiments.{name}"
    parser = argparse.ArgumentParser(
        prog=f"python -m {module}", description=f"Make results/{name}.json.",
        epilog=f"On several GPUs, or processes of a CPU: torchrun --nproc-per-node 8 -m {module}")
    parser.add_argument("--device", help="cuda, mps or cpu; the best there is, where left out")
    parser.add_argument("--data", type=Path, metavar="FOLDER",
                        default=os.environ.get("METACOURSE_DATA") or None,
                        help="real data sets; METACOURSE_DATA, where left out")
    parser.add_argument("--seed", type=int, help="one training seed in place of the settings' seeds")
    parser.add_argument("--minutes", type=float, help="stop every training after so many, from this start")
    parser.add_argument("--resume", action="store_true", help="go on from a stopped run's checkpoints")
    parser.add_argument("--smoke", action="store_true", help="be done in seconds; kept only with --out")
    parser.add_argument("--out", type=Path, metavar="FOLDER", help="where results go; the library, else")
    asked = parser.parse_args(arguments)
    if asked.data is not None and not asked.data.is_dir():
        parser.error(f"--data {asked.data}: there is no such folder")
    if asked.minutes is not None and not asked.minutes > 0:
        parser.error(f"--minutes {asked.minutes}: wanted more than 0")
    if asked.out is not None and (problem := _cannot_be_written(asked.out)):
        parser.error(f"--out {asked.out} is no folder that can be written to ({problem})")
    return asked


def again(name: str, *more: str) -> str:
    """The command that started this process, or torchrun on this machine, and `more`."""
    processes, given = os.environ.get("LOCAL_WORLD_SIZE"), [word for word in sys.argv[1:] if word not in more]
    start = ["torchrun", "--nproc-per-node", processes] if processes else ["python"]
    return shlex.join([*start, "-m", f"metacourse.experiments.{name}", *given, *more])


def _cannot_be_written(folder: Path) -> str:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        return error.strerror or str(error)
    return ""
