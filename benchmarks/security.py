"""Passwords and encryption: the first must be slow enough, the second must not be felt."""

from collections.abc import Callable

from django.contrib.auth.hashers import PBKDF2PasswordHasher, make_password

from accounts.encryption import keyring
from benchmarks.timing import benchmark

PASSWORD = "correct horse battery staple"
IDENTITY_NUMBER = "370499196405170016"
MANY = 5_000


@benchmark("password, Argon2id 19 MiB (ours)", limit=0.5)
def password() -> tuple[Callable[[], object], int]:
    return lambda: make_password(PASSWORD), 1


@benchmark("password, PBKDF2 (Django's default)", limit=5)
def default_password() -> tuple[Callable[[], object], int]:
    return lambda: PBKDF2PasswordHasher().encode(PASSWORD, "saltsaltsaltsaltsalt"), 1


@benchmark("identity number, encrypt", limit=0.001)
def encrypt() -> tuple[Callable[[], object], int]:
    ring = keyring()
    return lambda: [ring.encrypt(IDENTITY_NUMBER, "bench") for _ in range(MANY)], MANY


@benchmark("identity number, decrypt", limit=0.001)
def decrypt() -> tuple[Callable[[], object], int]:
    ring = keyring()
    stored = ring.encrypt(IDENTITY_NUMBER, "bench")
    return lambda: [ring.decrypt(stored, "bench") for _ in range(MANY)], MANY


@benchmark("identity number, blind index", limit=0.001)
def blind_index() -> tuple[Callable[[], object], int]:
    ring = keyring()
    return lambda: [ring.blind_index(IDENTITY_NUMBER, "bench") for _ in range(MANY)], MANY
