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


@pytest.fixture
def page(chromium):
    """A fresh page. No script on it may fail, and it may ask nobody but this machine."""
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(30_000)
    errors, outside = [], []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda request: outside.append(request.url) if is_outside(request.url) else None)
    yield page
    page.close()
    # JupyterLab may lose a race when the theme changes while it draws; no script of ours calls removeChild.
    assert not [error for error in errors if "'removeChild' on 'Node'" not in error]
    assert not outside


def is_outside(url: str) -> bool:
    return urlsplit(url).scheme in ("http", "https", "ws", "wss") and urlsplit(url).hostname != "127.0.0.1"
