"""manage.py print_policy > docs/policy.md: the rule sets in force, as a page."""

from typing import Any

from django.core.management.base import BaseCommand

from monitoring.policy.page import policy_page


class Command(BaseCommand):
    """Print docs/policy.md."""

    help = "打印政策规则和参数（docs/policy.md）"

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the page and nothing else."""
        self.stdout.write(policy_page(), ending="")
