"""manage.py take_in_again: declarations and objections that stayed sealed for want of a key, once the key is back."""

from typing import Any

from django.core.management.base import BaseCommand

from monitoring import leads_intake, objections_intake


class Command(BaseCommand):
    """Try what could not be opened once more; what still cannot stays as it is, and the log says so."""

    help = "密钥环恢复以后，把当时打不开的申报和异议再收一次"

    def handle(self, *args: Any, **options: Any) -> None:
        """Take in, and print how many."""
        declarations, objections = leads_intake.fetch(again=True), objections_intake.fetch(again=True)
        self.stdout.write(f"再收：申报 {declarations} 份，异议 {objections} 件。")
