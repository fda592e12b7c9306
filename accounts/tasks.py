"""Periodic work on the ground: ring again for abandoned jobs, seal the trace."""

from celery import shared_task

from accounts import audit, jobs


@shared_task
def sweep_jobs() -> int:
    """Ring for jobs that nobody works on."""
    return jobs.sweep()


@shared_task
def seal_audit() -> int:
    """Seal committed audit events into the chain."""
    return audit.seal()
