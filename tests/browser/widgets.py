"""What tests of widgets share: dragging, walking with keys, waiting for Python, and looking."""
from pathlib import Path

from playwright.sync_api import Locator, Page

ARTIFACTS = Path(__file__).parents[2] / "artifacts"
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}


def answered(page: Page, test_id: str) -> None:
    """Wait until Python has answered every event of the widget."""
    page.wait_for_function("""id => {
        const { asked, answered } = document.querySelector(`[data-testid=${id}]`).dataset;
        return asked === answered
    }""", arg=test_id)


def milliseconds(page: Page, test_id: str) -> int:
    """From the last event to the picture that answers it."""
    return int(page.get_by_test_id(test_id).get_attribute("data-milliseconds"))


def slide(page: Page, handle: Locator, share: float) -> None:
    """Drag a slider with the mouse from its middle to a share of its length."""
    handle.scroll_into_view_if_needed()
    box = handle.bounding_box()
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, y)
    page.mouse.down()
    page.mouse.move(box["x"] + share * box["width"] + (4 if share else -4), y, steps=5)
    page.mouse.up()


def press(page: Page, handle: Locator, *keys: str) -> None:
    """Focus a control and press keys."""
    handle.focus()
    for key in keys:
        page.keyboard.press(key)


def look(page: Page, widget: Locator, name: str) -> None:
    """Screenshots in both themes and two widths, kept in artifacts/; nothing may stick out of the widget."""
    ARTIFACTS.mkdir(exist_ok=True)
    for width in (1280, 640):
        page.set_viewport_size({"width": width, "height": 900})
        for theme, title in THEMES.items():
            page.evaluate("theme => jupyterapp.commands.execute('apputils:change-theme', { theme })", title)
            page.wait_for_function("name => document.body.dataset.jpThemeName === name", arg=title)
            widget.screenshot(path=ARTIFACTS / f"{name}_{width}_{theme}.png")
        assert widget.evaluate("node => node.scrollWidth <= node.clientWidth + 1")
