"""What 三色分级 does when a case begins."""

from typing import Any

from django.dispatch import receiver

from monitoring.grading import mark_case
from monitoring.models import Case
from monitoring.signals import case_moved

BEGINNINGS = ("open", "stock", "hand_ledger")


@receiver(case_moved)
def carry_the_grade(sender: Any, case: Case, step: str, **more: Any) -> None:
    """A case that begins carries the household's grade in force."""
    if step in BEGINNINGS:
        mark_case(case)
