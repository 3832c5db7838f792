"""Every test of data has a cache of its own, empty at first, and knows which real files there are."""
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import TCPServer
from threading import Thread
from urllib.parse import unquote

import pytest


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("METACOURSE_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("METACOURSE_DATA", raising=False)
    return tmp_path / "cache"


@pytest.fixture
def real(real_data):
    """real("usps/usps16.npz") is that file; where it is missing the test is skipped and says so."""
    def path(name: str) -> Path:
        if not (real_data / name).exists():
            pytest.skip(f"no {name} among the real data sets in {real_data.name}")
        return real_data / name
    return path


class Server:
    """A web server for the files of one folder; it can be closed, and can cut every answer short."""

    def __init__(self, folder: Path):
        self.folder, self.cut_after = folder, None
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                path = folder / unquote(self.path).lstrip("/")
                if not path.is_file():
                    return self.send_error(404)
                content = path.read_bytes()
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                with suppress(ConnectionError):                  # the client may have had enough
                    self.wfile.write(content[:server.cut_after])

            def log_message(self, *_):
                pass
        self._server = TCPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def server(tmp_path, monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    folder = tmp_path / "served"
    folder.mkdir()
    server = Server(folder)
    yield server
    server.close()
