"""What questions look like: cards of plain ipywidgets, and the same words as text where no kernel runs."""
import html
import re
import textwrap

import ipywidgets as widgets

from metacourse.quiz.questions import Question

WIDTH = 96                                          # of the text form
NO_BREAK = "\u00a0"
SURENESS = (0.5, 0.6, 0.7, 0.8, 0.9, 0.99)

STYLE = """<style>
.metacourse-card { border: 1px solid var(--jp-border-color2, rgba(128, 128, 128, .45)); border-radius: 4px;
  border-left: 4px solid #56B4E9; padding: 12px 16px; margin: 6px 2px; max-width: 760px; overflow: visible;
  color: var(--jp-content-font-color1, inherit); }
.metacourse-card .widget-html-content, .metacourse-card .widget-radio-box label {
  color: inherit; font-size: var(--jp-content-font-size1, 14px); line-height: 1.5; }
.metacourse-card p { margin: 0 0 6px; }
.metacourse-card .metacourse-kind { font-size: 85%; letter-spacing: .04em; opacity: .8; }
.metacourse-question { font-weight: 600; }
.metacourse-card .widget-radio, .metacourse-card .widget-radio-box { width: auto; height: auto; }
.metacourse-card .widget-radio-box { flex-direction: column; margin: 0; padding: 0; }
.metacourse-card .widget-radio-box label { display: flex; flex-direction: row-reverse; align-items: baseline;
  justify-content: flex-end; gap: 9px; height: auto; padding: 2px 0; white-space: normal; cursor: pointer; }
.metacourse-card .widget-radio-box input { flex: none; height: auto; margin: 0;
  position: relative; top: 2px; }
.metacourse-card .metacourse-act { margin-top: 10px; }
.metacourse-card :focus-visible { outline: 2px solid #56B4E9; outline-offset: 1px; }
.metacourse-said { border-left: 3px solid #999999; padding-left: 10px; margin: 6px 0; }
.metacourse-right { border-color: #009E73; }
.metacourse-wrong { border-color: #D55E00; }
.metacourse-card summary { cursor: pointer; padding: 3px 0; }
</style>"""


def card(*children: widgets.Widget) -> widgets.VBox:
    """A bordered column that follows the page's light or dark theme."""
    box = widgets.VBox([widgets.HTML(STYLE, layout=widgets.Layout(display="none")), *children])
    box.add_class("metacourse-card")
    return box


def replace(box: widgets.VBox, *children: widgets.Widget) -> None:
    """Show other children in a card."""
    box.children = (box.children[0], *children)


def heading(kind: str, question: str) -> widgets.HTML:
    """A small line that says what this is, and the question."""
    return widgets.HTML(f"<p class='metacourse-kind'>{rich(kind)}</p>"
                        f"<p class='metacourse-question'>{rich(question)}</p>")


def choices(question: Question) -> widgets.RadioButtons:
    """The choices, none of them chosen. The values are the letters' places, 0 for a)."""
    buttons = widgets.RadioButtons(options=[(text, i) for i, text in enumerate(question.texts())], value=None,
                                   layout=widgets.Layout(width="auto"))
    buttons.add_class("metacourse-choices")
    return buttons


def button(description: str, **looks) -> widgets.Button:
    """A button with a little air above it."""
    made = widgets.Button(description=description, **looks)
    made.add_class("metacourse-act")
    return made


def status() -> widgets.HTML:
    """An empty line that screen readers read aloud when `say` fills it."""
    line = widgets.HTML(said(""))
    line.add_class("metacourse-status")
    return line


def said(text: str, tone: str = "") -> str:
    """HTML of a message; its tone is "right", "wrong" or none."""
    style = f" class='metacourse-said metacourse-{tone}'" if text else ""
    return f"<div role='status'{style}>{rich(text)}</div>"


def paragraphs(lines: list[str]) -> str:
    """HTML of lines."""
    return "".join(f"<p>{rich(line)}</p>" for line in lines)


def explained(question: Question, right: list[str]) -> list[str]:
    """One line for each choice: is it among the right ones, and why."""
    return [f"{'✓' if choice.text in right else '✗'} **{text}** {choice.why}"
            for text, choice in zip(question.texts(), question.choices) if choice.why]


def rich(text: str) -> str:
    """Escaped for HTML; **stars** become bold."""
    return re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", html.escape(text.replace(" %", NO_BREAK + "%")))


def percent(share: float) -> str:
    """0.52 as "52 %", with a space that no line breaks at."""
    return f"{100 * share:.0f}{NO_BREAK}%"


def as_text(kind: str, question: Question, ending: str = "") -> str:
    """A question and its choices for a reader without a kernel."""
    lines = [*wrap(f"{kind}. {question.question}")]
    for choice in question.texts():
        lines += wrap(choice, indent="  ", hang="     ")
    return "\n".join([*lines, *wrap(ending)])


def wrap(text: str, indent: str = "", hang: str = "") -> list[str]:
    """Lines of the text form."""
    unbroken = text.replace(" %", NO_BREAK + "%").replace("**", "")
    return textwrap.wrap(unbroken, WIDTH, initial_indent=indent, subsequent_indent=hang,
                         break_on_hyphens=False)


def bundle(widget: widgets.Widget, text: str) -> dict:
    """What Jupyter shows: the widget where there is a kernel or a saved state, the text elsewhere."""
    view = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
    return {"application/vnd.jupyter.widget-view+json": view, "text/plain": text}
