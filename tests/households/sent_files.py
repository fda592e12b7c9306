"""Photos and scans as people send them, invented: made here by Pillow, none is kept in the repository."""

import io
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Count 2>>endobj\n"
PDF += b"3 0 obj<</Type/Page>>endobj 4 0 obj<</Type /Page >>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
LATITUDE, GPS, ORIENTATION, MODEL = 2, 0x8825, 0x0112, 0x0110
LEFT_SIDE_UP = 6


def picture(
    size: tuple[int, int] = (640, 480), form: str = "JPEG", *, colour: Any = (30, 90, 80), mode: str = "RGB", **how: Any
) -> bytes:
    """A picture of one colour in the format asked for."""
    file = io.BytesIO()
    Image.new(mode, size, colour).save(file, form, **how)
    return file.getvalue()


def noise(size: tuple[int, int], form: str = "JPEG", **how: Any) -> bytes:
    """A picture that cannot be packed well, as a photo of leaves."""
    file = io.BytesIO()
    Image.effect_noise(size, 90).convert("RGB").save(file, form, **how)
    return file.getvalue()


def photo_of_a_phone(size: tuple[int, int] = (640, 480)) -> bytes:
    """A photo that says where and with what it was taken, and that it must be turned."""
    exif = Image.Exif()
    exif[ORIENTATION], exif[MODEL] = LEFT_SIDE_UP, "CanaryPhone"
    exif.get_ifd(GPS).update({1: "N", LATITUDE: (34.0, 51.0, 7.25), 3: "E", 4: (117.0, 33.0, 12.5)})
    return picture(size, exif=exif, comment=b"CanaryComment", icc_profile=b"CanaryProfile" * 20)


def sent(content: bytes, name: str = "照片.jpg") -> SimpleUploadedFile:
    """The content as a file of a form."""
    return SimpleUploadedFile(name, content)
