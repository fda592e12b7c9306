"""A file that is written and read as a stream and lies encrypted on the disk, frame by frame.

Each frame is encrypted under the keyring with the key of its job, its place and whether it is the last one as associated
data: a frame that was changed, exchanged, left out, or cut off at the end is noticed when the file is read.
"""

import hashlib
import io
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any
from uuid import UUID

from cryptography.exceptions import InvalidTag

from accounts.encryption import keyring

FRAME = 1024 * 1024  # bytes of plain content in one frame: what is in memory at a time
LENGTH = struct.Struct(">I")


class FileDamaged(Exception):
    """What lies on the disk is not what was written under this key; the sentence, in Chinese, says so."""


class SealedWriter(io.RawIOBase):
    """Takes plain bytes and writes frames; ``finish`` writes the last one. Without it the file cannot be read.

    ``size`` and ``sha256`` are those of the plain content.
    """

    def __init__(self, file: IO[bytes], key: UUID) -> None:
        super().__init__()
        self.file, self.key = file, key
        self.waiting = bytearray()
        self.frames = self.size = 0
        self._digest = hashlib.sha256()

    def writable(self) -> bool:
        """It only takes."""
        return True

    def write(self, content: Any) -> int:
        """Keep the bytes, and write what fills a frame."""
        some = bytes(content)
        self._digest.update(some)
        self.size += len(some)
        self.waiting += some
        while len(self.waiting) > FRAME:
            self._frame(bytes(self.waiting[:FRAME]), last=False)
            del self.waiting[:FRAME]
        return len(some)

    def finish(self) -> None:
        """Write what is left as the last frame."""
        self._frame(bytes(self.waiting), last=True)
        self.waiting.clear()

    @property
    def sha256(self) -> str:
        """The checksum of what was written so far."""
        return self._digest.hexdigest()

    def _frame(self, plain: bytes, *, last: bool) -> None:
        sealed = keyring().encrypt_bytes(plain, _context(self.key, self.frames, last=last))
        self.file.write(LENGTH.pack(len(sealed)))
        self.file.write(sealed)
        self.frames += 1


def read(path: Path, key: UUID) -> Iterator[bytes]:
    """The plain content, frame by frame. Raises FileDamaged as soon as a frame is not the one that was written there."""
    with path.open("rb") as file:
        place, sealed = 0, _next(file)
        while sealed is not None:
            following = _next(file)
            try:
                yield keyring().decrypt_bytes(sealed, _context(key, place, last=following is None))
            except InvalidTag as fault:
                raise FileDamaged("文件被改动过，或者不完整，请重新生成。") from fault
            place, sealed = place + 1, following


def _next(file: IO[bytes]) -> bytes | None:
    head = file.read(LENGTH.size)
    if not head:
        return None
    if len(head) < LENGTH.size:
        return b""  # cut off in the middle: no frame of ours
    return file.read(LENGTH.unpack(head)[0])


def _context(key: UUID, place: int, *, last: bool) -> str:
    return f"assistance.dossier:{key}:{place}:{'last' if last else 'more'}"
