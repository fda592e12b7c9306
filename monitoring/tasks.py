"""Background work of monitoring: screenings, on demand and every night."""

import uuid

from celery import shared_task
from django.utils import timezone

from accounts.jobs import LeaseLost
from monitoring import screening
from monitoring.models import Screening


@shared_task
def run_screening(pk: str) -> None:
    """Do one screening, unless another worker has it; stops when the lease is lost or it was cancelled."""
    job = Screening.claim(pk)
    if job is None:
        return
    try:
        screening.run(job)
    except LeaseLost:
        return


@shared_task
def help_screening(pk: str) -> None:
    """Take parts of a screening that another worker leads."""
    screening.help_with(uuid.UUID(pk))


@shared_task
def screen_changed_facts() -> int:
    """Queue screenings of what changed minutes ago; returns how many."""
    return len(screening.screen_changed_facts(timezone.localdate()))


@shared_task
def rescreen_nightly() -> int:
    """Queue tonight's screenings; returns how many."""
    return len(screening.screen_everywhere(timezone.localdate()))
