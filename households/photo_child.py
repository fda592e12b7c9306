"""Read one photo from standard input and write it anew, smaller and bare; started by limited_child, in a process of its own.

Arguments: the most pixels to open, the longest side of what is kept, the most bytes of what is kept, the side of the
small picture. Written are one JSON line, ``{"width": …, "height": …, "photo": bytes, "small": bytes}`` or
``{"error": kind}``, and after it the photo and the small picture as JPEG.
"""

import io
import json
import sys
import warnings
from typing import Any

from PIL import Image, ImageOps

FORMATS = ("JPEG", "PNG", "WEBP")
QUALITIES = (82, 74, 66, 58, 50, 42)
SMALLER = 0.8  # of the side, when even the lowest quality is too many bytes
LEAST_SIDE = 400
SMALL_QUALITY = 60


def main(most_pixels: int, longest: int, most_bytes: int, small_side: int) -> None:
    """Open, turn upright, shrink, forget everything but the pixels, and write."""
    content = io.BytesIO(sys.stdin.buffer.read())
    Image.MAX_IMAGE_PIXELS = None  # the size is asked here, before a pixel is unpacked
    with Image.open(content, formats=FORMATS) as opened:
        if opened.width * opened.height > most_pixels:
            say({"error": "too_many_pixels"})
            return
        opened.thumbnail((longest, longest))  # a JPEG is unpacked at a part of its size
        photo = bare(ImageOps.exif_transpose(opened))
    whole, written = encoded(photo, most_bytes)
    photo.thumbnail((small_side, small_side))
    small = jpeg(photo, SMALL_QUALITY)
    say({"width": written[0], "height": written[1], "photo": len(whole), "small": len(small)})
    sys.stdout.buffer.write(whole)
    sys.stdout.buffer.write(small)


def bare(image: Any) -> Image.Image:
    """The pixels on white paper, without place, time, camera, comment or colour profile."""
    paper = Image.new("RGB", image.size, "white")
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        layer = image.convert("RGBA")
        paper.paste(layer, mask=layer)
    else:
        paper.paste(image.convert("RGB"))
    return paper


def encoded(photo: Image.Image, most_bytes: int) -> tuple[bytes, tuple[int, int]]:
    """The best JPEG that is small enough, and its size in pixels."""
    while True:
        for quality in QUALITIES:
            content = jpeg(photo, quality)
            if len(content) <= most_bytes or (quality == QUALITIES[-1] and max(photo.size) <= LEAST_SIDE):
                return content, photo.size
        photo = photo.resize((max(1, int(photo.width * SMALLER)), max(1, int(photo.height * SMALLER))))


def jpeg(photo: Image.Image, quality: int) -> bytes:
    """The picture as JPEG."""
    file = io.BytesIO()
    photo.save(file, "JPEG", quality=quality, optimize=True)
    return file.getvalue()


def say(line: dict[str, Any]) -> None:
    """One JSON line."""
    sys.stdout.buffer.write(json.dumps(line).encode() + b"\n")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    try:
        main(*(int(text) for text in sys.argv[1:5]))
    except MemoryError:
        say({"error": "too_big"})
    # What is damaged or hostile raises errors of many kinds: they end this process with 1, which the parent understands.
