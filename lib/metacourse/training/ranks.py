"""How ranks begin, and how they end: together, with one sentence, when one of them dies.

torchrun starts the processes, and tells the others to end (SIGTERM) when it sees one die. Often they find out
sooner, from a collective that fails. Whoever is first says what happened, and how to go on.
"""
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import NoReturn

import torch
import torch.distributed as dist

from metacourse.training import parallel

BACKENDS = {"cuda": "nccl", "cpu": "gloo"}
PATIENCE = timedelta(minutes=10)                # with a rank that is silent, but not known to be dead
_last_words = threading.Lock()                  # held from then on


@contextmanager
def ranks(device: torch.device, how_to_go_on: Callable[[], str]) -> Iterator[None]:
    """The ranks that torchrun has started work together inside; without torchrun nothing happens.

    When another rank is lost, or on an interrupt, this process ends with a sentence and status 1;
    `how_to_go_on()` is the end of the sentence.
    """
    if not {"RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT"} <= os.environ.keys():
        yield
        return
    if device.type not in BACKENDS:
        raise ValueError(f"ranks work together on cuda or cpu, not on {device.type}: say --device cpu")
    mine = device if device.type == "cuda" else None
    if mine is not None:
        torch.cuda.set_device(mine)
    dist.init_process_group(BACKENDS[device.type], timeout=PATIENCE, device_id=mine)
    with _listening(how_to_go_on):
        try:
            yield
        except parallel.RankLost as lost:
            _end(f"{_who()} is gone ({lost})", how_to_go_on)
        except KeyboardInterrupt:
            _end("interrupted", how_to_go_on)
        except Exception as error:              # most often the same everywhere: one traceback is enough
            many = not _first_to("trace")
            traceback.print_exception(error, limit=0 if many else None, chain=not many)
            raise SystemExit(1) from None
    dist.destroy_process_group()                # not after an error, when others may no longer answer


def _who() -> str:
    """torchrun's own report, which comes last, names the rank."""
    return f"rank {1 - parallel.rank()}" if dist.get_world_size() == 2 else "another rank"


@contextmanager
def _listening(how_to_go_on: Callable[[], str]) -> Iterator[None]:
    """A thread hears SIGTERM: the main one may wait for a GPU whose partner is gone, and hear nothing."""
    hear, tell = os.pipe()
    os.set_blocking(tell, False)
    handler, wakeup = signal.signal(signal.SIGTERM, lambda *_: None), signal.set_wakeup_fd(tell)

    def listen() -> None:
        while heard := os.read(hear, 1):
            if heard[0] == signal.SIGTERM:
                _end(f"told to end by torchrun, as when {_who()} has died", how_to_go_on)
        os.close(hear)
    threading.Thread(target=listen, daemon=True).start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(wakeup)
        signal.signal(signal.SIGTERM, handler)
        os.close(tell)                          # the thread reads the end


def _end(why: str, how_to_go_on: Callable[[], str]) -> NoReturn:
    """One sentence, of one rank; then out, since cleaning up may wait for a rank that is gone."""
    _last_words.acquire()
    if _first_to("say how to go on"):
        print(f"\nrank {parallel.rank()} of {dist.get_world_size()}: {why}. {how_to_go_on()}",
              file=sys.stderr, flush=True)
    sys.stdout.flush()
    os._exit(1)


def _first_to(do: str) -> bool:
    """torchrun's own process keeps the count, so that it does not matter which rank is gone."""
    try:
        store = dist.TCPStore(os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"]), is_master=False,
                              timeout=timedelta(seconds=3))
        return store.add(f"metacourse: {do}", 1) == 1
    except (RuntimeError, ValueError):          # torchrun is gone, too
        return True
