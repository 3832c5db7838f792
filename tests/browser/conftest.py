"""`lab`, a JupyterLab over a copy of the notebooks, and `page`, a page in Chromium.

    from tests.browser.jupyter import open_and_run, py

    def test_a_click_reaches_python(page, lab):
        open_and_run(page, lab, lab.notebook("count.ipynb", "from ... import Counter", "w = Counter()", "w"))
        page.get_by_test_id("counter").click()
        page.wait_for_function("() => +document.querySelector('[data-testid=counter]').dataset.answered >= 1")
        assert py(page, "print(w.count)") == "1"
"""
import os
import shutil
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import sync_playwright

from tests.browser.jupyter import running_lab

REPOSITORY = Path(__file__).parents[2]
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
         "--disable-background-networking", "--disable-component-update"]

LEAVE_AT_ONCE = "addEventListener('beforeunload', event => event.stopImmediatePropagation())"   # unsaved


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """A JupyterLab over a copy of chapters/, exercises/ and solutions/; tests may write beside them."""
    home = tmp_path_factory.mktemp("lab")
    for folder in ("chapters", "exercises", "solutions"):
        (home / "root" / folder).mkdir(parents=True)
        for notebook in (REPOSITORY / folder).glob("*.ipynb"):
            shutil.copy(notebook, home / "root" / folder)
    with running_lab(home, home / "root") as lab:
        yield lab


@pytest.fixture(scope="session")
def chromium():
    if not CHROMIUM:
        if os.environ.get("CI"):
            pytest.fail("the browser tests need Chromium")
        pytest.skip("no Chromium: install it, or set CHROMIUM to a Chrome or Chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def tab(chromium):
    """One for all tests of a file: JupyterLab and a kernel take longer to start than most tests take."""
    tab = chromium.new_page()
    tab.set_default_timeout(60_000)                      # patience, for when the machine is busy
    tab.add_init_script(LEAVE_AT_ONCE)
    yield tab
    tab.close()


@pytest.fixture
def page(tab):
    """A page; `open_and_run` cleans it. No script on it may fail, and it may ask nobody but this machine."""
    errors, outside = [], []
    heard = {"pageerror": lambda error: errors.append(str(error)),
             "request": lambda request: outside.append(request.url) if is_outside(request.url) else None}
    for event, listen in heard.items():
        tab.on(event, listen)
    tab.set_viewport_size({"width": 1280, "height": 900})
    yield tab
    for event, listen in heard.items():
        tab.remove_listener(event, listen)
    # JupyterLab may lose a race when the theme changes while it draws; no script of ours calls removeChild.
    assert not [error for error in errors if "'removeChild' on 'Node'" not in error]
    assert not outside


def is_outside(url: str) -> bool:
    return urlsplit(url).scheme in ("http", "https", "ws", "wss") and urlsplit(url).hostname != "127.0.0.1"
