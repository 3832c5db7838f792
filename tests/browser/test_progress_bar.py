import json

from tests.browser.jupyter import open_and_run

CELL = """
import time
from metacourse.training.bar import bar
print("before")
with bar(20) as show:
    for step in range(1, 21):
        time.sleep(0.1)
        show(step)
print("after")
"""
REMEMBER = """() => {
    window.texts = new Set();
    const look = () => document.querySelectorAll(".jp-OutputArea").forEach(area => texts.add(area.innerText));
    new MutationObserver(look).observe(document.body, {subtree: true, childList: true, characterData: true})
}"""
SAVE = "async () => { await jupyterapp.commands.execute('docmanager:save') }"


def test_the_bar_is_seen_while_training_and_gone_afterwards_from_page_and_file(page, lab):
    notebook = lab.notebook("bar.ipynb", CELL)
    page.add_init_script(f"addEventListener('DOMContentLoaded', {REMEMBER})")
    open_and_run(page, lab, notebook)
    shown = page.locator(".jp-OutputArea").first
    assert any("of 20 steps" in text for text in page.evaluate("() => [...texts]"))
    assert shown.inner_text().split() == ["before", "after"]
    page.evaluate(SAVE)
    outputs = json.loads((lab.root / notebook).read_text())["cells"][0]["outputs"]
    assert "steps" not in json.dumps(outputs)
    assert [output["data"] for output in outputs if output["output_type"] == "display_data"] == [{}]
