"""A handover that waits for somebody's answer stands in his inbox."""

from typing import Any

from django.dispatch import receiver
from django.urls import reverse

from accounts.models import User
from assistance import handovers
from monitoring.signals import InboxLine, work_asked, work_counted


@receiver(work_asked)
def tell_handovers(sender: Any, user: User, **more: Any) -> list[InboxLine]:
    """One line each."""
    return list(handovers.waiting_lines(user, lambda pk: reverse("assistance:handover", args=[pk])))


@receiver(work_counted)
def count_handovers(sender: Any, user: User, **more: Any) -> int:
    """How many lines that is."""
    return handovers.waiting_for(user).count()
