"""manage.py init_keys: make the keyring of a new production installation."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.encryption import create_keyring


class Command(BaseCommand):
    """Create the keyring once; an existing one is never replaced."""

    help = "新装时生成密钥环（一次）；已有的不会被覆盖"
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Create, or refuse with a sentence."""
        path = Path(settings.KEYRING_PATH)
        if path.exists():
            raise CommandError("密钥环已经存在，没有改动。")
        create_keyring(path)
        self.stdout.write(f"已生成密钥环 {path}。请立即备份到安全的地方：丢了它，身份证号就再也解不开。")
