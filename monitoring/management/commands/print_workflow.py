"""manage.py print_workflow > docs/workflow.md: the steps of a case, as a page."""

from typing import Any

from django.core.management.base import BaseCommand

from monitoring.steps_page import workflow_page


class Command(BaseCommand):
    """Print docs/workflow.md."""

    help = "打印办理程序（docs/workflow.md）"

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the page and nothing else."""
        self.stdout.write(workflow_page(), ending="")
