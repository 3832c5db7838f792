"""Fetch a file whole and verified, or say why not and leave nothing behind."""
import hashlib
import http.client
import urllib.error
import urllib.request
from pathlib import Path

from metacourse.data.cache import write_atomically

TIMEOUT = 30                                         # seconds without a byte
BLOCK = 1 << 20


def fetch(address: str, path: Path, *, md5: str | None = None) -> Path:
    """Download `address` to `path`, unless a file with the right checksum is there already.

    Raises ConnectionError without a network or where the server refuses, ValueError for a wrong checksum.
    """
    if path.exists() and (md5 is None or md5_of(path) == md5):
        return path
    return write_atomically(path, lambda temporary: _verified(address, temporary, md5))


def first_bytes(address: str, wanted: int) -> bytes:
    """The first bytes of a file, without downloading the rest; fewer where it is shorter."""
    request = urllib.request.Request(address, headers={"Range": f"bytes=0-{wanted - 1}"})
    with _opened(request) as response:
        return b"".join(_blocks(response, wanted))


def md5_of(path: Path) -> str:
    """The MD5 sum of a file, as published beside many data sets."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _verified(address: str, temporary: Path, md5: str | None) -> None:
    with _opened(urllib.request.Request(address)) as response, temporary.open("wb") as file:
        expected = response.headers.get("Content-Length")
        for block in _blocks(response):
            file.write(block)
    size = temporary.stat().st_size
    if expected is not None and size != int(expected):
        raise ConnectionError(f"{address} stopped after {size} of {expected} bytes: try again")
    if md5 is not None and (found := md5_of(temporary)) != md5:
        raise ValueError(f"{address} has MD5 sum {found}, wanted is {md5}: it was damaged on its way, or has "
                         "changed; try again, or fetch it by hand and pass its folder as root")


def _opened(request: urllib.request.Request):
    try:
        return urllib.request.urlopen(request, timeout=TIMEOUT)
    except (urllib.error.URLError, TimeoutError, http.client.HTTPException) as error:
        raise ConnectionError(f"{request.full_url} cannot be reached ({error}): connect to a network, or "
                              "fetch the file elsewhere and pass its folder as root") from error


def _blocks(response, most: int | float = float("inf")):
    """The response in blocks, at most that many bytes altogether."""
    while most > 0:
        try:
            block = response.read(int(min(BLOCK, most)))
        except (OSError, http.client.HTTPException) as error:
            raise ConnectionError(f"{response.url} was cut off ({error}): try again") from error
        if not block:
            return
        most -= len(block)
        yield block
