"""Who is told when a case moves or something is put on its record; in the transaction of the sender."""

from typing import Any

from django.dispatch import receiver

from accounts.models import User
from monitoring import bell, signals
from monitoring.models import Case


@receiver(signals.case_moved)
def tell_moved(sender: Any, case: Case, step: str, user: User | None, **more: Any) -> None:
    """The desk to which it came back."""
    bell.tell_moved(case, step, user)


@receiver(signals.case_noted)
def tell_noted(sender: Any, case: Case, step: str, user: User | None, **more: Any) -> None:
    """Who looks into an objection."""
    bell.tell_noted(case, step, user)
