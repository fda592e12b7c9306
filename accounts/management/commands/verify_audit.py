"""manage.py verify_audit: whether any event of the trace was edited or removed."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import audit
from accounts.models import AuditSeal


class Command(BaseCommand):
    """Walk the chain of seals and the mark of every event; exits non-zero when something is wrong."""

    help = "核验操作日志：有没有被改动、被删除"

    def handle(self, *args: Any, **options: Any) -> None:
        """Seal what waits, then verify everything."""
        audit.seal()
        if faults := audit.verify():
            raise CommandError("\n".join(faults))
        self.stdout.write(f"操作日志完好，共封存 {AuditSeal.objects.count()} 条。")
