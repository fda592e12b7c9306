"""manage.py check_attachments: whether every attachment has its file, whole and unchanged, and no file is left over."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from households.attachments import faults
from households.models import Attachment


class Command(BaseCommand):
    """Open every file of every attachment; exits with 1 when something is missing, changed or left over."""

    help = "核验附件：记录和文件是不是一一对应、有没有损坏"

    def handle(self, *args: Any, **options: Any) -> None:
        """Print each fault, or how many are sound."""
        found = 0
        for fault in faults(timezone.now()):
            self.stdout.write(fault)
            found += 1
        if found:
            raise CommandError(f"附件有 {found} 处不对。请从备份恢复 VAR_DIR/files 和密钥环。")
        self.stdout.write(f"附件完好，共 {Attachment.objects.count()} 份。")
