"""A JupyterLab for the tests, and two ways to talk to it: through the page, and through its kernel."""
import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import nbformat
from playwright.sync_api import Page

TOKEN = "a-token-for-tests"
DONE = """() => {
    const lab = jupyterapp.shell.currentWidget;
    const pending = cell => cell.model.type === "code" && cell.model.sharedModel.source.trim()
        && cell.model.executionCount == null;
    return lab.sessionContext.session?.kernel?.status === "idle" && !lab.content.widgets.some(pending)
}"""
SOURCES = """() => window.jupyterapp?.shell?.currentWidget?.content?.widgets?.map(
    cell => cell.model.sharedModel.source)"""
CLEAN = """async () => {
    await jupyterapp.commands.execute("apputils:change-theme", { theme: "JupyterLab Light" });
    await jupyterapp.commands.execute("notebook:clear-all-cell-outputs");
}"""
ASK_THE_KERNEL = """async code => {
    const kernel = jupyterapp.shell.currentWidget.sessionContext.session.kernel;
    const question = kernel.requestExecute({code, store_history: false});
    let printed = "";
    question.onIOPub = ({header, content}) => {
        if (header.msg_type === "stream") printed += content.text;
        if (header.msg_type === "error") printed += `${content.ename}: ${content.evalue}`;
    };
    const patience = new Promise((_, reject) => setTimeout(() => reject("no answer in 30 s"), 30000));
    await Promise.race([question.done, patience]);
    return printed.trim()
}"""


class Lab(NamedTuple):
    """A running JupyterLab: its address, and the folder it shows."""

    url: str
    root: Path

    def notebook(self, name: str, *cells: str) -> str:
        """Write a notebook with these code cells into the folder, and return its name."""
        if (self.root / name).exists() and self.sources(name) == list(cells):
            return name                                  # it may be open: a new file would ask for a dialog
        nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        nb.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
        nbformat.write(nb, self.root / name)
        return name

    def sources(self, name: str) -> list[str]:
        """What stands in a notebook's cells."""
        return [cell.source for cell in nbformat.read(self.root / name, as_version=4).cells]


@contextlib.contextmanager
def running_lab(home: Path, root: Path) -> Iterator[Lab]:
    """JupyterLab over `root` with nobody's settings: everything it keeps lies under `home`."""
    settings = home / "settings" / "@jupyterlab" / "apputils-extension"
    settings.mkdir(parents=True)
    quiet = {"fetchNews": "false", "checkForUpdates": False}
    (settings / "notification.jupyterlab-settings").write_text(json.dumps(quiet))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    places = {f"JUPYTER_{what}_DIR": str(home / what.lower()) for what in ("CONFIG", "DATA", "RUNTIME")}
    places |= {f"JUPYTERLAB_{what}_DIR": str(home / what.lower()) for what in ("SETTINGS", "WORKSPACES")}
    places |= {"IPYTHONDIR": str(home / "ipython"), "METACOURSE_PROGRESS": str(home / "progress")}
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root",
               "--ServerApp.ip=127.0.0.1", f"--ServerApp.port={port}", f"--ServerApp.root_dir={root}",
               f"--IdentityProvider.token={TOKEN}", "--LabApp.expose_app_in_browser=True"]
    with open(home / "log", "w") as log:
        server = subprocess.Popen(command, env=os.environ | places, stdout=log, stderr=subprocess.STDOUT)
    try:
        lab = Lab(f"http://127.0.0.1:{port}", root)
        wait_until_it_answers(lab, home / "log", server)
        yield lab
    finally:
        server.terminate()
        server.wait(20)


def wait_until_it_answers(lab: Lab, log: Path, server: subprocess.Popen, seconds: int = 180) -> None:
    for _ in range(2 * seconds):
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"{lab.url}/api/status?token={TOKEN}", timeout=2).close()
            return
        if server.poll() is not None:
            break
        time.sleep(0.5)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text()[-2000:]}")


def open_and_run(page: Page, lab: Lab, notebook: str, *, seconds: int = 120, errors: bool = False) -> None:
    """Open a notebook of `lab` and Run All; no cell may fail unless `errors` says so.

    It begins clean: light theme, no outputs. Where the page has it open, its kernel goes on.
    """
    if page.evaluate(SOURCES) != lab.sources(notebook):
        page.goto(f"{lab.url}/lab/tree/{notebook}?token={TOKEN}&reset", wait_until="domcontentloaded")
        page.wait_for_function("() => window.jupyterapp?.shell?.currentWidget?.content?.widgets")
        page.evaluate("async () => { await jupyterapp.shell.currentWidget.context.ready }")
        page.evaluate("async () => { await jupyterapp.shell.currentWidget.sessionContext.ready }")
    else:
        page.evaluate(CLEAN)
    page.evaluate("() => { jupyterapp.commands.execute('notebook:run-all-cells') }")   # awaited below
    page.wait_for_function(DONE, timeout=1000 * seconds, polling=250)    # every frame would eat a core
    if not errors:
        assert failures(page) == []


def failures(page: Page) -> list[str]:
    """Errors and stderr of all cells, read from the model: cells out of sight are not drawn."""
    return page.evaluate("""() => jupyterapp.shell.currentWidget.content.widgets
        .filter(cell => cell.model.type === "code").flatMap(cell => cell.model.outputs.toJSON())
        .filter(output => output.output_type === "error" || output.name === "stderr")
        .map(output => output.evalue ?? [output.text].flat().join(""))""")


def py(page: Page, code: str) -> str:
    """Run code in the page's own kernel and return what it printed."""
    return page.evaluate(ASK_THE_KERNEL, code)


def screenshot(page: Page, name: str) -> None:
    """Keep a picture of the page in artifacts/, for people to look at."""
    page.screenshot(path=Path(__file__).parents[2] / "artifacts" / f"{name}.png")
