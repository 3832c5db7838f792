"""Tidy tables: HTML in a notebook, plain text elsewhere; and our numbers beside the papers'."""
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

from metacourse.figures.recorded import over_seeds
from metacourse.results import NotRun

CELL = "padding: 0.3em 0.9em; border-bottom: 1px solid #d9d9d9; vertical-align: top; text-align: "


@dataclass(frozen=True)
class Table:
    """Rows of text under a header; the first column stands left, and so do those named in `wide`."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    wide: tuple[str, ...] = ()

    def __repr__(self) -> str:
        lines = [self.header, *self.rows]
        widths = [max(len(line[i]) for line in lines) for i in range(len(self.header))]
        text = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in lines]
        rule = ["─" * len(max(text, key=len))]
        return "\n".join([self.caption] * bool(self.caption) + text[:1] + rule + text[1:])

    def _repr_html_(self) -> str:
        sides = ["left" if i == 0 or name in self.wide else "right" for i, name in enumerate(self.header)]
        head = _row("th", self.header, sides, ' scope="col"')
        body = "".join(_row("td", row, sides) for row in self.rows)
        caption = f'<caption style="text-align: left">{escape(self.caption)}</caption>' * bool(self.caption)
        return (f'<table style="border-collapse: collapse">{caption}<thead>{head}</thead>'
                f"<tbody>{body}</tbody></table>")


def _row(tag: str, cells: Iterable[str], sides: Sequence[str], more: str = "") -> str:
    return "<tr>" + "".join(f'<{tag}{more} style="{CELL}{side}">{escape(cell)}</{tag}>'
                            for cell, side in zip(cells, sides)) + "</tr>"


def table(rows: Sequence[Mapping[str, object]], caption: str = "", wide: Sequence[str] = ()) -> Table:
    """A table of dicts with the same keys: the keys are the header. None becomes a dash."""
    header = tuple(dict.fromkeys(key for row in rows for key in row))
    cells = tuple(tuple(_text(row.get(key)) for key in header) for row in rows)
    return Table(header, cells, caption, tuple(wide))


def _text(value: object) -> str:
    return "–" if value is None else str(value)


def percent(accuracy: float | None, interval: float | None = None) -> str | None:
    """0.912, 0.005 -> "91.2 ± 0.5"; without an interval "91.2"."""
    if accuracy is None:
        return None
    return f"{100 * accuracy:.1f}" + (f" ± {100 * interval:.1f}" if interval is not None else "")


def beside_papers(ours, paper: str, shots: Sequence[int] = (1, 5)) -> Table | NotRun:
    """Accuracies in percent, 5-way: what the papers report on one data set, then what we measured.

    `ours` is a result that holds "accuracy" {shot: {method: {seed: score}}}, or a NotRun, whose place the
    command takes; `paper` is a key of `PAPERS`.
    """
    columns = [f"{shot}-shot" for shot in shots]
    lines = [{"method": line.method, **{f"{shot}-shot": percent(line.accuracy.get(shot)) for shot in shots},
              "from": line.source, "protocol": line.protocol} for line in PAPERS[paper]]
    if isinstance(ours, NotRun):
        lines.append({"method": "ours", **dict.fromkeys(columns), "from": "here", "protocol": repr(ours)})
        return table(lines, "accuracy in percent, 5-way", wide=("from", "protocol"))
    said = f"{ours['minutes']:.0f} min for all of ours, {ours['device']}; inductive"
    for method in ours["accuracy"][str(shots[0])]:
        scores = {f"{shot}-shot": percent(*over_seeds(ours["accuracy"][str(shot)][method])) for shot in shots
                  if method in ours["accuracy"].get(str(shot), {})}
        lines.append({"method": OURS.get(method, method), **scores, "from": "here", "protocol": said})
    return table(lines, "accuracy in percent, 5-way", wide=("from", "protocol"))


@dataclass(frozen=True)
class Reported:
    """What a paper reports; accuracies as fractions by shot."""

    method: str
    source: str
    accuracy: Mapping[int, float]
    protocol: str


OURS = {"maml": "MAML", "fomaml": "first-order MAML", "anil": "ANIL", "reptile": "Reptile",
        "protonet_ways": "ProtoNet, 20-way training", "matching": "Matching networks",
        "siamese": "Siamese, contrastive", "relation": "Relation network", "simple_shot": "SimpleShot"}
PAPERS = {
    "omniglot": (
        Reported("MAML", "Finn et al., 2017, Table 1", {1: 0.987, 5: 0.999},
                 "64 strided filters, 60,000 steps of 32 tasks, tested with 3 inner steps; transductive"),
        Reported("first-order MAML", "as reported in Nichol et al., 2018, Table 2", {1: 0.983, 5: 0.992},
                 "queries share batch norm: transductive"),
        Reported("Reptile", "Nichol et al., 2018, Table 2", {1: 0.9539, 5: 0.9890},
                 "every query by itself: inductive"),
        Reported("Reptile", "Nichol et al., 2018, Table 2", {1: 0.9768, 5: 0.9948},
                 "queries share batch norm: transductive"),
        Reported("MAML++", "Antoniou et al., 2019", {1: 0.9947, 5: 0.9985},
                 "5 steps; a random split of the characters into 1,150, 50 and 423"),
    ),
    "omniglot_few_shot": (
        Reported("ProtoNet", "Snell et al., 2017, Table 1", {1: 0.988, 5: 0.997},
                 "trained with 60 ways, 64 filters; batch norm"),
        Reported("Matching networks", "Vinyals et al., 2016, Table 1", {1: 0.981, 5: 0.989},
                 "64 filters; without fine-tuning, without full context"),
        Reported("Siamese", "as reported in Finn et al., 2017, Table 1", {1: 0.973, 5: 0.984},
                 "the network of Koch et al., 2015, trained again by others"),
        Reported("Relation network", "Sung et al., 2018, Table 1", {1: 0.996, 5: 0.998},
                 "64 filters; batch norm"),
    ),
    "quickdraw": (
        Reported("MAML", "as reported by Cloudera Fast Forward, 2020", {1: 0.59, 5: 0.77},
                 "20 images a class; 207, 69 and 69 categories; 20 filters, 5 steps, 5,000 of 10 tasks"),
    ),
}
