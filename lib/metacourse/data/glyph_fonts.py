"""Characters as DejaVu prints them, the fonts that matplotlib ships: which face has one, and its picture."""
from functools import cache
from pathlib import Path

import matplotlib
import numpy as np
import torch
from jaxtyping import UInt8
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

FACES = ("DejaVuSans", "DejaVuSerif", "DejaVuSansMono", "DejaVuSans-Oblique", "DejaVuSerif-Italic")
POINTS = 72                                          # size a character is first drawn at
SIDE = 56                                            # side of its picture
MARGIN = 6                                           # paper left free on every side
FAINT = 61                                           # paler than this is the rim of a letter, not its ink
LARGEST = 1.6                                        # small characters (an asterisk) grow at most so much


@cache
def code_points(face: str) -> frozenset[int]:
    """The characters a face has."""
    from matplotlib.ft2font import FT2Font
    return frozenset(FT2Font(_file(face)).get_charmap())


def picture(code_point: int, face: str) -> UInt8[Tensor, "side side"]:
    """One character, cropped to its ink and fitted into a square; blank where the face draws nothing."""
    sheet = Image.new("L", (3 * POINTS, 3 * POINTS))
    ImageDraw.Draw(sheet).text((POINTS, POINTS), chr(code_point), fill=255, font=_font(face))
    paper = Image.new("L", (SIDE, SIDE))
    if box := sheet.point([0] * FAINT + [255] * (256 - FAINT)).getbbox():
        ink = sheet.crop(box)
        scale = min((SIDE - 2 * MARGIN) / max(ink.size), LARGEST)
        ink = ink.resize([max(1, round(side * scale)) for side in ink.size], Image.Resampling.BILINEAR)
        paper.paste(ink, [(SIDE - side) // 2 for side in ink.size])
    return torch.from_numpy(np.array(paper))


@cache
def _font(face: str) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(_file(face), POINTS)


def _file(face: str) -> str:
    return str(Path(matplotlib.get_data_path(), "fonts", "ttf", f"{face}.ttf"))
