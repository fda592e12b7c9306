"""Look at a photo or scan that somebody sent: by its content, and make of it what may be kept."""

import hashlib
import json
import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files import File

from households.limited_process import Limits, child_over, how_it_ended
from households.models.attachments import MediaType

MEGABYTE = 1024 * 1024
MAX_DOCUMENT = 10 * MEGABYTE
MAX_PHOTO = 20 * MEGABYTE
MAX_PIXELS = 50_000_000
LONGEST_SIDE = 1600
MAX_KEPT = 300 * 1024
SMALL_SIDE = 240
LONGEST_NAME = 100
CHILD = "photo_child.py"
LIMITS = Limits(megabytes=700, cpu_seconds=20, seconds=60)

PDF_HEAD, PDF_END = b"%PDF-", b"%%EOF"
PDF_TAIL = 2048
PDF_PAGE = re.compile(rb"/Type\s{0,4}/Page(?![a-zA-Z])")
PHOTO_HEADS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")
UNSAFE_IN_NAMES = re.compile(r'[\x00-\x1f\x7f-\x9f\\/:*?"<>|\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]')
TAKEN = "请上传 JPG、PNG 照片，或者 PDF 扫描件。"


class FileRefused(ValidationError):
    """A file that is not taken; the sentence, in Chinese, says why and what to do. A form shows it at its field."""


@dataclass(frozen=True)
class IncomingFile:
    """What may be kept of a file that was sent: looked at, bare of metadata, not stored yet."""

    name: str  # as the person's device called it, made harmless; only ever shown
    media_type: MediaType
    content: bytes = field(repr=False)
    sent_sha256: str  # of what was sent, by which the same file is known again
    small: bytes = field(default=b"", repr=False)
    width: int | None = None
    height: int | None = None
    pages: int | None = None  # None where the file does not say it openly


def examine(file: File) -> IncomingFile:
    """What may be kept of the file; costs about half a second for a photo. Call it outside a transaction.

    Raises FileRefused, with a sentence, for what is neither a photo nor a PDF, is too large, damaged or misnamed.
    """
    name = harmless_name(file.name or "")
    if not file.size:
        raise FileRefused(f"“{name}”是空的，请重新选择。", code="empty")
    if file.size > MAX_PHOTO:
        raise FileRefused(
            f"“{name}”超过 {MAX_PHOTO // MEGABYTE} MB，请把照片调小，或者扫描得淡一些再上传。", code="size"
        )
    file.seek(0)
    content = file.read()
    if content.startswith(PDF_HEAD):
        return _document(name, content)
    if _is_photo(content):
        return _photo(name, content)
    raise _refused_by_head(name, content)


def harmless_name(name: str) -> str:
    """The last part of the name without control characters and what turns the direction of writing; never used as a path."""
    bare = UNSAFE_IN_NAMES.sub("", PurePath(name.replace("\\", "/")).name).strip(". ")
    suffix = PurePath(bare).suffix[:10]
    return bare if len(bare) <= LONGEST_NAME else bare[: LONGEST_NAME - len(suffix)] + suffix


def _is_photo(content: bytes) -> bool:
    return content.startswith(PHOTO_HEADS) or (content[:4] == b"RIFF" and content[8:12] == b"WEBP")


def _document(name: str, content: bytes) -> IncomingFile:
    suffix = PurePath(name).suffix.lower()
    if suffix not in ("", ".pdf"):
        raise FileRefused(
            f"“{name}”的名字以 {suffix} 结尾，内容却是 PDF。请改成 .pdf，确认是要交的那一份，再上传。", code="misnamed"
        )
    if len(content) > MAX_DOCUMENT:
        raise FileRefused(
            f"“{name}”超过 {MAX_DOCUMENT // MEGABYTE} MB。请用黑白、200 dpi 重新扫描，或者分成几份。", code="size"
        )
    if PDF_END not in content[-PDF_TAIL:]:
        raise FileRefused(f"“{name}”不完整，可能没有传完。请重新选择或者重新扫描。", code="damaged")
    return IncomingFile(
        name=name,
        media_type=MediaType.DOCUMENT,
        content=content,
        sent_sha256=hashlib.sha256(content).hexdigest(),
        pages=len(PDF_PAGE.findall(content)) or None,
    )


def _photo(name: str, content: bytes) -> IncomingFile:
    if PurePath(name).suffix.lower() == ".pdf":
        raise FileRefused(
            f"“{name}”的名字以 .pdf 结尾，内容却是照片。请改成 .jpg，确认是要交的那一份，再上传。", code="misnamed"
        )
    arguments = (str(number) for number in (MAX_PIXELS, LONGEST_SIDE, MAX_KEPT, SMALL_SIDE))
    with child_over(content, CHILD, *arguments, limits=LIMITS) as child:
        told = _told(child)
        if "error" in told:
            raise _photo_refused(name, told["error"])
        assert child.stdout is not None
        photo, small = child.stdout.read(told["photo"]), child.stdout.read(told["small"])
        if (len(photo), len(small)) != (told["photo"], told["small"]):
            raise _photo_refused(name, how_it_ended(child))
    return IncomingFile(
        name=name,
        media_type=MediaType.PHOTO,
        content=photo,
        sent_sha256=hashlib.sha256(content).hexdigest(),
        small=small,
        width=told["width"],
        height=told["height"],
    )


def _told(child: subprocess.Popen[bytes]) -> dict[str, Any]:
    """The first line of the child, or how it ended where it said nothing."""
    assert child.stdout is not None
    line = child.stdout.readline()
    return json.loads(line) if line.endswith(b"\n") else {"error": how_it_ended(child)}


def _photo_refused(name: str, kind: str) -> FileRefused:
    if kind == "too_many_pixels":
        return FileRefused(
            f"“{name}”超过 {MAX_PIXELS // 1_000_000 * 100} 万像素。请把手机的拍照尺寸调小，或者截图后再上传。",
            code="pixels",
        )
    if kind == "too_big":
        return FileRefused(f"“{name}”太大，打不开。请把照片调小，或者截图后再上传。", code="pixels")
    return FileRefused(f"“{name}”已损坏，打不开。请重新拍照或者重新选择。", code="damaged")


def _refused_by_head(name: str, content: bytes) -> FileRefused:
    """Says what it is, where that helps to send the right thing."""
    for heads, words in KNOWN:
        if any(content[place : place + len(head)] == head for place, head in heads):
            return FileRefused(f"“{name}”{words}", code="type")
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        return FileRefused(f"“{name}”是网页或者矢量图，不能收。{TAKEN}", code="type")
    return FileRefused(f"“{name}”不是照片，也不是 PDF。{TAKEN}", code="type")


def _boxes(*brands: bytes) -> list[tuple[int, bytes]]:
    return [(4, b"ftyp" + brand) for brand in brands]


KNOWN: Iterable[tuple[list[tuple[int, bytes]], str]] = (
    (
        _boxes(b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif"),
        "是高效格式的照片（HEIC），这里打不开。请在手机“设置—相机—格式”里选“兼容性最佳”后重拍，或者截图后再上传。",
    ),
    ([(4, b"ftyp")], "是视频，不能收。请上传照片或者 PDF 扫描件。"),
    ([(0, b"PK\x03\x04"), (0, b"\xd0\xcf\x11\xe0")], "是 Word、Excel 或者压缩文件，不能收。请另存为 PDF，再上传。"),
    ([(0, b"GIF8"), (0, b"BM"), (0, b"II*\0"), (0, b"MM\0*")], "是这里不收的图片格式。请存为 JPG 或者 PNG，再上传。"),
)
