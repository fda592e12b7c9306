"""The folder of attachments: each file encrypted under the key of its row, whole or not there at all."""

import datetime
import os
import shutil
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from uuid import UUID

from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from accounts.encryption import keyring

FOLDER = "attachments"
UNFINISHED = ".tmp"
LEAST_FREE = 512 * 1024 * 1024  # bytes of the disk that are left for the database and the log


class Part(StrEnum):
    """What is kept of an attachment: the thing itself, and a small picture of it for lists."""

    WHOLE = "whole"
    SMALL = "small"


class AttachmentDamaged(Exception):
    """The file of an attachment is not there, was changed, or cannot be decrypted; the sentence, in Chinese, says which."""


def folder() -> Path:
    """Where the files lie, by the first two digits of their key; made when it is not there."""
    path = Path(settings.MEDIA_ROOT) / FOLDER
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def path_of(key: UUID, part: Part) -> Path:
    """The file of a part; its name is made of the key alone."""
    return folder() / key.hex[:2] / f"{key.hex}.{part}"


def write(key: UUID, part: Part, content: bytes) -> None:
    """Encrypt and write; after this call the file is on the disk, before it there is none under this name.

    Raises OSError when the disk is full.
    """
    path = path_of(key, part)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    unfinished = path.with_suffix(f"{path.suffix}{UNFINISHED}")
    with unfinished.open("wb") as file:
        file.write(keyring().encrypt_bytes(content, _context(key, part)))
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
    _sync(path.parent)


def read(key: UUID, part: Part) -> bytes:
    """The content of a part; the tag proves that it is the file that was written under this key.

    Raises AttachmentDamaged when it is not there or not as it was written.
    """
    try:
        return keyring().decrypt_bytes(path_of(key, part).read_bytes(), _context(key, part))
    except OSError as fault:
        raise AttachmentDamaged("文件不在了，或者读不出来") from fault
    except InvalidTag as fault:
        raise AttachmentDamaged("文件被改动过，或者不是这一份") from fault
    except ImproperlyConfigured as fault:
        raise AttachmentDamaged("文件的密钥不在密钥环里") from fault


def files_before(moment: datetime.datetime) -> Iterator[tuple[Path, UUID | None]]:
    """Every file that was last written before the moment, with the key in its name; None for an unfinished one."""
    for path in sorted(folder().glob("??/*")):
        try:
            if path.stat().st_mtime >= moment.timestamp():
                continue
        except FileNotFoundError:
            continue  # finished or swept at this moment
        yield path, _key_of(path)


def has_room() -> bool:
    """Whether the disk has more than a reserve."""
    return shutil.disk_usage(folder()).free > LEAST_FREE


def _key_of(path: Path) -> UUID | None:
    key, _, part = path.name.partition(".")
    try:
        return UUID(key) if Part(part) else None
    except ValueError:
        return None


def _context(key: UUID, part: Part) -> str:
    return f"households.attachment:{key}:{part}"


def _sync(directory: Path) -> None:
    """The name too must be on the disk before a row speaks of it."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
