"""Background work of monitoring: screenings, on demand and every night; what-if runs."""

import uuid

from celery import shared_task
from django.utils import timezone

from accounts.jobs import LeaseLost
from monitoring import (
    bell,
    clock_work,
    grading_rounds,
    leads_intake,
    national_entry,
    objections_intake,
    oversight_bell,
    screening,
    whatif,
)
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
def compare_national_entries() -> int:
    """Compare what was keyed into the national system with what has changed since; returns how many households."""
    return national_entry.refresh()


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


@shared_task
def exchange_with_public_pages() -> dict[str, int]:
    """Fetch declarations and objections from the public pages, tell what has become of earlier ones; returns the numbers."""
    return {**leads_intake.exchange(), **objections_intake.exchange()}


@shared_task
def publish_declaration_pages() -> int:
    """Tell the public pages what changed of the villages' pages; returns how many changed."""
    return leads_intake.publish_everywhere()


@shared_task
def open_grading_rounds() -> int:
    """Begin the round of April or October where a district grades and has none yet; returns how many."""
    return len(grading_rounds.open_rounds_due(timezone.localdate()))


@shared_task
def move_due_cases() -> int:
    """Move the cases whose notice is over, and take in what the public pages hold; returns how many cases moved."""
    return clock_work.move_due().cases


@shared_task
def tell_of_late_findings() -> int:
    """Tell the level above of findings that are not mended in time, each term once; returns how many are late."""
    return oversight_bell.tell_late(timezone.localdate())


@shared_task
def tell_of_late_cases() -> int:
    """Tell the level above of cases whose limit has passed, each once; returns how many are late."""
    return bell.tell_late(timezone.localdate())
