"""What accounts does when a background job is over; in the transaction that says so."""

from typing import Any

from django.dispatch import receiver

from accounts.jobs import BackgroundJob, job_over
from accounts.notifications import tell_of_job


@receiver(job_over)
def ring_the_bell(sender: Any, job: BackgroundJob, **more: Any) -> None:
    """Who asked for the job is told."""
    tell_of_job(job)
