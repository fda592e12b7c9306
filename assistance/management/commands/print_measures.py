"""manage.py print_measures > docs/measures.md: the catalogue of measures, as a page."""

from typing import Any

from django.core.management.base import BaseCommand

from assistance.catalogue.page import page


class Command(BaseCommand):
    """Print docs/measures.md."""

    help = "打印帮扶措施目录（docs/measures.md）"

    def handle(self, *args: Any, **options: Any) -> None:
        """To standard output."""
        self.stdout.write(page(), ending="")
