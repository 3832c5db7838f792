"""One picture of any size and color mode as a small square tensor."""
from pathlib import Path

import numpy as np
import torch
from jaxtyping import UInt8
from PIL import Image, ImageOps
from torch import Tensor

MODES = {"rgb": "RGB", "gray": "L"}


def read(path: Path, *, size: int, color: str, invert: bool = False) -> UInt8[Tensor, "C size size"]:
    """The picture in a file, as `square` makes it."""
    try:
        with Image.open(path) as picture:
            return square(picture, size=size, color=color, invert=invert)
    except OSError as error:
        raise ValueError(f"{path} is not a readable image ({error}): repair it or take it away") from error


def square(picture: Image.Image, *, size: int, color: str,
           invert: bool = False) -> UInt8[Tensor, "C size size"]:
    """Turned as the camera says, cropped to its middle square, resized, and converted to "rgb" or "gray".

    Transparent parts become white. `invert` exchanges black and white: for dark ink on white paper.
    """
    picture = _opaque(ImageOps.exif_transpose(picture)).convert(MODES[color])
    picture = ImageOps.fit(picture, (size, size), Image.Resampling.BILINEAR)
    pixels = torch.from_numpy(np.array(ImageOps.invert(picture) if invert else picture))
    return pixels.permute(2, 0, 1) if pixels.ndim == 3 else pixels[None]


def check(*, size: int, color: str) -> None:
    """Raise ValueError unless these are a size and a color that `square` can make."""
    if color not in MODES:
        raise ValueError(f"color={color!r} should be one of {', '.join(map(repr, MODES))}")
    if size < 1:
        raise ValueError(f"size={size} should be at least 1 pixel")


def _opaque(picture: Image.Image) -> Image.Image:
    """8 bits a channel, and white where the picture is transparent."""
    if picture.mode.startswith("I"):                 # 16 bits a pixel
        return Image.fromarray((np.asarray(picture).astype(np.int64) >> 8).clip(0, 255).astype(np.uint8))
    if not picture.has_transparency_data:
        return picture
    picture = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture)
