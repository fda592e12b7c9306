"""Periodic work on the ground: ring again for abandoned jobs, seal the trace, forget old sessions and notifications."""

from celery import shared_task
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from accounts import audit, jobs, notifications


@shared_task
def sweep_jobs() -> int:
    """Ring for jobs that nobody works on."""
    return jobs.sweep()


@shared_task
def seal_audit() -> int:
    """Seal committed audit events into the chain."""
    return audit.seal()


@shared_task
def forget_sessions() -> None:
    """Delete the sessions that have expired; without this their table only grows."""
    SessionStore.clear_expired()


@shared_task
def forget_notifications() -> int:
    """Delete what people were told long ago; returns how many."""
    return notifications.forget_notifications(timezone.now())
