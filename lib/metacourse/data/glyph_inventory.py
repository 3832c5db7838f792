"""Which characters are classes: letters, digits and symbols of DejaVu Sans that look like no earlier one.

`python -m metacourse.data.glyph_inventory` writes the list into `split_lists/glyphs.json`, where it stays, so
that classes never change with the version of a library.
"""
import json
import unicodedata
from collections import Counter
from pathlib import Path

import torch
import torch.nn.functional as F
from jaxtyping import Float, UInt8
from torch import Tensor

from metacourse.data import glyph_fonts

FACE = "DejaVuSans"
SAME = 0.92                                          # correlation above which two characters are one class
ALIKE = 0.90                                         # … above which one gives the other away
SCRIPTS = {                                          # first word of a letter's Unicode name -> our name
    "LATIN": "Latin", "GREEK": "Greek", "CYRILLIC": "Cyrillic", "ARABIC": "Arabic", "ARMENIAN": "Armenian",
    "GEORGIAN": "Georgian", "HEBREW": "Hebrew", "LAO": "Lao", "NKO": "N'Ko", "TIFINAGH": "Tifinagh",
    "OGHAM": "Ogham", "CANADIAN": "Canadian Syllabics", "OLD": "Old Italic", "LISU": "Lisu",
    "COPTIC": "Coptic",
    **dict.fromkeys(("MATHEMATICAL", "DOUBLE-STRUCK", "SCRIPT", "BLACK-LETTER"), "Mathematical Letters")}
SYMBOLS = {
    "Letterlike Symbols": range(0x2100, 0x2150), "Arrows": range(0x2190, 0x2200),
    "Mathematical Operators": range(0x2200, 0x2300), "Technical Symbols": range(0x2300, 0x2400),
    "Geometric Shapes": range(0x25A0, 0x2600), "Symbols": range(0x2600, 0x2700),
    "Dingbats": range(0x2700, 0x27C0), "More Arrows": range(0x27F0, 0x2800),
    "Braille": range(0x2800, 0x2900), "More Operators": range(0x2A00, 0x2B00)}
ARABIC_FORMS = (range(0xFB50, 0xFE00), range(0xFE70, 0xFF00))       # positional forms: the same letters again
HELD_OUT = {"test": ("Armenian", "Georgian", "Hebrew", "N'Ko", "Old Italic", "Tifinagh"),
            "val": ("Arabic", "Lao", "Ogham")}
HELD_OUT_DIGITS = ("NKO", "LAO", "ARABIC-INDIC", "EXTENDED")        # a held-out script's digits train nothing
SMALLEST_SCRIPT = 10                                 # classes
LEAST_INK = 12                                       # pixels


def script_of(code_point: int) -> str | None:
    """The script or kind of symbol a character belongs to; None for marks, blanks and accented letters."""
    character = chr(code_point)
    category, name = unicodedata.category(character), unicodedata.name(character, "")
    parts = unicodedata.decomposition(character)
    if not name or category[0] in "MCZ" or category in ("Lm", "Sk") or (parts and not parts.startswith("<")):
        return None
    if any(code_point in forms for forms in ARABIC_FORMS):
        return None
    first = name.split()[0]
    if category[0] == "L":
        return SCRIPTS.get(first)
    block = [kind for kind, codes in SYMBOLS.items() if code_point in codes]
    if block:
        return block[0]
    return "Digits" if category in ("Nd", "Nl") and first not in HELD_OUT_DIGITS else None


def likeness(pictures: UInt8[Tensor, "n side side"]) -> Float[Tensor, "n n"]:
    """Correlation of every two blurred pictures, in double precision so that no machine decides otherwise."""
    blurred = F.avg_pool2d(F.avg_pool2d(pictures[:, None].double(), 5, stride=1, padding=2), 2).flatten(1)
    blurred = F.normalize(blurred - blurred.mean(1, keepdim=True), dim=1)
    return blurred @ blurred.T


def inventory() -> dict[str, dict[str, str]]:
    """{"train": {"Greek": "αβγ…", …}, "lookalikes": …, "val": …, "test": …}: each class is one character."""
    found = [(c, script_of(c)) for c in sorted(glyph_fonts.code_points(FACE)) if script_of(c)]
    pictures = torch.stack([glyph_fonts.picture(c, FACE) for c, _ in found])
    missing = glyph_fonts.picture(0x10FFFE, FACE)                    # the box for "no such character"
    drawn = ((pictures > 127).sum((1, 2)) >= LEAST_INK) & (pictures != missing).any(2).any(1)
    found, like = [pair for pair, ok in zip(found, drawn) if ok], likeness(pictures[drawn])
    kept = _distinct(like > SAME)
    sizes = Counter(found[i][1] for i in kept)
    sizes["Braille"] = 0                                             # dots, which no pen draws as a line
    kept = [i for i in kept if sizes[found[i][1]] >= SMALLEST_SCRIPT]
    return _split([found[i] for i in kept], like[kept][:, kept] > ALIKE)


def _distinct(same: Tensor) -> list[int]:
    """The first of every set of look-alikes, in order."""
    kept, gone = [], torch.zeros(len(same), dtype=torch.bool)
    for i in range(len(same)):
        if not gone[i]:
            kept.append(i)
            gone |= same[i]
    return kept


def _split(found: list[tuple[int, str]], alike: Tensor) -> dict[str, dict[str, str]]:
    part_of = {script: part for part, scripts in HELD_OUT.items() for script in scripts}
    part = [part_of.get(script, "train") for _, script in found]
    held_out = torch.tensor([p != "train" for p in part])
    result: dict[str, dict[str, str]] = {"train": {}, "lookalikes": {}, "val": {}, "test": {}}
    for (code_point, script), name, gives_away in sorted(
            zip(found, part, (alike & held_out).any(1).tolist()), key=lambda row: (row[0][1], row[0][0])):
        scripts = result["lookalikes" if name == "train" and gives_away else name]
        scripts[script] = scripts.get(script, "") + chr(code_point)
    return result


if __name__ == "__main__":
    path = Path(__file__).with_name("split_lists") / "glyphs.json"
    source = {"source": "metacourse.data.glyph_inventory, from DejaVu Sans 2.37"}
    path.write_text(json.dumps(source | inventory(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
