"""Teach it your alphabet: draw up to five characters, then one more picture, and see where it lands."""
from collections.abc import Callable, Sequence
from functools import lru_cache
from numbers import Real
from pathlib import Path

import torch
from torch import Tensor
from traitlets import CBytes, Dict, Int, List, TraitError, Unicode, validate

from metacourse.data import alphabet, drawing, recorded_drawings
from metacourse.data.alphabet import Alphabet
from metacourse.data.drawing import Drawing
from metacourse.episode import Params
from metacourse.figures.lineup import lineup
from metacourse.figures.style import CLASSES, Picture
from metacourse.methods import protonet
from metacourse.widgets.base import Explorer, script

SLOTS, SHOTS, LETTERS = 5, 5, 12                             # characters, drawings of each, letters of a name
BEGIN = ("ank", "dak", "dok", "fen", "nef")                  # recorded characters to start with
TURNS = ("dok", "fen", "dak", "nef", "ank")                  # whose other drawings take turns to be asked


class AlphabetCanvas(Explorer):
    """A ProtoNet, `embed` with parameters `theta`, recognizes what is drawn on the sheet "?".

    Its support set are the drawings in five slots, one or several in each. It begins with characters that
    were written down for this course, or with `drawings`, {name: drawings} as `data.alphabet` loads them;
    `names` are the names of the slots for one's own. `drawings` holds what is drawn, `save` keeps it.
    """

    controls = ("slots", "query", "example", "opened")
    slots = List().tag(sync=True)                            # five of {"name": …, "drawings": […]}
    query = List().tag(sync=True)                            # the drawing on the sheet "?"
    example = Int(0).tag(sync=True)                          # how often another recorded picture was wanted
    opened = Unicode("").tag(sync=True)                      # the text of a file, until it is read
    mode = Unicode("recorded").tag(sync=True)                # or "own"
    other = Dict().tag(sync=True)                            # slots and query of the other mode, meanwhile
    pictures = CBytes(b"").tag(sync=True)                    # uint8 [drawing, 28, 28]: the slots', the query
    result = Dict().tag(sync=True)                           # a probability for each slot, and the nearest
    about = Dict({"colors": list(CLASSES[:SLOTS]), "shots": SHOTS, "letters": LETTERS, "sheet": drawing.SHEET,
                  "format": alphabet.FORMAT}).tag(sync=True)
    _esm = script("base.js", "alphabet_sheet.js", "alphabet_canvas.js")
    _css = script("base.css", "alphabet_canvas.css")

    def __init__(self, embed: Callable, theta: Params, *, drawings: Alphabet | None = None,
                 names: Sequence[str] | None = None):
        self._embed, self._theta, self._shown, self._refused = embed, theta, 0, ""
        recorded = recorded_drawings.strokes()
        self._examples = [recorded[name][i] for i in range(1, recorded_drawings.DRAWINGS) for name in TURNS]
        begin = {"slots": slots_of({name: recorded[name][:1] for name in BEGIN}), "query": self._examples[0]}
        own = {"slots": slots_of({}, names), "query": []}
        if drawings is not None:
            own["slots"] = slots_of(drawings, names)
        here, there = (begin, own) if drawings is None else (own, begin)
        super().__init__(mode="recorded" if drawings is None else "own", other=there, **here)

    @property
    def drawings(self) -> dict[str, list[Drawing]]:
        """What is drawn in the slots: {name: drawings}."""
        drawn = {}
        for i, slot in enumerate(self.slots):
            if some := [one for one in slot["drawings"] if one]:
                name = slot["name"] or str(i + 1)
                drawn[f"{name} ({i + 1})" if name in drawn else name] = some
        return drawn

    def save(self, path: Path | str) -> Path:
        """Write the drawings to a JSON file, as the button does."""
        return alphabet.save(path, self.drawings)

    def answer(self) -> None:
        """Compare the sheet "?" with what is in the slots; before that, fetch what was asked for."""
        if self.opened:
            self._open()
        elif self.example != self._shown:
            self._shown = self.example
            self.query = self._examples[self.example % len(self._examples)]      # and this answers
        else:
            self._compare()

    def still(self) -> Picture:
        """The present state as a picture."""
        *shots, query = self._seen()[0]
        return lineup([[one for one in some if one is not None] for some in shots], query[0],
                      self.result["probabilities"], names=[slot["name"] for slot in self.slots],
                      title="Which character is the picture?")

    def _compare(self) -> None:
        seen, faults = self._seen()
        self.pictures = b"".join(bytes(784) if one is None else one.numpy().tobytes()
                                 for some in seen for one in some)
        *shots, (query,) = [[one for one in some if one is not None] or [None] for some in seen]
        filled = {i: torch.stack(some) for i, some in enumerate(shots) if some[0] is not None}
        p = {}
        if len(filled) > 1 and query is not None:
            p = dict(zip(filled, self._predict(list(filled.values()), query).exp().tolist()))
        self.result = {"probabilities": [round(p[i], 4) if i in p else None for i in range(SLOTS)],
                       "nearest": max(p, key=p.get) if p else None}
        self.status = " ".join([self._refused, *faults, self._in_words(len(filled))]).strip()
        self._refused = ""

    def _predict(self, shots: list[Tensor], query: Tensor) -> Tensor:
        device = next(iter(self._theta.values())).device
        support = alphabet.examples([some.to(device) for some in shots])
        x_query = query[None].to(device).float() / 255
        return protonet.predict(self._embed, self._theta, support, x_query)[0].cpu()

    def _seen(self) -> tuple[list[list[Tensor | None]], list[str]]:
        """Pictures of all drawings, slot by slot, then of the query (None for a blank), and complaints."""
        seen, faults = [], []
        for sheet in [*self.slots, {"name": "?", "drawings": [self.query]}]:
            seen.append([])
            for one in sheet["drawings"]:
                try:
                    seen[-1].append(picture(tuple(map(tuple, one))) if one else None)
                except ValueError as error:
                    seen[-1].append(None)
                    faults.append(f"Sheet “{sheet['name']}”: {error}.")
        return seen, faults

    def _in_words(self, filled: int) -> str:
        if filled < 2:
            return f"Draw {'another character' if filled else 'two characters or more'} to choose among."
        named = [(slot["name"] or f"{i + 1}", p) for i, (slot, p) in enumerate(
            zip(self.slots, self.result["probabilities"])) if p is not None]
        if not named:
            return "" if self.query else "Now draw one of them again, on the sheet “?”."
        (first, high), (second, low), *_ = sorted(named, key=lambda pair: -pair[1])
        after = f"; the next is {second}, with {100 * low:.0f} %" if low >= 0.005 else ""
        return f"The nearest prototype is {first}, with {100 * high:.0f} %{after}."

    def _open(self) -> None:
        try:
            read = alphabet.parse(self.opened)
        except ValueError as error:
            self._refused, read = f"This file cannot be opened: {error}.", None
        with self.hold_trait_notifications():
            self.opened = ""
            if read is not None:
                if self.mode == "recorded":
                    self.mode, self.other = "own", {"slots": self.slots, "query": self.query}
                if len(read) > SLOTS:
                    self._refused = f"The file has {len(read)} characters: these are the first {SLOTS}."
                self.slots, self.query = slots_of(dict(list(read.items())[:SLOTS])), []

    def __repr__(self) -> str:
        drawn = {name: len(drawings) for name, drawings in self.drawings.items()}
        return f"AlphabetCanvas(drawings={drawn}, query={'drawn' if self.query else 'empty'})"

    @validate("slots")
    def _five_slots(self, proposal):
        if len(proposal["value"]) != SLOTS:
            raise TraitError(f"slots: got {len(proposal['value'])}, wanted {SLOTS}")
        for slot in proposal["value"]:
            for one in slot["drawings"]:
                checked(f"slot {slot['name']!r}", one)
        return proposal["value"]

    @validate("query")
    def _one_drawing(self, proposal):
        return checked("query", proposal["value"])


def checked(where: str, one) -> Drawing:
    """The drawing itself; TraitError where it is none."""
    try:
        drawing.checked(one)
    except ValueError as error:
        raise TraitError(f"{where}: {error}") from error
    return one


@lru_cache(maxsize=256)
def picture(strokes: tuple[tuple[Real, ...], ...]) -> Tensor:
    """A drawing as the network sees it; most were there before the last stroke."""
    return drawing.normalized(strokes)


def slots_of(drawings: Alphabet, names: Sequence[str] | None = None) -> list[dict]:
    """Five slots; those without a drawing are named by `names`, or A, B, …."""
    if len(drawings) > SLOTS or len(names or ()) > SLOTS:
        raise ValueError(f"got {max(len(drawings), len(names or ()))} characters; there are {SLOTS} slots")
    free = [*(names or ()), *"ABCDE"[len(names or ()):]]
    drawn = {name: [[list(stroke) for stroke in one] for one in some[:SHOTS]]
             for name, some in drawings.items()}
    drawn |= {name: [] for name in free if name not in drawn}
    return [{"name": name[:LETTERS], "drawings": some} for name, some in list(drawn.items())[:SLOTS]]
