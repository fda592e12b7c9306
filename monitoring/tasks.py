"""Background work of monitoring: screenings, on demand and every night; what-if runs."""

import uuid

from celery import shared_task
from django.utils import timezone

from accounts.jobs import LeaseLost
from monitoring import screening, whatif
from monitoring.models import PolicyTrial, Screening


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


@shared_task
def run_policy_trial(pk: str) -> None:
    """Do one what-if run, unless another worker has it; stops when the lease is lost or it was cancelled."""
    job = PolicyTrial.claim(pk)
    if job is None:
        return
    try:
        whatif.run(job)
    except LeaseLost:
        return


@shared_task
def forget_policy_trials() -> int:
    """Delete what-if runs that are older than their days; returns how many."""
    return whatif.forget_trials(timezone.now())
