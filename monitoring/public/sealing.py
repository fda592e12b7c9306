"""Sealing for the inner system: who has the public key can write a message, and cannot read it back.

HPKE (RFC 9180) with X25519, HKDF-SHA256 and AES-256-GCM, as the cryptography package has it.
"""

import base64
import json
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
PURPOSE = b"fangpin declaration\0"


class CannotOpen(Exception):
    """The message was sealed for another key, or is not what was sealed."""


def seal(content: dict[str, Any], public_key: str, context: str) -> str:
    """The content as text that only the private key opens; ``context`` (the row it belongs to) is bound to it."""
    plain = json.dumps(content, ensure_ascii=False).encode()
    key = X25519PublicKey.from_public_bytes(base64.b64decode(public_key))
    return base64.b64encode(SUITE.encrypt(plain, key, info=PURPOSE + context.encode())).decode()


def unseal(sealed: str, private_key: X25519PrivateKey, context: str) -> dict[str, str]:
    """What was sealed: names and texts, and nothing else, whoever sealed it.

    Raises CannotOpen for another key, another row, a text that was tampered with, or what no form can have said.
    """
    try:
        raw = base64.b64decode(sealed, validate=True)
        said = json.loads(SUITE.decrypt(raw, private_key, info=PURPOSE + context.encode()))
        if not isinstance(said, dict):
            raise TypeError("not a form")
        for text in said.values():
            text.encode()  # half a character cannot be kept
    except (InvalidTag, ValueError, TypeError, AttributeError, RecursionError) as fault:
        raise CannotOpen("申报打不开：密钥不对，或者内容被改动过。") from fault
    return said
