"""Identity numbers and phones at rest: AES-256-GCM with a keyring, and a blind index to look them up."""

import base64
import functools
import hmac
import json
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import models

VERSION = "v1"
NONCE_BYTES = 12
KEY_BYTES = 32


@dataclass(frozen=True)
class Keyring:
    """The keys of this installation: one active data key, older ones for reading, an index key, an audit key."""

    active: str
    data_keys: dict[str, bytes]
    index_key: bytes
    audit_key: bytes

    def encrypt(self, plain: str, context: str) -> str:
        """``v1:key id:nonce+ciphertext``; the context (model.field) is authenticated with it."""
        return f"{VERSION}:{self.active}:{base64.b64encode(self._locked(plain.encode(), context)).decode()}"

    def decrypt(self, stored: str, context: str) -> str:
        """The plain text; raises when the key is not in the ring or the text was tampered with."""
        version, key_id, payload = stored.split(":", 2)
        return self._unlocked(version, key_id, base64.b64decode(payload), context).decode()

    def encrypt_bytes(self, plain: bytes, context: str) -> bytes:
        """Like encrypt, for the content of a file; the context is the key of the row that the file belongs to."""
        return f"{VERSION}:{self.active}:".encode() + self._locked(plain, context)

    def decrypt_bytes(self, stored: bytes, context: str) -> bytes:
        """The content; raises InvalidTag when it was tampered with, cut off or belongs to another row.

        Raises ImproperlyConfigured when its key is not in the ring.
        """
        version, _, rest = stored.partition(b":")
        key_id, _, sealed = rest.partition(b":")
        if version != VERSION.encode() or len(sealed) <= NONCE_BYTES:
            raise InvalidTag  # no file of ours, or hardly anything left of one
        return self._unlocked(VERSION, key_id.decode(errors="replace"), sealed, context)

    def _locked(self, plain: bytes, context: str) -> bytes:
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + AESGCM(self.data_keys[self.active]).encrypt(nonce, plain, context.encode())

    def _unlocked(self, version: str, key_id: str, sealed: bytes, context: str) -> bytes:
        if version != VERSION or key_id not in self.data_keys:
            raise ImproperlyConfigured(f"密钥环里没有密钥 {key_id}，不能解密。请恢复 keyring.json 的备份。")
        return AESGCM(self.data_keys[key_id]).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], context.encode())

    def blind_index(self, value: str, purpose: str) -> str:
        """A keyed digest by which an encrypted value is found; a plain hash would fall in a minute."""
        return hmac.digest(self.index_key, f"{purpose}\0{value}".encode(), "sha256").hex()[:40]


def create_keyring(path: Path) -> None:
    """Write a new keyring readable by its owner only; an existing file is never overwritten."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    key_id = secrets.token_hex(4)
    names = {"index": secrets.token_bytes(KEY_BYTES), "audit": secrets.token_bytes(KEY_BYTES)}
    content = {
        "active": key_id,
        "data": {key_id: base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()},
        **{name: base64.b64encode(key).decode() for name, key in names.items()},
    }
    whole = path.with_suffix(f".{os.getpid()}.tmp")
    whole.write_text(json.dumps(content))
    whole.chmod(0o600)
    try:
        os.link(whole, path)  # fails if somebody else was first, which is as good
    except FileExistsError:
        return
    finally:
        whole.unlink()


@functools.cache
def keyring() -> Keyring:
    """The keyring of settings.KEYRING_PATH; created on first use unless the installation is in production."""
    path = Path(settings.KEYRING_PATH)
    if not path.exists():
        if not settings.KEYRING_AUTOCREATE:
            raise ImproperlyConfigured(f"没有密钥环 {path}。新装请运行 manage.py init_keys；旧装请恢复备份。")
        create_keyring(path)
    content = json.loads(path.read_text())
    return Keyring(
        active=content["active"],
        data_keys={key_id: base64.b64decode(key) for key_id, key in content["data"].items()},
        index_key=base64.b64decode(content["index"]),
        audit_key=base64.b64decode(content["audit"]),
    )


def blind_index(value: str, purpose: str) -> str:
    """The lookup digest of a value; the empty value has none."""
    return keyring().blind_index(value, purpose) if value else ""


class EncryptedField(models.TextField):
    """Text that is encrypted in the database and plain in Python; it cannot be searched, use a blind index."""

    def _context(self) -> str:
        return f"{self.model._meta.label_lower}.{self.name}"

    def get_prep_value(self, value: Any) -> Any:
        """Encrypt on the way in; empty stays empty."""
        return keyring().encrypt(str(value), self._context()) if value else value

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> str | None:
        """Decrypt on the way out."""
        return keyring().decrypt(value, self._context()) if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        """Only emptiness can be asked; a search for equality would never find anything."""
        if lookup_name not in ("isnull", "exact"):
            raise TypeError("加密字段不能检索，请用盲索引。")
        return super().get_lookup(lookup_name)
