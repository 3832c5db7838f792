"""Whether a picture was cut off: every test of figures asks the same way."""
import io

import numpy as np
from PIL import Image

from metacourse.figures import Picture


def white_at_the_border(picture: Picture) -> bool:
    """No ink in the outermost row or column of pixels."""
    pixels = np.asarray(Image.open(io.BytesIO(picture.png)).convert("L"))
    return np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]]).min() > 240
